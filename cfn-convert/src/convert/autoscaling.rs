//! The number of a service's tasks follows its load.

use ecs_validate::{Scaling, Service};
use serde::Serialize;

use super::service::EcsService;
use super::shared::Shared;
use crate::template::{Resource, Stack};
use crate::value::{Handle, Value};

/// Without a role: AWS takes one that it keeps for this in every account.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-applicationautoscaling-scalabletarget.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScalableTarget {
    max_capacity: u32,
    min_capacity: u32,
    resource_id: Value<String>,
    scalable_dimension: &'static str,
    service_namespace: &'static str,
}

impl Resource for ScalableTarget {
    const TYPE: &'static str = "AWS::ApplicationAutoScaling::ScalableTarget";
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-applicationautoscaling-scalingpolicy.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScalingPolicy {
    policy_name: String,
    policy_type: &'static str,
    scaling_target_id: Value<String>,
    target_tracking_scaling_policy_configuration: TargetTracking,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TargetTracking {
    predefined_metric_specification: Metric,
    scale_in_cooldown: u32,
    scale_out_cooldown: u32,
    target_value: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    predefined_metric_type: &'static str,
}

impl Resource for ScalingPolicy {
    const TYPE: &'static str = "AWS::ApplicationAutoScaling::ScalingPolicy";
}

const CPU: &str = "ECSServiceAverageCPUUtilization";
const MEMORY: &str = "ECSServiceAverageMemoryUtilization";

/// What scales a service, if anything does.
pub(crate) fn autoscaling(
    stack: &mut Stack,
    shared: &Shared<'_>,
    service: &Service,
    handle: &Handle<EcsService>,
) {
    let Scaling::Automatic { min, max, cpu, memory } = service.scaling else { return };
    let pieces = vec!["service".into(), shared.cluster.name.clone(), handle.get(EcsService::NAME)];
    let target = ScalableTarget {
        max_capacity: max,
        min_capacity: min,
        resource_id: Value::Join("/", pieces),
        scalable_dimension: "ecs:service:DesiredCount",
        service_namespace: "ecs",
    };
    let target = stack.add(shared.names.services.id(&service.name, "ScalableTarget"), &target);
    // The first policy has the id that Docker's tool gives its only one.
    let memory_suffix = if cpu.is_some() { "MemoryScalingPolicy" } else { "ScalingPolicy" };
    let wanted = [(cpu, CPU, "ScalingPolicy"), (memory, MEMORY, memory_suffix)];
    for (percent, metric, suffix) in wanted {
        if let Some(percent) = percent {
            policy(stack, shared, service, &target, (percent, metric, suffix));
        }
    }
}

fn policy(
    stack: &mut Stack,
    shared: &Shared<'_>,
    service: &Service,
    target: &Handle<ScalableTarget>,
    (target_value, predefined_metric_type, suffix): (u8, &'static str, &str),
) {
    let id = shared.names.services.id(&service.name, suffix);
    let policy = ScalingPolicy {
        policy_name: id.to_string(),
        policy_type: "TargetTrackingScaling",
        scaling_target_id: target.reference(),
        target_tracking_scaling_policy_configuration: TargetTracking {
            predefined_metric_specification: Metric { predefined_metric_type },
            scale_in_cooldown: 60,
            scale_out_cooldown: 60,
            target_value,
        },
    };
    stack.add(id, &policy);
}
