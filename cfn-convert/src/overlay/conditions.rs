//! Whatever waits for a condition needs one.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, nearest};

use super::merge::Merge;
use crate::template::Template;

/// Looks at every condition that an overlay names.
pub(super) fn check(template: &Template, overlay: &Value, root: &Path, merge: &mut Merge) {
    let mut found = Vec::new();
    for section in ["Resources", "Outputs"] {
        for (id, entry) in overlay.get(section).and_then(Value::as_map).into_iter().flatten() {
            let at = root.key(section).key(id).key("Condition");
            found.extend(entry.get("Condition").and_then(Value::as_str).map(|name| (name, at)));
        }
    }
    for (section, value) in overlay.as_map().into_iter().flatten() {
        chosen(value, &root.key(section), section == "Conditions", &mut found);
    }
    let merged = template.section("Conditions").map(|(name, _)| name);
    let written = overlay.get("Conditions").and_then(Value::as_map).into_iter().flatten();
    let known: Vec<&str> = merged.chain(written.map(|(name, _)| name.as_str())).collect();
    for (name, at) in found.into_iter().filter(|(name, _)| !known.contains(name)) {
        merge.report(nothing(name, at, &known));
    }
}

/// The conditions that `Fn::If` chooses by, and of which others are made.
fn chosen<'a>(value: &'a Value, at: &Path, in_conditions: bool, found: &mut Vec<(&'a str, Path)>) {
    for (index, item) in value.as_list().into_iter().flatten().enumerate() {
        chosen(item, &at.index(index), in_conditions, found);
    }
    for (key, value) in value.as_map().into_iter().flatten() {
        let (named, place) = match key.as_str() {
            "Fn::If" => (value.as_list().and_then(|items| items.first()), at.key(key).index(0)),
            "Condition" if in_conditions => (Some(value), at.key(key)),
            _ => (None, at.key(key)),
        };
        found.extend(named.and_then(Value::as_str).map(|name| (name, place)));
        chosen(value, &at.key(key), in_conditions, found);
    }
}

fn nothing(name: &str, at: Path, known: &[&str]) -> Diagnostic {
    let problem =
        Diagnostic::error("ecs::overlay-reference", format!("there is no condition `{name}`"))
            .at(at, "asks for it");
    match nearest(name, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("add it to `Conditions`, or remove this line"),
    }
}
