//! What nobody means to show to everyone who may read a template.

use std::fmt;
use std::path::Path;

/// Where tools keep tokens and keys of who uses them; the one list of such places.
const KEPT: [&str; 31] = [
    ".aws",
    ".azure",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".config/doctl",
    ".config/gcloud",
    ".config/gh",
    ".config/hub",
    ".docker/config.json",
    ".docker/contexts",
    ".docker/key.pem",
    ".docker/machine",
    ".docker/trust",
    ".gem/credentials",
    ".git-credentials",
    ".gnupg",
    ".kube",
    ".local/share/keyrings",
    ".netrc",
    ".npmrc",
    ".oci",
    ".password-store",
    ".pgpass",
    ".pypirc",
    ".s3cfg",
    ".ssh",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    ".vault-token",
    "_netrc",
    "gcloud/application_default_credentials.json",
];

/// Something that is not delivered with the folder that it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its path in the folder, with slashes.
    pub path: String,
    /// What is the matter with it.
    pub why: Why,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// Why something is not delivered with the folder that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It belongs to a tool, and is made again elsewhere: `.git`, a folder `.env`, in which
    /// Python keeps an environment, or a template of the project itself.
    OfTool,
    /// It has variables, some of which may be secret.
    Variables,
    /// It is somebody's own: keys and tokens, or all of their home.
    Private,
}

/// Whether a path leads to what is somebody's own. What `known` lies in itself does not
/// count: a project may be kept anywhere.
pub(super) fn is_private(path: &Path, known: &Path) -> bool {
    beyond(path, known).any(|it| is_history(it) || KEPT.iter().any(|kept| it.ends_with(kept)))
}

/// What was typed into a shell, passwords included: `.bash_history`.
fn is_history(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with("_history")
}

/// Whether two paths are in no folder but that of everything.
pub(super) fn is_elsewhere(path: &Path, other: &Path) -> bool {
    beyond(path, other).count() + 1 == path.ancestors().count()
}

/// Why a path in a folder that is delivered is left out, by all of the names on the way
/// there from the folder.
pub(super) fn why_left_out(path: &Path, is_folder: bool, folder: &Path) -> Option<Why> {
    beyond(path, folder).find_map(|it| why(it, is_folder || it != path))
}

fn why(path: &Path, is_folder: bool) -> Option<Why> {
    let is_of_python = is_folder && path.ends_with(".env");
    if is_of_python || path.ends_with(".git") {
        return Some(Why::OfTool);
    }
    holds_variables(path).then_some(Why::Variables)
}

/// Whether a path is one that would be left out of the folder that it is in: it may hold
/// secrets, so that its author is told who can read them.
pub fn may_hold_secrets(path: &Path) -> bool {
    path.ancestors().any(|it| why(it, it != path).is_some())
}

/// Whether a file has variables, by its name, and is not there to be copied.
fn holds_variables(path: &Path) -> bool {
    const SAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    match name.strip_prefix(".env") {
        Some("" | "rc") => true,
        Some(rest) => {
            let last = rest.rsplit('.').next().unwrap_or(rest);
            rest.starts_with('.') && !SAMPLES.contains(&last)
        }
        None => false,
    }
}

/// A path and the folders that it is in, as far as others are not in them as well.
fn beyond<'p>(path: &'p Path, other: &Path) -> impl Iterator<Item = &'p Path> {
    path.ancestors().take_while(move |it| !other.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_left_out_and_samples_of_them_are_not() {
        let cases = [
            (".env", Some(Why::Variables)),
            (".env.production", Some(Why::Variables)),
            (".env.production.local", Some(Why::Variables)),
            (".envrc", Some(Why::Variables)),
            (".ENV", Some(Why::Variables)),
            ("in/.git/config", Some(Why::OfTool)),
            (".git", Some(Why::OfTool)),
            (".env/bin/python", Some(Why::OfTool)),
            (".env.example", None),
            (".env.local.sample", None),
            (".environment", None),
            ("app.env", None),
            (".gitignore", None),
            ("git", None),
        ];
        for (path, expected) in cases {
            let found = why_left_out(&Path::new("/srv").join(path), false, Path::new("/srv"));
            assert_eq!(found, expected, "{path}");
        }
        assert_eq!(
            why_left_out(Path::new("/srv/.env"), true, Path::new("/srv")),
            Some(Why::OfTool)
        );
    }

    #[test]
    fn what_is_somebody_s_own_is_known_by_its_path() {
        let cases = [
            ("/home/bob/.aws", true),
            ("/home/bob/.aws/credentials", true),
            ("/home/bob/shop/conf/.npmrc", true),
            ("/home/bob/.config/gh", true),
            ("/home/bob/.config/gh/hosts.yml", true),
            ("/home/bob/.docker/config.json", true),
            ("/home/bob/.bash_history", true),
            ("/home/bob/.docker/nginx.conf", false),
            ("/home/bob/.docker", false),
            ("/home/bob/.config/nginx/x.conf", false),
            ("/home/bob/.htpasswd", false),
            ("/home/bob/.github/workflows", false),
            ("/home/bob/aws", false),
        ];
        for (path, expected) in cases {
            assert_eq!(
                is_private(Path::new(path), Path::new("/home/bob/shop")),
                expected,
                "{path}"
            );
        }
        let is_private = |path: &str, known: &str| is_private(Path::new(path), Path::new(known));
        assert!(!is_private("/home/bob/.aws/shop/x", "/home/bob/.aws/shop"));
        // One of its two names is that of a folder that the project is in, too.
        assert!(is_private("/home/bob/.config/gh", "/home/bob/.config/shop"));
    }
}
