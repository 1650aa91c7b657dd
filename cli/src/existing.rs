//! Stacks that commands need to be there.

use std::collections::HashMap;

use ecs_apply::{Aws, PROJECT_TAG, Stack};

use crate::error::CliError;

/// The stack of this name or ARN.
///
/// # Errors
///
/// If there is none; the error then says where it was looked for, and which stack
/// may be meant.
pub(crate) async fn existing_stack(aws: &Aws, name: &str) -> Result<Stack, CliError> {
    match aws.stack(name).await? {
        Some(stack) => Ok(stack),
        None => Err(no_stack(aws, name).await),
    }
}

/// What is only there to help is left out if AWS does not tell it.
async fn no_stack(aws: &Aws, name: &str) -> CliError {
    let (stacks, account) = tokio::join!(aws.stacks(), aws.account());
    CliError::NoStack {
        name: name.to_owned(),
        region: aws.region().to_owned(),
        account: account.ok(),
        meant: meant(name, &stacks.unwrap_or_default()),
    }
}

/// The stack that was meant: one that the project has under another name, or one
/// whose name is much the same.
fn meant(name: &str, stacks: &[Stack]) -> Option<String> {
    let projects: HashMap<&str, &str> = stacks
        .iter()
        .filter_map(|stack| Some((stack.name.as_str(), stack.tags.get(PROJECT_TAG)?.as_str())))
        .collect();
    let of_project = stacks.iter().find(|stack| {
        let project = projects.get(stack.name.as_str());
        project.is_some_and(|project| ecs_apply::stack_name(project) == name)
    });
    let names = stacks.iter().map(|stack| stack.name.as_str());
    let composed = names.filter(|name| projects.contains_key(name));
    of_project
        .map(|stack| stack.name.as_str())
        .or_else(|| compose_model::nearest(name, composed))
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use ecs_apply::Status;

    use super::*;

    #[test]
    fn the_stack_that_was_meant_is_of_the_project_or_has_nearly_the_name() {
        let stacks = [stack("shop-prod", "shop"), stack("blog", "blog"), stack("shap", "")];
        let cases = [("shop", Some("shop-prod")), ("blgo", Some("blog")), ("shap2", None)];
        for (name, expected) in cases {
            assert_eq!(meant(name, &stacks).as_deref(), expected, "{name}");
        }
    }

    fn stack(name: &str, project: &str) -> Stack {
        let tag = (PROJECT_TAG.to_owned(), project.to_owned());
        Stack {
            id: name.to_owned(),
            name: name.to_owned(),
            status: Status("CREATE_COMPLETE".to_owned()),
            reason: None,
            created: None,
            updated: None,
            tags: Some(tag).filter(|_| !project.is_empty()).into_iter().collect(),
            parameters: indexmap::IndexMap::new(),
            outputs: indexmap::IndexMap::new(),
        }
    }
}
