//! What to type instead of what does not fit the table.

mod keys;
mod lists;
mod scalars;

pub(super) use keys::{
    Meant, looks_like_service, missing_key, mistyped, not_a_key, unknown_key, valid_name,
};
use lists::{not_a_list, not_a_mapping, not_one, one_item};
use scalars::{A_PORT, bare_value};
pub(crate) use scalars::{number, truth};
pub(super) use scalars::{special_number, word};

use super::{Others, Rule};
use crate::tree::{Kind, Map, Node, Trail};

/// How to say something where a value of another kind stands.
pub(super) fn wrong_kind(node: &Node, rule: &Rule, at: &Trail<'_>) -> Option<String> {
    if at.matches(&["version"]) {
        return Some("remove it: `version` has no meaning any more".to_owned());
    }
    let key = at.last().unwrap_or("it");
    match &node.kind {
        Kind::Null => Some(no_value(rule, at)),
        Kind::Map(_) if key == "<<" => Some(QUOTED_MERGE_KEY.to_owned()),
        Kind::Map(map) => match (rule.list, rule.string) {
            (Some(list), _) => Some(not_a_list(key, map, &list.items)),
            (None, Some(_)) => {
                not_a_string(map, at).or_else(|| Some(format!("write one text: `{key}: …`")))
            }
            (None, None) => None,
        },
        Kind::List(items) if rule.map.is_some() => Some(not_a_mapping(key, items, rule)),
        Kind::List(items) => not_one(key, items).filter(|_| rule.string.is_some()),
        Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => bare_value(node, rule, at),
        Kind::String(text) => one_item(key, text, rule)
            .or_else(|| missing_colon(text, rule))
            .or_else(|| shorthand(text, at))
            .or_else(|| keys_below(key, text, rule))
            .or_else(|| rule.boolean.then(|| truth(text)))
            .or_else(|| number(text).filter(|_| rule.number.is_some())),
        Kind::Time(_) => {
            rule.string?;
            Some("put quotes around it: a date without quotes is not text to YAML".to_owned())
        }
    }
}

/// A quoted `<<` is a key like any other.
const QUOTED_MERGE_KEY: &str =
    "remove the quotes around `<<`: between quotes it is a key like any other, and merges nothing";

/// One value where a mapping has a key that most likely means it.
fn shorthand(text: &str, at: &Trail<'_>) -> Option<String> {
    let key = at.last()?;
    let inner = match key {
        _ if at.matches(&["secrets", "*"]) || at.matches(&["configs", "*"]) => "file",
        _ if at.matches(&["networks", "*"]) => "driver",
        _ if at.matches(&["volumes", "*"]) => {
            return Some(match text.contains(['/', '.']) {
                true => format!(
                    "write `{key}: {{}}`; a folder is named where it is mounted, as in \
                     `- {text}:/path/in/container`"
                ),
                false => format!("write `{key}: {{driver: {text}}}`"),
            });
        }
        _ if at.matches(&["models", "*"]) => "model",
        _ if at.matches(&["services", "*"]) && !text.contains(' ') => "image",
        _ if at.matches(&["services", "*", "networks", "*"]) => "ipv4_address",
        "logging" | "ipam" => "driver",
        "provider" => "type",
        "healthcheck" => "test",
        "deploy" if text.parse::<u32>().is_ok() => "replicas",
        "restart_policy" => "condition",
        "credential_spec" => "file",
        _ => return None,
    };
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let text = match text {
        text if is_plain => text.to_owned(),
        text if text.contains('"') => format!("'{}'", text.replace('\'', "''")),
        text => format!("\"{text}\""),
    };
    Some(format!("write `{key}: {{{inner}: {text}}}`"))
}

/// `database:` with nothing behind it.
fn no_value(rule: &Rule, at: &Trail<'_>) -> String {
    let Some(key) = at.last() else {
        return match at.matches(&["services", "*", "ports", "[]"]) {
            true => A_PORT.to_owned(),
            false => "give the item a value, or remove it".to_owned(),
        };
    };
    match rule.map {
        Some(map) if rule.list.is_none() => match map.required.first() {
            Some(needed) => format!("below `{key}`, {}", missing_key(needed, map)),
            None => format!("indent what belongs to `{key}` below it, or remove `{key}`"),
        },
        _ => format!("give `{key}` a value, or remove it"),
    }
}

/// `image nginx`, below the name of a service.
fn missing_colon(text: &str, rule: &Rule) -> Option<String> {
    let map = rule.map?;
    let separator = |c: char| c.is_whitespace() || c == '=';
    let (first, rest) = text.split_once(separator).unwrap_or((text, ""));
    let rest = rest.trim_start_matches(separator);
    if map.rule(first).is_some() {
        return Some(match rest {
            "" => format!("put `:` behind `{first}`"),
            _ if rest.contains(char::is_whitespace) => {
                format!("put `:` and a space behind `{first}`, and behind the other keys below it")
            }
            _ => format!("write `{first}: {rest}`"),
        });
    }
    None
}

/// One value where keys belong.
fn keys_below(key: &str, text: &str, rule: &Rule) -> Option<String> {
    let map = rule.map?;
    match map.others {
        Others::Chosen { .. } => Some(format!("write `{text}:` below `{key}`, indented")),
        Others::Extensions | Others::None | Others::Any => {
            let names: Vec<&str> = map.usual_names().collect();
            if names.is_empty() {
                return Some(format!("write `NAME: VALUE` below `{key}`, indented"));
            }
            let more = if map.keys.len() > names.len() { " and others" } else { "" };
            Some(format!("what belongs below `{key}` is `{}`{more}", names.join("`, `")))
        }
    }
}

/// `image: {{ value }}`, a value with a stray colon, or `- NAME: value`.
fn not_a_string(map: &Map, at: &Trail<'_>) -> Option<String> {
    let (name, value) = map.first()?;
    if name.starts_with('{') {
        return Some(template(name));
    }
    let list = at.parent().filter(|_| at.last().is_none()).and_then(Trail::last);
    if value.as_map().is_some() && matches!(list, Some("depends_on" | "networks" | "models")) {
        return Some(format!("remove the `- ` before each name, as in `{name}:`"));
    }
    if value.is_null() && map.len() == 1 {
        return Some(format!("remove the `:` behind `{name}`"));
    }
    let value = value.scalar_text().filter(|_| map.len() == 1)?;
    match list {
        Some(
            "environment"
            | "labels"
            | "args"
            | "annotations"
            | "sysctls"
            | "options"
            | "extra_hosts"
            | "additional_contexts",
        ) => Some(format!("write `- {name}={value}`, or remove the `- ` of every line")),
        Some("depends_on") => Some(format!("write `- {name}`")),
        Some(_) | None => Some(format!("for the text `{name}: {value}`, put quotes around it")),
    }
}

/// `{{ value }}`, for which other tools fill in something.
fn template(name: &str) -> String {
    let variable = name.trim_matches(|c: char| "{}. ".contains(c));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if variable.starts_with(|c: char| c.is_ascii_digit()) || !variable.chars().all(is_word) {
        return format!(
            "for a text, put quotes around it: `\"{{{name}}}\"`; Compose has no templates"
        );
    }
    format!(
        "for a variable write `${{{variable}}}`; for a text put quotes around it: `\"{{{name}}}\"`"
    )
}
