//! The author's own CloudFormation, merged over a finished template.
//!
//! Mappings are merged, anything else is replaced, and `null` takes a key out. An
//! item of a list is reached by what it holds or by its number:
//!
//! ```yaml
//! x-aws-cloudformation:
//!   Resources:
//!     WebTaskDefinition:
//!       Properties:
//!         ContainerDefinitions[Name=web]:
//!           StartTimeout: 60
//! ```

mod merge;
mod properties;
mod references;
mod schema;
mod selector;

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, Place, nearest};

use self::merge::Merge;
use crate::template::{Data, Map, Template};

/// What a template consists of.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

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

/// Sections whose entries are no mappings, or that are none themselves.
const PLAIN: [&str; 3] = ["AWSTemplateFormatVersion", "Description", "Transform"];

/// Merges `x-aws-cloudformation` over a template, and tells everything that is wrong with
/// it, each with its place. Nothing comes of an overlay that has errors.
pub fn overlay(mut template: Template, overlay: &Value) -> (Option<Template>, Vec<Diagnostic>) {
    let root = Path::root().key("x-aws-cloudformation");
    let warnings = properties::check(&template, overlay, &root);
    let mut problems = merge(&mut template, overlay, &root);
    let is_right = problems.is_empty();
    let told: Vec<Path> = problems.iter().filter_map(place).cloned().collect();
    problems
        .extend(warnings.into_iter().filter(|it| !place(it).is_some_and(|at| told.contains(at))));
    forget_inputs(&mut template);
    (is_right.then_some(template), problems)
}

fn place(problem: &Diagnostic) -> Option<&Path> {
    match &problem.labels.first()?.place {
        Place::Path(path) | Place::Key(path) => Some(path),
        Place::Span(_) => None,
    }
}

/// Merges an overlay, and says what cannot be merged.
fn merge(template: &mut Template, overlay: &Value, root: &Path) -> Vec<Diagnostic> {
    let mut merge = Merge::default();
    let Some(sections) = overlay.as_map() else {
        return vec![no_mapping("an overlay is a mapping of sections", CHANGE, root)];
    };
    let before = references::ids(template);
    for (name, value) in sections {
        let at = root.key(name);
        if !SECTIONS.contains(&name.as_str()) {
            merge.report(unknown("section", name, &SECTIONS, "a template", &at));
        } else if let Some(problem) = wrong_name(name, value, &at) {
            merge.report(problem);
        } else if name == "Resources" {
            resources(&mut merge, &mut template.root, value, &at);
        } else if PLAIN.contains(&name.as_str()) || is_section(&mut merge, name, value, &at) {
            merge.entry(&mut template.root, name, value, at);
        }
    }
    references::check(template, overlay, root, &before, &mut merge);
    merge.problems
}

/// A name in a section that CloudFormation does not take. Functions such as
/// `Fn::ForEach::Name` may stand there, too.
fn wrong_name(section: &str, value: &Value, at: &Path) -> Option<Diagnostic> {
    if PLAIN.contains(&section) || section == "Metadata" {
        return None;
    }
    let wrong =
        |id: &&String| !id.starts_with("Fn::") && !id.chars().all(|c| c.is_ascii_alphanumeric());
    let id = value.as_map()?.keys().find(wrong)?;
    let plain: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let message = format!("`{id}` can be no name in `{section}`");
    let problem = Diagnostic::error("ecs::overlay-name", message);
    let problem = problem.at(at.key(id), "it has letters and digits alone");
    Some(if plain.is_empty() { problem } else { problem.help(format!("write `{plain}`")) })
}

const CHANGE: &str = "write `Resources:`, the name of a resource, and what to change below it";

fn no_mapping(message: impl Into<String>, help: &str, at: &Path) -> Diagnostic {
    let problem = Diagnostic::error("ecs::overlay-shape", message);
    problem.at(at.clone(), "this is none").help(help)
}

/// Whether a section, and what CloudFormation wants to be a mapping in it, is one, or
/// `null` to be taken out.
fn is_section(merge: &mut Merge, name: &str, value: &Value, at: &Path) -> bool {
    if *value == Value::Null {
        return true;
    }
    let Some(entries) = value.as_map() else {
        let help = "write names below it, each with its own value";
        merge.report(no_mapping(format!("`{name}` is a mapping"), help, at));
        return false;
    };
    let mappings = matches!(name, "Outputs" | "Parameters");
    let wrong = entries.iter().filter(|(_, value)| mappings && !is_mapping_or_null(value));
    let problems: Vec<_> = wrong
        .map(|(id, _)| {
            let help = format!("write its keys below it, or `{id}: null` to take it out");
            no_mapping(format!("`{id}` of `{name}` is a mapping"), &help, &at.key(id))
        })
        .collect();
    let is_right = problems.is_empty();
    problems.into_iter().for_each(|problem| merge.report(problem));
    is_right
}

fn is_mapping_or_null(value: &Value) -> bool {
    *value == Value::Null || value.as_map().is_some()
}

fn unknown(kind: &str, name: &str, known: &[&str], whole: &str, at: &Path) -> Diagnostic {
    let message = format!("{whole} has no {kind} `{name}`");
    let problem = Diagnostic::error("ecs::overlay-key", message).at(at.clone(), "unknown");
    match nearest(name, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("it has {}", known.join(", "))),
    }
}

/// What is merged into a resource that the template does not have is most likely
/// meant for one that it has.
fn resources(merge: &mut Merge, root: &mut Map, value: &Value, at: &Path) {
    let Some(Data::Map(resources)) = root.get_mut("Resources") else { return };
    let Some(wanted) = value.as_map() else {
        let help = "write the name of a resource, and what to change below it";
        return merge.report(no_mapping("`Resources` is a mapping", help, at));
    };
    for (id, value) in wanted {
        let at = at.key(id);
        if resources.get(id).is_none() && value.get("Type").is_none() {
            merge.report(no_resource(resources, id, &at));
            continue;
        }
        if !is_mapping_or_null(value) {
            let help = format!("write `Properties:` below it, or `{id}: null` to take it out");
            merge.report(no_mapping(format!("the resource `{id}` is a mapping"), &help, &at));
            continue;
        }
        if value.get("Properties").is_some_and(|it| !is_mapping_or_null(it)) {
            let at = at.key("Properties");
            let help = "write names of properties below it, each with its own value";
            let message = format!("`Properties` of `{id}` is a mapping");
            merge.report(no_mapping(message, help, &at));
            continue;
        }
        for key in value.as_map().into_iter().flat_map(|map| map.keys()) {
            if !ATTRIBUTES.contains(&selector::name(key)) {
                let known = &ATTRIBUTES;
                merge.report(no_attribute(key, known, &at.key(key)));
            }
        }
        merge.entry(resources, id, value, at);
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

/// Parameters that are gone ask for nothing any more.
fn forget_inputs(template: &mut Template) {
    let Template { root, inputs } = template;
    let parameters = root.get("Parameters");
    let exists = |name: &String| parameters.is_some_and(|it| it.get(name).is_some());
    inputs.secrets.retain(|_, names| {
        names.retain(&exists);
        !names.is_empty()
    });
    inputs.images.retain(|_, name| exists(name));
}
