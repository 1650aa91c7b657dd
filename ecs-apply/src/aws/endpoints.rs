//! Load balancers, as far as they lead to services.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::types as sdk;
use tokio::task::JoinSet;

use super::error::failed;
use super::{Aws, AwsError};
use crate::endpoint::{Entrance, Target};

/// What one call may ask for.
const LISTENERS: usize = 100;
const LOAD_BALANCERS: usize = 20;

/// How many calls are under way at once where each thing needs a call of its own.
const AT_ONCE: usize = 8;

impl Aws {
    /// These listeners, those that are there.
    pub async fn entrances(&self, arns: &[String]) -> Result<Vec<Entrance>, AwsError> {
        let mut listeners = Vec::new();
        for some in arns.chunks(LISTENERS) {
            let request = self.balancers.describe_listeners();
            let answer = request.set_listener_arns(Some(some.to_vec())).send().await;
            match answer.map_err(failed("elasticloadbalancing:DescribeListeners")) {
                Ok(answer) => listeners.extend(answer.listeners().iter().filter_map(to_listener)),
                Err(error) if error.code() == Some("ListenerNotFound") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listeners)
    }

    /// The names in DNS of load balancers, by their ARNs.
    pub async fn load_balancer_hosts(
        &self,
        arns: &[String],
    ) -> Result<HashMap<String, String>, AwsError> {
        let mut hosts = HashMap::new();
        for some in arns.chunks(LOAD_BALANCERS) {
            let request = self.balancers.describe_load_balancers();
            let answer = request.set_load_balancer_arns(Some(some.to_vec())).send().await;
            match answer.map_err(failed("elasticloadbalancing:DescribeLoadBalancers")) {
                Ok(answer) => hosts.extend(answer.load_balancers().iter().filter_map(to_host)),
                Err(error) if error.code() == Some("LoadBalancerNotFound") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(hosts)
    }

    /// What stands in these target groups, by their ARNs. AWS has a call for each.
    pub async fn targets(
        &self,
        groups: &[String],
    ) -> Result<HashMap<String, Vec<Target>>, AwsError> {
        let mut targets = HashMap::new();
        for some in groups.chunks(AT_ONCE) {
            let mut calls = JoinSet::new();
            for group in some {
                let (aws, group) = (self.clone(), group.clone());
                calls.spawn(async move { aws.targets_of(&group).await.map(|it| (group, it)) });
            }
            while let Some(done) = calls.join_next().await {
                let (group, found) = done.expect("nobody stops the call, and it does not panic")?;
                targets.insert(group, found);
            }
        }
        Ok(targets)
    }

    async fn targets_of(&self, group: &str) -> Result<Vec<Target>, AwsError> {
        let answer = self.balancers.describe_target_health().target_group_arn(group).send().await;
        match answer.map_err(failed("elasticloadbalancing:DescribeTargetHealth")) {
            Ok(answer) => Ok(answer.target_health_descriptions().iter().map(to_target).collect()),
            Err(error) if error.code() == Some("TargetGroupNotFound") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn to_listener(listener: &sdk::Listener) -> Option<Entrance> {
    Some(Entrance {
        arn: listener.listener_arn()?.to_owned(),
        load_balancer: listener.load_balancer_arn()?.to_owned(),
        protocol: listener.protocol().map_or("", sdk::ProtocolEnum::as_str).to_owned(),
        port: listener.port()?,
        target_groups: listener.default_actions().iter().flat_map(to_target_groups).collect(),
    })
}

/// An action names one target group, several with weights, or both ways the same one.
fn to_target_groups(action: &sdk::Action) -> Vec<String> {
    let several = action.forward_config().map_or(&[][..], |it| it.target_groups());
    let several: Vec<_> = several.iter().filter_map(|it| it.target_group_arn()).collect();
    let all =
        if several.is_empty() { action.target_group_arn().into_iter().collect() } else { several };
    all.into_iter().map(ToOwned::to_owned).collect()
}

fn to_host(balancer: &sdk::LoadBalancer) -> Option<(String, String)> {
    Some((balancer.load_balancer_arn()?.to_owned(), balancer.dns_name()?.to_owned()))
}

fn to_target(description: &sdk::TargetHealthDescription) -> Target {
    let health = description.target_health();
    let state = health.and_then(|it| it.state()).map(sdk::TargetHealthStateEnum::as_str);
    Target {
        id: description.target().and_then(|it| it.id()).unwrap_or_default().to_owned(),
        state: state.unwrap_or("unknown").to_owned(),
        reason: health.and_then(|it| it.description()).map(ToOwned::to_owned),
    }
}
