//! Lines for the shell of a small image. Values get there by variables alone, and
//! whatever a name contains, it stays a name.

use ecs_validate::Ownership;

/// A word that the shell takes as it is.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Docker's own choice for files that it hands out.
const MODE: &str = "0444";

/// Writes a variable into a file.
pub(crate) fn write(
    variable: &str,
    encoded: bool,
    path: &str,
    ownership: &Ownership,
) -> Vec<String> {
    let decode = if encoded { " | base64 -d" } else { "" };
    let file = quoted(path);
    let mut lines = vec![format!("printf '%s' \"${variable}\"{decode} > {file}")];
    lines.extend(own(ownership).map(|command| format!("{command} {file}")));
    lines
}

/// What gives files their mode and their owner, with the files still to come.
fn own(ownership: &Ownership) -> impl Iterator<Item = String> {
    let Ownership { uid, gid, mode } = ownership;
    let owner = match (uid, gid) {
        (Some(uid), Some(gid)) => Some(format!("{uid}:{gid}")),
        (Some(uid), None) => Some(uid.clone()),
        (None, Some(gid)) => Some(format!(":{gid}")),
        (None, None) => None,
    };
    let chmod = format!("chmod {}", quoted(mode.as_deref().unwrap_or(MODE)));
    [chmod].into_iter().chain(owner.map(|owner| format!("chown {}", quoted(&owner))))
}

/// Makes the folder of a file.
pub(crate) fn make_parent(path: &str) -> String {
    let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
    make(if parent.is_empty() { "/" } else { parent })
}

/// Makes a folder.
pub(crate) fn make(folder: &str) -> String {
    format!("mkdir -p {}", quoted(folder))
}

/// Gives all files of a folder their mode and their owner.
pub(crate) fn own_all(folder: &str, ownership: &Ownership) -> Vec<String> {
    let folder = quoted(folder);
    own(ownership).map(|command| format!("find {folder} -type f -exec {command} {{}} +")).collect()
}

/// Copies what is in a folder, if there is one.
pub(crate) fn copy(from: &str, to: &str) -> String {
    let from = quoted(from);
    format!("if [ -d {from} ]; then cp -a {from}/. {}; fi", quoted(to))
}

/// Defines what [`split`] runs, without what it says to its readers.
pub(crate) fn define_split() -> String {
    let program = include_str!("split.awk").lines().filter(|line| !line.starts_with('#'));
    format!("split={}", quoted(&program.collect::<Vec<_>>().join("\n")))
}

/// Writes keys of a JSON object in a variable as files of a folder: these keys, or
/// all of them.
pub(crate) fn split(variable: &str, keys: Option<&[String]>, folder: &str) -> String {
    let keys = keys.map_or(String::new(), |keys| format!("keys={} ", quoted(&keys.join("\n"))));
    let folder = quoted(folder);
    format!("from={variable} to={folder} {keys}LC_ALL=C awk \"$split\"")
}
