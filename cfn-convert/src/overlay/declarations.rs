//! What parameters, outputs and policies of resources have to say.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, Place, nearest};

use super::merge::Merge;
use super::unknown;
use crate::template::{Data, Template};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
const OF_PARAMETERS: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>
const OF_OUTPUTS: [&str; 4] = ["Condition", "Description", "Export", "Value"];

/// What parameters are of.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>
const TYPES: [&str; 8] = [
    "String",
    "Number",
    "List<Number>",
    "CommaDelimitedList",
    "AWS::SSM::Parameter::Name",
    "AWS::SSM::Parameter::Value<String>",
    "AWS::SSM::Parameter::Value<List<String>>",
    "AWS::SSM::Parameter::Value<CommaDelimitedList>",
];

/// What exists in an account: one of them, or a list, which SSM may keep.
const EXISTING: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
];

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html>
const POLICIES: [(&str, &[&str]); 2] = [
    ("DeletionPolicy", &["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"]),
    ("UpdateReplacePolicy", &["Delete", "Retain", "Snapshot"]),
];

/// Looks at what an overlay changes or adds, as it is after the merge.
pub(super) fn check(template: &Template, overlay: &Value, root: &Path, merge: &mut Merge) {
    for (id, entry, at) in entries(template, overlay, root, "Parameters") {
        keys("a parameter", &entry, &OF_PARAMETERS, &at, merge);
        parameter_type(id, &entry, &at, merge);
    }
    for (id, entry, at) in entries(template, overlay, root, "Outputs") {
        keys("an output", &entry, &OF_OUTPUTS, &at, merge);
        if is_missing("Value", &entry, &OF_OUTPUTS) {
            let message = format!("the output `{id}` has no `Value`");
            let problem = Diagnostic::error("ecs::overlay-output", message).at(at, "");
            merge.report(problem.help("write what it shows: `Value: {Ref: Cluster}`"));
        }
    }
    for (id, entry) in overlay.get("Resources").and_then(Value::as_map).into_iter().flatten() {
        let at = root.key("Resources").key(id);
        for (key, known) in POLICIES {
            let written = entry.get(key).filter(|value| **value != Value::Null);
            written.into_iter().for_each(|value| policy(key, known, value, &at.key(key), merge));
        }
    }
}

/// Mappings that an overlay has in a section, with what the template had before.
fn entries<'a>(
    template: &'a Template,
    overlay: &'a Value,
    root: &'a Path,
    section: &'a str,
) -> impl Iterator<Item = (&'a str, Data, Path)> {
    let written = overlay.get(section).and_then(Value::as_map).into_iter().flatten();
    let merged = template.root.get(section);
    written.filter(|(_, value)| value.as_map().is_some()).map(move |(id, value)| {
        let merged = merged.and_then(|it| it.get(id)).cloned();
        (id.as_str(), merged.unwrap_or_else(|| Data::from(value)), root.key(section).key(id))
    })
}

/// Whether nothing stands for a key, not even a mistyped one.
fn is_missing(key: &str, entry: &Data, known: &[&str]) -> bool {
    let means_it = |other: &str| {
        let is_mistyped = || nearest(other, known.iter().copied()) == Some(key);
        other == key || (!known.contains(&other) && is_mistyped())
    };
    !entry.as_map().into_iter().flat_map(|map| map.iter()).any(|(other, _)| means_it(other))
}

fn keys(whole: &str, entry: &Data, known: &[&str], at: &Path, merge: &mut Merge) {
    let found = entry.as_map().into_iter().flat_map(|map| map.iter());
    for (key, _) in found.filter(|(key, _)| !known.contains(key)) {
        merge.report(unknown("key", key, known, whole, &at.key(key)));
    }
}

fn parameter_type(id: &str, entry: &Data, at: &Path, merge: &mut Merge) {
    if is_missing("Type", entry, &OF_PARAMETERS) {
        let message = format!("the parameter `{id}` has no `Type`");
        let problem = Diagnostic::error("ecs::overlay-parameter", message).at(at.clone(), "");
        return merge.report(problem.help("write `Type: String`, or another one"));
    }
    let Some(kind) = entry.get("Type") else { return };
    let kind = kind.as_str().unwrap_or_default();
    let types = types();
    if types.iter().any(|known| known == kind) {
        return;
    }
    let near = nearest(kind, types.iter().map(String::as_str));
    // AWS adds types of its own.
    if near.is_none() && of(of(kind, KEPT), LIST).starts_with("AWS::") {
        return;
    }
    let message = format!("no parameter is of the type `{kind}`");
    let problem = Diagnostic::error("ecs::overlay-parameter", message);
    let problem = problem.at(Place::Path(at.key("Type")), "unknown");
    merge.report(match near {
        Some(_) | None if kind == "List<String>" => problem.help("write `CommaDelimitedList`"),
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("write `String`, `Number` or `CommaDelimitedList`"),
    });
}

const KEPT: &str = "AWS::SSM::Parameter::Value<";
const LIST: &str = "List<";

/// All types that are known here.
fn types() -> Vec<String> {
    let mut types: Vec<String> = TYPES.map(str::to_owned).into();
    for one in EXISTING {
        let list = format!("{LIST}{one}>");
        types.extend([one.to_owned(), format!("{KEPT}{one}>"), format!("{KEPT}{list}>"), list]);
    }
    types
}

/// What a list is of, or what SSM keeps.
fn of<'k>(kind: &'k str, outer: &str) -> &'k str {
    kind.strip_prefix(outer).and_then(|it| it.strip_suffix('>')).unwrap_or(kind)
}

fn policy(key: &str, known: &[&str], value: &Value, at: &Path, merge: &mut Merge) {
    let text = value.as_str().unwrap_or_default();
    if known.contains(&text) {
        return;
    }
    let message = format!("`{text}` is no `{key}`");
    let problem = Diagnostic::error("ecs::overlay-policy", message);
    let problem = problem.at(at.clone(), "unknown");
    merge.report(match nearest(text, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("write one of {}", known.join(", "))),
    });
}
