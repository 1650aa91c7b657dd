//! Reads settings from what was given.

use std::time::Duration;

use ecs_apply::rollout::{Globs, Policy, Strategy, Success, Terms};

use super::given::{Given, Reader};
use super::grammar::{
    Wrong, accounts, address, arn, cluster, is_color, listen, number, one_of, overrides, queue,
    region, switch, time,
};
use super::problem::Problem;
use super::queue_url::QueueUrl;
use super::variables::Variable;
use super::{Acknowledge, Asked, Mode, Notices, Place, Role, Settings, Slack, can_be_held};
use crate::log::{Format, Level};

/// Reads what whoever runs the program wants.
///
/// # Errors
///
/// Everything that is wrong with it, at once. Nothing of it has been used then.
pub fn settings(given: Given<'_>, asked: Asked) -> Result<Settings, Vec<Problem>> {
    let mut reader = Reader::new(given);
    let mut settings = read(&mut reader, asked);
    settings.doubts = doubts(&reader, settings.mode);
    check(&mut reader, &settings);
    if reader.problems.is_empty() { Ok(settings) } else { Err(reader.problems) }
}

/// Whether every failure ends with 1, also that of reading the rest.
pub fn is_plain(given: Given<'_>) -> bool {
    on(&mut Reader::new(given), "ECS_EXIT_COMPAT")
}

/// How it is told what is wrong, also with the rest.
pub fn log_format(given: Given<'_>, terminal: bool) -> Format {
    log(&mut Reader::new(given), terminal).0
}

/// What is missing, or wrong, is a problem, so that what stands in for it is not used.
fn read(from: &mut Reader<'_>, asked: Asked) -> Settings {
    let queue = from.read("SQS_URL", queue);
    if queue.is_none() && from.problems.is_empty() && asked.needs_queue {
        let help = "give the queue that orders come from";
        from.add("SQS_URL", "is not set", help);
    }
    let role = role(from);
    let place = place(from, queue.as_ref(), role.as_ref());
    Settings {
        cluster: own_cluster(from, &place),
        place,
        queue: queue.map(|it| it.url).unwrap_or_default(),
        clusters: from.text("ECS_ALLOWED_CLUSTERS").map(|it| Globs::new(&it)),
        terms: terms(from),
        policy: policy(from),
        strategy: from.read("ECS_STRATEGY", strategy),
        mode: from.read("ECS_MODE", mode).unwrap_or(Mode::Once),
        acknowledge: from.read("ECS_ACK", acknowledge).unwrap_or(Acknowledge::Auto),
        needs_volumes: on(from, "ECS_STRICT"),
        wait: Duration::from_secs(count(from, "SQS_WAIT_SECONDS", 1, 20).unwrap_or(20).into()),
        max_receives: count(from, "MAX_RECEIVES", 1, 1000).unwrap_or(5),
        dead_letters: other_queue(from, "DEADLETTER_URL"),
        results: other_queue(from, "RESULT_URL"),
        events: other_queue(from, "ECS_EVENTS_URL"),
        keep_revisions: keep(from),
        concurrency: count(from, "ECS_CONCURRENCY", 1, 1000).unwrap_or(4) as usize,
        coalesce: on(from, "ECS_COALESCE"),
        role,
        notices: notices(from),
        log: log(from, asked.terminal),
        health: from.read("HEALTH_ADDR", listen),
        metrics: from.read("METRICS_ADDR", listen),
        embedded_metrics: on(from, "METRICS_EMF"),
        // Only a task of ECS knows it, and has to ask.
        own_family: None,
        empty_is_fine: on(from, "ECS_EMPTY_OK"),
        plain_exit: on(from, "ECS_EXIT_COMPAT"),
        doubts: Vec::new(),
    }
}

fn place(from: &mut Reader<'_>, queue: Option<&QueueUrl>, role: Option<&Role>) -> Place {
    let of_role = role.and_then(|it| it.arn.split(':').nth(4)).map(str::to_owned);
    let typed = from.read("AWS_REGION", region);
    let region = typed.or_else(|| from.read("AWS_DEFAULT_REGION", region));
    let instead = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"];
    let is_instead = instead.iter().any(|name| from.text(name).is_some());
    for name in ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_STS"] {
        // The SDK reads it, and says what it was to send when it is wrong.
        from.read(name, address);
    }
    Place {
        queue_endpoint: queue.filter(|_| !is_instead).and_then(QueueUrl::endpoint),
        region: region.or_else(|| queue.and_then(|it| it.region.clone())),
        account: of_role.or_else(|| queue.and_then(|it| it.account.clone())),
        profile: from.text("AWS_PROFILE"),
        is_profile_typed: from.is_typed("AWS_PROFILE"),
        endpoint: from
            .read("AWS_ENDPOINT_URL", address)
            .filter(|_| from.is_typed("AWS_ENDPOINT_URL")),
    }
}

/// The cluster's name. An ARN of another region would be taken for what has the same name
/// here.
fn own_cluster(from: &mut Reader<'_>, place: &Place) -> String {
    let read = from.read("ECS_CLUSTER", |text| match place.elsewhere(text) {
        Some(told) => Err(Wrong::new(told, "check AWS_REGION, ECS_ROLE_ARN and the ARN")),
        None => cluster(text),
    });
    read.unwrap_or_else(|| "default".to_owned())
}

fn terms(from: &mut Reader<'_>) -> Terms {
    let success =
        [("running", Success::Running), ("live", Success::Live), ("completed", Success::Completed)];
    Terms {
        success: from
            .read("ECS_SUCCESS", |text| one_of(text, &success))
            .unwrap_or(Success::Completed),
        start: from.read("ECS_TIMEOUT", time).unwrap_or(Duration::from_secs(300)),
        complete: from.read("ECS_COMPLETE_TIMEOUT", time).unwrap_or(Duration::from_secs(900)),
        failures: count(from, "ECS_FAILURES", 0, u32::MAX),
        roll_back: on(from, "ECS_ROLLBACK"),
        rehearsal: from.read("ECS_PRE_TASK", overrides),
    }
}

fn policy(from: &mut Reader<'_>) -> Policy {
    let globs =
        |from: &Reader<'_>, name| from.text(name).map(|it| Globs::new(&it)).unwrap_or_default();
    Policy {
        services: globs(from, "ECS_ALLOWED_SERVICES"),
        families: globs(from, "ECS_ALLOWED_FAMILIES"),
        images: globs(from, "ECS_ALLOWED_IMAGES"),
        roles: globs(from, "ECS_ALLOWED_ROLES"),
        accounts: from.read("ECS_ALLOWED_ACCOUNTS", accounts).unwrap_or_default(),
        same_family: on(from, "ECS_SAME_FAMILY"),
        no_secrets: from
            .read("ECS_SECRETS", |text| one_of(text, &[("warn", false), ("deny", true)]))
            .unwrap_or(false),
        skip_unchanged: on(from, "ECS_SKIP_UNCHANGED"),
    }
}

fn strategy(text: &str) -> Result<Strategy, Wrong> {
    let instead = "type rolling, blue-green, linear or canary";
    text.parse().map_err(|()| Wrong::new("is not known", instead))
}

fn mode(text: &str) -> Result<Mode, Wrong> {
    one_of(text, &[("once", Mode::Once), ("drain", Mode::Drain), ("daemon", Mode::Daemon)])
}

fn acknowledge(text: &str) -> Result<Acknowledge, Wrong> {
    one_of(
        text,
        &[
            ("auto", Acknowledge::Auto),
            ("finish", Acknowledge::Finish),
            ("started", Acknowledge::Started),
        ],
    )
}

fn keep(from: &mut Reader<'_>) -> Option<u8> {
    let keep = count(from, "ECS_KEEP_REVISIONS", 0, 100)?;
    u8::try_from(keep).ok().filter(|keep| *keep > 0)
}

fn role(from: &mut Reader<'_>) -> Option<Role> {
    let example = "arn:aws:iam::111122223333:role/NAME";
    let arn = from.read("ECS_ROLE_ARN", |text| arn(text, "iam", example))?;
    Some(Role { arn, external_id: from.text("ECS_EXTERNAL_ID") })
}

fn notices(from: &mut Reader<'_>) -> Notices {
    let webhook = from.read("SLACK_WEBHOOK", address);
    let slack = webhook.zip(from.text("SLACK_CHANNEL")).map(|(webhook, channel)| Slack {
        webhook,
        channel,
        name: from.text("SLACK_BOTNAME").unwrap_or_else(|| "ecs-deployment".to_owned()),
        color: from.text("SLACK_COLOR").unwrap_or_else(|| "#335EFF".to_owned()),
    });
    let example = "arn:aws:sns:REGION:111122223333:NAME";
    Notices {
        slack,
        topic: from.read("SNS_TOPIC", |text| arn(text, "sns", example)),
        webhook: from.read("WEBHOOK_URL", address),
    }
}

fn log(from: &mut Reader<'_>, terminal: bool) -> (Format, Level) {
    let formats = [("text", Format::Text), ("json", Format::Json)];
    let levels = [
        ("debug", Level::Debug),
        ("info", Level::Info),
        ("warn", Level::Warn),
        ("error", Level::Error),
    ];
    let usual = if terminal { Format::Text } else { Format::Json };
    let format = from.read("LOG_FORMAT", |text| one_of(text, &formats)).unwrap_or(usual);
    let level = from.read("LOG_LEVEL", |text| one_of(text, &levels)).unwrap_or(Level::Info);
    (format, level)
}

fn other_queue(from: &mut Reader<'_>, name: &str) -> Option<String> {
    from.read(name, queue).map(|it| it.url)
}

fn on(from: &mut Reader<'_>, name: &str) -> bool {
    from.read(name, switch).unwrap_or(false)
}

fn count(from: &mut Reader<'_>, name: &str, least: u32, most: u32) -> Option<u32> {
    from.read(name, |text| number(text, least, most))
}

/// What is right alone, but not together.
fn check(from: &mut Reader<'_>, settings: &Settings) {
    if !can_be_held(&settings.terms) {
        let message = "and ECS_COMPLETE_TIMEOUT are more than 11 h 30 min together";
        let help = "a message can be kept for 12 h at most; give less";
        from.add("ECS_TIMEOUT", message, help);
    }
    let others = [
        ("DEADLETTER_URL", &settings.dead_letters),
        ("RESULT_URL", &settings.results),
        ("ECS_EVENTS_URL", &settings.events),
    ];
    for (name, url) in others {
        if url.as_ref() == Some(&settings.queue) {
            from.add(name, "is SQS_URL", "name another queue: what comes from it is an order");
        }
    }
}

/// What is allowed, and does not do what it seems to.
fn doubts(from: &Reader<'_>, mode: Mode) -> Vec<Problem> {
    let alone = [
        ("SLACK_WEBHOOK", "SLACK_CHANNEL", "nobody is told in Slack without it"),
        ("SLACK_CHANNEL", "SLACK_WEBHOOK", "nobody is told in Slack without it"),
        ("ECS_EXTERNAL_ID", "ECS_ROLE_ARN", "no role is taken on without it"),
    ];
    let is_alone =
        |name: &str, other: &str| from.text(name).is_some() && from.text(other).is_none();
    let alone = alone
        .iter()
        .filter(|(name, other, _)| is_alone(name, other))
        .map(|(name, other, help)| Problem::new(name, format!("is set, {other} is not"), *help));
    let color = from.text("SLACK_COLOR").filter(|text| !is_color(text)).map(|_| {
        let help = "Slack knows #335EFF, good, warning and danger";
        Problem::new("SLACK_COLOR", "is no colour", help)
    });
    let daemons = ["ECS_CONCURRENCY", "ECS_COALESCE"];
    let lost = daemons.into_iter().filter(|name| mode != Mode::Daemon && from.is_typed(name));
    let lost = lost.map(|name| {
        let flag = Variable::named(name).and_then(|it| it.flag).unwrap_or(name);
        Problem::new(&format!("--{flag}"), "is given", "it counts with --daemon only")
    });
    alone.chain(color).chain(lost).collect()
}

#[cfg(test)]
mod tests;
