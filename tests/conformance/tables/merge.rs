//! What becomes of several files.

use compose_model::{Environment, Request, Skip};
use serde::Deserialize;

use super::{Row, anywhere, check, project};
use crate::case::{Options, with_home, with_places};
use crate::corpus::Corpus;
use crate::difference::{same, with_texts};
use crate::fact::{Checked, Fact};
use crate::projects::everything;

/// Either a file, one to merge over it, and one that says the same; or the
/// files of a project, and what is found in it.
#[derive(Deserialize)]
struct Merge {
    id: String,
    base: Option<String>,
    #[serde(rename = "override")]
    over: Option<String>,
    expected: Option<String>,
    #[serde(default)]
    files: Vec<String>,
    project: Option<String>,
    #[serde(default)]
    env: Environment,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    facts: Vec<Fact>,
}

#[test]
fn files_merge_as_docker_merges_them() {
    check::<Merge>("merge-rules");
}

impl Row for Merge {
    fn id(&self) -> &str {
        &self.id
    }

    fn holds(&self, corpus: &Corpus) -> Result<(), String> {
        match (&self.expected, &self.project) {
            (Some(expected), _) => self.says_the_same_as(expected),
            (None, Some(project)) => self.facts_hold(corpus, project),
            (None, None) => Err("nothing is expected of it".to_owned()),
        }
    }
}

impl Merge {
    /// The row is about text before it is brought to one form; whether two texts
    /// say the same shows when both are.
    fn says_the_same_as(&self, expected: &str) -> Result<(), String> {
        let skip = Skip {
            normalization: true,
            consistency: true,
            environment_resolution: true,
            ..Skip::default()
        };
        let request = Request { skip, ..anywhere() };
        let files: Vec<&str> = self.base.iter().chain(&self.over).map(String::as_str).collect();
        let ours = project(&files, request.clone())?;
        same(everything(&ours), everything(&project(&[expected], request)?))
    }

    fn facts_hold(&self, corpus: &Corpus, name: &str) -> Result<(), String> {
        // Without a folder, paths stay as they are.
        let path_resolution = self.options.skip().path_resolution || self.options.working_dir_unset;
        let request = Request {
            environment: with_home(self.env.clone()),
            skip: Skip { path_resolution, ..self.options.skip() },
            ..corpus.case(name).request()
        };
        let place = |value| with_texts(value, &|text| with_places(text, &request));
        let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
        let ours = everything(&project(&files, request.clone())?);
        let docker = corpus.expectation(name).map(|expectation| expectation.config);
        let mut checked = Checked::default();
        checked.check(&self.facts, &ours, &place(docker.unwrap_or_default()), &place)?;
        if checked.checked == 0 {
            Err("none of its facts can be checked".to_owned())
        } else {
            Ok(())
        }
    }
}
