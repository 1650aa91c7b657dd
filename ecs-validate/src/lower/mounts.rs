//! `volumes`, `volumes_from`, `tmpfs` and `configs` to what a container sees in its
//! file system.

mod anonymous;
mod copies;
mod delivered;
mod places;
mod tmpfs;

use compose_model::service::Mount as ComposeMount;
use compose_model::{Diagnostic, LocalFile, Path, Service};

use self::copies::{RENEWED, copied, refuse};
pub(in crate::lower) use self::delivered::around_secrets;
use self::delivered::{Delivery, Wanted};
pub(in crate::lower) use self::places::clean;
use self::places::{Places, target};
pub(in crate::lower) use self::tmpfs::fit;
use crate::context::Context;
use crate::extensions::MountExtensions;
use crate::service::{Mount, MountSource, Ownership, SecretFile, Tmpfs};

/// What a service's mounts come to.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    pub(super) mounts: Vec<Mount>,
    pub(super) tmpfs: Vec<Tmpfs>,
    /// Configs that are kept where secrets are.
    pub(super) secret_files: Vec<SecretFile>,
    /// Those of them whose folder has nothing else.
    pub(super) bare: Vec<String>,
    /// What stands where.
    pub(super) places: Places,
}

/// Lowers all that is mounted into one container.
pub(super) fn mounts(name: &str, service: &Service, at: &Path, cx: &mut Context<'_>) -> Mounts {
    let mut lowered = Mounts::default();
    let mut delivery = Delivery::default();
    for (index, mount) in service.volumes.iter().enumerate() {
        let at = at.key("volumes").index(index);
        let target = match mount.target.as_deref() {
            Some(path) if !is_drive(mount) => Some(target(path, &at, cx)),
            path => path.map(str::to_owned),
        };
        let mount = &ComposeMount { target, ..mount.clone() };
        match mount.kind.as_deref() {
            Some("tmpfs") => lowered.memory(tmpfs::mounted(mount, &at, cx), &at),
            Some("bind") if is_drive(mount) => {
                cx.report(drive(mount).at(at, "one letter names a drive of Windows"));
            }
            Some("bind") => bind(mount, &at, &mut lowered, &mut delivery, cx),
            // The table of answers refuses the other kinds.
            Some("volume") => {
                let volume = volume(mount, &at, cx);
                volume.iter().for_each(|mount| lowered.places.folder(&mount.target, &at));
                lowered.mounts.extend(volume);
            }
            Some(_) | None => {}
        }
    }
    tell_who_writes(service, at, cx);
    for (index, text) in service.tmpfs.iter().enumerate() {
        let at = at.key("tmpfs").index(index);
        lowered.memory(tmpfs::listed(text, &at, cx), &at);
    }
    for (index, config) in service.configs.iter().enumerate() {
        let at = at.key("configs").index(index);
        lowered.secret_files.extend(delivered::config(config, &at, &mut delivery, cx));
    }
    anonymous::settle(service, &mut lowered, &delivery, at, cx);
    lowered.places.join(std::mem::take(&mut delivery.places));
    delivery.finish(name, &mut lowered, cx);
    lowered.bare = delivery.bare;
    borrowed(service, at, &mut lowered.mounts, cx);
    open(&mut lowered);
    lowered.mounts.sort_by(|a, b| a.target.cmp(&b.target));
    lowered.tmpfs.sort_by(|a, b| a.target.cmp(&b.target));
    lowered
}

impl Mounts {
    fn memory(&mut self, tmpfs: Option<Tmpfs>, at: &Path) {
        tmpfs.iter().for_each(|tmpfs| self.places.folder(&tmpfs.target, at));
        self.tmpfs.extend(tmpfs);
    }

    /// What is mounted, without files that are delivered.
    pub(super) fn others(&self) -> impl Iterator<Item = &str> {
        let is_other = |mount: &&Mount| match mount.source {
            MountSource::Volume(_) | MountSource::Scratch => true,
            MountSource::Files { .. } => false,
        };
        let mounts = self.mounts.iter().filter(is_other).map(|mount| mount.target.as_str());
        let all = mounts.chain(self.tmpfs.iter().map(|tmpfs| tmpfs.target.as_str()));
        all.map(|target| target.trim_end_matches('/'))
    }
}

/// Folders of files that others are mounted into: nothing else makes the places for
/// these, which cannot be made where nothing can be written.
fn open(lowered: &mut Mounts) {
    let targets = lowered.mounts.iter().map(|mount| &mount.target);
    let targets = targets.chain(lowered.tmpfs.iter().map(|tmpfs| &tmpfs.target));
    let targets: Vec<String> = targets.map(|it| it.trim_end_matches('/').to_owned()).collect();
    let delivered = |mount: &&mut Mount| matches!(mount.source, MountSource::Files { .. });
    for mount in lowered.mounts.iter_mut().filter(delivered) {
        let folder = std::path::Path::new(&mount.target);
        let inside = |target: &String| {
            let target = std::path::Path::new(target);
            target != folder && target.starts_with(folder)
        };
        mount.read_only &= !targets.iter().any(inside);
    }
}

fn volume(mount: &ComposeMount, at: &Path, cx: &mut Context<'_>) -> Option<Mount> {
    let target = mount.target.clone()?;
    let source = match &mount.source {
        Some(name) => MountSource::Volume(name.clone()),
        None => {
            cx.report(
                Diagnostic::warning("ecs::anonymous-volume", "the volume has no name")
                    .at(at.clone(), "what is written there is gone when the task ends")
                    .help(match target.split_once(":/") {
                        Some((name, rest)) => longer(name, &format!("/{rest}")),
                        None => format!("name it to keep its data: `data:{target}`"),
                    }),
            );
            anonymous::source(MountExtensions::read(&mount.extensions, at, &mut cx.problems).seed)
        }
    };
    Some(Mount { target, source, read_only: mount.read_only })
}

/// A file system belongs to root at first, and to nobody else.
fn tell_who_writes(service: &Service, at: &Path, cx: &mut Context<'_>) {
    let Some(user) = service.user.as_deref().map(|user| user.split(':').next().unwrap_or(user))
    else {
        return;
    };
    if matches!(user, "" | "0" | "root") {
        return;
    }
    for (index, mount) in service.volumes.iter().enumerate() {
        let volume = mount.source.as_ref().and_then(|name| cx.project.volumes.get_key_value(name));
        let Some((name, volume)) = volume.filter(|_| !mount.read_only) else { continue };
        let options = &volume.driver_opts.0;
        if volume.external || options.contains_key("uid") {
            continue;
        }
        let number = if user.parse::<u32>().is_ok() { user } else { "1000" };
        let message = format!("`{user}` may not write to `{name}`, which belongs to root");
        cx.report(
            Diagnostic::warning("ecs::volume-owner", message)
                .at(at.key("volumes").index(index), "")
                .help(format!(
                    "add `driver_opts: {{uid: {number}, gid: {number}, root_directory: /data}}` \
                     to the volume"
                )),
        );
    }
}

/// What may stand behind the place of a mount.
const OPTIONS: [&str; 14] = [
    "ro",
    "rw",
    "z",
    "Z",
    "nocopy",
    "cached",
    "delegated",
    "consistent",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
];

/// Whether the name of a volume and its place were taken for a path of Windows, and the
/// options behind them for the place: `v:/data:ro`.
fn is_drive(mount: &ComposeMount) -> bool {
    let source = mount.source.as_deref().unwrap_or_default();
    let is_drive = source.get(1..3) == Some(":/");
    let target = mount.target.as_deref().unwrap_or_default();
    is_drive && target.split(',').all(|it| OPTIONS.contains(&it))
}

fn drive(mount: &ComposeMount) -> Diagnostic {
    let source = mount.source.as_deref().unwrap_or_default();
    let (name, place) = source.split_once(':').unwrap_or((source, ""));
    let options = mount.target.as_deref().unwrap_or_default();
    Diagnostic::error("ecs::host-path", format!("`{name}` is no name of a volume"))
        .help(longer(name, &format!("{place}:{options}")))
}

/// What to write instead of a name that is a drive of Windows.
fn longer(name: &str, rest: &str) -> String {
    format!("a name has two letters or more: `{name}-data:{rest}`")
}

/// What stands in for a file or folder of the machine that runs Docker.
fn bind(
    mount: &ComposeMount,
    at: &Path,
    lowered: &mut Mounts,
    delivery: &mut Delivery,
    cx: &mut Context<'_>,
) {
    let (Some(source), Some(target)) = (&mount.source, &mount.target) else { return };
    if matches!(source.as_str(), "/etc/localtime" | "/etc/timezone") {
        cx.report(
            Diagnostic::warning("ecs::time-zone", "a task has no host to take its time zone from")
                .at(at.clone(), "left out")
                .help("set the variable `TZ`: `environment: {TZ: Europe/Berlin}`"),
        );
        return;
    }
    let seed = MountExtensions::read(&mount.extensions, at, &mut cx.problems).seed;
    let wanted = Wanted { target, seed, read_only: mount.read_only, at };
    match cx.facts.files.mounted.get(source).cloned() {
        Some(LocalFile::File(content)) => {
            cx.report(copied(source, &[], cx).at(at.clone(), RENEWED));
            delivery.file(&wanted, content, &Ownership::default(), cx);
        }
        Some(LocalFile::Folder(folder)) => {
            cx.report(copied(source, &folder.left_out, cx).at(at.clone(), RENEWED));
            delivery.folder(&wanted, folder.files, cx);
        }
        Some(LocalFile::Missing) => {
            cx.report(
                Diagnostic::warning(
                    "ecs::missing-mount",
                    format!("`{}` does not exist", cx.shown(source)),
                )
                .at(at.clone(), "an empty folder that is gone when the task ends")
                .help(if names_file(source) && names_file(target) {
                    "write the file; without it, Docker too would mount an empty folder".to_owned()
                } else {
                    format!("name a volume to keep its data: `data:{target}`")
                }),
            );
            lowered.places.folder(target, at);
            lowered.mounts.push(Mount {
                target: target.clone(),
                source: MountSource::Scratch,
                read_only: mount.read_only,
            });
        }
        Some(
            found @ (LocalFile::Outside
            | LocalFile::Private
            | LocalFile::Link(_)
            | LocalFile::Secret(_)
            | LocalFile::Special(_)
            | LocalFile::TooLarge
            | LocalFile::Unreadable(_)),
        ) => refuse(source, target, Some(found), at, cx),
        None => refuse(source, target, None, at, cx),
    }
}

/// Whether a path looks like that of a file.
fn names_file(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some()
}

/// `volumes_from`: the same volumes, mounted at the same places.
fn borrowed(service: &Service, at: &Path, mounts: &mut Vec<Mount>, cx: &mut Context<'_>) {
    for (index, text) in service.volumes_from.iter().enumerate() {
        let at = at.key("volumes_from").index(index);
        let (name, read_only) = match text.split_once(':') {
            // The table of answers refuses containers of others.
            Some(("container", _)) => continue,
            Some((name, mode)) => (name, mode == "ro"),
            None => (text.as_str(), false),
        };
        let Some(other) = cx.project.services.get(name) else { continue };
        for mount in &other.volumes {
            let named = mount.kind.as_deref() == Some("volume");
            let (true, Some(source), Some(target)) = (named, &mount.source, &mount.target) else {
                let target = mount.target.as_deref().unwrap_or_default();
                let message = format!("`{target}` of `{name}` cannot be shared");
                cx.report(
                    Diagnostic::warning("ecs::volumes-from", message)
                        .at(at.clone(), "only named volumes can")
                        .help("list what the service needs under its own `volumes`"),
                );
                continue;
            };
            if mounts.iter().all(|known| known.target != *target) {
                mounts.push(Mount {
                    target: target.clone(),
                    source: MountSource::Volume(source.clone()),
                    read_only: read_only || mount.read_only,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use compose_model::{Content, Folder, LocalFile};

    use crate::facts::Facts;
    use crate::testing::services_with;

    fn read_only(volumes: &str) -> Vec<(String, bool)> {
        let mut facts = Facts::none();
        let content = || Content { bytes: b"a".to_vec(), executable: false };
        let files = vec![("index.html".to_owned(), content())];
        let folder = LocalFile::Folder(Folder { files, left_out: Vec::new() });
        facts.files.mounted.insert("/srv/shop/web".to_owned(), folder);
        for file in ["/srv/shop/a.conf", "/srv/shop/b.conf"] {
            facts.files.mounted.insert(file.to_owned(), LocalFile::File(content()));
        }
        let text = format!(
            "services: {{web: {{image: nginx, volumes: [{volumes}]}}}}\n\
                            volumes: {{data: {{}}}}\n"
        );
        let mut services = services_with(&facts, &text).0;
        let mounts = services.remove(0).containers.remove(0).mounts;
        mounts.into_iter().map(|mount| (mount.target, mount.read_only)).collect()
    }

    #[test]
    fn what_is_delivered_to_be_read_is_read_only() {
        let cases = [
            ("'./web:/web:ro'", true),
            ("'./web:/web'", false),
            ("'./a.conf:/run/app/a.conf:ro', './b.conf:/run/app/b.conf:ro'", true),
            ("'./a.conf:/run/app/a.conf:ro', './b.conf:/run/app/b.conf'", false),
            // The folder has files of the image, too.
            ("'./a.conf:/etc/app/a.conf:ro'", false),
            // Nobody else makes the folder inside.
            ("'./web:/web:ro', 'data:/web/data'", false),
        ];
        for (volumes, expected) in cases {
            assert_eq!(read_only(volumes)[0].1, expected, "{volumes}");
        }
    }

    #[test]
    fn a_name_of_one_letter_is_a_drive_of_windows() {
        crate::testing::check(
            "
services:
  web:
    image: nginx
    volumes: ['v:/x']
#             ^^^^^^ warning: the volume has no name
#             help: a name has two letters or more: `v-data:/x`
",
        );
        crate::testing::check(
            "
services:
  web:
    image: nginx
    volumes: ['v:/x:ro', 'c:/conf:cached']
#             ^^^^^^^^^ error: `v` is no name of a volume
#             help: a name has two letters or more: `v-data:/x:ro`
#                        ^^^^^^^^^^^^^^^^ error: `c` is no name of a volume
#                        help: a name has two letters or more: `c-data:/conf:cached`
",
        );
    }

    #[test]
    fn a_user_may_not_write_to_what_belongs_to_root() {
        crate::testing::check(
            "
services:
  web:
    image: nginx
    user: '472:0'
    volumes:
      - data:/data
#       ^^^^^^^^^^ warning: `472` may not write to `data`, which belongs to root
#       help: add `driver_opts: {uid: 472, gid: 472, root_directory: /data}` to the volume
      - own:/own
      - read:/read:ro
    deploy: {update_config: {order: start-first}}
volumes:
  data:
  read:
  own: {driver_opts: {uid: 472, root_directory: /own}}
",
        );
    }
}
