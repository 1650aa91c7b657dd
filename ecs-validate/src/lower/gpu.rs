//! `gpus`, `deploy.resources.reservations.devices` and `generic_resources` to GPUs,
//! and to machines that have them, since Fargate has none.

use compose_model::service::{Deploy, DeviceCount, DeviceRequest, GenericResource, Reservations};
use compose_model::{Diagnostic, Path};

use super::placement::Machine;
use super::size::Wish;
use crate::context::Context;
use crate::project::Capacity;

const CODE: &str = "ecs::gpu";

/// The GPUs that a container asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Gpus {
    /// None.
    #[default]
    None,
    /// So many.
    Count(u32),
    /// All that its machine has.
    All,
}

impl Gpus {
    /// The larger of two wishes: the keys say the same thing in different ways.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Count(a), Self::Count(b)) => Self::Count(a.max(b)),
            (Self::None, other) | (other, Self::None) => other,
        }
    }

    /// Both wishes, of one container or of two.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => Self::Count(a.saturating_add(b)),
            (a, b) => a.or(b),
        }
    }

    fn of(count: i64) -> Self {
        match u32::try_from(count) {
            Ok(0) => Self::None,
            Ok(count) => Self::Count(count),
            Err(_) if count < 0 => Self::All,
            Err(_) => Self::Count(u32::MAX),
        }
    }

    /// How many of a machine that has so many.
    pub(super) fn of_machine(self, all: u32) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Count(count) => Some(count),
            Self::All => Some(all),
        }
    }
}

/// What a service asks for, in whichever keys.
pub(super) fn gpus(
    requests: &[DeviceRequest],
    deploy: Option<&Deploy>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Gpus {
    let own = devices(requests, true, &at.key("gpus"), cx);
    let reserved = deploy
        .and_then(|deploy| deploy.resources.as_ref())
        .and_then(|resources| resources.reservations.as_deref());
    let Some(Reservations {
        cpus: _,
        memory: _,
        devices: requests,
        generic_resources,
        extensions: _,
    }) = reserved
    else {
        return own;
    };
    let at = at.key("deploy").key("resources").key("reservations");
    let reserved = devices(requests, false, &at.key("devices"), cx);
    own.or(reserved).or(generic(generic_resources, &at.key("generic_resources"), cx))
}

/// Device requests; those below `gpus` need not say that they are for GPUs.
fn devices(requests: &[DeviceRequest], gpus: bool, at: &Path, cx: &mut Context<'_>) -> Gpus {
    let requests = requests.iter().enumerate();
    requests
        .map(|(index, request)| device(request, gpus, &at.index(index), cx))
        .fold(Gpus::None, Gpus::and)
}

fn device(request: &DeviceRequest, gpus: bool, at: &Path, cx: &mut Context<'_>) -> Gpus {
    let DeviceRequest { capabilities, driver, count, device_ids, options: _, extensions: _ } =
        request;
    if !gpus && !capabilities.iter().any(|name| matches!(name.as_str(), "gpu" | "nvidia")) {
        let message =
            format!("ECS reserves no devices that can do `{}`", capabilities.join("`, `"));
        let problem = Diagnostic::error(CODE, message).at(at.key("capabilities"), "");
        cx.report(problem.help("only GPUs can be reserved: `capabilities: [gpu]`"));
        return Gpus::None;
    }
    if let Some(driver) = driver.as_deref().filter(|driver| !matches!(*driver, "" | "nvidia")) {
        let message = format!("ECS has no GPUs with the driver `{driver}`");
        let problem = Diagnostic::error(CODE, message).at(at.key("driver"), "");
        cx.report(problem.help("write `driver: nvidia`"));
    }
    match count {
        Some(DeviceCount::Count(count)) => Gpus::of(*count),
        Some(DeviceCount::All) => Gpus::All,
        None if device_ids.is_empty() => Gpus::All,
        None => these(device_ids, at, cx),
    }
}

/// ECS chooses which GPUs of a machine a task gets.
fn these(ids: &[String], at: &Path, cx: &mut Context<'_>) -> Gpus {
    let count = ids.len();
    let message = "ECS chooses the GPUs of a task itself";
    let problem = Diagnostic::warning(CODE, message).at(at.key("device_ids"), "");
    cx.report(problem.help(format!("write `count: {count}`")));
    Gpus::of(i64::try_from(count).unwrap_or(i64::MAX))
}

fn generic(resources: &[GenericResource], at: &Path, cx: &mut Context<'_>) -> Gpus {
    let mut gpus = Gpus::None;
    for (index, resource) in resources.iter().enumerate() {
        let Some(resource) = &resource.discrete_resource_spec else { continue };
        match resource.kind.as_deref().unwrap_or_default() {
            "gpu" | "gpus" | "GPU" | "NVIDIA-GPU" => {
                gpus = gpus.and(Gpus::of(resource.value.unwrap_or(1).max(0)));
            }
            other => {
                let message = format!("ECS reserves no `{other}`");
                let at = at.index(index).key("discrete_resource_spec").key("kind");
                let problem = Diagnostic::error(CODE, message).at(at, "");
                cx.report(problem.help("only GPUs can be reserved: `kind: gpu`"));
            }
        }
    }
    gpus
}

/// A type of machine.
#[derive(Debug)]
struct InstanceType {
    name: &'static str,
    gpus: u32,
    cpus: u32,
    /// In GiB.
    memory: u32,
    arm: bool,
}

const fn x86(name: &'static str, gpus: u32, cpus: u32, memory: u32) -> InstanceType {
    InstanceType { name, gpus, cpus, memory, arm: false }
}

const fn arm(name: &'static str, gpus: u32, cpus: u32, memory: u32) -> InstanceType {
    InstanceType { name, gpus, cpus, memory, arm: true }
}

/// Families from cheap to dear, and the machines of each likewise. The first
/// family is the one that Docker's tool for ECS chose from, so that a project
/// that moves over keeps its machines.
///
/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html>
const MACHINES: [InstanceType; 40] = [
    x86("g4dn.xlarge", 1, 4, 16),
    x86("g4dn.2xlarge", 1, 8, 32),
    x86("g4dn.4xlarge", 1, 16, 64),
    x86("g4dn.8xlarge", 1, 32, 128),
    x86("g4dn.12xlarge", 4, 48, 192),
    x86("g4dn.16xlarge", 1, 64, 256),
    x86("g4dn.metal", 8, 96, 384),
    x86("g6.xlarge", 1, 4, 16),
    x86("g6.2xlarge", 1, 8, 32),
    x86("g6.4xlarge", 1, 16, 64),
    x86("g6.8xlarge", 1, 32, 128),
    x86("g6.16xlarge", 1, 64, 256),
    x86("g6.12xlarge", 4, 48, 192),
    x86("g6.24xlarge", 4, 96, 384),
    x86("g6.48xlarge", 8, 192, 768),
    x86("g5.xlarge", 1, 4, 16),
    x86("g5.2xlarge", 1, 8, 32),
    x86("g5.4xlarge", 1, 16, 64),
    x86("g5.8xlarge", 1, 32, 128),
    x86("g5.16xlarge", 1, 64, 256),
    x86("g5.12xlarge", 4, 48, 192),
    x86("g5.24xlarge", 4, 96, 384),
    x86("g5.48xlarge", 8, 192, 768),
    x86("g6e.xlarge", 1, 4, 32),
    x86("g6e.2xlarge", 1, 8, 64),
    x86("g6e.4xlarge", 1, 16, 128),
    x86("g6e.8xlarge", 1, 32, 256),
    x86("g6e.16xlarge", 1, 64, 512),
    x86("g6e.12xlarge", 4, 48, 384),
    x86("g6e.24xlarge", 4, 96, 768),
    x86("g6e.48xlarge", 8, 192, 1536),
    x86("p4d.24xlarge", 8, 96, 1152),
    x86("p5.48xlarge", 8, 192, 2048),
    x86("p5en.48xlarge", 8, 192, 2048),
    arm("g5g.xlarge", 1, 4, 8),
    arm("g5g.2xlarge", 1, 8, 16),
    arm("g5g.4xlarge", 1, 16, 32),
    arm("g5g.8xlarge", 1, 32, 64),
    arm("g5g.16xlarge", 2, 64, 128),
    arm("g5g.metal", 2, 64, 128),
];

/// What a whole task needs of its machine.
pub(super) struct Needs {
    /// Of all containers together.
    pub(super) gpus: Gpus,
    pub(super) wish: Wish,
    pub(super) machine: Machine,
    pub(super) arm: bool,
}

impl Needs {
    /// What two containers need together. The machine is the one that either names.
    pub(super) fn and(self, other: Self) -> Self {
        let Machine { instance_type, image } = other.machine;
        Self {
            gpus: self.gpus.and(other.gpus),
            wish: self.wish.and(other.wish),
            machine: Machine {
                instance_type: self.machine.instance_type.or(instance_type),
                image: self.machine.image.or(image),
            },
            arm: self.arm || other.arm,
        }
    }
}

impl InstanceType {
    fn fits(&self, needs: &Needs) -> bool {
        // A sixteenth of the memory is the system's own.
        let memory = u64::from(self.memory) * 1024 / 16 * 15;
        self.arm == needs.arm
            && self.gpus >= needs.gpus.of_machine(1).unwrap_or_default()
            && u64::from(self.cpus) * 1024 >= needs.wish.units()
            && memory >= needs.wish.memory
    }
}

/// The machine that a task runs on, and how many GPUs are all of it. `at` is the
/// place of the service.
pub(super) fn machine(needs: &Needs, at: &Path, cx: &mut Context<'_>) -> (Capacity, u32) {
    let (instance_type, all) = match &needs.machine.instance_type {
        Some(named) => (named.clone(), named_machine(named, needs, at, cx)),
        None => (cheapest(needs, at, cx).to_owned(), all_of_one(needs, at, cx)),
    };
    let machine_image = needs.machine.image.clone();
    (Capacity { name: None, instance_type, machine_image, arm: needs.arm }, all)
}

/// A type that is not in the table is newer than it, and has what its user says.
fn named_machine(named: &str, needs: &Needs, at: &Path, cx: &mut Context<'_>) -> u32 {
    let Some(machine) = MACHINES.iter().find(|machine| machine.name == named) else { return 1 };
    if !machine.fits(needs) {
        let InstanceType { gpus, cpus, memory, arm, .. } = machine;
        let processor = if *arm { "ARM" } else { "x86" };
        let message = format!("`{named}` is too small, or has another processor");
        cx.report(
            Diagnostic::error(CODE, message).at(at.key("deploy").key("placement"), "").help(format!(
                "it has {gpus} GPUs, {cpus} CPUs of {processor} and {memory} GB, of which the system takes some"
            )),
        );
    }
    machine.gpus
}

fn cheapest(needs: &Needs, at: &Path, cx: &mut Context<'_>) -> &'static str {
    if let Some(machine) = MACHINES.iter().find(|machine| machine.fits(needs)) {
        return machine.name;
    }
    let mut alike = MACHINES.iter().filter(|machine| machine.arm == needs.arm);
    let InstanceType { name, gpus, cpus, memory, .. } =
        alike.next_back().expect("there are machines with each processor");
    cx.report(
        Diagnostic::error(CODE, "no machine has that many GPUs, CPUs and so much memory")
            .at(at.clone(), "")
            .help(format!(
                "the largest is `{name}`, with {gpus} GPUs, {cpus} CPUs and {memory} GB; or name \
                 another with the placement constraint `node.machine == TYPE`"
            )),
    );
    name
}

/// ECS wants a number, and the machine is chosen by it.
fn all_of_one(needs: &Needs, at: &Path, cx: &mut Context<'_>) -> u32 {
    if needs.gpus == Gpus::All {
        let message = "the machine is chosen by how many GPUs are asked for, so `all` is one";
        cx.report(
            Diagnostic::warning(CODE, message)
                .at(at.clone(), "")
                .help("write the `count`, or the placement constraint `node.machine == TYPE`"),
        );
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::lower::testing::{check, service, services_with};
    use crate::service::Launch;

    fn capacities(text: &str) -> Vec<Capacity> {
        services_with(&Facts::none(), text).1
    }

    fn machine_of(lines: &str) -> String {
        let text = format!("services:\n  learning:\n    image: tensorflow/tensorflow\n{lines}");
        capacities(&text).remove(0).instance_type
    }

    fn reserving(resources: &str) -> String {
        machine_of(&format!("    deploy: {{resources: {{reservations: {{{resources}}}}}}}"))
    }

    #[test]
    fn the_cheapest_machine_that_fits_is_taken() {
        let gpus = |count: u32| {
            format!(
                "generic_resources: [{{discrete_resource_spec: {{kind: gpus, value: {count}}}}}]"
            )
        };
        let cases = [
            (gpus(1), "g4dn.xlarge"),
            (gpus(4), "g4dn.12xlarge"),
            (format!("memory: 300Gb, {}", gpus(2)), "g4dn.metal"),
            (format!("memory: 32Gb, cpus: '32', {}", gpus(2)), "g4dn.12xlarge"),
            (format!("memory: 16Gb, {}", gpus(1)), "g4dn.2xlarge"),
            (format!("memory: 500Gb, {}", gpus(8)), "g6.48xlarge"),
            (format!("memory: 1500Gb, {}", gpus(8)), "p5.48xlarge"),
        ];
        for (resources, machine) in cases {
            assert_eq!(reserving(&resources), machine, "{resources}");
        }
        let arm = "    gpus: [{count: 2}]\n    platform: linux/arm64";
        assert_eq!(machine_of(arm), "g5g.16xlarge");
    }

    #[test]
    fn gpus_are_asked_for_in_three_ways() {
        let gpus = |lines: &str| service(lines).containers[0].gpus;
        assert_eq!(gpus("gpus: [{count: 2}]"), Some(2));
        assert_eq!(gpus("gpus: all"), Some(1));
        let devices =
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 3}]}}}";
        assert_eq!(gpus(devices), Some(3));
        let all = format!("{devices}\ngpus: [{{count: 2}}]");
        assert_eq!(gpus(&all), Some(3));
        assert_eq!(gpus("init: true"), None);
    }

    #[test]
    fn all_gpus_of_a_machine_that_is_named_are_as_many_as_it_has() {
        let lines =
            "gpus: all\ndeploy: {placement: {constraints: [node.machine == g4dn.12xlarge]}}";
        assert_eq!(service(lines).containers[0].gpus, Some(4));
    }

    #[test]
    fn services_share_a_kind_of_machine() {
        let text = "
services:
  a: {image: nginx, gpus: [{count: 1}]}
  b: {image: nginx, gpus: [{count: 4}], mem_limit: 1g, cpus: 2}
  c: {image: nginx, gpus: [{count: 1}], deploy: {placement: {constraints: ['node.ami == ami-1']}}}
  d: {image: nginx, gpus: [{count: 1}]}
";
        let (services, capacities) = services_with(&Facts::none(), text);
        let machines = |index: usize| match services[index].launch {
            Launch::Machines { capacity, cpu, memory } => (capacity, cpu, memory),
            Launch::Fargate(_) => panic!("Fargate has no GPUs"),
        };
        assert_eq!(machines(0), (0, None, None));
        assert_eq!(machines(1), (1, Some(2048), Some(1024)));
        assert_eq!((machines(2).0, machines(3).0), (2, 0));
        let names: Vec<_> = capacities.iter().map(|capacity| capacity.name.as_deref()).collect();
        assert_eq!(names, [None, Some("b"), Some("c")]);
        assert_eq!(capacities[2].machine_image.as_deref(), Some("ami-1"));
    }

    #[test]
    fn what_no_machine_has_is_refused() {
        check(
            "
services:
  many:
# ^^^^ error: no machine has that many GPUs, CPUs and so much memory
# help: the largest is `p5en.48xlarge`, with 8 GPUs, 192 CPUs and 2048 GB; or name another with the placement constraint `node.machine == TYPE`
    image: nginx
    gpus:
      - count: 9
  small:
    image: nginx
    gpus:
      - count: 2
    deploy:
      placement:
#     ^^^^^^^^^ error: `g4dn.xlarge` is too small, or has another processor
#     help: it has 1 GPUs, 4 CPUs of x86 and 16 GB, of which the system takes some
        constraints: [node.machine == g4dn.xlarge]
  tpu:
    image: nginx
    deploy:
      resources:
        reservations:
          devices:
            - capabilities: [tpu]
#             ^^^^^^^^^^^^ error: ECS reserves no devices that can do `tpu`
#             help: only GPUs can be reserved: `capabilities: [gpu]`
          generic_resources:
            - discrete_resource_spec:
                kind: SSD
#                     ^^^ error: ECS reserves no `SSD`
#                     help: only GPUs can be reserved: `kind: gpu`
                value: 3
",
        );
    }

    #[test]
    fn all_gpus_are_one_unless_the_machine_is_named() {
        check(
            "
services:
  web:
# ^^^ warning: the machine is chosen by how many GPUs are asked for, so `all` is one
# help: write the `count`, or the placement constraint `node.machine == TYPE`
    image: nginx
    gpus: all
  worker:
    image: nginx
    gpus:
      - device_ids: ['0', '3']
#       ^^^^^^^^^^ warning: ECS chooses the GPUs of a task itself
#       help: write `count: 2`
",
        );
    }
}
