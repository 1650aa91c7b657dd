//! Files that a service is given: secrets, configs and env files.

use std::fmt;

use crate::form::{Form, Reader, Style, mapping};
use crate::tree::{Kind, Node, Trail};
use crate::value::Value;

mapping! {
    /// A secret or a config, and where it is mounted.
    pub struct FileReference {
        /// Its name in the project.
        source: Option<String>,
        /// Where it is mounted.
        target: Option<String>,
        /// The user that owns the file.
        uid: Option<String>,
        /// The group that owns the file.
        gid: Option<String>,
        /// Who may read it.
        mode: Option<FileMode>,
    }
}

mapping! {
    /// A file with variables.
    pub struct EnvFile {
        /// Where it is.
        path: Option<String>,
        /// Whether it must exist.
        required: Option<OptOut>,
        /// `raw`: values are taken as they stand.
        format: Option<String>,
    }
}

impl EnvFile {
    /// Whether it must exist: yes, unless the file says no.
    pub fn is_required(&self) -> bool {
        self.required != Some(OptOut(false))
    }
}

/// What holds unless it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptOut(pub bool);

impl Default for OptOut {
    fn default() -> Self {
        Self(true)
    }
}

impl Form for OptOut {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        bool::read(node, at, reader).map(Self)
    }

    fn print(&self, _: Style) -> Value {
        Value::Bool(self.0)
    }

    /// Where the key may be missing, it is missing for this.
    fn is_nothing(&self) -> bool {
        self.0
    }
}

/// Who may read a file, as `chmod` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileMode(pub i64);

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "0{sign}{:o}", self.0.unsigned_abs())
    }
}

impl Form for FileMode {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let mode = match &node.kind {
            Kind::Int(mode) => Some(*mode),
            Kind::String(text) => i64::from_str_radix(text, 8).ok(),
            _ => None,
        };
        if mode.is_none() {
            reader.refuse_with_help(node, at, "is not a file mode", "write it like `0440`");
        }
        mode.map(Self)
    }

    fn print(&self, _: Style) -> Value {
        Value::String(self.to_string())
    }
}
