//! How much of what CloudFormation counts is in a piece of a template.

use std::ops::{Add, AddAssign};

use crate::template::Data;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Bytes as JSON without spaces.
    pub(super) bytes: usize,
    /// References to what Secrets Manager and the Parameter Store keep.
    pub(super) references: usize,
}

impl Weight {
    /// Of data.
    pub(super) fn of(data: &Data) -> Self {
        match data {
            Data::Text(text) => text_weight(text),
            Data::List(items) => sum(items.iter().map(Self::of)),
            Data::Map(map) => sum(map.iter().map(|(key, data)| Self::of_entry(key, data))),
            Data::Null => bytes(4),
            Data::Bool(value) => bytes(if *value { 4 } else { 5 }),
            Data::Int(value) => bytes(value.to_string().len()),
            Data::Float(value) => bytes(value.to_string().len()),
        }
    }

    /// Of data with a key.
    pub(super) fn of_entry(key: &str, data: &Data) -> Self {
        Self::of(data) + bytes(text_bytes(key) + 1)
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, references: self.references + other.references }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

fn bytes(bytes: usize) -> Weight {
    Weight { bytes, references: 0 }
}

/// Between brackets, with a comma between each two.
fn sum(items: impl ExactSizeIterator<Item = Weight>) -> Weight {
    let around = 2 + items.len().saturating_sub(1);
    items.fold(bytes(around), Add::add)
}

fn text_weight(text: &str) -> Weight {
    let references = if text.contains('{') { text.matches("{{resolve:").count() } else { 0 };
    Weight { bytes: text_bytes(text), references }
}

/// In quotes, with a backslash before some characters. Most texts have none of
/// them, which is seen sooner than counted: many bytes at once, and so to the end.
fn text_bytes(text: &str) -> usize {
    let rare = |byte: &u8| *byte < 32 || *byte == b'"' || *byte == b'\\';
    if text.bytes().filter(rare).count() == 0 {
        return 2 + text.len();
    }
    2 + text.bytes().map(escaped).sum::<usize>()
}

fn escaped(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..32 => 6,
        32.. => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_json() {
        let json = r#"{"a":["x",1,-2.5,true,false,null],"b\"\n":{"\u0001é\\":""},"c":[],"d":{}}"#;
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        fn data(value: &serde_json::Value) -> Data {
            match value {
                serde_json::Value::Null => Data::Null,
                serde_json::Value::Bool(value) => Data::Bool(*value),
                serde_json::Value::Number(number) => match number.as_i64() {
                    Some(number) => Data::Int(number),
                    None => Data::Float(number.as_f64().unwrap()),
                },
                serde_json::Value::String(text) => text.as_str().into(),
                serde_json::Value::Array(items) => Data::List(items.iter().map(data).collect()),
                serde_json::Value::Object(map) => {
                    let mut entries = crate::template::Map::default();
                    map.iter().for_each(|(key, value)| entries.push(key.as_str(), data(value)));
                    Data::Map(entries)
                }
            }
        }
        assert_eq!(Weight::of(&data(&value)).bytes, json.len());
    }

    #[test]
    fn dynamic_references_are_counted() {
        let text = "{{resolve:ssm:/a}} {{resolve:secretsmanager:b}} {{no}}";
        assert_eq!(Weight::of(&text.into()).references, 2);
    }
}
