//! Resources that wait for each other are never made.

use std::collections::{HashMap, VecDeque};

use compose_model::value::Value;
use compose_model::{Diagnostic, Path};

use super::merge::Merge;
use super::references::{names, overlay_references};
use crate::template::Template;

/// What each resource waits for.
type Graph<'a> = HashMap<&'a str, Vec<String>>;

/// Looks for circles that an overlay closes. A template that was made here has none.
pub(super) fn check(template: &Template, overlay: &Value, root: &Path, merge: &mut Merge) {
    let mut references = Vec::new();
    if let Some(resources) = overlay.get("Resources") {
        overlay_references(resources, &root.key("Resources"), &mut references);
    }
    if references.is_empty() {
        return;
    }
    let graph: Graph<'_> = template.section("Resources").map(|(id, it)| (id, names(it))).collect();
    let mut told: Vec<String> = Vec::new();
    let written = overlay.get("Resources").and_then(Value::as_map).into_iter().flatten();
    for (id, _) in written {
        let Some(circle) = circle(id, &graph).filter(|_| !told.contains(id)) else { continue };
        merge.report(endless(&circle, &references, &root.key("Resources")));
        told.extend(circle);
    }
}

/// The shortest way from a resource back to itself.
fn circle(start: &str, graph: &Graph<'_>) -> Option<Vec<String>> {
    let mut before: HashMap<&str, &str> = HashMap::new();
    let mut next = VecDeque::from([graph.get_key_value(start)?]);
    while let Some((id, waits_for)) = next.pop_front() {
        for other in waits_for {
            if other == start {
                return Some(way_to(id, start, &before));
            }
            if let Some(found) = graph.get_key_value(other.as_str())
                && !before.contains_key(found.0)
            {
                before.insert(found.0, id);
                next.push_back(found);
            }
        }
    }
    None
}

fn way_to(end: &str, start: &str, before: &HashMap<&str, &str>) -> Vec<String> {
    let mut way = vec![end.to_owned()];
    let mut id = end;
    while id != start {
        id = before[id];
        way.push(id.to_owned());
    }
    way.reverse();
    way
}

/// It stands where the author wrote one of its references.
fn endless(circle: &[String], references: &[(String, Path)], resources: &Path) -> Diagnostic {
    let next = circle.iter().cycle().skip(1);
    let written = circle.iter().zip(next).find_map(|(id, next)| {
        let below = format!("{}.", resources.key(id));
        let is_it =
            |(other, at): &&(String, Path)| other == next && format!("{at}.").starts_with(&below);
        references.iter().find(is_it).map(|(_, at)| at.clone())
    });
    let at = written.unwrap_or_else(|| resources.key(&circle[0]));
    let names: Vec<String> =
        circle.iter().chain(circle.first()).map(|id| format!("`{id}`")).collect();
    let message = format!("resources wait for each other: {}", names.join(" for "));
    Diagnostic::error("ecs::overlay-circle", message)
        .at(at, "closes the circle")
        .help("remove this, or another reference between them")
}
