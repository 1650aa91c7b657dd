//! Holds a tree against the table, and says what does not fit.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "YAML gets no more kinds of value, and each place is about a few of them"
)]

use super::{List, Names, Number, Object, Others, PROJECT, Rule, Words};
use indexmap::{IndexMap, IndexSet};

use crate::diagnostic::Diagnostic;
use crate::load::problem::nearest;
use crate::tree::{Kind, Map, Node, Trail};

/// Tells what does not fit and takes it out of the tree, so that later phases
/// see only values of the right kind.
///
/// Services that lost something are named in `damaged`: what they lack from now
/// on is no fault of their author.
pub(crate) fn check(
    root: &mut Node,
    damaged: &mut IndexSet<String>,
    problems: &mut Vec<Diagnostic>,
) {
    Checker { damaged, problems }.map(root, &PROJECT, &Trail::ROOT);
}

struct Checker<'p> {
    damaged: &'p mut IndexSet<String>,
    problems: &'p mut Vec<Diagnostic>,
}

impl Checker<'_> {
    /// Whether a value fits. One that does not is of no use to later phases.
    fn value(&mut self, node: &mut Node, rule: &Rule, at: &Trail<'_>) -> bool {
        match &mut node.kind {
            Kind::Null if rule.null => true,
            Kind::Bool(_) if rule.boolean => true,
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) if rule.number.is_some() => {
                self.number(node, rule, at)
            }
            Kind::String(_) if rule.string.is_some() => self.string(node, rule, at),
            // Where a number becomes text, a date does too.
            Kind::Time(_) if rule.number.is_some() && rule.string.is_some() => true,
            Kind::List(_) => match rule.list {
                Some(list) => self.list(node, list, at),
                None => self.wrong_kind(node, rule, at),
            },
            Kind::Map(_) => match rule.map {
                Some(object) => self.map(node, object, at),
                None => self.wrong_kind(node, rule, at),
            },
            _ => self.wrong_kind(node, rule, at),
        }
    }

    fn number(&mut self, node: &Node, rule: &Rule, at: &Trail<'_>) -> bool {
        let value = match node.kind {
            Kind::Int(value) => value as f64,
            Kind::Uint(value) => value as f64,
            Kind::Float(value) => value,
            _ => return true,
        };
        let expected = match rule.number {
            Some(Number::Whole) if value.fract() != 0.0 => "a whole number".to_owned(),
            Some(Number::From(least)) if value.fract() != 0.0 || value < least as f64 => {
                format!("a whole number of at least {least}")
            }
            Some(Number::Between(least, most))
                if value.fract() != 0.0 || value < least as f64 || value > most as f64 =>
            {
                format!("a whole number between {least} and {most}")
            }
            _ => return true,
        };
        let message = format!("`{}` must be {expected}", at.path());
        self.refuse(at, Diagnostic::error("compose::value", message).at(node.span, ""))
    }

    fn string(&mut self, node: &Node, rule: &Rule, at: &Trail<'_>) -> bool {
        let text = node.as_str().unwrap_or_default();
        let (expected, suggestion) = match rule.string {
            Some(Words::OneOf(words)) if !words.contains(&text) => {
                (one_of(words), nearest(text, words.iter().copied()))
            }
            Some(Words::Matching { expected, test }) if !test(text) => (expected.to_owned(), None),
            _ => return true,
        };
        let problem = Diagnostic::error(
            "compose::value",
            format!("`{}` must be {expected}, not `{text}`", at.path()),
        )
        .at(node.span, "");
        self.refuse(
            at,
            match suggestion {
                Some(word) => problem.help(format!("write `{word}`")),
                None => problem,
            },
        )
    }

    fn list(&mut self, node: &mut Node, list: &List, at: &Trail<'_>) -> bool {
        let Some(items) = node.as_list_mut() else { return true };
        if list.unique {
            self.unique(items, at);
        }
        let mut index = 0;
        items.retain_mut(|item| {
            let fits = self.value(item, &list.items, &at.index(index));
            index += 1;
            fits
        });
        true
    }

    fn unique(&mut self, items: &[Node], at: &Trail<'_>) {
        // Long lists of strings are compared by their hashes.
        let mut texts: IndexMap<&str, &Node, foldhash::fast::RandomState> = IndexMap::default();
        let long = items.len() > 16;
        for (index, item) in items.iter().enumerate() {
            let earlier = match item.as_str().filter(|_| long) {
                Some(text) => texts.insert(text, item),
                None => items[..index].iter().find(|earlier| item.same_value(earlier)),
            };
            let Some(earlier) = earlier else { continue };
            self.refuse(
                at,
                Diagnostic::error(
                    "compose::duplicate-item",
                    format!("`{}` lists one value twice", at.path()),
                )
                .at(item.span, "again here")
                .at(earlier.span, "first here")
                .help("remove one of the two"),
            );
        }
    }

    fn map(&mut self, node: &mut Node, object: &'static Object, at: &Trail<'_>) -> bool {
        let span = node.key;
        let Some(map) = node.as_map_mut() else { return self.wrong_kind(node, &OBJECT, at) };
        for key in object.required.iter().filter(|key| !map.contains_key(**key)) {
            self.refuse(
                at,
                Diagnostic::error(
                    "compose::missing-key",
                    format!("`{}` needs the key `{key}`", at.path()),
                )
                .at(span, format!("has no `{key}`"))
                .help(format!("add `{key}: …`")),
            );
        }
        let broken = object.required.iter().any(|key| !map.contains_key(*key));
        map.retain(|key, value| {
            let inside = at.key(key);
            let fits = match (object.rule(key), object.others) {
                (Some(rule), _) => self.value(value, rule, &inside),
                (None, Others::Any) => true,
                (None, Others::Extensions) if key.starts_with("x-") => true,
                (None, Others::Extensions | Others::None) => {
                    self.unknown_key(key, value, object, at)
                }
                (None, Others::Chosen { names, rule, .. }) if names.allow(key) => {
                    self.value(value, rule, &inside)
                }
                (None, Others::Chosen { open, names, .. }) => {
                    open || self.bad_name(key, value, names, at)
                }
            };
            if !fits && matches!(object.others, Others::Chosen { .. }) {
                // The name stays known: nothing shall be said to be undefined for this.
                value.kind = Kind::Null;
                return true;
            }
            fits
        });
        !broken
    }

    fn unknown_key(
        &mut self,
        key: &str,
        value: &Node,
        object: &'static Object,
        at: &Trail<'_>,
    ) -> bool {
        let parent = at.path().to_string();
        let message = match parent.as_str() {
            "" => format!("a Compose file has no key `{key}`"),
            parent => format!("`{parent}` has no key `{key}`"),
        };
        let problem = Diagnostic::error("compose::unknown-key", message).at(value.key, "");
        self.refuse(
            at,
            match unknown_key_help(key, value, object, at) {
                Some(help) => problem.help(help),
                None => problem,
            },
        )
    }

    fn bad_name(&mut self, key: &str, value: &Node, names: Names, at: &Trail<'_>) -> bool {
        let form = match names {
            Names::Resource => "letters, digits, `.`, `_` and `-`",
            Names::Lowercase => "lower-case letters",
            Names::Any => "at least one character",
        };
        self.refuse(
            at,
            Diagnostic::error(
                "compose::name",
                format!("`{key}` is not a name that `{}` can have", at.path()),
            )
            .at(value.key, format!("names consist of {form}")),
        )
    }

    fn wrong_kind(&mut self, node: &Node, rule: &Rule, at: &Trail<'_>) -> bool {
        let path = match at.path().to_string() {
            path if path.is_empty() => "a Compose file".to_owned(),
            path => format!("`{path}`"),
        };
        let message = format!("{path} must be {}, not {}", kinds(rule), node.kind_name());
        let problem = Diagnostic::error("compose::type", message).at(node.span, node.kind_name());
        self.refuse(
            at,
            match wrong_kind_help(node, rule, at) {
                Some(help) => problem.help(help),
                None => problem,
            },
        )
    }

    fn refuse(&mut self, at: &Trail<'_>, problem: Diagnostic) -> bool {
        self.damaged.extend(at.service().map(str::to_owned));
        self.problems.push(problem);
        false
    }
}

const OBJECT: Rule = Rule::NONE.or_map(&PROJECT);

/// The kinds of value that a rule allows, as a list in words.
fn kinds(rule: &Rule) -> String {
    let number = match rule.number {
        Some(Number::Any) => Some("a number"),
        Some(Number::Whole | Number::From(_) | Number::Between(..)) => Some("a whole number"),
        None => None,
    };
    let words = [
        rule.boolean.then_some("a boolean"),
        number,
        rule.string.map(|_| "a string"),
        rule.list.map(|_| "a list"),
        rule.map.map(|_| "a mapping"),
        rule.null.then_some("nothing"),
    ];
    join_or(words.into_iter().flatten().map(str::to_owned).collect())
}

fn one_of(words: &[&str]) -> String {
    join_or(words.iter().map(|word| format!("`{word}`")).collect())
}

fn join_or(mut words: Vec<String>) -> String {
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} or {last}", words.join(", ")),
        None => "absent".to_owned(),
    }
}

fn wrong_kind_help(node: &Node, rule: &Rule, at: &Trail<'_>) -> Option<String> {
    let key = at.last().unwrap_or("key");
    match &node.kind {
        Kind::Null if rule.map.is_some() && rule.list.is_none() => {
            Some(format!("indent what belongs to `{key}` under it, or remove `{key}`"))
        }
        Kind::Null => Some(format!("give `{key}` a value, or remove it")),
        Kind::Map(map) if rule.list.is_some() => sequence_help(key, map),
        Kind::Map(map) if rule.string.is_some() => string_help(map),
        Kind::List(_) if rule.map.is_some() => {
            Some(format!("write `name: …` lines under `{key}`, without `- `"))
        }
        Kind::Time(_) if rule.string.is_some() => {
            Some("put quotes around it: a date without quotes is not text to YAML".to_owned())
        }
        Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) if rule.string.is_some() => {
            Some(format!("put quotes around it: `\"{}\"`", node.scalar_text()?))
        }
        Kind::List(_) | Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_)
            if rule.string.is_none() && rule.list.is_none() =>
        {
            None
        }
        _ if rule.list.is_some() => {
            let text = node.scalar_text()?;
            Some(format!("write a list: `{key}: [\"{text}\"]`, or `- \"{text}\"` on its own line"))
        }
        _ => None,
    }
}

/// `80: 80` where a list of `80:80` was meant.
fn sequence_help(key: &str, map: &Map) -> Option<String> {
    match map.first() {
        Some((name, value)) => match value.scalar_text() {
            Some(value) => Some(format!("write a list: `- \"{name}:{value}\"` under `{key}`")),
            None => Some(format!("put `- ` before each item of `{key}`")),
        },
        None => Some(format!("write `{key}: []`")),
    }
}

/// `image: nginx: latest`, or a value with a stray colon.
fn string_help(map: &Map) -> Option<String> {
    let (name, value) = map.first()?;
    let value = value.scalar_text()?;
    (map.len() == 1).then(|| format!("for the text `{name}: {value}`, put quotes around it"))
}

fn unknown_key_help(key: &str, value: &Node, object: &Object, at: &Trail<'_>) -> Option<String> {
    if let Some(known) = nearest(key, object.names()) {
        return Some(format!("did you mean `{known}`?"));
    }
    if at.matches(&[]) && looks_like_service(value) {
        return Some(format!("a service belongs under `services`: indent `{key}` below it"));
    }
    if let Some(home) = home_of(key, at) {
        return Some(format!("`{key}` belongs {home}"));
    }
    if at.matches(&["services", "*"]) && looks_like_service(value) {
        return Some(format!("a service stands directly under `services`: indent `{key}` less"));
    }
    matches!(object.others, Others::Extensions)
        .then(|| "keys of your own begin with `x-`".to_owned())
}

fn looks_like_service(value: &Node) -> bool {
    value.get("image").is_some() || value.get("build").is_some()
}

/// Where a key that stands in the wrong mapping belongs.
fn home_of(key: &str, at: &Trail<'_>) -> Option<String> {
    let service = PROJECT.chosen("services")?;
    let in_service = at.matches(&["services", "*"]);
    if in_service {
        for (name, rule) in service.keys {
            let map = rule.map.or_else(|| rule.list.and_then(|list| list.items.map));
            if map.is_some_and(|map| map.rule(key).is_some()) && !COMMON.contains(&key) {
                return Some(format!("under `{name}`"));
            }
        }
    }
    if in_service && PROJECT.rule(key).is_some() {
        return Some("at the top level of the file: indent it less".to_owned());
    }
    let outside = service.rule(key).is_some() && !at.matches(&[]);
    if outside {
        return Some("to the service itself: indent it less".to_owned());
    }
    (at.matches(&[]) && service.rule(key).is_some()).then(|| "in a service".to_owned())
}

/// Keys of so many mappings that none of them is their home.
const COMMON: [&str; 5] = ["name", "type", "target", "source", "path"];

impl Object {
    /// The mapping behind the names that users choose under a key.
    fn chosen(&self, key: &str) -> Option<&'static Self> {
        match self.rule(key)?.map?.others {
            Others::Chosen { rule, .. } => rule.map,
            Others::Extensions | Others::None | Others::Any => None,
        }
    }
}
