//! How long something lasts: `1m30s`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How long something lasts, in nanoseconds.
///
/// ```
/// use compose_model::value::Duration;
///
/// let interval: Duration = "1h30m".parse()?;
/// assert_eq!(interval.to_string(), "1h30m0s");
/// # Ok::<(), compose_model::value::DurationError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-durations>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(i64);

/// Why a text is not a [`Duration`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DurationError {
    /// No number where one belongs.
    #[error("is not a duration; write numbers with units, such as `30s` or `1m30s`")]
    Syntax,
    /// A number alone.
    #[error("has no unit after `{number}`; for seconds write `{number}s`")]
    MissingUnit {
        /// The number as written.
        number: String,
    },
    /// A number with something else behind it.
    #[error(
        "has the unknown unit `{}`; the units are `w`, `d`, `h`, `m`, `s`, `ms`, `us` and `ns`, as in `1m30s`",
        unit.trim()
    )]
    UnknownUnit {
        /// The unit as written.
        unit: String,
    },
    /// A duration that people write, and Docker does not read.
    #[error("{}; write `{meant}`", if *spaced { "has a space in it" } else { "is not a duration" })]
    Spelling {
        /// The same as Docker reads it.
        meant: String,
        /// Whether a space is all that is wrong.
        spaced: bool,
    },
    /// More nanoseconds than 64 bits hold.
    #[error("is longer than 292 years")]
    TooLong,
}

impl Duration {
    /// A duration of so many nanoseconds.
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// All of it, in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        signed(text).map(Self).map_err(|error| spelling(text).unwrap_or(error))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match self.0.unsigned_abs() {
            0 => f.write_str("0s"),
            nanoseconds @ ..MICROSECOND => write!(f, "{nanoseconds}ns"),
            nanoseconds @ ..MILLISECOND => write!(f, "{}µs", Fraction(nanoseconds, MICROSECOND)),
            nanoseconds @ ..SECOND => write!(f, "{}ms", Fraction(nanoseconds, MILLISECOND)),
            nanoseconds => write_clock(nanoseconds, f),
        }
    }
}

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

fn signed(text: &str) -> Result<i64, DurationError> {
    match text.strip_prefix('-') {
        Some(rest) => magnitude(rest).map(|nanoseconds| -nanoseconds),
        None => magnitude(text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A duration that only has to be spelt as Docker does: `10 s`, `5min`, `1,5h`.
fn spelling(text: &str) -> Option<DurationError> {
    let unspaced: String = text.split_whitespace().collect();
    if unspaced != text && signed(&unspaced).is_ok() {
        return Some(DurationError::Spelling { meant: unspaced, spaced: true });
    }
    let mut meant = String::new();
    let mut rest = &unspaced.replace(',', ".")[..];
    while !rest.is_empty() {
        let (name, after) = unit_name(rest);
        meant.push_str(if name.is_empty() { "" } else { usual_unit(name)? });
        let end = after.find(char::is_alphabetic).unwrap_or(after.len());
        meant.push_str(&after[..end]);
        rest = &after[end..];
    }
    signed(&meant).ok()?;
    Some(DurationError::Spelling { meant, spaced: false })
}

/// The unit that a word stands for.
fn usual_unit(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().trim_end_matches('s') {
        "" | "sec" | "second" | "seg" => "s",
        "m" if word.len() > 1 => "ms",
        "msec" | "milli" | "millisec" | "millisecond" => "ms",
        "m" | "min" | "minute" => "m",
        "h" | "hr" | "hour" => "h",
        "d" | "day" => "d",
        "w" | "week" => "w",
        _ => return None,
    })
}

fn magnitude(mut text: &str) -> Result<i64, DurationError> {
    if text == "0" {
        return Ok(0);
    }
    if text.is_empty() {
        return Err(DurationError::Syntax);
    }
    let mut total = 0_i64;
    while !text.is_empty() {
        let (term, rest) = term(text)?;
        total = total.checked_add(term).ok_or(DurationError::TooLong)?;
        text = rest;
    }
    Ok(total)
}

/// One number with its unit, and what follows.
fn term(text: &str) -> Result<(i64, &str), DurationError> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() {
        return Err(DurationError::Syntax);
    }
    let (name, after) = unit_name(rest);
    if name.is_empty() {
        let number = text[..text.len() - rest.len()].to_owned();
        return Err(DurationError::MissingUnit { number });
    }
    let unit = unit(name).ok_or_else(|| DurationError::UnknownUnit { unit: name.to_owned() })?;
    let nanoseconds = scale(whole, fraction, unit).ok_or(DurationError::TooLong)?;
    Ok((nanoseconds, after))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len()))
}

fn unit_name(text: &str) -> (&str, &str) {
    let end = text.find(|char: char| char == '.' || char.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// How many nanoseconds a unit has. Both letters for micro are in use: the sign
/// of its own and the Greek letter.
fn unit(name: &str) -> Option<i64> {
    let nanoseconds = match name {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => 24 * HOUR,
        "w" => 7 * 24 * HOUR,
        _ => return None,
    };
    i64::try_from(nanoseconds).ok()
}

fn scale(whole: &str, fraction: &str, unit: i64) -> Option<i64> {
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    whole.checked_mul(unit)?.checked_add(part_of(unit, fraction))
}

/// A decimal fraction of a unit, rounded as Docker does: digits that no longer
/// fit are dropped, and floating point does the rest.
fn part_of(unit: i64, fraction: &str) -> i64 {
    let (mut value, mut scale) = (0_i64, 1.0_f64);
    for digit in fraction.bytes() {
        let longer = value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0')));
        let Some(longer) = longer else { break };
        value = longer;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as i64
}

/// Seconds and longer print as hours, minutes and seconds, without leading
/// zeros but with trailing ones.
fn write_clock(nanoseconds: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if nanoseconds >= HOUR {
        write!(f, "{}h", nanoseconds / HOUR)?;
    }
    if nanoseconds >= MINUTE {
        write!(f, "{}m", nanoseconds % HOUR / MINUTE)?;
    }
    write!(f, "{}s", Fraction(nanoseconds % MINUTE, SECOND))
}

/// A value in a unit, with as many decimals as it needs.
struct Fraction(u64, u64);

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, unit) = self;
        write!(f, "{}", value / unit)?;
        if value % unit == 0 {
            return Ok(());
        }
        let decimals = format!("{:0width$}", value % unit, width = unit.ilog10() as usize);
        write!(f, ".{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_unit_counts_and_prints_as_go_does() {
        let cases = [
            ("0", 0, "0s"),
            ("+0", 0, "0s"),
            ("7ns", 7, "7ns"),
            ("2us", 2_000, "2µs"),
            ("2µs", 2_000, "2µs"),
            ("2μs", 2_000, "2µs"),
            ("1.5ms", 1_500_000, "1.5ms"),
            ("90s", 90_000_000_000, "1m30s"),
            ("-.5s", -500_000_000, "-500ms"),
            ("1.h", 3_600_000_000_000, "1h0m0s"),
            ("1w1d", 691_200_000_000_000, "192h0m0s"),
            ("1h1ns", 3_600_000_000_001, "1h0m0.000000001s"),
            ("5m2h", 7_500_000_000_000, "2h5m0s"),
        ];
        for (text, nanoseconds, printed) in cases {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(duration.as_nanos(), nanoseconds, "{text}");
            assert_eq!(duration.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let number = "30".to_owned();
        let cases = [
            ("", DurationError::Syntax),
            ("-", DurationError::Syntax),
            ("s", DurationError::Syntax),
            (".s", DurationError::Syntax),
            ("1m x", DurationError::UnknownUnit { unit: "m x".into() }),
            ("1 fortnight", DurationError::UnknownUnit { unit: " fortnight".into() }),
            ("30", DurationError::MissingUnit { number }),
            ("1m1.5", DurationError::MissingUnit { number: "1.5".into() }),
            ("300000w", DurationError::TooLong),
            ("99999999999999999999s", DurationError::TooLong),
            ("15250w15250w", DurationError::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Duration>(), Err(error), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_understood() {
        let cases = [
            ("10 s", "10s", true),
            ("1m 30s", "1m30s", true),
            (" 5s", "5s", true),
            ("1S", "1s", false),
            ("10sec", "10s", false),
            ("10 seconds", "10s", false),
            ("1 min 30 sec", "1m30s", false),
            ("2hours", "2h", false),
            ("500msec", "500ms", false),
            ("500MS", "500ms", false),
            ("1,5h", "1.5h", false),
        ];
        for (text, meant, spaced) in cases {
            let error = DurationError::Spelling { meant: meant.into(), spaced };
            assert_eq!(text.parse::<Duration>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "[-+0-9.a-zµ ]{0,12}|\\PC*") {
            let _ = text.parse::<Duration>();
        }

        #[test]
        fn printed_durations_parse_back(nanoseconds in -i64::MAX..=i64::MAX) {
            let duration = Duration::from_nanos(nanoseconds);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }

        #[test]
        fn short_durations_parse_back(nanoseconds in -5_000_000_000_i64..5_000_000_000) {
            let duration = Duration::from_nanos(nanoseconds);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
