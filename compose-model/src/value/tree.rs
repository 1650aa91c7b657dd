//! Free-form data: extensions, and a project on its way to the printer.

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// `x-*` keys and what they hold. Most mappings have none, and pay little for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions(Option<Box<IndexMap<String, Value>>>);

impl Extensions {
    /// What a key holds.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.as_ref()?.get(key)
    }

    /// Every key and what it holds, as they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|map| map.iter()).map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Sets what a key holds.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) {
        self.0.get_or_insert_default().insert(key.into(), value);
    }

    /// Takes a key out, and gives what it held.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let removed = self.0.as_mut()?.shift_remove(key);
        self.0 = self.0.take().filter(|map| !map.is_empty());
        removed
    }
}

/// A value without a schema, as YAML and JSON know it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// Nothing, or a key without a value.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number too large for [`Int`](Self::Int).
    Uint(u64),
    /// A number with a fraction, or infinite, or none.
    Float(f64),
    /// Text.
    String(String),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping, in the order of its keys.
    Map(IndexMap<String, Self>),
}

impl Value {
    /// A number, whole if it has no fraction.
    pub(crate) fn number(value: f64) -> Self {
        let whole = value.fract() == 0.0 && value.abs() < 9e15;
        if whole { Self::Int(value as i64) } else { Self::Float(value) }
    }

    /// What a mapping holds under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The items, if this is a sequence.
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The entries, if this is a mapping.
    pub fn as_map(&self) -> Option<&IndexMap<String, Self>> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }
}

/// A number as Go prints it: the shortest text that reads back the same, with an
/// exponent from a million on.
pub(crate) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').expect("`{:e}` prints an exponent");
    match exponent.parse().expect("`{:e}` prints a whole exponent") {
        -4..=5 => format!("{value}"),
        exponent @ ..0_i32 => format!("{mantissa}e-{:02}", -exponent),
        exponent => format!("{mantissa}e+{exponent:02}"),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Uint(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(value) => serializer.serialize_str(value),
            Self::List(items) => items.serialize(serializer),
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_an_exponent_where_go_gives_them_one() {
        let cases = [
            (0.0, "0"),
            (1.5, "1.5"),
            (999_999.0, "999999"),
            (1_000_000.0, "1e+06"),
            (123_456_789.5, "1.234567895e+08"),
            (1e21, "1e+21"),
            (0.000_12, "0.00012"),
            (0.000_01, "1e-05"),
        ];
        for (value, expected) in cases {
            assert_eq!(float_text(value), expected);
        }
    }
}
