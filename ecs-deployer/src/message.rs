//! What a message asks for.

use ecs_apply::rollout::{
    Definition, Order, Rank, RankSource, Remark, Strategy, Terms, cluster_name, service_name,
};

use crate::name;
use crate::queue::Message;
use crate::settings::{Acknowledge, Settings, can_be_held};

/// What a message asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What is to be rolled out.
    pub order: Order,
    /// Whether it is only to be registered.
    pub registers_only: bool,
    /// What was changed or is not known.
    pub remarks: Vec<Remark>,
    /// Where the change can be looked at.
    pub commit: Option<String>,
}

/// Why a message cannot be used, however often it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison(pub Vec<Remark>);

/// Reads a message.
///
/// # Errors
///
/// Everything that is wrong with it, at once.
pub fn request(message: &Message, settings: &Settings) -> Result<Request, Poison> {
    let mut wrong = Vec::new();
    let read = Definition::read(&message.body, settings.needs_volumes)
        .map_err(|mut remarks| wrong.append(&mut remarks))
        .ok();
    let cluster = cluster(message, settings, &mut wrong);
    let target = target(message, &cluster, settings, &mut wrong);
    let terms = terms(message, settings, &mut wrong);
    let strategy = strategy(message, settings, &mut wrong);
    let rank = rank(message, &mut wrong);
    let key = key(message, &mut wrong);
    let (Some(read), Some(target), true) = (read, target, wrong.is_empty()) else {
        return Err(Poison(wrong));
    };
    let registers_only = target == Target::Nothing;
    let service = match target {
        Target::Nothing => ecs_apply::ServiceName { cluster, service: String::new() },
        Target::Service(name) => name,
    };
    let order = Order {
        service,
        definition: read.definition,
        born: name::born(&key),
        key,
        rank,
        asked: message.sent,
        // An order with a name of its own may have come in another message.
        again: message.receives > 1 || message.text("deployment_id").is_some(),
        retold: message.redriven,
        must_be_known: settings.acknowledge == Acknowledge::Finish,
        strategy,
        keep: settings.keep_revisions,
        terms,
        policy: settings.policy.clone(),
    };
    let commit = message.text("commit_url").map(str::to_owned);
    Ok(Request { order, registers_only, remarks: read.remarks, commit })
}

#[derive(Debug, PartialEq)]
enum Target {
    Service(ecs_apply::ServiceName),
    Nothing,
}

fn remark(at: &str, message: String) -> Remark {
    Remark { at: at.to_owned(), message }
}

/// What the order is called. It is written into a tag.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html#tag-restrictions>
fn key(message: &Message, wrong: &mut Vec<Remark>) -> String {
    const LONGEST: usize = 256;
    let Some(key) = message.text("deployment_id") else { return message.id.clone() };
    let is_right = |it: char| it.is_alphanumeric() || " +-=._:/@".contains(it);
    if key.trim().is_empty() || key.chars().count() > LONGEST || !key.chars().all(is_right) {
        let told = "it has to be up to 256 letters, digits, spaces and any of `+-=._:/@`, because it \
                    becomes a tag";
        wrong.push(remark("attribute deployment_id", told.to_owned()));
    }
    key.to_owned()
}

fn target(
    message: &Message,
    cluster: &str,
    settings: &Settings,
    wrong: &mut Vec<Remark>,
) -> Option<Target> {
    const AT: &str = "attribute service";
    let Some(attribute) = message.attributes.get("service") else {
        let hint = "there is none: send the message with `--message-attributes \
                    '{\"service\":{\"DataType\":\"String\",\"StringValue\":\"NAME\"}}'`, or with \
                    `ecs-deployer send`";
        wrong.push(remark(AT, hint.to_owned()));
        return None;
    };
    let Some(text) = message.text("service") else {
        let told = format!("it is a {}, and has to be a String", attribute.kind);
        wrong.push(remark(AT, told));
        return None;
    };
    if text == "false" {
        return Some(Target::Nothing);
    }
    let name = service_name(text, cluster);
    let of_arn = text.parse::<ecs_apply::ServiceName>().ok().filter(|_| text.starts_with("arn:"));
    if let Some(other) = of_arn.filter(|it| it.cluster != cluster) {
        let told = format!(
            "it is of the cluster {}, and this is for {cluster}: name that in the attribute cluster",
            other.cluster
        );
        wrong.push(remark(AT, told));
    } else if name.is_none() {
        // What somebody could have made up to be read by a shell is not repeated whole.
        let begin: String = text.chars().take(80).collect();
        let more = if begin.len() < text.len() { "…" } else { "" };
        let told = format!(
            "`{}{more}` is no service of the cluster {cluster}: up to 255 letters, digits, `-` and \
             `_`, or the ARN of one",
            begin.escape_debug()
        );
        wrong.push(remark(AT, told));
    }
    elsewhere(AT, text, settings, wrong);
    name.map(Target::Service)
}

/// An ARN of another region or account would be taken for what has the same name here.
fn elsewhere(at: &str, text: &str, settings: &Settings, wrong: &mut Vec<Remark>) {
    let elsewhere = settings.place.elsewhere(text);
    wrong.extend(elsewhere.map(|told| remark(at, format!("the ARN {told}"))));
}

fn cluster(message: &Message, settings: &Settings, wrong: &mut Vec<Remark>) -> String {
    let own = settings.cluster.clone();
    let Some(asked) = message.text("cluster") else { return own };
    elsewhere("attribute cluster", asked, settings, wrong);
    let asked = cluster_name(asked);
    let allowed = settings.clusters.as_ref().is_some_and(|globs| globs.allow(asked));
    if asked != own && !allowed {
        let told = format!("`{asked}` is not one of ECS_ALLOWED_CLUSTERS");
        wrong.push(remark("attribute cluster", told));
    }
    asked.to_owned()
}

fn terms(message: &Message, settings: &Settings, wrong: &mut Vec<Remark>) -> Terms {
    let mut terms = settings.terms.clone();
    if let Some(text) = message.text("timeout") {
        let asked = crate::settings::time(text).ok().map(|start| Terms { start, ..terms.clone() });
        match asked.filter(can_be_held) {
            Some(asked) => terms = asked,
            None => wrong.push(remark(
                "attribute timeout",
                "it has to be a time such as `300` or `5m`, and at most 11 h 30 with what follows"
                    .to_owned(),
            )),
        }
    }
    match message.text("rollback") {
        None => {}
        Some("1" | "true") => terms.roll_back = true,
        Some("0" | "false") => terms.roll_back = false,
        Some(_) => {
            wrong.push(remark("attribute rollback", "it has to be `1` or `0`".to_owned()));
        }
    }
    terms
}

fn strategy(message: &Message, settings: &Settings, wrong: &mut Vec<Remark>) -> Option<Strategy> {
    let Some(text) = message.text("strategy") else { return settings.strategy };
    let strategy = text.parse().ok();
    if strategy.is_none() {
        let told = "it has to be `rolling`, `blue-green`, `canary` or `linear`".to_owned();
        wrong.push(remark("attribute strategy", told));
    }
    strategy
}

fn rank(message: &Message, wrong: &mut Vec<Remark>) -> Option<Rank> {
    if let Some(attribute) = message.attributes.get("sequence") {
        let number = attribute.value.parse().ok();
        if number.is_none() {
            let told = "it has to be a whole number".to_owned();
            wrong.push(remark("attribute sequence", told));
        }
        return number.map(|number| Rank { source: RankSource::Sequence, number });
    }
    if let Some(number) = message.sequence {
        return Some(Rank { source: RankSource::Queue, number });
    }
    let sent = message.sent.and_then(|sent| u128::try_from(sent.as_millisecond()).ok());
    sent.map(|number| Rank { source: RankSource::Sent, number })
}
