//! Moments as Docker takes them on a command line.

use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A moment as it was typed: `10m`, `2026-11-21`, `2026-11-21T15:04:05Z`, `1764000000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// So long ago.
    Ago(SignedDuration),
    /// Exactly then.
    At(Timestamp),
    /// Then, by the clock on the wall.
    Local(DateTime),
}

/// It is not a moment that anybody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write how long ago (10m, 1h30m, 2d), a date (2026-11-21), a time (2026-11-21T15:04:05Z) or seconds since 1970"
)]
pub(crate) struct NotAMoment;

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        ago(text)
            .map(Self::Ago)
            .or_else(|| seconds(text).map(Self::At))
            .or_else(|| text.parse().ok().map(Self::At))
            // What has a zone is an exact moment, or it is wrong.
            .or_else(|| text.parse().ok().filter(|_| !text.ends_with('Z')).map(Self::Local))
            .ok_or(NotAMoment)
    }
}

impl Moment {
    /// Which moment that is, seen from now and here.
    pub(crate) fn resolve(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Ago(duration) => now.checked_sub(duration).unwrap_or(Timestamp::MIN),
            Self::At(time) => time,
            Self::Local(time) => {
                zone.to_ambiguous_timestamp(time).compatible().unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }
}

/// `1h30m`, `1.5h`, and days, which Docker does not take.
fn ago(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut all = SignedDuration::ZERO;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..unit].parse().ok()?;
        rest = &rest[unit..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        all = all
            .checked_add(SignedDuration::try_from_secs_f64(number * length(&rest[..end])?).ok()?)?;
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(all)
}

/// In seconds.
fn length(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    })
}

fn seconds(text: &str) -> Option<Timestamp> {
    if !text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let duration = SignedDuration::try_from_secs_f64(text.parse().ok()?).ok()?;
    Timestamp::from_duration(duration).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_what_docker_takes() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let cases = [
            ("10m", "2026-11-21T11:50:00Z"),
            ("1h30m", "2026-11-21T10:30:00Z"),
            ("1.5h", "2026-11-21T10:30:00Z"),
            ("0s", "2026-11-21T12:00:00Z"),
            ("2d", "2026-11-19T12:00:00Z"),
            ("250ms", "2026-11-21T11:59:59.75Z"),
            ("2026-11-20", "2026-11-19T22:00:00Z"),
            ("2026-11-20T10:00", "2026-11-20T08:00:00Z"),
            ("2026-11-20T10:00:05.5", "2026-11-20T08:00:05.5Z"),
            ("2026-11-20T10:00:05Z", "2026-11-20T10:00:05Z"),
            ("2026-11-20T10:00:05+01:00", "2026-11-20T09:00:05Z"),
            ("1763726400", "2025-11-21T12:00:00Z"),
            ("1763726400.25", "2025-11-21T12:00:00.25Z"),
        ];
        for (text, expected) in cases {
            let found = text.parse::<Moment>().map(|moment| moment.resolve(now, &zone).to_string());
            assert_eq!(found, Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "ten", "10", "10x", "m", "1h30", "-5m", "yesterday", "2026-13-01", "."] {
            let found = text.parse::<Moment>();
            let is_number = text == "10";
            assert_eq!(found.is_ok(), is_number, "{text}: {found:?}");
        }
    }
}
