//! What is left of volumes when their stack is gone.

use crate::aws::{Aws, AwsError};
use crate::deploy::PROJECT_TAG;
use crate::file_system::{FileSystem, VOLUME_TAG};
use crate::stack::Status;

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
    let is_of_project = |it: &FileSystem| {
        let is_volume = it.tag(PROJECT_TAG) == Some(project) && it.tag(VOLUME_TAG).is_some();
        is_volume && it.is_of_stack(stack_name)
    };
    let mut left = Vec::new();
    for file_system in all.into_iter().filter(is_of_project) {
        if !has_owner(aws, &file_system).await? {
            left.push(file_system);
        }
    }
    Ok(left)
}

async fn has_owner(aws: &Aws, file_system: &FileSystem) -> Result<bool, AwsError> {
    let Some(stack) = file_system.stack() else { return Ok(false) };
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
