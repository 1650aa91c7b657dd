//! A whole application.

use crate::value::Value;

/// A whole application.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// What its resources are named after.
    pub name: String,
}

impl Project {
    /// The project as a Compose file says it, canonically.
    pub fn value(&self) -> Value {
        Value::Null
    }
}
