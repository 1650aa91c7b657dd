//! The answer to every key of the Compose Specification.
//!
//! A clause says why, or what becomes of a key; it stands in messages and in the
//! documentation, so it names no service and no value.

mod attached;
mod deploy;
mod project;
mod service;
mod settings;

use super::answer::Row;

const SECTIONS: [&[Row]; 5] =
    [project::PROJECT, service::SERVICE, attached::ATTACHED, settings::SETTINGS, deploy::DEPLOY];

/// The answer to a key, by the pattern of its place.
pub(super) fn row(key: &str) -> Option<&'static Row> {
    SECTIONS.iter().find_map(|rows| {
        let index = rows.binary_search_by(|row| row.key.cmp(key)).ok()?;
        rows.get(index)
    })
}

/// Every row, in the order in which sections are documented.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    SECTIONS.iter().flat_map(|rows| rows.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_sorted_and_each_key_has_one() {
        for rows in SECTIONS {
            assert!(rows.is_sorted_by(|a, b| a.key < b.key));
        }
        let keys: BTreeSet<&str> = rows().map(|row| row.key).collect();
        assert_eq!(keys.len(), rows().count());
    }

    #[test]
    fn every_key_of_compose_has_an_answer() {
        let keys = compose_model::schema::keys();
        let unanswered: Vec<_> = keys.iter().filter(|key| !is_answered(key)).collect();
        assert!(unanswered.is_empty(), "{unanswered:#?}");
    }

    #[test]
    fn every_answer_is_to_a_key_of_compose() {
        let keys: BTreeSet<String> = compose_model::schema::keys().into_iter().collect();
        for Row { key, whole, .. } in rows() {
            assert!(keys.contains(*key), "{key}");
            assert!(above(key).all(|above| row(above).is_none_or(|row| !row.whole)), "{key}");
            let below = keys.iter().any(|other| above(other).any(|above| above == *key));
            assert!(below || !whole, "nothing is below {key}");
        }
    }

    fn is_answered(key: &str) -> bool {
        row(key).is_some() || above(key).any(|above| row(above).is_some_and(|row| row.whole))
    }

    /// The keys that a key is below.
    fn above(key: &str) -> impl Iterator<Item = &str> {
        key.match_indices('.').map(|(end, _)| key[..end].trim_end_matches("[]"))
    }
}
