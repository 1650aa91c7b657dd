use ecs_apply::rollout::{Begun, News, Phase, Standing};
use ecs_apply::{AwsError, Finding, Kind, ServiceName, Source};
use jiff::Timestamp;

use super::*;

fn arn(number: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-web:{number}")
}

fn about() -> About {
    About {
        key: "6f1c".to_owned(),
        service: Some("web".to_owned()),
        cluster: "shop".to_owned(),
        family: Some("shop-web".to_owned()),
        region: Some("eu-west-1".to_owned()),
        commit_url: Some("https://example.com/commit/1".to_owned()),
        deployer: None,
        logs: vec![("app".to_owned(), "/ecs/web".to_owned())],
    }
}

fn story() -> Story {
    let mut story = Story::default();
    let seconds = Duration::from_secs;
    story.hear(&News::Found { runs: arn(41), standing: Standing::New }, seconds(1));
    story.hear(&News::Registered { revision: arn(42) }, seconds(2));
    let deployment = "ecs-svc/9".to_owned();
    story.hear(&News::Updated { revision: arn(42), deployment }, seconds(3));
    let progress = News::Progress { phase: Phase::Running, running: 1, desired: 2, failed: 0 };
    story.hear(&progress, seconds(20));
    story.end(seconds(65));
    story
}

fn cause_of_image() -> Cause {
    Cause {
        kind: Kind::ImageNotFound,
        subject: "web".to_owned(),
        message: "the image shop/web:9 is not there".to_owned(),
        first: Some(Timestamp::UNIX_EPOCH),
        tasks: 2,
        findings: vec![Finding {
            time: None,
            source: Source::Task { id: "a1b2c3d4e5f6".to_owned() },
            text: "CannotPullContainerError: shop/web:9: not found".to_owned(),
        }],
        log: None,
        help: "push the image, or repair its name".to_owned(),
    }
}

fn report(outcome: Outcome) -> Result<Report, RolloutError> {
    let failed = matches!(outcome, Outcome::Failed { .. });
    Ok(Report {
        outcome,
        revision: Some(arn(42)),
        before: arn(41),
        is_idle: false,
        causes: if failed { vec![cause_of_image()] } else { Vec::new() },
        said: vec!["(service web) has started 2 tasks.".to_owned()],
    })
}

fn told(answer: &Result<Report, RolloutError>) -> String {
    result(Answer::Rollout(answer), &about(), &story(), 9).text()
}

#[test]
fn every_outcome_says_what_is_so_now() {
    let failed = |failure, rollback| Outcome::Failed { failure, rollback };
    let timed_out = |phase| Failure::TimedOut { phase, after: Duration::from_secs(300) };
    let reason = || Some("tasks failed to start.".to_owned());
    let outcomes = [
        Outcome::Deployed,
        Outcome::Already,
        Outcome::Superseded { by: arn(43) },
        Outcome::Superseded { by: String::new() },
        Outcome::Stale { by: arn(43) },
        failed(Failure::Reverted { to: arn(41), reason: reason() }, None),
        failed(Failure::GivenUp { reason: reason() }, None),
        failed(Failure::GivenUp { reason: None }, Some(Rollback::Done { to: arn(41) })),
        failed(Failure::CannotStart(Box::new(cause_of_image())), None),
        failed(
            Failure::TasksFail { failed: 4, desired: 2 },
            Some(Rollback::NotOurs { runs: arn(43) }),
        ),
        failed(
            timed_out(Phase::Started),
            Some(Rollback::Failed { reason: "shop-web:41 cannot start".to_owned() }),
        ),
        failed(timed_out(Phase::Draining), None),
        failed(Failure::Gone, None),
    ];
    let all: Vec<String> = outcomes.into_iter().map(|it| told(&report(it)) + "\n").collect();
    insta::assert_snapshot!(all.concat());
}

#[test]
fn every_error_says_what_to_do() {
    let web = || ServiceName { cluster: "shop".to_owned(), service: "web".to_owned() };
    let refused = |code: &str| AwsError::Refused {
        action: "ecs:UpdateService",
        code: code.to_owned(),
        message: "it said no".to_owned(),
    };
    let remark =
        || Remark { at: "$.networkMode".to_owned(), message: "has to be awsvpc".to_owned() };
    let errors = [
        RolloutError::NoService(web()),
        RolloutError::NoCluster("shop".to_owned()),
        RolloutError::NotActive { service: web(), status: "DRAINING".to_owned() },
        RolloutError::Controller { service: web(), controller: "CODE_DEPLOY".to_owned() },
        RolloutError::Unfit { service: web(), remarks: vec![remark(), remark()] },
        RolloutError::Rejected(refused("ClientException")),
        RolloutError::NotUpdated {
            service: web(),
            revision: arn(42),
            source: Box::new(refused("InvalidParameterException")),
        },
        RolloutError::Rehearsal { service: web(), reason: "it ended with 3".to_owned() },
        RolloutError::Withdrawn(web()),
        RolloutError::Aws(refused("AccessDeniedException")),
        RolloutError::Aws(refused("ThrottlingException")),
        RolloutError::Aws(refused("ExpiredTokenException")),
    ];
    let all: Vec<String> = errors.into_iter().map(|it| told(&Err(it)) + "\n").collect();
    insta::assert_snapshot!(all.concat());
}

#[test]
fn a_message_that_cannot_be_used_says_how_one_is_sent() {
    let remarks = [Remark { at: "attribute service".to_owned(), message: "is missing".to_owned() }];
    let about = About { service: None, family: None, logs: Vec::new(), ..about() };
    let told = result(Answer::Unusable(&remarks), &about, &Story::default(), 1);
    assert_eq!((told.status, told.exit), (Status::Refused, Exit::Unusable));
    insta::assert_snapshot!(told.text());
}

#[test]
fn programs_are_told_all_of_it() {
    let failure = Failure::CannotStart(Box::new(cause_of_image()));
    let answer = report(Outcome::Failed { failure, rollback: None });
    let told = result(Answer::Rollout(&answer), &about(), &story(), 9);
    insta::assert_snapshot!(serde_json::to_string_pretty(&told.json()).unwrap());
}

#[test]
fn a_registered_definition_is_no_deployment() {
    let about = About { service: None, ..about() };
    let told = result(Answer::Registered(&Ok(arn(42))), &about, &Story::default(), 3);
    assert_eq!(told.text(), "shop-web:42 is registered; no service was to run it\n");
    assert_eq!((told.status.name(), told.exit), ("registered", Exit::Done));
    assert_eq!(told.json()["task_definition"], arn(42));
    assert!(told.json().get("links").is_none());
}

#[test]
fn a_resumed_deployment_is_known_by_its_id() {
    let begun = Begun {
        revision: arn(42),
        deployment: "ecs-svc/7".to_owned(),
        since: Timestamp::UNIX_EPOCH,
        before: arn(41),
        settled: String::new(),
        resumed: true,
    };
    let mut story = Story::default();
    let standing = Standing::Begun(begun);
    story.hear(&News::Found { runs: arn(42), standing }, Duration::from_secs(1));
    let told = result(Answer::Rollout(&report(Outcome::Already)), &about(), &story, 4);
    assert_eq!(told.json()["deployment_id"], "ecs-svc/7");
    assert_eq!(told.json()["previous_task_definition"], arn(41));
}

#[test]
fn the_log_groups_of_containers_are_known_and_their_variables_are_not() {
    let text = r#"{"family": "shop-web", "containerDefinitions": [{
        "name": "app", "image": "shop/web",
        "environment": [{"name": "TOKEN", "value": "poison"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web"}}
    }]}"#;
    let definition = Definition::read(text, false).unwrap().definition;
    let about = About::default().of(&definition);
    assert_eq!(about.logs, [("app".to_owned(), "/ecs/web".to_owned())]);
    assert_eq!(about.family.as_deref(), Some("shop-web"));
    assert!(!format!("{about:?}").contains("poison"));
}

#[test]
fn what_was_typed_is_told_in_words_of_a_command() {
    let remarks = [Remark { at: "$.family".to_owned(), message: "is missing".to_owned() }];
    let told = result(Answer::Unusable(&remarks), &about(), &Story::default(), 1).of_message(None);
    assert!(!told.text().contains("message"), "{}", told.text());
    let silent = AwsError::NoAnswer { action: "ecs:UpdateService", reason: "silence".to_owned() };
    let answer = Err(RolloutError::Aws(silent));
    let told = result(Answer::Rollout(&answer), &about(), &story(), 1).of_message(None);
    assert!(told.text().contains("--deployment-id 6f1c"), "{}", told.text());
    assert!(told.text().contains("nobody watches it"), "{}", told.text());
}

#[test]
fn status_and_success_agree_with_the_exit_code() {
    for status in Status::ALL {
        let name = status.name();
        let good = ["deployed", "already_deployed", "registered"].contains(&name);
        assert_eq!(status.is_success(), good, "{name}");
    }
}
