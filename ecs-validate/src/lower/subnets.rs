//! Where tasks and the load balancer are: the subnets.

use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::extensions::{ChosenSubnets, ProjectExtensions};
use crate::project::{PublicAddresses, Subnet, Subnets};

/// As many as a service of ECS takes.
const MOST: usize = 16;

/// The subnets: those that `x-aws-subnets` names; else those of the VPC that
/// reach the internet, and all if none does, but no more than a service takes. A load
/// balancer gets one in each zone.
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
            (spread(if open.is_empty() { &known } else { &open }), open)
        }
    };
    if tasks.len() > MOST {
        let message = format!("a service takes {MOST} subnets, and these are {}", tasks.len());
        cx.report(
            Diagnostic::error("ecs::subnets", message)
                .at(Path::root().key("x-aws-subnets"), "")
                .help("name fewer: one in each availability zone will do"),
        );
    }
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

/// As many subnets as a service takes, in their order: the first of each zone, then the
/// second ones, so that no zone is left out.
fn spread(subnets: &[Known]) -> Vec<Known> {
    let turn = |place: usize| {
        let zone = &subnets[place].subnet.zone;
        let before = subnets[..place].iter();
        before.filter(|it| zone.is_some() && it.subnet.zone == *zone).count()
    };
    let mut places: Vec<usize> = (0..subnets.len()).collect();
    places.sort_by_key(|place| turn(*place));
    places.truncate(MOST);
    places.sort_unstable();
    places.into_iter().map(|place| subnets[place].clone()).collect()
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

#[cfg(test)]
mod tests {
    use crate::facts::{Facts, SubnetFacts, VpcFacts};
    use crate::project::{PublicAddresses, Subnets};
    use crate::testing::{check, loaded};

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

    /// A VPC with so many subnets in each zone.
    fn vpc_with(zones: &[(&str, usize)]) -> Facts {
        let subnets = zones.iter().flat_map(|(zone, count)| {
            (0..*count).map(move |number| SubnetFacts {
                id: format!("subnet-{zone}{number:02}"),
                zone: Some(format!("eu-west-1{zone}")),
                public: true,
            })
        });
        let vpc = VpcFacts { id: "vpc-1".to_owned(), subnets: subnets.collect() };
        Facts { vpc: Some(vpc), ..Facts::none() }
    }

    #[test]
    fn of_many_subnets_every_zone_has_its_share() {
        let text = "services: {web: {image: nginx, ports: ['80:80']}}";
        let facts = vpc_with(&[("a", 20), ("b", 3), ("c", 1)]);
        let project = crate::check(&loaded(text), &facts).project.expect("it is good");
        let Subnets::Known { tasks, load_balancer, .. } = project.subnets else { panic!() };
        let ids: Vec<_> = tasks.iter().map(|subnet| &subnet.id[7..]).collect();
        let of_a = (0..12).map(|number| format!("a{number:02}"));
        let expected = of_a.chain(["b00", "b01", "b02", "c00"].map(str::to_owned));
        assert_eq!(ids, expected.collect::<Vec<_>>());
        assert_eq!(load_balancer, ["subnet-a00", "subnet-b00", "subnet-c00"]);
    }

    #[test]
    fn sixteen_subnets_are_all_taken() {
        let facts = vpc_with(&[("a", 15), ("b", 1)]);
        let text = "services: {web: {image: nginx}}";
        let project = crate::check(&loaded(text), &facts).project.expect("it is good");
        let Subnets::Known { tasks, .. } = project.subnets else { panic!() };
        assert_eq!(tasks.len(), 16);
    }

    #[test]
    fn more_subnets_are_chosen_than_a_service_takes() {
        let ids: Vec<String> = (10..27).map(|it| format!("subnet-0a1b2c{it}")).collect();
        let text = format!(
            "
x-aws-subnets: [{}]
#^^^^^^^^^^^^ error: a service takes 16 subnets, and these are 17
services: {{web: {{image: nginx}}}}
",
            ids.join(", ")
        );
        check(&text);
    }
}
