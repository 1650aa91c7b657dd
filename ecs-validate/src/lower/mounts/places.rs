//! What stands at each path of a container. Two things cannot stand at one.

use std::collections::BTreeMap;

use compose_model::{Diagnostic, Path};

use crate::context::Context;

/// What a container is given, and where.
#[derive(Debug, Default)]
pub(in crate::lower) struct Places(Vec<Place>);

#[derive(Debug)]
struct Place {
    path: String,
    kind: Kind,
    /// What asks for it.
    at: Path,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// A folder that keys of secrets are written into, of one or several.
    Keys,
}

impl Places {
    /// A file that is written.
    pub(in crate::lower) fn file(&mut self, path: &str, at: &Path) {
        self.add(path, Kind::File, at);
    }

    /// A folder that is mounted.
    pub(in crate::lower) fn folder(&mut self, path: &str, at: &Path) {
        self.add(path, Kind::Folder, at);
    }

    /// A folder for the keys of a secret.
    pub(in crate::lower) fn keys(&mut self, path: &str, at: &Path) {
        self.add(path, Kind::Keys, at);
    }

    fn add(&mut self, path: &str, kind: Kind, at: &Path) {
        self.0.push(Place { path: path.trim_end_matches('/').to_owned(), kind, at: at.clone() });
    }

    /// Adds others, which come after these.
    pub(super) fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Refuses two things at one path, and what would be inside of a file.
    pub(in crate::lower) fn check(&self, cx: &mut Context<'_>) {
        let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
        for place in &self.0 {
            match first.get(place.path.as_str()) {
                Some(other) if other.kind == Kind::Keys && place.kind == Kind::Keys => {}
                Some(other) => cx.report(same(place, other)),
                None => drop(first.insert(&place.path, place)),
            }
        }
        for place in first.values() {
            let parents = place.path.match_indices('/').map(|(end, _)| &place.path[..end]);
            let file = parents.filter_map(|parent| first.get(parent));
            if let Some(file) = file.into_iter().find(|parent| parent.kind == Kind::File) {
                cx.report(inside(place, file));
            }
        }
    }
}

fn same(place: &Place, other: &Place) -> Diagnostic {
    let message = format!("two things are to be at `{}`", place.path);
    Diagnostic::error("ecs::same-target", message)
        .at(place.at.clone(), "")
        .at(other.at.clone(), "this is there already")
        .help("give one of them another `target`")
}

fn inside(place: &Place, file: &Place) -> Diagnostic {
    let message = format!("`{}` is a file, and no folder for `{}`", file.path, place.path);
    Diagnostic::error("ecs::same-target", message)
        .at(place.at.clone(), "")
        .at(file.at.clone(), "the file")
        .help("give one of them another `target`")
}

/// A path as it is meant: without `.`, and with `..` followed.
pub(in crate::lower) fn clean(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A target as it is meant, from the root on, where Docker would refuse another one.
pub(super) fn target(path: &str, at: &Path, cx: &mut Context<'_>) -> String {
    let of_windows = path.get(1..2) == Some(":") || path.starts_with('\\');
    if path.starts_with('/') || of_windows {
        return clean(path);
    }
    let meant = clean(&format!("/{path}"));
    let message = format!("`{path}` does not begin at the root, and is taken for `{meant}`");
    cx.report(
        Diagnostic::warning("ecs::relative-target", message)
            .at(at.clone(), "")
            .help(format!("write `{meant}`")),
    );
    meant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn paths_are_taken_as_they_are_meant() {
        let cases = [
            ("/run/secrets/../x", "/run/x"),
            ("/a//b/./c/", "/a/b/c"),
            ("/../../x", "/x"),
            ("/", "/"),
            (r"C:\x\..\y", r"C:\x\..\y"),
        ];
        for (path, expected) in cases {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    #[test]
    fn two_things_cannot_be_at_one_path() {
        check(
            "
services:
  web:
    image: nginx
    secrets:
      - source: a
        target: x
#               ^ this is there already
      - source: b
        target: ../secrets/x
#               ^^^^^^^^^^^^ error: two things are to be at `/run/secrets/x`
#               help: give one of them another `target`
    configs:
      - source: c
        target: /run/app
#               ^^^^^^^^ the file
      - source: d
        target: /run/app/sub/x
#               ^^^^^^^^^^^^^^ error: `/run/app` is a file, and no folder for `/run/app/sub/x`
#               help: give one of them another `target`
    tmpfs:
      - /cache:size=1m
#       ^^^^^^^^^^^^^^ this is there already
      - /cache/:size=1m
#       ^^^^^^^^^^^^^^^ error: two things are to be at `/cache`
#       help: give one of them another `target`
secrets:
  a: {environment: A}
  b: {environment: B}
configs:
  c: {content: c}
  d: {content: d}
",
        );
    }

    #[test]
    fn a_file_cannot_be_put_into_a_folder_in_memory() {
        check(
            "
services:
  web:
    image: nginx
    configs:
      - {source: c, target: /run/app/x.conf}
#                           ^^^^^^^^^^^^^^^ error: `/run/app` of `web` is mounted already
#                           help: give the file a folder of its own
    secrets:
      - source: s
        target: /run/keys/s
#               ^^^^^^^^^^^ error: `/run/keys` is mounted already
#               help: give the secret a folder of its own
    tmpfs: ['/run/app:size=1m', '/run/keys:size=1m']
configs:
  c: {content: c}
secrets:
  s: {environment: S}
",
        );
    }

    #[test]
    fn a_target_begins_at_the_root() {
        check(
            "
services:
  web:
    image: nginx
    volumes: ['data:rel:ro']
#             ^^^^^^^^^^^^^ warning: `rel` does not begin at the root, and is taken for `/rel`
#             help: write `/rel`
volumes:
  data:
",
        );
    }

    #[test]
    fn keys_of_two_secrets_share_a_folder() {
        check(
            "
services:
  web:
    image: nginx
    secrets:
      - {source: a, target: /run/secrets}
      - {source: b, target: /run/secrets}
      - source: c
        target: /run/secrets
#               ^^^^^^^^^^^^ error: `/run/secrets` is the folder of all secrets
#               help: leave `target` out, or write a name: `target: c`
secrets:
  a: {environment: A, x-aws-keys: [u]}
  b: {environment: B, x-aws-keys: [v]}
  c: {environment: C}
",
        );
    }

    #[test]
    fn owners_are_numbers() {
        check(
            "
services:
  web:
    image: nginx
    secrets:
      - source: a
        uid: app
#            ^^^ error: `app` is not the number of a user
#            help: look it up in the image: `docker run IMAGE id -u app`
        gid: '-5'
#            ^^^^ error: `-5` is not the number of a group
#            help: write a number: `gid: \"1000\"`
secrets:
  a: {environment: A}
",
        );
    }
}
