//! Values with a grammar of their own: each parses from text and prints the
//! text that Docker prints.

mod bytes;
mod command;
mod duration;
mod file_path;
mod hosts;
mod image;
mod mount;
mod name;
mod port;
mod tree;

pub use bytes::{ByteSize, ByteSizeError, ram_in_bytes};
pub use command::{CommandError, split_command};
pub use duration::{Duration, DurationError};
pub(crate) use file_path::absolute_path;
pub use file_path::{clean_path, is_windows_absolute, join_path, relative_path};
pub use hosts::{HostError, check_host_name, clean_address, parse_host};
pub use image::{ImageError, ImageReference};
pub use mount::{MountError, MountKind, ShortMount, parse_mount};
pub use name::{ProjectName, ProjectNameError};
pub use port::{PortError, ShortPort, parse_ports};
pub(crate) use tree::float_text;
pub use tree::{Extensions, Value};
