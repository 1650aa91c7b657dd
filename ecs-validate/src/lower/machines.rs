//! Machines with GPUs, and which of them a task runs on.

use std::fmt;

use compose_model::{Diagnostic, Path, nearest};

use super::gpu::{CODE, Gpus};
use super::placement::Machine;
use super::size::Wish;
use crate::context::Context;
use crate::project::{Capacity, Machines};
use crate::service::Launch;

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

/// What a task runs on if Fargate cannot run it. Tasks that ask for the same kind
/// of machine share them.
pub(super) fn launch(
    mut capacity: Capacity,
    service: &str,
    wish: Wish,
    capacities: &mut Vec<Capacity>,
) -> Launch {
    let alike = |other: &Capacity| {
        let is_same = other.arm == capacity.arm && other.attributes == capacity.attributes;
        (&other.instance_type, &other.machine_image)
            == (&capacity.instance_type, &capacity.machine_image)
            && is_same
    };
    let position = capacities.iter().position(alike).unwrap_or_else(|| {
        capacity.name = (!capacities.is_empty()).then(|| service.to_owned());
        capacities.push(capacity);
        capacities.len() - 1
    });
    // ECS knows no task of fewer than 128 units.
    let cpu = u32::try_from(wish.units()).unwrap_or(u32::MAX);
    let memory = u32::try_from(wish.memory).unwrap_or(u32::MAX);
    Launch::Machines {
        capacity: position,
        cpu: (cpu > 0).then_some(cpu.max(128)),
        memory: (memory > 0).then_some(memory),
    }
}

/// What a whole task needs of its machine.
pub(super) struct Needs {
    gpus: Gpus,
    wish: Wish,
    machine: Machine,
    arm: bool,
}

impl Needs {
    /// What a task without containers needs.
    pub(super) fn of(arm: bool) -> Self {
        Self { gpus: Gpus::None, wish: Wish::default(), machine: Machine::default(), arm }
    }

    /// Adds the GPUs of a container.
    pub(super) fn add(&mut self, gpus: Gpus) {
        self.gpus = self.gpus.and(gpus);
    }

    /// Adds what else a container asks for. The machine is the first that is named.
    pub(super) fn join(&mut self, wish: Wish, machine: Machine) {
        let Machine { instance_type, type_at, image, attributes } = machine;
        self.wish = self.wish.and(wish);
        self.machine.instance_type = self.machine.instance_type.take().or(instance_type);
        self.machine.type_at = self.machine.type_at.take().or(type_at);
        self.machine.image = self.machine.image.take().or(image);
        for (name, value) in attributes {
            self.machine.attributes.entry(name).or_insert(value);
        }
    }

    /// Whether Fargate cannot run it.
    pub(super) fn has_gpus(&self) -> bool {
        self.gpus != Gpus::None
    }
}

/// `8 GPUs, 96 CPUs of x86 and 384 GB`
impl fmt::Display for InstanceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name: _, gpus, cpus, memory, arm } = self;
        let plural = if *gpus == 1 { "" } else { "s" };
        let processor = if *arm { "ARM" } else { "x86" };
        write!(f, "{gpus} GPU{plural}, {cpus} CPUs of {processor} and {memory} GB")
    }
}

impl InstanceType {
    fn fits(&self, needs: &Needs) -> bool {
        self.arm == needs.arm
            && self.gpus >= needs.gpus.of_machine(1).unwrap_or_default()
            && u64::from(self.cpus) * 1024 >= needs.wish.units()
            && u64::from(self.usable_memory()) >= needs.wish.memory
    }

    /// In MiB, without the sixteenth that is the system's own.
    fn usable_memory(&self) -> u32 {
        self.memory * 1024 / 16 * 15
    }
}

/// How many tasks that need so much run on one machine; one, of a type that is not in
/// the table.
pub(super) fn room(name: &str, gpus: u32, cpu: Option<u32>, memory: Option<u32>) -> u32 {
    let Some(machine) = MACHINES.iter().find(|machine| machine.name == name) else { return 1 };
    let by_cpu = cpu.map(|cpu| machine.cpus * 1024 / cpu.max(1));
    let by_memory = memory.map(|memory| machine.usable_memory() / memory.max(1));
    let by_gpus = machine.gpus / gpus.max(1);
    [by_cpu, by_memory].into_iter().flatten().fold(by_gpus, u32::min).max(1)
}

/// The machine that a task runs on, and how many GPUs are all of it. `at` is the
/// place of the service.
pub(super) fn machine(needs: &Needs, at: &Path, cx: &mut Context<'_>) -> (Capacity, u32) {
    let (instance_type, all) = match &needs.machine.instance_type {
        Some(named) => {
            let at = needs.machine.type_at.as_ref().unwrap_or(at);
            (named.clone(), named_machine(named, needs, at, cx))
        }
        None => (cheapest(needs, at, cx).to_owned(), all_of_one(needs, at, cx)),
    };
    let machine_image = needs.machine.image.clone();
    if needs.arm && machine_image.is_none() {
        refuse_arm(at, cx);
    }
    let capacity = Capacity {
        name: None,
        instance_type,
        machine_image,
        arm: needs.arm,
        attributes: needs.machine.attributes.clone(),
        machines: Machines::default(),
    };
    (capacity, all)
}

/// AWS publishes no image for ARM that has the drivers of GPUs.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-optimized_AMI.html>
fn refuse_arm(at: &Path, cx: &mut Context<'_>) {
    let message = "AWS recommends no machine image for ARM that knows GPUs";
    cx.report(
        Diagnostic::error(CODE, message)
            .at(at.key("platform"), "")
            .help("name one with the placement constraint `node.ami == ami-...`"),
    );
}

/// A type that is not in the table may be newer than it, and has what its user says.
/// `at` is where it is named.
fn named_machine(named: &str, needs: &Needs, at: &Path, cx: &mut Context<'_>) -> u32 {
    let Some(machine) = MACHINES.iter().find(|machine| machine.name == named) else {
        cx.report(unknown_machine(named).at(at.clone(), "taken as it is, and for one GPU"));
        return 1;
    };
    if !machine.fits(needs) {
        let message = format!("`{named}` is too small, or has another processor");
        let help = format!("it has {machine}, of which the system takes some");
        cx.report(Diagnostic::error(CODE, message).at(at.clone(), "").help(help));
    }
    machine.gpus
}

fn unknown_machine(named: &str) -> Diagnostic {
    let message = format!("`{named}` is no machine with GPUs that is known here");
    let near = nearest(named, MACHINES.iter().map(|machine| machine.name));
    Diagnostic::warning(CODE, message).help(match near {
        Some(near) => format!("did you mean `{near}`? A type that is newer is right, too"),
        None => "look it up among the types of EC2, unless you know that it has GPUs".to_owned(),
    })
}

fn cheapest(needs: &Needs, at: &Path, cx: &mut Context<'_>) -> &'static str {
    if let Some(machine) = MACHINES.iter().find(|machine| machine.fits(needs)) {
        return machine.name;
    }
    let mut alike = MACHINES.iter().filter(|machine| machine.arm == needs.arm);
    let largest = alike.next_back().expect("there are machines with each processor");
    let name = largest.name;
    cx.report(
        Diagnostic::error(CODE, "no machine has that many GPUs, CPUs and so much memory")
            .at(at.key("gpus"), "")
            .help(format!(
                "the largest is `{name}`, with {largest}; or name another with the placement \
                 constraint `node.machine == TYPE`"
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
                .at(at.key("gpus"), "")
                .help("write the `count`, or the placement constraint `node.machine == TYPE`"),
        );
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::{check, service, services_with};

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
        let arm = "    gpus: [{count: 2}]\n    platform: linux/arm64\n    \
                   deploy: {placement: {constraints: [node.ami == ami-1]}}";
        assert_eq!(machine_of(arm), "g5g.16xlarge");
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
    fn services_share_machines_if_they_ask_for_the_same_attributes() {
        let text = "
services:
  a: {image: nginx, gpus: [{count: 1}], deploy: {placement: {constraints: ['node.labels.disk == ssd']}}}
  b: {image: nginx, gpus: [{count: 1}], deploy: {placement: {constraints: ['node.labels.disk == hdd']}}}
  c: {image: nginx, gpus: [{count: 1}], deploy: {placement: {constraints: ['attribute:disk==ssd']}}}
  d: {image: nginx, gpus: [{count: 1}], deploy: {placement: {constraints: ['node.labels.disk != ssd']}}}
";
        let (_, capacities) = services_with(&Facts::none(), text);
        let of = |capacity: &Capacity| {
            let disk = capacity.attributes.get("disk").cloned().unwrap_or_default();
            (capacity.name.clone().unwrap_or_default(), disk)
        };
        let found: Vec<_> = capacities.iter().map(of).collect();
        let expected = [("", "ssd"), ("b", "hdd"), ("d", "")];
        assert_eq!(found, expected.map(|(name, disk)| (name.to_owned(), disk.to_owned())));
    }

    #[test]
    fn what_no_machine_has_is_refused() {
        check(
            "
services:
  many:
    image: nginx
    gpus:
#   ^^^^ error: no machine has that many GPUs, CPUs and so much memory
#   help: the largest is `p5en.48xlarge`, with 8 GPUs, 192 CPUs of x86 and 2048 GB; or name another with the placement constraint `node.machine == TYPE`
      - count: 9
  small:
    image: nginx
    gpus:
      - count: 2
    deploy:
      placement:
        constraints: [node.machine == g4dn.xlarge]
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: `g4dn.xlarge` is too small, or has another processor
#                     help: it has 1 GPU, 4 CPUs of x86 and 16 GB, of which the system takes some
  mistyped:
    image: nginx
    gpus: [{count: 1}]
    deploy:
      placement:
        constraints: [node.machine == g5.xlage]
#                     ^^^^^^^^^^^^^^^^^^^^^^^^ warning: `g5.xlage` is no machine with GPUs that is known here
#                     help: did you mean `g5.xlarge`? A type that is newer is right, too
",
        );
    }

    #[test]
    fn machines_with_arm_and_gpus_need_an_image() {
        check(
            "
services:
  learning:
    image: nginx
    gpus: [{count: 1}]
    platform: linux/arm64
#             ^^^^^^^^^^^ error: AWS recommends no machine image for ARM that knows GPUs
#             help: name one with the placement constraint `node.ami == ami-...`
",
        );
    }

    #[test]
    fn all_gpus_are_one_unless_the_machine_is_named() {
        check(
            "
services:
  web:
    image: nginx
    gpus: all
#   ^^^^ warning: the machine is chosen by how many GPUs are asked for, so `all` is one
#   help: write the `count`, or the placement constraint `node.machine == TYPE`
",
        );
    }
}
