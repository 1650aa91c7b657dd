//! Names of orders that nobody has named.

use jiff::Timestamp;

const BEGIN: &str = "send-";

/// A name that no other order has. It says when it was made, so that whoever looks for
/// what was begun knows how far back.
pub(crate) fn new(now: Timestamp) -> String {
    let millis = now.as_millisecond();
    format!("{BEGIN}{millis:012x}-{:016x}", fastrand::u64(..))
}

/// When a name was made, if it is one of these.
pub(crate) fn born(name: &str) -> Option<Timestamp> {
    let (millis, _) = name.strip_prefix(BEGIN)?.split_once('-')?;
    Timestamp::from_millisecond(i64::from_str_radix(millis, 16).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_when_it_was_made() {
        let now: Timestamp = "2026-03-01T12:00:00.123Z".parse().unwrap();
        assert_eq!(born(&new(now)), Some(now));
        assert_ne!(new(now), new(now));
        for name in ["", "send-", "send-x-1", "release-42", "send-ffffffffffffffff-1"] {
            assert_eq!(born(name), None, "{name}");
        }
    }
}
