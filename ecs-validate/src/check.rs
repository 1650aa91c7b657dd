//! The phases of a check, in order.

use compose_model::{Diagnostic, Loaded, Path, Severity};

use crate::context::Context;
use crate::defaults;
use crate::extensions::ProjectExtensions;
use crate::facts::Facts;
use crate::lower::used::keep_used;
use crate::lower::{
    doors, exposed, fleet, load_balancer, networks, project, secrets, service, subnets, volumes,
};
use crate::project::{EcsProject, RoleSettings};
use crate::support;

/// A project that ECS can run, if it can, and what there is to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Nothing if one of the problems is an error.
    pub project: Option<EcsProject>,
    /// What was adapted, has no effect or cannot be done.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lowers a project to what ECS can run, and collects every problem.
pub fn check(loaded: &Loaded, facts: &Facts) -> Checked {
    let mut cx = Context::new(loaded, facts);
    support::check(loaded, &mut cx.problems);
    let project = lower(&mut cx);
    exposed::refuse_exposed(&mut cx);
    if cx.project.services.is_empty() {
        cx.report(
            Diagnostic::warning("ecs::no-services", "no service runs")
                .at(Path::root().key("services"), "")
                .help("enable those of a profile with `--profile NAME`, or add one"),
        );
    }
    let refused = cx.problems.iter().any(|problem| problem.severity == Severity::Error);
    loaded.document.tell_each_once(&mut cx.problems);
    loaded.document.conceal(&mut cx.problems);
    facts.files.guard.conceal(&mut cx.problems);
    Checked { project: (!refused).then_some(project), diagnostics: cx.problems }
}

/// A project that may have been refused: as near to what was asked for as ECS comes.
pub(crate) fn lower(cx: &mut Context<'_>) -> EcsProject {
    let extensions =
        ProjectExtensions::read(&cx.project.extensions, &Path::root(), &mut cx.problems);
    let search_domain = extensions.search_domain.unwrap_or_default();
    let (mut services, capacities) = service::services(search_domain, cx);
    let load_balancer =
        load_balancer::load_balancer(extensions.load_balancer.as_deref(), &mut services, cx);
    let mut project = EcsProject {
        name: cx.project.name.clone(),
        cluster: project::cluster(&extensions, cx),
        vpc: project::vpc(&extensions, cx),
        subnets: subnets::subnets(&extensions, load_balancer.is_some(), cx),
        networks: networks::networks(cx),
        load_balancer,
        volumes: volumes::volumes(cx),
        secrets: secrets::secrets(cx),
        log_retention: extensions.logs_retention,
        roles: RoleSettings {
            path: extensions.role_path,
            permissions_boundary: extensions.permissions_boundary,
        },
        helper_image: extensions.helper_image.unwrap_or_else(|| defaults::HELPER_IMAGE.to_owned()),
        capacities,
        services,
        overlay: extensions.cloudformation,
        guard: cx.facts.files.guard.clone(),
    };
    keep_used(&mut project);
    fleet::fleet(&mut project, cx);
    doors::doors(&mut project, cx);
    project
}
