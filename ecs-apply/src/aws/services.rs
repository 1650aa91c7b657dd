//! ECS.

use aws_sdk_ecs::types as sdk;

use super::error::failed;
use super::time::timestamp;
use super::{Aws, AwsError};
use crate::service::{
    Container, Deployment, Service, ServiceEvent, ServiceName, Task, TaskFilter, by_cluster,
};

/// What one call may ask for.
const SERVICES: usize = 10;

impl Aws {
    /// These services of a cluster, those that are there.
    pub async fn services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Vec<Service>, AwsError> {
        let mut services = Vec::new();
        for some in names.chunks(SERVICES) {
            let request = self
                .ecs
                .describe_services()
                .cluster(cluster)
                .set_services(Some(some.to_vec()))
                .include(sdk::ServiceField::Tags);
            let answer = match request.send().await.map_err(failed("ecs:DescribeServices")) {
                Ok(answer) => answer,
                Err(error) if error.code() == Some("ClusterNotFoundException") => break,
                Err(error) => return Err(error),
            };
            services.extend(answer.services().iter().filter_map(to_service));
        }
        Ok(services)
    }

    /// These services, those that are there, cluster by cluster.
    pub(crate) async fn services_named<'n>(
        &self,
        names: impl IntoIterator<Item = &'n ServiceName>,
    ) -> Result<Vec<Service>, AwsError> {
        let mut services = Vec::new();
        for (cluster, names) in by_cluster(names) {
            services.extend(self.services(cluster, &names).await?);
        }
        Ok(services)
    }

    /// The tasks that fit.
    pub async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>, AwsError> {
        let arns = match self.task_arns(filter).await {
            Ok(arns) => arns,
            Err(error) if is_gone(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        self.tasks_of(&filter.cluster, &arns).await
    }

    /// The tasks of these services, whatever service the filter names.
    pub async fn tasks_of_services(
        &self,
        filter: &TaskFilter,
        services: &[String],
    ) -> Result<Vec<Task>, AwsError> {
        let mut arns = Vec::new();
        for service in services {
            let filter = TaskFilter { service: Some(service.clone()), ..filter.clone() };
            match self.task_arns(&filter).await {
                Ok(more) => arns.extend(more),
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.tasks_of(&filter.cluster, &arns).await
    }

    async fn task_arns(&self, filter: &TaskFilter) -> Result<Vec<String>, AwsError> {
        let wanted =
            if filter.stopped { sdk::DesiredStatus::Stopped } else { sdk::DesiredStatus::Running };
        let request = self
            .ecs
            .list_tasks()
            .cluster(&filter.cluster)
            .set_service_name(filter.service.clone())
            .desired_status(wanted);
        let mut pages = request.into_paginator().send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("ecs:ListTasks"))?;
            arns.extend_from_slice(page.task_arns());
        }
        Ok(arns)
    }

    /// Starts the tasks of a service anew, as they are. The deployment that does it has
    /// the id that is given, if AWS says so.
    pub async fn recreate_tasks(&self, service: &ServiceName) -> Result<Option<String>, AwsError> {
        let request = self
            .ecs
            .update_service()
            .cluster(&service.cluster)
            .service(&service.service)
            .force_new_deployment(true);
        let answer = request.send().await.map_err(failed("ecs:UpdateService"))?;
        let deployments = answer.service().map_or(&[][..], sdk::Service::deployments);
        let newest = deployments.iter().find(|it| it.status() == Some("PRIMARY"));
        Ok(newest.and_then(|it| present(it.id())))
    }
}

fn is_gone(error: &AwsError) -> bool {
    matches!(error.code(), Some("ClusterNotFoundException" | "ServiceNotFoundException"))
}

/// Nothing, if it has no ARN: it cannot be talked about.
pub(super) fn to_service(service: &sdk::Service) -> Option<Service> {
    let arn = service.service_arn()?;
    Some(Service {
        arn: arn.to_owned(),
        name: arn.parse::<ServiceName>().ok()?,
        status: service.status().unwrap_or_default().to_owned(),
        desired: service.desired_count(),
        running: service.running_count(),
        pending: service.pending_count(),
        task_definition: service.task_definition().unwrap_or_default().to_owned(),
        deployments: service.deployments().iter().map(to_deployment).collect(),
        events: service.events().iter().filter_map(to_event).collect(),
        target_groups: service
            .load_balancers()
            .iter()
            .filter_map(|it| it.target_group_arn().map(ToOwned::to_owned))
            .collect(),
        tags: service
            .tags()
            .iter()
            .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or("").to_owned())))
            .collect(),
    })
}

pub(super) fn to_deployment(deployment: &sdk::Deployment) -> Deployment {
    Deployment {
        id: deployment.id().unwrap_or_default().to_owned(),
        status: deployment.status().unwrap_or_default().to_owned(),
        task_definition: deployment.task_definition().unwrap_or_default().to_owned(),
        desired: deployment.desired_count(),
        running: deployment.running_count(),
        pending: deployment.pending_count(),
        failed: deployment.failed_tasks(),
        rollout: deployment.rollout_state().map(|state| state.as_str().to_owned()),
        reason: present(deployment.rollout_state_reason()),
        created: deployment.created_at().and_then(timestamp),
    }
}

fn to_event(event: &sdk::ServiceEvent) -> Option<ServiceEvent> {
    Some(ServiceEvent {
        id: event.id()?.to_owned(),
        time: event.created_at().and_then(timestamp)?,
        message: event.message().unwrap_or_default().to_owned(),
    })
}

pub(super) fn to_task(task: &sdk::Task) -> Task {
    let interface = |name: &str| {
        let interfaces =
            task.attachments().iter().filter(|it| it.r#type() == Some("ElasticNetworkInterface"));
        let mut details = interfaces.flat_map(sdk::Attachment::details);
        details.find(|it| it.name() == Some(name)).and_then(|it| present(it.value()))
    };
    Task {
        arn: task.task_arn().unwrap_or_default().to_owned(),
        group: present(task.group()),
        started_by: present(task.started_by()),
        task_definition: task.task_definition_arn().unwrap_or_default().to_owned(),
        last_status: task.last_status().unwrap_or_default().to_owned(),
        desired_status: task.desired_status().unwrap_or_default().to_owned(),
        health: task.health_status().map(|health| health.as_str().to_owned()),
        stop_code: present(task.stop_code().map(|code| code.as_str())),
        stopped_reason: present(task.stopped_reason()),
        created: task.created_at().and_then(timestamp),
        started: task.started_at().and_then(timestamp),
        stopped: task.stopped_at().and_then(timestamp),
        network_interface: interface("networkInterfaceId"),
        private_ip: interface("privateIPv4Address"),
        containers: task.containers().iter().map(to_container).collect(),
    }
}

fn to_container(container: &sdk::Container) -> Container {
    Container {
        name: container.name().unwrap_or_default().to_owned(),
        image: present(container.image()),
        last_status: present(container.last_status()),
        exit_code: container.exit_code(),
        reason: present(container.reason()),
        health: container.health_status().map(|health| health.as_str().to_owned()),
    }
}

pub(super) fn present(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}
