//! Policy documents of IAM, as far as a mistake in them can be seen.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use compose_model::value::Value;
use compose_model::{Step, nearest};
use indexmap::IndexMap;

use super::grammar::{Read, Wrong, kind};

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Principal",
    "NotPrincipal",
];
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

/// A policy for the role of a task.
pub(super) fn document(value: &Value) -> Read<Value> {
    let value = in_one_form(value);
    let map = value.as_map().ok_or_else(|| {
        let is = format!("must be a policy document, not {}", kind(&value));
        Wrong::new(is, "write `Version: \"2012-10-17\"` and `Statement:` below it")
    })?;
    known_keys(map, &DOCUMENT, "the document", &[])?;
    version(map)?;
    let statement = map.get("Statement").ok_or_else(|| {
        Wrong::new("has no `Statement`", "list what the task may do below `Statement:`")
    })?;
    let statements = statement.as_list().unwrap_or(std::slice::from_ref(statement));
    if statements.is_empty() {
        let help = "list what the task may do below `Statement:`";
        return Err(Wrong::new("has no statement", help));
    }
    for (index, statement) in statements.iter().enumerate() {
        check_statement(statement, index)?;
    }
    Ok(value)
}

/// The overlay, or any other piece of CloudFormation.
pub(super) fn cloudformation(value: &Value) -> Read<Value> {
    if value.as_map().is_none() {
        let is = format!("must be a piece of a template, not {}", kind(value));
        return Err(Wrong::new(is, "write `Resources:` below it, indented"));
    }
    Ok(in_one_form(value))
}

/// Sorted by key, so that the order in which an author wrote them changes nothing.
/// YAML makes a point in time of a version without quotes; AWS wants the date alone.
fn in_one_form(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let mut map: IndexMap<String, Value> = map.iter().map(plain_entry).collect();
            map.sort_unstable_keys();
            Value::Map(map)
        }
        Value::List(items) => Value::List(items.iter().map(in_one_form).collect()),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::String(_) => value.clone(),
    }
}

fn plain_entry((key, value): (&String, &Value)) -> (String, Value) {
    let date = value.as_str().and_then(|text| text.strip_suffix("T00:00:00Z"));
    let date = date.filter(|_| matches!(key.as_str(), "Version" | "AWSTemplateFormatVersion"));
    let value = date.map_or_else(|| in_one_form(value), |date| Value::String(date.to_owned()));
    (key.clone(), value)
}

fn version(map: &IndexMap<String, Value>) -> Read<()> {
    match map.get("Version") {
        Some(version) if !version.as_str().is_some_and(|text| VERSIONS.contains(&text)) => {
            let is = "has a `Version` that IAM does not know";
            Err(Wrong::new(is, "write `Version: \"2012-10-17\"`"))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_statement(statement: &Value, index: usize) -> Read<()> {
    let at = format!("statement {}", index + 1);
    let map = statement.as_map().ok_or_else(|| {
        let is = format!("has {} as {at}", kind(statement));
        Wrong::new(is, "write `Effect`, `Action` and `Resource` for it")
    })?;
    // What CloudFormation works out can be anything.
    if map.keys().any(|key| key.starts_with("Fn::") || key == "Ref") {
        return Ok(());
    }
    let way = [Step::Key("Statement".to_owned()), Step::Index(index)];
    known_keys(map, &STATEMENT, &at, &way)?;
    if let Some(who) = ["Principal", "NotPrincipal"].iter().find(|key| map.contains_key(**key)) {
        let is = format!("has `{who}` in {at}, though it is for the task's own role");
        return Err(Wrong::new(is, format!("remove `{who}`")));
    }
    if !map.get("Effect").and_then(Value::as_str).is_some_and(is_effect) {
        let is = format!("has no `Effect` in {at}");
        return Err(Wrong::new(is, "write `Effect: Allow` or `Effect: Deny`"));
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
        if !map.contains_key(one) && !map.contains_key(other) {
            return Err(Wrong::new(format!("has no `{one}` in {at}"), format!("add `{one}: …`")));
        }
    }
    Ok(())
}

fn is_effect(text: &str) -> bool {
    matches!(text, "Allow" | "Deny")
}

fn known_keys(map: &IndexMap<String, Value>, known: &[&str], at: &str, way: &[Step]) -> Read<()> {
    let unknown = map.keys().find(|key| !known.contains(&key.as_str()));
    let Some(key) = unknown else { return Ok(()) };
    let help = match nearest(key, known.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("remove it: IAM knows `{}` there", known.join("`, `")),
    };
    let wrong = Wrong::new(format!("has `{key}` in {at}, which IAM does not know"), help);
    Err(wrong.at_key(way.iter().cloned().chain([Step::Key(key.clone())]).collect()))
}
