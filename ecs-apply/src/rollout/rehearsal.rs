//! Runs the new revision once, before the service is touched: to migrate a database,
//! for one.

use std::time::Duration;

use serde_json::Value;

use super::cloud::Cloud;
use super::definition::{Definition, values};
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::judge::UNKNOWN;
use super::order::Order;
use super::site::Site;
use crate::service::{Container, Task};

/// How often it is looked whether the task has ended.
const PAUSE: Duration = Duration::from_secs(2);

/// What ends with SIGTERM or SIGKILL.
const STOPPED: [i32; 2] = [143, 137];

/// Runs the revision once, if that is wanted, and waits for its good end.
pub(super) async fn rehearse<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: &Site,
    revision: &str,
    gate: &mut G,
) -> Result<(), RolloutError> {
    let Some(overrides) = &order.terms.rehearsal else { return Ok(()) };
    let failed = |reason| RolloutError::Rehearsal { service: order.service.clone(), reason };
    let told = overrides["containerOverrides"].as_array().map_or(&[][..], Vec::as_slice);
    let asked = cloud.run(site, revision, overrides).await;
    let arn = match asked.map_err(|error| error.hiding(values(told))) {
        Err(error) if error.is_permanent() => return Err(failed(error.to_string())),
        answer => answer?,
    };
    gate.tell(News::Rehearsing { task: arn.clone() });
    let counted = counted(&order.definition, overrides);
    let start = cloud.now();
    loop {
        let task = cloud.task(&order.service, &arn).await?;
        let spent = Duration::try_from(cloud.now().duration_since(start)).unwrap_or_default();
        match task {
            Some(task) if task.last_status == "STOPPED" => {
                return unhappy(&task, &counted).map_or(Ok(()), |reason| Err(failed(reason)));
            }
            None if spent >= UNKNOWN => {
                return Err(failed("AWS does not know the task any more".to_owned()));
            }
            Some(_) | None => {}
        }
        if spent >= order.terms.complete {
            return Err(failed(format!("it was not finished after {} s", spent.as_secs())));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The containers that decide how the task ended: those that are told what to do, or else
/// those without which it ends.
fn counted(definition: &Definition, overrides: &Value) -> Vec<String> {
    let name = |it: &Value| it["name"].as_str().map(str::to_owned);
    let told = overrides["containerOverrides"].as_array().into_iter().flatten();
    let told: Vec<String> = told.filter_map(name).collect();
    if !told.is_empty() {
        return told;
    }
    definition.essential().filter_map(name).collect()
}

/// Why a task did not end well.
fn unhappy(task: &Task, counted: &[String]) -> Option<String> {
    let of_these = |it: &&Container| counted.contains(&it.name);
    let codes = task.containers.iter().filter(of_these);
    let codes = codes.filter_map(|it| Some((&it.name, it.exit_code?)));
    let is_done = codes.clone().any(|(_, code)| code == 0);
    // When one has done its work, ECS stops the others.
    let is_bad = |code: i32| code != 0 && !(is_done && STOPPED.contains(&code));
    if let Some((name, code)) = codes.clone().find(|(_, code)| is_bad(*code)) {
        return Some(format!("`{name}` ended with exit code {code}"));
    }
    if is_done {
        return None;
    }
    Some(task.stopped_reason.clone().unwrap_or_else(|| "it never ran".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task(codes: &[(&str, Option<i32>)]) -> Task {
        let container = |(name, exit_code): &(&str, Option<i32>)| Container {
            name: (*name).to_owned(),
            image: None,
            last_status: None,
            exit_code: *exit_code,
            reason: None,
            health: None,
        };
        Task {
            arn: String::new(),
            group: None,
            started_by: None,
            task_definition: String::new(),
            last_status: "STOPPED".to_owned(),
            desired_status: "STOPPED".to_owned(),
            health: None,
            stop_code: None,
            stopped_reason: Some("no image".to_owned()),
            created: None,
            started: None,
            stopped: None,
            network_interface: None,
            private_ip: None,
            containers: codes.iter().map(container).collect(),
        }
    }

    #[test]
    fn what_was_told_to_work_decides_and_not_who_is_stopped_with_it() {
        let definition = r#"{"family": "web", "containerDefinitions": [
            {"name": "main", "image": "a"}, {"name": "proxy", "image": "b"},
            {"name": "agent", "image": "c", "essential": false}
        ]}"#;
        let definition = Definition::read(definition, false).unwrap().definition;
        let none = json!({});
        let main = json!({"containerOverrides": [{"name": "main", "command": ["migrate"]}]});
        let cases = [
            (&none, [("main", Some(0)), ("proxy", Some(143)), ("agent", Some(1))], None),
            (&none, [("main", Some(0)), ("proxy", Some(137)), ("agent", None)], None),
            (&none, [("main", Some(0)), ("proxy", Some(2)), ("agent", None)], Some("`proxy`")),
            (&none, [("main", Some(143)), ("proxy", Some(143)), ("agent", None)], Some("`main`")),
            (&none, [("main", None), ("proxy", None), ("agent", Some(0))], Some("no image")),
            (&main, [("main", Some(0)), ("proxy", Some(2)), ("agent", Some(3))], None),
            (&main, [("main", Some(3)), ("proxy", Some(0)), ("agent", None)], Some("`main`")),
        ];
        for (overrides, codes, expected) in cases {
            let told = unhappy(&task(&codes), &counted(&definition, overrides));
            match expected {
                None => assert_eq!(told, None, "{codes:?}"),
                Some(words) => assert!(told.is_some_and(|it| it.contains(words)), "{codes:?}"),
            }
        }
    }
}
