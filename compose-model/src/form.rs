//! How a type is read from the tree, and how it is printed again: both sides of
//! Compose's canonical form, one field at a time.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "YAML gets no more kinds of value, and each place is about a few of them"
)]

use indexmap::IndexMap;

use crate::diagnostic::Diagnostic;
use crate::load::damage::Damage;
use crate::load::problem::{grammar, used_here};
use crate::schema;
use crate::source::Span;
use crate::tree::{Kind, Node, Trail};
use crate::value::{ByteSize, Duration, Extensions, Value};

/// Reading, with a place for what is wrong.
pub(crate) struct Reader<'r> {
    pub(crate) damage: &'r mut Damage,
    pub(crate) problems: &'r mut Vec<Diagnostic>,
}

/// A type with a canonical form in Compose.
pub(crate) trait Form: Sized {
    /// The value of a node; nothing if it cannot be read, which has been told.
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// The value as it is printed.
    fn print(&self, style: Style) -> Value;

    /// Whether this is what a missing key means, so that none is printed.
    fn is_absent(&self) -> bool {
        false
    }

    /// Whether this asks for the same as no value at all.
    fn is_nothing(&self) -> bool {
        false
    }
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether `x-*` keys below the top level are.
    pub(crate) extensions: bool,
}

impl Reader<'_> {
    /// Tells that a value is not what its key asks for.
    pub(crate) fn refuse(&mut self, node: &Node, at: &Trail<'_>, why: &str) {
        let text = node.scalar_text().unwrap_or_else(|| node.kind_name().into());
        let text = format!("`{text}` in `{}`", at.path());
        let problem = grammar("compose::value", &text, why, node.span);
        self.problems.push(used_here(problem, node));
        self.damage.at(at);
    }

    /// As [`refuse`](Self::refuse), with what to type instead.
    pub(crate) fn refuse_with_help(&mut self, node: &Node, at: &Trail<'_>, why: &str, help: &str) {
        self.refuse(node, at, why);
        if let Some(problem) = self.problems.last_mut() {
            problem.help = Some(help.to_owned());
        }
    }
}

/// Declares a mapping of Compose: a struct, and its canonical form.
macro_rules! mapping {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident $(= $key:literal)? : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
            /// Keys of the author's own, `x-*`.
            pub extensions: $crate::value::Extensions,
        }

        impl $crate::form::Form for $name {
            fn read(
                node: &$crate::tree::Node,
                at: &$crate::tree::Trail<'_>,
                reader: &mut $crate::form::Reader<'_>,
            ) -> Option<Self> {
                let mut read = Self::default();
                for (key, value) in node.as_map().into_iter().flatten() {
                    match key.as_str() {
                        $( $crate::form::key!($field $(= $key)?) => {
                            if let Some(value) =
                                $crate::form::Form::read(value, &at.key(key), reader)
                            {
                                read.$field = value;
                            }
                        } )*
                        key if key.starts_with("x-") => {
                            read.extensions.insert(key, value.value());
                        }
                        _ => {}
                    }
                }
                Some(read)
            }

            fn print(&self, style: $crate::form::Style) -> $crate::value::Value {
                let mut map = indexmap::IndexMap::new();
                $( if !$crate::form::Form::is_absent(&self.$field) {
                    map.insert(
                        $crate::form::key!($field $(= $key)?).to_owned(),
                        $crate::form::Form::print(&self.$field, style),
                    );
                } )*
                if style.extensions {
                    map.extend($crate::form::sorted(&self.extensions));
                }
                $crate::value::Value::Map(map)
            }
        }
    };
}

/// The key of a field: its own name, or the one that it is given because its
/// own is a word of Rust or too short.
macro_rules! key {
    ($field:ident = $key:literal) => {
        $key
    };
    ($field:ident) => {
        stringify!($field)
    };
}

pub(crate) use {key, mapping};

/// Declares a type whose text form is parsed and printed by itself.
macro_rules! text_form {
    ($type:ty, $zero_is_nothing:literal) => {
        impl $crate::form::Form for $type {
            fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let text = node.scalar_text()?;
                match text.parse() {
                    Ok(value) => Some(value),
                    Err(error) => {
                        reader.refuse(node, at, &format!("{error}"));
                        None
                    }
                }
            }

            fn print(&self, _: Style) -> Value {
                Value::String(self.to_string())
            }

            fn is_nothing(&self) -> bool {
                <$type>::default() == *self && $zero_is_nothing
            }
        }
    };
}

text_form!(Duration, false);
// No bytes are no limit.
text_form!(ByteSize, true);

/// The entries of free-form data, by name.
pub(crate) fn sorted(extensions: &Extensions) -> impl Iterator<Item = (String, Value)> {
    let mut entries: Vec<_> =
        extensions.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.into_iter()
}

impl Form for String {
    fn read(node: &Node, _: &Trail<'_>, _: &mut Reader<'_>) -> Option<Self> {
        node.scalar_text().map(Self::from)
    }

    fn print(&self, _: Style) -> Value {
        Value::String(self.clone())
    }

    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

/// The words of YAML 1.1 are understood where a boolean is asked for.
pub(crate) fn boolean(text: &str, at: Span, problems: &mut Vec<Diagnostic>) -> Option<bool> {
    let (value, old) = match text.to_ascii_lowercase().as_str() {
        "true" => (true, false),
        "false" => (false, false),
        "y" | "yes" | "on" => (true, true),
        "n" | "no" | "off" => (false, true),
        _ => return None,
    };
    if old {
        let message = format!("`{text}` is a boolean only in old versions of YAML");
        problems.push(
            Diagnostic::warning("compose::boolean", message)
                .at(at, "")
                .help(format!("write `{value}`")),
        );
    }
    Some(value)
}

impl Form for bool {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Bool(value) => Some(*value),
            Kind::Null => None,
            kind => {
                let value = if let Kind::String(text) = kind { Some(text) } else { None };
                let value = value.and_then(|text| boolean(text, node.span, reader.problems));
                if value.is_none() {
                    reader.refuse(node, at, "is neither `true` nor `false`");
                }
                value
            }
        }
    }

    fn print(&self, _: Style) -> Value {
        Value::Bool(*self)
    }

    /// Every flag of Compose is off unless it is set; those that are not are
    /// [`Option`]s.
    fn is_absent(&self) -> bool {
        !self
    }
}

impl Form for i64 {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let value = match &node.kind {
            Kind::Null => return None,
            Kind::Int(value) => Some(*value),
            // A fraction is cut off, as Docker does.
            Kind::Float(value) if value.is_finite() => Some(*value as Self),
            Kind::String(text) => text.parse().ok(),
            _ => None,
        };
        if value.is_none() {
            reader.refuse(node, at, "is not a whole number");
        }
        value
    }

    fn print(&self, _: Style) -> Value {
        Value::Int(*self)
    }

    fn is_absent(&self) -> bool {
        *self == 0
    }
}

/// A limit that nobody reaches is not told.
fn out_of_range(node: &Node, most: u64) -> String {
    if node.scalar_text().is_some_and(|text| text.starts_with('-')) {
        "is negative; write 0 or more".to_owned()
    } else if most > u64::from(u32::MAX) {
        "is too large; write a smaller number".to_owned()
    } else {
        format!("is not a number between 0 and {most}; write one of these")
    }
}

/// Numbers that cannot be negative.
macro_rules! unsigned_form {
    ($type:ty) => {
        impl Form for $type {
            fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let value = match &node.kind {
                    Kind::Null => return None,
                    Kind::Int(value) => Self::try_from(*value).ok(),
                    Kind::Uint(value) => Self::try_from(*value).ok(),
                    Kind::Float(value) if *value >= 0.0 => Self::try_from(*value as u64).ok(),
                    Kind::String(_) => {
                        reader.refuse_with_help(
                            node,
                            at,
                            "is a string",
                            "write the number without quotes",
                        );
                        return None;
                    }
                    _ => None,
                };
                if value.is_none() {
                    reader.refuse(node, at, &out_of_range(node, Self::MAX.into()));
                }
                value
            }

            fn print(&self, _: Style) -> Value {
                i64::try_from(*self).map_or(Value::Uint(u64::from(*self)), Value::Int)
            }

            fn is_absent(&self) -> bool {
                *self == 0
            }
        }
    };
}

unsigned_form!(u16);
unsigned_form!(u32);
unsigned_form!(u64);

/// Docker keeps fractions in single precision, and prints them so.
impl Form for f32 {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let value = match &node.kind {
            Kind::Null => return None,
            Kind::Int(value) => Some(*value as Self),
            Kind::Float(value) => Some(*value as Self),
            Kind::String(text) => text.parse().ok(),
            _ => None,
        };
        if value.is_none() {
            let text = node.scalar_text().unwrap_or_default();
            let help = schema::number(&text);
            let help = help.unwrap_or_else(|| "write a number such as `0.5`".to_owned());
            reader.refuse_with_help(node, at, "is not a number", &help);
        }
        value
    }

    fn print(&self, _: Style) -> Value {
        // The shortest text that reads back to the same single; not the double.
        Value::number(self.to_string().parse().unwrap_or_else(|_| f64::from(*self)))
    }

    fn is_absent(&self) -> bool {
        *self == 0.0
    }
}

/// A value that may be missing; null, and what asks for nothing, are the same.
impl<T: Form> Form for Option<T> {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Null => Some(None),
            _ => T::read(node, at, reader).map(|value| (!value.is_nothing()).then_some(value)),
        }
    }

    fn print(&self, style: Style) -> Value {
        self.as_ref().map(|value| value.print(style)).unwrap_or_default()
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// A list; a single value stands for a list of it.
impl<T: Form> Form for Vec<T> {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Null => None,
            Kind::List(items) => {
                let items = items.iter().enumerate();
                let read = |(index, item)| T::read(item, &at.index(index), reader);
                Some(items.filter_map(read).collect())
            }
            _ => T::read(node, at, reader).map(|item| vec![item]),
        }
    }

    fn print(&self, style: Style) -> Value {
        Value::List(self.iter().map(|item| item.print(style)).collect())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Named values; a name may have none. Printed by name.
impl<T: Form> Form for IndexMap<String, T> {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = node.as_map()?.iter();
        let read = |(key, value): (&crate::tree::Text, &Node)| {
            Some((key.to_string(), T::read(value, &at.key(key), reader)?))
        };
        Some(entries.filter_map(read).collect())
    }

    fn print(&self, style: Style) -> Value {
        let print = |(key, value): (&String, &T)| (key.clone(), value.print(style));
        let mut map: IndexMap<String, Value> = self.iter().map(print).collect();
        map.sort_unstable_keys();
        Value::Map(map)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Form> Form for Box<T> {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, at, reader).map(Self::new)
    }

    fn print(&self, style: Style) -> Value {
        T::print(self, style)
    }
}
