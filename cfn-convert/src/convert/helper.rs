//! Containers that run to their end before another starts: they write its secrets
//! and files, copy what its image has, or do what the author wants done.

use std::collections::HashSet;

use ecs_validate::{Container, Ownership, Preparation, SecretFile, SecretKeys, SecretRef};

use super::container::{
    ContainerDefinition, SecretEntry, Variable, credentials, ended, environment, image, literals,
    others, secret_variables,
};
use super::logging::{log_configuration, own_log_configuration};
use super::mounts::{Folder, MountPoint, Mounted};
use super::secret::{KnownSecret, Store, find};
use super::shell;
use super::task_definition::Task;
use crate::template::Stack;
use crate::value::Value;

/// Where a helper sees the folders of the container that it helps. The folders
/// could hide what the helper itself needs if they stood where they belong.
const TO: &str = "/to";

/// Where Docker mounts secrets.
const SECRETS: &str = "/run/secrets";

/// The name of a helper.
pub(crate) fn name(task: &Task<'_>, container: &str, purpose: &str) -> String {
    let part = task.shared.names.services.part(container);
    match purpose {
        "LogRouter" => format!("{part}_{purpose}"),
        _ => format!("{part}_{purpose}_InitContainer"),
    }
}

/// A line for the shell of the project's small image.
pub(crate) fn helper<'a>(
    task: &mut Task<'a>,
    name: String,
    line: Value<String>,
) -> ContainerDefinition<'a> {
    let image = &task.shared.project.helper_image;
    task.needs.image(image);
    ContainerDefinition {
        name,
        image: image.clone().into(),
        entry_point: Some(vec!["sh".into(), "-c".into()]),
        command: Some(vec![line]),
        log_configuration: Some(own_log_configuration(task)),
        user: Some("0"),
        ..ContainerDefinition::default()
    }
}

/// A folder that secrets are written into.
pub(crate) struct SecretFolder<'a> {
    /// Where the container sees it.
    target: &'a str,
    volume: String,
    files: Vec<&'a SecretFile>,
}

/// The folders that a container's secrets need. Where it mounts space of the task
/// already, secrets go there.
pub(crate) fn secret_folders<'a>(
    task: &mut Task<'a>,
    one: &'a Container,
    mounted: &mut Mounted<'a>,
) -> Vec<SecretFolder<'a>> {
    let mut folders: Vec<SecretFolder<'a>> = Vec::new();
    for file in &one.secret_files {
        let wanted = folder(&file.target);
        if let Some(folder) = folders.iter_mut().find(|it| covers(it.target, wanted)) {
            folder.files.push(file);
            continue;
        }
        let existing = mounted.folders.iter().find(|it| covers(it.target, wanted));
        let (target, volume) = match existing {
            Some(folder) => (folder.target, folder.volume.clone()),
            None => (wanted, new_folder(task, one, wanted, mounted)),
        };
        folders.push(SecretFolder { target, volume, files: vec![file] });
    }
    folders
}

/// Space of the task for secrets, and its name.
fn new_folder<'a>(
    task: &mut Task<'a>,
    one: &Container,
    target: &str,
    mounted: &mut Mounted<'a>,
) -> String {
    let volume = task.scratch(&one.name, target);
    mounted.points.push(MountPoint {
        container_path: target.to_owned(),
        read_only: true,
        source_volume: volume.clone(),
    });
    volume
}

fn folder(target: &str) -> &str {
    if covers(SECRETS, target) {
        return SECRETS;
    }
    match target.trim_end_matches('/').rsplit_once('/') {
        Some((parent, _)) if !parent.is_empty() => parent,
        Some(_) | None => target,
    }
}

fn covers(folder: &str, path: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Writes the secrets of a container.
pub(crate) fn secrets<'a>(
    task: &mut Task<'a>,
    one: &'a Container,
    folders: &[SecretFolder<'a>],
    after: Option<&str>,
) -> Option<ContainerDefinition<'a>> {
    let mut writer = SecretWriter::default();
    for file in folders.iter().flat_map(|folder| &folder.files) {
        let source = SecretRef::Project(file.secret.clone());
        if let Some(secret) = find(&task.shared.secrets, &source) {
            task.needs.secret(&secret);
            writer.file(file, &secret);
        }
    }
    if writer.entries.is_empty() {
        return None;
    }
    let name = name(task, &one.name, "Secrets");
    let points = folders.iter().map(|it| writable(it.target, &it.volume)).collect();
    Some(ContainerDefinition {
        depends_on: ended(after),
        secrets: writer.entries,
        mount_points: points,
        ..helper(task, name, script(writer.lines))
    })
}

fn writable(target: &str, volume: &str) -> MountPoint {
    MountPoint {
        container_path: format!("{TO}{target}"),
        read_only: false,
        source_volume: volume.to_owned(),
    }
}

/// The first line that fails ends all of them.
fn script(lines: Vec<String>) -> Value<String> {
    let mut text = "set -e\n".to_owned();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    Value::Literal(text)
}

/// Collects variables, and lines that write them into files.
#[derive(Default)]
struct SecretWriter {
    entries: Vec<SecretEntry>,
    lines: Vec<String>,
    splits: bool,
}

impl SecretWriter {
    fn file(&mut self, file: &SecretFile, secret: &KnownSecret) {
        let path = format!("{TO}{}", file.target);
        match &file.keys {
            SecretKeys::Whole => {
                let variable = self.variable(secret.value_from());
                self.lines.push(shell::make_parent(&path));
                self.lines.extend(shell::write(&variable, false, &path, &file.ownership));
            }
            SecretKeys::All => self.split(None, secret, &path, &file.ownership),
            SecretKeys::Some(keys) => self.keys(keys, secret, &path, &file.ownership),
        }
    }

    /// ECS takes a secret of Secrets Manager apart by itself, if it can write down
    /// the key.
    fn keys(&mut self, keys: &[String], secret: &KnownSecret, path: &str, ownership: &Ownership) {
        let known = secret.store == Store::SecretsManager;
        if !known || keys.iter().any(|key| key.contains(':')) {
            return self.split(Some(keys), secret, path, ownership);
        }
        self.lines.push(shell::make(path));
        for key in keys {
            let variable = self.variable(secret.value_of_key(key));
            let file = format!("{path}/{}", key.replace('/', "_"));
            self.lines.extend(shell::write(&variable, false, &file, ownership));
        }
    }

    fn split(
        &mut self,
        keys: Option<&[String]>,
        secret: &KnownSecret,
        path: &str,
        ownership: &Ownership,
    ) {
        if !self.splits {
            self.lines.push(shell::define_split());
            self.splits = true;
        }
        let variable = self.variable(secret.value_from());
        self.lines.push(shell::make(path));
        self.lines.push(shell::split(&variable, keys, path));
        self.lines.extend(shell::own_all(path, ownership));
    }

    fn variable(&mut self, value_from: Value<String>) -> String {
        let name = format!("SECRET_{}", self.entries.len() + 1);
        self.entries.push(SecretEntry { name: name.clone(), value_from });
        name
    }
}

/// Writes files that came with the project.
pub(crate) fn files<'a>(
    task: &mut Task<'a>,
    one: &'a Container,
    folders: &[Folder<'a>],
    after: Option<&str>,
) -> Option<ContainerDefinition<'a>> {
    let mut variables = Vec::new();
    let mut lines = Vec::new();
    let mut made = HashSet::new();
    for folder in folders {
        for file in folder.files {
            let name = format!("FILE_{}", variables.len() + 1);
            let (encoded, value) = transported(&file.content);
            let path = format!("{TO}{}/{}", folder.target.trim_end_matches('/'), file.path);
            let parent = shell::make_parent(&path);
            if made.insert(parent.clone()) {
                lines.push(parent);
            }
            lines.extend(shell::write(&name, encoded, &path, &file.ownership));
            variables.push(Variable { name, value: value.into() });
        }
    }
    if variables.is_empty() {
        return None;
    }
    let name = name(task, &one.name, "Files");
    let folders = folders.iter().filter(|folder| !folder.files.is_empty());
    Some(ContainerDefinition {
        depends_on: ended(after),
        environment: variables,
        mount_points: folders.map(|it| writable(it.target, &it.volume)).collect(),
        ..helper(task, name, script(lines))
    })
}

/// Text as it is, and other bytes as a text that stands for them.
fn transported(content: &[u8]) -> (bool, String) {
    match std::str::from_utf8(content) {
        Ok(text) if !text.contains('\0') => (false, text.to_owned()),
        Ok(_) | Err(_) => (true, base64(content)),
    }
}

/// <https://datatracker.ietf.org/doc/html/rfc4648#section-4>
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= chunk.len() { digit.into() } else { '=' });
        }
    }
    text
}

/// Copies what the image has in the folders that hide it. Nobody but the image
/// itself can do that.
pub(crate) fn seed<'a>(
    task: &mut Task<'a>,
    stack: &mut Stack,
    one: &'a Container,
    folders: &[&Folder<'a>],
) -> Option<ContainerDefinition<'a>> {
    if folders.is_empty() {
        return None;
    }
    let copies = folders.iter().map(|it| shell::copy(it.target, &format!("{TO}{}", it.target)));
    let name = name(task, &one.name, "Seed");
    Some(ContainerDefinition {
        image: image(task, stack, one),
        mount_points: folders.iter().map(|it| writable(it.target, &it.volume)).collect(),
        repository_credentials: credentials(task, one),
        ..helper(task, name, script(copies.collect()))
    })
}

/// What the author wants to run before a container starts.
pub(crate) fn preparation<'a>(
    task: &mut Task<'a>,
    stack: &mut Stack,
    one: &'a Container,
    (position, wanted): (usize, &'a Preparation),
    mounted: &Mounted<'a>,
    before: &[String],
) -> ContainerDefinition<'a> {
    let Preparation { image: own, command, user, working_dir, environment: variables } = wanted;
    let image = match own {
        Some(own) => {
            task.needs.image(own);
            own.clone().into()
        }
        None => image(task, stack, one),
    };
    ContainerDefinition {
        name: name(task, &one.name, &format!("Before{}", position + 1)),
        image,
        command: Some(literals(command)),
        depends_on: ended(before.iter().map(String::as_str))
            .into_iter()
            .chain(others(one))
            .collect(),
        environment: environment(task, variables),
        log_configuration: log_configuration(task, &one.logging),
        mount_points: mounted.points.clone(),
        repository_credentials: if own.is_none() { credentials(task, one) } else { None },
        secrets: secret_variables(task, &one.secret_variables),
        user: user.as_deref(),
        working_directory: working_dir.as_deref(),
        ..ContainerDefinition::default()
    }
}
