//! Why a deployment failed, in `up --output json`.

use ecs_apply::{Finding, LogLine, LogTail};
use serde::Serialize;
use serde_json::Value;

use super::{Time, time};

#[derive(Serialize)]
struct Cause<'a> {
    kind: &'static str,
    subject: &'a str,
    message: &'a str,
    first: Time,
    tasks: usize,
    findings: Vec<Found<'a>>,
    log: Option<Log<'a>>,
    help: &'a str,
}

#[derive(Serialize)]
struct Found<'a> {
    time: Time,
    source: String,
    text: &'a str,
}

#[derive(Serialize)]
struct Log<'a> {
    task: &'a str,
    container: &'a str,
    group: &'a str,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    time: Time,
    text: &'a str,
}

/// A list of causes, the root first.
pub(crate) fn causes(causes: &[ecs_apply::Cause]) -> Value {
    let causes: Vec<Cause<'_>> = causes.iter().map(cause).collect();
    serde_json::to_value(causes).expect("structs of strings are valid JSON")
}

fn cause(cause: &ecs_apply::Cause) -> Cause<'_> {
    let ecs_apply::Cause { kind, subject, message, first, tasks, findings, log, help } = cause;
    Cause {
        kind: kind.name(),
        subject,
        message,
        first: time(*first),
        tasks: *tasks,
        findings: findings.iter().map(finding).collect(),
        log: log.as_ref().map(tail),
        help,
    }
}

fn finding(finding: &Finding) -> Found<'_> {
    let Finding { time: at, source, text } = finding;
    Found { time: time(*at), source: source.to_string(), text }
}

fn tail(log: &LogTail) -> Log<'_> {
    let LogTail { task, container, group, lines } = log;
    Log { task, container, group, lines: lines.iter().map(line).collect() }
}

fn line(line: &LogLine) -> Line<'_> {
    Line { time: time(line.time), text: &line.text }
}

#[cfg(test)]
mod tests {
    use ecs_apply::{Kind, Source};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_format_is_stable() {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        let source = Source::Container { task: "3f2a9c1b7d60".to_owned(), name: "web".to_owned() };
        let lines = vec![LogLine { time: Some(at), text: "no database".to_owned() }];
        let cause = ecs_apply::Cause {
            kind: Kind::ContainerExited,
            subject: "web".to_owned(),
            message: "web ends with exit code 3".to_owned(),
            first: Some(at),
            tasks: 2,
            findings: vec![Finding { time: Some(at), source, text: "exit code 3".to_owned() }],
            log: Some(LogTail {
                task: "arn:…/3f2a9c1b7d60".to_owned(),
                container: "web".to_owned(),
                group: "/docker-compose/shop".to_owned(),
                lines,
            }),
            help: "its last lines say more".to_owned(),
        };
        insta::assert_snapshot!(format!("{:#}", causes(&[cause])));
    }
}
