//! What containers see in their file systems besides their images.

use ecs_validate::{Container, File, Mount, MountSource};
use serde::Serialize;

use super::task_definition::Task;
use crate::logical_id::plain;
use crate::value::Value;

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-taskdefinition-volume.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaskVolume {
    name: String,
    #[serde(rename = "EFSVolumeConfiguration")]
    file_system: Option<FileSystemVolume>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FileSystemVolume {
    authorization_config: Authorization,
    filesystem_id: Value<String>,
    transit_encryption: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Authorization {
    access_point_id: Value<String>,
    #[serde(rename = "IAM")]
    iam: &'static str,
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-taskdefinition-mountpoint.html>
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MountPoint {
    pub(crate) container_path: String,
    pub(crate) read_only: bool,
    pub(crate) source_volume: String,
}

/// What a container mounts.
#[derive(Default)]
pub(crate) struct Mounted<'a> {
    pub(crate) points: Vec<MountPoint>,
    /// Space of the task that files are written into.
    pub(crate) folders: Vec<Folder<'a>>,
}

/// A folder that files are written into before a container starts.
pub(crate) struct Folder<'a> {
    pub(crate) target: &'a str,
    pub(crate) volume: String,
    pub(crate) files: &'a [File],
    pub(crate) seeded: bool,
}

/// The mounts of a container, and their volumes for its task.
pub(crate) fn mounted_in<'a>(task: &mut Task<'a>, one: &'a Container) -> Mounted<'a> {
    let mut mounted = Mounted::default();
    for Mount { target, source, read_only } in &one.mounts {
        let volume = match source {
            MountSource::Volume(name) => task.volume(name, !read_only),
            MountSource::Scratch => Some(task.scratch(&one.name, target)),
            MountSource::Files { files, seeded } => {
                let volume = task.scratch(&one.name, target);
                let (volume_name, seeded) = (volume.clone(), *seeded);
                mounted.folders.push(Folder { target, volume: volume_name, files, seeded });
                Some(volume)
            }
        };
        mounted.points.extend(volume.map(|source_volume| MountPoint {
            container_path: target.clone(),
            read_only: *read_only,
            source_volume,
        }));
    }
    mounted
}

impl Task<'_> {
    /// A volume of the project, which a task has once however often it is mounted.
    fn volume(&mut self, name: &str, write: bool) -> Option<String> {
        let volume = self.shared.volumes.get(name)?;
        self.needs.volume(volume, write);
        let name = self.volume_name(name);
        if self.volumes.iter().all(|other| other.name != name) {
            let file_system = FileSystemVolume {
                authorization_config: Authorization {
                    access_point_id: volume.access_point.clone(),
                    iam: "ENABLED",
                },
                filesystem_id: volume.id.clone(),
                transit_encryption: "ENABLED",
            };
            self.volumes.push(TaskVolume { name: name.clone(), file_system: Some(file_system) });
        }
        Some(name)
    }

    /// What a volume is called inside of a task. A name that meets another when it
    /// loses what ids cannot have may meet it here too.
    pub(crate) fn volume_name(&self, name: &str) -> String {
        let part = self.shared.names.volumes.part(name);
        if part == plain(name) { plain_name(name) } else { part }
    }

    /// Space that lives and dies with the task.
    pub(crate) fn scratch(&mut self, container: &str, target: &str) -> String {
        let wanted = plain_name(&format!("{container}-{}", target.trim_matches('/')));
        let wanted: String = wanted.chars().take(200).collect();
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = [wanted.clone()].into_iter().chain(numbered);
        let name = names.find(|name| !self.names.contains(name));
        let name = name.expect("there is no end of numbers");
        self.names.insert(name.clone());
        self.volumes.push(TaskVolume { name: name.clone(), file_system: None });
        name
    }
}

/// Of what ECS takes for a name: letters, digits, `-` and `_`.
pub(crate) fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    name.chars().map(plain).collect()
}
