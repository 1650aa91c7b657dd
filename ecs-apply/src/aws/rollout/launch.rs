//! Tasks that belong to no service.

use aws_sdk_ecs::types as sdk;

use super::super::AwsError;
use super::super::error::failed;
use super::Ecs;

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
    fn family(&self) -> &str {
        let name = self.task_definition.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or(name)
    }

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
        let request = self.client.list_tasks().cluster(&launch.cluster).family(launch.family());
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
        let failure = answer.failures().first().and_then(sdk::Failure::reason);
        let task = answer.tasks().first().and_then(sdk::Task::task_arn);
        task.map(ToOwned::to_owned).ok_or_else(|| AwsError::Refused {
            action: "ecs:RunTask",
            code: "Failure".to_owned(),
            message: failure.unwrap_or("no task was started").to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_counted_by_their_family() {
        for name in ["web", "web:3", "arn:aws:ecs:eu-west-1:1:task-definition/web:3"] {
            let launch = Launch {
                cluster: "shop".to_owned(),
                task_definition: name.to_owned(),
                launch_type: None,
                subnets: Vec::new(),
                security_groups: Vec::new(),
                public_ip: false,
            };
            assert_eq!(launch.family(), "web");
            assert_eq!(launch.network(), None);
        }
    }
}
