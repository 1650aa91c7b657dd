//! `ulimits` and `blkio_config`: limits that the kernel keeps.

use indexmap::IndexMap;

use crate::form::{Form, Reader, Style, mapping};
use crate::tree::{Node, Trail};
use crate::value::{ByteSize, Value};

/// A limit of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ulimit {
    /// One that cannot be raised.
    Single(i64),
    /// One that a process may raise, up to another.
    Range {
        /// What holds at first.
        soft: i64,
        /// How far it can be raised.
        hard: i64,
    },
}

impl Form for Ulimit {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if node.as_map().is_none() {
            return i64::read(node, at, reader).map(Self::Single);
        }
        let mut part = |key: &str| match node.get(key) {
            Some(node) => whole(node, &at.key(key), reader),
            None => Some(0),
        };
        Some(Self::Range { soft: part("soft")?, hard: part("hard")? })
    }

    fn print(&self, _: Style) -> Value {
        match self {
            Self::Single(limit) => Value::Int(*limit),
            Self::Range { soft, hard } => Value::Map(IndexMap::from([
                ("soft".to_owned(), Value::Int(*soft)),
                ("hard".to_owned(), Value::Int(*hard)),
            ])),
        }
    }
}

/// Numbers in quotes were cast when variables were filled in, where they may be.
fn whole(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<i64> {
    if node.as_str().is_some() {
        reader.refuse_with_help(node, at, "is a string", "write the number without quotes");
        return None;
    }
    i64::read(node, at, reader)
}

mapping! {
    /// Limits of block devices.
    pub struct BlkioConfig {
        /// The weight of the container among others.
        weight: u16,
        /// The same, by device.
        weight_device: Vec<BlkioWeight>,
        /// Bytes read in a second.
        device_read_bps: Vec<BlkioLimit>,
        /// Reads in a second.
        device_read_iops: Vec<BlkioLimit>,
        /// Bytes written in a second.
        device_write_bps: Vec<BlkioLimit>,
        /// Writes in a second.
        device_write_iops: Vec<BlkioLimit>,
    }
}

mapping! {
    /// The weight of a container for one device.
    pub struct BlkioWeight {
        /// The device.
        path: Option<String>,
        /// The weight.
        weight: u16,
    }
}

mapping! {
    /// A rate for one device.
    pub struct BlkioLimit {
        /// The device.
        path: Option<String>,
        /// The rate.
        rate: Option<ByteSize>,
    }
}
