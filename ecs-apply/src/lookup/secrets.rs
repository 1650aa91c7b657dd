//! External secrets. Their values are never asked for.

use compose_model::Diagnostic;
use ecs_validate::Named;
use indexmap::IndexMap;

use super::together::together;
use super::trouble::{Found, Trouble, list, quoted, refused};
use crate::aws::Aws;

/// The ARNs of these secrets, by their names.
pub(super) async fn secrets(aws: &Aws, secrets: &[Named]) -> Found<IndexMap<String, String>> {
    let question = |named: &Named| {
        let (aws, name) = (aws.clone(), named.name.clone());
        async move { aws.secret(&name).await }
    };
    let answers = together(secrets.iter().map(question)).await;
    let mut found = IndexMap::new();
    let (mut problems, mut missing) = (Vec::new(), Vec::new());
    for (named, answer) in secrets.iter().zip(answers) {
        let what = format!("the secret `{}`", named.name);
        match answer.map_err(refused(what, Some(named.at.clone()))) {
            Ok(Some(secret)) if secret.deleted => problems.push(deleted(named)),
            Ok(Some(secret)) => {
                found.insert(named.name.clone(), secret.arn);
            }
            Ok(None) => missing.push(named),
            Err(Trouble::Told(told)) => problems.extend(told),
            Err(fatal @ Trouble::Fatal(_)) => return Err(fatal),
        }
    }
    if !missing.is_empty() {
        let known = aws.secrets().await.unwrap_or_default();
        problems.extend(missing.into_iter().map(|named| absent(aws.region(), named, &known)));
    }
    if problems.is_empty() { Ok(found) } else { Err(Trouble::Told(problems)) }
}

fn absent(region: &str, named: &Named, known: &[String]) -> Diagnostic {
    let name = &named.name;
    let nearest = compose_model::nearest(name, known.iter().map(String::as_str));
    let make = format!("make it: `aws secretsmanager create-secret --name {name}`");
    let help = match (nearest, known) {
        (Some(nearest), _) => format!("did you mean `{nearest}`?"),
        (None, []) => make,
        (None, known) => {
            format!("{make}, or name one that there is: {}", list(known.iter().map(quoted)))
        }
    };
    Diagnostic::error("lookup::secret", format!("there is no secret `{name}` in {region}"))
        .at(named.at.clone(), "")
        .help(help)
}

fn deleted(named: &Named) -> Diagnostic {
    let name = &named.name;
    Diagnostic::error("lookup::secret", format!("the secret `{name}` is about to be deleted"))
        .at(named.at.clone(), "nobody can read it any more")
        .help(format!("to keep it, `aws secretsmanager restore-secret --secret-id {name}`"))
}
