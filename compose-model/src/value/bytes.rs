//! Amounts of memory and storage: `512m`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An amount of bytes; negative where Docker gives that a meaning, as in
/// `memswap_limit: -1`.
///
/// ```
/// use compose_model::value::ByteSize;
///
/// let limit: ByteSize = "1.5k".parse()?;
/// assert_eq!(limit.get(), 1536);
/// # Ok::<(), compose_model::value::ByteSizeError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-byte-values>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteSize(i64);

/// Why a text is not a [`ByteSize`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ByteSizeError {
    /// No number at the front.
    #[error("is not a size; write a number with a unit, such as `512m` or `2g`")]
    Number,
    /// Something else behind the number.
    #[error(
        "has the unknown unit `{unit}`; the units are `b`, `k`, `m`, `g`, `t` and `p`, as in `512m`"
    )]
    Unit {
        /// The unit as written.
        unit: String,
    },
    /// A size that people write, and Docker does not read.
    #[error("is not a size; write `{meant}`")]
    Spelling {
        /// The same as Docker reads it.
        meant: String,
    },
    /// A negative amount with a unit or a fraction.
    #[error("is negative; only a whole number of bytes may be")]
    Negative,
    /// More bytes than 63 bits count.
    #[error("is more than 8 exbibytes; write a smaller number, with a unit such as `2g`")]
    TooLarge,
}

impl ByteSize {
    /// So many bytes.
    pub const fn new(bytes: i64) -> Self {
        Self(bytes)
    }

    /// How many bytes.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, ByteSizeError> {
        let bytes = text.parse().or_else(|_| ram_in_bytes(text));
        bytes.map(Self).map_err(|error| spelling(text).unwrap_or(error))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a size as the Docker command line does: never negative, with units of
/// 1024 and fractions of a byte cut off.
///
/// # Errors
///
/// Says which part of the text is wrong.
pub fn ram_in_bytes(text: &str) -> Result<i64, ByteSizeError> {
    let (number, unit) = split(text).ok_or(ByteSizeError::Number)?;
    let number = float(number).ok_or(ByteSizeError::Number)?;
    if number < 0.0 {
        return Err(ByteSizeError::Negative);
    }
    let unit = multiplier(unit).ok_or_else(|| ByteSizeError::Unit { unit: unit.to_owned() })?;
    whole(number * unit)
}

/// A size that only has to be spelt as Docker does: `1  gb`, `1,5g`, `512Mi`.
fn spelling(text: &str) -> Option<ByteSizeError> {
    let text: String = text.split_whitespace().collect();
    let text = text.replace(',', ".");
    let (number, unit) = text.split_at(text.find(char::is_alphabetic).unwrap_or(text.len()));
    let meant = format!("{number}{}", usual_unit(unit)?);
    ram_in_bytes(&meant).ok()?;
    Some(ByteSizeError::Spelling { meant })
}

/// The unit that a word stands for.
fn usual_unit(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "" => "",
        "b" | "byte" | "bytes" => "b",
        "k" | "kb" | "kib" | "ki" | "kbyte" | "kbytes" | "kilobyte" | "kilobytes" => "k",
        "m" | "mb" | "mib" | "mi" | "meg" | "megs" | "mo" | "mbyte" | "mbytes" | "megabyte"
        | "megabytes" => "m",
        "g" | "gb" | "gib" | "gi" | "gig" | "gigs" | "go" | "gbyte" | "gbytes" | "gigabyte"
        | "gigabytes" => "g",
        "t" | "tb" | "tib" | "ti" | "tbyte" | "tbytes" | "terabyte" | "terabytes" => "t",
        _ => return None,
    })
}

const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;

/// The number ends at the last character that may belong to one. One space may
/// separate it from its unit.
fn split(text: &str) -> Option<(&str, &str)> {
    let last = text.rfind(|char: char| char.is_ascii_digit() || char == '.' || char == ' ')?;
    let (before, after) = text.split_at(last + 1);
    Some((before.strip_suffix(' ').unwrap_or(before), after))
}

fn float(number: &str) -> Option<f64> {
    let value: f64 = ungroup(number)?.parse().ok()?;
    let is_numeric = number.bytes().any(|byte| byte.is_ascii_digit());
    is_numeric.then_some(value)
}

/// Takes out the underscores of `1_000`.
fn ungroup(number: &str) -> Option<String> {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = number.as_bytes();
    let misplaced = (0..bytes.len()).any(|index| {
        bytes[index] == b'_'
            && !(index > 0 && digit(bytes.get(index - 1)) && digit(bytes.get(index + 1)))
    });
    (!misplaced).then(|| number.replace('_', ""))
}

fn multiplier(unit: &str) -> Option<f64> {
    let exponent = match unit.to_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    Some(1024_f64.powi(exponent))
}

fn whole(bytes: f64) -> Result<i64, ByteSizeError> {
    if bytes < TOO_LARGE { Ok(bytes as i64) } else { Err(ByteSizeError::TooLarge) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        let cases = [
            ("0", 0),
            ("-0b", 0),
            ("7", 7),
            ("-7", -7),
            ("+7", 7),
            ("2.9", 2),
            ("3k", 3_072),
            ("3 KB", 3_072),
            ("3KiB", 3_072),
            (".5m", 524_288),
            ("1e3", 1_000),
            ("1_000k", 1_024_000),
            ("1g", 1_073_741_824),
            ("1T", 1_099_511_627_776),
            ("1p", 1_125_899_906_842_624),
        ];
        for (text, bytes) in cases {
            assert_eq!(text.parse(), Ok(ByteSize::new(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let unit = |unit: &str| ByteSizeError::Unit { unit: unit.into() };
        let cases = [
            ("", ByteSizeError::Number),
            ("b", ByteSizeError::Number),
            ("inf ", ByteSizeError::Number),
            ("1__0k", ByteSizeError::Number),
            ("_1k", ByteSizeError::Number),
            ("-1k", ByteSizeError::Negative),
            ("1x", unit("x")),
            ("1kbb", unit("kbb")),
            ("1bb", unit("bb")),
            ("9000000p", ByteSizeError::TooLarge),
            ("99999999999999999999", ByteSizeError::TooLarge),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<ByteSize>(), Err(error), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_understood() {
        let cases = [
            (" 1", "1"),
            ("1  GB", "1g"),
            ("512Mi", "512m"),
            ("1,5g", "1.5g"),
            ("2 gigs", "2g"),
            ("100 bytes", "100b"),
        ];
        for (text, meant) in cases {
            let error = ByteSizeError::Spelling { meant: meant.into() };
            assert_eq!(text.parse::<ByteSize>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "[-+0-9._ a-z]{0,10}|\\PC*") {
            let _ = text.parse::<ByteSize>();
        }

        #[test]
        fn printed_sizes_parse_back(bytes: i64) {
            let size = ByteSize::new(bytes);
            prop_assert_eq!(size.to_string().parse(), Ok(size));
        }
    }
}
