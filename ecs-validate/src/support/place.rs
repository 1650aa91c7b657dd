//! Every place of a Compose file, as a tree: what the table says about it, and
//! which keys for ECS it has.

use std::sync::LazyLock;

use super::answer::Row;
use super::table;
use crate::extensions::Level;

/// A place of a Compose file.
#[derive(Debug, Default)]
pub(super) struct Place {
    row: Option<&'static Row>,
    level: Option<Level>,
    /// Keys that the specification names, sorted.
    named: Vec<(String, Self)>,
    /// What is below a name that users choose.
    chosen: Option<Box<Self>>,
    /// What an item is.
    item: Option<Box<Self>>,
}

impl Place {
    /// The file itself.
    pub(super) fn root() -> &'static Self {
        static ROOT: LazyLock<Place> = LazyLock::new(|| {
            let mut root = Place::default();
            for key in compose_model::schema::keys() {
                root.enter(&key).row = table::row(&key);
            }
            for level in Level::ALL {
                root.enter(level.pattern()).level = Some(level);
            }
            root
        });
        &ROOT
    }

    /// The place behind a key that the specification names.
    pub(super) fn named(&self, key: &str) -> Option<&Self> {
        let index = self.named.binary_search_by(|(name, _)| name.as_str().cmp(key)).ok()?;
        Some(&self.named[index].1)
    }

    /// The place behind a name that users choose.
    pub(super) fn chosen(&self) -> Option<&Self> {
        self.chosen.as_deref()
    }

    /// The place of an item.
    pub(super) fn item(&self) -> Option<&Self> {
        self.item.as_deref()
    }

    /// Whether the specification names keys here, so that others mean nothing.
    pub(super) fn has_keys(&self) -> bool {
        !self.named.is_empty()
    }

    /// Whether no key below it is known to the specification.
    pub(super) fn is_leaf(&self) -> bool {
        self.named.is_empty() && self.chosen.is_none() && self.item.is_none()
    }

    /// What the table says.
    pub(super) fn row(&self) -> Option<&'static Row> {
        self.row
    }

    /// Which keys for ECS there are.
    pub(super) fn level(&self) -> Option<Level> {
        self.level
    }

    /// The place that a pattern describes; made, if it is new.
    fn enter(&mut self, pattern: &str) -> &mut Self {
        let mut place = self;
        for step in pattern.split('.').filter(|step| !step.is_empty()) {
            let key = step.trim_end_matches("[]");
            place = match key {
                "*" => place.chosen.get_or_insert_default(),
                key => place.enter_key(key),
            };
            if step.ends_with("[]") {
                place = place.item.get_or_insert_default();
            }
        }
        place
    }

    fn enter_key(&mut self, key: &str) -> &mut Self {
        let found = self.named.binary_search_by(|(name, _)| name.as_str().cmp(key));
        let index = found.unwrap_or_else(|index| {
            self.named.insert(index, (key.to_owned(), Self::default()));
            index
        });
        &mut self.named[index].1
    }
}
