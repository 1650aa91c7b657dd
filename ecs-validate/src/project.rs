//! A project that ECS can run. What ECS cannot do, these types cannot say.
//!
//! Everything that has a name is sorted by it, so that the order of keys in a
//! Compose file changes nothing.

use std::collections::BTreeMap;

use compose_model::SecretGuard;
use compose_model::value::Value;
use indexmap::IndexMap;

use crate::facts::LoadBalancerKind;
use crate::service::Service;

/// A whole application, ready to be converted.
#[derive(Debug, Clone, PartialEq)]
pub struct EcsProject {
    /// What its resources are named after.
    pub name: String,
    /// Where its services run.
    pub cluster: Cluster,
    /// The network that everything is in.
    pub vpc: Lookup,
    /// The parts of that network that are used.
    pub subnets: Subnets,
    /// Security groups, one for each network of the Compose file that is used.
    pub networks: Vec<Network>,
    /// What takes traffic from outside; nothing if no port is published.
    pub load_balancer: Option<LoadBalancer>,
    /// File systems, one for each volume of the Compose file.
    pub volumes: Vec<Volume>,
    /// What Secrets Manager keeps, one for each secret of the Compose file.
    pub secrets: Vec<Secret>,
    /// For how many days logs are kept; for ever, if nothing.
    pub log_retention: Option<u16>,
    /// What all roles have in common.
    pub roles: RoleSettings,
    /// The image of the containers that prepare a task.
    pub helper_image: String,
    /// Machines for services that Fargate cannot run.
    pub capacities: Vec<Capacity>,
    /// What runs.
    pub services: Vec<Service>,
    /// The author's own CloudFormation, from `x-aws-cloudformation`.
    pub overlay: Option<Value>,
    /// What finds the values of secrets, which are in nothing of the above.
    pub guard: SecretGuard,
}

/// The id or ARN of something that exists: known now, or asked for when the
/// template is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// What it is.
    Known(String),
    /// A parameter of the template.
    Asked,
}

/// Where services run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cluster {
    /// Made for the project, and named after it.
    New,
    /// One that exists.
    Existing {
        /// Its name, without what an ARN has around it.
        name: String,
        /// What identifies it: its ARN, or the name if no more is known.
        reference: String,
    },
}

/// The parts of a VPC that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subnets {
    /// They are known.
    Known {
        /// Where tasks run, with the zone of each: two at most have the same only
        /// if they were asked for.
        tasks: Vec<Subnet>,
        /// Where the load balancer stands.
        load_balancer: Vec<String>,
        /// Whether a task needs an address of its own to reach the internet.
        public_addresses: PublicAddresses,
    },
    /// A parameter of the template: two or more, in different zones.
    Asked,
}

/// Whether tasks have addresses of their own on the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicAddresses {
    /// Nothing else leads there.
    Enabled,
    /// A gateway leads there.
    Disabled,
    /// A parameter of the template: of some subnets nothing is known.
    Asked,
}

/// A part of a VPC in one availability zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its availability zone, if that is known.
    pub zone: Option<String>,
}

/// A network of the Compose file: services in it can reach each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its key.
    pub name: String,
    /// Its name outside of the project.
    pub full_name: String,
    /// The group that stands for it.
    pub security_group: SecurityGroup,
    /// Tags of the group, besides those that every resource has.
    pub tags: IndexMap<String, String>,
}

/// Who may talk to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityGroup {
    /// Made for the project.
    New,
    /// One that exists.
    Existing(Lookup),
}

/// What takes traffic from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// What it understands.
    pub kind: LoadBalancerKind,
    /// Whether it is made.
    pub source: LoadBalancerSource,
}

/// Whether a load balancer is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadBalancerSource {
    /// For the project, with a security group of its own.
    New,
    /// For the project, by an older tool that gave it no security group. AWS
    /// does not allow to add one.
    NewWithoutSecurityGroup,
    /// It exists.
    Existing {
        /// Its name, or its ARN, as the Compose file has it.
        name: String,
        /// Its ARN.
        arn: Lookup,
        /// Where its traffic comes from; none if it has no group.
        security_groups: SecurityGroups,
    },
}

/// The security groups of something that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityGroups {
    /// They are known; there may be none.
    Known(Vec<String>),
    /// A parameter of the template.
    Asked,
}

/// A volume of the Compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Its key.
    pub name: String,
    /// Its name outside of the project.
    pub full_name: String,
    /// What keeps its data.
    pub file_system: FileSystem,
    /// Whether the network reaches it already: a file system has one mount target in
    /// each zone.
    pub has_mount_targets: bool,
    /// Networks from which it is reached, by their keys: five at most.
    pub networks: Vec<String>,
    /// Through which door, and as whom, it is entered.
    pub access_point: AccessPoint,
    /// Tags, besides those that every resource has.
    pub tags: IndexMap<String, String>,
}

/// What keeps the data of a volume.
#[derive(Debug, Clone, PartialEq)]
pub enum FileSystem {
    /// Made for the project, and kept when the stack is deleted.
    New(FileSystemSettings),
    /// One that exists.
    Existing(Lookup),
}

/// How a file system is made.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-efs-filesystem.html>
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileSystemSettings {
    /// `ENABLED` or `DISABLED`
    pub backup_policy: Option<String>,
    /// `AFTER_30_DAYS`
    pub lifecycle_policy: Option<String>,
    /// `generalPurpose` or `maxIO`
    pub performance_mode: Option<String>,
    /// `bursting`, `elastic` or `provisioned`
    pub throughput_mode: Option<String>,
    /// In MiB for each second.
    pub provisioned_throughput: Option<f64>,
    /// The key that encrypts it, instead of AWS's own.
    pub kms_key_id: Option<String>,
}

/// How a file system is entered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessPoint {
    /// Everything is done as this user.
    pub user: Option<PosixUser>,
    /// What of the file system is seen; all of it, if nothing.
    pub root_directory: Option<String>,
    /// Who owns that folder, if it has to be made: user, group and permissions.
    pub owner: Option<(PosixUser, String)>,
}

/// A user of a file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosixUser {
    /// The number of the user.
    pub uid: String,
    /// The number of the group.
    pub gid: String,
}

/// A secret of the Compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its key.
    pub name: String,
    /// Its name outside of the project.
    pub full_name: String,
    /// Where its value comes from; never the value.
    pub source: SecretSource,
    /// Tags, besides those that every resource has.
    pub tags: IndexMap<String, String>,
}

/// Where the value of a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// From parameters that are filled in when the template is deployed, joined:
    /// one of them holds 4,096 characters.
    Parameters {
        /// How many, at least one.
        count: usize,
    },
    /// From a secret or a parameter that exists, by ARN.
    Existing(Lookup),
}

/// What all roles have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSettings {
    /// `/apps/`
    pub path: Option<String>,
    /// The ARN of the policy that says what no role may exceed.
    pub permissions_boundary: Option<String>,
}

/// Machines for services that Fargate cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// `None` for the only or first one, otherwise the service that it is for.
    pub name: Option<String>,
    /// `g4dn.xlarge`
    pub instance_type: String,
    /// The machine image, instead of the one that AWS recommends for GPUs.
    pub machine_image: Option<String>,
    /// Whether its processor is one of ARM's.
    pub arm: bool,
    /// What ECS is told of each machine: attributes of tasks' placement, by name.
    pub attributes: BTreeMap<String, String>,
    /// How many there are.
    pub machines: Machines,
}

/// How many machines of one kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Machines {
    /// Never fewer; these run from the start.
    pub min: u32,
    /// Never more.
    pub max: u32,
}
