//! `logs --output json`: a document a line.

use ecs_apply::LogEntry;
use serde::Serialize;

use super::{Time, line, time};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    time: Time,
    service: &'a str,
    container: &'a str,
    task: &'a str,
    message: &'a str,
    group: &'a str,
    id: &'a str,
}

/// Some lines, each as a document in a line of its own.
pub(crate) fn logs(lines: &[LogEntry]) -> String {
    lines.iter().map(|it| line(&report(it))).collect()
}

fn report(line: &LogEntry) -> Report<'_> {
    Report {
        version: 1,
        time: time(Some(line.time)),
        service: &line.service,
        container: &line.container,
        task: &line.task,
        message: &line.message,
        group: &line.group,
        id: &line.id,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_line_is_a_document() {
        let line = LogEntry {
            time: Timestamp::from_millisecond(1_000_000_250).unwrap(),
            service: "web".to_owned(),
            container: "web".to_owned(),
            is_own: true,
            task: "3f2a9c1b".to_owned(),
            message: "a\u{1b}[31m\u{9b}\n\"b\"".to_owned(),
            group: "/docker-compose/shop".to_owned(),
            id: "1".to_owned(),
        };
        insta::assert_snapshot!(logs(&[line.clone(), line]), @r#"
        {"version":1,"time":"1970-01-12T13:46:40.25Z","service":"web","container":"web","task":"3f2a9c1b","message":"a\u001b[31m\u009b\n\"b\"","group":"/docker-compose/shop","id":"1"}
        {"version":1,"time":"1970-01-12T13:46:40.25Z","service":"web","container":"web","task":"3f2a9c1b","message":"a\u001b[31m\u009b\n\"b\"","group":"/docker-compose/shop","id":"1"}
        "#);
    }
}
