//! What a request means: which files, which folder, which variables, which name.

use std::io;

use super::{Loader, problem, source};
use crate::diagnostic::Diagnostic;
use crate::dotenv::{self, DotenvError};
use crate::error::LoadError;
use crate::request::Environment;
use crate::source::{FileId, Source, Span};
use crate::value::{absolute_path, join_path};

/// The usual names of a project's file, the preferred one first.
const FILES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The usual names of what is merged over it.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The variable that lists env files.
const ENV_FILES: &str = "COMPOSE_ENV_FILES";

/// What a request means.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Absolute, or `-`; in the order of merging.
    pub(crate) files: Vec<String>,
    /// The variable that names them, if one does.
    pub(crate) named_by: Option<&'static str>,
    /// Absolute; relative paths of the project start here.
    pub(crate) directory: String,
    pub(crate) environment: Environment,
    pub(crate) profiles: Vec<String>,
}

impl Loader<'_> {
    pub(crate) fn settings(&mut self) -> Result<Settings, LoadError> {
        let request = self.request;
        let here = request.working_dir.to_string_lossy().into_owned();
        let absolute =
            |path: &str| if path == "-" { path.to_owned() } else { absolute_path(&here, path) };
        let mut files: Vec<String> =
            request.files.iter().map(|file| absolute(&file.to_string_lossy())).collect();
        let mut environment = request.environment.clone();
        self.read_environment(&mut environment, &self.directory(&files, &here))?;
        let mut named_by = None;
        if files.is_empty() {
            files = files_in_environment(&environment).map(absolute).collect();
            named_by = (!files.is_empty()).then_some("COMPOSE_FILE");
        }
        if files.is_empty() {
            let start = self.directory(&files, &here);
            files = self.find(&start).ok_or_else(|| self.not_found(start))?;
        }
        let directory = self.directory(&files, &here);
        // The project's folder is known only now, and may have an `.env` of its own.
        self.read_environment(&mut environment, &directory)?;
        let profiles = match &request.profiles[..] {
            [] => environment.get("COMPOSE_PROFILES").map(|names| split(names)).unwrap_or_default(),
            profiles => profiles.to_vec(),
        };
        Ok(Settings { files, named_by, directory, environment, profiles })
    }

    fn directory(&self, files: &[String], here: &str) -> String {
        match &self.request.project_directory {
            Some(directory) => absolute_path(here, &directory.to_string_lossy()),
            None => match files.iter().find(|file| *file != "-") {
                Some(file) => parent(file).to_owned(),
                None => join_path(here, "."),
            },
        }
    }

    /// The usual files in a folder, or in the first of its parents that has any.
    fn find(&mut self, start: &str) -> Option<Vec<String>> {
        let mut folder = start;
        loop {
            if let Some(file) = self.first_of(folder, &FILES) {
                let over = self.first_of(folder, &OVERRIDES);
                return Some([Some(file), over].into_iter().flatten().collect());
            }
            if parent(folder) == folder {
                return None;
            }
            folder = parent(folder);
        }
    }

    fn not_found(&self, start: String) -> LoadError {
        match &self.request.project_directory {
            Some(directory) if !source::is_folder(&start) => LoadError::Option {
                option: "--project-directory",
                value: directory.to_string_lossy().into_owned(),
                reason: "is not a folder that exists".to_owned(),
            },
            Some(_) | None => LoadError::NotFound { directory: start.into() },
        }
    }

    fn first_of(&mut self, folder: &str, names: &[&str]) -> Option<String> {
        let exists = |name: &&str| source::exists(&join_path(folder, name));
        let found: Vec<&str> = names.iter().copied().filter(exists).collect();
        if let [first, others @ ..] = &found[..]
            && !others.is_empty()
        {
            let others = others.join("`, `");
            self.problems.push(
                Diagnostic::warning("compose::files", format!("`{first}` is used, not `{others}`"))
                    .help("remove the others, or name the file with `-f`"),
            );
        }
        found.first().map(|name| join_path(folder, name))
    }

    /// Adds the variables of the env files, which give way to those that are set.
    fn read_environment(
        &mut self,
        environment: &mut Environment,
        directory: &str,
    ) -> Result<(), LoadError> {
        let here = self.request.working_dir.to_string_lossy();
        let mut files: Vec<String> =
            self.request.env_files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        let mut named_by = None;
        if let ([], Some(names)) = (&files[..], environment.get(ENV_FILES)) {
            files = split(names);
            named_by = Some(ENV_FILES);
        }
        files.retain(|file| !file.is_empty());
        for file in &mut files {
            *file = absolute_path(&here, file);
        }
        if files.is_empty() && !default_disabled(&self.request.environment)? {
            let usual = join_path(directory, ".env");
            files.extend(source::is_file(&usual).then_some(usual));
        }
        let mut found = Environment::default();
        for file in files {
            if let Err(error) = self.read_env_file(&file, environment, &mut found) {
                self.unread(&file, named_by, error)?;
            }
        }
        for (name, value) in found {
            environment.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Reads an env file whose variables may refer to those that are set.
    pub(crate) fn read_env_file(
        &mut self,
        file: &str,
        environment: &Environment,
        found: &mut Environment,
    ) -> io::Result<()> {
        let id = self.secret_file(file)?;
        let text = self.sources.get(id).text.clone();
        let lookup = |name: &str| environment.get(name).cloned();
        let told = dotenv::parse(&text, found, &lookup);
        self.told(told, id);
        Ok(())
    }

    pub(crate) fn secret_source(&mut self, file: &str, text: String) -> FileId {
        self.sources.add(Source { name: file.into(), text, secret: true })
    }

    pub(crate) fn tell_unset(&mut self, name: &str, file: FileId, line: usize) {
        if self.unset.insert(name.to_owned()) {
            let span = self.sources.line(file, line);
            self.problems.push(
                Diagnostic::warning(
                    "compose::unset-variable",
                    format!("the variable `{name}` is not set, and counts as empty"),
                )
                .at(span, "")
                .help(format!("set it above, or write `${{{name}:-}}`")),
            );
        }
    }

    pub(crate) fn bad_env_file(&mut self, error: &DotenvError, file: FileId) {
        let at = Span { file, start: error.at.start as u32, end: error.at.end as u32 };
        let kind = error.kind.to_string();
        self.problems.push(problem::grammar("dotenv::syntax", "this line", &kind, at));
    }

    /// The project's name. `named` is what the files say, with its place.
    pub(crate) fn project_name(
        &mut self,
        settings: &Settings,
        named: Option<(String, Span)>,
    ) -> Result<String, LoadError> {
        if let Some(name) = self.explicit_name(settings)? {
            return Ok(name);
        }
        let Some((text, span)) = named else {
            let folder = settings.directory.rsplit('/').next().unwrap_or_default();
            return Ok(self.normalized(folder, None));
        };
        if self.request.skip.interpolation {
            return Ok(self.normalized(&text, Some(span)));
        }
        // Problems of the name are told when the file is interpolated.
        let name = super::interpolate::filled_in(&text, &settings.environment);
        Ok(name.map_or_else(String::new, |name| self.normalized(&name, Some(span))))
    }

    fn explicit_name(&self, settings: &Settings) -> Result<Option<String>, LoadError> {
        let variable = "COMPOSE_PROJECT_NAME";
        let set = settings.environment.get(variable).map(|name| (variable, name));
        let (option, name) = match &self.request.project_name {
            Some(name) if !name.is_empty() => ("--project-name", name),
            Some(_) | None => match set.filter(|(_, name)| !name.is_empty()) {
                Some(set) => set,
                None => return Ok(None),
            },
        };
        match name.parse::<crate::value::ProjectName>() {
            Ok(name) => Ok(Some(name.to_string())),
            Err(error) => {
                Err(LoadError::Option { option, value: name.clone(), reason: error.to_string() })
            }
        }
    }

    fn normalized(&mut self, text: &str, span: Option<Span>) -> String {
        if span.is_some() && self.request.skip.normalization {
            return text.to_owned();
        }
        let name = crate::value::ProjectName::normalize(text);
        if name.is_empty() {
            self.problems.push(match span {
                Some(span) => no_name(&format!("`{text}`")).at(span, ""),
                None if text.is_empty() => no_name("the folder `/`"),
                None => no_name(&format!("the folder's name `{text}`")),
            });
        }
        name
    }

    /// A file that another one refers to: what is wrong with it is told there.
    pub(crate) fn read_reference(&mut self, path: &str, at: Span) -> Option<FileId> {
        if let Some(id) = self.sources.id(path.as_ref()) {
            return Some(id);
        }
        match source::read(path) {
            Ok(text) => Some(self.sources.add(Source { name: path.into(), text, secret: false })),
            Err(error) => {
                self.problems.push(problem::unreadable(path, &error, at));
                None
            }
        }
    }
}

fn no_name(text: &str) -> Diagnostic {
    let message = format!("no project name can be made of {text}");
    Diagnostic::error("compose::project-name", message).help(
        "write `name: NAME` in the file, or use `-p NAME`; \
         a name has lower-case letters, digits, `-` and `_`",
    )
}

fn files_in_environment(environment: &Environment) -> impl Iterator<Item = &str> {
    let separator = match environment.get("COMPOSE_PATH_SEPARATOR").map(String::as_str) {
        None | Some("") if cfg!(windows) => ";",
        None | Some("") => ":",
        Some(separator) => separator,
    };
    let files = environment.get("COMPOSE_FILE").map(String::as_str);
    files.into_iter().flat_map(move |files| files.split(separator)).filter(|file| !file.is_empty())
}

/// Whether `.env` shall not be read of itself.
fn default_disabled(environment: &Environment) -> Result<bool, LoadError> {
    let option = "COMPOSE_DISABLE_ENV_FILE";
    let Some(value) = environment.get(option) else { return Ok(false) };
    match value.as_str() {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Ok(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Ok(false),
        _ => {
            let reason = "is neither `true` nor `false`".to_owned();
            Err(LoadError::Option { option, value: value.clone(), reason })
        }
    }
}

fn split(names: &str) -> Vec<String> {
    names.split(',').map(|name| name.trim().to_owned()).collect()
}

/// The folder that a file or folder lies in; the root lies in itself.
pub(crate) fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}
