//! `events --output json`: a document a line.

use ecs_apply::{Happening, Teller};
use serde::Serialize;

use super::{Time, line, time};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    time: Time,
    source: &'static str,
    name: &'a str,
    kind: &'a str,
    physical_id: Option<&'a str>,
    status: Option<&'a str>,
    message: Option<&'a str>,
    id: &'a str,
}

/// What happened, each as a document in a line of its own.
pub(crate) fn happenings(happenings: &[Happening]) -> String {
    happenings.iter().map(|one| line(&report(one))).collect()
}

fn report(one: &Happening) -> Report<'_> {
    Report {
        version: 1,
        time: time(Some(one.time)),
        source: match one.teller {
            Teller::Stack => "stack",
            Teller::Service => "service",
        },
        name: &one.name,
        kind: &one.kind,
        physical_id: one.physical_id.as_deref(),
        status: one.status.as_ref().map(|status| status.0.as_str()),
        message: one.message.as_deref(),
        id: &one.id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample_stack::{failure, steady};

    #[test]
    fn the_format_is_stable() {
        insta::assert_snapshot!(happenings(&[failure(), steady()]), @r#"
        {"version":1,"time":"1970-01-12T13:46:40.25Z","source":"stack","name":"WebService","kind":"AWS::ECS::Service","physical_id":null,"status":"CREATE_FAILED","message":"no\u001b[2J permission","id":"1"}
        {"version":1,"time":"1970-01-12T13:46:41Z","source":"service","name":"web","kind":"AWS::ECS::Service","physical_id":"arn:aws:ecs:eu-west-1:111122223333:service/shop/web","status":null,"message":"has reached a steady state.","id":"2"}
        "#);
    }
}
