//! Files that are written before a container starts: configs, and small files and
//! folders of the project.
//!
//! What ECS mounts are folders. A single file is put into a folder in which
//! whatever the image has there is kept.

use compose_model::service::FileReference;
use compose_model::{Content, Diagnostic, LocalFile, Path};
use indexmap::IndexMap;

use super::Mounts;
use super::copies::{RENEWED, copied_config, inside};
use super::places::{Places, clean};
use crate::context::Context;
use crate::extensions::MountExtensions;
use crate::lower::secrets::{config_key, is_config, ownership};
use crate::service::{File, Mount, MountSource, Ownership, SecretFile, SecretKeys};

/// Where configs are whose place nobody chose. Compose would put them into `/`.
const CONFIGS: &str = "/run/configs";

/// What a container can be given. The whole task definition has 64 KiB.
const MAX_BYTES: usize = 48 << 10;

/// What is to be written for one container, by folder.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    folders: IndexMap<String, Folder>,
    bytes: usize,
    /// What was too much has been told.
    refused: bool,
    /// Configs that are kept where secrets are, and whose folder has nothing else.
    pub(super) bare: Vec<String>,
    /// What is written where.
    pub(super) places: Places,
}

#[derive(Debug)]
struct Folder {
    files: Vec<File>,
    /// Whether it holds what the image has there; nothing, if it is a folder of
    /// the project.
    seeded: bool,
    /// Whether everything in it is only to be read.
    read_only: bool,
    /// What first asked for it.
    at: Path,
}

/// Where something is wanted.
pub(super) struct Wanted<'a> {
    pub(super) target: &'a str,
    /// Whether what the image has there is kept, if the file says so.
    pub(super) seed: Option<bool>,
    pub(super) read_only: bool,
    /// What asks for it.
    pub(super) at: &'a Path,
}

impl Delivery {
    /// One file, among what the image has in its folder.
    pub(super) fn file(
        &mut self,
        wanted: &Wanted<'_>,
        content: Content,
        ownership: &Ownership,
        cx: &mut Context<'_>,
    ) {
        let target = wanted.target.trim_end_matches('/');
        self.places.file(target, wanted.at);
        let (folder, name) = target.rsplit_once('/').unwrap_or(("", target));
        if folder.is_empty() {
            refuse_root(target, name, wanted.at, cx);
            return;
        }
        let seeded = wanted.seed.unwrap_or_else(|| is_of_image(folder));
        let wanted = Wanted { target: folder, seed: Some(seeded), ..*wanted };
        self.add(&wanted, vec![(name.to_owned(), content)], ownership, cx);
    }

    /// A folder in place of what the image has there.
    pub(super) fn folder(
        &mut self,
        wanted: &Wanted<'_>,
        files: Vec<(String, Content)>,
        cx: &mut Context<'_>,
    ) {
        let target = wanted.target.trim_end_matches('/');
        if target.is_empty() {
            cx.report(
                Diagnostic::error("ecs::target-in-root", "nothing can be mounted at `/`")
                    .at(wanted.at.clone(), "")
                    .help("copy the files into the image"),
            );
            return;
        }
        self.places.folder(target, wanted.at);
        for (path, _) in &files {
            self.places.file(&format!("{target}/{path}"), wanted.at);
        }
        let wanted = Wanted { target, seed: Some(false), ..*wanted };
        self.add(&wanted, files, &Ownership::default(), cx);
    }

    fn add(
        &mut self,
        wanted: &Wanted<'_>,
        files: Vec<(String, Content)>,
        ownership: &Ownership,
        cx: &mut Context<'_>,
    ) {
        let Wanted { target, seed, read_only, at } = *wanted;
        let seeded = seed == Some(true);
        let known = self.folders.entry(target.to_owned()).or_insert_with(|| Folder {
            files: Vec::new(),
            seeded,
            read_only,
            at: at.clone(),
        });
        known.seeded &= seeded;
        known.read_only &= read_only;
        for (path, content) in files {
            if holds_private_key(&content.bytes) {
                refuse_key(&path, at, cx);
            }
            self.bytes += path.len() + content.bytes.len();
            let mode = ownership.mode.clone();
            let mode = mode.or_else(|| content.executable.then(|| "0755".to_owned()));
            let ownership = Ownership { mode, ..ownership.clone() };
            known.files.push(File { path, content: content.bytes, ownership });
        }
        if self.bytes > MAX_BYTES && !self.refused {
            self.refused = true;
            let message = "the files of this service are too large for a task definition";
            cx.report(
                Diagnostic::error("ecs::large-mount", message)
                    .at(at.clone(), "this one is too much: together they can have 48 KiB")
                    .help("copy them into the image"),
            );
        }
    }

    /// The folders that are written into.
    pub(super) fn targets(&self) -> impl Iterator<Item = &str> {
        self.folders.keys().map(String::as_str)
    }

    /// The folders as mounts.
    pub(super) fn finish(&mut self, name: &str, lowered: &mut Mounts, cx: &mut Context<'_>) {
        for (target, mut folder) in std::mem::take(&mut self.folders) {
            let taken = |other: &str| other.trim_end_matches('/') == target;
            if lowered.mounts.iter().any(|mount| taken(&mount.target))
                || lowered.tmpfs.iter().any(|tmpfs| taken(&tmpfs.target))
            {
                let message = format!("`{target}` of `{name}` is mounted already");
                cx.report(
                    Diagnostic::error("ecs::file-in-volume", message)
                        .at(folder.at, "a file cannot be put into it")
                        .help("give the file a folder of its own"),
                );
                continue;
            }
            if folder.seeded {
                tell_of_seed(&target, folder.at, NO_SHELL, cx);
            }
            folder.files.sort_by(|a, b| a.path.cmp(&b.path));
            // What the image has there could be written to before.
            let read_only = folder.read_only && !folder.seeded;
            let source = MountSource::Files { files: folder.files, seeded: folder.seeded };
            lowered.mounts.push(Mount { target, source, read_only });
        }
    }
}

/// Folders outside of those that are mounted anyway, into which secrets are put.
pub(in crate::lower) fn around_secrets(lowered: &mut Mounts, at: &Path, cx: &mut Context<'_>) {
    let Mounts { secret_files, bare, mounts, .. } = lowered;
    for secret in secret_files.iter().filter(|secret| !bare.contains(&secret.target)) {
        let Some((folder, _)) = secret.target.rsplit_once('/') else { continue };
        let inside = |mount: &Mount| std::path::Path::new(folder).starts_with(&mount.target);
        if !is_of_image(folder) || mounts.iter().any(inside) {
            continue;
        }
        let (key, help) = if is_config(&secret.secret) {
            ("configs", NO_SHELL)
        } else {
            ("secrets", NO_SHELL_FOR_SECRETS)
        };
        tell_of_seed(folder, at.key(key), help, cx);
        let source = MountSource::Files { files: Vec::new(), seeded: true };
        mounts.push(Mount { target: folder.to_owned(), source, read_only: false });
    }
}

/// Whether an image may have something in a folder. Nothing is in `/run` before a
/// container runs.
fn is_of_image(folder: &str) -> bool {
    !std::path::Path::new(folder).starts_with("/run")
}

/// What to do about an image that cannot copy.
pub(super) const NO_SHELL: &str =
    "for an image without a shell, add `x-aws-seed: false`; the folder is empty then";

const NO_SHELL_FOR_SECRETS: &str =
    "for an image without a shell, let the application look below `/run/secrets`";

/// Tells that something of the image runs before the image itself does.
pub(super) fn tell_of_seed(folder: &str, at: Path, help: &str, cx: &mut Context<'_>) {
    let message = format!("`{folder}` is mounted, with what the image has there copied before");
    cx.report(
        Diagnostic::warning("ecs::seeded-folder", message)
            .at(at, "by `sh` and `cp` of the image")
            .help(help),
    );
}

/// A config of a service, from a file, a variable or the Compose file itself. One
/// that exists is kept where secrets are, and written like them.
pub(super) fn config(
    config: &FileReference,
    at: &Path,
    delivery: &mut Delivery,
    cx: &mut Context<'_>,
) -> Option<SecretFile> {
    let name = config.source.as_ref()?;
    let declared = cx.project.configs.get(name)?;
    let declared_at = Path::root().key("configs").key(name);
    let seed = MountExtensions::read(&config.extensions, at, &mut cx.problems).seed;
    let target = match config.target.as_deref() {
        Some(target) if target.get(1..3) == Some(":\\") => {
            cx.report(
                Diagnostic::error("ecs::windows", "no file can be written into a task of Windows")
                    .at(at.key("target"), "")
                    .help("keep it in the image"),
            );
            return None;
        }
        Some(target) => clean(&format!("/{target}")),
        None => {
            let target = format!("{CONFIGS}/{name}");
            let message = format!("`{name}` is `{target}` on ECS, not `/{name}`");
            cx.report(
                Diagnostic::warning("ecs::config-target", message)
                    .at(at.clone(), "ECS mounts folders, and `/` is the image's")
                    .help(format!("choose a place: `target: /etc/app/{name}`")),
            );
            target
        }
    };
    let text = |text: &str| Content { bytes: text.as_bytes().to_vec(), executable: false };
    let target_at = at_target(config, at);
    let wanted = Wanted { target: &target, seed, read_only: false, at: &target_at };
    let content = match (&declared.content, &declared.file, &declared.environment) {
        (Some(content), ..) => Some(text(content)),
        (None, Some(file), _) => match cx.facts.files.mounted.get(file).cloned() {
            Some(LocalFile::File(content)) => {
                let told = copied_config(file, &[], cx);
                told.into_iter().for_each(|it| cx.report(it.at(declared_at.key("file"), RENEWED)));
                Some(content)
            }
            Some(LocalFile::Folder(folder)) => {
                let told = copied_config(file, &folder.left_out, cx);
                told.into_iter().for_each(|it| cx.report(it.at(declared_at.key("file"), RENEWED)));
                delivery.folder(&wanted, folder.files, cx);
                None
            }
            found => {
                refuse_config(file, found.as_ref(), &declared_at, cx);
                None
            }
        },
        (None, None, Some(variable)) => {
            let value = cx.facts.files.variables.get(name).cloned().flatten();
            if value.is_none() {
                cx.report(
                    Diagnostic::warning(
                        "ecs::unset-config",
                        format!("the variable `{variable}` is not set"),
                    )
                    .at(declared_at.key("environment"), "the config is empty")
                    .help("set it, in the shell or in `.env`"),
                );
            }
            Some(text(value.as_deref().unwrap_or_default()))
        }
        (None, None, None) if declared.external => {
            delivery.bare.extend((seed == Some(false)).then(|| target.clone()));
            delivery.places.file(&target, &target_at);
            return kept(name, &target, config, at, cx);
        }
        // Its content is a text without a character.
        (None, None, None) => Some(text("")),
    };
    if let Some(content) = content {
        delivery.file(&wanted, content, &ownership(config, at, cx), cx);
    }
    None
}

/// Where a file's place is chosen, if it is.
fn at_target(file: &FileReference, at: &Path) -> Path {
    if file.target.is_some() { at.key("target") } else { at.clone() }
}

fn kept(
    name: &str,
    target: &str,
    config: &FileReference,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<SecretFile> {
    if target.rfind('/') == Some(0) {
        refuse_root(target, target.trim_start_matches('/'), at, cx);
        return None;
    }
    Some(SecretFile {
        secret: config_key(name),
        target: target.to_owned(),
        keys: SecretKeys::Whole,
        ownership: ownership(config, at, cx),
    })
}

fn refuse_config(file: &str, found: Option<&LocalFile>, at: &Path, cx: &mut Context<'_>) {
    let (at, shown) = (at.key("file"), cx.shown(file));
    let (what, why, help) = match found {
        Some(LocalFile::Secret(key)) => {
            cx.report(shows_secret(&shown, key, "configs").at(at, ""));
            return;
        }
        Some(LocalFile::TooLarge) => {
            (shown, "is too large to be delivered", "copy it into the image")
        }
        Some(LocalFile::Missing) => (shown, "does not exist", "write the file, or use `content:`"),
        Some(LocalFile::Private) => (
            shown,
            "would be copied into the template, where others can read it",
            "declare it under `secrets`, and list it there at the service",
        ),
        Some(LocalFile::Outside | LocalFile::Link(None)) | None => {
            (shown, "is outside of the project's folder", "move it into the project")
        }
        Some(LocalFile::Link(Some(path))) => (
            inside(&shown, path),
            "is a link that leads out of the folder",
            "put what it leads to in its place",
        ),
        Some(LocalFile::Special(Some(path))) => (
            inside(&shown, path),
            "is a pipe, a socket or a device, which no copy has",
            "move it to another folder",
        ),
        Some(
            LocalFile::Unreadable(_)
            | LocalFile::Special(None)
            | LocalFile::File(_)
            | LocalFile::Folder(_),
        ) => (shown, "cannot be read", "make it readable"),
    };
    let reason = if let Some(LocalFile::Unreadable(reason)) = found { reason } else { "" };
    cx.report(
        Diagnostic::error("ecs::config-file", format!("`{what}` {why}")).at(at, reason).help(help),
    );
}

/// A file of the project that is a secret, has one in it, or is a folder with one.
pub(super) fn shows_secret(file: &str, secret: &str, kind: &str) -> Diagnostic {
    let message =
        format!("`{file}` holds the secret `{secret}`, and {kind} can be read in the template");
    Diagnostic::error("ecs::exposed-secret", message)
        .help(format!("list `{secret}` under `secrets` of the service, with a `target`"))
}

fn refuse_root(target: &str, name: &str, at: &Path, cx: &mut Context<'_>) {
    cx.report(
        Diagnostic::error(
            "ecs::target-in-root",
            format!("`{target}` is in no folder that could be mounted"),
        )
        .at(at.clone(), "ECS mounts folders, and `/` is the image's")
        .help(format!("give it a folder: `target: /etc/app/{name}`")),
    );
}

/// Whatever is delivered stands in the template for everyone to read.
fn holds_private_key(content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----")
}

fn refuse_key(path: &str, at: &Path, cx: &mut Context<'_>) {
    let message = format!("`{path}` holds a private key, which a template must not");
    cx.report(
        Diagnostic::error("ecs::private-key", message)
            .at(at.clone(), "")
            .help("declare the file under `secrets`, and mount it from there"),
    );
}
