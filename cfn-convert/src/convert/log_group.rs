//! The output of all containers goes to one group of CloudWatch Logs.

use ecs_validate::EcsProject;
use serde::Serialize;

use super::tags::{Tags, project_tags};
use crate::logical_id::LogicalId;
use crate::template::{Resource, Stack};
use crate::value::{Att, Handle};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LogGroup {
    log_group_name: String,
    retention_in_days: Option<u16>,
    tags: Tags,
}

impl Resource for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
}

impl LogGroup {
    /// With `:*` behind it, and so for all of its streams.
    pub(crate) const ARN: Att<Self> = Att::new("Arn");
}

/// Logs are found by the name of the group, so that it is not left to AWS.
pub(crate) fn log_group(stack: &mut Stack, project: &EcsProject) -> Handle<LogGroup> {
    let group = LogGroup {
        log_group_name: format!("/docker-compose/{}", project.name),
        retention_in_days: project.log_retention,
        tags: project_tags(&project.name),
    };
    stack.add(LogicalId::new("LogGroup"), &group)
}
