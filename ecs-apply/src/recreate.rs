//! Starts tasks anew where nothing else changes.

use std::time::Duration;

use indexmap::IndexMap;

use crate::aws::{Aws, AwsError};
use crate::service::{Service, ServiceName};

/// Tasks take seconds to minutes to start.
const PAUSE: Duration = Duration::from_secs(2);

/// Services whose tasks are being started anew.
#[derive(Debug)]
pub struct Restart<'a> {
    aws: &'a Aws,
    services: Vec<ServiceName>,
    looks: usize,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Recreated {
    /// The services as they are now.
    pub services: Vec<Service>,
    /// Whether all of them have come to an end.
    pub is_over: bool,
    /// The names of those that could not be started.
    pub failed: Vec<ServiceName>,
}

impl<'a> Restart<'a> {
    /// Starts the tasks of these services anew.
    pub async fn begin(aws: &'a Aws, services: Vec<ServiceName>) -> Result<Self, AwsError> {
        for service in &services {
            aws.recreate_tasks(service).await?;
        }
        Ok(Self { aws, services, looks: 0 })
    }

    /// Waits a little, then looks how far it is.
    pub async fn look(&mut self) -> Result<Recreated, AwsError> {
        let pause = if self.looks == 0 { PAUSE / 8 } else { PAUSE };
        tokio::time::sleep(pause).await;
        self.looks += 1;
        let mut clusters: IndexMap<&str, Vec<String>> = IndexMap::new();
        for name in &self.services {
            clusters.entry(&name.cluster).or_default().push(name.service.clone());
        }
        let mut services = Vec::new();
        for (cluster, names) in clusters {
            services.extend(self.aws.services(cluster, &names).await?);
        }
        let failed: Vec<ServiceName> =
            services.iter().filter(|it| has_failed(it)).map(|it| it.name.clone()).collect();
        let is_over = services.iter().all(|it| is_finished(it) || has_failed(it));
        Ok(Recreated { services, is_over, failed })
    }
}

/// The newest deployment is the only one that goes on.
fn is_finished(service: &Service) -> bool {
    let mut newest = service.deployments.iter().filter(|it| it.status == "PRIMARY");
    newest.all(|it| match it.rollout.as_deref() {
        Some(state) => state == "COMPLETED",
        // Services that are not rolled out by ECS have no such state.
        None => it.running == it.desired,
    })
}

fn has_failed(service: &Service) -> bool {
    let newest = service.deployments.iter().find(|it| it.status == "PRIMARY");
    newest.is_some_and(|it| it.rollout.as_deref() == Some("FAILED"))
}
