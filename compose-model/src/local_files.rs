//! Files that a project names and that are no part of it: what it mounts, its
//! configs and its secrets.
#![expect(
    clippy::disallowed_methods,
    reason = "here and in `load/source.rs` alone the file system is touched"
)]

use std::path::{Component, Path, PathBuf};
use std::{fmt, fs, io};

use indexmap::IndexMap;

use crate::diagnostic::Place;
use crate::exposed::{Exposed, exposed};
use crate::load::Loaded;
use crate::project::Project;
use crate::same_file::SecretFiles;
use crate::secret_guard::SecretGuard;

/// The most that a mounted file or folder may hold. Its content becomes a part of
/// something that AWS limits to 64 KiB.
const MAX_MOUNTED: u64 = 64 << 10;

/// More than a folder of configuration has.
const MAX_ENTRIES: usize = 200;

/// The most that a secret may hold.
pub(crate) const MAX_SECRET: u64 = 1 << 20;

/// What is known of the files that a project names.
#[derive(Clone, Default, PartialEq)]
pub struct LocalFiles {
    /// The folder that the project's relative paths start at.
    pub directory: PathBuf,
    /// What it mounts and its configs, by path.
    pub mounted: IndexMap<String, LocalFile>,
    /// Its secrets, by key.
    pub secrets: IndexMap<String, LocalSecret>,
    /// The values of configs that are variables, by key; none for an unset one.
    pub variables: IndexMap<String, Option<String>>,
    /// Where the value of a secret is used as if it were none.
    pub exposed: Vec<Exposed>,
    /// What finds the values of secrets in texts.
    pub guard: SecretGuard,
}

impl fmt::Debug for LocalFiles {
    /// Leaves out what variables held.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFiles")
            .field("directory", &self.directory)
            .field("mounted", &self.mounted)
            .field("secrets", &self.secrets)
            .field("variables", &self.variables.keys())
            .field("exposed", &self.exposed)
            .field("guard", &self.guard)
            .finish()
    }
}

/// Something that a project mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalFile {
    /// It does not exist.
    Missing,
    /// It is a path of the machine, or a link leads out of the project's folder.
    Outside,
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It is a socket, a device or the like.
    Special,
    /// It is, or has in it, the file of the secret with this key.
    Secret(String),
    /// It is larger than could be delivered.
    TooLarge,
    /// A file.
    File(Content),
    /// A folder with all that is below it, by path with slashes, sorted.
    Folder(Vec<(String, Content)>),
}

/// What is in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
}

impl fmt::Debug for Content {
    /// Says how much it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.bytes.len())
    }
}

/// What is known of a secret; never what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalSecret {
    /// The file does not exist, or the variable is not set.
    Missing,
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It holds no text.
    Binary,
    /// It holds this many bytes.
    Text(u64),
}

/// Looks at the files that a project names.
pub fn local_files(loaded: &Loaded) -> LocalFiles {
    let mut files = LocalFiles { directory: loaded.directory.clone(), ..LocalFiles::default() };
    let secrets = Secrets { files: SecretFiles::of(loaded), guard: SecretGuard::of(loaded) };
    for (path, at) in named(loaded) {
        if !files.mounted.contains_key(path) {
            let root = root(Path::new(path), &at, loaded);
            files.mounted.insert(path.clone(), mounted(Path::new(path), &root, &secrets));
        }
    }
    files.exposed = exposed(loaded, &secrets.files, &secrets.guard);
    files.guard = secrets.guard;
    for (key, secret) in &loaded.project.secrets {
        let known = match (&secret.file, &secret.environment) {
            (Some(file), _) => secret_file(Path::new(file)),
            (None, Some(name)) => match loaded.environment.get(name) {
                Some(value) => LocalSecret::Text(value.len() as u64),
                None => LocalSecret::Missing,
            },
            (None, None) => continue,
        };
        files.secrets.insert(key.clone(), known);
    }
    for (key, config) in &loaded.project.configs {
        if let Some(name) = &config.environment {
            files.variables.insert(key.clone(), loaded.environment.get(name).cloned());
        }
    }
    files
}

/// The paths of what is mounted and of configs, and where they stand.
fn named(loaded: &Loaded) -> impl Iterator<Item = (&String, Place)> {
    let Project { services, configs, .. } = &loaded.project;
    let binds = services.iter().flat_map(|(name, service)| {
        let at = crate::Path::root().key("services").key(name.as_str()).key("volumes");
        let mounts = service.volumes.iter().enumerate();
        let binds = mounts.filter(|(_, mount)| mount.kind.as_deref() == Some("bind"));
        binds.filter_map(move |(index, mount)| {
            Some((mount.source.as_ref()?, at.index(index).key("source").into()))
        })
    });
    let configs = configs.iter().filter_map(|(name, config)| {
        let at = crate::Path::root().key("configs").key(name.as_str()).key("file");
        Some((config.file.as_ref()?, at.into()))
    });
    binds.chain(configs)
}

/// The folder that a path must not leave: the project's, or for a path that was
/// written relative to it and leads out of it, the path's own.
fn root(path: &Path, at: &Place, loaded: &Loaded) -> PathBuf {
    let span = loaded.document.span(at);
    let written = span.map(|span| loaded.document.sources().snippet(span)).unwrap_or_default();
    let relative = written.trim_start_matches(['"', '\'']).starts_with('.');
    if relative && !is_below(path, &loaded.directory) {
        path.parent().unwrap_or(path).to_owned()
    } else {
        loaded.directory.clone()
    }
}

/// What must not be delivered.
struct Secrets {
    files: SecretFiles,
    guard: SecretGuard,
}

fn mounted(path: &Path, directory: &Path, secrets: &Secrets) -> LocalFile {
    if !is_below(path, directory) {
        return LocalFile::Outside;
    }
    let read = || -> io::Result<LocalFile> {
        let metadata = fs::metadata(path)?;
        let (real, root) = (fs::canonicalize(path)?, fs::canonicalize(directory)?);
        if !real.starts_with(&root) {
            return Ok(LocalFile::Outside);
        }
        if let Some(key) = secrets.files.find_below(&real) {
            return Ok(LocalFile::Secret(key.to_owned()));
        }
        if metadata.is_file() {
            return if metadata.len() > MAX_MOUNTED {
                Ok(LocalFile::TooLarge)
            } else {
                Ok(match content(path, &metadata, secrets)? {
                    Ok(content) => LocalFile::File(content),
                    Err(key) => LocalFile::Secret(key),
                })
            };
        }
        if metadata.is_dir() { folder(path, &root, secrets) } else { Ok(LocalFile::Special) }
    };
    read().unwrap_or_else(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        if missing { LocalFile::Missing } else { LocalFile::Unreadable(error.to_string()) }
    })
}

/// Whether a path stays below a folder, by its text alone.
fn is_below(path: &Path, directory: &Path) -> bool {
    let Ok(rest) = path.strip_prefix(directory) else { return false };
    !rest.components().any(|part| matches!(part, Component::ParentDir))
}

fn folder(path: &Path, root: &Path, secrets: &Secrets) -> io::Result<LocalFile> {
    let mut found = Vec::new();
    let (mut total, mut seen) = (0, 0);
    let mut folders = vec![(path.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let metadata = match fs::metadata(entry.path()) {
                Ok(metadata) => metadata,
                Err(error) => return Ok(LocalFile::Unreadable(format!("{name}: {error}"))),
            };
            seen += 1;
            if seen > MAX_ENTRIES {
                return Ok(LocalFile::TooLarge);
            }
            if !fs::canonicalize(entry.path())?.starts_with(root) {
                return Ok(LocalFile::Outside);
            }
            if metadata.is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else if metadata.is_file() {
                total += metadata.len();
                if total > MAX_MOUNTED {
                    return Ok(LocalFile::TooLarge);
                }
                match content(&entry.path(), &metadata, secrets)? {
                    Ok(content) => found.push((name, content)),
                    Err(key) => return Ok(LocalFile::Secret(key)),
                }
            } else {
                return Ok(LocalFile::Special);
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(LocalFile::Folder(found))
}

/// What is in a file, or the key of the secret that is in it.
fn content(
    path: &Path,
    metadata: &fs::Metadata,
    secrets: &Secrets,
) -> io::Result<Result<Content, String>> {
    if let Some(key) = secrets.files.find(path) {
        return Ok(Err(key.to_owned()));
    }
    let bytes = fs::read(path)?;
    Ok(match secrets.guard.find_bytes(&bytes) {
        Some(key) => Err(key.to_owned()),
        None => Ok(Content { bytes, executable: is_executable(metadata) }),
    })
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

fn secret_file(path: &Path) -> LocalSecret {
    let read = || {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(LocalSecret::Unreadable("it is no file".to_owned()));
        }
        if metadata.len() > MAX_SECRET {
            return Ok(LocalSecret::Text(metadata.len()));
        }
        let bytes = fs::read(path)?;
        Ok(match str::from_utf8(&bytes) {
            Ok(text) => LocalSecret::Text(text.len() as u64),
            Err(_) => LocalSecret::Binary,
        })
    };
    read().unwrap_or_else(|error: io::Error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        if missing { LocalSecret::Missing } else { LocalSecret::Unreadable(error.to_string()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Request, load};

    fn files(compose: &str, arrange: impl Fn(&Path)) -> LocalFiles {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let directory = fs::canonicalize(folder.path()).expect("it exists");
        arrange(&directory);
        let request = Request {
            working_dir: directory,
            files: vec!["-".into()],
            stdin: Some(compose.to_owned()),
            project_name: Some("shop".to_owned()),
            ..Request::default()
        };
        local_files(&load(&request).expect("the project is good"))
    }

    #[test]
    fn small_files_and_folders_below_the_project_are_read() {
        let compose = "
services:
  web:
    image: nginx
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf
      - ./sql:/docker-entrypoint-initdb.d
      - ./missing:/data
      - ./large:/large
      - ../up:/up
      - /etc/hosts:/etc/hosts
";
        let known = files(compose, |directory| {
            fs::write(directory.join("nginx.conf"), "events {}").expect("it can be written");
            fs::write(directory.join("large"), [0; 70_000]).expect("it can be written");
            fs::create_dir_all(directory.join("sql/more")).expect("it can be made");
            fs::write(directory.join("sql/b.sql"), "2").expect("it can be written");
            fs::write(directory.join("sql/more/a.sql"), "1").expect("it can be written");
        });
        let directory = known.directory.to_string_lossy().into_owned();
        let kinds: Vec<_> = known
            .mounted
            .iter()
            .map(|(path, file)| {
                let kind = match file {
                    LocalFile::File(content) => String::from_utf8_lossy(&content.bytes).into(),
                    LocalFile::Folder(files) => {
                        files.iter().map(|file| file.0.as_str()).collect::<Vec<_>>().join(" ")
                    }
                    LocalFile::Missing
                    | LocalFile::Outside
                    | LocalFile::Unreadable(_)
                    | LocalFile::Special
                    | LocalFile::Secret(_)
                    | LocalFile::TooLarge => format!("{file:?}"),
                };
                (path.replace(&directory, "."), kind)
            })
            .collect();
        let expected = [
            ("./nginx.conf", "events {}"),
            ("./sql", "b.sql more/a.sql"),
            ("./missing", "Missing"),
            ("./large", "TooLarge"),
        ];
        for (pair, (path, kind)) in kinds.iter().zip(expected) {
            assert_eq!((pair.0.as_str(), pair.1.as_str()), (path, kind));
        }
        // A path that leads out of the project is followed if it is written so.
        let others: Vec<_> = kinds[expected.len()..].iter().map(|(_, kind)| kind).collect();
        assert_eq!(others, ["Missing", "Outside"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_project_is_not_followed() {
        let compose = "services: {web: {image: nginx, volumes: ['./etc:/etc/x']}}";
        let known = files(compose, |directory| {
            std::os::unix::fs::symlink("/etc/hosts", directory.join("etc"))
                .expect("it can be made");
        });
        assert_eq!(known.mounted[0], LocalFile::Outside);
    }

    #[test]
    fn of_a_secret_only_the_size_is_known() {
        let compose = "
services: {web: {image: nginx, secrets: [token, key]}}
secrets: {token: {file: ./token}, key: {environment: KEY}}
";
        let known = files(compose, |directory| {
            fs::write(directory.join("token"), "hunter2").expect("it can be written");
        });
        assert_eq!(known.secrets["token"], LocalSecret::Text(7));
        assert_eq!(known.secrets["key"], LocalSecret::Missing);
        assert!(!format!("{known:?}").contains("hunter2"));
    }
}
