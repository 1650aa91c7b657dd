//! Task definitions, as far as they say where containers log to.

use aws_sdk_ecs::types as sdk;

use super::error::failed;
use super::{Aws, AwsError};
use crate::log_sources::ContainerLogs;

impl Aws {
    /// Where the containers of a task definition log to.
    pub async fn container_logs(&self, definition: &str) -> Result<Vec<ContainerLogs>, AwsError> {
        let request = self.ecs.describe_task_definition().task_definition(definition);
        let answer = request.send().await.map_err(failed("ecs:DescribeTaskDefinition"))?;
        let definition = answer.task_definition.as_ref();
        let containers = definition.map_or(&[][..], sdk::TaskDefinition::container_definitions);
        Ok(containers.iter().map(to_logs).collect())
    }
}

fn to_logs(container: &sdk::ContainerDefinition) -> ContainerLogs {
    let logs = container.log_configuration();
    let options = logs.and_then(sdk::LogConfiguration::options).into_iter().flatten();
    ContainerLogs {
        name: container.name().unwrap_or_default().to_owned(),
        driver: logs.map(|logs| logs.log_driver().as_str().to_owned()),
        options: options.map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}
