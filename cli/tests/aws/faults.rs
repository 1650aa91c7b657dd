//! Whatever a network and a busy AWS do to a call, the run succeeds, or says what to do;
//! nothing is doubled, nothing is left behind.

mod config;
mod proxies;
mod refused;
mod story;
mod together;

use std::time::Duration;

use testkit::proxy::{Proxy, Rule};

use self::story::{Case, Story, everywhere, is_chosen};

#[test]
fn a_stack_that_is_made_while_calls_fail() {
    endures(&story::MADE);
}

#[test]
fn a_stack_that_is_changed_while_calls_fail() {
    endures(&story::CHANGED);
}

#[test]
fn a_stack_that_is_removed_while_calls_fail() {
    endures(&story::REMOVED);
}

/// What happens to a call and to what is said when it is made again: it takes effect, and
/// nobody hears of it, which is another matter for each call; and for some of them, it is
/// turned away, fails, is cut and is slow.
fn troubles(case: &Case) -> Vec<Vec<Rule>> {
    let rule = || Rule::on(&case.call).skip(case.skip);
    let mut troubles = vec![vec![rule().cut_after(), Rule::on(&case.call).fail(500)]];
    if is_chosen(case, 3) {
        // Each is for one attempt: the next finds the next.
        troubles.push(vec![
            rule().throttle(),
            Rule::on(&case.call).fail(503),
            Rule::on(&case.call).cut_before(),
            Rule::on(&case.call).delay(Duration::from_millis(700)),
        ]);
    }
    troubles
}

fn endures(story: &Story) {
    let expected = story.undisturbed();
    everywhere(story, |case| {
        for rules in troubles(case) {
            let project = story.project();
            let proxy = Proxy::before(&project.account);
            rules.into_iter().for_each(|rule| proxy.rule(rule));
            let run = project.run_through(&proxy, story.arguments);
            assert_eq!(run.code, Some(0), "{case:?}: {run:?}");
            assert_eq!(story::left(&project), expected, "{case:?}: {run:?}");
        }
    });
}
