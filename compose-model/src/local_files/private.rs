//! What nobody means to show to everyone who may read a template.

use std::ffi::OsStr;
use std::path::{Component, Path};

/// Whether a file is left out when the folder that it is in is delivered: the history
/// of the project, and files of variables, unless they are there to be copied.
pub(super) fn is_left_out(name: &OsStr) -> bool {
    const SAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];
    let name = name.to_string_lossy();
    match name.strip_prefix(".env") {
        Some("") => true,
        Some(rest) => {
            let last = rest.rsplit('.').next().unwrap_or(rest);
            rest.starts_with('.') && !SAMPLES.contains(&last)
        }
        None => name == ".git",
    }
}

/// Whether a file or folder of somebody is left out of a folder beside the project, whose
/// author may not have it in mind.
pub(super) fn is_of_somebody(name: &OsStr) -> bool {
    const NAMES: [&str; 7] = [".aws", ".azure", ".gnupg", ".kube", ".netrc", ".pgpass", ".ssh"];
    NAMES.iter().any(|&known| name == known)
}

/// Whether a path outside of a project is or has in it the user's home, or lies below a
/// folder such as `.aws` that the project does not lie below itself.
pub(super) fn leads_to_private(path: &Path, project: &Path, home: Option<&Path>) -> bool {
    let is_common = |(one, other): &(Component<'_>, Component<'_>)| one == other;
    let common = path.components().zip(project.components()).take_while(is_common).count();
    let mut outside = path.components().skip(common);
    let is_hidden = |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."));
    outside.any(is_hidden) || home.is_some_and(|home| home.starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_left_out_and_samples_of_them_are_not() {
        let cases = [
            (".env", true),
            (".env.production", true),
            (".env.production.local", true),
            (".git", true),
            (".env.example", false),
            (".env.local.sample", false),
            (".envrc", false),
            (".environment", false),
            ("app.env", false),
            (".gitignore", false),
            ("git", false),
        ];
        for (name, expected) in cases {
            assert_eq!(is_left_out(OsStr::new(name)), expected, "{name}");
        }
    }
}
