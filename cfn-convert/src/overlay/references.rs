//! Whatever an overlay refers to has to exist after it.

use std::collections::HashSet;

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, nearest};

use super::merge::Merge;
use crate::template::{Data, Map, Template};

/// What CloudFormation says of itself.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// What the template has that can be referred to.
pub(super) fn ids(template: &Template) -> Vec<String> {
    known(template).map(str::to_owned).collect()
}

/// What can be referred to once what is wrong with it has been mended.
fn declared(overlay: &Value) -> impl Iterator<Item = &str> {
    let entries = |name: &str| overlay.get(name).and_then(Value::as_map).into_iter().flatten();
    let resources = entries("Resources").filter(|(_, value)| value.get("Type").is_some());
    let parameters = entries("Parameters").filter(|(_, value)| **value != Value::Null);
    resources.chain(parameters).map(|(id, _)| id.as_str())
}

fn known(template: &Template) -> impl Iterator<Item = &str> {
    let sections = ["Parameters", "Resources"].into_iter();
    sections.flat_map(|name| template.section(name)).map(|(id, _)| id)
}

/// Looks at every reference of the overlay, and at those of the whole template to
/// what was there before. A template that was made here refers to nothing else.
pub(super) fn check(
    template: &Template,
    overlay: &Value,
    root: &Path,
    before: &[String],
    merge: &mut Merge,
) {
    let known: HashSet<&str> = known(template).chain(declared(overlay)).collect();
    let mut found = Vec::new();
    overlay_references(overlay, root, &mut found);
    found.retain(|(id, _)| !known.contains(id.as_str()) && !PSEUDO.contains(&id.as_str()));
    for (id, at) in &found {
        merge.report(nothing(id, at, &known));
    }
    let is_told = |id: &str| found.iter().any(|(told, _)| told == id);
    for id in before.iter().filter(|id| !known.contains(id.as_str()) && !is_told(id)) {
        if let Some(user) = user(template, id) {
            let message = format!("`{id}` is taken out, but `{user}` refers to it");
            merge.report(
                Diagnostic::error("ecs::overlay-reference", message)
                    .at(deletion(overlay, root, id), "`null` takes it out")
                    .help(format!("change `{user}` as well, or take it out too")),
            );
        }
    }
}

/// Where the overlay takes an id out, alone or with all of its section.
fn deletion(overlay: &Value, root: &Path, id: &str) -> Path {
    let place = |name: &&str| {
        let section = overlay.get(name)?;
        let at = root.key(*name);
        if *section == Value::Null {
            return Some(at);
        }
        section.get(id).filter(|it| **it == Value::Null).map(|_| at.key(id))
    };
    ["Resources", "Parameters"].iter().find_map(place).unwrap_or_else(|| root.clone())
}

fn nothing(id: &str, at: &Path, known: &HashSet<&str>) -> Diagnostic {
    let mut sorted: Vec<&str> = known.iter().copied().collect();
    sorted.sort_unstable();
    let (kind, candidates) = if id.starts_with("AWS::") {
        ("pseudo parameter", PSEUDO.to_vec())
    } else {
        ("resource or parameter", sorted)
    };
    let message = format!("there is no {kind} `{id}`");
    let problem =
        Diagnostic::error("ecs::overlay-reference", message).at(at.clone(), "refers to it");
    match nearest(id, candidates) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if id.starts_with("AWS::") => problem.help(format!("there is {}", PSEUDO.join(", "))),
        None => problem.help("add it to `Resources` or `Parameters`, or refer to something else"),
    }
}

/// The ids that an overlay names, and where.
pub(super) fn overlay_references(value: &Value, at: &Path, found: &mut Vec<(String, Path)>) {
    match value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let at = at.key(key);
                let data = Data::from(value);
                found.extend(named(key, &data).into_iter().map(|id| (id, at.clone())));
                overlay_references(value, &at, found);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                overlay_references(item, &at.index(index), found);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::String(_) => {}
    }
}

/// What of a template refers to an id.
fn user<'a>(template: &'a Template, id: &str) -> Option<&'a str> {
    let sections = template.root.iter().filter_map(|(_, section)| section.as_map());
    sections.flat_map(Map::iter).find(|(_, data)| refers(data, id)).map(|(user, _)| user)
}

/// All ids that data names.
pub(super) fn names(data: &Data) -> Vec<String> {
    match data {
        Data::Map(map) => {
            let entry = |(key, value)| [named(key, value), names(value)].concat();
            map.iter().flat_map(entry).collect()
        }
        Data::List(items) => items.iter().flat_map(names).collect(),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Text(_) => Vec::new(),
    }
}

fn refers(data: &Data, id: &str) -> bool {
    let entry = |(key, value): (&str, &Data)| {
        named(key, value).iter().any(|named| named == id) || refers(value, id)
    };
    match data {
        Data::Map(map) => map.iter().any(entry),
        Data::List(items) => items.iter().any(|item| refers(item, id)),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Text(_) => false,
    }
}

/// The ids that a key and its value name.
fn named(key: &str, value: &Data) -> Vec<String> {
    let first = value.as_list().and_then(|items| items.first());
    match key {
        "Ref" => texts([value]),
        "Fn::GetAtt" => texts([first.unwrap_or(value)]).iter().map(|id| before_dot(id)).collect(),
        "Fn::Sub" => variables(first.unwrap_or(value), value.as_list().and_then(|it| it.get(1))),
        "DependsOn" => texts(value.as_list().unwrap_or(std::slice::from_ref(value))),
        _ => Vec::new(),
    }
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Data>) -> Vec<String> {
    values.into_iter().filter_map(Data::as_str).map(str::to_owned).collect()
}

fn before_dot(text: &str) -> String {
    text.split('.').next().unwrap_or(text).to_owned()
}

/// The variables of a text, but for those that have values of their own.
fn variables(text: &Data, own: Option<&Data>) -> Vec<String> {
    let own = own.and_then(Data::as_map);
    let is_own = |name: &str| own.is_some_and(|own: &Map| own.get(name).is_some());
    let starts = text.as_str().unwrap_or_default().split("${").skip(1);
    let names = starts.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim());
    names.filter(|name| !name.starts_with('!') && !is_own(name)).map(before_dot).collect()
}
