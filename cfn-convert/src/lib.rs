//! Turns a project that ECS can run into a CloudFormation template.
//!
//! [`convert`] takes an [`EcsProject`](ecs_validate::EcsProject), which says
//! nothing that ECS cannot do, and so it always succeeds. The [`Template`] is the
//! same on every machine and asks for what is not known, such as subnets and the
//! values of secrets, by parameters. [`overlay`] merges the author's own
//! CloudFormation over it, [`limits`] says what is too much in it, and [`finish`] does
//! all of this and refuses what holds the value of a secret.
//!
//! ```
//! use cfn_convert::{Format, convert};
//! use ecs_validate::{Cluster, EcsProject, Lookup, RoleSettings, Subnets};
//!
//! let project = EcsProject {
//!     name: "shop".to_owned(),
//!     cluster: Cluster::New,
//!     vpc: Lookup::Asked,
//!     subnets: Subnets::Asked,
//!     networks: Vec::new(),
//!     load_balancer: None,
//!     volumes: Vec::new(),
//!     secrets: Vec::new(),
//!     log_retention: Some(30),
//!     roles: RoleSettings::default(),
//!     helper_image: "public.ecr.aws/docker/library/busybox:stable".to_owned(),
//!     capacities: Vec::new(),
//!     services: Vec::new(),
//!     overlay: None,
//!     guard: Default::default(),
//! };
//! let template = convert(&project).render(Format::Yaml);
//! assert!(template.contains("LogGroupName: /docker-compose/shop\n      RetentionInDays: 30\n"));
//! ```

mod convert;
mod exposed;
mod finish;
mod limits;
mod logical_id;
mod overlay;
mod similar;
mod template;
mod value;

pub use convert::convert;
pub use finish::finish;
pub use limits::{limits, written_size};
pub use overlay::overlay;
pub use template::{Data, Format, Inputs, Map, Template, Text};
