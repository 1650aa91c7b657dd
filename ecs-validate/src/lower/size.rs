//! CPUs and memory to the size of a task.

use compose_model::service::{Deploy, Limits, Reservations, Resources};
use compose_model::value::ByteSize;
use compose_model::{Diagnostic, Path, Service};

use crate::context::Context;

/// What one container, or all of a task, shall have at least. Zero is what
/// nobody asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Wish {
    pub(super) cpus: f64,
    /// In MiB.
    pub(super) memory: u64,
}

impl Wish {
    fn new(cpus: f32, memory: Option<ByteSize>) -> Self {
        Self { cpus: f64::from(cpus).max(0.0), memory: memory.map_or(0, mebibytes) }
    }

    /// What several containers need together.
    pub(super) fn and(self, other: Self) -> Self {
        Self { cpus: self.cpus + other.cpus, memory: self.memory.saturating_add(other.memory) }
    }

    fn or(self, other: Self) -> Self {
        Self {
            cpus: if self.cpus > 0.0 { self.cpus } else { other.cpus },
            memory: if self.memory > 0 { self.memory } else { other.memory },
        }
    }

    fn max(self, other: Self) -> Self {
        Self { cpus: self.cpus.max(other.cpus), memory: self.memory.max(other.memory) }
    }

    /// Units of CPU, of which a CPU has 1,024. Sums of fractions are a little off,
    /// and shall not ask for a larger size because of that.
    pub(super) fn units(self) -> u64 {
        (self.cpus * 1024.0 - 0.01).ceil().max(0.0) as u64
    }
}

/// Negative sizes mean that there is no limit.
pub(super) fn mebibytes(size: ByteSize) -> u64 {
    u64::try_from(size.get()).unwrap_or_default().div_ceil(1024 * 1024)
}

/// How large a service is, by all keys that say so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    limit: Wish,
    reserved: Wish,
}

impl Sizes {
    /// Reads the keys of a service.
    pub(super) fn of(service: &Service) -> Self {
        let deploy = service.deploy.as_deref();
        let (limits, reservations) = resources(deploy);
        Self {
            limit: limits.unwrap_or_default().or(Wish::new(service.cpus, service.mem_limit)),
            reserved: reservations.unwrap_or_default().or(Wish::new(0.0, service.mem_reservation)),
        }
    }

    /// Refuses what Docker refuses: fewer than no CPUs, and more set aside than there
    /// may be.
    pub(super) fn check(&self, service: &Service, at: &Path, cx: &mut Context<'_>) {
        let keys = Keys::of(service, at);
        for (cpus, at) in keys.cpus.iter().filter(|(cpus, _)| *cpus < 0.0) {
            cx.report(
                Diagnostic::error("ecs::task-size", format!("there are no {cpus} CPUs"))
                    .at(at.clone(), "")
                    .help("write a number above 0, or leave it out for no limit"),
            );
        }
        let Self { limit, reserved } = self;
        let memory = limit.memory > 0 && reserved.memory > limit.memory;
        let cpus = limit.cpus > 0.0 && reserved.cpus > limit.cpus;
        let found = [
            (memory, format!("{} MiB of memory", reserved.memory), keys.memory),
            (cpus, format!("{} CPUs", reserved.cpus), keys.cpus.map(|(_, at)| at)),
        ];
        for (_, what, [limit, reserved]) in found.into_iter().filter(|(wrong, ..)| *wrong) {
            let message = format!("{what} are set aside, more than there may be");
            cx.report(
                Diagnostic::error("ecs::task-size", message)
                    .at(reserved, "")
                    .at(limit, "the limit")
                    .help("raise the limit, or set less aside"),
            );
        }
    }

    /// Limits, or reservations where there are none. A task has its size to itself,
    /// so that nothing else is left to reserve.
    pub(super) fn wish(&self) -> Wish {
        let Wish { cpus, memory } = self.limit.or(self.reserved);
        Wish { cpus, memory: memory.max(self.reserved.memory) }
    }

    /// What the machine of the task must have.
    pub(super) fn least(&self) -> Wish {
        self.limit.max(self.reserved)
    }

    /// Memory that ECS sets aside for the container. Docker needs 6 MiB for any.
    pub(super) fn memory_reservation(&self) -> Option<u32> {
        let memory = self.reserved.memory;
        (memory > 0).then(|| u32::try_from(memory.max(6)).unwrap_or(u32::MAX))
    }
}

/// What `deploy.resources` limits, and what it sets aside.
fn resources(deploy: Option<&Deploy>) -> (Option<Wish>, Option<Wish>) {
    let Some(resources) = deploy.and_then(|deploy| deploy.resources.as_deref()) else {
        return (None, None);
    };
    let Resources { limits, reservations, extensions: _ } = resources;
    let limits = limits.as_deref().map(|limits| {
        // The number of processes is answered for its key alone.
        let Limits { cpus, memory, pids: _, extensions: _ } = limits;
        Wish::new(*cpus, *memory)
    });
    let reservations = reservations.as_deref().map(|reservations| {
        // GPUs are read where machines are chosen.
        let Reservations { cpus, memory, devices: _, generic_resources: _, extensions: _ } =
            reservations;
        Wish::new(*cpus, *memory)
    });
    (limits, reservations)
}

/// Where the sizes of a service stand: its limits, and what is set aside.
struct Keys {
    cpus: [(f32, Path); 2],
    memory: [Path; 2],
}

impl Keys {
    fn of(service: &Service, at: &Path) -> Self {
        let resources = service.deploy.as_ref().and_then(|deploy| deploy.resources.as_deref());
        let limits = resources.and_then(|it| it.limits.as_deref());
        let reservations = resources.and_then(|it| it.reservations.as_deref());
        let resources = at.key("deploy").key("resources");
        let choose = |nested: bool, section: &str, key: &str, own: &str| {
            if nested { resources.key(section).key(key) } else { at.key(own) }
        };
        let limited = limits.map_or(0.0, |limits| limits.cpus);
        let limit = if limited == 0.0 { service.cpus } else { limited };
        let reserved = reservations.map_or(0.0, |reservations| reservations.cpus);
        Self {
            cpus: [
                (limit, choose(limited != 0.0, "limits", "cpus", "cpus")),
                (reserved, resources.key("reservations").key("cpus")),
            ],
            memory: [
                choose(
                    limits.is_some_and(|limits| limits.memory.is_some()),
                    "limits",
                    "memory",
                    "mem_limit",
                ),
                choose(
                    reservations.is_some_and(|reservations| reservations.memory.is_some()),
                    "reservations",
                    "memory",
                    "mem_reservation",
                ),
            ],
        }
    }
}

/// The key that says most of how large a service is; the service if none does.
pub(super) fn place(service: &Service, at: &Path) -> Path {
    let (limits, reservations) = resources(service.deploy.as_deref());
    let resources = || at.key("deploy").key("resources");
    if limits.is_some() {
        resources().key("limits")
    } else if service.cpus > 0.0 {
        at.key("cpus")
    } else if service.mem_limit.is_some() {
        at.key("mem_limit")
    } else if reservations.is_some() {
        resources().key("reservations")
    } else if service.mem_reservation.is_some() {
        at.key("mem_reservation")
    } else {
        at.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{FargateSize, Launch};
    use crate::testing::{check, service};

    #[test]
    fn no_more_is_set_aside_than_there_may_be() {
        check(
            "
services:
  web:
    image: nginx
    mem_limit: 1g
#              ^^ the limit
    mem_reservation: 2g
#                    ^^ error: 2048 MiB of memory are set aside, more than there may be
#                    help: raise the limit, or set less aside
    cpus: -1
#         ^^ error: there are no -1 CPUs
#         help: write a number above 0, or leave it out for no limit
  worker:
    image: nginx
    deploy:
      resources:
        limits:
          cpus: '1'
#               ^^^ the limit
        reservations:
          cpus: '2'
#               ^^^ error: 2 CPUs are set aside, more than there may be
#               help: raise the limit, or set less aside
",
        );
    }

    #[test]
    fn fractions_that_add_up_to_a_size_need_no_larger_one() {
        let tenth = Wish { cpus: f64::from(0.1_f32), memory: 0 };
        let twentieths = Wish { cpus: f64::from(0.15_f32), memory: 0 };
        assert_eq!(tenth.and(twentieths).units(), 256);
    }

    #[test]
    fn limits_come_from_either_place_and_before_reservations() {
        let size = |lines: &str| match service(lines).launch {
            Launch::Fargate(FargateSize { cpu, memory }) => (cpu, memory),
            Launch::Machines { .. } => panic!("nobody asked for machines"),
        };
        assert_eq!(size("cpus: 1.5\nmem_limit: 5g"), (2048, 5120));
        let limits = "deploy: {resources: {limits: {cpus: '0.5', memory: 2048M}}}";
        assert_eq!(size(limits), (512, 2048));
        let reserved = "deploy: {resources: {reservations: {cpus: '1', memory: 1G}}}";
        assert_eq!(size(reserved), (1024, 2048));
        assert_eq!(size("mem_reservation: 3g"), (512, 3072));
        let both = "deploy: {resources: {limits: {cpus: '2'}, reservations: {cpus: '1'}}}";
        assert_eq!(size(both), (2048, 4096));
    }
}
