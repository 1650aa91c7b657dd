//! Folders in memory, for which ECS wants a size.

use compose_model::service::Mount;
use compose_model::value::ByteSize;
use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::lower::part::place;
use crate::service::{Launch, Service, Tmpfs};

/// MiB of a folder in memory whose size is not said. Docker would give it half of
/// the machine's memory; a task has little.
const DEFAULT_SIZE: u32 = 100;

/// What `tmpfs` may say besides a size, as `mount` takes it.
const OPTIONS: [&str; 13] = [
    "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async",
    "relatime", "noatime",
];

/// `volumes: [{type: tmpfs}]`
pub(super) fn mounted(mount: &Mount, at: &Path, cx: &mut Context<'_>) -> Option<Tmpfs> {
    let target = mount.target.clone()?;
    let settings = mount.tmpfs.as_deref();
    let bytes = settings.and_then(|tmpfs| tmpfs.size).map_or(0, |size| size.get());
    let mode = settings.map_or(0, |tmpfs| tmpfs.mode);
    let mut options = Vec::new();
    options.extend((mode != 0).then(|| format!("mode=0{mode:o}")));
    options.extend(mount.read_only.then(|| "ro".to_owned()));
    Some(Tmpfs { size: size(&target, bytes, at, cx), target, options })
}

/// `tmpfs: /run:size=64m,noexec`
pub(super) fn listed(text: &str, at: &Path, cx: &mut Context<'_>) -> Option<Tmpfs> {
    let (target, rest) = text.split_once(':').unwrap_or((text, ""));
    let target = super::target(target, at, cx);
    let mut bytes = 0;
    let mut options = Vec::new();
    for option in rest.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("size", value)) => match value.parse::<ByteSize>() {
                Ok(size) => bytes = size.get(),
                Err(_) => refuse(option, at, cx),
            },
            Some(("mode" | "uid" | "gid" | "nr_inodes", _)) => options.push(option.to_owned()),
            None if OPTIONS.contains(&option) => options.push(option.to_owned()),
            Some(_) | None => refuse(option, at, cx),
        }
    }
    Some(Tmpfs { size: size(&target, bytes, at, cx), target, options })
}

fn refuse(option: &str, at: &Path, cx: &mut Context<'_>) {
    cx.report(
        Diagnostic::error("ecs::tmpfs-option", format!("ECS has no option `{option}` for tmpfs"))
            .at(at.clone(), "")
            .help(
                "options are `size=64m`, `mode=1777`, `uid=`, `gid=`, `noexec`, `nosuid`, `ro` ...",
            ),
    );
}

/// Tells of folders in memory that can take more of it than the task has.
pub(in crate::lower) fn fit(service: &Service, cx: &mut Context<'_>) {
    let memory = match service.launch {
        Launch::Fargate(size) => size.memory,
        Launch::Machines { memory: Some(memory), .. } => memory,
        Launch::Machines { memory: None, .. } => return,
    };
    let folders = service.containers.iter().flat_map(|container| &container.tmpfs);
    let wanted: u64 = folders.map(|folder| u64::from(folder.size)).sum();
    let first = service.containers.iter().find(|container| !container.tmpfs.is_empty());
    let Some(first) = first.filter(|_| wanted > u64::from(memory)) else { return };
    let at = place(&first.name);
    let listed = cx.project.services.get(&first.name).is_some_and(|it| !it.tmpfs.is_empty());
    let at = at.key(if listed { "tmpfs" } else { "volumes" });
    let message =
        format!("folders in memory can take {wanted} MiB, and the task has {memory} MiB in all");
    cx.report(
        Diagnostic::warning("ecs::tmpfs-size", message)
            .at(at, "a task that takes more is ended")
            .help("make them smaller, or ask for more memory with `mem_limit`"),
    );
}

fn size(target: &str, bytes: i64, at: &Path, cx: &mut Context<'_>) -> u32 {
    if bytes > 0 {
        let mebibytes = u64::try_from(bytes).unwrap_or_default().div_ceil(1 << 20);
        return u32::try_from(mebibytes).unwrap_or(u32::MAX);
    }
    cx.report(
        Diagnostic::warning("ecs::tmpfs-size", "ECS gives no folder in memory without a size")
            .at(at.clone(), format!("{DEFAULT_SIZE} MiB of the task's memory"))
            .help(format!("say how much: `tmpfs: {target}:size=64m`")),
    );
    DEFAULT_SIZE
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn folders_in_memory_have_to_fit_into_it() {
        check(
            "
services:
  small:
    image: nginx
    tmpfs: ['/x:size=256m', '/y:size=256m']
  large:
    image: nginx
    tmpfs: ['/x:size=512m', '/y:size=1m']
#   ^^^^^ warning: folders in memory can take 513 MiB, and the task has 512 MiB in all
#   help: make them smaller, or ask for more memory with `mem_limit`
  enough:
    image: nginx
    mem_limit: 1g
    volumes: [{type: tmpfs, target: /x, tmpfs: {size: 600m}}]
",
        );
    }
}
