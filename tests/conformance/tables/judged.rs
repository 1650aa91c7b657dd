//! Files that Docker refuses, and their accepted twins.

use compose_model::{Environment, Request, Skip};
use serde::Deserialize;

use super::{Row, accepted, anywhere, check, refused, with_files};
use crate::case::{Options, with_home};
use crate::corpus::Corpus;
use crate::outcome::{Outcome, load, read};

#[derive(Deserialize)]
struct Judged {
    id: String,
    yaml: String,
    stage: String,
    project: Option<String>,
    #[serde(default)]
    env: Environment,
    options: Option<Options>,
    error: Option<Complaint>,
}

#[derive(Deserialize)]
struct Complaint {
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Invalid(Judged);

#[derive(Deserialize)]
#[serde(transparent)]
struct Valid(Judged);

#[test]
fn what_docker_refuses_is_refused() {
    check::<Invalid>("invalid");
}

#[test]
fn what_docker_accepts_is_accepted() {
    check::<Valid>("valid");
}

impl Row for Invalid {
    fn id(&self) -> &str {
        &self.0.id
    }

    fn holds(&self, corpus: &Corpus) -> Result<(), String> {
        refused(self.0.outcome(corpus)?)
    }
}

impl Row for Valid {
    fn id(&self) -> &str {
        &self.0.id
    }

    fn holds(&self, corpus: &Corpus) -> Result<(), String> {
        accepted(self.0.outcome(corpus)?)
    }
}

impl Judged {
    fn outcome(&self, corpus: &Corpus) -> Result<Outcome<()>, String> {
        let request = Request {
            environment: with_home(self.env.clone()),
            skip: self.skip(),
            ..self.project.as_ref().map_or_else(anywhere, |name| corpus.case(name).request())
        };
        let request = match &self.error {
            // A folder that has a name lends it to the project.
            Some(error) if error.message.as_deref() == Some("project name must not be empty") => {
                Request { project_directory: Some("/".into()), project_name: None, ..request }
            }
            Some(_) | None => request,
        };
        with_files(&[&self.yaml], request, |request| {
            if request.skip.interpolation {
                return read(request);
            }
            Ok(match load(request)? {
                Outcome::Accepted(_) => Outcome::Accepted(()),
                Outcome::Refused(reason) => Outcome::Refused(reason),
            })
        })
    }

    /// What does not exist is only missed at the last stage.
    fn skip(&self) -> Skip {
        let skip = Skip {
            consistency: self.stage != "consistency",
            interpolation: self.stage == "schema (before interpolation)",
            ..Skip::default()
        };
        self.options.as_ref().map_or(skip, Options::skip)
    }
}
