//! The tree that every phase works on: YAML's values, each with its place.

use compact_str::CompactString;
use indexmap::IndexMap;

use crate::path::{Path, Step};
use crate::source::Span;
use crate::value::Value;

/// Most keys and scalars fit without an allocation.
pub(crate) type Text = CompactString;

/// Keys in the order in which they were written.
pub(crate) type Map = IndexMap<Text, Node, foldhash::fast::RandomState>;

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// Where the key of this value was written; the value itself in a list.
    pub(crate) key: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number that only fits without a sign.
    Uint(u64),
    Float(f64),
    /// A point in time, in the two forms that Docker gives it: as text and as JSON.
    Time(Box<(String, String)>),
    String(Text),
    List(Vec<Node>),
    Map(Box<Map>),
}

impl Node {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span, key: span }
    }

    pub(crate) fn string(text: impl Into<Text>, span: Span) -> Self {
        Self::new(Kind::String(text.into()), span)
    }

    pub(crate) fn bool(value: bool, span: Span) -> Self {
        Self::new(Kind::Bool(value), span)
    }

    pub(crate) fn map(map: Map, span: Span) -> Self {
        Self::new(Kind::Map(Box::new(map)), span)
    }

    pub(crate) fn list(items: Vec<Self>, span: Span) -> Self {
        Self::new(Kind::List(items), span)
    }

    pub(crate) fn null(span: Span) -> Self {
        Self::new(Kind::Null, span)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(value) = self.kind { Some(value) } else { None }
    }

    pub(crate) fn as_map(&self) -> Option<&Map> {
        if let Kind::Map(map) = &self.kind { Some(map) } else { None }
    }

    pub(crate) fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Kind::Map(map) = &mut self.kind { Some(map) } else { None }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        if let Kind::List(items) = &self.kind { Some(items) } else { None }
    }

    pub(crate) fn as_list_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Kind::List(items) = &mut self.kind { Some(items) } else { None }
    }

    /// What a mapping holds under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.as_map_mut()?.get_mut(key)
    }

    /// What a mapping holds under a key, unless that is null.
    pub(crate) fn present(&self, key: &str) -> Option<&Self> {
        self.get(key).filter(|node| !node.is_null())
    }

    /// What a list of a mapping's key holds; nothing where there is no list.
    pub(crate) fn items(&self, key: &str) -> &[Self] {
        self.get(key).and_then(Self::as_list).unwrap_or_default()
    }

    /// The kind of value in a user's words.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => "a number",
            Kind::Time(_) => "a date",
            Kind::String(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// A scalar as text, in the form that Docker prints it; nothing for the rest.
    pub(crate) fn scalar_text(&self) -> Option<Text> {
        match &self.kind {
            Kind::Bool(value) => Some(Text::const_new(if *value { "true" } else { "false" })),
            Kind::Int(value) => Some(compact_str::format_compact!("{value}")),
            Kind::Uint(value) => Some(compact_str::format_compact!("{value}")),
            Kind::Float(value) => Some(crate::value::float_text(*value).into()),
            Kind::Time(time) => Some(time.0.as_str().into()),
            Kind::String(text) => Some(text.clone()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether two values are the same, wherever they were written.
    pub(crate) fn same_value(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::List(a), Kind::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_value(b))
            }
            (Kind::Map(a), Kind::Map(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, a)| b.get(key.as_str()).is_some_and(|b| a.same_value(b)))
            }
            (Kind::Null, Kind::Null) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Int(a), Kind::Int(b)) => a == b,
            (Kind::Uint(a), Kind::Uint(b)) => a == b,
            (Kind::Float(a), Kind::Float(b)) => a == b,
            (Kind::Time(a), Kind::Time(b)) => a == b,
            (Kind::String(a), Kind::String(b)) => a == b,
            (
                Kind::Null
                | Kind::Bool(_)
                | Kind::Int(_)
                | Kind::Uint(_)
                | Kind::Float(_)
                | Kind::Time(_)
                | Kind::String(_)
                | Kind::List(_)
                | Kind::Map(_),
                _,
            ) => false,
        }
    }

    /// The value without its place.
    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Uint(value) => Value::Uint(*value),
            Kind::Float(value) => Value::Float(*value),
            Kind::Time(time) => Value::String(time.1.clone()),
            Kind::String(text) => Value::String(text.to_string()),
            Kind::List(items) => Value::List(items.iter().map(Self::value).collect()),
            Kind::Map(map) => {
                Value::Map(map.iter().map(|(key, node)| (key.to_string(), node.value())).collect())
            }
        }
    }

    /// The element that a path leads to, or the last one on the way there.
    pub(crate) fn nearest(&self, path: &Path) -> &Self {
        let mut node = self;
        for step in path.steps() {
            match node.step(step) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The element that a path leads to.
    pub(crate) fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, Self::step)
    }

    fn step(&self, step: &Step) -> Option<&Self> {
        match step {
            Step::Key(key) => self.get(key),
            Step::Index(index) => self.as_list().and_then(|items| items.get(*index)),
        }
    }
}

/// Where a walk through the tree has come to: a path that lives on the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trail<'a> {
    parent: Option<&'a Self>,
    step: TrailStep<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum TrailStep<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    pub(crate) const ROOT: Trail<'static> = Trail { parent: None, step: TrailStep::Root };

    pub(crate) fn key<'b>(&'b self, key: &'b str) -> Trail<'b> {
        Trail { parent: Some(self), step: TrailStep::Key(key) }
    }

    pub(crate) fn index(&self, index: usize) -> Trail<'_> {
        Trail { parent: Some(self), step: TrailStep::Index(index) }
    }

    /// The innermost key; nothing for the root and for items.
    pub(crate) fn last(&self) -> Option<&'a str> {
        if let TrailStep::Key(key) = self.step { Some(key) } else { None }
    }

    /// Whether this is the place that a pattern describes: `*` stands for any
    /// one key or item, `[]` for any item.
    pub(crate) fn matches(&self, pattern: &[&str]) -> bool {
        let mut trail = self;
        for expected in pattern.iter().rev() {
            let fits = match trail.step {
                TrailStep::Root => false,
                TrailStep::Key(key) => *expected == "*" || *expected == key,
                TrailStep::Index(_) => matches!(*expected, "*" | "[]"),
            };
            match trail.parent {
                Some(parent) if fits => trail = parent,
                Some(_) | None => return false,
            }
        }
        trail.parent.is_none()
    }

    /// The first two keys: the section that this is in, and the name of what it
    /// belongs to.
    pub(crate) fn outermost(&self) -> (Option<&'a str>, Option<&'a str>) {
        let Some(parent) = self.parent else { return (None, None) };
        match parent.outermost() {
            (None, _) => (self.last(), None),
            (section, None) => (section, self.last()),
            both => both,
        }
    }

    /// The place that this is in.
    pub(crate) fn parent(&self) -> Option<&'a Self> {
        self.parent
    }

    pub(crate) fn path(&self) -> Path {
        let mut steps = Vec::new();
        let mut trail = self;
        while let Some(parent) = trail.parent {
            match trail.step {
                TrailStep::Root => {}
                TrailStep::Key(key) => steps.push(Step::Key(key.to_owned())),
                TrailStep::Index(index) => steps.push(Step::Index(index)),
            }
            trail = parent;
        }
        steps.into_iter().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_matches_only_whole_patterns() {
        let services = Trail::ROOT.key("services");
        let web = services.key("web");
        let ports = web.key("ports");
        let first = ports.index(0);
        assert!(first.matches(&["services", "*", "ports", "[]"]));
        assert!(ports.matches(&["services", "web", "*"]));
        assert!(!ports.matches(&["services", "*"]));
        assert!(!web.matches(&["web"]));
        assert_eq!(first.path().to_string(), "services.web.ports[0]");
        assert_eq!(first.outermost(), (Some("services"), Some("web")));
        assert_eq!(services.outermost(), (Some("services"), None));
    }
}
