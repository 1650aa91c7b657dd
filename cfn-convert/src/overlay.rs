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

mod circle;
mod conditions;
mod declarations;
mod functions;
mod merge;
mod policies;
mod properties;
mod references;
mod resources;
mod schema;
mod selector;

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, Place, nearest};

use self::merge::Merge;
use crate::template::Template;

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

/// Sections whose entries are no mappings, or that are none themselves.
const PLAIN: [&str; 3] = ["AWSTemplateFormatVersion", "Description", "Transform"];

/// Merges `x-aws-cloudformation` over a template, and tells everything that is wrong with
/// it, each with its place. Nothing comes of an overlay that has errors.
pub fn overlay(mut template: Template, overlay: &Value) -> (Option<Template>, Vec<Diagnostic>) {
    let root = Path::root().key("x-aws-cloudformation");
    let expands = has_macros(overlay);
    // A macro may take anything.
    let warnings = if expands { Vec::new() } else { properties::check(&template, overlay, &root) };
    let mut problems = merge(&mut template, overlay, expands, &root);
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

/// Whether macros make something else of a template once it is deployed. Those that are
/// made here have none.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html>
fn has_macros(overlay: &Value) -> bool {
    let mut sections = overlay.as_map().into_iter().flatten();
    sections.any(|(name, section)| name == "Transform" || section.get("Fn::Transform").is_some())
}

/// Merges an overlay, and says what cannot be merged.
fn merge(template: &mut Template, overlay: &Value, expands: bool, root: &Path) -> Vec<Diagnostic> {
    let mut merge = Merge { expands, ..Merge::default() };
    let Some(sections) = overlay.as_map() else {
        return vec![no_mapping("an overlay is a mapping of sections", CHANGE, root)];
    };
    let before = references::ids(template);
    for (name, value) in sections {
        let at = root.key(name);
        if !SECTIONS.contains(&name.as_str()) {
            merge.report(unknown("section", name, &SECTIONS, "a template", &at));
        } else if name == "Resources" {
            resources::merge(&mut merge, &mut template.root, value, &at);
        } else if PLAIN.contains(&name.as_str()) {
            merge.entry(&mut template.root, name, value, at);
        } else if let Some(right) = right_entries(&mut merge, name, value, &at) {
            merge.entry(&mut template.root, name, &right, at);
        }
    }
    if !merge.expands {
        functions::check(overlay, root, &mut merge);
        references::check(template, overlay, root, &before, &mut merge);
        declarations::check(template, overlay, root, &mut merge);
        conditions::check(template, overlay, root, &mut merge);
        circle::check(template, overlay, root, &mut merge);
    }
    merge.problems
}

/// Whether a function such as `Fn::ForEach::Name` stands where names are.
fn is_loop(id: &str) -> bool {
    id.starts_with("Fn::")
}

/// A name that CloudFormation does not take in a section.
fn wrong_name(merge: &Merge, section: &str, id: &str, at: &Path) -> Option<Diagnostic> {
    if id.chars().all(|c| c.is_ascii_alphanumeric()) || (is_loop(id) && merge.expands) {
        return None;
    }
    if is_loop(id) {
        let message = format!("`{id}` is a function of a macro");
        let problem = Diagnostic::error("ecs::overlay-name", message);
        let problem = problem.at(at.clone(), "nothing makes something of it");
        return Some(problem.help("add `Transform: AWS::LanguageExtensions` to the overlay"));
    }
    let plain: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let message = format!("`{id}` can be no name in `{section}`");
    let problem = Diagnostic::error("ecs::overlay-name", message);
    let problem = problem.at(at.clone(), "it has letters and digits alone");
    Some(if plain.is_empty() { problem } else { problem.help(format!("write `{plain}`")) })
}

const CHANGE: &str = "write `Resources:`, the name of a resource, and what to change below it";

fn no_mapping(message: impl Into<String>, help: &str, at: &Path) -> Diagnostic {
    let problem = Diagnostic::error("ecs::overlay-shape", message);
    problem.at(at.clone(), "this is none").help(help)
}

/// The entries of a section that can be merged, once the others have been told; `null`
/// takes all of it out.
fn right_entries(merge: &mut Merge, section: &str, value: &Value, at: &Path) -> Option<Value> {
    if *value == Value::Null {
        return Some(Value::Null);
    }
    let Some(entries) = value.as_map() else {
        let help = "write names below it, each with its own value";
        merge.report(no_mapping(format!("`{section}` is a mapping"), help, at));
        return None;
    };
    let mut right = entries.clone();
    right.retain(|id, value| match wrong_entry(merge, section, id, value, &at.key(id)) {
        Some(problem) => {
            merge.report(problem);
            false
        }
        None => true,
    });
    Some(Value::Map(right))
}

fn wrong_entry(
    merge: &Merge,
    section: &str,
    id: &str,
    value: &Value,
    at: &Path,
) -> Option<Diagnostic> {
    let named = wrong_name(merge, section, id, at).filter(|_| section != "Metadata");
    let may_be_other = !matches!(section, "Outputs" | "Parameters") || is_loop(id);
    let is_mapping = may_be_other || is_mapping_or_null(value);
    named.or_else(|| {
        let help = format!("write its keys below it, or `{id}: null` to take it out");
        let message = format!("`{id}` of `{section}` is a mapping");
        (!is_mapping).then(|| no_mapping(message, &help, at))
    })
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
