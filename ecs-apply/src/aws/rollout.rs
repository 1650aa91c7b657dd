//! What a rollout asks of ECS. Made for a program that needs nothing else of AWS.

mod body;
mod clock;
mod course;
mod launch;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::Builder;
use aws_sdk_ecs::types as sdk;
use jiff::Timestamp;
use serde_json::{Map, Value};

use self::body::{Heard, put};
use self::clock::Clock;
pub use self::launch::Launch;
use super::AwsError;
use super::error::failed;
use super::services::{present, to_deployment, to_service, to_task};
use super::time::timestamp;
use crate::rollout::{
    Cloud, Course, Entrance, Revision, Site, Update, Updated, Ways, Which, family_of,
};
use crate::service::{Service, ServiceName, Task};

/// What one call may ask for.
const TASKS: usize = 100;

/// A service that fails for hours leaves this many tasks, and no more is to be learnt from
/// the rest.
const MOST_TASKS: usize = 1000;

/// ECS in a region.
#[derive(Debug, Clone)]
pub struct Ecs {
    client: Client,
    clock: Clock,
}

impl Ecs {
    /// Asks nothing yet.
    pub fn new(config: &SdkConfig) -> Self {
        let clock = Clock::default();
        let config = Builder::from(config).interceptor(clock.clone()).build();
        Self { client: Client::from_conf(config), clock }
    }

    async fn described(&self, name: &ServiceName) -> Result<Option<sdk::Service>, AwsError> {
        let request = self
            .client
            .describe_services()
            .cluster(&name.cluster)
            .services(&name.service)
            .include(sdk::ServiceField::Tags);
        let answer = request.send().await.map_err(failed("ecs:DescribeServices"))?;
        Ok(answer.services.unwrap_or_default().into_iter().next())
    }
}

/// The SDK asks again where there is no answer, and would make a second revision.
fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

impl Cloud for Ecs {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn site(&self, name: &ServiceName) -> Result<Option<Site>, AwsError> {
        Ok(self.described(name).await?.as_ref().and_then(to_site))
    }

    async fn service(&self, name: &ServiceName) -> Result<Option<Service>, AwsError> {
        Ok(self.described(name).await?.as_ref().and_then(to_service))
    }

    async fn revision(&self, arn: &str) -> Result<Option<Revision>, AwsError> {
        let heard = Heard::default();
        let request = self
            .client
            .describe_task_definition()
            .task_definition(arn)
            .include(sdk::TaskDefinitionField::Tags)
            .customize()
            .interceptor(heard.clone());
        let answer = match request.send().await.map_err(failed("ecs:DescribeTaskDefinition")) {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ClientException") => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(definition) = answer.task_definition() else { return Ok(None) };
        let tags = answer.tags().iter();
        Ok(Some(Revision {
            arn: definition.task_definition_arn().unwrap_or(arn).to_owned(),
            is_active: definition.status() == Some(&sdk::TaskDefinitionStatus::Active),
            registered: definition.registered_at().and_then(timestamp),
            body: heard.object("taskDefinition"),
            tags: tags
                .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())))
                .collect(),
        }))
    }

    async fn newest_revisions(&self, family: &str, most: u8) -> Result<Vec<String>, AwsError> {
        let request = self
            .client
            .list_task_definitions()
            .family_prefix(family)
            .sort(sdk::SortOrder::Desc)
            .max_results(most.into());
        let answer = request.send().await.map_err(failed("ecs:ListTaskDefinitions"))?;
        let mut arns = answer.task_definition_arns.unwrap_or_default();
        // The documentation has called it a prefix and a full name.
        arns.retain(|arn| family_of(arn) == family);
        Ok(arns)
    }

    async fn register(&self, definition: &Value) -> Result<String, AwsError> {
        let text = definition.to_string();
        // What the SDK asks for is replaced: it would lose what it does not know.
        let request = self
            .client
            .register_task_definition()
            .family("family")
            .container_definitions(sdk::ContainerDefinition::builder().build())
            .customize()
            .config_override(once())
            .mutate_request(move |request| put(&text, request));
        let answer = request.send().await.map_err(failed("ecs:RegisterTaskDefinition"))?;
        let arn = answer.task_definition().and_then(sdk::TaskDefinition::task_definition_arn);
        arn.map(ToOwned::to_owned).ok_or_else(|| AwsError::NoAnswer {
            action: "ecs:RegisterTaskDefinition",
            reason: "the answer names no revision".to_owned(),
        })
    }

    async fn deregister(&self, arn: &str) -> Result<(), AwsError> {
        let request = self.client.deregister_task_definition().task_definition(arn);
        request.send().await.map_err(failed("ecs:DeregisterTaskDefinition"))?;
        Ok(())
    }

    async fn update(&self, update: &Update) -> Result<Updated, AwsError> {
        let strategy = update.strategy.map(|strategy| {
            let strategy = sdk::DeploymentStrategy::from(strategy.name());
            sdk::DeploymentConfiguration::builder().strategy(strategy).build()
        });
        let request = self
            .client
            .update_service()
            .cluster(&update.service.cluster)
            .service(&update.service.service)
            .task_definition(&update.revision)
            .set_deployment_configuration(strategy)
            .customize()
            .config_override(once());
        let answer = request.send().await.map_err(failed("ecs:UpdateService"))?;
        let service = answer.service();
        let deployments = service.map_or(&[][..], sdk::Service::deployments);
        Ok(Updated {
            deployments: deployments.iter().map(to_deployment).collect(),
            ways: service.map(to_ways).unwrap_or_default(),
        })
    }

    async fn tasks(
        &self,
        name: &ServiceName,
        revision: &str,
        which: Which,
    ) -> Result<Vec<Task>, AwsError> {
        let status = match which {
            Which::Running => sdk::DesiredStatus::Running,
            Which::Stopped => sdk::DesiredStatus::Stopped,
        };
        // A list can be of one service or of one starter, and tasks of other revisions may
        // come first.
        let pages = self
            .client
            .list_tasks()
            .cluster(&name.cluster)
            .service_name(&name.service)
            .desired_status(status)
            .into_paginator();
        let mut pages = pages.items().send();
        let mut arns = Vec::new();
        while let Some(arn) = pages.next().await {
            arns.push(arn.map_err(failed("ecs:ListTasks"))?);
            if arns.len() == MOST_TASKS {
                break;
            }
        }
        let mut tasks = Vec::new();
        for some in arns.chunks(TASKS) {
            let request =
                self.client.describe_tasks().cluster(&name.cluster).set_tasks(Some(some.to_vec()));
            let answer = request.send().await.map_err(failed("ecs:DescribeTasks"))?;
            tasks.extend(answer.tasks().iter().map(to_task));
        }
        tasks.retain(|task| task.task_definition == revision);
        Ok(tasks)
    }

    async fn course(
        &self,
        name: &ServiceName,
        revision: &str,
        known: Option<&Course>,
    ) -> Result<Option<Course>, AwsError> {
        course::course(&self.client, name, revision, known).await
    }

    async fn give_up(&self, course: &Course) -> Result<(), AwsError> {
        let request = self
            .client
            .stop_service_deployment()
            .service_deployment_arn(&course.arn)
            .stop_type(sdk::StopServiceDeploymentStopType::Rollback);
        request.send().await.map_err(failed("ecs:StopServiceDeployment"))?;
        Ok(())
    }

    async fn run(
        &self,
        site: &Site,
        revision: &str,
        overrides: &Value,
    ) -> Result<String, AwsError> {
        let name = &site.service.name;
        let described = self.described(name).await?;
        let described = described.as_ref();
        let providers = described.map_or(&[][..], sdk::Service::capacity_provider_strategy);
        let launch = described.and_then(|it| it.launch_type().cloned());
        let body = overrides.to_string();
        let request = self
            .client
            .run_task()
            .cluster(&name.cluster)
            .task_definition(revision)
            .set_launch_type(launch.filter(|_| providers.is_empty()))
            .set_capacity_provider_strategy(Some(providers.to_vec()).filter(|it| !it.is_empty()))
            .set_network_configuration(described.and_then(|it| it.network_configuration().cloned()))
            .client_token(token(revision))
            .started_by(STARTER)
            .customize()
            .mutate_request(move |request| body::add("overrides", &body, request));
        let answer = request.send().await.map_err(failed("ecs:RunTask"))?;
        launch::started(&answer)
    }

    async fn task(&self, name: &ServiceName, arn: &str) -> Result<Option<Task>, AwsError> {
        let request = self.client.describe_tasks().cluster(&name.cluster).tasks(arn);
        let answer = request.send().await.map_err(failed("ecs:DescribeTasks"))?;
        Ok(answer.tasks().first().map(to_task))
    }
}

/// What ECS shows of whoever had a task run.
const STARTER: &str = "ecs-deployer";

/// A revision is run once before it comes to a service, however often that is asked.
fn token(revision: &str) -> String {
    let name = revision.rsplit('/').next().unwrap_or(revision);
    let from = name.len().saturating_sub(60);
    name.chars().skip(from).map(|c| if c == ':' { '-' } else { c }).collect()
}

fn to_site(service: &sdk::Service) -> Option<Site> {
    let controller = service.deployment_controller().map(|it| it.r#type().as_str());
    Some(Site {
        service: to_service(service)?,
        controller: controller.unwrap_or("ECS").to_owned(),
        launch_type: service
            .launch_type()
            .filter(|_| service.capacity_provider_strategy().is_empty())
            .map(|it| it.as_str().to_owned()),
        has_network: service
            .network_configuration()
            .is_some_and(|it| it.awsvpc_configuration().is_some()),
        entrances: entrances(service),
        ways: to_ways(service),
    })
}

fn to_ways(service: &sdk::Service) -> Ways {
    service.deployment_configuration().map(course::to_ways).unwrap_or_default()
}

fn entrances(service: &sdk::Service) -> Vec<Entrance> {
    let entrance = |name: Option<&str>, port: Option<i32>| {
        let port = port.filter(|port| *port > 0).map(i64::from);
        present(name).map(|container| Entrance { container, port })
    };
    let balanced = service
        .load_balancers()
        .iter()
        .filter_map(|it| entrance(it.container_name(), it.container_port()));
    let registered = service
        .service_registries()
        .iter()
        .filter_map(|it| entrance(it.container_name(), it.container_port()));
    balanced.chain(registered).collect()
}

type Object = Map<String, Value>;
