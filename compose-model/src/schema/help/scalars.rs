//! What to type instead of a number, a word or a boolean that does not fit.

use super::lists::one_item;
use super::{keys_below, shorthand};
use crate::load::problem::nearest;
use crate::schema::{Rule, Words};
use crate::tree::{Node, Trail};

/// A number or a boolean where neither fits.
pub(super) fn bare_value(node: &Node, rule: &Rule, at: &Trail<'_>) -> Option<String> {
    let text = &node.scalar_text()?[..];
    let key = at.last().unwrap_or_default();
    if rule.boolean {
        return Some(truth(text));
    }
    let Some(words) = rule.string else {
        let other = || shorthand(text, at).or_else(|| keys_below(key, text, rule));
        return one_item(key, text, rule).or_else(other);
    };
    Some(match (words, node.as_bool()) {
        _ if at.matches(&["services", "*", "gpus"]) => {
            format!("write `gpus: [{{count: {text}}}]`, or `gpus: all`")
        }
        _ if at.matches(&["services", "*", "ports", "[]"]) => A_PORT.to_owned(),
        (Words::OneOf(words), _) => one_of_these(words),
        (Words::Matching { help, test, .. }, _) if !test(text) => help(text),
        (_, Some(value)) if key == "restart" => restart(value).to_owned(),
        (_, Some(_)) if unit(key) == Some("s") => "write a time such as `30s`".to_owned(),
        (_, Some(_)) if key.contains("mem") || key == "shm_size" => {
            "write a size such as `512m`".to_owned()
        }
        (_, Some(_)) if rule.number.is_some() && !is_option(at) => "write a number".to_owned(),
        (_, None) if unit(key).is_some() => {
            format!("write it with a unit: `{text}{}`", unit(key).unwrap_or_default())
        }
        (Words::Any | Words::Matching { .. }, _) => format!("put quotes around it: `\"{text}\"`"),
    })
}

/// Whether the value is for a driver, which takes any text.
fn is_option(at: &Trail<'_>) -> bool {
    let outer = at.parent().and_then(Trail::last);
    matches!(outer, Some("options" | "driver_opts"))
}

/// When to restart, for who thinks that the question is whether.
fn restart(value: bool) -> &'static str {
    match value {
        true => "write `restart: always`, `unless-stopped` or `on-failure`",
        false => "write `restart: \"no\"`, with quotes",
    }
}

pub(super) const A_PORT: &str = "write a port such as `\"8080:80\"`, or remove the item";

/// Which boolean a word or a number stands for.
pub(crate) fn truth(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "enable" | "enabled" | "always" => "write `true`".to_owned(),
        "0" | "f" | "disable" | "disabled" | "never" | "none" => "write `false`".to_owned(),
        _ => "write `true` or `false`".to_owned(),
    }
}

/// The number that a text stands for: `500m` is half of one in Kubernetes, and
/// many countries write a comma before fractions.
pub(crate) fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let thousandths = text.strip_suffix('m').and_then(|digits| digits.parse::<u32>().ok());
    if let Some(thousandths) = thousandths {
        return Some(format!("write `{}`", f64::from(thousandths) / 1000.0));
    }
    let percent = text.strip_suffix('%').and_then(|digits| digits.trim().parse::<u32>().ok());
    if let Some(percent) = percent {
        return Some(format!("write `{}`", f64::from(percent) / 100.0));
    }
    let pointed = text.replace(',', ".");
    pointed.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(format!("write `{pointed}`"))
}

/// Infinity as it is written.
pub(in crate::schema) fn special_number(value: f64) -> &'static str {
    match value {
        f64::INFINITY => ".inf",
        f64::NEG_INFINITY => "-.inf",
        _ => ".nan",
    }
}

/// The word that a mistyped one was meant to be, or all that are allowed.
pub(in crate::schema) fn word(text: &str, words: &[&str]) -> String {
    match nearest(text, words.iter().copied()) {
        Some(word) => format!("write `{word}`"),
        None => one_of_these(words),
    }
}

pub(super) fn one_of_these(words: &[&str]) -> String {
    match words {
        [word] => format!("write `{word}`"),
        [word, other] => format!("write `{word}` or `{other}`"),
        words => format!("write one of `{}`", words.join("`, `")),
    }
}

/// What a bare number most likely counts.
fn unit(key: &str) -> Option<&'static str> {
    match key {
        "interval" | "timeout" | "start_period" | "start_interval" | "stop_grace_period"
        | "delay" | "monitor" | "window" => Some("s"),
        "memory" => Some("M"),
        _ => None,
    }
}
