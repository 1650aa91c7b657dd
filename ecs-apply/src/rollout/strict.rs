//! JSON in which nothing is said twice.
//!
//! A key that comes twice means different things to different programs, so that what
//! was checked would not be what is registered.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a text. Nesting of more than 128 levels is refused by the reader itself.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    // Some editors begin a file with a byte order mark, which JSON does not know.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Strict>(text).map(|Strict(value)| value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            // A name may be a secret's, but not a secret.
            if all.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` is there twice")));
            }
            let Strict(value) = entries.next_value()?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        let texts = [
            r#"{"a":"\n\t\\ \r\n ü 😀 \u0000","b":[1,-2,0.5,true,null,{}],"c":"{\"d\":\"{\\\"e\\\":1}\"}"}"#,
            "\u{feff}{\r\n\t\"a\" :\t1 }",
            "[18446744073709551615, 1e3]",
        ];
        for text in texts {
            let plain: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            assert_eq!(parse(text).unwrap(), plain, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_or_says_something_twice_is_refused() {
        let deep = "[".repeat(10_000);
        let cases = [
            ("", "EOF"),
            ("{", "EOF"),
            ("{} {}", "trailing"),
            ("NaN", "expected value"),
            (r#"{"a": {"b": 1, "b": 1}}"#, "the key `b` is there twice"),
            (&deep, "recursion limit"),
        ];
        for (text, why) in cases {
            let told = parse(text).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
    }
}
