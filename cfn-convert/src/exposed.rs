//! The last look at a template: whatever way a secret took, it must not be in there.

use compose_model::{Diagnostic, SecretGuard};

use crate::limits::place;
use crate::template::{Data, Map, Template};

/// Every section and resource of a template that holds the value of a secret. Checking
/// a project tells of all ways to the template that it knows, and where they begin;
/// this one holds for those that nobody thought of.
pub(crate) fn exposed(template: &Template, guard: &SecretGuard) -> Vec<Diagnostic> {
    if guard.is_empty() {
        return Vec::new();
    }
    let sections = template.data().iter().filter(|(name, _)| *name != "Resources");
    let parts = sections.map(|(name, part)| (name, part, "section"));
    let resources = template.section("Resources").map(|(id, part)| (id, part, "resource"));
    let problem = |(name, part, kind): (&str, &Data, &str)| {
        let secret = guard.find(name).or_else(|| find(part, guard))?;
        let message = format!("the value of the secret `{secret}` could be read in the template");
        Some(
            Diagnostic::error("ecs::exposed-secret", message)
                .at(place(part), format!("it is in the {kind} `{name}`"))
                .help("look there with another value of the secret, and change what it comes from"),
        )
    };
    parts.chain(resources).filter_map(problem).collect()
}

fn find<'g>(data: &Data, guard: &'g SecretGuard) -> Option<&'g str> {
    match data {
        Data::Text(text) => guard.find(text),
        Data::List(items) => items.iter().find_map(|item| find(item, guard)),
        Data::Map(map) => find_in_map(map, guard),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => None,
    }
}

fn find_in_map<'g>(map: &Map, guard: &'g SecretGuard) -> Option<&'g str> {
    map.iter().find_map(|(key, value)| guard.find(key).or_else(|| find(value, guard)))
}
