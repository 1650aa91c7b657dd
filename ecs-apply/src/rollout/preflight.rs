//! Whether a definition fits the service that it is for, as far as that can be said
//! before anything is done.

mod secrets;

use super::definition::{Definition, Remark};
use super::order::Order;
use super::policy::{Globs, Policy};
use super::site::Site;
use crate::service::ServiceName;

/// What speaks against an order, and what is only to be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// Why it is not rolled out.
    pub refused: Vec<Remark>,
    /// What may be wrong with it.
    pub doubts: Vec<Remark>,
}

impl Findings {
    fn refuse(&mut self, at: &str, message: String) {
        self.refused.push(Remark { at: at.to_owned(), message });
    }

    fn doubt(&mut self, at: &str, message: String) {
        self.doubts.push(Remark { at: at.to_owned(), message });
    }
}

/// What can be said of a definition alone.
pub fn of_definition(definition: &Definition, policy: &Policy) -> Findings {
    let mut found = Findings::default();
    allowed("$.family", "family", &policy.families, definition.family(), &mut found);
    for (at, image) in texts(definition, "image") {
        allowed(&at, "image", &policy.images, image, &mut found);
    }
    for key in ["taskRoleArn", "executionRoleArn"] {
        if let Some(role) = definition.get(key).as_str().filter(|role| !role.is_empty()) {
            allowed(&format!("$.{key}"), "role", &policy.roles, role, &mut found);
        }
    }
    for (at, name) in secrets::in_the_open(definition) {
        let message = format!(
            "the value of {name} looks like a secret, and everyone who may see the task definition \
             sees it: put it into Secrets Manager, and name it under `secrets`"
        );
        match policy.no_secrets {
            true => found.refuse(&at, message),
            false => found.doubt(&at, message),
        }
    }
    found
}

/// What can be said when the service is known.
pub(super) fn preflight(order: &Order, site: &Site) -> Findings {
    let Order { definition, policy, .. } = order;
    let mut found = of_definition(definition, policy);
    let name = &site.service.name.service;
    allowed("service", "service", &policy.services, name, &mut found);
    family(definition, site, policy, &mut found);
    network(definition, site, &mut found);
    launch(definition, site, &mut found);
    entrances(definition, site, &mut found);
    accounts(definition, site, policy, &mut found);
    if let Some(stack) = site.stack() {
        found.doubt(
            "service",
            format!(
                "{name} belongs to the CloudFormation stack {stack}, which says another revision \
                 than the one that it gets: the stack's next update may take it back, unless \
                 `ecs-cli up` makes it, which notices"
            ),
        );
    }
    found
}

fn allowed(at: &str, what: &str, globs: &Globs, name: &str, found: &mut Findings) {
    if !globs.allow(name) {
        found.refuse(at, format!("the {what} `{name}` is not one of those that are allowed"));
    }
}

/// The name of the family that a revision is of; it is named by its ARN, or by its
/// family with or without a number.
pub fn family_of(arn: &str) -> &str {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

fn family(definition: &Definition, site: &Site, policy: &Policy, found: &mut Findings) {
    let (new, now) = (definition.family(), family_of(&site.service.task_definition));
    if new == now || now.is_empty() {
        return;
    }
    let name = &site.service.name.service;
    let message = format!("{name} runs the family `{now}`, and this is `{new}`");
    match policy.same_family {
        true => found.refuse("$.family", message),
        false => found.doubt("$.family", message),
    }
}

fn network(definition: &Definition, site: &Site, found: &mut Findings) {
    let is_own = definition.get("networkMode") == "awsvpc";
    let (name, at) = (&site.service.name.service, "$.networkMode");
    if site.has_network && !is_own {
        let message = format!(
            "the tasks of {name} have network interfaces of their own, which needs `\"awsvpc\"`"
        );
        found.refuse(at, message);
    } else if is_own && !site.has_network {
        let message = format!(
            "`\"awsvpc\"` needs subnets, and {name} has none: leave it out, or give the service a \
             network configuration"
        );
        found.refuse(at, message);
    }
}

fn launch(definition: &Definition, site: &Site, found: &mut Findings) {
    let Some(launch) = site.launch_type.as_deref() else { return };
    let wanted = definition.get("requiresCompatibilities").as_array();
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        if launch == "FARGATE" {
            let message = "the service runs on Fargate: it needs `[\"FARGATE\"]`".to_owned();
            found.refuse("$.requiresCompatibilities", message);
        }
        return;
    };
    if !wanted.iter().any(|it| it == launch) {
        let message = format!("the service runs on {launch}, which is not among them");
        found.refuse("$.requiresCompatibilities", message);
    }
}

/// Load balancers and registries know containers and their ports by what the service
/// was made with.
fn entrances(definition: &Definition, site: &Site, found: &mut Findings) {
    let at = "$.containerDefinitions";
    for entrance in &site.entrances {
        let name = &entrance.container;
        let Some(container) = definition.containers().iter().find(|it| it["name"] == **name) else {
            found.refuse(at, format!("traffic of the service goes to a container `{name}`"));
            continue;
        };
        let Some(port) = entrance.port else { continue };
        let ports = container["portMappings"].as_array().into_iter().flatten();
        let mut ports = ports.filter(|it| it["containerPort"].as_i64() == Some(port));
        if ports.next().is_none() {
            let message =
                format!("traffic of the service goes to port {port} of `{name}`: map that port");
            found.refuse(at, message);
        }
    }
}

fn accounts(definition: &Definition, site: &Site, policy: &Policy, found: &mut Findings) {
    let mut own = site.service.arn.split(':').skip(3);
    let (region, account) = (own.next().unwrap_or_default(), own.next().unwrap_or_default());
    for (at, text) in places(definition) {
        let Some((its_region, its_account)) = place(&text) else { continue };
        if policy.accounts != Globs::default() {
            allowed(&at, "account", &policy.accounts, its_account, found);
        } else if its_account != account {
            found.doubt(&at, format!("it belongs to the account {its_account}, not to {account}"));
        }
        if !its_region.is_empty() && its_region != region {
            found.doubt(&at, format!("it is in {its_region}, and the service in {region}"));
        }
    }
}

/// The region and the account of an ARN, or of an image in ECR.
fn place(text: &str) -> Option<(&str, &str)> {
    if let Some(arn) = text.strip_prefix("arn:") {
        let mut parts = arn.split(':').skip(2);
        let (region, account) = (parts.next()?, parts.next()?);
        return Some((region, account)).filter(|_| !account.is_empty() && account != "aws");
    }
    let host = text.split('/').next()?;
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    Some((rest.split('.').next()?, account))
}

fn places(definition: &Definition) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = ["taskRoleArn", "executionRoleArn"]
        .iter()
        .filter_map(|key| Some((format!("$.{key}"), definition.get(key).as_str()?.to_owned())))
        .collect();
    all.extend(texts(definition, "image").into_iter().map(|(at, text)| (at, text.to_owned())));
    for (number, container) in definition.containers().iter().enumerate() {
        let secrets = container["secrets"].as_array().into_iter().flatten();
        for (place, secret) in secrets.enumerate() {
            let at = format!("$.containerDefinitions[{number}].secrets[{place}].valueFrom");
            all.extend(secret["valueFrom"].as_str().map(|text| (at, text.to_owned())));
        }
    }
    all
}

/// What all containers say under a key.
fn texts<'a>(definition: &'a Definition, key: &str) -> Vec<(String, &'a str)> {
    let all = definition.containers().iter().enumerate();
    all.filter_map(|(number, container)| {
        Some((format!("$.containerDefinitions[{number}].{key}"), container[key].as_str()?))
    })
    .collect()
}

/// Whether a name is one that a service can have, alone or as the end of an ARN.
pub fn service_name(text: &str, cluster: &str) -> Option<ServiceName> {
    let name = match text.starts_with("arn:") {
        true => {
            let name = text.parse::<ServiceName>().ok()?;
            if name.cluster != cluster_name(cluster) {
                return None;
            }
            name.service
        }
        false => text.to_owned(),
    };
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=255).contains(&name.len()) && name.bytes().all(is_right);
    fits.then(|| ServiceName { cluster: cluster_name(cluster).to_owned(), service: name })
}

/// The name of a cluster that is named by its ARN.
pub fn cluster_name(cluster: &str) -> &str {
    match cluster.split_once(":cluster/") {
        Some((_, name)) => name,
        None => cluster,
    }
}

#[cfg(test)]
mod tests;
