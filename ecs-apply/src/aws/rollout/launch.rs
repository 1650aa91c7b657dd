//! Tasks that belong to no service.

use aws_sdk_ecs::operation::run_task::RunTaskOutput;
use aws_sdk_ecs::types as sdk;

use super::super::AwsError;
use super::super::error::failed;
use super::Ecs;
use crate::rollout::family_of;

/// A task that is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Where.
    pub cluster: String,
    /// Its family, its family and revision, or the ARN of one.
    pub task_definition: String,
    /// `FARGATE`, `EC2` or `EXTERNAL`; that of the cluster, if nothing is said.
    pub launch_type: Option<String>,
    /// Where in the network, if it has an interface of its own.
    pub subnets: Vec<String>,
    /// What may talk to it.
    pub security_groups: Vec<String>,
    /// Whether it is reached from outside.
    pub public_ip: bool,
}

impl Launch {
    fn network(&self) -> Option<sdk::NetworkConfiguration> {
        let public = if self.public_ip {
            sdk::AssignPublicIp::Enabled
        } else {
            sdk::AssignPublicIp::Disabled
        };
        let network = sdk::AwsVpcConfiguration::builder()
            .set_subnets(Some(self.subnets.clone()))
            .set_security_groups(Some(self.security_groups.clone()))
            .assign_public_ip(public)
            .build()
            .ok()
            .filter(|_| !self.subnets.is_empty())?;
        Some(sdk::NetworkConfiguration::builder().awsvpc_configuration(network).build())
    }
}

impl Ecs {
    /// How many such tasks there are, or are being started; a hundred at most.
    ///
    /// # Errors
    ///
    /// If ECS does not say.
    pub async fn launched(&self, launch: &Launch) -> Result<usize, AwsError> {
        let family = family_of(&launch.task_definition);
        let request = self.client.list_tasks().cluster(&launch.cluster).family(family);
        let request = request.desired_status(sdk::DesiredStatus::Running);
        let answer = request.send().await.map_err(failed("ecs:ListTasks"))?;
        Ok(answer.task_arns().len())
    }

    /// Starts a task, and gives its ARN.
    ///
    /// # Errors
    ///
    /// If ECS does not start it.
    pub async fn launch(&self, launch: &Launch) -> Result<String, AwsError> {
        let request = self
            .client
            .run_task()
            .cluster(&launch.cluster)
            .task_definition(&launch.task_definition)
            .set_launch_type(launch.launch_type.as_deref().map(sdk::LaunchType::from))
            .set_network_configuration(launch.network());
        let answer = request.send().await.map_err(failed("ecs:RunTask"))?;
        started(&answer)
    }
}

/// The ARN of the task that was started.
///
/// # Errors
///
/// If none was, which ECS says with an answer like any other.
pub(super) fn started(answer: &RunTaskOutput) -> Result<String, AwsError> {
    let failure = answer.failures().first().and_then(sdk::Failure::reason);
    let task = answer.tasks().first().and_then(sdk::Task::task_arn);
    task.map(ToOwned::to_owned).ok_or_else(|| {
        let message = failure.unwrap_or("no task was started").to_owned();
        let is_full = FULL.iter().any(|words| message.contains(words));
        let code = if is_full { AwsError::FULL } else { "Failure" }.to_owned();
        AwsError::Refused { action: "ecs:RunTask", code, message }
    })
}

/// What ECS says where there is no room for a task now, and may be some in a moment.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>
const FULL: [&str; 4] =
    ["RESOURCE:", "AGENT", "Capacity is unavailable", "EMPTY CAPACITY PROVIDER"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_without_subnets_has_no_network_of_its_own() {
        let launch = Launch {
            cluster: "shop".to_owned(),
            task_definition: "web".to_owned(),
            launch_type: None,
            subnets: Vec::new(),
            security_groups: Vec::new(),
            public_ip: false,
        };
        assert_eq!(launch.network(), None);
    }

    #[test]
    fn an_answer_that_starts_nothing_is_a_refusal() {
        let failure = sdk::Failure::builder().reason("AGENT").build();
        let answer = RunTaskOutput::builder().failures(failure).build();
        let full = started(&answer);
        assert!(full.is_err_and(|it| it.says("AGENT") && it.is_passing()));
        let failure = sdk::Failure::builder().reason("MISSING").build();
        let missing = started(&RunTaskOutput::builder().failures(failure).build());
        assert!(missing.is_err_and(|it| it.is_permanent()));
        let task = sdk::Task::builder().task_arn("arn").build();
        let answer = RunTaskOutput::builder().tasks(task).build();
        assert_eq!(started(&answer).ok().as_deref(), Some("arn"));
    }
}
