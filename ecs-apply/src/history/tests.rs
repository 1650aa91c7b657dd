use indexmap::IndexMap;

use super::*;
use crate::service::ServiceEvent;

#[test]
fn stack_and_services_are_told_in_one_order() {
    let mut history = History::new(None, std::iter::empty());
    let mut all = history.of_stack(&stack(), vec![created("c", 30), created("a", 10)]);
    all.extend(history.of_services(&[service(&[("d", 40), ("b", 20)])]));
    assert_eq!(ids(&in_order(all)), ["a", "b", "c", "d"]);
}

#[test]
fn nothing_is_told_twice() {
    let mut history = History::new(None, std::iter::empty());
    let shifted = vec![created("b", 20), created("b", 20), created("a", 10)];
    assert_eq!(ids(&history.of_stack(&stack(), shifted)), ["a", "b"]);
    assert_eq!(history.newest.as_deref(), Some("b"));
    assert_eq!(ids(&history.of_services(&[service(&[("y", 2), ("x", 1)])])), ["x", "y"]);
    assert_eq!(ids(&history.of_services(&[service(&[("z", 3), ("y", 2)])])), ["z"]);
    assert_eq!(ids(&history.of_services(&[])), [""; 0]);
    assert_eq!(ids(&history.of_services(&[service(&[("z", 3)])])), [""; 0]);
}

#[test]
fn what_is_older_than_asked_for_is_not_told() {
    let mut history = History::new(at(20), std::iter::empty());
    assert_eq!(ids(&history.of_stack(&stack(), vec![created("b", 20), created("a", 19)])), ["b"]);
    assert_eq!(ids(&history.of_services(&[service(&[("y", 20), ("x", 1)])])), ["y"]);
}

#[test]
fn services_are_found_by_what_happens() {
    let mut history = History::new(None, std::iter::empty());
    let made = StackEvent { physical_id: Some(service(&[]).arn), ..created("a", 1) };
    history.of_stack(&stack(), vec![made]);
    assert_eq!(history.services.keys().cloned().collect::<Vec<_>>(), [service(&[]).name]);
}

#[test]
fn the_end_of_the_stack_is_the_end_but_not_that_of_another() {
    let gone = |id: &str| StackEvent {
        kind: STACK.to_owned(),
        physical_id: Some(id.to_owned()),
        status: Status("DELETE_COMPLETE".to_owned()),
        ..created("a", 1)
    };
    let mut history = History::new(None, std::iter::empty());
    history.of_stack(&stack(), vec![gone("nested")]);
    assert!(!history.is_over);
    history.of_stack(&stack(), vec![gone("shop")]);
    assert!(history.is_over);
}

#[test]
fn a_message_does_not_repeat_the_name() {
    let mut history = History::new(None, std::iter::empty());
    let told = history.of_services(&[service(&[("a", 1)])]);
    assert_eq!(told[0].message.as_deref(), Some("has reached a steady state."));
    assert_eq!(told[0].name, "web");
}

fn ids(happenings: &[Happening]) -> Vec<&str> {
    happenings.iter().map(|one| one.id.as_str()).collect()
}

fn at(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}

fn created(id: &str, second: i64) -> StackEvent {
    StackEvent {
        id: id.to_owned(),
        time: at(second).unwrap(),
        logical_id: "WebService".to_owned(),
        physical_id: None,
        kind: SERVICE.to_owned(),
        status: Status("CREATE_COMPLETE".to_owned()),
        reason: None,
        token: None,
    }
}

fn service(events: &[(&str, i64)]) -> Service {
    let event = |(id, second): &(&str, i64)| ServiceEvent {
        id: (*id).to_owned(),
        time: at(*second).unwrap(),
        message: "(service shop-web-1) has reached a steady state.".to_owned(),
    };
    Service {
        arn: "arn:aws:ecs:r:1:service/shop/shop-web-1".to_owned(),
        name: ServiceName { cluster: "shop".to_owned(), service: "shop-web-1".to_owned() },
        status: "ACTIVE".to_owned(),
        desired: 1,
        running: 1,
        pending: 0,
        task_definition: "td".to_owned(),
        deployments: Vec::new(),
        events: events.iter().map(event).collect(),
        target_groups: Vec::new(),
        tags: IndexMap::from([("com.docker.compose.service".to_owned(), "web".to_owned())]),
    }
}

fn stack() -> Stack {
    Stack {
        id: "shop".to_owned(),
        name: "shop".to_owned(),
        status: Status("CREATE_COMPLETE".to_owned()),
        reason: None,
        created: None,
        updated: None,
        tags: IndexMap::new(),
        parameters: IndexMap::new(),
        outputs: IndexMap::new(),
    }
}
