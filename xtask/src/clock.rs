//! How long things take: the one place that asks the clock.

use std::time::{Duration, Instant};

/// What the work gave, and how long it took.
#[expect(clippy::disallowed_methods, reason = "durations are shown and decide nothing")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}
