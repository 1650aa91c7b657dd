//! Merges resources, and says what is wrong with those that cannot be.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, nearest};

use super::merge::Merge;
use super::{is_loop, is_mapping_or_null, no_mapping, selector, unknown, wrong_name};
use crate::template::{Data, Map};

/// What a resource consists of.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html>
const ATTRIBUTES: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// Merges what an overlay says of resources, as far as it is right.
pub(super) fn merge(merge: &mut Merge, root: &mut Map, value: &Value, at: &Path) {
    let Some(Data::Map(resources)) = root.get_mut("Resources") else { return };
    let Some(wanted) = value.as_map() else {
        let help = "write the name of a resource, and what to change below it";
        return merge.report(no_mapping("`Resources` is a mapping", help, at));
    };
    for (id, value) in wanted {
        let at = at.key(id);
        if !is_loop(id) {
            unknown_attributes(merge, value, &at);
        }
        match wrong(merge, resources, id, value, &at) {
            Some(problem) => merge.report(problem),
            None => merge.entry(resources, id, value, at),
        }
    }
}

/// Why a resource cannot be merged. What is merged into one that the template does not
/// have is most likely meant for one that it has.
fn wrong(merge: &Merge, resources: &Map, id: &str, value: &Value, at: &Path) -> Option<Diagnostic> {
    let kind = value.get("Type");
    let wrong_name = wrong_name(merge, "Resources", id, at);
    if wrong_name.is_some() || is_loop(id) {
        return wrong_name;
    }
    if resources.get(id).is_none() && kind.is_none() {
        return Some(no_resource(resources, id, at));
    }
    if !is_mapping_or_null(value) {
        let help = format!("write `Properties:` below it, or `{id}: null` to take it out");
        return Some(no_mapping(format!("the resource `{id}` is a mapping"), &help, at));
    }
    if value.get("Properties").is_some_and(|it| !is_mapping_or_null(it)) {
        let help = "write names of properties below it, each with its own value";
        let message = format!("`Properties` of `{id}` is a mapping");
        return Some(no_mapping(message, help, &at.key("Properties")));
    }
    let old = resources.get(id)?.get("Type")?.as_str()?;
    let new = kind?.as_str().unwrap_or_default();
    (old != new).then(|| other_type(id, old, &at.key("Type")))
}

/// The properties of both would be mixed.
fn other_type(id: &str, kind: &str, at: &Path) -> Diagnostic {
    Diagnostic::error("ecs::overlay-resource", format!("the resource `{id}` is an `{kind}`"))
        .at(at.clone(), "another type")
        .help("give yours another name, or leave `Type` out to change this one")
}

fn unknown_attributes(merge: &mut Merge, resource: &Value, at: &Path) {
    for key in resource.as_map().into_iter().flat_map(|map| map.keys()) {
        if !ATTRIBUTES.contains(&selector::name(key)) {
            merge.report(no_attribute(key, &ATTRIBUTES, &at.key(key)));
        }
    }
}

fn no_resource(resources: &Map, id: &str, at: &Path) -> Diagnostic {
    let known = resources.iter().map(|(id, _)| id);
    let problem =
        Diagnostic::error("ecs::overlay-resource", format!("there is no resource `{id}`"))
            .at(at.clone(), "the template does not have it");
    match nearest(id, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => {
            problem.help("give it a `Type` to add it; `ecs-cli convert` prints those that exist")
        }
    }
}

fn no_attribute(key: &str, known: &[&str], at: &Path) -> Diagnostic {
    match nearest(key, known.iter().copied()) {
        Some(_) => unknown("key", key, known, "a resource", at),
        None => unknown("key", key, known, "a resource", at)
            .help(format!("write it below `Properties`: `Properties: {{{key}: …}}`")),
    }
}
