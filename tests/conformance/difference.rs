//! Where two values differ, as far as a reader of Compose files can tell.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

/// A value without empty members, which mean the same as absent ones.
pub(crate) fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, member)| (key, without_empty(member)));
            Value::Object(members.filter(|(_, member)| !is_empty(member)).collect())
        }
        Value::Array(items) => items.into_iter().map(without_empty).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value with every text changed.
pub(crate) fn with_texts(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(key, member)| (key, with_texts(member, change))).collect(),
        ),
        Value::Array(items) => items.into_iter().map(|item| with_texts(item, change)).collect(),
        Value::String(text) => Value::String(change(&text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// Says where two values differ.
///
/// # Errors
///
/// The first places, if there are any.
pub(crate) fn same(ours: Value, theirs: Value) -> Result<(), String> {
    let mut found = Vec::new();
    compare(Some(&without_empty(ours)), Some(&without_empty(theirs)), "", &mut found);
    match found.len() {
        0 => Ok(()),
        count => Err(shown(&found, count)),
    }
}

fn shown(found: &[String], count: usize) -> String {
    let first = found.iter().take(4).map(|place| format!("\n    {place}"));
    let more = count.checked_sub(5).map(|rest| format!("\n    and {} more", rest + 1));
    first.chain(more).collect()
}

fn compare(ours: Option<&Value>, theirs: Option<&Value>, at: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                compare(a.get(key), b.get(key), &format!("{at}.{key}"), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(Some(a), Some(b), &format!("{at}[{index}]"), found);
            }
        }
        (Some(Value::Number(a)), Some(Value::Number(b))) if same_number(a, b) => {}
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => {
            found.push(format!("{at}: ours {}, Docker's {}", brief(ours), brief(theirs)));
        }
    }
}

pub(crate) fn same_number(a: &Number, b: &Number) -> bool {
    a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
}

fn brief(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "absent".to_owned(), Value::to_string);
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn empty_members_and_notations_of_numbers_are_no_difference() {
        let ours = json!({"a": {"b": null, "c": [], "d": ""}, "n": 1});
        assert_eq!(same(ours, json!({"n": 1.0})), Ok(()));
    }

    #[test]
    fn every_difference_has_its_place() {
        let (ours, theirs) = (json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 3}], "c": true}));
        let text = "\n    .a[1].b: ours 2, Docker's 3\n    .c: ours absent, Docker's true";
        assert_eq!(same(ours, theirs), Err(text.to_owned()));
    }
}
