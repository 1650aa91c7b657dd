//! Variables, in a file.

use compose_model::{Environment, Request};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Row, accepted, anywhere, check, refused, with_files};
use crate::case::with_home;
use crate::corpus::Corpus;
use crate::difference::same;
use crate::outcome::load;
use crate::projects::everything;

/// Texts with variables, and what becomes of them.
#[derive(Deserialize)]
struct Interpolation {
    id: String,
    #[serde(alias = "template")]
    tree: Value,
    env: Environment,
    #[serde(alias = "expected")]
    expected_tree: Option<Value>,
}

#[test]
fn variables_are_replaced_as_docker_replaces_them() {
    check::<Interpolation>("interpolation");
}

impl Row for Interpolation {
    fn id(&self) -> &str {
        &self.id
    }

    /// The loader replaces variables in an author's own keys too, which may
    /// hold anything.
    fn holds(&self, _: &Corpus) -> Result<(), String> {
        let file = json!({"services": {"web": {"image": "nginx"}}, "x-tree": self.tree});
        let request = Request { environment: with_home(self.env.clone()), ..anywhere() };
        let outcome = with_files(&[&file.to_string()], request, load)?;
        match &self.expected_tree {
            Some(expected) => {
                same(everything(&accepted(outcome)?)["x-tree"].take(), expected.clone())
            }
            None => refused(outcome),
        }
    }
}
