//! Policies, of whose keys no schema of a resource tells.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, Place, nearest};
use indexmap::IndexMap;

use super::selector;

/// What holds a policy.
const DOCUMENTS: [&str; 2] = ["AssumeRolePolicyDocument", "PolicyDocument"];

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
const OF_DOCUMENTS: [&str; 3] = ["Id", "Statement", "Version"];

const OF_STATEMENTS: [&str; 9] = [
    "Action",
    "Condition",
    "Effect",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Sid",
];

/// Tells of keys of policies that are like one that policies have.
pub(super) fn check(entries: &IndexMap<String, Value>, at: &Path, found: &mut Vec<Diagnostic>) {
    for (key, value) in entries {
        let at = at.key(key);
        if DOCUMENTS.contains(&selector::name(key)) {
            document(value, &at, found);
        } else {
            below(value, &at, found);
        }
    }
}

fn below(value: &Value, at: &Path, found: &mut Vec<Diagnostic>) {
    if let Some(entries) = value.as_map() {
        check(entries, at, found);
    }
    for (index, item) in value.as_list().into_iter().flatten().enumerate() {
        below(item, &at.index(index), found);
    }
}

fn document(document: &Value, at: &Path, found: &mut Vec<Diagnostic>) {
    mistyped("a policy", document, &OF_DOCUMENTS, at, found);
    let entries = document.as_map().into_iter().flatten();
    for (key, value) in entries.filter(|(key, _)| selector::name(key) == "Statement") {
        statements(value, &at.key(key), found);
    }
}

fn statements(statements: &Value, at: &Path, found: &mut Vec<Diagnostic>) {
    match statements.as_list() {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                mistyped("a statement", item, &OF_STATEMENTS, &at.index(index), found);
            }
        }
        None => mistyped("a statement", statements, &OF_STATEMENTS, at, found),
    }
}

fn mistyped(whole: &str, mapping: &Value, known: &[&str], at: &Path, found: &mut Vec<Diagnostic>) {
    let keys = mapping.as_map().into_iter().flat_map(|map| map.keys());
    for key in keys.filter(|key| !known.contains(&selector::name(key))) {
        if let Some(near) = nearest(selector::name(key), known.iter().copied()) {
            let problem =
                Diagnostic::warning("ecs::overlay-property", format!("{whole} has no key `{key}`"));
            let problem = problem.at(Place::Key(at.key(key)), "unknown");
            found.push(problem.help(format!("did you mean `{near}`?")));
        }
    }
}
