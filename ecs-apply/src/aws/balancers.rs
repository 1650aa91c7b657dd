//! Elastic Load Balancing.

use aws_sdk_elasticloadbalancingv2::types as sdk;
use ecs_validate::LoadBalancerKind;

use super::error::failed;
use super::{Aws, AwsError};
use crate::load_balancer::{Listener, LoadBalancer};

const DESCRIBE: &str = "elasticloadbalancing:DescribeLoadBalancers";

impl Aws {
    /// The load balancer of this name or ARN.
    pub async fn load_balancer(&self, balancer: &str) -> Result<Option<LoadBalancer>, AwsError> {
        let request = self.balancers.describe_load_balancers();
        let request = if balancer.starts_with("arn:") {
            request.load_balancer_arns(balancer)
        } else {
            request.names(balancer)
        };
        match request.send().await.map_err(failed(DESCRIBE)) {
            Ok(answer) => Ok(answer.load_balancers().first().map(to_balancer)),
            Err(error) if error.code().is_some_and(|it| it.starts_with("LoadBalancerNotFound")) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// All load balancers, classic ones excepted.
    pub async fn load_balancers(&self) -> Result<Vec<LoadBalancer>, AwsError> {
        let mut pages = self.balancers.describe_load_balancers().into_paginator().send();
        let mut balancers = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed(DESCRIBE))?;
            balancers.extend(page.load_balancers().iter().map(to_balancer));
        }
        Ok(balancers)
    }

    /// Where a load balancer listens.
    pub async fn listeners(&self, arn: &str) -> Result<Vec<Listener>, AwsError> {
        let request = self.balancers.describe_listeners().load_balancer_arn(arn);
        let mut pages = request.into_paginator().send();
        let mut listeners = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("elasticloadbalancing:DescribeListeners"))?;
            listeners.extend(page.listeners().iter().filter_map(to_listener));
        }
        Ok(listeners)
    }
}

fn to_balancer(balancer: &sdk::LoadBalancer) -> LoadBalancer {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    LoadBalancer {
        arn: text(balancer.load_balancer_arn()),
        name: text(balancer.load_balancer_name()),
        kind: match balancer.r#type() {
            Some(sdk::LoadBalancerTypeEnum::Application) => Some(LoadBalancerKind::Application),
            Some(sdk::LoadBalancerTypeEnum::Network) => Some(LoadBalancerKind::Network),
            Some(_) | None => None,
        },
        vpc: text(balancer.vpc_id()),
        security_groups: balancer.security_groups().to_vec(),
    }
}

/// Those of gateways have no port.
fn to_listener(listener: &sdk::Listener) -> Option<Listener> {
    let port = u16::try_from(listener.port()?).ok()?;
    Some(Listener { arn: listener.listener_arn().unwrap_or_default().to_owned(), port })
}
