//! AWS says no: to a call that is not allowed, or to everything when credentials expire.

use testkit::proxy::{Proxy, Rule};

use super::story::{self, Story, everywhere, here_and_there, left};
use crate::account::{Project, Run};

#[test]
fn a_call_that_is_not_allowed_is_named_while_a_stack_is_made() {
    names_what_is_denied(&story::MADE);
}

#[test]
fn a_call_that_is_not_allowed_is_named_while_a_stack_is_changed() {
    names_what_is_denied(&story::CHANGED);
}

#[test]
fn a_call_that_is_not_allowed_is_named_while_a_stack_is_removed() {
    names_what_is_denied(&story::REMOVED);
}

#[test]
fn credentials_that_expire_while_a_stack_is_made() {
    goes_on_after_signing_in(&story::MADE);
}

#[test]
fn credentials_that_expire_while_a_stack_is_changed() {
    goes_on_after_signing_in(&story::CHANGED);
}

#[test]
fn credentials_that_expire_while_a_stack_is_removed() {
    goes_on_after_signing_in(&story::REMOVED);
}

/// Whatever is denied, its name is told; what is allowed next time is done then.
fn names_what_is_denied(story: &Story) {
    let expected = story.undisturbed();
    everywhere(story, |case| {
        if case.skip > 0 {
            return;
        }
        let project = story.project();
        let proxy = Proxy::before(&project.account);
        proxy.rule(Rule::on(&case.call).always().deny());
        let run = project.run_through(&proxy, story.arguments);
        let action = action(&case.call);
        assert!(run.errors.contains(&action), "{action}: {run:?}");
        // What is left of earlier removals is only told, too.
        let is_left_out = run.errors.contains("are not listed");
        if !is_left_out && !is_dispensable(&action) {
            assert_eq!(run.code, Some(3), "{action}: {run:?}");
            assert!(run.errors.contains("allow"), "{action}: {run:?}");
        }
        settle(&project);
        let again = project.run(story.arguments);
        assert_eq!(again.code, Some(0), "{action}: {again:?}");
        assert_eq!(left(&project), expected, "{action}: {again:?}");
    });
}

/// What is only told at the end, and is left out with a word on why.
fn is_dispensable(action: &str) -> bool {
    let only_shown = ["DescribeListeners", "DescribeLoadBalancers", "DescribeTargetHealth"];
    action.split_once(':').is_some_and(|(_, call)| only_shown.contains(&call))
}

/// From any call on, AWS knows nobody any more: that is told with what to do, and then
/// the same command does the rest.
fn goes_on_after_signing_in(story: &Story) {
    let expected = story.undisturbed();
    here_and_there(2, story, |case| {
        let project = story.project();
        let proxy = Proxy::before(&project.account);
        proxy.rule(Rule::on("*").skip(case.place).always().expire());
        let run = project.run_through(&proxy, story.arguments);
        // How often it looks what happens depends on time.
        if proxy.count("*") > case.place {
            assert_eq!(run.code, Some(3), "{case:?}: {run:?}");
            is_kind(&run, &format!("{case:?}"));
        }
        settle(&project);
        let again = project.run(story.arguments);
        assert_eq!(again.code, Some(0), "{case:?}: {again:?}");
        assert_eq!(left(&project), expected, "{case:?}: {again:?}");
    });
}

fn is_kind(run: &Run, place: &str) {
    let Run { errors, .. } = run;
    assert!(errors.contains("sign in again"), "{place}: {errors}");
    assert!(errors.contains("run the command again"), "{place}: {errors}");
}

/// What was begun goes on by itself.
fn settle(project: &Project) {
    project.account.settled("shop");
}

/// The permission that a call needs: `cloudformation:CreateStack`.
fn action(call: &str) -> String {
    let (service, operation) = call.split_once('.').expect("a call has a service");
    let service = match service {
        "EFS" => "elasticfilesystem".to_owned(),
        "ELB" => "elasticloadbalancing".to_owned(),
        other => other.to_lowercase(),
    };
    let operation = match operation {
        "GET /2015-02-01/file-systems" => "DescribeFileSystems",
        "GET /2015-02-01/mount-targets" => "DescribeMountTargets",
        other => other,
    };
    format!("{service}:{operation}")
}
