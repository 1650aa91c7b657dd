//! Names and values that may be written as a mapping or as `NAME=VALUE` lines.

use indexmap::IndexMap;

use crate::form::{Form, Reader, Style};
use crate::tree::{Kind, Node, Trail};
use crate::value::Value;

/// Variables; one without a value is taken from where the container runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(pub IndexMap<String, Option<String>>);

/// Labels; one without a value is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(pub IndexMap<String, String>);

/// Options that something else understands; one without a value is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options(pub IndexMap<String, String>);

impl Form for Variables {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let mut variables = IndexMap::new();
        for (name, value, item) in entries(node) {
            if node.as_list().is_some() && name.ends_with(char::is_whitespace) {
                reader.refuse_with_help(
                    item,
                    at,
                    "has a name with a space at its end",
                    "write `NAME=value` without spaces around `=`",
                );
                continue;
            }
            variables.insert(name, value);
        }
        Some(Self(variables))
    }

    fn print(&self, style: Style) -> Value {
        self.0.print(style)
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// Mappings in which no value is the empty value.
macro_rules! plain_form {
    ($type:ident) => {
        impl Form for $type {
            fn read(node: &Node, _: &Trail<'_>, _: &mut Reader<'_>) -> Option<Self> {
                let entries = entries(node);
                Some(Self(
                    entries.map(|(name, value, _)| (name, value.unwrap_or_default())).collect(),
                ))
            }

            fn print(&self, style: Style) -> Value {
                self.0.print(style)
            }

            fn is_absent(&self) -> bool {
                self.0.is_empty()
            }
        }
    };
}

plain_form!(Labels);
plain_form!(Options);

/// The names and values of either form, each with the node that it came from.
fn entries(node: &Node) -> impl Iterator<Item = (String, Option<String>, &Node)> {
    let list = node.as_list().unwrap_or_default().iter().map(|item| {
        let text = item.scalar_text().unwrap_or_default();
        match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned()), item),
            None => (text.to_string(), None, item),
        }
    });
    let map = match &node.kind {
        Kind::Map(map) => Some(map.iter()),
        _ => None,
    };
    let map = map
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_string(), value.scalar_text().map(String::from), value));
    list.chain(map)
}
