//! A volume becomes a file system, a door to it in every zone, and an access
//! point that says as whom it is entered.

use std::collections::{BTreeSet, HashMap};

use ecs_validate::{
    AccessPoint as Door, EcsProject, FileSystem as Source, FileSystemSettings, Lookup, MountSource,
    PosixUser as User, Service, Volume,
};
use serde::Serialize;

use super::network::Network;
use super::security_group::Groups;
use super::shared::Names;
use super::tags::{Tags, volume_tags, with};
use crate::template::{Parameter, Resource, Stack};
use crate::value::{Att, Known, Pseudo, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-efs-filesystem.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FileSystem {
    backup_policy: Option<BackupPolicy>,
    encrypted: bool,
    file_system_tags: Tags,
    kms_key_id: Option<String>,
    lifecycle_policies: Vec<LifecyclePolicy>,
    performance_mode: Option<String>,
    provisioned_throughput_in_mibps: Option<f64>,
    throughput_mode: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BackupPolicy {
    status: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LifecyclePolicy {
    #[serde(rename = "TransitionToIA")]
    transition_to_ia: String,
}

/// What a volume holds outlives the stack, as it outlives `docker compose down`.
impl Resource for FileSystem {
    const TYPE: &'static str = "AWS::EFS::FileSystem";
    const RETAINED: bool = true;
}

impl FileSystem {
    const ARN: Att<Self> = Att::new("Arn");
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-efs-mounttarget.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MountTarget {
    file_system_id: Value<String>,
    security_groups: Vec<Value<String>>,
    subnet_id: Value<String>,
}

impl Resource for MountTarget {
    const TYPE: &'static str = "AWS::EFS::MountTarget";
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-efs-accesspoint.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessPoint {
    access_point_tags: Tags,
    file_system_id: Value<String>,
    posix_user: Option<PosixUser>,
    root_directory: Option<RootDirectory>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PosixUser {
    gid: String,
    uid: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RootDirectory {
    creation_info: Option<CreationInfo>,
    path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreationInfo {
    owner_gid: String,
    owner_uid: String,
    permissions: String,
}

impl Resource for AccessPoint {
    const TYPE: &'static str = "AWS::EFS::AccessPoint";
}

impl AccessPoint {
    const ARN: Att<Self> = Att::new("Arn");
}

/// A volume, as tasks that mount it have to know it.
pub(crate) struct KnownVolume {
    /// The id of its file system.
    pub(crate) id: Value<String>,
    /// The ARN of its file system.
    pub(crate) arn: Value<String>,
    /// The id of its access point.
    pub(crate) access_point: Value<String>,
    /// The ARN of its access point.
    pub(crate) access_point_arn: Value<String>,
    /// Services wait for these.
    pub(crate) mount_targets: Vec<Known>,
}

/// Volumes, by their keys.
pub(crate) type Volumes<'a> = HashMap<&'a str, KnownVolume>;

/// The file systems of all volumes.
pub(crate) fn volumes<'a>(
    stack: &mut Stack,
    project: &'a EcsProject,
    names: &Names<'_>,
    network: &Network<'_>,
    groups: &Groups<'_>,
) -> Volumes<'a> {
    let mut volumes = Volumes::new();
    // Two volumes may be folders of one file system, which has its doors once.
    let mut doors: HashMap<String, Vec<Known>> = HashMap::new();
    for volume in &project.volumes {
        let (id, arn) = file_system(stack, project, names, volume);
        let mount_targets = match existing(&id).and_then(|id| doors.get(id)) {
            Some(targets) => targets.clone(),
            None if volume.has_mount_targets => Vec::new(),
            None => {
                let groups = door_groups(volume, groups);
                // Without a service there is nobody to let in.
                if groups.is_empty() {
                    Vec::new()
                } else {
                    mount_targets(stack, names, network, &groups, volume, &id)
                }
            }
        };
        if let Some(id) = existing(&id) {
            doors.insert(id.clone(), mount_targets.clone());
        }
        let (access_point, access_point_arn) = access_point(stack, project, names, volume, &id);
        let known = KnownVolume { id, arn, access_point, access_point_arn, mount_targets };
        volumes.insert(&volume.name, known);
    }
    volumes
}

fn existing(id: &Value<String>) -> Option<&String> {
    if let Value::Literal(id) = id { Some(id) } else { None }
}

/// The id and the ARN of a volume's file system.
fn file_system(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    volume: &Volume,
) -> (Value<String>, Value<String>) {
    match &volume.file_system {
        Source::New(settings) => {
            let tags = volume_tags(&project.name, &volume.name, &volume.full_name);
            let new = new(settings, with(tags, &volume.tags));
            let handle = stack.add(names.volumes.id(&volume.name, "Filesystem"), &new);
            (handle.reference(), handle.get(FileSystem::ARN))
        }
        Source::Existing(Lookup::Known(arn)) if arn.starts_with("arn:") => {
            let id = arn.rsplit('/').next().unwrap_or(arn);
            (id.into(), arn.clone().into())
        }
        Source::Existing(Lookup::Known(id)) => {
            let id = Value::Literal(id.clone());
            (id.clone(), file_system_arn(id))
        }
        Source::Existing(Lookup::Asked) => {
            let parameter = names.volumes.id(&volume.name, "FilesystemId");
            let id = Value::Ref(stack.ask(parameter, || asked(&volume.name)));
            (id.clone(), file_system_arn(id))
        }
    }
}

fn new(settings: &FileSystemSettings, file_system_tags: Tags) -> FileSystem {
    let FileSystemSettings {
        backup_policy,
        lifecycle_policy,
        performance_mode,
        throughput_mode,
        provisioned_throughput,
        kms_key_id,
    } = settings.clone();
    let transition = |transition_to_ia| LifecyclePolicy { transition_to_ia };
    FileSystem {
        backup_policy: backup_policy.map(|status| BackupPolicy { status }),
        encrypted: true,
        file_system_tags,
        kms_key_id,
        lifecycle_policies: lifecycle_policy.map(transition).into_iter().collect(),
        performance_mode,
        provisioned_throughput_in_mibps: provisioned_throughput,
        throughput_mode,
    }
}

fn asked(volume: &str) -> Parameter {
    Parameter {
        description: format!("The id of the file system of the volume {volume}"),
        allowed_pattern: Some("fs-[0-9a-f]{8,40}"),
        constraint_description: Some("the id of a file system: fs-0123456789abcdef0"),
        ..Parameter::default()
    }
}

fn file_system_arn(id: Value<String>) -> Value<String> {
    id.behind(vec![
        "arn:".into(),
        Pseudo::Partition.into(),
        ":elasticfilesystem:".into(),
        Pseudo::Region.into(),
        ":".into(),
        Pseudo::AccountId.into(),
        ":file-system/".into(),
    ])
}

fn mount_targets(
    stack: &mut Stack,
    names: &Names<'_>,
    network: &Network<'_>,
    security_groups: &[Value<String>],
    volume: &Volume,
    id: &Value<String>,
) -> Vec<Known> {
    let mut targets = Vec::new();
    for door in network.doors(stack) {
        let target = MountTarget {
            file_system_id: id.clone(),
            security_groups: security_groups.to_vec(),
            subnet_id: door.subnet,
        };
        let suffix = format!("NFSMountTargetOn{}", door.name);
        let handle = stack.add(names.volumes.id(&volume.name, &suffix), &target);
        targets.push(handle.known().clone());
    }
    targets
}

/// A network's group lets its members talk to each other, so that the door is in
/// networks of those that mount the volume.
fn door_groups(volume: &Volume, groups: &Groups<'_>) -> Vec<Value<String>> {
    let networks = volume.networks.iter();
    networks.filter_map(|network| groups.get(network.as_str()).cloned()).collect()
}

/// The volumes that a service mounts.
pub(crate) fn mounted(service: &Service) -> BTreeSet<&str> {
    let mounts = service.containers.iter().flat_map(|container| &container.mounts);
    mounts.filter_map(|mount| volume(&mount.source)).collect()
}

fn volume(source: &MountSource) -> Option<&str> {
    match source {
        MountSource::Volume(volume) => Some(volume),
        MountSource::Scratch | MountSource::Files { .. } => None,
    }
}

/// The id and the ARN of a volume's access point.
fn access_point(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    volume: &Volume,
    file_system_id: &Value<String>,
) -> (Value<String>, Value<String>) {
    let Door { user, root_directory, owner } = volume.access_point.clone();
    let tags = volume_tags(&project.name, &volume.name, &volume.full_name);
    let access_point = AccessPoint {
        access_point_tags: with(tags, &volume.tags),
        file_system_id: file_system_id.clone(),
        posix_user: user.map(|User { uid, gid }| PosixUser { gid, uid }),
        root_directory: root_directory
            .map(|path| RootDirectory { creation_info: owner.map(creation_info), path }),
    };
    let handle = stack.add(names.volumes.id(&volume.name, "AccessPoint"), &access_point);
    (handle.reference(), handle.get(AccessPoint::ARN))
}

fn creation_info((User { uid, gid }, permissions): (User, String)) -> CreationInfo {
    CreationInfo { owner_gid: gid, owner_uid: uid, permissions }
}
