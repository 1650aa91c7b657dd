//! What is left of volumes when their stack is gone.

use crate::aws::{Aws, AwsError};
use crate::deploy::PROJECT_TAG;
use crate::file_system::FileSystem;
use crate::stack::Status;

/// The tag that says which volume a file system is of.
const VOLUME_TAG: &str = "com.docker.compose.volume";
/// The tag that CloudFormation says with which stack made it.
const STACK_TAG: &str = "aws:cloudformation:stack-id";

/// The file systems of a project's volumes that a stack of this name has left behind.
/// Another stack of the project may use its own, or what it took over.
///
/// A stack keeps the tags of what it left behind on it, so stacks are asked what they
/// have.
pub async fn left_volumes(
    aws: &Aws,
    project: &str,
    stack_name: &str,
) -> Result<Vec<FileSystem>, AwsError> {
    let all = aws.file_systems().await?;
    let is_of_stack =
        |it: &FileSystem| it.tag(STACK_TAG).and_then(name_of).is_none_or(|name| name == stack_name);
    let is_of_project = |it: &FileSystem| {
        it.tag(PROJECT_TAG) == Some(project) && it.tag(VOLUME_TAG).is_some() && is_of_stack(it)
    };
    let mut left = Vec::new();
    for file_system in all.into_iter().filter(is_of_project) {
        if !has_owner(aws, &file_system).await? {
            left.push(file_system);
        }
    }
    Ok(left)
}

/// `arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/0a1b…`
pub(crate) fn name_of(stack: &str) -> Option<&str> {
    stack.split_once(":stack/")?.1.split('/').next()
}

async fn has_owner(aws: &Aws, file_system: &FileSystem) -> Result<bool, AwsError> {
    let Some(stack) = file_system.tag(STACK_TAG) else { return Ok(false) };
    let resources = match aws.stack_resources(stack).await {
        Ok(resources) => resources,
        Err(error) if error.says("does not exist") => return Ok(false),
        Err(error) => return Err(error),
    };
    let is_gone = |status: &Status| status.is_deleted() || status.0 == "DELETE_SKIPPED";
    Ok(resources
        .iter()
        .any(|it| it.physical_id.as_ref() == Some(&file_system.id) && !is_gone(&it.status)))
}
