//! Which keys and kinds of value the Compose Specification knows.
//!
//! The alternatives of every key differ in kind (a string or a list, never two
//! kinds of mapping), so a rule is what each kind may be, and a wrong value
//! always has one explanation.

mod check;
mod help;
mod misplaced;
mod table;

pub(crate) use check::check;
pub(crate) use help::{number, truth};
use table::PROJECT;

/// Every key that the Compose Specification knows, as the pattern of its place,
/// sorted: `*` stands for a name that users choose, and `[]` for any item.
///
/// ```
/// let keys = compose_model::schema::keys();
/// assert!(keys.iter().any(|key| key == "services.*.ports[].target"));
/// assert!(keys.iter().any(|key| key == "networks.*.internal"));
/// ```
pub fn keys() -> Vec<String> {
    let mut keys = Vec::new();
    PROJECT.add_keys("", &mut keys);
    keys.sort_unstable();
    keys
}

/// What a value may be. Kinds that are not mentioned are refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    null: bool,
    boolean: bool,
    number: Option<Number>,
    string: Option<Words>,
    list: Option<&'static List>,
    map: Option<&'static Object>,
}

#[derive(Debug, Clone, Copy)]
enum Number {
    Any,
    Whole,
    From(i64),
    Between(i64, i64),
}

#[derive(Debug, Clone, Copy)]
enum Words {
    Any,
    OneOf(&'static [&'static str]),
    Matching {
        /// In a sentence.
        expected: &'static str,
        test: fn(&str) -> bool,
        /// What to type instead of a text that fails the test.
        help: fn(&str) -> String,
    },
}

#[derive(Debug)]
struct List {
    items: Rule,
    unique: bool,
}

/// A mapping with keys that the specification names.
#[derive(Debug)]
pub(crate) struct Object {
    keys: &'static [(&'static str, Rule)],
    required: &'static [&'static str],
    others: Others,
}

/// Keys of a mapping that the specification does not name.
#[derive(Debug, Clone, Copy)]
enum Others {
    /// `x-*` with any value.
    Extensions,
    None,
    Any,
    /// Names that users choose. `open` ones allow other names with any value.
    Chosen {
        names: Names,
        rule: &'static Rule,
        open: bool,
    },
}

/// The form of names that users choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Letters, digits, `.`, `_` and `-`.
    Resource,
    Lowercase,
    /// Anything but nothing.
    Any,
}

impl Rule {
    const NONE: Self =
        Self { null: false, boolean: false, number: None, string: None, list: None, map: None };

    const fn or_null(mut self) -> Self {
        self.null = true;
        self
    }

    const fn or_bool(mut self) -> Self {
        self.boolean = true;
        self
    }

    const fn or_number(mut self, number: Number) -> Self {
        self.number = Some(number);
        self
    }

    const fn or_string(mut self, words: Words) -> Self {
        self.string = Some(words);
        self
    }

    const fn or_list(mut self, list: &'static List) -> Self {
        self.list = Some(list);
        self
    }

    const fn or_map(mut self, map: &'static Object) -> Self {
        self.map = Some(map);
        self
    }

    /// Collects the patterns of all keys of a value.
    fn add_keys(&self, at: &str, keys: &mut Vec<String>) {
        if let Some(map) = self.map {
            map.add_keys(at, keys);
        }
        if let Some(list) = self.list {
            list.items.add_keys(&format!("{at}[]"), keys);
        }
    }
}

impl Object {
    const fn new(keys: &'static [(&'static str, Rule)]) -> Self {
        Self { keys, required: &[], others: Others::Extensions }
    }

    const fn of(names: Names, rule: &'static Rule) -> Self {
        Self { keys: &[], required: &[], others: Others::Chosen { names, rule, open: false } }
    }

    const fn requiring(mut self, required: &'static [&'static str]) -> Self {
        self.required = required;
        self
    }

    const fn without_extensions(mut self) -> Self {
        self.others = Others::None;
        self
    }

    const fn open(mut self) -> Self {
        self.others = match self.others {
            Others::Chosen { names, rule, .. } => Others::Chosen { names, rule, open: true },
            Others::Extensions | Others::None | Others::Any => Others::Any,
        };
        self
    }

    fn rule(&self, key: &str) -> Option<&Rule> {
        let index = self.keys.binary_search_by_key(&key, |(name, _)| name).ok()?;
        Some(&self.keys[index].1)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|(name, _)| *name)
    }

    /// Collects the patterns of all keys below a place.
    fn add_keys(&self, at: &str, keys: &mut Vec<String>) {
        let inside =
            |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        for (name, rule) in self.keys {
            let at = inside(name);
            keys.push(at.clone());
            rule.add_keys(&at, keys);
        }
        if let Others::Chosen { rule, .. } = self.others {
            rule.add_keys(&inside("*"), keys);
        }
    }
}

impl Names {
    fn allow(self, name: &str) -> bool {
        !name.is_empty()
            && match self {
                Self::Resource => {
                    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
                }
                Self::Lowercase => name.bytes().all(|byte| byte.is_ascii_lowercase()),
                Self::Any => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexSet;

    use super::*;
    use crate::load::parse;
    use crate::source::{Source, Sources};
    use crate::tree::Node;

    fn walk(object: &'static Object, depth: usize, visit: &mut dyn FnMut(&'static Object)) {
        visit(object);
        let rules = object.keys.iter().map(|(_, rule)| rule);
        let chosen = match &object.others {
            Others::Chosen { rule, .. } => Some(*rule),
            Others::Extensions | Others::None | Others::Any => None,
        };
        for rule in rules.chain(chosen).filter(|_| depth < 12) {
            let items = rule.list.map(|list| &list.items);
            for map in [Some(rule), items].into_iter().flatten().filter_map(|rule| rule.map) {
                walk(map, depth + 1, visit);
            }
        }
    }

    #[test]
    fn keys_are_sorted_for_the_bisection() {
        let mut seen = 0;
        walk(&PROJECT, 0, &mut |object| {
            seen += 1;
            assert!(
                object.keys.is_sorted_by_key(|(name, _)| *name),
                "{:?}",
                object.names().collect::<Vec<_>>()
            );
        });
        assert!(seen > 40, "{seen} mappings");
    }

    #[test]
    fn required_keys_are_known() {
        walk(&PROJECT, 0, &mut |object| {
            assert!(object.required.iter().all(|key| object.rule(key).is_some()));
        });
    }

    #[test]
    fn the_everything_scenario_has_every_key() {
        let text = include_str!("../../tests/scenarios/everything/compose.yaml");
        let mut sources = Sources::default();
        let file = sources.add(Source { name: "-".into(), text: text.into(), secret: false });
        let documents = parse(&sources, file, &mut Vec::new()).documents;
        let mut seen = IndexSet::new();
        mark(&documents[0].root, &Rule::NONE.or_map(&PROJECT), &mut seen);
        walk(&PROJECT, 0, &mut |object| {
            for (key, _) in object.keys {
                let beside: Vec<_> = object.names().collect();
                assert!(seen.contains(&(&raw const *object, *key)), "`{key}` among {beside:?}");
            }
        });
    }

    /// Collects the keys of the table that occur in a tree.
    fn mark(node: &Node, rule: &Rule, seen: &mut IndexSet<(*const Object, &'static str)>) {
        for item in node.as_list().into_iter().flatten() {
            rule.list.iter().for_each(|list| mark(item, &list.items, seen));
        }
        let (Some(map), Some(object)) = (node.as_map(), rule.map) else { return };
        for (key, value) in map {
            if let Some((name, rule)) = object.keys.iter().find(|(name, _)| name == key) {
                seen.insert((&raw const *object, name));
                mark(value, rule, seen);
            } else if let Others::Chosen { rule, .. } = object.others {
                mark(value, rule, seen);
            }
        }
    }
}
