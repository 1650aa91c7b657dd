//! `command` and `entrypoint`: a list of arguments, or a line that is split as
//! a shell would.

use crate::form::{Form, Reader, Style};
use crate::tree::{Kind, Node, Trail};
use crate::value::{Value, split_command};

/// Arguments that replace those of the image. None leaves the image's alone;
/// an empty list takes them away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command(pub Option<Vec<String>>);

impl Form for Command {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Null => Some(Self(None)),
            Kind::String(line) => match split_command(line) {
                Ok(arguments) => Some(Self(Some(arguments))),
                Err(error) => {
                    reader.refuse(node, at, &error.to_string());
                    None
                }
            },
            _ => Form::read(node, at, reader).map(|arguments| Self(Some(arguments))),
        }
    }

    fn print(&self, style: Style) -> Value {
        self.0.print(style)
    }

    fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}
