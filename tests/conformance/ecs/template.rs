//! A project to its template, as the program does it.

use cfn_convert::Format;
use compose_model::{Diagnostic, Loaded, Severity};
use ecs_validate::Facts;
use serde_json::Value;

/// What became of a project.
pub(super) struct Converted {
    /// Nothing if it was refused.
    pub(super) template: Option<Value>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Takes a project through all phases that ask nobody.
pub(super) fn convert(loaded: &Loaded, facts: &Facts) -> Converted {
    let checked = ecs_validate::check(loaded, facts);
    let mut diagnostics = checked.diagnostics;
    let mut template = None;
    if let Some(project) = checked.project {
        let (whole, problems) = cfn_convert::finish(&project);
        diagnostics.extend(problems);
        let text = whole.map(|whole| whole.render(Format::Json));
        template = text.map(|text| serde_json::from_str(&text).expect("a template is JSON"));
    }
    let refused = diagnostics.iter().any(|problem| problem.severity == Severity::Error);
    Converted { template: template.filter(|_| !refused), diagnostics }
}

/// A property of a resource, or one of what stands beside its properties.
pub(super) fn property<'t>(template: &'t Value, id: &str, name: &str) -> Option<&'t Value> {
    let resource = template.get("Resources")?.get(id)?;
    resource.get("Properties").and_then(|properties| properties.get(name))
}
