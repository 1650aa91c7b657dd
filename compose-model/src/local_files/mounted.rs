//! What is at a path that a project mounts.

use std::fs::DirEntry;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::private::{is_left_out, is_of_somebody, leads_to_private};
use super::{Content, Folder, LocalFile};
use crate::load::Loaded;
use crate::same_file::SecretFiles;
use crate::secret_guard::SecretGuard;

/// The most that a mounted file or folder may hold. Its content becomes a part of
/// something that AWS limits to 64 KiB.
const MAX_MOUNTED: u64 = 64 << 10;

/// More than a folder of configuration has.
const MAX_ENTRIES: usize = 200;

/// Reads files of a project, and knows what must not be delivered.
pub(super) struct Reader<'a> {
    /// The project's folder.
    directory: &'a Path,
    /// That of who runs the program.
    home: Option<PathBuf>,
    secrets: &'a SecretFiles,
    guard: &'a SecretGuard,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        loaded: &'a Loaded,
        secrets: &'a SecretFiles,
        guard: &'a SecretGuard,
    ) -> Self {
        let home = ["HOME", "USERPROFILE"].iter().find_map(|it| loaded.environment.get(*it));
        let home = home.filter(|home| !home.is_empty());
        // Paths are compared without links.
        let home = home.map(|home| fs::canonicalize(home).unwrap_or_else(|_| home.into()));
        Self { directory: &loaded.directory, home, secrets, guard }
    }

    /// What is at a path. One that is written relative to the project may lead out of it.
    pub(super) fn read(&self, path: &Path, is_relative: bool) -> LocalFile {
        let found = if is_below(path, self.directory) {
            self.inside(path)
        } else if is_relative {
            self.outside(path)
        } else {
            Ok(LocalFile::Outside)
        };
        found.unwrap_or_else(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            if missing { LocalFile::Missing } else { LocalFile::Unreadable(error.to_string()) }
        })
    }

    fn inside(&self, path: &Path) -> io::Result<LocalFile> {
        let real = fs::canonicalize(path)?;
        let root = fs::canonicalize(self.directory)?;
        if real.starts_with(&root) {
            self.found(path, &real, &root)
        } else {
            Ok(LocalFile::Link(None))
        }
    }

    /// Others of the same repository may be meant, but no links from there.
    fn outside(&self, path: &Path) -> io::Result<LocalFile> {
        let real = fs::canonicalize(path)?;
        let project = fs::canonicalize(self.directory)?;
        let home = self.home.as_deref();
        if leads_to_private(&real, &project, home) || leads_to_private(path, self.directory, home) {
            return Ok(LocalFile::Private);
        }
        let parent = fs::canonicalize(path.parent().unwrap_or(path))?;
        if real.starts_with(parent) {
            self.found(path, &real, &real)
        } else {
            Ok(LocalFile::Link(None))
        }
    }

    fn found(&self, path: &Path, real: &Path, root: &Path) -> io::Result<LocalFile> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return match (self.folder(path, root)?, self.secret_below(real)) {
                (LocalFile::Folder(folder), _) => Ok(LocalFile::Folder(folder)),
                (_, Some(key)) => Ok(LocalFile::Secret(key.to_owned())),
                (found, None) => Ok(found),
            };
        }
        if !metadata.is_file() {
            return Ok(LocalFile::Special(None));
        }
        if let Some(key) = self.secrets.find(real) {
            return Ok(LocalFile::Secret(key.to_owned()));
        }
        if metadata.len() > MAX_MOUNTED {
            return Ok(LocalFile::TooLarge);
        }
        Ok(match self.content(path, &metadata)? {
            Ok(content) => LocalFile::File(content),
            Err(key) => LocalFile::Secret(key),
        })
    }

    /// The key of a secret whose file would be delivered with a folder.
    fn secret_below(&self, folder: &Path) -> Option<&str> {
        let is_delivered = |rest: &Path| !rest.components().any(|it| is_left_out(it.as_os_str()));
        self.secrets.find_below(folder, is_delivered)
    }

    fn folder(&self, path: &Path, root: &Path) -> io::Result<LocalFile> {
        let mut walk = Walk::default();
        walk.folders.push((path.to_owned(), String::new()));
        while let Some((folder, prefix)) = walk.folders.pop() {
            for entry in fs::read_dir(&folder)? {
                if let Some(refused) = self.entry(&entry?, &prefix, root, &mut walk)? {
                    return Ok(refused);
                }
            }
        }
        let Walk { mut found, .. } = walk;
        found.files.sort_by(|a, b| a.0.cmp(&b.0));
        found.left_out.sort();
        Ok(LocalFile::Folder(found))
    }

    /// Takes one entry of a folder, or says why the whole folder cannot be delivered.
    /// Only what is delivered is counted.
    fn entry(
        &self,
        entry: &DirEntry,
        prefix: &str,
        root: &Path,
        walk: &mut Walk,
    ) -> io::Result<Option<LocalFile>> {
        let (path, name) = (entry.path(), entry.file_name());
        let within = format!("{prefix}{}", name.to_string_lossy());
        let is_outside = || !is_below(&path, self.directory);
        if is_left_out(&name) || (is_of_somebody(&name) && is_outside()) {
            walk.found.left_out.push(within);
            return Ok(None);
        }
        walk.seen += 1;
        if walk.seen > MAX_ENTRIES {
            return Ok(Some(LocalFile::TooLarge));
        }
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return Ok(Some(LocalFile::Unreadable(format!("`{within}`: {error}")))),
        };
        let real = fs::canonicalize(&path)?;
        if !real.starts_with(root) {
            return Ok(Some(LocalFile::Link(Some(within))));
        }
        if real.file_name().is_some_and(is_left_out) {
            walk.found.left_out.push(within);
        } else if metadata.is_dir() {
            walk.folders.push((path, format!("{within}/")));
        } else if !metadata.is_file() {
            return Ok(Some(LocalFile::Special(Some(within))));
        } else {
            walk.bytes += metadata.len();
            if walk.bytes > MAX_MOUNTED {
                return Ok(Some(LocalFile::TooLarge));
            }
            match self.content(&path, &metadata)? {
                Ok(content) => walk.found.files.push((within, content)),
                Err(key) => return Ok(Some(LocalFile::Secret(key))),
            }
        }
        Ok(None)
    }

    /// What is in a file, or the key of the secret that is in it.
    fn content(&self, path: &Path, metadata: &fs::Metadata) -> io::Result<Result<Content, String>> {
        if let Some(key) = self.secrets.find(path) {
            return Ok(Err(key.to_owned()));
        }
        let bytes = fs::read(path)?;
        Ok(match self.guard.find_bytes(&bytes) {
            Some(key) => Err(key.to_owned()),
            None => Ok(Content { bytes, executable: is_executable(metadata) }),
        })
    }
}

/// A folder, as far as it has been read.
#[derive(Default)]
struct Walk {
    found: Folder,
    /// Folders that are still to be read, and the way to each.
    folders: Vec<(PathBuf, String)>,
    bytes: u64,
    seen: usize,
}

/// Whether a path stays below a folder, by its text alone.
fn is_below(path: &Path, directory: &Path) -> bool {
    let Ok(rest) = path.strip_prefix(directory) else { return false };
    !rest.components().any(|part| matches!(part, Component::ParentDir))
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
