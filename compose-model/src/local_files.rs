//! Files that a project names and that are no part of it: what it mounts, its
//! configs and its secrets.
#![expect(
    clippy::disallowed_methods,
    reason = "here and in `load/source.rs` alone the file system is touched"
)]

mod mounted;
mod private;

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use indexmap::IndexMap;

use crate::diagnostic::Place;
use crate::exposed::{Exposed, exposed};
use crate::load::Loaded;
use crate::project::Project;
use crate::same_file::SecretFiles;
use crate::secret_guard::SecretGuard;
use crate::secret_values::secret_values;

use self::mounted::Reader;
pub use self::private::{LeftOut, Why, may_hold_secrets};

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
    /// What the members of a secret are called, by its key; nothing for one that is no
    /// object of JSON. Secrets whose value is not known are missing.
    pub members: IndexMap<String, Option<Vec<String>>>,
    /// The values of configs that are variables, by key; none for an unset one.
    pub variables: IndexMap<String, Option<String>>,
    /// Where the value of a secret is used as if it were none.
    pub exposed: Vec<Exposed>,
    /// What finds the values of secrets in texts.
    pub guard: SecretGuard,
}

impl fmt::Debug for LocalFiles {
    /// Leaves out what variables and secrets held.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFiles")
            .field("directory", &self.directory)
            .field("mounted", &self.mounted)
            .field("secrets", &self.secrets)
            .field("members", &self.members.keys())
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
    /// It is a path of the machine.
    Outside,
    /// It is what people keep for themselves alone: their home or a folder that has it, or
    /// what is at a place such as `.aws`, in the project or anywhere else.
    Private,
    /// A link leads out of the project's folder: itself, or what has this path in it.
    Link(Option<String>),
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It is a socket, a device or the like, or what has this path in it is.
    Special(Option<String>),
    /// It is, or has in it, the file of the secret with this key.
    Secret(String),
    /// It is larger than could be delivered.
    TooLarge,
    /// A file.
    File(Content),
    /// A folder.
    Folder(Folder),
}

/// What is below a folder, by path with slashes, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// What is delivered.
    pub files: Vec<(String, Content)>,
    /// What nobody means to deliver with the folder, and why.
    pub left_out: Vec<LeftOut>,
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
    /// It is a folder, a pipe or the like.
    NoFile,
    /// It holds no text.
    Binary,
    /// It holds this many bytes.
    Text(u64),
}

/// Looks at the files that a project names.
pub fn local_files(loaded: &Loaded) -> LocalFiles {
    let mut files = LocalFiles { directory: loaded.directory.clone(), ..LocalFiles::default() };
    let (secret_files, guard) = (SecretFiles::of(loaded), SecretGuard::of(loaded));
    let reader = Reader::new(loaded, &secret_files, &guard);
    for (path, at) in named(loaded) {
        if !files.mounted.contains_key(path) {
            let is_relative = is_relative(&at, loaded);
            files.mounted.insert(path.clone(), reader.read(Path::new(path), is_relative));
        }
    }
    files.exposed = exposed(loaded, &secret_files, &guard);
    files.guard = guard;
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
    for (key, value) in secret_values(loaded) {
        files.members.insert(key, members(value.reveal()));
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

/// Whether a path is written from the project's folder on, wherever it leads.
fn is_relative(at: &Place, loaded: &Loaded) -> bool {
    let span = loaded.document.span(at);
    let written = span.map(|span| loaded.document.sources().snippet(span)).unwrap_or_default();
    written.trim_start_matches(['"', '\'']).starts_with('.')
}

/// What the members of an object of JSON are called.
fn members(text: &str) -> Option<Vec<String>> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(document.as_object()?.keys().cloned().collect())
}

fn secret_file(path: &Path) -> LocalSecret {
    let read = || {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(LocalSecret::NoFile);
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
                    LocalFile::Folder(folder) => names(folder),
                    LocalFile::Missing
                    | LocalFile::Outside
                    | LocalFile::Private
                    | LocalFile::Link(_)
                    | LocalFile::Unreadable(_)
                    | LocalFile::Special(_)
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

    fn names(folder: &Folder) -> String {
        folder.files.iter().map(|file| file.0.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn left_out(folder: &Folder) -> String {
        folder.left_out.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[cfg(unix)]
    #[test]
    fn a_link_carries_nothing_along_that_is_left_out() {
        let compose = "services: {web: {image: nginx, volumes: ['./shared:/s', './own:/o']}}";
        let known = files(compose, |directory| {
            for (file, text) in [
                ("shared/.aws/credentials", "key"),
                ("shared/.git/config", "token"),
                ("shared/x", ""),
                (".git/config", "token"),
                (".ssh/id", "key"),
            ] {
                let file = directory.join(file);
                fs::create_dir_all(file.parent().expect("it is in a folder"))
                    .and_then(|()| fs::write(file, text))
                    .expect("it can be written");
            }
            let links = [
                (".aws", "shared/aws"),
                (".git/config", "shared/gitconfig"),
                ("../.git", "shared/history"),
                ("../.ssh/id", "shared/id"),
                (".ssh", "own"),
            ];
            for (to, from) in links {
                std::os::unix::fs::symlink(to, directory.join(from)).expect("it can be made");
            }
        });
        let LocalFile::Folder(folder) = &known.mounted[0] else { panic!("{known:?}") };
        assert_eq!(names(folder), "x");
        assert_eq!(left_out(folder), ".aws .git aws gitconfig history id");
        assert_eq!(known.mounted[1], LocalFile::Private);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_project_is_not_followed() {
        let link = |to: &str, from: PathBuf| {
            std::os::unix::fs::symlink(to, from).expect("it can be made");
        };
        let compose = "services: {web: {image: nginx, volumes: ['./etc:/etc/x', './all:/all']}}";
        let known = files(compose, |directory| {
            link("/etc/hosts", directory.join("etc"));
            fs::create_dir_all(directory.join("all/more")).expect("it can be made");
            link("/etc/hosts", directory.join("all/more/hosts"));
        });
        assert_eq!(known.mounted[0], LocalFile::Link(None));
        assert_eq!(known.mounted[1], LocalFile::Link(Some("more/hosts".to_owned())));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_named() {
        let compose = "services: {web: {image: nginx, volumes: ['./own:/a', './own/s:/s']}}";
        let known = files(compose, |directory| {
            fs::create_dir(directory.join("own")).expect("it can be made");
            std::os::unix::net::UnixListener::bind(directory.join("own/s")).expect("it is new");
        });
        assert_eq!(known.mounted[0], LocalFile::Special(Some("s".to_owned())));
        assert_eq!(known.mounted[1], LocalFile::Special(None));
    }

    #[test]
    fn a_folder_is_delivered_without_env_files_and_history() {
        let compose = "
services: {web: {image: nginx, volumes: ['.:/app', './sub:/sub', './.env:/other/.env']}}
secrets: {s: {file: ./.env.local}}
";
        let known = files(compose, |directory| {
            let write = |name: &str, size: usize| {
                let file = directory.join(name);
                fs::create_dir_all(file.parent().expect("it is in a folder"))
                    .and_then(|()| fs::write(file, vec![b'x'; size]))
                    .expect("it can be written");
            };
            for name in [".env", ".env.local", ".env.example", ".envrc", "sub/.env", "sub/a"] {
                write(name, 1);
            }
            write("sub/.git", 1);
            let template =
                "AWSTemplateFormatVersion: '2010-09-09'\nDescription: The Compose project ";
            for (name, project) in [("template.yaml", "shop"), ("other.yaml", "other")] {
                fs::write(directory.join(name), format!("{template}{project}\n"))
                    .expect("it can be written");
            }
            write(".git/objects/pack", 70_000);
        });
        let folder = |index: usize| {
            let LocalFile::Folder(folder) = &known.mounted[index] else { panic!("{known:?}") };
            (names(folder), left_out(folder))
        };
        let left_out = ".env .env.local .envrc .git sub/.env sub/.git template.yaml";
        assert_eq!(folder(0), (".env.example other.yaml sub/a".to_owned(), left_out.to_owned()));
        assert_eq!(folder(1), ("a".to_owned(), ".env .git".to_owned()));
        assert!(matches!(known.mounted[2], LocalFile::File(_)));
    }

    /// What is found at a path of a project, whose user has the home `home/bob`.
    fn beside(project: &str, path: &str) -> String {
        let outer = tempfile::tempdir().expect("a temporary folder can be made");
        let outer = fs::canonicalize(outer.path()).expect("it exists");
        // A project may lie below such a folder itself.
        let outer = outer.join(".aws");
        for file in [
            "shop/x",
            "config/x.conf",
            "home/bob/x.conf",
            "home/bob/.aws/credentials",
            "home/bob/in/.aws/credentials",
            "home/bob/shop/x",
            ".ssh/id",
            ".docker/nginx.conf",
            ".env",
            "conf/.docker/config.json",
            "conf/.git-credentials",
            "conf/.npmrc",
            "conf/.htpasswd",
        ] {
            let file = outer.join(file);
            fs::create_dir_all(file.parent().expect("it is in a folder"))
                .and_then(|()| fs::write(file, "x"))
                .expect("it can be written");
        }
        let home = outer.join("home/bob").display().to_string();
        let request = Request {
            working_dir: outer.join(project),
            files: vec!["-".into()],
            stdin: Some(format!("services: {{web: {{image: a, volumes: ['{path}:/x']}}}}")),
            environment: [("HOME".to_owned(), home)].into_iter().collect(),
            ..Request::default()
        };
        let known = local_files(&load(&request).expect("the project is good"));
        let found = &known.mounted[0];
        if let LocalFile::Folder(folder) = found {
            return format!("{} - {}", names(folder), left_out(folder));
        }
        format!("{found:?}")
    }

    /// A file of the system, from however deep a folder.
    const SYSTEM: &str = "../../../../../../../../../../../../../../../../etc/hosts";

    #[test]
    fn what_lies_beside_the_project_is_read_unless_it_is_private() {
        let file = "File(Content(1 bytes))";
        let cases = [
            ("../config/x.conf", file),
            ("../config", "x.conf - "),
            ("..", "Private"),
            ("../../", "Private"),
            ("../home", "Private"),
            ("../home/bob", "Private"),
            ("../home/bob/x.conf", file),
            ("../home/bob/in", " - .aws"),
            ("../home/bob/.aws", "Private"),
            ("../home/bob/.aws/credentials", "Private"),
            ("../.ssh/id", "Private"),
            ("../.docker/nginx.conf", file),
            ("../.docker", "nginx.conf - "),
            ("../.env", file),
            ("../conf", ".htpasswd - .docker/config.json .git-credentials .npmrc"),
            ("../conf/.docker", " - config.json"),
            ("../conf/.npmrc", "Private"),
            ("../conf/.htpasswd", file),
            ("~/.aws", "Private"),
            ("~/.docker/config.json", "Private"),
            ("~/x.conf", "Outside"),
            ("~", "Private"),
            ("/", "Outside"),
            (SYSTEM, "Outside"),
        ];
        for (path, expected) in cases {
            assert_eq!(beside("shop", path), expected, "{path}");
        }
    }

    #[test]
    fn a_project_in_the_home_delivers_nothing_private() {
        for path in ["~/.aws", "./.aws/credentials", ".", "..", "./in/.aws"] {
            assert_eq!(beside("home/bob", path), "Private", "{path}");
        }
        assert_eq!(beside("home/bob", "./in"), " - .aws");
        assert_eq!(beside("home/bob", "./shop"), "x - ");
        assert_eq!(beside("home/bob/shop", ".."), "Private");
    }

    #[test]
    fn of_a_secret_only_the_size_is_known() {
        let compose = "
services: {web: {image: nginx, secrets: [token, key, json, all]}}
secrets: {token: {file: ./token}, key: {environment: KEY}, json: {file: ./json}, all: {file: .}}
";
        let known = files(compose, |directory| {
            fs::write(directory.join("token"), "hunter2").expect("it can be written");
            fs::write(directory.join("json"), r#"{"pass": "hunter2"}"#).expect("it can be written");
        });
        assert_eq!(known.secrets["token"], LocalSecret::Text(7));
        assert_eq!(known.secrets["key"], LocalSecret::Missing);
        assert_eq!(known.secrets["all"], LocalSecret::NoFile);
        assert_eq!(known.members["token"], None);
        assert_eq!(known.members["json"], Some(vec!["pass".to_owned()]));
        assert!(!known.members.contains_key("key"));
        assert!(!format!("{known:?}").contains("hunter2"));
    }
}
