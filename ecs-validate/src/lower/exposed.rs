//! What would show a secret in the template, though another way to it was declared.

use compose_model::{Diagnostic, Exposed, Path, Step};

use super::secrets::is_mounted;
use crate::context::Context;

/// Refuses every place that leads a secret into the template.
pub(crate) fn refuse_exposed(cx: &mut Context<'_>) {
    let facts = cx.facts;
    for Exposed { at, secret, how } in &facts.files.exposed {
        let (section, name, key) = steps(at);
        let help = match section {
            // What an image is built with is not in the template.
            "services" if matches!(key, "build" | "develop") => continue,
            "services" if !cx.project.services.contains_key(name) => continue,
            "configs" if !is_mounted(name, cx.project) => continue,
            "services" | "configs" => format!(
                "take it from a file, with `secrets: [{secret}]`, or from a variable that ECS \
                 fills: `x-aws-secrets: {{NAME: {secret}}}`"
            ),
            _ => "write something that everybody may read".to_owned(),
        };
        let message = format!("the value of the secret `{secret}` could be read in the template");
        let problem = Diagnostic::error("ecs::exposed-secret", message);
        cx.report(problem.at(at.clone(), *how).help(help));
    }
}

/// The first three keys of a path.
fn steps(at: &Path) -> (&str, &str, &str) {
    let mut keys = at.steps().iter().map(|step| match step {
        Step::Key(key) => key.as_str(),
        Step::Index(_) => "",
    });
    let mut next = || keys.next().unwrap_or_default();
    (next(), next(), next())
}
