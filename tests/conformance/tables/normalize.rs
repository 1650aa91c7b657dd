//! What a project has without saying so.

use compose_model::{Environment, Request, Skip};
use serde::Deserialize;

use super::{Row, anywhere, check, project};
use crate::case::with_home;
use crate::corpus::Corpus;
use crate::difference::same;
use crate::projects::everything;

/// A file, and one that says the same with everything in it.
#[derive(Deserialize)]
struct Normalize {
    id: String,
    input: String,
    env: Environment,
    expected: String,
}

#[test]
fn what_is_implied_is_added() {
    check::<Normalize>("normalize");
}

impl Row for Normalize {
    fn id(&self) -> &str {
        &self.id
    }

    fn holds(&self, _: &Corpus) -> Result<(), String> {
        // The rows are about a later phase than that which gives names their form.
        let lowercase = |text: &String| text.replace("myProject", "myproject");
        let skip = Skip { consistency: true, path_resolution: true, ..Skip::default() };
        let environment = with_home(self.env.clone());
        let request = Request { environment, skip, ..anywhere() };
        let skip = Skip { normalization: true, ..skip };
        let ours = project(&[&lowercase(&self.input)], request.clone())?;
        let docker = project(&[&lowercase(&self.expected)], Request { skip, ..request })?;
        same(everything(&ours), everything(&docker))
    }
}
