//! Two runs at once on one stack: one works and the other joins it or steps back.

use std::process::{Child, Stdio};

use super::story::{UP, left};
use crate::account::{Project, Run, SHOP};

/// How often each pair is let loose: who is first is chance.
const ROUNDS: usize = 4;

#[test]
fn two_who_make_the_same_stack() {
    let expected = left(&deployed());
    for round in 0..ROUNDS {
        let project = shop();
        let runs = both(&project, [UP, UP]);
        one_works(&runs, round);
        is_whole(&project, "CREATE_COMPLETE", &expected);
    }
}

#[test]
fn two_who_change_a_stack_in_the_same_way() {
    let expected = left(&deployed());
    for round in 0..ROUNDS {
        let project = deployed();
        project.write("compose.yaml", &SHOP.replace("acme/web:1", "acme/web:2"));
        let runs = both(&project, [UP, UP]);
        one_works(&runs, round);
        is_whole(&project, "UPDATE_COMPLETE", &expected);
    }
}

#[test]
fn two_who_want_different_things_of_a_stack() {
    let expected = left(&deployed());
    for round in 0..ROUNDS {
        let project = deployed();
        let other = "up --no-resolve --image web=acme/web:3";
        let runs = both(&project, ["up --no-resolve --image web=acme/web:2", other]);
        one_works(&runs, round);
        let again = project.run(UP);
        assert_eq!(again.code, Some(0), "{again:?}");
        is_whole(&project, "UPDATE_COMPLETE", &expected);
    }
}

#[test]
fn one_who_removes_what_another_changes() {
    let expected = left(&deployed_with(&SHOP.replace("web:1", "web:2")));
    for round in 0..ROUNDS {
        let project = deployed();
        project.write("compose.yaml", &SHOP.replace("acme/web:1", "acme/web:2"));
        let runs = both(&project, [UP, "down"]);
        one_works(&runs, round);
        project.account.settled("shop");
        let again = project.run(UP);
        assert_eq!(again.code, Some(0), "{again:?}");
        assert_eq!(left(&project), expected);
    }
}

fn shop() -> Project {
    let project = Project::new(SHOP);
    project.write("token", "hunter2");
    project
}

fn deployed() -> Project {
    deployed_with(SHOP)
}

fn deployed_with(compose: &str) -> Project {
    let project = shop();
    project.write("compose.yaml", compose);
    let run = project.run(UP);
    assert_eq!(run.code, Some(0), "{run:?}");
    project
}

fn both(project: &Project, arguments: [&str; 2]) -> [Run; 2] {
    let begin = |arguments: &str| -> Child {
        let mut command = project.command(arguments, &project.account);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
    };
    arguments.map(begin).map(|child| Run::from(child.wait_with_output().expect("it is our child")))
}

/// At least one succeeds; the other does, too, or says that it was not alone, or that the
/// stack was removed under its hands. The local AWS, but not Amazon, forgets a stack that is
/// removed as soon as there is another one of its name.
fn one_works(runs: &[Run; 2], round: usize) {
    assert!(runs.iter().any(|run| run.code == Some(0)), "round {round}: {runs:#?}");
    for run in runs.iter().filter(|run| run.code != Some(0)) {
        if run.code == Some(4) && run.errors.contains("failed: DELETE_COMPLETE") {
            continue;
        }
        assert_eq!(run.code, Some(3), "round {round}: {run:?}");
        let told = ["somebody", "DescribeStackEvents: Stack [arn:"];
        assert!(told.iter().any(|it| run.errors.contains(it)), "round {round}: {run:?}");
    }
}

/// Nothing is doubled, left behind or still to do.
fn is_whole(project: &Project, status: &str, expected: &[String]) {
    assert_eq!(project.account.settled("shop"), status);
    let plan = project.run("plan --no-resolve --exit-code");
    assert_eq!(plan.code, Some(0), "{plan:?}");
    let found = left(project);
    assert_eq!(found[..found.len() - 1], expected[..expected.len() - 1]);
}
