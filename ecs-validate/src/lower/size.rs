//! CPUs and memory to the size of a task.

use compose_model::service::{Deploy, Limits, Reservations, Resources};
use compose_model::value::ByteSize;
use compose_model::{Diagnostic, Path, Service};

use crate::context::Context;
use crate::defaults::{FARGATE_SIZE, WINDOWS_SIZE};
use crate::service::FargateSize;

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

/// The key that says most of how large a service is; the service if none does.
fn place(service: &Service, at: &Path) -> Path {
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

/// Memory that goes with a number of CPUs.
struct Row {
    cpu: u32,
    memory: Memory,
}

enum Memory {
    /// So much in MiB.
    Each(&'static [u32]),
    /// From, to, and in which steps, in GiB.
    Steps(u32, u32, u32),
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size>
const SIZES: [Row; 8] = [
    Row { cpu: 256, memory: Memory::Each(&[512, 1024, 2048]) },
    Row { cpu: 512, memory: Memory::Steps(1, 4, 1) },
    Row { cpu: 1024, memory: Memory::Steps(2, 8, 1) },
    Row { cpu: 2048, memory: Memory::Steps(4, 16, 1) },
    Row { cpu: 4096, memory: Memory::Steps(8, 30, 1) },
    Row { cpu: 8192, memory: Memory::Steps(16, 60, 4) },
    Row { cpu: 16384, memory: Memory::Steps(32, 120, 8) },
    Row { cpu: 32768, memory: Memory::Each(&[61_440, 122_880, 249_856]) },
];

/// Windows needs a whole CPU, and is not offered more than four.
const WINDOWS: std::ops::RangeInclusive<u32> = 1024..=4096;

impl Row {
    fn sizes(&self) -> Vec<u32> {
        match self.memory {
            Memory::Each(sizes) => sizes.to_vec(),
            Memory::Steps(from, to, step) => {
                (from..=to).step_by(step as usize).map(|gib| gib * 1024).collect()
            }
        }
    }

    /// `16 to 60 GB`
    fn range(&self) -> String {
        match self.memory {
            Memory::Each(&[512, ..]) => "0.5, 1 or 2 GB".to_owned(),
            Memory::Each(_) => "60, 120 or 244 GB".to_owned(),
            Memory::Steps(from, to, _) => format!("{from} to {to} GB"),
        }
    }
}

fn rows(windows: bool) -> impl DoubleEndedIterator<Item = &'static Row> {
    SIZES.iter().filter(move |row| !windows || WINDOWS.contains(&row.cpu))
}

/// The smallest size that has what is asked for, if one has.
fn smallest(wish: Wish, windows: bool) -> Option<FargateSize> {
    let enough = rows(windows).filter(|row| u64::from(row.cpu) >= wish.units());
    let mut sizes = enough.flat_map(|row| row.sizes().into_iter().map(move |memory| (row, memory)));
    sizes
        .find(|(_, memory)| u64::from(*memory) >= wish.memory)
        .map(|(row, memory)| FargateSize { cpu: row.cpu, memory })
}

/// The size of a task whose containers need so much together. Sizes between those
/// that exist are rounded up without a word: it is what any cluster would do.
/// `about` is the service that the task is about.
pub(super) fn fargate(wish: Wish, windows: bool, about: &str, cx: &mut Context<'_>) -> FargateSize {
    let default = if windows { WINDOWS_SIZE } else { FARGATE_SIZE };
    if let Some(size) = smallest(wish, windows) {
        return size;
    }
    cx.report(
        Diagnostic::error("ecs::task-size", no_size(wish, windows))
            .at(place(&cx.project.services[about], &super::part::place(about)), "")
            .help(nearly(wish, windows)),
    );
    default
}

fn no_size(wish: Wish, windows: bool) -> String {
    let what = if windows { "for Windows " } else { "" };
    match (wish.units(), wish.memory) {
        (0, memory) => format!("Fargate has no size {what}with {}", gigabytes(memory)),
        (units, 0) => format!("Fargate has no size {what}with {}", cpus(units)),
        (units, memory) => {
            format!("Fargate has no size {what}with {} and {}", cpus(units), gigabytes(memory))
        }
    }
}

/// The sizes on either side: with these CPUs, and the largest one.
fn nearly(wish: Wish, windows: bool) -> String {
    let largest = rows(windows).next_back().expect("there are sizes for every system");
    let most = format!("the largest size is {} with {}", cpus(largest.cpu.into()), largest.range());
    let same = rows(windows).find(|row| u64::from(row.cpu) >= wish.units());
    match same.filter(|row| wish.units() > 0 && row.cpu != largest.cpu) {
        Some(row) => format!("with {}, memory is {}; {most}", cpus(row.cpu.into()), row.range()),
        None => most,
    }
}

/// `0.5 CPUs`
fn cpus(units: u64) -> String {
    match units {
        1024 => "1 CPU".to_owned(),
        _ => format!("{} CPUs", units as f64 / 1024.0),
    }
}

fn gigabytes(mebibytes: u64) -> String {
    format!("{} GB", (mebibytes as f64 / 1024.0 * 100.0).ceil() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::{check, service};
    use crate::service::Launch;

    #[test]
    fn the_smallest_size_that_fits_is_taken() {
        let cases = [
            // CPUs and MiB that are asked for, units and MiB that are given.
            ((0.0, 0), Some((256, 512))),
            ((0.0, 1), Some((256, 512))),
            ((0.25, 513), Some((256, 1024))),
            ((0.25, 2049), Some((512, 3072))),
            ((0.5, 2048), Some((512, 2048))),
            ((0.3, 0), Some((512, 1024))),
            ((1.0, 0), Some((1024, 2048))),
            ((2.0, 16_385), Some((4096, 16_385_u32.next_multiple_of(1024)))),
            ((4.0, 8192), Some((4096, 8192))),
            ((4.1, 0), Some((8192, 16_384))),
            ((8.0, 17_000), Some((8192, 20_480))),
            ((8.0, 61_441), Some((16_384, 65_536))),
            ((16.0, 122_881), Some((32_768, 249_856))),
            ((17.0, 0), Some((32_768, 61_440))),
            ((0.0, 249_856), Some((32_768, 249_856))),
            ((0.0, 249_857), None),
            ((32.1, 0), None),
        ];
        for ((cpus, memory), given) in cases {
            let size = smallest(Wish { cpus, memory }, false).map(|size| (size.cpu, size.memory));
            assert_eq!(size, given, "{cpus} CPUs, {memory} MiB");
        }
    }

    #[test]
    fn windows_has_one_to_four_cpus() {
        let size = |cpus| smallest(Wish { cpus, memory: 0 }, true);
        assert_eq!(size(0.0), Some(WINDOWS_SIZE));
        assert_eq!(size(4.0), Some(FargateSize { cpu: 4096, memory: 8192 }));
        assert_eq!(size(4.5), None);
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

    #[test]
    fn what_is_too_large_is_refused_with_what_nearly_fits() {
        check(
            "
services:
  web:
    image: nginx
    cpus: 0.5
#         ^^^ error: Fargate has no size with 0.5 CPUs and 1995.36 GB
#         help: with 0.5 CPUs, memory is 1 to 4 GB; the largest size is 32 CPUs with 60, 120 or 244 GB
    mem_limit: 2043248M
  worker:
    image: nginx
    deploy:
      resources:
        limits:
#       ^^^^^^ error: Fargate has no size with 33 CPUs
#       help: the largest size is 32 CPUs with 60, 120 or 244 GB
          cpus: 33
",
        );
        check(
            "
services:
  web:
    image: nginx
    platform: windows/amd64
#             ^^^^^^^^^^^^^ warning: tasks of Windows find other services only by their full names
#             help: write names out, as in `db.shop.local`
    cpus: 8
#         ^ error: Fargate has no size for Windows with 8 CPUs
#         help: the largest size is 4 CPUs with 8 to 30 GB
",
        );
    }
}
