//! Finds out where the containers of a stack log to.

use super::{LogSources, Logger};
use crate::aws::{Aws, AwsError};
use crate::described::{Described, Template};
use crate::roster::Roster;
use crate::service::Service;
use crate::stack::Stack;
use crate::status::services;

/// Where the containers of a stack log to. The stack's own template says so for all
/// services at once; a task definition is asked for only where that says too little.
pub async fn log_sources(aws: &Aws, stack: &Stack) -> Result<LogSources, AwsError> {
    let (resources, text) = tokio::join!(aws.stack_resources(&stack.id), aws.template(&stack.id));
    let resources = resources?;
    let described = Template::new(&text?, stack, &resources, aws.region()).services();
    let (told, open): (Vec<_>, Vec<_>) = described.into_iter().partition(|it| it.logger.is_some());
    let mut loggers: Vec<Logger> = told.into_iter().filter_map(|it| it.logger).collect();
    if !open.is_empty() {
        let mut roster = Roster::of(&resources);
        roster.services.retain(|it| open.iter().any(|open| open.logical_id == it.logical_id));
        for service in services(aws, &roster).await? {
            loggers.push(logger(aws, &roster, &open, &service).await?);
        }
    }
    Ok(LogSources::of(&loggers))
}

async fn logger(
    aws: &Aws,
    roster: &Roster,
    open: &[Described],
    service: &Service,
) -> Result<Logger, AwsError> {
    let member = roster.services.iter().find(|it| it.is(service));
    let described =
        open.iter().find(|it| member.is_some_and(|one| one.logical_id == it.logical_id));
    let title = described.map_or_else(|| service.name.service.clone(), |it| it.title.clone());
    let containers = aws.container_logs(&service.task_definition).await?;
    Ok(Logger { service: title, containers })
}
