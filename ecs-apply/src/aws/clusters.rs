//! Clusters of ECS.

use super::error::failed;
use super::{Aws, AwsError};
use crate::cluster::Cluster;

impl Aws {
    /// The cluster of this name or ARN.
    pub async fn cluster(&self, cluster: &str) -> Result<Option<Cluster>, AwsError> {
        let request = self.ecs.describe_clusters().clusters(cluster);
        let answer = request.send().await.map_err(failed("ecs:DescribeClusters"))?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(answer.clusters().first().map(|cluster| Cluster {
            name: text(cluster.cluster_name()),
            arn: text(cluster.cluster_arn()),
            status: text(cluster.status()),
        }))
    }

    /// The names of all clusters.
    pub async fn clusters(&self) -> Result<Vec<String>, AwsError> {
        let mut pages = self.ecs.list_clusters().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("ecs:ListClusters"))?;
            let name = |arn: &String| arn.rsplit('/').next().unwrap_or(arn).to_owned();
            names.extend(page.cluster_arns().iter().map(name));
        }
        Ok(names)
    }
}
