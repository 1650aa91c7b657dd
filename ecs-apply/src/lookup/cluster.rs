//! The cluster that `x-aws-cluster` names.

use compose_model::{Diagnostic, Path};
use ecs_validate::ClusterFacts;

use super::trouble::{Found, list, quoted, refused};
use crate::aws::Aws;

/// The cluster, if one is named.
pub(super) async fn cluster(aws: &Aws, named: Option<&str>) -> Found<Option<ClusterFacts>> {
    let Some(named) = named else { return Ok(None) };
    let at = || Path::root().key("x-aws-cluster");
    let cluster = aws.cluster(named).await;
    let cluster = cluster.map_err(refused(format!("the cluster `{named}`"), Some(at())))?;
    if let Some(cluster) = cluster.filter(|cluster| cluster.status == "ACTIVE") {
        return Ok(Some(ClusterFacts { name: cluster.name, arn: cluster.arn }));
    }
    let known = aws.clusters().await.unwrap_or_default();
    let help = match known.len() {
        0 => "remove it, for a cluster of the project's own".to_owned(),
        _ => format!(
            "name one that there is, or remove it for one of the project's own: {}",
            list(known.iter().map(quoted))
        ),
    };
    let message = format!("there is no cluster `{named}` in {}", aws.region());
    Err(Diagnostic::error("lookup::cluster", message).at(at(), "").help(help).into())
}
