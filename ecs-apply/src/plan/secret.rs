//! Secrets that get another value, which no task notices that runs already.

use serde_json::Value as Json;

use super::{Action, Step, resource, resources};
use crate::roster::{SERVICE, SERVICE_TAG, untagged};

const SECRET: &str = "AWS::SecretsManager::Secret";
const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";

/// Who keeps the old value of a secret, in a sentence each. Nobody is told values, so it is
/// not known whether one is another, but only that it is written anew.
pub(super) fn unnoticed(wanted: &Json, steps: &[Step]) -> Vec<String> {
    let is_written = |step: &&Step| {
        let value = |path: &str| path.starts_with("SecretString");
        step.resource == SECRET
            && step.action == Action::Change
            && step.differences.iter().any(|it| value(&it.path))
    };
    let sentence = |step: &Step| {
        let secret = &step.logical_id;
        let services = services(wanted, secret, steps);
        (!services.is_empty()).then(|| {
            format!(
                "the value of {secret} is written anew; tasks of {} that run already keep the one \
                 that they have, until `up --force-recreate`",
                services.join(", ")
            )
        })
    };
    steps.iter().filter(is_written).filter_map(sentence).collect()
}

/// The services that use a secret and go on with the tasks that they have.
fn services(wanted: &Json, secret: &str, steps: &[Step]) -> Vec<String> {
    let is_changed = |id: &str| steps.iter().any(|step| step.logical_id == id);
    let definitions = resources(wanted).filter(|(id, it)| {
        it["Type"] == TASK_DEFINITION && !is_changed(id) && refers(&it["Properties"], secret)
    });
    let definitions: Vec<&str> = definitions.map(|(id, _)| id.as_str()).collect();
    let runs = |it: &Json| {
        let definition = it["Properties"]["TaskDefinition"]["Ref"].as_str();
        it["Type"] == SERVICE && definition.is_some_and(|id| definitions.contains(&id))
    };
    let services = resources(wanted).filter(|(_, it)| runs(it));
    services.map(|(id, _)| title(resource(wanted, id), id)).collect()
}

/// What the Compose file calls a service.
fn title(service: &Json, logical_id: &str) -> String {
    let tags = service["Properties"]["Tags"].as_array().into_iter().flatten();
    let name = tags.filter(|tag| tag["Key"] == SERVICE_TAG).find_map(|tag| tag["Value"].as_str());
    name.map_or_else(|| untagged(logical_id), ToOwned::to_owned)
}

/// Whether a resource is mentioned.
fn refers(value: &Json, id: &str) -> bool {
    match value {
        Json::Object(entries) => entries.iter().any(|(key, value)| match key.as_str() {
            "Ref" => value == id,
            "Fn::GetAtt" => value[0] == id,
            "Fn::Sub" => is_substituted(value, id) || refers(value, id),
            _ => refers(value, id),
        }),
        Json::Array(items) => items.iter().any(|it| refers(it, id)),
        Json::String(_) | Json::Number(_) | Json::Bool(_) | Json::Null => false,
    }
}

/// The text of a `Fn::Sub` with variables of its own is the first item of a list.
fn is_substituted(value: &Json, id: &str) -> bool {
    let text = value.as_str().or_else(|| value[0].as_str()).unwrap_or_default();
    ["}", "."].iter().any(|end| text.contains(&format!("${{{id}{end}")))
}
