//! What benchmarks have in common: how long work takes, and how much memory it
//! needs.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The middle one of at least five runs, more if they are short. Dropping the
/// result is not counted.
pub fn median<T>(work: impl Fn() -> T) -> Duration {
    let enough = Duration::from_secs(1);
    let mut runs: Vec<Duration> = Vec::new();
    while runs.len() < 5 || runs.len() < 500 && runs.iter().sum::<Duration>() < enough {
        runs.push(time(&work));
    }
    runs.sort_unstable();
    runs[runs.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is about the clock")]
fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let duration = start.elapsed();
    drop(result);
    duration
}

/// What the work gave, and the most bytes that it added on the way, if the system
/// tells. A process can ask once: what is given back is not taken into account.
pub fn memory_of<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    let before = status("VmRSS:");
    let result = black_box(work());
    let peak = status("VmHWM:");
    (result, peak.zip(before).map(|(peak, before)| peak.saturating_sub(before)))
}

/// A size from what Linux tells about this process, in bytes.
#[expect(clippy::disallowed_methods, reason = "no project is read here")]
fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let rest = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: u64 = rest.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Memory as people read it: all of it, divided among so many.
pub fn kibibytes_each(bytes: Option<u64>, many: usize) -> String {
    let each = |bytes: u64| format!("{:.1} KiB", bytes as f64 / 1024.0 / many as f64);
    bytes.map_or("n/a".into(), each)
}
