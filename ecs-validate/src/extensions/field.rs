//! Reading `x-aws-*` keys one by one, with a place for whatever is wrong.

use compose_model::value::{Extensions, Value};
use compose_model::{Diagnostic, Path, Place, nearest};
use indexmap::IndexMap;

use super::grammar::{Arn, Read, Wrong, kind};

/// The code of everything that is wrong with the value of an extension.
const CODE: &str = "ecs::extension";

/// The keys of one mapping, while they are read.
pub(super) struct Fields<'f> {
    values: Values<'f>,
    at: &'f Path,
    /// What stands before a key when it is named: `x-aws-healthcheck.`
    prefix: String,
    problems: &'f mut Vec<Diagnostic>,
}

enum Values<'f> {
    Extensions(&'f Extensions),
    Map(&'f IndexMap<String, Value>),
}

impl<'f> Fields<'f> {
    /// The extensions that stand at a place.
    pub(super) fn new(
        extensions: &'f Extensions,
        at: &'f Path,
        problems: &'f mut Vec<Diagnostic>,
    ) -> Self {
        Self { values: Values::Extensions(extensions), at, prefix: String::new(), problems }
    }

    /// What a key holds, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'f Value> {
        match self.values {
            Values::Extensions(extensions) => extensions.get(key),
            Values::Map(map) => map.get(key),
        }
    }

    /// The value of a key; nothing if it is not there or wrong, which is told.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        grammar: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        let (name, at) = (format!("`{}{key}`", self.prefix), self.at.key(key));
        self.accept(value, &name, at, grammar)
    }

    /// The items of a list, each with a place of its own.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        grammar: impl Fn(&Value) -> Read<T>,
    ) -> Option<Vec<T>> {
        let items = self.read(key, |value| match value.as_list() {
            Some([]) => Err(Wrong::new("is empty", "give it an item, or remove it")),
            Some(items) => Ok(items.to_vec()),
            None => Err(Wrong::new(
                format!("must be a list, not {}", kind(value)),
                format!("put `- ` before each item of `{key}`"),
            )),
        })?;
        let (name, at) = (format!("an item of `{}{key}`", self.prefix), self.at.key(key));
        let items = items.iter().enumerate();
        let read = |(index, item)| self.accept(item, &name, at.index(index), &grammar);
        Some(items.filter_map(read).collect())
    }

    /// The entries of a mapping whose keys the author chooses.
    pub(super) fn entries<T>(
        &mut self,
        key: &str,
        grammar: impl Fn(&Value) -> Read<T>,
    ) -> IndexMap<String, T> {
        let Some(map) = self.read(key, mapping) else { return IndexMap::new() };
        let at = self.at.key(key);
        let read = |(name, value): (&String, &Value)| {
            let said = format!("`{}{key}.{name}`", self.prefix);
            Some((name.clone(), self.accept(value, &said, at.key(name), &grammar)?))
        };
        map.iter().filter_map(read).collect()
    }

    /// The mapping below a key, which may have only keys that are `known`.
    pub(super) fn below<T>(
        &mut self,
        key: &str,
        known: &[&str],
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        let map = self.read(key, mapping)?;
        let at = self.at.key(key);
        let mut fields = Fields {
            values: Values::Map(&map),
            at: &at,
            prefix: format!("{}{key}.", self.prefix),
            problems: self.problems,
        };
        fields.refuse_unknown(key, known);
        Some(read(&mut fields))
    }

    /// Tells of something that is wrong with a key's value as a whole.
    pub(super) fn refuse(&mut self, key: &str, wrong: Wrong) {
        self.tell(&format!("`{}{key}`", self.prefix), self.at.key(key), wrong);
    }

    /// Tells that a key is only kept for old files.
    pub(super) fn deprecated(&mut self, key: &str, help: &'static str) {
        let message = format!("`{key}` is an old form");
        let problem = Diagnostic::warning("ecs::deprecated", message).at(self.at.key(key), "");
        self.problems.push(problem.help(help));
    }

    /// Tells that something else is done than what a key asks for.
    pub(super) fn adapted(&mut self, key: &str, message: String, help: String) {
        let problem = Diagnostic::warning("ecs::extension", message).at(self.at.key(key), "");
        self.problems.push(problem.help(help));
    }

    fn refuse_unknown(&mut self, parent: &str, known: &[&str]) {
        let Values::Map(map) = self.values else { return };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let problem =
                Diagnostic::error("ecs::unknown-key", format!("`{parent}` has no key `{key}`"))
                    .at(Place::Key(self.at.key(key)), "");
            self.problems.push(problem.help(match nearest(key, known.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("its keys are `{}`", known.join("`, `")),
            }));
        }
    }

    fn accept<T>(
        &mut self,
        value: &Value,
        name: &str,
        at: Path,
        grammar: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        match grammar(value) {
            Ok(read) => {
                self.doubt_account(value, name, at);
                Some(read)
            }
            Err(wrong) => {
                self.tell(name, at, wrong);
                None
            }
        }
    }

    /// Examples have words where the number of an account belongs.
    fn doubt_account(&mut self, value: &Value, name: &str, at: Path) {
        let Some(arn) = value.as_str().and_then(Arn::parse) else { return };
        if !arn.has_account() {
            let message = format!("{name} is in an account whose number is not one of 12 digits");
            self.problems.push(
                Diagnostic::warning("ecs::account", message)
                    .at(at, "")
                    .help("put the number of your account into the fifth part of the ARN"),
            );
        }
    }

    fn tell(&mut self, name: &str, at: Path, wrong: Wrong) {
        let message = format!("{name} {}", wrong.is);
        let place = match wrong.key {
            None => Place::Path(at),
            Some(steps) => Place::Key(at.steps().iter().cloned().chain(steps).collect()),
        };
        self.problems.push(Diagnostic::error(CODE, message).at(place, "").help(wrong.help));
    }
}

fn mapping(value: &Value) -> Read<IndexMap<String, Value>> {
    value.as_map().cloned().ok_or_else(|| {
        let is = format!("must be a mapping, not {}", kind(value));
        Wrong::new(is, "write `name: value` below it, indented")
    })
}
