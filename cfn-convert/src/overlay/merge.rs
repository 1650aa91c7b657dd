//! Merges what an author wrote into data, and collects what cannot be merged.

use std::cmp::Reverse;

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, nearest};
use indexmap::IndexMap;

use super::selector::{self, Selector};
use crate::template::{Data, Map, is_function};

/// A merge, and what went wrong in it.
#[derive(Default)]
pub(super) struct Merge {
    /// Whether macros make something else of the template, which nobody has heard of before.
    pub(super) expands: bool,
    /// What went wrong.
    pub(super) problems: Vec<Diagnostic>,
}

/// What a key says of an item of a list.
struct Reached<'a> {
    list: &'a str,
    position: usize,
    value: &'a Value,
    at: Path,
}

impl Merge {
    /// Collects what went wrong.
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Merges the value of one key.
    pub(super) fn entry(&mut self, target: &mut Map, key: &str, value: &Value, at: Path) {
        self.entries(target, [(key, value, at)]);
    }

    /// Merges the values of several keys. Those that reach into a list mean its items
    /// as they are before any of them is changed or taken out.
    fn entries<'a>(
        &mut self,
        target: &mut Map,
        entries: impl IntoIterator<Item = (&'a str, &'a Value, Path)>,
    ) {
        let mut selected = Vec::new();
        for (key, value, at) in entries {
            match selector::parse(key) {
                Some((list, selector)) => selected.push((list, selector, value, at)),
                None if reaches(target, key) => self.report(no_selector(key, &at)),
                None => self.plain(target, key, value, &at),
            }
        }
        let mut reached = Vec::new();
        for (list, selector, value, at) in selected {
            match find(target, list, selector, &at) {
                Ok(position) => reached.push(Reached { list, position, value, at }),
                Err(problem) => self.report(problem),
            }
        }
        self.items(target, reached);
    }

    fn plain(&mut self, target: &mut Map, key: &str, value: &Value, at: &Path) {
        if *value == Value::Null {
            return self.delete(target, key, at);
        }
        match target.get_mut(key) {
            Some(old) => self.value(old, value, at),
            None => {
                let mut new = Data::Null;
                self.value(&mut new, value, at);
                target.push(key, new);
            }
        }
    }

    /// Mappings are merged, unless one of them stands for a single value.
    fn value(&mut self, target: &mut Data, value: &Value, at: &Path) {
        let Value::Map(entries) = value else {
            *target = Data::from(value);
            return;
        };
        if stands_for_a_value(entries) {
            *target = Data::from(value);
            return;
        }
        if target.is_function() || target.as_map().is_none() {
            *target = Data::Map(Map::default());
        }
        if let Data::Map(map) = target {
            self.entries(map, entries.iter().map(|(key, value)| (&**key, value, at.key(key))));
        }
    }

    fn delete(&mut self, target: &mut Map, key: &str, at: &Path) {
        if target.remove(key).is_some() {
            return;
        }
        let problem =
            Diagnostic::error("ecs::overlay-deletion", format!("there is no `{key}` here"))
                .at(at.clone(), "`null` takes it out");
        let known = target.iter().map(|(key, _)| key);
        self.report(match nearest(key, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("remove this line"),
        });
    }

    /// Merges into items of lists, or takes them out. The last go first, so that the
    /// others keep their numbers.
    fn items(&mut self, target: &mut Map, mut reached: Vec<Reached<'_>>) {
        reached.sort_by_key(|it| (*it.value == Value::Null, it.list, Reverse(it.position)));
        reached.dedup_by(|one, other| {
            let is_same = one.list == other.list && one.position == other.position;
            is_same && *one.value == Value::Null && *other.value == Value::Null
        });
        for Reached { list, position, value, at } in reached {
            let Some(Data::List(items)) = target.get_mut(list) else { continue };
            if *value == Value::Null {
                items.remove(position);
            } else {
                self.value(&mut items[position], value, &at);
            }
        }
    }
}

fn stands_for_a_value(entries: &IndexMap<String, Value>) -> bool {
    entries.len() == 1 && entries.keys().all(|key| is_function(key))
}

fn find(target: &Map, list: &str, selector: Selector<'_>, at: &Path) -> Result<usize, Diagnostic> {
    let items = target.get(list).and_then(Data::as_list);
    let items = items.ok_or_else(|| no_list(target, list, at))?;
    let position = match selector {
        Selector::Index(index) => (index < items.len()).then_some(index),
        Selector::Holds(key, value) => {
            let holds = |item: &Data| item.get(key).is_some_and(|held| is(held, value));
            items.iter().position(holds)
        }
    };
    position.ok_or_else(|| no_item(items, list, selector, at))
}

fn is(held: &Data, value: &str) -> bool {
    match held {
        Data::Text(text) => text == value,
        Data::Int(number) => number.to_string() == value,
        Data::Bool(truth) => truth.to_string() == value,
        Data::Null | Data::Float(_) | Data::List(_) | Data::Map(_) => false,
    }
}

/// Whether a key that says no item of a list was meant to.
fn reaches(target: &Map, key: &str) -> bool {
    let list = key.split_once('[').and_then(|(list, _)| target.get(list.trim()));
    list.is_some_and(|list| list.as_list().is_some())
}

fn no_selector(key: &str, at: &Path) -> Diagnostic {
    let (list, _) = key.split_once('[').unwrap_or((key, ""));
    let list = list.trim();
    Diagnostic::error("ecs::overlay-item", format!("`{key}` says no item of `{list}`"))
        .at(at.clone(), "reaches into it")
        .help(format!("write `{list}[0]`, or what the item holds: `{list}[Name=web]`"))
}

fn no_list(target: &Map, name: &str, at: &Path) -> Diagnostic {
    let known = target.iter().filter(|(_, value)| value.as_list().is_some()).map(|(key, _)| key);
    let error =
        |message| Diagnostic::error("ecs::overlay-item", message).at(at.clone(), "reaches into it");
    if target.get(name).is_some() {
        return error(format!("`{name}` is no list here"))
            .help(format!("write `{name}:` and its new value"));
    }
    let problem = error(format!("there is no list `{name}` here"));
    match nearest(name, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("write `{name}:` and the whole list to add it")),
    }
}

fn no_item(items: &[Data], name: &str, selector: Selector<'_>, at: &Path) -> Diagnostic {
    let error =
        |message| Diagnostic::error("ecs::overlay-item", message).at(at.clone(), "not found");
    match selector {
        Selector::Index(index) => error(format!("`{name}` has no item {index}"))
            .help(format!("it has {}, and the first one is `[0]`", items.len())),
        Selector::Holds(key, value) => {
            let held = items.iter().filter_map(|item| item.get(key)?.as_str());
            let known: Vec<&str> = held.collect();
            let problem = error(format!("no item of `{name}` has the {key} `{value}`"));
            match nearest(value, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{name}[{key}={near}]`?")),
                None if known.is_empty() => problem.help(other_key(items, name, key, value)),
                None => problem.help(format!("there is {}", known.join(", "))),
            }
        }
    }
}

/// Another way to an item if none has the key that was written.
fn other_key(items: &[Data], list: &str, key: &str, value: &str) -> String {
    let keys = items.iter().filter_map(Data::as_map).flat_map(Map::iter);
    match nearest(key, keys.map(|(key, _)| key)) {
        Some(near) => format!("did you mean `{list}[{near}={value}]`?"),
        None => format!("use a number: `{list}[0]`"),
    }
}
