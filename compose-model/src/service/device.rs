//! `devices` and `gpus`: hardware of the host.

use super::Options;
use crate::form::{Form, Reader, Style, mapping};
use crate::tree::{Kind, Node, Trail};
use crate::value::Value;

mapping! {
    /// A device of the host.
    pub struct Device {
        /// Its path on the host, or its CDI name.
        source: Option<String>,
        /// Its path in the container.
        target: Option<String>,
        /// What the container may do with it: some of `rwm`.
        permissions: Option<String>,
    }
}

mapping! {
    /// A wish for devices of a kind.
    pub struct DeviceRequest {
        /// What they can do: `gpu`.
        capabilities: Vec<String>,
        /// Whose they are: `nvidia`.
        driver: Option<String>,
        /// How many.
        count: Option<DeviceCount>,
        /// Just these.
        device_ids: Vec<String>,
        /// Options of the driver.
        options: Options,
    }
}

/// How many devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceCount {
    /// All that there are.
    All,
    /// So many.
    Count(i64),
}

impl Form for DeviceCount {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let count = match &node.kind {
            Kind::Int(count) => Some(*count),
            Kind::String(text) if text.eq_ignore_ascii_case("all") => return Some(Self::All),
            Kind::String(text) => text.parse().ok(),
            _ => None,
        };
        if count.is_none() {
            reader.refuse(node, at, "is neither `all` nor a number");
        }
        count.map(|count| if count == -1 { Self::All } else { Self::Count(count) })
    }

    fn print(&self, _: Style) -> Value {
        match self {
            Self::All => Value::Int(-1),
            Self::Count(count) => Value::Int(*count),
        }
    }
}
