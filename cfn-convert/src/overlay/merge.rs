//! Merges what an author wrote into data, and collects what cannot be merged.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, nearest};
use indexmap::IndexMap;

use super::selector::{self, Selector};
use crate::template::{Data, Map, is_function};

/// A merge, and what went wrong in it.
#[derive(Default)]
pub(super) struct Merge {
    /// What went wrong.
    pub(super) problems: Vec<Diagnostic>,
    /// Resources that were taken out, and where that is written.
    pub(super) deleted: Vec<(String, Path)>,
}

impl Merge {
    /// Collects what went wrong.
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Merges the value of one key.
    pub(super) fn entry(&mut self, target: &mut Map, key: &str, value: &Value, at: &Path) {
        match selector::parse(key) {
            Some((name, selector)) => self.item(target, name, selector, value, at),
            None if *value == Value::Null => self.delete(target, key, at),
            None => match target.get_mut(key) {
                Some(old) => self.value(old, value, at),
                None => {
                    let mut new = Data::Null;
                    self.value(&mut new, value, at);
                    target.push(key, new);
                }
            },
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
            for (key, value) in entries {
                self.entry(map, key, value, &at.key(key));
            }
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

    /// Merges into an item of a list, or takes it out.
    fn item(
        &mut self,
        target: &mut Map,
        name: &str,
        selector: Selector<'_>,
        value: &Value,
        at: &Path,
    ) {
        let Some(Data::List(items)) = target.get_mut(name) else {
            let problem = no_list(target, name, at);
            return self.report(problem);
        };
        let Some(position) = find(items, selector) else {
            let problem = no_item(items, name, selector, at);
            return self.report(problem);
        };
        if *value == Value::Null {
            items.remove(position);
        } else {
            self.value(&mut items[position], value, at);
        }
    }
}

fn stands_for_a_value(entries: &IndexMap<String, Value>) -> bool {
    entries.len() == 1 && entries.keys().all(|key| is_function(key))
}

fn find(items: &[Data], selector: Selector<'_>) -> Option<usize> {
    match selector {
        Selector::Index(index) => (index < items.len()).then_some(index),
        Selector::Holds(key, value) => {
            let holds = |item: &Data| item.get(key).is_some_and(|held| is(held, value));
            items.iter().position(holds)
        }
    }
}

fn is(held: &Data, value: &str) -> bool {
    match held {
        Data::Text(text) => text == value,
        Data::Int(number) => number.to_string() == value,
        Data::Bool(truth) => truth.to_string() == value,
        Data::Null | Data::Float(_) | Data::List(_) | Data::Map(_) => false,
    }
}

fn no_list(target: &Map, name: &str, at: &Path) -> Diagnostic {
    let known = target.iter().filter(|(_, value)| value.as_list().is_some()).map(|(key, _)| key);
    let problem = Diagnostic::error("ecs::overlay-item", format!("there is no list `{name}` here"))
        .at(at.clone(), "reaches into it");
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
                None if known.is_empty() => problem.help(format!("use a number: `{name}[0]`")),
                None => problem.help(format!("there is {}", known.join(", "))),
            }
        }
    }
}
