//! Whole projects: what we make of each, and what Docker makes of it.

use compose_model::{Project, Request};
use serde_json::Value;

use crate::case::{Case, with_places};
use crate::corpus::{Corpus, Expectation, corpus};
use crate::difference::{same, with_texts};
use crate::fact::Checked;
use crate::outcome::{Outcome, load};
use crate::tally::Tally;

#[test]
fn projects_are_what_docker_makes_of_them() {
    let Some(corpus) = corpus() else { return };
    let mut judge = Judge::new();
    for name in corpus.projects() {
        judge.judge(corpus, &name);
    }
    judge.finish();
}

/// What is known after some projects.
struct Judge {
    tally: Tally,
    facts: Checked,
    /// Projects that were loaded with options of the library.
    beyond: usize,
    /// Projects of which it is not known what Docker makes of them.
    unknown: usize,
}

impl Judge {
    fn new() -> Self {
        let tally = Tally::new("conformance", "projects");
        Self { tally, facts: Checked::default(), beyond: 0, unknown: 0 }
    }

    /// Loads a project, whether or not it is known what should become of it.
    fn judge(&mut self, corpus: &Corpus, name: &str) {
        let case = corpus.case(name);
        let request = case.request();
        let outcome = match load(request.clone()) {
            Ok(outcome) => outcome,
            Err(broken) => return self.tally.wrong(name, &broken),
        };
        match corpus.expectation(name) {
            Some(_) if case.is_beyond_a_request() => {
                self.beyond += 1;
                self.facts.unread += case.expect.facts.len();
            }
            Some(expectation) => {
                let agrees = agreement(&case, &request, expectation, outcome, &mut self.facts);
                self.tally.count(name, agrees);
            }
            None => self.unknown += 1,
        }
    }

    fn finish(self) {
        let Self { tally, facts: Checked { checked, unread }, beyond, unknown } = self;
        tally.finish(&format!(
            ", {beyond} need an option that no command line has\n\
             conformance: {unknown} projects without a known answer were loaded or refused properly\n\
             conformance: {checked} facts of Docker's tests were checked, {unread} are not about what is printed"
        ));
    }
}

fn agreement(
    case: &Case,
    request: &Request,
    expectation: Expectation,
    outcome: Outcome<Project>,
    facts: &mut Checked,
) -> Result<(), String> {
    match (outcome, expectation) {
        (Outcome::Accepted(project), Expectation { ok: true, config, .. }) => {
            let ours = serde_json::to_value(project.json_value());
            let ours = ours.expect("a project is JSON");
            let place = |value| with_texts(value, &|text| with_places(text, request));
            let docker = place(config);
            let everything = everything(&project);
            same(ours, docker.clone())?;
            facts.check(&case.expect.facts, &everything, &docker, &place)
        }
        (Outcome::Refused(_), Expectation { ok: false, .. }) => {
            facts.unread += case.expect.facts.len();
            Ok(())
        }
        (Outcome::Refused(reason), Expectation { ok: true, .. }) => {
            Err(format!("we refuse it: {reason}"))
        }
        (Outcome::Accepted(_), Expectation { error, .. }) => {
            Err(format!("Docker refuses it: {error}"))
        }
    }
}

/// A project with what Docker's JSON leaves out.
pub(crate) fn everything(project: &Project) -> Value {
    serde_json::to_value(project.value()).expect("a project is JSON")
}
