//! Durations of Compose to whole seconds within the limits of ECS.

use std::ops::RangeInclusive;

use compose_model::value::Duration;
use compose_model::{Diagnostic, Path};

use crate::context::Context;

const NANOSECONDS: i64 = 1_000_000_000;

/// What limits a duration, for the sentence that tells of it.
pub(super) struct Limit {
    pub(super) code: &'static str,
    /// `ECS waits`: what stands before `2 to 120 seconds`.
    pub(super) does: &'static str,
    pub(super) range: RangeInclusive<u32>,
}

/// Whole seconds, rounded up; no fewer and no more than ECS allows. The duration is
/// that of a key below `at`.
pub(super) fn seconds(
    duration: Duration,
    limit: &Limit,
    at: &Path,
    key: &str,
    cx: &mut Context<'_>,
) -> u32 {
    let asked = duration.as_nanos();
    let whole = asked.div_euclid(NANOSECONDS) + i64::from(asked.rem_euclid(NANOSECONDS) > 0);
    let whole = u32::try_from(whole.max(0)).unwrap_or(u32::MAX);
    let given = whole.clamp(*limit.range.start(), *limit.range.end());
    if given != whole {
        let (least, most) = (limit.range.start(), limit.range.end());
        let message = format!("{} {least} to {most} seconds, so this becomes {given}", limit.does);
        cx.report(
            Diagnostic::warning(limit.code, message)
                .at(at.key(key), "")
                .help(format!("write `{given}s`")),
        );
    }
    given
}
