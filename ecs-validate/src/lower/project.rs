//! What the services of a project share: where they run, and what stands in
//! front of them.

use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::extensions::{ChosenSubnets, ProjectExtensions};
use crate::project::{Cluster, Lookup, PublicAddresses, Subnet, Subnets};

/// The cluster: the project's own, or the one that `x-aws-cluster` names.
pub(crate) fn cluster(extensions: &ProjectExtensions, cx: &mut Context<'_>) -> Cluster {
    let Some(text) = &extensions.cluster else { return Cluster::New };
    let asked = Cluster::Existing { name: last_part(text), reference: text.clone() };
    let Some(known) = &cx.facts.cluster else { return asked };
    if ![&known.name, &known.arn].contains(&text) {
        let other = if text.starts_with("arn:") { &known.arn } else { &known.name };
        let problem = of_another("ecs::other-cluster", other, text);
        cx.report(
            problem
                .at(Path::root().key("x-aws-cluster"), "")
                .help(format!("look up the facts of this cluster, or write `{other}`")),
        );
        return asked;
    }
    Cluster::Existing { name: known.name.clone(), reference: known.arn.clone() }
}

/// The Compose file names one thing, and the facts another.
pub(super) fn of_another(code: &'static str, known: &str, asked: &str) -> Diagnostic {
    Diagnostic::error(code, format!("what is known is about `{known}`, not about `{asked}`"))
}

/// The VPC: the one that `x-aws-vpc` names, or what is known.
pub(crate) fn vpc(extensions: &ProjectExtensions, cx: &mut Context<'_>) -> Lookup {
    let asked = extensions.vpc.as_deref().map(last_part);
    let at = Path::root().key("x-aws-vpc");
    let facts = cx.facts;
    if let (Some(asked), Some(balancer)) = (&asked, &facts.load_balancer)
        && *asked != balancer.vpc
    {
        let message = format!("the load balancer is in `{}`, not in `{asked}`", balancer.vpc);
        cx.report(
            Diagnostic::error("ecs::other-vpc", message)
                .at(at.clone(), "")
                .at(Path::root().key("x-aws-loadbalancer"), "this one")
                .help(format!("remove `x-aws-vpc`, or write `{}`", balancer.vpc)),
        );
    }
    let known = facts.load_balancer.as_ref().map(|balancer| &balancer.vpc);
    let known = known.or(facts.vpc.as_ref().map(|vpc| &vpc.id)).filter(|id| !id.is_empty());
    match (asked, known) {
        (Some(asked), Some(known)) if facts.load_balancer.is_none() && asked != *known => {
            let problem = of_another("ecs::other-vpc", known, &asked);
            cx.report(problem.at(at, "").help("look up the facts of this VPC"));
            Lookup::Known(asked)
        }
        (Some(asked), _) => Lookup::Known(asked),
        (None, Some(known)) => Lookup::Known(known.clone()),
        (None, None) => Lookup::Asked,
    }
}

/// The subnets: those that `x-aws-subnets` names; else those of the VPC that
/// reach the internet, and all if none does. A load balancer gets one in each zone.
pub(crate) fn subnets(
    extensions: &ProjectExtensions,
    balanced: bool,
    cx: &mut Context<'_>,
) -> Subnets {
    let known: Vec<Known> =
        cx.facts.vpc.iter().flat_map(|vpc| &vpc.subnets).map(Known::from).collect();
    let (tasks, balancer) = match &extensions.subnets {
        Some(ChosenSubnets { tasks, load_balancer }) => {
            (chosen(tasks, &known), chosen(load_balancer, &known))
        }
        None if known.is_empty() => return Subnets::Asked,
        None => {
            let open: Vec<Known> = known.iter().filter(|subnet| subnet.public).cloned().collect();
            (if open.is_empty() { known.clone() } else { open.clone() }, open)
        }
    };
    let balancer = one_for_each_zone(&balancer);
    if balanced && balancer.len() < 2 {
        let found = match balancer.len() {
            0 => "none".to_owned(),
            _ => "only one".to_owned(),
        };
        let vpc = cx.facts.vpc.as_ref().map_or("the VPC", |vpc| vpc.id.as_str());
        let message = format!(
            "a load balancer needs public subnets in two availability zones, and {vpc} has {found}"
        );
        cx.report(
            Diagnostic::error("ecs::subnets", message)
                .at(Path::root().key("x-aws-subnets"), "")
                .help("name them: `x-aws-subnets: {loadbalancer: [subnet-..., subnet-...]}`"),
        );
    }
    Subnets::Known {
        public_addresses: public_addresses(&tasks),
        tasks: tasks.into_iter().map(|subnet| subnet.subnet).collect(),
        load_balancer: balancer,
    }
}

/// A subnet, and whether its route to the internet needs no gateway of its own.
#[derive(Debug, Clone)]
struct Known {
    subnet: Subnet,
    public: bool,
    /// Whether that is only taken for granted.
    guessed: bool,
}

/// With a public address, a task in a private subnet reaches nothing; without one,
/// a task in a public subnet does not.
fn public_addresses(subnets: &[Known]) -> PublicAddresses {
    if subnets.iter().any(|subnet| !subnet.public) {
        PublicAddresses::Disabled
    } else if subnets.iter().any(|subnet| subnet.guessed) {
        PublicAddresses::Asked
    } else {
        PublicAddresses::Enabled
    }
}

impl From<&crate::SubnetFacts> for Known {
    fn from(facts: &crate::SubnetFacts) -> Self {
        let subnet = Subnet { id: facts.id.clone(), zone: facts.zone.clone() };
        Self { subnet, public: facts.public, guessed: false }
    }
}

fn chosen(ids: &[String], known: &[Known]) -> Vec<Known> {
    let find = |id: &String| {
        let found = known.iter().find(|subnet| subnet.subnet.id == *id).cloned();
        found.unwrap_or_else(|| Known {
            subnet: Subnet { id: id.clone(), zone: None },
            public: true,
            guessed: true,
        })
    };
    ids.iter().map(find).collect()
}

fn one_for_each_zone(subnets: &[Known]) -> Vec<String> {
    let mut zones: Vec<&str> = Vec::new();
    let mut ids = Vec::new();
    for Known { subnet, .. } in subnets {
        match &subnet.zone {
            Some(zone) if zones.contains(&zone.as_str()) => continue,
            Some(zone) => zones.push(zone),
            None => {}
        }
        ids.push(subnet.id.clone());
    }
    ids
}

/// What stands after the last slash of an ARN, or the text itself.
pub(crate) fn last_part(text: &str) -> String {
    text.rsplit('/').next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::facts::{ClusterFacts, Facts, SubnetFacts, VpcFacts};
    use crate::project::{PublicAddresses, Subnets};
    use crate::testing::{check_with, loaded};

    #[test]
    fn facts_are_about_the_cluster_that_is_named() {
        let arn = |name: &str| format!("arn:aws:ecs:eu-west-1:123456789012:cluster/{name}");
        let known = ClusterFacts { name: "shared".to_owned(), arn: arn("shared") };
        let facts = Facts { cluster: Some(known), ..Facts::none() };
        for named in ["shared".to_owned(), arn("shared")] {
            check_with(
                &facts,
                &format!("x-aws-cluster: {named}\nservices: {{web: {{image: nginx}}}}\n"),
            );
        }
        check_with(
            &facts,
            "
x-aws-cluster: other
#              ^^^^^ error: what is known is about `shared`, not about `other`
#              help: look up the facts of this cluster, or write `shared`
services: {web: {image: nginx}}
",
        );
    }

    #[test]
    fn whether_tasks_get_public_addresses_is_asked_unless_it_is_known() {
        let cases = [
            ("1, 2", PublicAddresses::Enabled),
            ("1, 3", PublicAddresses::Disabled),
            ("1, 9", PublicAddresses::Asked),
            ("3, 9", PublicAddresses::Disabled),
            ("8, 9", PublicAddresses::Asked),
        ];
        let id = |number: &str| format!("subnet-0a1b2c3{number}");
        let subnet = |it: &str| SubnetFacts { id: id(it), zone: None, public: it != "3" };
        let vpc = VpcFacts { id: "vpc-1".to_owned(), subnets: ["1", "2", "3"].map(subnet).into() };
        let facts = Facts { vpc: Some(vpc), ..Facts::none() };
        for (numbers, expected) in cases {
            let ids: Vec<_> = numbers.split(", ").map(id).collect();
            let ids = ids.join(", ");
            let text =
                format!("x-aws-subnets: {{tasks: [{ids}]}}\nservices: {{web: {{image: nginx}}}}");
            let project = crate::check(&loaded(&text), &facts).project.expect("it is good");
            let Subnets::Known { public_addresses, .. } = project.subnets else { panic!("{ids}") };
            assert_eq!(public_addresses, expected, "{ids}");
        }
    }
}
