//! Scratch space of a task, and the shared memory of a container.

use compose_model::service::Options;
use compose_model::value::{ByteSize, ram_in_bytes};
use compose_model::{Diagnostic, Path};

use super::size::mebibytes;
use crate::context::Context;

const GIB: u64 = 1024 * 1024 * 1024;

/// What every task has, and the most that one can have, in GiB.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html>
const GIVEN: u64 = 20;
const MOST: u64 = 200;

/// GiB that one container asks for, in either key, and where.
pub(super) fn wish(
    extension: Option<u16>,
    options: &Options,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<(u64, Path)> {
    for key in options.0.keys().filter(|key| *key != "size") {
        let at = at.key("storage_opt").key(key.as_str());
        let message = format!("ECS has no option `{key}` for storage");
        let problem = Diagnostic::warning("ecs::ephemeral-storage", message);
        cx.report(problem.at(at, "without effect").help("only `size` can be set"));
    }
    let size = options.0.get("size").and_then(|size| {
        let at = at.key("storage_opt").key("size");
        match ram_in_bytes(size) {
            Ok(bytes) => Some((u64::try_from(bytes).unwrap_or_default().div_ceil(GIB), at)),
            Err(error) => {
                let error = error.to_string();
                let (wrong, help) = error.split_once("; ").unwrap_or((&error, "write `50G`"));
                let message = format!("`{size}` {wrong}");
                let problem = Diagnostic::error("ecs::ephemeral-storage", message);
                cx.report(problem.at(at, "").help(help));
                None
            }
        }
    });
    extension.map(|size| (size.into(), at.key("x-aws-ephemeral_storage"))).or(size)
}

/// What all containers of a task need together, if the 20 GiB that each task has
/// are not enough.
pub(super) fn ephemeral(
    wishes: &[(u64, Path)],
    machines: bool,
    cx: &mut Context<'_>,
) -> Option<u16> {
    let (_, at) = wishes.first()?;
    let total = wishes.iter().fold(0_u64, |total, (size, _)| total.saturating_add(*size));
    if machines {
        let message = "storage of a certain size is only set aside on Fargate";
        let problem = Diagnostic::warning("ecs::ephemeral-storage", message);
        cx.report(problem.at(at.clone(), "without effect").help("remove it"));
        return None;
    }
    if total > MOST {
        let message =
            format!("a task of Fargate has up to {MOST} GiB of storage, and {total} are asked for");
        cx.report(
            Diagnostic::error("ecs::ephemeral-storage", message)
                .at(at.clone(), "")
                .help(format!("ask for {MOST} GiB or less, and mount a volume for the rest")),
        );
        return None;
    }
    (total > GIVEN).then(|| u16::try_from(total).unwrap_or(u16::MAX))
}

/// MiB of `/dev/shm`, which nobody can choose on Fargate.
pub(super) fn shared_memory(
    size: Option<ByteSize>,
    machines: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<u32> {
    let size = mebibytes(size?);
    if !machines {
        cx.report(
            Diagnostic::warning(
                "ecs::shared-memory",
                "Fargate gives every container its own 64 MiB of shared memory",
            )
            .at(at.key("shm_size"), "without effect")
            .help("remove it; a program may be told to use another folder, which `tmpfs` gives"),
        );
        return None;
    }
    Some(u32::try_from(size).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, container, service};

    #[test]
    fn storage_is_asked_for_if_what_there_is_is_not_enough() {
        let storage = |lines: &str| service(lines).ephemeral_storage;
        assert_eq!(storage("storage_opt: {size: 50G}"), Some(50));
        assert_eq!(storage("storage_opt: {size: 20.5G}"), Some(21));
        assert_eq!(storage("storage_opt: {size: 1G}"), None);
        assert_eq!(storage("init: true"), None);
    }

    #[test]
    fn storage_has_a_limit() {
        check(
            "
services:
  web:
    image: nginx
    storage_opt:
      size: 1T
#           ^^ error: a task of Fargate has up to 200 GiB of storage, and 1024 are asked for
#           help: ask for 200 GiB or less, and mount a volume for the rest
  worker:
    image: nginx
    storage_opt:
      size: much
#           ^^^^ error: `much` is not a size
#           help: write a number with a unit, such as `512m` or `2g`
      colour: blue
#             ^^^^ warning: ECS has no option `colour` for storage
#             help: only `size` can be set
",
        );
    }

    #[test]
    fn shared_memory_is_chosen_only_on_machines() {
        assert_eq!(container("gpus: [{count: 1}]\nshm_size: 1g").shared_memory, Some(1024));
        check(
            "
services:
  web:
    image: nginx
    shm_size: 1g
#             ^^ warning: Fargate gives every container its own 64 MiB of shared memory
#             help: remove it; a program may be told to use another folder, which `tmpfs` gives
",
        );
    }

    #[test]
    fn the_key_of_ecs_comes_first_and_containers_add_up() {
        let one = service("x-aws-ephemeral_storage: 100\nstorage_opt: {size: 50G}");
        assert_eq!(one.ephemeral_storage, Some(100));
        check(
            "
services:
  cache:
    image: nginx
    network_mode: service:web
    x-aws-ephemeral_storage: 150
  web:
    image: nginx
    x-aws-ephemeral_storage: 150
#                            ^^^ error: a task of Fargate has up to 200 GiB of storage, and 300 are asked for
#                            help: ask for 200 GiB or less, and mount a volume for the rest
",
        );
    }
}
