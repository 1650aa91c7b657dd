use super::super::VARIABLES;
use super::*;

const QUEUE: (&str, &str) = ("SQS_URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/orders");

fn given(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Settings, Vec<Problem>> {
    let look = |pairs: &[(&str, &str)], name: &str| {
        let found = pairs.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let flags = |name: &str| look(flags, name);
    let environment = |name: &str| look(environment, name);
    settings(
        Given { flags: &flags, environment: &environment },
        Asked { needs_queue: true, terminal: false },
    )
}

fn with(name: &'static str, value: &'static str) -> Result<Settings, Vec<Problem>> {
    given(&[], &[QUEUE, (name, value)])
}

fn told(answer: Result<Settings, Vec<Problem>>) -> String {
    let problems = answer.unwrap_err();
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn only_the_queue_has_to_be_given() {
    let settings = given(&[], &[QUEUE]).unwrap();
    assert_eq!(settings.cluster, "default");
    assert_eq!(settings.terms.start.as_secs(), 300);
    assert_eq!(settings.terms.complete.as_secs(), 900);
    assert_eq!(settings.terms.success, Success::Completed);
    assert_eq!(settings.mode, Mode::Once);
    assert_eq!(settings.place.region.as_deref(), Some("eu-west-1"));
    assert_eq!(settings.place.account.as_deref(), Some("111122223333"));
    assert_eq!(settings.log, (Format::Json, Level::Info));
    assert_eq!(settings.notices, Notices::default());
    assert_eq!((settings.max_receives, settings.concurrency), (5, 4));
    assert_eq!(settings.keep_revisions, None);
    assert!(settings.clusters.is_none());
    assert!(!settings.terms.roll_back);
    assert!(settings.doubts.is_empty());
}

#[test]
fn t69_bad_values_are_told_all_at_once_each_with_what_to_type() {
    let answer = given(
        &[("ECS_TIMEOUT", "5x")],
        &[
            ("SQS_URL", "arn:aws:sqs:eu-west-1:111122223333:orders"),
            ("ECS_CLUSTER", "a b"),
            ("ECS_COMPLETE_TIMEOUT", "-1"),
            ("ECS_SUCCESS", "done"),
            ("ECS_FAILURES", "-1"),
            ("ECS_ROLLBACK", "maybe"),
            ("ECS_STRATEGY", "purple"),
            ("ECS_MODE", "twice"),
            ("SQS_WAIT_SECONDS", "0"),
            ("HEALTH_ADDR", "8080"),
            ("SNS_TOPIC", "told"),
            ("LOG_LEVEL", "loud"),
        ],
    );
    insta::assert_snapshot!(told(answer), @r#"
    SQS_URL is "arn:aws:sqs:eu-west-1:111122223333:orders", which is an ARN, where a URL is needed: type https://sqs.REGION.amazonaws.com/ACCOUNT/NAME; `aws sqs get-queue-url --queue-name NAME` prints it
    ECS_CLUSTER is "a b", which is not a cluster: type its name or its ARN
    ECS_SUCCESS is "done", which is not known: type running, live or completed
    --timeout is "5x", which is not a time: type seconds, or 300s, 5m or 1h30m
    ECS_COMPLETE_TIMEOUT is "-1", which is not a time: type seconds, or 300s, 5m or 1h30m
    ECS_FAILURES is "-1", which does not fit: type a number from 0 on
    ECS_ROLLBACK is "maybe", which is neither yes nor no: type 1 or 0
    ECS_STRATEGY is "purple", which is not known: type rolling, blue-green, linear or canary
    ECS_MODE is "twice", which is not known: type once, drain or daemon
    SQS_WAIT_SECONDS is "0", which does not fit: type a number from 1 to 20
    SNS_TOPIC is "told", which is not its ARN: type arn:aws:sns:REGION:111122223333:NAME
    LOG_LEVEL is "loud", which is not known: type debug, info, warn or error
    HEALTH_ADDR is "8080", which is not a place to listen at: type 0.0.0.0:8080, or :8080
    "#);
}

#[test]
fn t69_no_queue_is_told_before_anything_is_asked() {
    for environment in [&[][..], &[("SQS_URL", "")], &[("SQS_URL", "  ")]] {
        let answer = told(given(&[], environment));
        assert_eq!(answer, "SQS_URL is not set: give the queue that orders come from\n");
    }
}

#[test]
fn t69_a_time_has_seconds_or_a_unit() {
    for text in ["300", "300s", "5m", " 300\n"] {
        assert_eq!(with("ECS_TIMEOUT", text).unwrap().terms.start.as_secs(), 300, "{text}");
    }
    for text in ["0", "-5", "5x", "five"] {
        assert!(told(with("ECS_TIMEOUT", text)).starts_with("ECS_TIMEOUT is "), "{text}");
    }
}

#[test]
fn t33_more_than_a_message_can_be_kept_for_is_refused() {
    let both =
        |complete| given(&[], &[QUEUE, ("ECS_TIMEOUT", "1h"), ("ECS_COMPLETE_TIMEOUT", complete)]);
    assert!(both("10h30m").is_ok());
    insta::assert_snapshot!(told(both("10h31m")), @"
    ECS_TIMEOUT and ECS_COMPLETE_TIMEOUT are more than 11 h 30 min together: a message can be kept for 12 h at most; give less
    ");
}

#[test]
fn a_secret_is_not_repeated_when_it_is_wrong() {
    for name in ["SLACK_WEBHOOK", "WEBHOOK_URL", "ECS_PRE_TASK"] {
        let answer = told(with(name, "hooks.slack.com/poison"));
        assert!(answer.starts_with(name) && !answer.contains("poison"), "{answer}");
    }
}

#[test]
fn flags_win_over_the_environment_and_nothing_counts_as_not_given() {
    let environment = [QUEUE, ("ECS_CLUSTER", "shop"), ("ECS_TIMEOUT", "")];
    let settings = given(&[("ECS_CLUSTER", "market")], &environment).unwrap();
    assert_eq!(settings.cluster, "market");
    assert_eq!(settings.terms.start.as_secs(), 300);
    assert_eq!(given(&[("ECS_CLUSTER", "")], &environment).unwrap().cluster, "shop");
}

#[test]
fn the_region_is_that_of_the_queue_unless_another_is_named() {
    let settings = with("AWS_REGION", "us-east-2").unwrap();
    assert_eq!(settings.place.region.as_deref(), Some("us-east-2"));
    let local = given(&[], &[("SQS_URL", "http://localhost:4566/000000000000/orders")]).unwrap();
    assert_eq!(local.place.region, None);
}

#[test]
fn an_address_that_is_none_is_told_before_anything_is_sent_there() {
    for name in ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_STS"] {
        let answer = told(with(name, "localhost:4566"));
        assert!(answer.starts_with(&format!("{name} is not an address")), "{answer}");
    }
    assert!(told(with("AWS_REGION", "eu west")).contains("is not a region"));
}

#[test]
fn a_local_queue_is_asked_where_it_is() {
    const LOCAL: (&str, &str) = ("SQS_URL", "http://localhost:4566/000000000000/orders");
    let local = given(&[], &[LOCAL]).unwrap();
    assert_eq!(local.place.queue_endpoint.as_deref(), Some("http://localhost:4566"));
    let instead = [LOCAL, ("AWS_ENDPOINT_URL", "http://aws:4566")];
    assert_eq!(given(&[], &instead).unwrap().place.queue_endpoint, None);
}

#[test]
fn a_cluster_of_another_place_is_not_taken_for_one_here() {
    let answer = told(with("ECS_CLUSTER", "arn:aws:ecs:eu-west-1:999999999999:cluster/shop"));
    assert!(answer.contains("is of the account 999999999999"), "{answer}");
    let answer = told(with("ECS_CLUSTER", "arn:aws:ecs:us-east-1:111122223333:cluster/shop"));
    assert!(answer.contains("is of the region us-east-1"), "{answer}");
    // Services of a role are where the role is.
    let role = ("ECS_ROLE_ARN", "arn:aws:iam::999999999999:role/deployer");
    let cluster = ("ECS_CLUSTER", "arn:aws:ecs:eu-west-1:999999999999:cluster/shop");
    assert_eq!(given(&[], &[QUEUE, role, cluster]).unwrap().cluster, "shop");
}

#[test]
fn slack_needs_an_address_and_a_channel() {
    let webhook = ("SLACK_WEBHOOK", "https://hooks.slack.com/services/poison");
    let both = given(&[], &[QUEUE, webhook, ("SLACK_CHANNEL", "#shop")]).unwrap();
    let slack = both.notices.slack.unwrap();
    assert_eq!((&*slack.name, &*slack.color), ("ecs-deployment", "#335EFF"));
    let alone = given(&[], &[QUEUE, webhook]).unwrap();
    assert!(alone.notices.slack.is_none());
    assert_eq!(
        alone.doubts[0].to_string(),
        "SLACK_WEBHOOK is set, SLACK_CHANNEL is not: nobody is told in Slack without it"
    );
}

#[test]
fn what_counts_for_others_or_for_nobody_is_told() {
    let told = |flags: &[(&str, &str)]| {
        let doubts = given(flags, &[QUEUE]).unwrap().doubts;
        doubts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let few = [("ECS_CONCURRENCY", "9"), ("SLACK_COLOR", "red")];
    assert_eq!(
        told(&few),
        "SLACK_COLOR is no colour: Slack knows #335EFF, good, warning and danger; \
         --concurrency is given: it counts with --daemon only"
    );
    assert_eq!(told(&[("ECS_CONCURRENCY", "9"), ("ECS_MODE", "daemon")]), "");
}

#[test]
fn what_is_told_does_not_go_where_orders_come_from() {
    for name in ["DEADLETTER_URL", "RESULT_URL", "ECS_EVENTS_URL"] {
        let answer = told(with(name, QUEUE.1));
        assert!(answer.starts_with(&format!("{name} is SQS_URL")), "{answer}");
    }
}

#[test]
fn secrets_do_not_show_when_settings_are_printed() {
    let settings = given(
        &[],
        &[
            QUEUE,
            ("SLACK_WEBHOOK", "https://hooks.slack.com/services/poison"),
            ("SLACK_CHANNEL", "#shop"),
            ("WEBHOOK_URL", "https://hook.example.com/poison"),
            ("ECS_ROLE_ARN", "arn:aws:iam::111122223333:role/deployer"),
            ("ECS_EXTERNAL_ID", "poison"),
        ],
    );
    let settings = settings.unwrap();
    assert!(!format!("{:?} {:?}", settings.notices, settings.role).contains("poison"));
    assert_eq!(settings.secrets().count(), 3);
}

#[test]
fn every_variable_is_read() {
    use std::cell::RefCell;
    let read = RefCell::new(Vec::new());
    let environment = |name: &str| {
        read.borrow_mut().push(name.to_owned());
        match name {
            "SQS_URL" => Some(QUEUE.1.to_owned()),
            "SLACK_WEBHOOK" => Some("https://hooks.slack.com/services/x".to_owned()),
            "SLACK_CHANNEL" => Some("#shop".to_owned()),
            "ECS_ROLE_ARN" => Some("arn:aws:iam::111122223333:role/deployer".to_owned()),
            _ => None,
        }
    };
    let given = Given { flags: &|_| None, environment: &environment };
    settings(given, Asked { needs_queue: true, terminal: true }).unwrap();
    for variable in VARIABLES {
        assert!(read.borrow().iter().any(|it| it == variable.name), "{}", variable.name);
    }
}
