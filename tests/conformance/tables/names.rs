//! Where a project's name comes from.

use compose_model::{Environment, Request};
use serde::Deserialize;
use serde_json::json;

use super::{Row, accepted, check, refused};
use crate::case::with_home;
use crate::corpus::Corpus;
use crate::outcome::load;

#[derive(Deserialize)]
struct Name {
    id: String,
    source: String,
    value: String,
    #[serde(default)]
    env: Environment,
    expected: Option<String>,
}

#[test]
fn projects_are_named_as_docker_names_them() {
    check::<Name>("project-names");
}

impl Row for Name {
    fn id(&self) -> &str {
        &self.id
    }

    fn holds(&self, _: &Corpus) -> Result<(), String> {
        let outcome = load(self.request()?)?;
        let Some(expected) = &self.expected else { return refused(outcome) };
        let name = accepted(outcome)?.name;
        if name == *expected {
            Ok(())
        } else {
            Err(format!("ours {name:?}, Docker's {expected:?}"))
        }
    }
}

impl Name {
    fn request(&self) -> Result<Request, String> {
        let value = self.value.clone();
        let mut file = json!({"services": {"web": {"image": "nginx"}}});
        let mut request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            environment: with_home(self.env.clone()),
            ..Request::default()
        };
        match self.source.as_str() {
            "--project-name" => request.project_name = Some(value),
            "directory" => request.working_dir = request.working_dir.join(value),
            "name: in compose file" => file["name"] = json!(value),
            variable if variable.starts_with("COMPOSE_") => {
                request.environment.insert(variable.to_owned(), value);
            }
            source => return Err(format!("no request has a {source:?}")),
        }
        request.stdin = Some(file.to_string());
        Ok(request)
    }
}
