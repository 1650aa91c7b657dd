//! `env_file` and `label_file`: what they hold joins `environment` and `labels`.

use std::io;

use super::{Loader, problem, source};
use crate::diagnostic::Diagnostic;
use crate::dotenv;
use crate::project::Project;
use crate::request::Environment;
use crate::service::{EnvFile, Service};
use crate::source::{FileId, Span};
use crate::tree::Node;
use crate::value::absolute_path;

impl Loader<'_> {
    /// Reads the files of every service that takes part.
    pub(crate) fn read_env_files(
        &mut self,
        project: &mut Project,
        model: &Node,
        environment: &Environment,
    ) {
        for (name, service) in &mut project.services {
            for (variable, value) in &mut service.environment.0 {
                if value.is_none() {
                    *value = environment.get(variable).cloned();
                }
            }
            let node = model.get("services").and_then(|services| services.get(name));
            let Some(node) = node else { continue };
            self.read_variables(service, node, environment);
            self.read_labels(service, node);
        }
    }

    fn read_variables(&mut self, service: &mut Service, node: &Node, environment: &Environment) {
        if service.env_file.is_empty() {
            return;
        }
        let own = &service.environment.0;
        let mut variables: Environment =
            own.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
        let lookup = |name: &str| {
            environment.get(name).cloned().or_else(|| own.get(name).cloned().flatten())
        };
        let places = node.items("env_file");
        for (file, place) in service.env_file.iter().zip(places) {
            self.read_one(file, place, &mut variables, &lookup);
        }
        let mut all = variables
            .into_iter()
            .map(|(name, value)| (name, Some(value)))
            .collect::<indexmap::IndexMap<_, _>>();
        // What the service says itself counts, even that a variable has no value.
        all.extend(std::mem::take(&mut service.environment.0));
        service.environment.0 = all;
    }

    fn read_one(
        &mut self,
        file: &EnvFile,
        place: &Node,
        variables: &mut Environment,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) {
        let path = file.path.as_deref().unwrap_or_default();
        let at = place.get("path").map_or(place.span, |path| path.span);
        if !file.is_required() && !source::exists(&self.absolute(path)) {
            return;
        }
        let Some((id, text)) = self.secret_text(path, at) else { return };
        let told = match file.format.as_deref() {
            None => dotenv::parse(&text, variables, lookup),
            Some("raw") => dotenv::parse_raw(&text, variables, lookup).map(|()| Vec::new()),
            Some(format) => {
                let at = place.get("format").map_or(at, |format| format.span);
                self.problems.push(
                    Diagnostic::error(
                        "compose::value",
                        format!("`{format}` is not a format of env files"),
                    )
                    .at(at, "")
                    .help("write `format: raw`, or leave it out"),
                );
                return;
            }
        };
        self.told(told, id);
    }

    fn read_labels(&mut self, service: &mut Service, node: &Node) {
        if service.label_file.is_empty() {
            return;
        }
        let mut labels = Environment::default();
        for (path, place) in service.label_file.iter().zip(node.items("label_file")) {
            let Some((id, text)) = self.secret_text(path, place.span) else { continue };
            let mut found = Environment::default();
            let told = dotenv::parse(&text, &mut found, &|name| labels.get(name).cloned());
            self.told(told, id);
            labels.extend(found);
        }
        labels.extend(std::mem::take(&mut service.labels.0));
        service.labels.0 = labels;
    }

    pub(crate) fn told(
        &mut self,
        told: Result<Vec<dotenv::Unset>, dotenv::DotenvError>,
        file: FileId,
    ) {
        match told {
            Ok(unset) => {
                for mention in unset {
                    self.tell_unset(&mention.name, file, mention.line);
                }
            }
            Err(error) => self.bad_env_file(&error, file),
        }
    }

    /// The text of a file whose values may be secrets.
    fn secret_text(&mut self, path: &str, at: Span) -> Option<(FileId, String)> {
        match self.secret_file(&self.absolute(path)) {
            Ok(id) => Some((id, self.sources.get(id).text.clone())),
            Err(error) => {
                self.problems.push(problem::unreadable(path, &error, at));
                None
            }
        }
    }

    /// Where a file is: its path is as it was written where the request leaves
    /// paths alone.
    fn absolute(&self, path: &str) -> String {
        absolute_path(&self.request.working_dir.to_string_lossy(), path)
    }

    pub(crate) fn secret_file(&mut self, path: &str) -> io::Result<FileId> {
        match self.sources.id(path.as_ref()) {
            Some(id) => Ok(id),
            None => Ok(self.secret_source(path, source::read(path)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Request, Skip};

    #[test]
    fn unresolved_paths_start_where_the_command_runs() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("web.env"), "A=1").unwrap();
        let request = Request {
            working_dir: folder.path().to_owned(),
            files: vec!["-".into()],
            stdin: Some("services: {web: {image: nginx, env_file: web.env}}".to_owned()),
            skip: Skip { path_resolution: true, ..Skip::default() },
            ..Request::default()
        };
        let project = crate::load(&request).unwrap().project;
        let web = &project.services["web"];
        assert_eq!(web.env_file[0].path.as_deref(), Some("web.env"));
        assert_eq!(web.environment.0["A"].as_deref(), Some("1"));
    }
}
