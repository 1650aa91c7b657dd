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
mod references;
mod selector;

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, nearest};

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

/// Merges `x-aws-cloudformation` over a template, or says why that cannot be done.
///
/// # Errors
///
/// Everything that is wrong with the overlay, each with its place.
pub fn overlay(mut template: Template, overlay: &Value) -> Result<Template, Vec<Diagnostic>> {
    let root = Path::root().key("x-aws-cloudformation");
    let mut merge = Merge::default();
    let Some(sections) = overlay.as_map() else {
        let problem =
            Diagnostic::error("ecs::overlay-shape", "an overlay is a mapping of sections");
        let help = "write `Resources:`, the name of a resource, and what to change below it";
        return Err(vec![problem.at(root, "this is none").help(help)]);
    };
    for (name, value) in sections {
        let at = root.key(name);
        if !SECTIONS.contains(&name.as_str()) {
            merge.report(unknown("section", name, &SECTIONS, "a template", &at));
        } else if name == "Resources" {
            resources(&mut merge, &mut template.root, value, &at);
        } else {
            merge.entry(&mut template.root, name, value, &at);
        }
    }
    references::check(&template, overlay, &root, &mut merge);
    if !merge.problems.is_empty() {
        return Err(merge.problems);
    }
    forget_inputs(&mut template);
    Ok(template)
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
        merge.report(
            Diagnostic::error("ecs::overlay-shape", "`Resources` is a mapping")
                .at(at.clone(), "this is none")
                .help("write the name of a resource, and what to change below it"),
        );
        return;
    };
    for (id, value) in wanted {
        let at = at.key(id);
        if *value == Value::Null && resources.get(id).is_some() {
            merge.deleted.push((id.clone(), at.clone()));
        }
        if resources.get(id).is_none() && value.get("Type").is_none() {
            merge.report(no_resource(resources, id, &at));
            continue;
        }
        for key in value.as_map().into_iter().flat_map(|map| map.keys()) {
            if !ATTRIBUTES.contains(&selector::name(key)) {
                let known = &ATTRIBUTES;
                merge.report(no_attribute(key, known, &at.key(key)));
            }
        }
        merge.entry(resources, id, value, &at);
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
