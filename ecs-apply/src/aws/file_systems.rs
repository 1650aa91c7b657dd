//! EFS.

use aws_sdk_efs::types as sdk;

use super::error::failed;
use super::time::timestamp;
use super::{Aws, AwsError};
use crate::file_system::{FileSystem, MountTarget};

impl Aws {
    /// All file systems, but those that are on their way out.
    pub async fn file_systems(&self) -> Result<Vec<FileSystem>, AwsError> {
        let mut pages = self.efs.describe_file_systems().into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("elasticfilesystem:DescribeFileSystems"))?;
            let stays = |it: &&sdk::FileSystemDescription| {
                let state = it.life_cycle_state();
                *state != sdk::LifeCycleState::Deleting && *state != sdk::LifeCycleState::Deleted
            };
            found.extend(page.file_systems().iter().filter(stays).map(to_file_system));
        }
        Ok(found)
    }

    /// Begins to delete a file system. One that is gone is no error.
    pub async fn delete_file_system(&self, id: &str) -> Result<(), AwsError> {
        let request = self.efs.delete_file_system().file_system_id(id);
        match request.send().await.map_err(failed("elasticfilesystem:DeleteFileSystem")) {
            Err(error) if error.code() == Some("FileSystemNotFound") => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// The doors to a file system; nothing if there is no such file system.
    pub async fn mount_targets(
        &self,
        file_system: &str,
    ) -> Result<Option<Vec<MountTarget>>, AwsError> {
        let request = self.efs.describe_mount_targets().file_system_id(file_system);
        let mut pages = request.into_paginator().send();
        let mut targets = Vec::new();
        while let Some(page) = pages.next().await {
            match page.map_err(failed("elasticfilesystem:DescribeMountTargets")) {
                Ok(page) => targets.extend(page.mount_targets().iter().map(to_mount_target)),
                Err(error) if error.code() == Some("FileSystemNotFound") => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(targets))
    }
}

fn to_file_system(file_system: &sdk::FileSystemDescription) -> FileSystem {
    let tag = |tag: &sdk::Tag| (tag.key().to_owned(), tag.value().to_owned());
    FileSystem {
        id: file_system.file_system_id().to_owned(),
        name: file_system.name().filter(|name| !name.is_empty()).map(str::to_owned),
        created: timestamp(file_system.creation_time()),
        tags: file_system.tags().iter().map(tag).collect(),
    }
}

fn to_mount_target(target: &sdk::MountTargetDescription) -> MountTarget {
    MountTarget {
        id: target.mount_target_id().to_owned(),
        vpc: target.vpc_id().unwrap_or_default().to_owned(),
    }
}
