//! Finds out why a deployment failed, afterwards.

use jiff::Timestamp;

use super::inquiry::{Inquiry, SERVICE, by_cluster};
use super::{Evidence, Unseen};
use crate::aws::{Aws, AwsError};
use crate::service::{Service, ServiceName};
use crate::stack::{StackEvent, StackResource};

/// Everything that is known of what happened to a stack since a time, by the clock of
/// AWS.
///
/// It costs a call for every hundred events since then and for every hundred
/// resources, one for every ten services, and what a [look](Inquiry::look) costs. What
/// cannot be looked at is noted in what comes back.
///
/// # Errors
///
/// If not even the events of the stack can be had.
pub async fn gather(aws: &Aws, stack: &str, since: Timestamp) -> Result<Evidence, AwsError> {
    let events = aws.stack_events_since(stack, since).await?;
    let mut inquiry = Inquiry::new(aws, stack);
    inquiry.since(since);
    let mut unseen = Vec::new();
    let resources = noted(aws.stack_resources(stack).await, "what is in the stack", &mut unseen);
    let services = services(aws, &events, &resources, &mut unseen).await;
    inquiry.look(&events, &services).await;
    for (cluster, names) in by_cluster(troubled(&events, &services, since)) {
        inquiry.stopped_tasks(cluster, &names).await;
    }
    inquiry.explain().await;
    let mut evidence = inquiry.into_evidence();
    evidence.add(Evidence { resources, unseen, ..Evidence::default() });
    Ok(evidence)
}

/// The services that are in the stack, or were until it was rolled back.
async fn services(
    aws: &Aws,
    events: &[StackEvent],
    resources: &[StackResource],
    unseen: &mut Vec<Unseen>,
) -> Vec<Service> {
    let of_events = events.iter().map(|it| (&it.kind, &it.physical_id));
    let of_resources = resources.iter().map(|it| (&it.kind, &it.physical_id));
    let mut names: Vec<ServiceName> = of_resources
        .chain(of_events)
        .filter(|(kind, _)| kind.as_str() == SERVICE)
        .filter_map(|(_, arn)| arn.as_deref()?.parse().ok())
        .collect();
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for (cluster, names) in by_cluster(&names) {
        let names: Vec<String> = names.iter().map(|name| name.service.clone()).collect();
        let what = format!("the services of the cluster {cluster}");
        found.extend(noted(aws.services(cluster, &names).await, &what, unseen));
    }
    found
}

/// Services that failed since then, though they may have gone back to what was since.
fn troubled<'a>(
    events: &[StackEvent],
    services: &'a [Service],
    since: Timestamp,
) -> Vec<&'a ServiceName> {
    let failed = |service: &&Service| {
        events
            .iter()
            .any(|it| it.physical_id.as_ref() == Some(&service.arn) && it.status.is_failure())
    };
    let says_so = |service: &&Service| {
        let young = service.events.iter().filter(|event| event.time >= since);
        young.into_iter().any(|event| {
            ["unable", "failed", "unhealthy"].iter().any(|word| event.message.contains(word))
        })
    };
    let troubled = services.iter().filter(|service| failed(service) || says_so(service));
    troubled.map(|service| &service.name).collect()
}

fn noted<T: Default>(answer: Result<T, AwsError>, what: &str, unseen: &mut Vec<Unseen>) -> T {
    answer.unwrap_or_else(|error| {
        let (reason, help) = (error.to_string(), error.help());
        unseen.push(Unseen { what: what.to_owned(), reason, help });
        T::default()
    })
}
