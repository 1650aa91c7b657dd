//! Where services run: a cluster of the project's own, or one that exists.

use ecs_validate::{Cluster as Wanted, EcsProject};
use serde::Serialize;

use super::tags::{Tags, project_tags};
use crate::logical_id::LogicalId;
use crate::template::{Resource, Stack};
use crate::value::{Att, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-cluster.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Cluster<'a> {
    cluster_name: &'a str,
    tags: Tags,
}

impl Resource for Cluster<'_> {
    const TYPE: &'static str = "AWS::ECS::Cluster";
}

impl Cluster<'_> {
    const ARN: Att<Self> = Att::new("Arn");
}

/// How other resources speak of the cluster.
pub(crate) struct ClusterNames {
    /// What identifies it.
    pub(crate) arn: Value<String>,
    /// Its name.
    pub(crate) name: Value<String>,
    /// Whether the project owns it, and may change it.
    pub(crate) own: bool,
}

/// A cluster that exists is noted in the template, since its stack does not show
/// otherwise where its services run.
pub(crate) fn cluster(stack: &mut Stack, project: &EcsProject) -> ClusterNames {
    match &project.cluster {
        Wanted::New => {
            let tags = project_tags(&project.name);
            let cluster = Cluster { cluster_name: &project.name, tags };
            let handle = stack.add(LogicalId::new("Cluster"), &cluster);
            ClusterNames { arn: handle.get(Cluster::ARN), name: handle.reference(), own: true }
        }
        Wanted::Existing { name, reference } => {
            stack.note("Cluster", reference);
            ClusterNames { arn: reference.clone().into(), name: name.clone().into(), own: false }
        }
    }
}
