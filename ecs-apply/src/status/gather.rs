//! Asks for everything about a stack that its status is put together from.

use std::collections::HashMap;

use super::{Answers, StackStatus, assemble};
use crate::aws::{Aws, AwsError};
use crate::described::{Described, Template};
use crate::endpoint::{Entrance, Target};
use crate::roster::Roster;
use crate::service::{Service, Task, TaskFilter};
use crate::stack::{Stack, StackResource};

/// How a stack is doing. Of the services, only those that `wanted` likes are looked
/// at closely; it is asked about each with the name that the Compose file has for it.
///
/// How many calls that takes depends on how many services there are, ten to a call,
/// and on how many tasks, a hundred to a call: a cluster of the stack's own is asked
/// for all of its tasks at once, and other clusters service by service.
pub async fn status(
    aws: &Aws,
    stack: Stack,
    stopped: bool,
    mut wanted: impl FnMut(&str) -> bool,
) -> Result<StackStatus, AwsError> {
    let resources = aws.stack_resources(&stack.id).await?;
    let mut roster = Roster::of(&resources);
    let mut services = services(aws, &roster).await?;
    entitle(aws, &mut roster, &services, &stack, &resources).await?;
    let everything = roster.services.len();
    roster.services.retain(|member| wanted(&member.title));
    services.retain(|it| roster.services.iter().any(|member| member.is(it)));
    let whole = roster.services.len() == everything;
    let (tasks, (addresses, targets)) =
        tokio::join!(tasks(aws, &roster, whole, stopped), reached(aws, &roster, &services));
    let mut unseen = Vec::new();
    let (entrances, hosts) = seen(addresses, "addresses are", &mut unseen)?;
    let targets = seen(targets, "the health of targets is", &mut unseen)?;
    let answers = Answers { tasks: tasks?, services, entrances, hosts, targets };
    Ok(StackStatus { stack, services: assemble(roster, answers), unseen })
}

/// Services say what they are called. Only where one is not there, the template is
/// asked.
async fn entitle(
    aws: &Aws,
    roster: &mut Roster,
    services: &[Service],
    stack: &Stack,
    resources: &[StackResource],
) -> Result<(), AwsError> {
    let mut is_complete = true;
    for member in &mut roster.services {
        match services.iter().find(|service| member.is(service)) {
            Some(service) => member.entitle(service),
            None => is_complete = false,
        }
    }
    if is_complete {
        return Ok(());
    }
    let text = aws.template(&stack.id).await?;
    let described = Template::new(&text, stack, resources, aws.region()).services();
    for Described { logical_id, title, .. } in described {
        let member = roster.services.iter_mut().find(|it| it.logical_id == logical_id);
        member.into_iter().for_each(|member| member.title.clone_from(&title));
    }
    Ok(())
}

/// The services of a stack that exist.
pub(crate) async fn services(aws: &Aws, roster: &Roster) -> Result<Vec<Service>, AwsError> {
    aws.services_named(roster.names()).await
}

async fn tasks(
    aws: &Aws,
    roster: &Roster,
    whole: bool,
    stopped: bool,
) -> Result<Vec<Task>, AwsError> {
    let mut tasks = Vec::new();
    for (cluster, names) in roster.by_cluster() {
        let names = if whole && roster.owns(cluster) { None } else { Some(names) };
        for stopped in [false].into_iter().chain(stopped.then_some(true)) {
            let filter = TaskFilter { cluster: cluster.to_owned(), service: None, stopped };
            tasks.extend(match &names {
                None => aws.tasks(&filter).await?,
                Some(names) => aws.tasks_of_services(&filter, names).await?,
            });
        }
    }
    // A task may stop between two calls: it is in both lists then, or stopped in the
    // wrong one.
    tasks.retain(|task| stopped || task.last_status != "STOPPED");
    tasks.sort_by(|one, other| one.arn.cmp(&other.arn));
    tasks.dedup_by(|one, other| one.arn == other.arn);
    Ok(tasks)
}

/// What may not be looked at is left out, with a word on why.
fn seen<T: Default>(
    answer: Result<T, AwsError>,
    what: &str,
    unseen: &mut Vec<String>,
) -> Result<T, AwsError> {
    match answer {
        Err(error) if error.is_denied() => {
            unseen.push(format!("{what} not shown: {error}"));
            Ok(T::default())
        }
        answer => answer,
    }
}

type Addresses = (Vec<Entrance>, HashMap<String, String>);
type Targets = HashMap<String, Vec<Target>>;

/// What load balancers have to say: where they are, and what stands behind them.
async fn reached(
    aws: &Aws,
    roster: &Roster,
    services: &[Service],
) -> (Result<Addresses, AwsError>, Result<Targets, AwsError>) {
    let groups: Vec<String> = services.iter().flat_map(|it| it.target_groups.clone()).collect();
    if groups.is_empty() || roster.listeners.is_empty() {
        return (Ok(Addresses::default()), Ok(Targets::default()));
    }
    tokio::join!(addresses(aws, &roster.listeners), aws.targets(&groups))
}

async fn addresses(aws: &Aws, listeners: &[String]) -> Result<Addresses, AwsError> {
    let entrances = aws.entrances(listeners).await?;
    let mut balancers: Vec<_> = entrances.iter().map(|it| it.load_balancer.clone()).collect();
    balancers.sort();
    balancers.dedup();
    let hosts = aws.load_balancer_hosts(&balancers).await?;
    Ok((entrances, hosts))
}
