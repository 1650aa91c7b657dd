//! The VPC and its subnets: known, or asked for when the template is deployed.

use ecs_validate::{EcsProject, Lookup, PublicAddresses, Subnet, Subnets};

use crate::logical_id::{LogicalId, plain};
use crate::template::{Parameter, ParameterType, Stack};
use crate::value::{List, Value};

/// Where everything is.
pub(crate) struct Network<'a> {
    vpc: &'a Lookup,
    subnets: &'a Subnets,
}

/// A subnet for the door to a file system.
pub(crate) struct Door {
    /// What it contributes to an id.
    pub(crate) name: String,
    /// The subnet.
    pub(crate) subnet: Value<String>,
}

impl<'a> Network<'a> {
    pub(crate) fn of(project: &'a EcsProject) -> Self {
        Self { vpc: &project.vpc, subnets: &project.subnets }
    }

    /// The VPC.
    pub(crate) fn vpc(&self, stack: &mut Stack) -> Value<String> {
        match self.vpc {
            Lookup::Known(id) => Value::Literal(id.clone()),
            Lookup::Asked => Value::Ref(stack.ask(LogicalId::new("Vpc"), vpc)),
        }
    }

    /// Where tasks run. Without knowing the zones of subnets, tasks that mount a
    /// file system run only where it has a door.
    pub(crate) fn for_tasks(&self, stack: &mut Stack, mounts: bool) -> List {
        match self.subnets {
            Subnets::Known { tasks, .. } => literals(tasks.iter().map(|subnet| &subnet.id)),
            Subnets::Asked if mounts => {
                Value::Literal((0..DOORS).map(|at| select(stack, at)).collect())
            }
            Subnets::Asked => asked(stack),
        }
    }

    /// Where the load balancer stands.
    pub(crate) fn for_load_balancer(&self, stack: &mut Stack) -> List {
        match self.subnets {
            Subnets::Known { load_balancer, .. } if !load_balancer.is_empty() => {
                literals(load_balancer)
            }
            Subnets::Known { tasks, .. } => literals(tasks.iter().map(|subnet| &subnet.id)),
            Subnets::Asked => asked(stack),
        }
    }

    /// Whether tasks have addresses of their own on the internet.
    pub(crate) fn public_addresses(&self, stack: &mut Stack) -> Value<String> {
        let public = match self.subnets {
            Subnets::Known { public_addresses, .. } => *public_addresses,
            Subnets::Asked => PublicAddresses::Asked,
        };
        match public {
            PublicAddresses::Enabled => "ENABLED".into(),
            PublicAddresses::Disabled => "DISABLED".into(),
            PublicAddresses::Asked => {
                Value::Ref(stack.ask(LogicalId::new("AssignPublicIp"), public_addresses))
            }
        }
    }

    /// One subnet of each zone: a file system has one door in each.
    pub(crate) fn doors(&self, stack: &mut Stack) -> Vec<Door> {
        match self.subnets {
            Subnets::Known { tasks, .. } => first_of_zones(tasks).map(known_door).collect(),
            Subnets::Asked => (0..DOORS)
                .map(|at| Door { name: format!("Subnet{}", at + 1), subnet: select(stack, at) })
                .collect(),
        }
    }
}

/// The number of subnets that there are for certain.
const DOORS: usize = 2;

fn known_door(subnet: &Subnet) -> Door {
    Door { name: plain(&subnet.id), subnet: Value::Literal(subnet.id.clone()) }
}

fn first_of_zones(subnets: &[Subnet]) -> impl Iterator<Item = &Subnet> {
    subnets.iter().enumerate().filter_map(|(position, subnet)| {
        let same = |other: &Subnet| other.zone.is_some() && other.zone == subnet.zone;
        (!subnets[..position].iter().any(same)).then_some(subnet)
    })
}

fn literals<'a>(ids: impl IntoIterator<Item = &'a String>) -> List {
    Value::Literal(ids.into_iter().map(|id| Value::Literal(id.clone())).collect())
}

fn asked(stack: &mut Stack) -> List {
    Value::Ref(stack.ask(LogicalId::new("Subnets"), subnets))
}

fn select(stack: &mut Stack, at: usize) -> Value<String> {
    Value::Select(at, Box::new(asked(stack)))
}

fn vpc() -> Parameter {
    Parameter {
        kind: ParameterType::Vpc,
        description: "The VPC that everything goes into".to_owned(),
        ..Parameter::default()
    }
}

fn subnets() -> Parameter {
    Parameter {
        kind: ParameterType::Subnets,
        description: "Two or more subnets of the VPC, each in another availability zone".to_owned(),
        ..Parameter::default()
    }
}

fn public_addresses() -> Parameter {
    Parameter {
        description: "Whether tasks get public addresses; ENABLED in subnets that reach the \
                      internet without a NAT gateway"
            .to_owned(),
        default: Some("ENABLED".to_owned()),
        allowed_values: &["ENABLED", "DISABLED"],
        ..Parameter::default()
    }
}
