//! What is asked when something may have gone wrong.

use aws_sdk_ecs::types as sdk;
use indexmap::IndexMap;
use jiff::Timestamp;

use super::error::failed;
use super::services::to_task;
use super::stacks::to_event;
use super::{Aws, AwsError};
use crate::evidence::{ContainerSettings, LogStream};
use crate::service::Task;
use crate::stack::StackEvent;

/// What one call may ask for.
const TASKS: usize = 100;

/// Of one cluster, in one look. What is left is looked at in the next.
const PAGES: usize = 3;

impl Aws {
    /// What happened to a stack since a time, the newest first.
    pub(crate) async fn stack_events_since(
        &self,
        stack: &str,
        since: Timestamp,
    ) -> Result<Vec<StackEvent>, AwsError> {
        let request = self.cloudformation.describe_stack_events().stack_name(stack);
        let mut pages = request.into_paginator().send();
        // What happens while pages are read moves what is on them.
        let mut events = IndexMap::new();
        'pages: while let Some(page) = pages.next().await {
            let page = page.map_err(failed("cloudformation:DescribeStackEvents"))?;
            for event in page.stack_events().iter().filter_map(to_event) {
                if event.time < since {
                    break 'pages;
                }
                events.insert(event.id.clone(), event);
            }
        }
        Ok(events.into_values().collect())
    }

    /// The ARNs of tasks of a cluster that stopped, of one service or of all.
    pub(crate) async fn stopped_tasks(
        &self,
        cluster: &str,
        service: Option<&str>,
    ) -> Result<Vec<String>, AwsError> {
        let request = self
            .ecs
            .list_tasks()
            .cluster(cluster)
            .set_service_name(service.map(ToOwned::to_owned))
            .desired_status(sdk::DesiredStatus::Stopped);
        let mut pages = request.into_paginator().send();
        let mut arns = Vec::new();
        for _ in 0..PAGES {
            let Some(page) = pages.next().await else { break };
            match page.map_err(failed("ecs:ListTasks")) {
                Ok(page) => arns.extend_from_slice(page.task_arns()),
                Err(error) if is_gone(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(arns)
    }

    /// These tasks of a cluster, those that ECS still remembers.
    pub(crate) async fn tasks_of(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Vec<Task>, AwsError> {
        let mut tasks = Vec::new();
        for some in arns.chunks(TASKS) {
            let request = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(some.to_vec()));
            match request.send().await.map_err(failed("ecs:DescribeTasks")) {
                Ok(answer) => tasks.extend(answer.tasks().iter().map(to_task)),
                Err(error) if is_gone(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(tasks)
    }

    /// What a task definition says of its containers. Variables are not read.
    pub(crate) async fn container_settings(
        &self,
        task_definition: &str,
    ) -> Result<Vec<ContainerSettings>, AwsError> {
        let request = self.ecs.describe_task_definition().task_definition(task_definition);
        let answer = request.send().await.map_err(failed("ecs:DescribeTaskDefinition"))?;
        let containers = answer.task_definition().map(sdk::TaskDefinition::container_definitions);
        let containers = containers.unwrap_or_default().iter();
        Ok(containers.map(|container| to_settings(task_definition, container)).collect())
    }
}

fn is_gone(error: &AwsError) -> bool {
    const NAMES: [&str; 3] =
        ["ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"];
    error.code().is_some_and(|code| NAMES.contains(&code))
}

fn to_settings(task_definition: &str, container: &sdk::ContainerDefinition) -> ContainerSettings {
    ContainerSettings {
        task_definition: task_definition.to_owned(),
        name: container.name().unwrap_or_default().to_owned(),
        image: container.image().unwrap_or_default().to_owned(),
        essential: container.essential().unwrap_or(true),
        log: container.log_configuration().and_then(to_stream),
    }
}

/// Nothing, if output goes elsewhere, or to streams that cannot be told apart.
fn to_stream(log: &sdk::LogConfiguration) -> Option<LogStream> {
    if log.log_driver() != &sdk::LogDriver::Awslogs {
        return None;
    }
    let option = |name: &str| log.options()?.get(name).cloned();
    Some(LogStream { group: option("awslogs-group")?, prefix: option("awslogs-stream-prefix")? })
}
