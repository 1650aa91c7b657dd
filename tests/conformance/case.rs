//! A project of the corpus, and how to load it.

use std::path::{Path, PathBuf};

use compose_model::value::join_path;
use compose_model::{Environment, Request, Skip};
use serde::Deserialize;

use crate::fact::Fact;

/// The home directory of whoever loads the projects. The tests have one of
/// their own, so that results do not depend on who runs them.
const HOME: &str = "/home/tester";

/// A project, and how to load it.
#[derive(Deserialize)]
pub(crate) struct Case {
    /// Where it is.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    files: Vec<PathBuf>,
    working_dir: String,
    env: Environment,
    #[serde(default)]
    env_files: Vec<PathBuf>,
    profiles: Vec<String>,
    #[serde(default)]
    project_name: Option<String>,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    pub(crate) expect: Expect,
}

/// What a test of Docker's loader sets.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    skip_normalization: bool,
    skip_consistency_check: bool,
    resolve_paths: Option<bool>,
    selected_services: Vec<String>,
    discard_env_files: bool,
    without_unnecessary_resources: bool,
    pub(crate) working_dir_unset: bool,
}

/// What a test of Docker's loader finds.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Expect {
    pub(crate) facts: Vec<Fact>,
}

impl Options {
    pub(crate) fn skip(&self) -> Skip {
        Skip {
            normalization: self.skip_normalization,
            consistency: self.skip_consistency_check,
            path_resolution: self.resolve_paths == Some(false),
            ..Skip::default()
        }
    }
}

impl Case {
    pub(crate) fn request(&self) -> Request {
        let directory = self.directory();
        Request {
            working_dir: directory.clone(),
            files: self.files.iter().map(|file| self.folder.join(file)).collect(),
            project_directory: Some(directory),
            project_name: self.project_name.clone(),
            env_files: self.env_files.iter().map(|file| self.folder.join(file)).collect(),
            profiles: self.profiles.clone(),
            services: self.options.selected_services.clone(),
            environment: with_home(self.env.clone()),
            skip: self.options.skip(),
            ..Request::default()
        }
    }

    /// Whether the project was loaded with an option of the library that no
    /// command line has.
    pub(crate) fn is_beyond_a_request(&self) -> bool {
        self.options.discard_env_files || self.options.without_unnecessary_resources
    }

    /// Whether the project was loaded in a way in which no command line did for
    /// Docker's tool.
    pub(crate) fn is_beyond_the_tool(&self) -> bool {
        self.is_beyond_a_request() || !self.options.selected_services.is_empty()
    }

    fn directory(&self) -> PathBuf {
        join_path(&self.folder.to_string_lossy(), &self.working_dir).into()
    }
}

/// The environment of a process always says where its home is.
pub(crate) fn with_home(mut environment: Environment) -> Environment {
    environment.entry("HOME".to_owned()).or_insert_with(|| HOME.to_owned());
    environment
}

/// A text of the corpus with this machine's places in it.
pub(crate) fn with_places(text: &str, request: &Request) -> String {
    let directory = request.project_directory.as_deref().unwrap_or(Path::new("/"));
    let directory = directory.to_string_lossy();
    match text.strip_prefix("@WD@/") {
        Some(path) if path.starts_with("..") => join_path(&directory, path),
        Some(_) | None => {
            text.replace("@WD@", &directory).replace("@HOME@", &request.environment["HOME"])
        }
    }
}
