//! What becomes of the data of volumes.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Action, Observed, Risk, RiskKind, Step, resource, resources};
use crate::file_system::VOLUME_TAG;

const FILE_SYSTEM: &str = "AWS::EFS::FileSystem";

/// What a volume would lose, or get of another one.
pub(super) fn mixed_up(observed: &Observed, wanted: &Json, steps: &[Step]) -> Vec<Risk> {
    let file_systems = steps.iter().filter(|step| step.resource == FILE_SYSTEM);
    let risk = |step: &Step| {
        let before = volume(resource(&observed.template, &step.logical_id))?;
        let after = volume(resource(wanted, &step.logical_id))?;
        (before != after).then(|| Risk {
            kind: RiskKind::Data,
            logical_id: step.logical_id.clone(),
            message: format!(
                "it is that of the volume {before}, and would become that of {after}, which would \
                 find the files of {before} in it"
            ),
        })
    };
    file_systems.filter_map(risk).collect()
}

/// Volumes that are used no more, and stay, and those that begin without anything in
/// them meanwhile: a volume that got another name is both.
pub(super) fn left(observed: &Observed, wanted: &Json, steps: &[Step]) -> Vec<String> {
    let of = |action: Action| {
        let is_meant = move |it: &&Step| it.resource == FILE_SYSTEM && it.action == action;
        steps.iter().filter(is_meant)
    };
    let still = mounted(wanted);
    let is_used = |step: &&Step| step.physical_id.as_deref().is_some_and(|id| still.contains(id));
    let released = of(Action::Release).filter(|step| !is_used(step)).map(|step| {
        let id = step.physical_id.as_deref().unwrap_or("the file system");
        format!("{id}, which is {}", step.logical_id)
    });
    let unmounted = mounted(&observed.template).into_iter().filter(|id| !still.contains(id));
    let left: Vec<String> = released.chain(unmounted.map(str::to_owned)).collect();
    let empty = of(Action::Add).filter(|_| !left.is_empty());
    let kept = left.iter().map(|it| format!("no task will use {it}; it is kept with its files"));
    kept.chain(empty.map(|step| format!("{} starts without any files", step.logical_id))).collect()
}

/// The volume that a file system is of.
fn volume(file_system: &Json) -> Option<&str> {
    let tags = file_system["Properties"]["FileSystemTags"].as_array()?;
    tags.iter().find(|tag| tag["Key"] == VOLUME_TAG)?["Value"].as_str()
}

/// File systems that tasks use and the stack did not make.
fn mounted(template: &Json) -> BTreeSet<&str> {
    let definitions = resources(template).map(|(_, it)| &it["Properties"]["Volumes"]);
    let volumes = definitions.filter_map(Json::as_array).flatten();
    volumes.filter_map(|it| it["EFSVolumeConfiguration"]["FilesystemId"].as_str()).collect()
}
