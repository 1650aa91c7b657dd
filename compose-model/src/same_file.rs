//! Files that are one, whatever they are called: links and hard links.

use std::fs;
use std::path::{Path, PathBuf};

use crate::load::Loaded;
use crate::secret::Secret;

/// The files of a project's secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecretFiles(Vec<SecretFile>);

#[derive(Debug, Clone)]
struct SecretFile {
    /// The key of the secret.
    key: String,
    /// Its path without links.
    path: PathBuf,
    identity: Identity,
}

/// What a file is called by its file system, or its path without links.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    fs::canonicalize(path).ok()
}

impl SecretFiles {
    /// Those that exist.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let secrets = loaded.project.secrets.iter();
        let known = |(key, secret): (&String, &Secret)| {
            let path = fs::canonicalize(secret.file.as_ref()?).ok()?;
            Some(SecretFile { key: key.clone(), identity: identity(&path)?, path })
        };
        Self(secrets.filter_map(known).collect())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of the secret that a file holds.
    pub(crate) fn find(&self, path: &Path) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        let identity = identity(path)?;
        self.0.iter().find(|known| known.identity == identity).map(|known| known.key.as_str())
    }

    /// The key of a secret whose file is in a folder, whose path has no links, and
    /// there at a path that counts.
    pub(crate) fn find_below(&self, folder: &Path, counts: impl Fn(&Path) -> bool) -> Option<&str> {
        let is_below = |known: &&SecretFile| known.path.strip_prefix(folder).is_ok_and(&counts);
        self.0.iter().find(is_below).map(|known| known.key.as_str())
    }
}
