//! Values that CloudFormation works out when it deploys, as types.
//!
//! A reference is only ever made from something that is in the stack, so that
//! none of them can lead nowhere.

use std::marker::PhantomData;

use serde::ser::{Serialize, Serializer};

use crate::logical_id::LogicalId;

/// A literal, or what CloudFormation works out when it deploys.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<T> {
    /// What it is.
    Literal(T),
    /// What a resource or a parameter is known by.
    Ref(Known),
    /// An attribute of a resource.
    GetAtt(Known, &'static str),
    /// What CloudFormation knows by itself.
    Pseudo(Pseudo),
    /// Text with other values in it.
    Sub(Vec<Part>),
    /// Several texts as one.
    Join(&'static str, Vec<Value<String>>),
    /// One item of a list.
    Select(usize, Box<List>),
    /// A text in the encoding that machines take their first script in.
    Base64(Box<Value<String>>),
}

/// Several texts, or a parameter that is a list.
pub(crate) type List = Value<Vec<Value<String>>>;

/// A piece of [`Value::Sub`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// Text as it is.
    Text(String),
    /// What a resource or a parameter is known by.
    Ref(Known),
    /// An attribute of a resource.
    GetAtt(Known, &'static str),
    /// What CloudFormation knows by itself.
    Pseudo(Pseudo),
}

/// What CloudFormation knows by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pseudo {
    /// `123456789012`
    AccountId,
    /// `aws`, `aws-cn` or `aws-us-gov`
    Partition,
    /// `eu-west-1`
    Region,
}

/// The id of something that is in the stack; only the stack makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known(LogicalId);

/// Proof that a resource is in the stack; only the stack makes one.
#[derive(Debug)]
pub(crate) struct Handle<R> {
    id: Known,
    resource: PhantomData<fn() -> R>,
}

/// An attribute that `R` has: one of another resource does not compile.
pub(crate) struct Att<R>(&'static str, PhantomData<fn() -> R>);

impl Pseudo {
    fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
        }
    }
}

impl Known {
    /// Of something that the stack has just taken.
    pub(crate) fn new(id: LogicalId) -> Self {
        Self(id)
    }

    /// The id itself.
    pub(crate) fn id(&self) -> &LogicalId {
        &self.0
    }
}

impl<R> Handle<R> {
    /// Of something that the stack has just taken.
    pub(crate) fn new(id: Known) -> Self {
        Self { id, resource: PhantomData }
    }

    /// The resource, whatever its type.
    pub(crate) fn known(&self) -> &Known {
        &self.id
    }

    /// What the resource is known by.
    pub(crate) fn reference<T>(&self) -> Value<T> {
        Value::Ref(self.id.clone())
    }

    /// An attribute of it.
    pub(crate) fn get(&self, att: Att<R>) -> Value<String> {
        Value::GetAtt(self.id.clone(), att.0)
    }
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

impl<R> Att<R> {
    /// As AWS names it.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name, PhantomData)
    }
}

impl<T> From<T> for Value<T> {
    fn from(literal: T) -> Self {
        Self::Literal(literal)
    }
}

impl<T: Default> Default for Value<T> {
    fn default() -> Self {
        Self::Literal(T::default())
    }
}

impl From<&str> for Value<String> {
    fn from(literal: &str) -> Self {
        Self::Literal(literal.to_owned())
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Pseudo> for Part {
    fn from(pseudo: Pseudo) -> Self {
        Self::Pseudo(pseudo)
    }
}

impl Value<String> {
    /// This value with text behind it.
    pub(crate) fn then(self, text: &str) -> Self {
        self.around("", text)
    }

    /// This value between two texts.
    pub(crate) fn around(self, before: &str, after: &str) -> Self {
        concat(vec![before.into(), self, after.into()])
    }

    /// Pieces, and this value behind them.
    pub(crate) fn behind(self, parts: Vec<Part>) -> Self {
        concat(parts.into_iter().map(Part::value).chain([self]).collect())
    }
}

/// Several values as one text, in the simplest form that can say it.
fn concat(values: Vec<Value<String>>) -> Value<String> {
    let mut parts: Vec<Part> = Vec::new();
    for value in &values {
        match value.parts() {
            Some(more) => parts.extend(more.into_iter().filter(|part| !part.is_empty())),
            None => return Value::Join("", values),
        }
    }
    if let [Part::Ref(_) | Part::GetAtt(..) | Part::Pseudo(_)] = parts.as_slice() {
        return parts.remove(0).value();
    }
    let text = |part: &Part| if let Part::Text(text) = part { Some(text.clone()) } else { None };
    match parts.iter().map(text).collect::<Option<String>>() {
        Some(text) => Value::Literal(text),
        None => Value::Sub(parts),
    }
}

impl Value<String> {
    /// The pieces of this value, if it can stand inside of a text.
    fn parts(&self) -> Option<Vec<Part>> {
        match self {
            Self::Literal(text) => Some(vec![Part::Text(text.clone())]),
            Self::Ref(known) => Some(vec![Part::Ref(known.clone())]),
            Self::GetAtt(known, att) => Some(vec![Part::GetAtt(known.clone(), att)]),
            Self::Pseudo(pseudo) => Some(vec![Part::Pseudo(*pseudo)]),
            Self::Sub(parts) => Some(parts.clone()),
            Self::Join(..) | Self::Select(..) | Self::Base64(..) => None,
        }
    }
}

impl Part {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// Whether CloudFormation would take some of this text for a variable.
    fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains("${"))
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Text(part) => text.push_str(part),
            Self::Ref(known) => variable(text, &[known.id().as_str()]),
            Self::GetAtt(known, att) => variable(text, &[known.id().as_str(), ".", att]),
            Self::Pseudo(pseudo) => variable(text, &[pseudo.name()]),
        }
    }

    fn value(self) -> Value<String> {
        match self {
            Self::Text(text) => Value::Literal(text),
            Self::Ref(known) => Value::Ref(known),
            Self::GetAtt(known, att) => Value::GetAtt(known, att),
            Self::Pseudo(pseudo) => Value::Pseudo(pseudo),
        }
    }
}

fn variable(text: &mut String, name: &[&str]) {
    text.push_str("${");
    name.iter().for_each(|piece| text.push_str(piece));
    text.push('}');
}

/// A value is written as the mapping that CloudFormation reads: `{"Ref": "Vpc"}`.
impl<T: Serialize> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(value) => value.serialize(serializer),
            Self::Ref(known) => function(serializer, "Ref", known.id().as_str()),
            Self::Pseudo(pseudo) => function(serializer, "Ref", pseudo.name()),
            Self::GetAtt(known, att) => {
                function(serializer, "Fn::GetAtt", &(known.id().as_str(), att))
            }
            Self::Sub(parts) => sub(serializer, parts),
            Self::Join(separator, values) => function(serializer, "Fn::Join", &(separator, values)),
            Self::Select(index, list) => function(serializer, "Fn::Select", &(index, list)),
            Self::Base64(text) => function(serializer, "Fn::Base64", text),
        }
    }
}

fn function<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    name: &'static str,
    argument: &T,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_variant("Value", 0, name, argument)
}

/// Text that looks like a variable has no certain escape, so that such values are
/// joined instead.
fn sub<S: Serializer>(serializer: S, parts: &[Part]) -> Result<S::Ok, S::Error> {
    if parts.iter().any(Part::is_ambiguous) {
        let values: Vec<_> = parts.iter().cloned().map(Part::value).collect();
        return Value::<String>::Join("", values).serialize(serializer);
    }
    let mut text = String::new();
    parts.iter().for_each(|part| part.write(&mut text));
    function(serializer, "Fn::Sub", &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: &str) -> Known {
        Known::new(LogicalId::new(id))
    }

    fn json(value: &Value<String>) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn values_are_written_as_cloudformation_reads_them() {
        let subnets = List::Ref(known("Subnets"));
        let cases = [
            ("text".into(), r#""text""#),
            (Value::Ref(known("Vpc")), r#"{"Ref":"Vpc"}"#),
            (Value::Pseudo(Pseudo::Region), r#"{"Ref":"AWS::Region"}"#),
            (Value::GetAtt(known("Role"), "Arn"), r#"{"Fn::GetAtt":["Role","Arn"]}"#),
            (Value::Select(1, subnets.into()), r#"{"Fn::Select":[1,{"Ref":"Subnets"}]}"#),
            (Value::Base64(Box::new("a".into())), r#"{"Fn::Base64":"a"}"#),
            (
                Value::Join("/", vec!["a".into(), Value::Ref(known("B"))]),
                r#"{"Fn::Join":["/",["a",{"Ref":"B"}]]}"#,
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(json(&value), expected);
        }
    }

    #[test]
    fn text_around_a_reference_is_a_substitution() {
        let value = Value::Ref(known("Secret")).around("a", ":key::");
        assert_eq!(json(&value), r#"{"Fn::Sub":"a${Secret}:key::"}"#);
        assert_eq!(json(&Value::from("arn").then(":key::")), r#""arn:key::""#);
    }

    #[test]
    fn text_that_looks_like_a_variable_is_joined() {
        let value = Value::Ref(known("Secret")).then("${HOME}");
        assert_eq!(json(&value), r#"{"Fn::Join":["",[{"Ref":"Secret"},"${HOME}"]]}"#);
    }
}
