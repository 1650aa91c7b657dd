//! Whole projects: what we make of each, and what Docker makes of it.

use compose_model::{Project, Request};

use serde_json::Value;

use crate::case::{Case, with_places};
use crate::corpus::{Expectation, corpus};
use crate::difference::{same, with_texts};
use crate::fact::Checked;
use crate::outcome::{Outcome, load};
use crate::tally::Tally;

#[test]
fn projects_are_what_docker_makes_of_them() {
    let Some(corpus) = corpus() else { return };
    let mut tally = Tally::new("conformance");
    let (mut facts, mut beyond, mut unknown) = (Checked::default(), 0, 0);
    for name in corpus.projects() {
        let case = corpus.case(&name);
        let request = case.request();
        let outcome = match load(&request) {
            Ok(outcome) => outcome,
            Err(broken) => {
                tally.wrong(&name, &broken);
                continue;
            }
        };
        match corpus.expectation(&name) {
            Some(_) if case.is_beyond_a_request() => {
                beyond += 1;
                facts.unread += case.expect.facts.len();
            }
            Some(expectation) => {
                tally.count(&name, agreement(&case, &request, expectation, outcome, &mut facts));
            }
            None => unknown += 1,
        }
    }
    let Checked { checked, unread } = facts;
    tally.finish(&format!(
        ", {beyond} need an option that no command line has\n\
         conformance: {checked} facts of Docker's tests were checked, {unread} could not be\n\
         conformance: {unknown} projects without a known answer were loaded or refused properly"
    ));
}

fn agreement(
    case: &Case,
    request: &Request,
    expectation: Expectation,
    outcome: Outcome,
    facts: &mut Checked,
) -> Result<(), String> {
    match (outcome, expectation) {
        (Outcome::Accepted(loaded), Expectation { ok: true, config, .. }) => {
            let ours = serde_json::to_value(loaded.project.json_value());
            let ours = ours.expect("a project is JSON");
            let place = |value| with_texts(value, &|text| with_places(text, request));
            let docker = place(config);
            let everything = everything(&loaded.project);
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
