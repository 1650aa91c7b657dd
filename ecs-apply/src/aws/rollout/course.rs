//! ECS's own account of a deployment.

use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types as sdk;

use super::super::AwsError;
use super::super::error::failed;
use super::super::services::present;
use super::super::time::timestamp;
use crate::rollout::{Course, Pause, Ways};
use crate::service::ServiceName;

const MINUTE: u64 = 60;

/// The newest deployment of a service, if it brings this revision. One that is known and
/// goes on is still the newest.
pub(super) async fn course(
    client: &Client,
    name: &ServiceName,
    revision: &str,
    known: Option<&Course>,
) -> Result<Option<Course>, AwsError> {
    if let Some(known) = known
        && let Some(course) = described(client, &known.arn).await?
        && !course.has_ended()
    {
        return Ok(Some(course));
    }
    let request = client.list_service_deployments().cluster(&name.cluster).service(&name.service);
    let answer = request.send().await.map_err(failed("ecs:ListServiceDeployments"))?;
    let briefs = answer.service_deployments();
    let newest = briefs.iter().max_by_key(|it| it.created_at().map(|time| time.secs()));
    let Some(brief) = newest else { return Ok(None) };
    if !brings(client, brief, revision).await? {
        return Ok(None);
    }
    described(client, brief.service_deployment_arn().unwrap_or_default()).await
}

async fn described(client: &Client, arn: &str) -> Result<Option<Course>, AwsError> {
    let request = client.describe_service_deployments().service_deployment_arns(arn);
    let answer = request.send().await.map_err(failed("ecs:DescribeServiceDeployments"))?;
    Ok(answer.service_deployments().first().map(to_course))
}

async fn brings(
    client: &Client,
    brief: &sdk::ServiceDeploymentBrief,
    revision: &str,
) -> Result<bool, AwsError> {
    let Some(target) = brief.target_service_revision_arn() else { return Ok(false) };
    let request = client.describe_service_revisions().service_revision_arns(target);
    let answer = request.send().await.map_err(failed("ecs:DescribeServiceRevisions"))?;
    let definition = answer.service_revisions().first().and_then(|it| it.task_definition());
    Ok(definition == Some(revision))
}

fn to_course(deployment: &sdk::ServiceDeployment) -> Course {
    Course {
        arn: deployment.service_deployment_arn().unwrap_or_default().to_owned(),
        status: deployment.status().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        reason: present(deployment.status_reason()),
        stage: deployment.lifecycle_stage().map(|it| it.as_str().to_owned()),
        pause: deployment.lifecycle_hook_details().iter().find_map(to_pause),
    }
}

fn to_pause(hook: &sdk::DeploymentLifecycleHookDetail) -> Option<Pause> {
    let waits = hook.status().is_some_and(|status| status.as_str() == "AWAITING_ACTION");
    waits.then(|| Pause {
        hook: hook.hook_id().unwrap_or_default().to_owned(),
        until: hook.expires_at().and_then(timestamp),
        then: hook.timeout_action().map(|it| it.as_str().to_owned()),
    })
}

pub(super) fn to_ways(configuration: &sdk::DeploymentConfiguration) -> Ways {
    let breaker = configuration.deployment_circuit_breaker();
    Ways {
        strategy: configuration.strategy().map(|it| it.as_str().to_owned()),
        bake: bake(configuration),
        breaker: breaker.is_some_and(sdk::DeploymentCircuitBreaker::enable),
        reverts: breaker.is_some_and(|it| it.enable() && it.rollback()),
    }
}

/// How long ECS waits on purpose, all steps together.
fn bake(configuration: &sdk::DeploymentConfiguration) -> Duration {
    let minutes = |minutes: Option<i32>| u64::try_from(minutes.unwrap_or(0)).unwrap_or(0);
    let all = minutes(configuration.bake_time_in_minutes());
    let linear = configuration.linear_configuration().map_or(0, |linear| {
        let percent = linear.step_percent().unwrap_or(10.0).clamp(3.0, 100.0);
        let mut steps = 0;
        let mut moved = 0.0;
        while moved < 100.0 {
            moved += percent;
            steps += 1;
        }
        steps * minutes(linear.step_bake_time_in_minutes().or(Some(6)))
    });
    let canary = configuration
        .canary_configuration()
        .map_or(0, |canary| minutes(canary.canary_bake_time_in_minutes().or(Some(10))));
    Duration::from_secs((all + linear + canary) * MINUTE)
}
