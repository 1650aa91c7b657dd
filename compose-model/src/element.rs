//! A borrowed look at the merged tree, for programs that walk all of it.

use std::borrow::Cow;

use crate::document::Document;
use crate::source::Span;
use crate::tree::{Kind, Node};
use crate::value::Value;

/// An element of a merged project. Copying one copies a reference.
///
/// ```
/// use compose_model::{Request, load};
///
/// let request = Request {
///     working_dir: "/srv/shop".into(),
///     files: vec!["-".into()],
///     stdin: Some("services: {web: {image: nginx, privileged: true}}".to_owned()),
///     ..Request::default()
/// };
/// let document = load(&request)?.document;
/// let services = document.element().and_then(|root| root.get("services")).unwrap();
/// for (name, service) in services.entries() {
///     assert_eq!(name, "web");
///     assert_eq!(service.get("privileged").and_then(|flag| flag.as_bool()), Some(true));
/// }
/// # Ok::<(), compose_model::LoadError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Element<'d>(&'d Node);

impl Document {
    /// The whole project; nothing if no text could be read.
    pub fn element(&self) -> Option<Element<'_>> {
        self.root().map(Element)
    }
}

impl<'d> Element<'d> {
    /// The keys of a mapping and what they hold; nothing for what is no mapping.
    pub fn entries(self) -> impl Iterator<Item = (&'d str, Self)> {
        let map = self.0.as_map().into_iter().flatten();
        map.map(|(key, node)| (key.as_str(), Self(node)))
    }

    /// The items of a list; nothing for what is no list.
    pub fn items(self) -> impl Iterator<Item = Self> {
        self.0.as_list().into_iter().flatten().map(Self)
    }

    /// What a mapping holds under a key.
    pub fn get(self, key: &str) -> Option<Self> {
        self.0.get(key).map(Self)
    }

    /// The flag, if this is one.
    pub fn as_bool(self) -> Option<bool> {
        self.0.as_bool()
    }

    /// A scalar as text; nothing for mappings, lists and what has no value.
    pub fn text(self) -> Option<Cow<'d, str>> {
        match self.0.as_str() {
            Some(text) => Some(Cow::Borrowed(text)),
            None => self.0.scalar_text().map(|text| Cow::Owned(text.into())),
        }
    }

    /// Whether there is no value, or one with nothing in it.
    pub fn is_empty(self) -> bool {
        match &self.0.kind {
            Kind::Null => true,
            Kind::String(text) => text.is_empty(),
            Kind::List(items) => items.is_empty(),
            Kind::Map(map) => map.is_empty(),
            Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) | Kind::Time(_) => false,
        }
    }

    /// Where its key was written; the value itself in a list.
    pub fn key(self) -> Span {
        self.0.key
    }

    /// The same as a value of its own.
    pub fn value(self) -> Value {
        self.0.value()
    }
}
