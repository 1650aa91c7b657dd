//! What a plain YAML scalar means: YAML 1.2's core schema with the few things
//! of 1.1 that Compose files still use (octal `0755`, `_` in numbers, dates).

use saphyr_parser::Tag;

use super::timestamp;
use crate::tree::Kind;

/// A tag asks for a type that the text is not of.
pub(crate) struct ScalarError {
    /// The type in a user's words.
    pub(crate) expected: &'static str,
}

/// The value of a scalar. `plain` ones may be more than text.
pub(crate) fn resolve(text: &str, plain: bool, tag: Option<&Tag>) -> Result<Kind, ScalarError> {
    let string = || Kind::String(text.into());
    match tag.map(core_suffix) {
        None if plain => Ok(untagged(text)),
        None | Some(None | Some("str")) => Ok(string()),
        Some(Some(tag)) => tagged(text, tag),
    }
}

/// The part of a tag after `!!`; nothing for other tags, which mean nothing here.
fn core_suffix(tag: &Tag) -> Option<&str> {
    tag.is_yaml_core_schema().then_some(tag.suffix.as_str())
}

fn tagged(text: &str, tag: &str) -> Result<Kind, ScalarError> {
    let found = untagged(text);
    let expected = match (tag, found) {
        ("int", kind @ (Kind::Int(_) | Kind::Uint(_)))
        | ("float", kind @ Kind::Float(_))
        | ("bool", kind @ Kind::Bool(_))
        | ("null", kind @ Kind::Null)
        | ("timestamp", kind @ Kind::Time(_)) => return Ok(kind),
        ("float", Kind::Int(value)) => return Ok(Kind::Float(value as f64)),
        ("int", _) => "a whole number",
        ("float", _) => "a number",
        ("bool", _) => "a boolean",
        ("null", _) => "null",
        ("timestamp", _) => "a date",
        ("binary", _) => return binary(text),
        _ => return Ok(Kind::String(text.into())),
    };
    Err(ScalarError { expected })
}

fn untagged(text: &str) -> Kind {
    let string = || Kind::String(text.into());
    match text.as_bytes().first() {
        None => Kind::Null,
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => word(text).unwrap_or_else(string),
        Some(b'.') => special(text).or_else(|| float(text)).unwrap_or_else(string),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            special(text).or_else(|| number(text)).unwrap_or_else(string)
        }
        Some(_) => string(),
    }
}

fn word(text: &str) -> Option<Kind> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => return None,
    })
}

fn special(text: &str) -> Option<Kind> {
    Some(Kind::Float(match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        "-0" | "-0.0" => -0.0,
        _ => return None,
    }))
}

fn number(text: &str) -> Option<Kind> {
    if let Some(time) = timestamp::parse(text) {
        return Some(Kind::Time(Box::new(time)));
    }
    let digits: String;
    let plain = if text.contains('_') {
        digits = text.replace('_', "");
        &digits
    } else {
        text
    };
    integer(plain).or_else(|| float(plain))
}

/// A whole number in the notation that its prefix tells.
pub(crate) fn integer(text: &str) -> Option<Kind> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match (i64::try_from(magnitude), negative) {
        (Ok(value), false) => Some(Kind::Int(value)),
        (Ok(value), true) => Some(Kind::Int(-value)),
        (Err(_), true) if magnitude == i64::MIN.unsigned_abs() => Some(Kind::Int(i64::MIN)),
        (Err(_), true) => None,
        // A sign marks a signed number, which this no longer is.
        (Err(_), false) => (!text.starts_with('+')).then_some(Kind::Uint(magnitude)),
    }
}

/// A number that is too large stays text: it is more likely an identifier.
fn float(text: &str) -> Option<Kind> {
    let value: f64 = text.parse().ok().filter(|_| is_float(text))?;
    value.is_finite().then_some(Kind::Float(value))
}

/// Digits with at most one point and an exponent: not `1e`, `inf` or `0x1p3`.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa && exponent.is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)))
}

/// `!!binary` is base 64; its bytes must be text to be of use here.
fn binary(text: &str) -> Result<Kind, ScalarError> {
    let error = ScalarError { expected: "base64 of a text" };
    match decode_base64(text).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => Ok(Kind::String(text.into())),
        None => Err(error),
    }
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = &digits[..digits.len() - padding];
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            bits = bits << 6 | base64_digit(*digit)?;
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    (padding <= 2).then_some(bytes)
}

fn base64_digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(digit.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_types_that_docker_gives_them() {
        let cases = [
            ("", "Null"),
            ("~", "Null"),
            ("null", "Null"),
            ("nULL", r#"String("nULL")"#),
            ("true", "Bool(true)"),
            ("True", "Bool(true)"),
            ("yes", r#"String("yes")"#),
            ("on", r#"String("on")"#),
            ("0", "Int(0)"),
            ("0755", "Int(493)"),
            ("0o17", "Int(15)"),
            ("0x1F", "Int(31)"),
            ("0b11", "Int(3)"),
            ("089", "Float(89.0)"),
            ("-12", "Int(-12)"),
            ("+12", "Int(12)"),
            ("1_000", "Int(1000)"),
            ("18446744073709551615", "Uint(18446744073709551615)"),
            ("-9223372036854775808", "Int(-9223372036854775808)"),
            ("1.5", "Float(1.5)"),
            ("1.", "Float(1.0)"),
            (".5", "Float(0.5)"),
            ("1e3", "Float(1000.0)"),
            ("1e", r#"String("1e")"#),
            ("0x", r#"String("0x")"#),
            ("80:80", r#"String("80:80")"#),
            ("1.2.3", r#"String("1.2.3")"#),
            ("-", r#"String("-")"#),
            (".inf", "Float(inf)"),
        ];
        for (text, expected) in cases {
            assert_eq!(format!("{:?}", untagged(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn base64_is_decoded_strictly() {
        assert_eq!(decode_base64("aGVsbG8="), Some(b"hello".to_vec()));
        assert_eq!(decode_base64("aGVs\nbG8h"), Some(b"hello!".to_vec()));
        assert_eq!(decode_base64("aGVsbG8"), None);
        assert_eq!(decode_base64("a*=="), None);
    }
}
