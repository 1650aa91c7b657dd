//! A template as data: what an overlay is merged into, limits are counted on,
//! and YAML and JSON are written from.

use compact_str::CompactString;
use compose_model::value::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Text, of which a template has much that is short.
pub type Text = CompactString;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Data {
    /// Nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(Text),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order in which it was made. Mappings of a template are small,
/// so that looking through one beats hashing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(Vec<(Text, Data)>);

impl Data {
    /// What a mapping holds under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The items, if this is a sequence.
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The entries, if this is a mapping.
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// Whether this stands for what CloudFormation works out: `{"Ref": "Vpc"}`.
    pub(crate) fn is_function(&self) -> bool {
        let name = |map: &Map| map.iter().next().is_some_and(|(key, _)| is_function(key));
        self.as_map().is_some_and(|map| map.len() == 1 && name(map))
    }

    /// Whether a property with this value says nothing.
    pub(crate) fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.0.is_empty(),
            Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => false,
        }
    }
}

impl Map {
    /// Every key and what it holds.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Data)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// What it holds under a key.
    pub fn get(&self, key: &str) -> Option<&Data> {
        self.iter().find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Room for so many keys.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Adds a key that it does not have.
    pub(crate) fn push(&mut self, key: impl Into<Text>, value: Data) {
        self.0.push((key.into(), value));
    }

    /// Adds a key that it does not have, unless its value says nothing.
    pub(crate) fn push_present(&mut self, key: &'static str, value: Data) {
        if !value.is_absent() {
            self.push(Text::const_new(key), value);
        }
    }

    /// What it holds under a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Data> {
        self.0.iter_mut().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Data> {
        let position = self.0.iter().position(|(other, _)| other == key)?;
        Some(self.0.remove(position).1)
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Whether a key makes its mapping a function of CloudFormation.
pub(crate) fn is_function(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

/// What the author of a Compose file wrote.
impl From<&Value> for Data {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Uint(value) => Self::Float(*value as f64),
            Value::Float(value) => Self::Float(*value),
            Value::String(text) => text.as_str().into(),
            Value::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Map(map) => {
                let entries = map.iter().map(|(key, value)| (key.as_str().into(), value.into()));
                Self::Map(Map(entries.collect()))
            }
        }
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key.as_str(), value)?;
        }
        map.end()
    }
}
