//! What is at a path that a project mounts.

use std::fs::DirEntry;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::private::{LeftOut, Why, is_elsewhere, is_private, why_left_out};
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
    /// The same without links.
    real_directory: PathBuf,
    /// How a template of the project begins to describe itself.
    description: String,
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
        let directory = &loaded.directory;
        let real_directory = fs::canonicalize(directory).unwrap_or_else(|_| directory.into());
        let description = format!("The Compose project {}", loaded.project.name);
        Self { directory, real_directory, description, home, secrets, guard }
    }

    /// What is at a path. One that is written relative to the project may lead out of it.
    pub(super) fn read(&self, path: &Path, is_relative: bool) -> LocalFile {
        let is_inside = is_below(path, self.directory);
        if !is_inside && !is_relative {
            let is_own = is_private(path, self.directory) || self.home.as_deref() == Some(path);
            return if is_own { LocalFile::Private } else { LocalFile::Outside };
        }
        self.found(path, is_inside).unwrap_or_else(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            if missing { LocalFile::Missing } else { LocalFile::Unreadable(error.to_string()) }
        })
    }

    /// Links of a project may lead to all of it. Others of the same repository may be
    /// meant as well, but no links from there, and nothing of the system.
    fn found(&self, path: &Path, is_inside: bool) -> io::Result<LocalFile> {
        let real = fs::canonicalize(path)?;
        if self.is_own(path, &real) {
            return Ok(LocalFile::Private);
        }
        let is_of_system =
            is_elsewhere(&real, &self.real_directory) || is_elsewhere(path, self.directory);
        // One that is still relative begins wherever the program runs.
        if !is_inside && path.is_absolute() && is_of_system {
            return Ok(LocalFile::Outside);
        }
        let parent = || fs::canonicalize(path.parent().unwrap_or(path));
        let around = if is_inside { self.real_directory.clone() } else { parent()? };
        if !real.starts_with(&around) {
            return Ok(LocalFile::Link(None));
        }
        let root = if is_inside { around } else { real.clone() };
        if fs::metadata(path)?.is_dir() {
            return self.folder(path, Walk::new(&real, &root));
        }
        self.file(path)
    }

    /// Whether a path, as it is written or without links, leads to what is somebody's
    /// own, or to a folder that their home is in.
    fn is_own(&self, path: &Path, real: &Path) -> bool {
        is_private(path, self.directory)
            || is_private(real, &self.real_directory)
            || self.home.as_ref().is_some_and(|home| home.starts_with(real))
    }

    fn file(&self, path: &Path) -> io::Result<LocalFile> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(LocalFile::Special(None));
        }
        if let Some(key) = self.secrets.find(path) {
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

    fn folder(&self, path: &Path, mut walk: Walk<'_>) -> io::Result<LocalFile> {
        walk.folders.push((path.to_owned(), String::new()));
        while let Some((folder, prefix)) = walk.folders.pop() {
            for entry in fs::read_dir(&folder)? {
                if let Some(refused) = self.entry(&entry?, &prefix, path, &mut walk)? {
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
        folder: &Path,
        walk: &mut Walk<'_>,
    ) -> io::Result<Option<LocalFile>> {
        let path = entry.path();
        let within = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if let Some(why) = self.why_left_out(&path, folder, walk.real) {
            walk.found.left_out.push(LeftOut { path: within, why });
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
        if !fs::canonicalize(&path)?.starts_with(walk.root) {
            return Ok(Some(LocalFile::Link(Some(within))));
        }
        if metadata.is_dir() {
            walk.folders.push((path, format!("{within}/")));
        } else if !metadata.is_file() {
            return Ok(Some(LocalFile::Special(Some(within))));
        } else {
            walk.bytes += metadata.len();
            if walk.bytes > MAX_MOUNTED {
                return Ok(Some(LocalFile::TooLarge));
            }
            match self.content(&path, &metadata)? {
                Ok(content) if self.is_template(&content.bytes) => {
                    walk.found.left_out.push(LeftOut { path: within, why: Why::OfTool });
                }
                Ok(content) => walk.found.files.push((within, content)),
                Err(key) => return Ok(Some(LocalFile::Secret(key))),
            }
        }
        Ok(None)
    }

    /// Whether a file was made of the project. It would be in the next one, which would
    /// be in the one after that.
    fn is_template(&self, bytes: &[u8]) -> bool {
        const HEAD: usize = 256;
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
        head.contains("AWSTemplateFormatVersion") && head.contains(&self.description)
    }

    /// Why an entry of a folder is left out: by its own path, or by that which it leads
    /// to as a link. `real` is the folder's path without links.
    fn why_left_out(&self, path: &Path, folder: &Path, real: &Path) -> Option<Why> {
        let is_folder = path.is_dir();
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.is_own(path, &target) {
            return Some(Why::Private);
        }
        let by_target = || why_left_out(&target, is_folder, real);
        why_left_out(path, is_folder, folder).or_else(by_target)
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
struct Walk<'a> {
    /// Its path without links.
    real: &'a Path,
    /// What links in it may lead to.
    root: &'a Path,
    found: Folder,
    /// Folders that are still to be read, and the way to each.
    folders: Vec<(PathBuf, String)>,
    bytes: u64,
    seen: usize,
}

impl<'a> Walk<'a> {
    fn new(real: &'a Path, root: &'a Path) -> Self {
        Self { real, root, found: Folder::default(), folders: Vec::new(), bytes: 0, seen: 0 }
    }
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
