//! What holds for whatever AWS may say.

use proptest::prelude::*;

use super::tests::{at_second, ended, event, evidence, failed, rollback, service, task};
use super::*;
use crate::service::{Deployment, Service, Task};

/// Pieces of what AWS says, which the reading of it looks for, and what may stand
/// between them.
const PIECES: [&str; 40] = [
    "CannotPullContainerError: ",
    "ResourceInitializationError: ",
    "failed to resolve ref ",
    "docker.io/library/",
    "not found",
    "platform '",
    "time(s): ",
    "has been retried 1 time(s): ",
    "unable to retrieve secret from asm: ",
    "arn:aws:secretsmanager:eu-west-1:1:secret:",
    "json key ",
    "invalid parameters: ",
    "failed to invoke EFS utils ",
    "logger args",
    "User: ",
    "arn:aws:sts::1:assumed-role/",
    "/AWSCloudFormation",
    " is not authorized to perform: ",
    " on resource: ",
    " because ",
    "Resource handler returned message: \"",
    "\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)",
    "HandlerErrorCode: ",
    " already exists in stack ",
    "arn:aws:cloudformation:",
    "identifier '",
    "'",
    "\"",
    "(",
    ")",
    "codes: [",
    "]",
    "(port ",
    "is unhealthy in ",
    "overlapping name space, ",
    "\n",
    "ü",
    "\u{1b}[2J",
    ".",
    " ",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.to_vec()).prop_map(ToOwned::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn stopped() -> impl Strategy<Value = Task> {
    let code = prop::option::of(any::<i32>());
    let container = (text(), code, prop::option::of(text()));
    let containers = prop::collection::vec(container, 0..3);
    (any::<u8>(), prop::option::of(text()), containers, -5..60i64).prop_map(
        |(id, reason, containers, second)| {
            let mut task = ended(&id.to_string(), &[]);
            task.stopped_reason = reason;
            task.stopped = Some(at_second(second));
            for (name, code, reason) in containers {
                let mut container = ended("", &[("web", 0)]).containers.remove(0);
                (container.name, container.exit_code, container.reason) = (name, code, reason);
                task.containers.push(container);
            }
            task
        },
    )
}

fn anything() -> impl Strategy<Value = Evidence> {
    let texts = || prop::collection::vec(text(), 0..4);
    let tasks = prop::collection::vec(stopped(), 0..5);
    (texts(), texts(), tasks, any::<bool>()).prop_map(|(of_stack, of_service, stopped, back)| {
        let mut events: Vec<_> = of_stack.iter().map(|it| failed(it, it)).collect();
        events.extend(back.then(|| rollback("")));
        let said = of_service.iter().map(|it| event(5, &format!("unable to {it}"))).collect();
        let services = vec![Service { events: said, ..service() }];
        Evidence { events, services, stopped, ..evidence() }
    })
}

proptest! {
    #[test]
    fn every_cause_says_what_and_what_to_do(evidence in anything()) {
        for cause in causes(&evidence) {
            prop_assert!(!cause.message.is_empty() && !cause.help.is_empty());
            prop_assert!(!cause.findings.is_empty());
        }
    }

    #[test]
    fn the_order_in_which_things_are_found_out_changes_nothing(evidence in anything()) {
        let mut other = evidence.clone();
        other.events.reverse();
        other.stopped.reverse();
        other.services[0].events.reverse();
        prop_assert_eq!(causes(&evidence), causes(&other));
    }

    #[test]
    fn one_reason_is_one_cause_however_many_tasks_it_stops(reason in text(), count in 1..40usize) {
        let tasks = (0..count).map(|id| Task {
            stopped_reason: Some(format!("x{reason}")),
            ..task(&id.to_string())
        });
        let deployments = vec![Deployment { rollout: None, ..service().deployments.remove(0) }];
        let services = vec![Service { deployments, ..service() }];
        let found = causes(&Evidence { stopped: tasks.collect(), services, ..evidence() });
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].tasks, count);
    }
}
