//! The SDK's times as ours.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// Nothing, if it is beyond what a calendar has.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanoseconds).ok()
}
