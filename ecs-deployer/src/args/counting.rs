//! Which settings count for which command: the others are not in its help, and whoever
//! types one is told that it would be lost.

use super::Flags;
use crate::settings::{Problem, Variable};

/// How the program speaks and ends, whatever it does.
const ALWAYS: [&str; 3] = ["ECS_EXIT_COMPAT", "LOG_FORMAT", "LOG_LEVEL"];

/// Whom it asks, and where.
const PLACE: [&str; 7] = [
    "SQS_URL",
    "ECS_CLUSTER",
    "ECS_ROLE_ARN",
    "ECS_EXTERNAL_ID",
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
];

/// What a message may say itself, and what it is checked for before it is sent.
const SENT: [&str; 8] = [
    "ECS_TIMEOUT",
    "ECS_COMPLETE_TIMEOUT",
    "ECS_ROLLBACK",
    "ECS_STRATEGY",
    "ECS_STRICT",
    "ECS_ALLOWED_CLUSTERS",
    "RESULT_URL",
    "SQS_WAIT_SECONDS",
];

/// What is about messages and those who wait for them.
const RECEIVED: [&str; 11] = [
    "ECS_MODE",
    "ECS_ACK",
    "ECS_CONCURRENCY",
    "ECS_COALESCE",
    "ECS_EMPTY_OK",
    "ECS_ALLOWED_CLUSTERS",
    "SQS_WAIT_SECONDS",
    "MAX_RECEIVES",
    "DEADLETTER_URL",
    "HEALTH_ADDR",
    "METRICS_ADDR",
];

/// Whether a variable counts for the command of this name.
pub(super) fn counts(command: &str, variable: &str) -> bool {
    let is_in = |names: &[&str]| names.contains(&variable);
    let own = match command {
        "deploy" => !is_in(&RECEIVED),
        "send" => is_in(&PLACE) || is_in(&SENT),
        "check" => {
            is_in(&PLACE)
                || is_in(&["DEADLETTER_URL", "RESULT_URL", "ECS_EVENTS_URL", "MAX_RECEIVES"])
        }
        "watch" => is_in(&PLACE),
        "healthcheck" => variable == "HEALTH_ADDR",
        "iam" => false,
        _ => true,
    };
    own || is_in(&ALWAYS)
}

/// The flags that would be lost.
pub(super) fn lost(command: &str, flags: &Flags) -> Vec<Problem> {
    let lost = flags.names().filter(|name| !counts(command, name));
    lost.map(|name| {
        let flag = Variable::named(name).and_then(|it| it.flag).unwrap_or(name);
        let help = match command {
            "send" => format!("no message says it: set {name} where the deployer runs"),
            _ => "leave it out".to_owned(),
        };
        Problem::new(&format!("--{flag}"), format!("does not count for `{command}`"), help)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::VARIABLES;

    #[test]
    fn every_name_is_that_of_a_variable() {
        for name in ALWAYS.iter().chain(&PLACE).chain(&SENT).chain(&RECEIVED) {
            assert!(Variable::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn each_command_has_what_counts_for_it() {
        let count = |command| VARIABLES.iter().filter(|it| counts(command, it.name)).count();
        assert_eq!(count("healthcheck"), 4);
        assert_eq!(count("watch"), 10);
        assert_eq!(count(""), VARIABLES.len());
        for (command, name, expected) in [
            ("deploy", "ECS_ROLLBACK", true),
            ("deploy", "ECS_ACK", false),
            ("send", "ECS_TIMEOUT", true),
            ("send", "ECS_SUCCESS", false),
            ("check", "RESULT_URL", true),
            ("check", "ECS_TIMEOUT", false),
        ] {
            assert_eq!(counts(command, name), expected, "{command} {name}");
        }
    }
}
