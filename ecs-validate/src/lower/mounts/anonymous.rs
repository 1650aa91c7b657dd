//! Volumes without a name.
//!
//! Docker copies what the image has into a new volume. An empty folder of the task
//! would hide it. The container's own file system has it, and ends with the task as
//! well, so that a mount is only needed where that is out of reach.

use compose_model::{Path, Service};

use super::Mounts;
use super::delivered::{Delivery, NO_SHELL, tell_of_seed};
use crate::context::Context;
use crate::service::{Mount, MountSource};

/// What is mounted for a volume without a name; with `seed: false` it is empty.
pub(super) fn source(seed: Option<bool>) -> MountSource {
    if seed == Some(false) {
        return MountSource::Scratch;
    }
    MountSource::Files { files: Vec::new(), seeded: true }
}

/// Takes out the volumes without a name that the container can do without.
pub(super) fn settle(
    service: &Service,
    lowered: &mut Mounts,
    delivery: &Delivery,
    at: &Path,
    cx: &mut Context<'_>,
) {
    if !service.read_only {
        take_out(lowered, delivery);
    }
    for mount in lowered.mounts.iter().filter(|mount| is_copy(mount)) {
        tell_of_seed(&mount.target, at.key("volumes"), NO_SHELL, cx);
    }
}

fn take_out(lowered: &mut Mounts, delivery: &Delivery) {
    let named = lowered.mounts.iter().filter(|mount| !is_copy(mount));
    let mounted = named.map(|mount| &mount.target).chain(lowered.tmpfs.iter().map(|it| &it.target));
    let mounted: Vec<String> = mounted.cloned().collect();
    let hidden = |target: &str| {
        let mut folders = mounted.iter().map(String::as_str).chain(delivery.targets());
        folders.any(|folder| is_below(target, folder))
    };
    lowered.mounts.retain(|mount| !is_copy(mount) || hidden(&mount.target));
}

fn is_copy(mount: &Mount) -> bool {
    matches!(&mount.source, MountSource::Files { files, seeded: true } if files.is_empty())
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::container;

    fn mounted(lines: &str) -> Vec<Mount> {
        container(lines).mounts
    }

    #[test]
    fn what_the_image_has_is_not_hidden() {
        assert_eq!(mounted("volumes: [/app/node_modules]"), []);
    }

    #[test]
    fn what_the_image_has_is_copied_where_something_hides_it() {
        let copied = MountSource::Files { files: Vec::new(), seeded: true };
        let cases = [
            "volumes: [/app/node_modules]\nread_only: true",
            "volumes: [/app/node_modules]\ntmpfs: ['/app:size=1m']",
        ];
        for lines in cases {
            let found = mounted(lines);
            assert_eq!(found.len(), 1, "{lines}");
            assert_eq!(found[0].source, copied, "{lines}");
        }
    }

    #[test]
    fn an_empty_folder_is_there_for_who_asks_for_it() {
        let lines = "volumes: [{type: volume, target: /cache, x-aws-seed: false}]";
        assert_eq!(mounted(lines)[0].source, MountSource::Scratch);
    }
}
