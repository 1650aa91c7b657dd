//! Files that are one, whatever they are called: links and hard links.

use std::fs;
use std::path::Path;
#[cfg(not(unix))]
use std::path::PathBuf;

use crate::load::Loaded;
use crate::secret::Secret;

/// The files of a project's secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecretFiles(Vec<SecretFile>);

#[derive(Debug, Clone)]
struct SecretFile {
    /// The key of the secret.
    key: String,
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
            let identity = identity(secret.file.as_ref()?.as_ref())?;
            Some(SecretFile { key: key.clone(), identity })
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
}
