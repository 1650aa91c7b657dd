//! `volumes` of a service: what is mounted where.

use super::{OptOut, Options};
use crate::form::mapping;
use crate::value::ByteSize;

mapping! {
    /// Something that is mounted.
    pub struct Mount {
        /// `bind`, `volume`, `tmpfs`, `image`, `npipe` or `cluster`.
        kind = "type": Option<String>,
        /// What is mounted; an anonymous volume has none.
        source: Option<String>,
        /// Where.
        target: Option<String>,
        /// Whether it cannot be written to.
        read_only: bool,
        /// What a platform needs to know about consistency.
        consistency: Option<String>,
        /// More about a folder or file of the host.
        bind: Option<Box<Bind>>,
        /// More about a volume.
        volume: Option<Box<VolumeMount>>,
        /// More about a folder in memory.
        tmpfs: Option<Box<Tmpfs>>,
        /// More about an image.
        image: Option<Box<ImageMount>>,
    }
}

mapping! {
    /// More about a folder or file of the host.
    pub struct Bind {
        /// `z` or `Z`: how SELinux labels it.
        selinux: Option<String>,
        /// How mounts below it spread.
        propagation: Option<String>,
        /// Whether a folder is made where there is none.
        create_host_path: Option<OptOut>,
        /// Whether mounts below it are included.
        recursive: Option<String>,
    }
}

mapping! {
    /// More about a volume.
    pub struct VolumeMount {
        /// Labels of the volume.
        labels: Options,
        /// Whether what the image has there is not copied into it.
        nocopy: bool,
        /// The folder of the volume that is mounted.
        subpath: Option<String>,
    }
}

mapping! {
    /// More about a folder in memory.
    pub struct Tmpfs {
        /// Its size.
        size: Option<ByteSize>,
        /// Who may use it.
        mode: u32,
    }
}

mapping! {
    /// More about an image.
    pub struct ImageMount {
        /// The folder of the image that is mounted.
        subpath: Option<String>,
    }
}
