//! Finds out what exists already: [`Wanted`] to [`Facts`].

mod cluster;
mod file_systems;
mod images;
mod load_balancer;
mod secrets;
mod security_groups;
mod stack;
mod subnets;
mod together;
mod trouble;
mod vpc;

use std::path::PathBuf;

use compose_model::{Diagnostic, Severity};
use ecs_validate::{Facts, ImageFacts, StackFacts, VpcFacts, Wanted};
use indexmap::IndexMap;

use self::file_systems::Storage;
use self::stack::Own;
use self::trouble::{Findings, Found};
use self::vpc::Located;
use crate::aws::{Aws, AwsError};
use crate::registry::Registries;

/// How to look things up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupOptions {
    /// The stack that is to be made or updated.
    pub stack_name: String,
    /// Whether registries are asked for the digests of images.
    pub resolve_images: bool,
    /// The folder in which Docker keeps who is logged in where.
    pub docker_config: Option<PathBuf>,
}

/// What was found, and what there is to say about the rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looked {
    /// What exists.
    pub facts: Facts,
    /// What is missing or may not be looked at, all of it; and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Looked {
    /// Whether something is missing without which nothing can be deployed.
    pub fn is_refused(&self) -> bool {
        self.diagnostics.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether nothing else is wrong than that AWS does not allow to look.
    pub fn is_denied(&self) -> bool {
        let mut errors =
            self.diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
        self.is_refused() && errors.all(|problem| problem.code == trouble::DENIED)
    }
}

/// Looks up what a project refers to and does not bring along. What it does not need
/// is not asked for, and questions that do not depend on each other are asked side
/// by side.
///
/// # Errors
///
/// If nothing can be asked: no answer, or nobody that AWS knows. What is missing is
/// not an error but a diagnostic.
pub async fn lookup(
    aws: &Aws,
    wanted: &Wanted,
    options: &LookupOptions,
) -> Result<Looked, AwsError> {
    let (network, cluster, (own, storage, stack), secrets, (images, told)) = tokio::join!(
        network(aws, wanted),
        cluster::cluster(aws, wanted.cluster.as_deref()),
        kept(aws, wanted, &options.stack_name),
        secrets::secrets(aws, &wanted.secrets),
        images(aws, wanted, options),
    );
    let mut findings = Findings::default();
    let Network { load_balancer, vpc, security_groups } = network;
    let own = findings.keep(own)?;
    let vpc = findings.keep(vpc)?;
    let load_balancer = findings.keep(load_balancer)?;
    let storage = findings.keep(storage)?;
    let mounted = match &vpc {
        Some(vpc) if !storage.doors.is_empty() => {
            file_systems::mounted(&storage.doors, &vpc.id, &own).map(Some)
        }
        Some(_) | None => Ok(None),
    };
    let facts = Facts {
        load_balancer: load_balancer.map(|it| load_balancer::with_ports(it, &own)),
        vpc,
        cluster: findings.keep(cluster)?,
        security_groups: findings.keep(security_groups)?,
        file_systems: storage.ids,
        mounted_file_systems: findings.keep(mounted)?,
        secrets: findings.keep(secrets)?,
        stack: findings.keep(stack)?,
        images,
        ..Facts::none()
    };
    findings.diagnostics.extend(told);
    Ok(Looked { facts, diagnostics: findings.diagnostics })
}

async fn images(
    aws: &Aws,
    wanted: &Wanted,
    options: &LookupOptions,
) -> (IndexMap<String, ImageFacts>, Vec<Diagnostic>) {
    if !options.resolve_images {
        return (IndexMap::new(), Vec::new());
    }
    let registries = Registries::new(aws, options.docker_config.as_deref());
    images::images(&registries, &wanted.images).await
}

/// What is known of networks.
struct Network {
    load_balancer: Found<Option<load_balancer::Named>>,
    /// Nothing if it is that of a load balancer that is not there.
    vpc: Found<Option<VpcFacts>>,
    security_groups: Found<IndexMap<String, String>>,
}

/// A load balancer that exists says which VPC it is, unless the project does.
async fn network(aws: &Aws, wanted: &Wanted) -> Network {
    let balancer = load_balancer::load_balancer(aws, wanted.load_balancer.as_deref());
    let place = async |located: Found<Located>| place(aws, wanted, located).await;
    if let Some(id) = &wanted.vpc {
        let (load_balancer, (vpc, security_groups)) =
            tokio::join!(balancer, place(Ok(Located::named(id))));
        return Network { load_balancer, vpc, security_groups };
    }
    let load_balancer = balancer.await;
    let (vpc, security_groups) = match &load_balancer {
        Ok(Some((balancer, _))) => place(Ok(Located::named(&balancer.vpc))).await,
        Ok(None) => place(vpc::locate(aws, &wanted.subnets).await).await,
        Err(_) => (Ok(None), Ok(IndexMap::new())),
    };
    Network { load_balancer, vpc, security_groups }
}

/// What is in a VPC.
async fn place(
    aws: &Aws,
    wanted: &Wanted,
    located: Found<Located>,
) -> (Found<Option<VpcFacts>>, Found<IndexMap<String, String>>) {
    let located = match located {
        Ok(located) => located,
        Err(trouble) => return (Err(trouble), Ok(IndexMap::new())),
    };
    let (vpc, groups) = tokio::join!(
        vpc::contents(aws, &located, &wanted.subnets),
        security_groups::security_groups(aws, &located.id, &wanted.security_groups),
    );
    (vpc.map(Some), groups)
}

/// What the stack has made, what volumes there are, and what cannot be changed. Only
/// who knows the first can tell the others.
async fn kept(
    aws: &Aws,
    wanted: &Wanted,
    stack_name: &str,
) -> (Found<Own>, Found<Storage>, Found<Option<StackFacts>>) {
    let own = stack::own(aws, wanted, stack_name).await;
    let none = Own::default();
    let made = own.as_ref().unwrap_or(&none);
    let (storage, facts) = tokio::join!(
        file_systems::storage(aws, wanted, made, stack_name),
        stack::facts(aws, wanted, made),
    );
    (own, storage, facts)
}
