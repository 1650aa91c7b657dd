//! Puts an order into the queue, and waits for its result if that is wanted.

use std::time::Duration;

use ecs_apply::AwsError;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::args::Send;
use crate::exit::Exit;
use crate::log::{Entry, Level, Log, one_line};
use crate::message::{Poison, request};
use crate::name;
use crate::queue::{Attribute, Letter, Message, Queue, Wanted, remove};
use crate::settings::{Problem, Settings};

/// What a queue takes, if it does not say otherwise.
const LARGEST: usize = 256 * 1024;

/// How long a result of somebody else is left to others.
const OTHERS: Duration = Duration::from_secs(2);

/// Nobody looks at a message for longer than this to see whose it is.
const LOOK: Duration = Duration::from_secs(30);

/// Sends the order, and waits for its result if that is wanted; `results` is the queue
/// that it comes to.
pub async fn send<Q: Queue>(
    args: &Send,
    body: String,
    settings: &Settings,
    (queue, results): (&Q, Option<&Q>),
    log: &Log,
) -> Exit {
    let results = match (args.wait, results) {
        (false, _) => None,
        (true, Some(results)) => Some(results),
        (true, None) => {
            let help = "name the queue of results, as the deployer has it";
            return misused(log, "--wait", "needs RESULT_URL", help);
        }
    };
    let letter = match letter(args, body, settings) {
        Ok(letter) => letter,
        Err(Poison(remarks)) => {
            for remark in remarks {
                let text = one_line(&format!("{}: {}", remark.at, remark.message)).into_owned();
                log.tell(&Entry::error("send.unusable", text));
            }
            return Exit::Unusable;
        }
    };
    if let Some(Err(error)) = about(results).await {
        let entry = Entry::refused("send.failed", &error);
        let told = format!("RESULT_URL: {}", entry.message);
        log.tell(&Entry::error(entry.event, told));
        return Exit::from(&error);
    }
    if let Err(exit) = put(queue, &letter, log).await {
        return exit;
    }
    let sent = format!("the order {} for {} is in the queue", key(&letter), args.order.service);
    log.tell(&Entry::info("send.sent", sent).with("delivery_key", key(&letter)));
    match results {
        Some(results) => wait(results, &letter, settings, log).await,
        None => Exit::Done,
    }
}

/// Whether results can come, as far as that is certain before the order is sent.
async fn about<Q: Queue>(results: Option<&Q>) -> Option<Result<(), AwsError>> {
    let answer = results?.about().await;
    Some(answer.map(drop).or_else(|error| if error.is_permanent() { Err(error) } else { Ok(()) }))
}

fn misused(log: &Log, at: &str, message: &str, help: &str) -> Exit {
    let problem = Problem { at: at.to_owned(), message: message.to_owned(), help: help.to_owned() };
    log.tell(&Entry::error("usage", problem.to_string()));
    Exit::Usage
}

fn failed(log: &Log, error: &AwsError) -> Exit {
    log.tell(&Entry::refused("send.failed", error));
    Exit::from(error)
}

async fn put<Q: Queue>(queue: &Q, letter: &Letter, log: &Log) -> Result<(), Exit> {
    // Who may not ask finds out when it does not fit.
    let largest = queue.about().await.ok().and_then(|about| about.largest).unwrap_or(LARGEST);
    if size(letter) > largest {
        let message = format!("has {} bytes, and the queue takes {largest}", size(letter));
        let help = "make the definition smaller: configuration can come from Parameter Store";
        misused(log, "the message", &message, help);
        return Err(Exit::Unusable);
    }
    queue.send(letter).await.map_err(|error| failed(log, &error))
}

/// SQS counts attributes, too.
fn size(letter: &Letter) -> usize {
    let attribute = |(name, it): (&String, &Attribute)| name.len() + it.kind.len() + it.value.len();
    letter.body.len() + letter.attributes.iter().map(attribute).sum::<usize>()
}

/// What was typed, and a message says instead of the deployer's own settings.
fn terms(args: &Send, settings: &Settings) -> Vec<(&'static str, String)> {
    let term = |(name, typed): &(&'static str, String)| {
        Some(match *name {
            "ECS_CLUSTER" => ("cluster", settings.cluster.clone()),
            "ECS_TIMEOUT" => ("timeout", typed.clone()),
            "ECS_ROLLBACK" => ("rollback", u8::from(settings.terms.roll_back).to_string()),
            "ECS_STRATEGY" => ("strategy", typed.clone()),
            _ => return None,
        })
    };
    args.typed.iter().filter_map(term).collect()
}

/// The order as a message, which a deployer of these settings could use.
fn letter(args: &Send, body: String, settings: &Settings) -> Result<Letter, Poison> {
    // With a name of its own, an order that is sent twice is done once.
    let key = args.order.deployment_id.clone().unwrap_or_else(|| name::new(Timestamp::now()));
    let mut attributes = args.order.attributes();
    attributes.insert("deployment_id".to_owned(), Attribute::text(&key));
    let number = |it: u64| Attribute { kind: "Number".to_owned(), value: it.to_string() };
    let text = |(name, value): (&str, String)| (name.to_owned(), Attribute::text(&value));
    attributes.extend(terms(args, settings).into_iter().map(text));
    attributes.extend(args.sequence.map(|it| ("sequence".to_owned(), number(it))));
    let message = Message::unsent(key.clone(), body, attributes);
    request(&message, settings)?;
    let Message { body, attributes, .. } = message;
    let group = Some(args.order.service.clone());
    Ok(Letter { queue: settings.queue.clone(), body, attributes, group, twin: Some(twin(&key)) })
}

/// AWS takes 128 characters, of few kinds.
fn twin(key: &str) -> String {
    let is_right = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    key.chars().filter(is_right).take(128).collect()
}

fn key(letter: &Letter) -> &str {
    letter.attributes.get("deployment_id").map_or("", |it| &it.value)
}

/// Waits until the order's result is in the queue.
async fn wait<Q: Queue>(results: &Q, letter: &Letter, settings: &Settings, log: &Log) -> Exit {
    let terms = &settings.terms;
    let patience = terms.start + terms.complete + Duration::from_secs(60);
    let mut end = Instant::now() + patience;
    let wanted = Wanted { most: 10, wait: settings.wait, hide: LOOK };
    while Instant::now() < end {
        let messages = match results.receive(&wanted).await {
            Ok(messages) => messages,
            Err(error) => return failed(log, &error),
        };
        let mut ours = None;
        for message in messages {
            match result(&message, key(letter)) {
                Some(result) => {
                    // It is known now; if it stays, it is old some day.
                    let _ = remove(results, &message.receipt).await;
                    ours = Some(result);
                }
                None => drop(results.hide(&message.receipt, OTHERS).await),
            }
        }
        match ours {
            Some(result) if comes_again(&result) => {
                not_yet(&result, log);
                end = Instant::now() + patience;
            }
            Some(result) => return told(&result, log),
            None => {}
        }
    }
    let text = format!(
        "no result came to RESULT_URL within {} s; the order may still be carried out",
        patience.as_secs()
    );
    log.tell(&Entry::error("send.no_result", text));
    Exit::Unanswered
}

/// The result that a message holds, if it is that of an order.
fn result(message: &Message, key: &str) -> Option<Value> {
    let body: Value = serde_json::from_str(&message.body).ok()?;
    let is_ours = body["event"] == "deploy.result" && body["delivery_key"] == key;
    is_ours.then_some(body)
}

/// Whether the order is tried again: it was interrupted, and its message kept.
fn comes_again(result: &Value) -> bool {
    result["status"] == "interrupted" && result["message"] == "kept"
}

fn not_yet(result: &Value, log: &Log) {
    let summary = result["summary"].as_str().unwrap_or_default();
    let told = format!("{summary}; the order is tried again, and waited for");
    log.tell(&Entry::warn("send.interrupted", one_line(&told).into_owned()));
}

fn told(result: &Value, log: &Log) -> Exit {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    let mut message = text(&result["summary"]);
    for cause in lines("causes") {
        message += &format!("\n  cause: {}", text(&cause["message"]));
    }
    for help in lines("help") {
        message += &format!("\n  to do: {}", text(&help));
    }
    let good = result["success"] == true;
    let level = if good { Level::Info } else { Level::Error };
    let entry = Entry::new(level, "deploy.result", message);
    let fields = result.as_object().cloned().unwrap_or_default();
    log.tell(&Entry { fields, ..entry });
    let number = result["exit_code"].as_u64().and_then(|it| u8::try_from(it).ok());
    let usual = if good { Exit::Done } else { Exit::Failed };
    number.and_then(Exit::of_number).unwrap_or(usual)
}

#[cfg(test)]
mod tests;
