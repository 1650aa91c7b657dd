//! The short form of `volumes`: `./data:/var/lib/data:ro`.

use thiserror::Error;

/// One mount, from the short form of `volumes`. Its paths are as they were
/// written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortMount {
    /// What is mounted.
    pub kind: MountKind,
    /// A path on the host or the name of a volume; none for an anonymous volume.
    pub source: Option<String>,
    /// Where in the container.
    pub target: String,
    /// `ro`.
    pub read_only: bool,
    /// `nocopy`: a new volume stays empty, whatever the image has there.
    pub nocopy: bool,
    /// How mounts below this one spread, such as `rslave`.
    pub propagation: Option<String>,
    /// `z` or `Z`: relabel for containers together, or for this one alone.
    pub selinux: Option<String>,
}

/// What a mount's source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountKind {
    /// A volume, named or anonymous.
    Volume,
    /// A path on the host.
    Bind,
}

/// Why a text is not the short form of `volumes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MountError {
    /// Nothing at all.
    #[error("is empty; write `source:target`")]
    Empty,
    /// A colon with nothing before or behind it.
    #[error("has nothing between two colons, or before or after one; write `source:target`")]
    EmptySection,
    /// More than source, target and options.
    #[error("has too many colons; write `source:target:options`")]
    TooManyColons,
    /// `${` without `}`, which would hide all colons behind it.
    #[error("has `${{` without a `}}` behind it")]
    Unclosed,
}

/// Reads an entry of `volumes` in its short form. Drive letters of Windows keep
/// their colon, and so does what stands inside `${…}`. Like Docker, it ignores
/// options that it does not know.
///
/// ```
/// use compose_model::value::{MountKind, parse_mount};
///
/// let mount = parse_mount("./data:/var/lib/data:ro")?;
/// assert_eq!((mount.kind, mount.target.as_str()), (MountKind::Bind, "/var/lib/data"));
/// # Ok::<(), compose_model::value::MountError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes>
///
/// # Errors
///
/// The entry is not made of one to three sections.
pub fn parse_mount(spec: &str) -> Result<ShortMount, MountError> {
    match spec.len() {
        0 => return Err(MountError::Empty),
        1 | 2 => return Ok(mount(None, spec)),
        _ => {}
    }
    match sections(spec)?.as_slice() {
        [target] => Ok(mount(None, target)),
        [source, target] => Ok(mount(Some(source), target)),
        [source, target, options] => Ok(with_options(mount(Some(source), target), options)),
        _ => Err(MountError::TooManyColons),
    }
}

fn mount(source: Option<&str>, target: &str) -> ShortMount {
    ShortMount {
        kind: if source.is_some_and(is_host_path) { MountKind::Bind } else { MountKind::Volume },
        source: source.map(str::to_owned),
        target: target.to_owned(),
        read_only: false,
        nocopy: false,
        propagation: None,
        selinux: None,
    }
}

/// What stands between the colons that separate.
fn sections(spec: &str) -> Result<Vec<&str>, MountError> {
    let (mut sections, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (index, char) in spec.char_indices() {
        match char {
            '$' if spec[index + 1..].starts_with('{') => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && !is_drive_letter(&spec[start..index]) => {
                sections.push(&spec[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    sections.push(&spec[start..]);
    if sections.contains(&"") {
        return Err(MountError::EmptySection);
    }
    if depth > 0 { Err(MountError::Unclosed) } else { Ok(sections) }
}

fn is_drive_letter(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

/// Whether a source is a path: on Unix, below the home directory, a named pipe
/// of Windows, or on one of its drives.
fn is_host_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~'])
        || source.starts_with(r"\\")
        || source.split_once(':').is_some_and(|(drive, _)| is_drive_letter(drive))
}

fn with_options(mut mount: ShortMount, options: &str) -> ShortMount {
    for option in options.split(',') {
        match option {
            "ro" => mount.read_only = true,
            "rw" => mount.read_only = false,
            "nocopy" => mount.nocopy = true,
            "z" | "Z" => mount.selinux = Some(option.to_owned()),
            "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" => {
                mount.propagation = Some(option.to_owned());
            }
            _ => {}
        }
    }
    mount
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::MountKind::{Bind, Volume};
    use super::*;

    #[test]
    fn sources_that_look_like_paths_are_bound() {
        let cases = [
            ("/data", Volume, None, "/data"),
            ("a:", Volume, None, "a:"),
            ("D:\\data", Volume, None, "D:\\data"),
            ("a:/data", Volume, None, "a:/data"),
            ("data:/data", Volume, Some("data"), "/data"),
            (".:/data", Bind, Some("."), "/data"),
            ("~/x:/data", Bind, Some("~/x"), "/data"),
            ("c:\\x:d:\\y", Bind, Some("c:\\x"), "d:\\y"),
            ("data:d:", Volume, Some("data"), "d:"),
            (r"\\.\pipe\a:\\.\pipe\b", Bind, Some(r"\\.\pipe\a"), r"\\.\pipe\b"),
            ("${A:-/x}:/y", Volume, Some("${A:-/x}"), "/y"),
            ("./${A:-${B:-c}}:/y", Bind, Some("./${A:-${B:-c}}"), "/y"),
        ];
        for (spec, kind, source, target) in cases {
            let mount = parse_mount(spec).unwrap();
            let found = (mount.kind, mount.source.as_deref(), mount.target.as_str());
            assert_eq!(found, (kind, source, target), "{spec}");
        }
    }

    #[test]
    fn the_last_of_several_options_wins() {
        let options = |options: &str| parse_mount(&format!("a1:/b:{options}")).unwrap();
        assert!(options("ro").read_only);
        assert!(!options("ro,rw").read_only);
        assert!(options("nocopy,unknown").nocopy);
        assert_eq!(options("z,Z").selinux.as_deref(), Some("Z"));
        assert_eq!(options("shared,rslave").propagation.as_deref(), Some("rslave"));
        assert_eq!(options("unknown"), parse_mount("a1:/b").unwrap());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("", MountError::Empty),
            ("/a:", MountError::EmptySection),
            (":/a", MountError::EmptySection),
            ("/a::ro", MountError::EmptySection),
            ("/a:/b:", MountError::EmptySection),
            ("/a:/b:ro:z", MountError::TooManyColons),
            ("/a:/b${c", MountError::Unclosed),
        ];
        for (spec, error) in cases {
            assert_eq!(parse_mount(spec), Err(error), "{spec}");
        }
    }

    proptest! {
        #[test]
        fn sections_come_back(spec in "[a-z./:\\\\~${},]{0,16}|\\PC*") {
            if let Ok(ShortMount { source: Some(source), target, .. }) = parse_mount(&spec) {
                let start = format!("{source}:{target}");
                prop_assert!(spec.starts_with(&start));
            }
        }
    }
}
