//! The sizes that Fargate has, and the smallest that fits.

use compose_model::Diagnostic;

use super::part;
use super::size::{Wish, place};
use crate::context::Context;
use crate::defaults::{FARGATE_SIZE, WINDOWS_SIZE};
use crate::service::FargateSize;

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
            .at(place(&cx.project.services[about], &part::place(about)), "")
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
    use proptest::prelude::*;

    use super::*;
    use crate::testing::check;

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

    proptest! {
        #[test]
        fn a_size_has_what_is_asked_for(cpus in 0.0..40.0, memory in 0_u64..300_000) {
            let wish = Wish { cpus, memory };
            let sizes = || rows(false).flat_map(|row| row.sizes().into_iter().map(|size| (row.cpu, size)));
            let has = |cpu: u32, memory: u32| {
                u64::from(cpu) >= wish.units() && u64::from(memory) >= wish.memory
            };
            match smallest(wish, false) {
                Some(size) => {
                    prop_assert!(has(size.cpu, size.memory));
                    let before = sizes().take_while(|found| *found != (size.cpu, size.memory));
                    prop_assert!(before.into_iter().all(|(cpu, memory)| !has(cpu, memory)));
                }
                None => prop_assert!(sizes().all(|(cpu, memory)| !has(cpu, memory))),
            }
        }
    }
}
