//! Where the output of containers goes.

use std::collections::BTreeMap;

use ecs_validate::{Logging, SecretRef};
use indexmap::IndexMap;
use serde::Serialize;

use super::container::{ContainerDefinition, SecretEntry};
use super::helper;
use super::log_group::LogGroup;
use super::secret::find;
use super::task_definition::Task;
use crate::value::{Pseudo, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-taskdefinition-logconfiguration.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LogConfiguration {
    log_driver: String,
    options: BTreeMap<String, Value<String>>,
    secret_options: Vec<SecretEntry>,
}

/// What makes a container the router of the others' output.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FirelensConfiguration {
    #[serde(rename = "Type")]
    kind: &'static str,
}

const GROUP: &str = "awslogs-group";
const REGION: &str = "awslogs-region";
const PREFIX: &str = "awslogs-stream-prefix";
const CREATE: &str = "awslogs-create-group";

/// Of a container of the Compose file.
pub(crate) fn log_configuration(
    task: &mut Task<'_>,
    logging: &Logging,
) -> Option<LogConfiguration> {
    match logging {
        Logging::CloudWatch { options } => Some(cloud_watch(task, options)),
        Logging::Driver { name, options, secret_options } => {
            Some(driver(task, name, options, secret_options))
        }
        Logging::FireLens { router: _, options, secret_options } => {
            Some(driver(task, "awsfirelens", options, secret_options))
        }
        Logging::None => None,
    }
}

/// Of a container that we add.
pub(crate) fn own_log_configuration(task: &mut Task<'_>) -> LogConfiguration {
    cloud_watch(task, &IndexMap::new())
}

fn cloud_watch(task: &mut Task<'_>, own: &IndexMap<String, String>) -> LogConfiguration {
    permit(task, own);
    let mut options = BTreeMap::from([
        (GROUP.to_owned(), task.shared.log_group.reference()),
        (REGION.to_owned(), Value::Pseudo(Pseudo::Region)),
        (PREFIX.to_owned(), task.shared.project.name.clone().into()),
    ]);
    options.extend(literals(own));
    LogConfiguration { log_driver: "awslogs".to_owned(), options, secret_options: Vec::new() }
}

/// A group that the author names is not ours, and may be in another region.
fn permit(task: &mut Task<'_>, options: &IndexMap<String, String>) {
    let Some(group) = options.get(GROUP) else {
        let own = task.shared.log_group.get(LogGroup::ARN);
        task.needs.log_group(own);
        return;
    };
    let region = options.get(REGION);
    let region = region.map_or(Pseudo::Region.into(), |region| region.clone().into());
    let arn = Value::from(format!("{group}:*")).behind(vec![
        "arn:".into(),
        Pseudo::Partition.into(),
        ":logs:".into(),
        region,
        ":".into(),
        Pseudo::AccountId.into(),
        ":log-group:".into(),
    ]);
    if options.get(CREATE).is_some_and(|create| create == "true") {
        task.needs.new_log_group(arn.clone());
    }
    task.needs.log_group(arn);
}

fn driver(
    task: &mut Task<'_>,
    name: &str,
    options: &IndexMap<String, String>,
    secret_options: &IndexMap<String, SecretRef>,
) -> LogConfiguration {
    let mut entries = Vec::new();
    for (option, source) in secret_options {
        if let Some(secret) = find(&task.shared.secrets, source) {
            task.needs.secret(&secret);
            entries.push(SecretEntry { name: option.clone(), value_from: secret.value_from() });
        }
    }
    LogConfiguration {
        log_driver: name.to_owned(),
        options: literals(options).collect(),
        secret_options: entries,
    }
}

fn literals(
    options: &IndexMap<String, String>,
) -> impl Iterator<Item = (String, Value<String>)> + '_ {
    options.iter().map(|(name, value)| (name.clone(), value.clone().into()))
}

/// One router serves all containers of a task; its own output goes to the
/// project's log group.
pub(crate) fn router<'a>(task: &mut Task<'a>) -> Option<ContainerDefinition<'a>> {
    let mut images = task.service.containers.iter().filter_map(|one| router_image(&one.logging));
    let image = images.next()?;
    task.needs.image(image);
    let kind = if image.contains("fluentd") { "fluentd" } else { "fluentbit" };
    let name = helper::name(task, &task.service.name, "LogRouter");
    Some(ContainerDefinition {
        name,
        image: image.into(),
        essential: true,
        firelens_configuration: Some(FirelensConfiguration { kind }),
        log_configuration: Some(own_log_configuration(task)),
        user: Some("0"),
        ..ContainerDefinition::default()
    })
}

fn router_image(logging: &Logging) -> Option<&str> {
    match logging {
        Logging::FireLens { router, .. } => Some(router),
        Logging::CloudWatch { .. } | Logging::Driver { .. } | Logging::None => None,
    }
}
