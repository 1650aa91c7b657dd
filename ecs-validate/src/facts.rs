//! What had to be looked up before a project can be checked: things that exist
//! already, in an account of AWS or in the project's folder.

use compose_model::LocalFiles;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// What is known about the world. What is not becomes a parameter of the
/// template, so that none of it is needed.
///
/// ```
/// use ecs_validate::Facts;
///
/// let facts: Facts = serde_json::from_str(
///     r#"{
///         "vpc": {
///             "id": "vpc-0a1b2c3d",
///             "subnets": [
///                 {"id": "subnet-1", "zone": "eu-west-1a", "public": true},
///                 {"id": "subnet-2", "zone": "eu-west-1b", "public": true}
///             ]
///         },
///         "file_systems": {"db-data": "fs-0123456789abcdef0"}
///     }"#,
/// )?;
/// assert_eq!(facts.vpc.unwrap().subnets[1].zone.as_deref(), Some("eu-west-1b"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a mapping of what is known")]
pub struct Facts {
    /// The network that everything goes into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcFacts>,
    /// The cluster that `x-aws-cluster` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterFacts>,
    /// The load balancer that `x-aws-loadbalancer` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancerFacts>,
    /// Security groups of external networks: the network's name to the group's id.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub security_groups: IndexMap<String, String>,
    /// File systems of external volumes, and of volumes that outlived an earlier
    /// stack: the volume's name outside of the project to the file system's id.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub file_systems: IndexMap<String, String>,
    /// Ids of file systems that have mount targets in the VPC which the stack did not
    /// make; nothing, if nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mounted_file_systems: Option<Vec<String>>,
    /// External secrets: the secret's name outside of the project to its ARN.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub secrets: IndexMap<String, String>,
    /// Images, as the Compose file writes them.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub images: IndexMap<String, ImageFacts>,
    /// The stack that is to be updated, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackFacts>,
    /// Files that the project mounts.
    #[serde(skip)]
    pub files: LocalFiles,
}

impl Facts {
    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }
}

/// A VPC and its subnets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `id` and `subnets`")]
pub struct VpcFacts {
    /// `vpc-…`
    pub id: String,
    /// In the order in which the template shall name them.
    pub subnets: Vec<SubnetFacts>,
}

/// A part of a VPC in one availability zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `id`, `zone` and `public`")]
pub struct SubnetFacts {
    /// `subnet-…`
    pub id: String,
    /// `eu-west-1a`; two subnets without one are taken to be in different zones.
    #[serde(default)]
    pub zone: Option<String>,
    /// Whether its route to the internet needs no gateway of its own.
    #[serde(default)]
    pub public: bool,
}

/// A cluster that exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `name` and `arn`")]
pub struct ClusterFacts {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// A load balancer that exists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a mapping with `arn`, `kind`, `vpc`, `security_groups` and `ports`"
)]
pub struct LoadBalancerFacts {
    /// Its ARN.
    pub arn: String,
    /// What it balances.
    pub kind: LoadBalancerKind,
    /// The VPC that it is in.
    pub vpc: String,
    /// The security groups that its traffic comes from.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// Ports that it listens on already.
    #[serde(default)]
    pub ports: Vec<u16>,
}

/// What a load balancer understands of its traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", expecting = "`application` or `network`")]
pub enum LoadBalancerKind {
    /// HTTP.
    Application,
    /// TCP and UDP.
    Network,
}

/// What a registry says about an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `digest` and `platforms`")]
pub struct ImageFacts {
    /// `sha256:…`
    pub digest: String,
    /// The platforms that it is made for, `linux/arm64`; none if that is not known.
    #[serde(default)]
    pub platforms: Vec<String>,
}

/// What a deployed stack is like, where that cannot be changed any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a mapping with `load_balancer_without_security_groups`"
)]
pub struct StackFacts {
    /// Its network load balancer was made without security groups, so that it
    /// can never be given any.
    pub load_balancer_without_security_groups: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_that_are_written_are_read_again() {
        let both = |name: &str, id: &str| [(name.to_owned(), id.to_owned())].into_iter().collect();
        let image = ImageFacts {
            digest: format!("sha256:{}", "0".repeat(64)),
            platforms: vec!["linux/amd64".to_owned()],
        };
        let facts = Facts {
            vpc: Some(VpcFacts {
                id: "vpc-1".to_owned(),
                subnets: vec![SubnetFacts { id: "subnet-1".to_owned(), ..SubnetFacts::default() }],
            }),
            cluster: Some(ClusterFacts { name: "shared".to_owned(), arn: "arn".to_owned() }),
            load_balancer: Some(LoadBalancerFacts {
                arn: "arn".to_owned(),
                kind: LoadBalancerKind::Network,
                vpc: "vpc-1".to_owned(),
                security_groups: Vec::new(),
                ports: vec![443],
            }),
            security_groups: both("backend", "sg-1"),
            file_systems: both("archive", "fs-1"),
            mounted_file_systems: Some(Vec::new()),
            secrets: both("token", "arn"),
            images: [("nginx".to_owned(), image)].into_iter().collect(),
            stack: Some(StackFacts { load_balancer_without_security_groups: true }),
            files: LocalFiles::default(),
        };
        for facts in [facts, Facts::none()] {
            let text = serde_json::to_string(&facts).unwrap();
            assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts, "{text}");
        }
    }
}
