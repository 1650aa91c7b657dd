//! Holds a tree against the table, and says what does not fit.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "YAML gets no more kinds of value, and each place is about a few of them"
)]

use super::{List, Names, Number, Object, Others, PROJECT, Rule, Words};
use indexmap::{IndexMap, IndexSet};

use super::help::{self, Meant};
use super::misplaced::{Misplaced, emptied, misplaced, orphans};
use crate::diagnostic::{Diagnostic, Place};
use crate::load::damage::Damage;
use crate::load::problem::{bad_key, forget_keys, used_here};
use crate::source::Span;
use crate::tree::{Kind, Node, Text, Trail};

/// Tells what does not fit and takes it out of the tree, so that later phases
/// see only values of the right kind.
///
pub(crate) fn check(root: &mut Node, damage: &mut Damage, problems: &mut Vec<Diagnostic>) {
    let keys = problems.iter().filter_map(bad_key).collect();
    let mut checker = Checker { keys, damage, problems };
    checker.strays(root);
    checker.spaces(root);
    checker.map(root, &PROJECT, &Trail::ROOT);
}

struct Checker<'p> {
    /// Where keys stand of which it has been told that they are not even text.
    keys: IndexSet<Span>,
    damage: &'p mut Damage,
    problems: &'p mut Vec<Diagnostic>,
}

impl Checker<'_> {
    /// Services where `services:` is missing above them, or empty.
    fn strays(&mut self, root: &mut Node) {
        let Some(map) = root.as_map_mut() else { return };
        if map.get("services").is_some_and(|services| !services.is_null()) {
            return;
        }
        let is_stray = |key: &str, value: &Node| {
            PROJECT.rule(key).is_none() && !key.starts_with("x-") && help::looks_like_service(value)
        };
        let strays = map.iter().filter(|(key, value)| is_stray(key, value));
        let (names, places): (Vec<_>, Vec<Span>) =
            strays.map(|(key, value)| (format!("`{key}`"), value.key)).unzip();
        if names.is_empty() {
            return;
        }
        let help = match map.shift_remove("services") {
            Some(_) => "indent the services deeper than `services:`",
            None => "write `services:` above, and indent what is below it",
        };
        map.retain(|key, value| !is_stray(key, value));
        self.damage.everywhere();
        let message = format!("{} must stand under `services`", names.join(", "));
        let problem = Diagnostic::error("compose::unknown-key", message).help(help);
        self.problems.push(places.into_iter().fold(problem, |problem, at| problem.at(at, "")));
    }

    /// Lines that are indented with spaces that are none to YAML. Each begins a key
    /// of the file, and what it belongs to is left empty.
    fn spaces(&mut self, root: &mut Node) {
        let Some(map) = root.as_map_mut() else { return };
        let is_spaced = |key: &str| key.starts_with(|c: char| c.is_whitespace());
        let places: Vec<Span> =
            map.iter().filter(|(key, _)| is_spaced(key)).map(|(_, value)| value.key).collect();
        if places.is_empty() {
            return;
        }
        map.retain(|key, _| !is_spaced(key));
        map.retain(|_, value| !value.is_null());
        let services = map.get_mut("services").and_then(Node::as_map_mut);
        for owner in services.map(emptied).unwrap_or_default() {
            self.damage.resource("services", &owner);
        }
        self.damage.everywhere();
        let message = "a line is indented with spaces that YAML does not know";
        let problem = Diagnostic::error("yaml::space", message)
            .help("type ordinary spaces: these may come from a web page");
        self.problems.push(places.iter().fold(problem, |problem, at| problem.at(*at, "")));
    }

    /// What stands under `services` and is no service.
    fn misplaced(&mut self, services: &mut Node) {
        let Some(services) = services.as_map_mut() else { return };
        for Misplaced { names, places, owners, problem } in misplaced(services) {
            services.retain(|name, _| !names.contains(name));
            // Keys of two services are only one key, twice.
            self.problems.retain(|problem| again(problem).is_none_or(|at| !places.contains(&at)));
            self.problems.push(problem);
            owners.iter().for_each(|owner| self.damage.resource("services", owner));
            names.iter().for_each(|name| self.damage.section(name));
        }
    }

    /// Keys that stand beside the key that they belong to.
    fn orphans(&mut self, node: &mut Node, object: &Object, at: &Trail<'_>) {
        let Some(map) = node.as_map_mut() else { return };
        for Misplaced { names, problem, .. } in orphans(map, object) {
            map.retain(|name, _| !names.contains(name));
            names.iter().for_each(|name| self.damage.section(name));
            self.refuse(at, problem);
        }
    }

    /// Whether a value fits. One that does not is of no use to later phases.
    fn value(&mut self, node: &mut Node, rule: &Rule, at: &Trail<'_>) -> bool {
        match &mut node.kind {
            Kind::Null if rule.null => true,
            Kind::Bool(_) if rule.boolean => true,
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) if rule.number.is_some() => {
                self.finite(node, at) && self.number(node, rule, at)
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

    /// Whether all numbers in a value of any kind can be printed as JSON.
    fn finite(&mut self, node: &Node, at: &Trail<'_>) -> bool {
        match &node.kind {
            Kind::Float(value) if !value.is_finite() => {
                let text = help::special_number(*value);
                let message = format!("{} must be a finite number, not `{text}`", place(at));
                let help = format!("write a number, or for a text `\"{text}\"`");
                let problem = Diagnostic::error("compose::value", message).at(node.span, "");
                self.refuse(at, used_here(problem.help(help), node))
            }
            Kind::List(items) => {
                items.iter().enumerate().all(|(index, item)| self.finite(item, &at.index(index)))
            }
            Kind::Map(map) => map.iter().all(|(key, value)| self.finite(value, &at.key(key))),
            _ => true,
        }
    }

    fn number(&mut self, node: &Node, rule: &Rule, at: &Trail<'_>) -> bool {
        let value = match node.kind {
            Kind::Int(value) => value as f64,
            Kind::Uint(value) => value as f64,
            Kind::Float(value) => value,
            _ => return true,
        };
        let (expected, help) = match rule.number {
            Some(Number::Whole) if value.fract() != 0.0 => {
                ("a whole number".to_owned(), format!("write `{}`", value.round()))
            }
            Some(Number::From(least)) if value.fract() != 0.0 || value < least as f64 => (
                format!("a whole number of at least {least}"),
                format!("write `{}`", value.round().max(least as f64)),
            ),
            Some(Number::Between(least, most))
                if value.fract() != 0.0 || value < least as f64 || value > most as f64 =>
            {
                let near = value.round().clamp(least as f64, most as f64);
                let expected = format!("a whole number between {least} and {most}");
                (expected, format!("write `{near}`, or another one between"))
            }
            _ => return true,
        };
        let message = format!("{} must be {expected}", place(at));
        let problem = Diagnostic::error("compose::value", message).at(node.span, "").help(help);
        self.refuse(at, used_here(problem, node))
    }

    fn string(&mut self, node: &Node, rule: &Rule, at: &Trail<'_>) -> bool {
        let text = node.as_str().unwrap_or_default();
        let (expected, help) = match rule.string {
            Some(Words::OneOf(words)) if !words.contains(&text) => {
                (one_of(words), help::word(text, words))
            }
            Some(Words::Matching { expected, test, help }) if !test(text) => {
                (expected.to_owned(), help(text))
            }
            _ => return true,
        };
        let message = format!("{} must be {expected}, not `{text}`", place(at));
        let problem = Diagnostic::error("compose::value", message).at(node.span, "").help(help);
        self.refuse(at, used_here(problem, node))
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
        // Long lists of scalars are compared by their hashes.
        let mut texts: IndexMap<(&str, Text), &Node> = IndexMap::new();
        let long = items.len() > 16;
        for (index, item) in items.iter().enumerate() {
            let earlier = match item.scalar_text().filter(|_| long) {
                Some(text) => texts.insert((item.kind_name(), text), item),
                None => items[..index].iter().find(|earlier| item.same_value(earlier)),
            };
            let Some(earlier) = earlier else { continue };
            self.refuse(
                at,
                Diagnostic::error(
                    "compose::duplicate-item",
                    format!("{} lists one value twice", place(at)),
                )
                .at(item.span, "again here")
                .at(earlier.span, "first here")
                .help("remove one of the two"),
            );
        }
    }

    fn map(&mut self, node: &mut Node, object: &'static Object, at: &Trail<'_>) -> bool {
        let span = node.key;
        if at.matches(&["services"]) {
            self.misplaced(node);
        }
        self.orphans(node, object, at);
        let Some(map) = node.as_map_mut() else { return self.wrong_kind(node, &OBJECT, at) };
        let missing = object.required.iter().filter(|key| !map.contains_key(**key));
        // One that is mistyped is there, and is told where it stands.
        let mistyped = help::mistyped(map, object);
        for key in missing.filter(|_| !mistyped) {
            self.refuse(
                at,
                Diagnostic::error(
                    "compose::missing-key",
                    format!("{} needs the key `{key}`", place(at)),
                )
                .at(span, format!("has no `{key}`"))
                .help(help::missing_key(key, object)),
            );
        }
        let broken = object.required.iter().any(|key| !map.contains_key(*key));
        let before = map.len();
        map.retain(|key, value| {
            let inside = at.key(key);
            let fits = match (object.rule(key), object.others) {
                (Some(rule), _) => self.value(value, rule, &inside),
                (None, Others::Any) => self.finite(value, &inside),
                (None, Others::Extensions) if key.starts_with("x-") => self.finite(value, &inside),
                (None, Others::Extensions | Others::None) => {
                    self.unknown_key(key, value, object, at)
                }
                (None, Others::Chosen { names, rule, .. }) if names.allow(key) => {
                    if self.keys.contains(&value.key) {
                        self.damage.at(&inside);
                    }
                    self.value(value, rule, &inside)
                }
                (None, Others::Chosen { open: true, .. }) => self.finite(value, &inside),
                (None, Others::Chosen { names, rule, .. }) => {
                    self.bad_name(key, value, names, at);
                    self.value(value, rule, &inside);
                    false
                }
            };
            if !fits && matches!(object.others, Others::Chosen { .. }) {
                // The name stays known: nothing shall be said to be undefined for this.
                value.kind = Kind::Null;
                return true;
            }
            fits
        });
        // What an item lacks now is not missed either.
        let is_item = at.last().is_none() && at.parent().is_some();
        let lost = is_item && map.len() < before;
        !broken && !lost
    }

    fn unknown_key(
        &mut self,
        key: &str,
        value: &Node,
        object: &'static Object,
        at: &Trail<'_>,
    ) -> bool {
        if self.keys.contains(&value.key) {
            self.damage.at(at);
            return false;
        }
        let message = match at.last() {
            None if at.parent().is_none() => format!("a Compose file has no key `{key}`"),
            _ => format!("{} has no key `{key}`", place(at)),
        };
        let meant = help::unknown_key(key, value, object, at);
        if let (Some(Meant::Key(known)), None) = (&meant, at.parent()) {
            self.damage.section(known);
        }
        let problem = Diagnostic::error("compose::unknown-key", message).at(value.key, "");
        self.refuse(
            at,
            match meant {
                Some(meant) => problem.help(meant.to_string()),
                None => problem,
            },
        )
    }

    fn bad_name(&mut self, key: &str, value: &Node, names: Names, at: &Trail<'_>) {
        if self.keys.contains(&value.key) {
            return;
        }
        let form = match names {
            Names::Resource => "use letters, digits, `.`, `_` and `-`",
            Names::Lowercase => "use lower-case letters",
            Names::Any => "use at least one character",
        };
        let problem = Diagnostic::error(
            "compose::name",
            format!("`{key}` cannot be a name under {}", place(at)),
        );
        if let Some(help) = help::not_a_key(key) {
            self.refuse(&at.key(key), problem.at(value.key, "").help(help));
            return;
        }
        let help = match help::valid_name(key).filter(|_| names == Names::Resource) {
            Some(name) => format!("{form}, as in `{name}`"),
            None => form.to_owned(),
        };
        self.refuse(&at.key(key), problem.at(value.key, "").help(help));
    }

    fn wrong_kind(&mut self, node: &Node, rule: &Rule, at: &Trail<'_>) -> bool {
        forget_keys(node, self.problems);
        let message = match node.kind {
            Kind::Null => format!("{} has no value", place(at)),
            _ => format!("{} must be {}, not {}", place(at), kinds(rule), node.kind_name()),
        };
        let remark = if node.is_null() { "" } else { node.kind_name() };
        let problem = Diagnostic::error("compose::type", message).at(node.span, remark);
        let problem = used_here(problem, node);
        self.refuse(
            at,
            match help::wrong_kind(node, rule, at) {
                Some(help) => problem.help(help),
                None => problem,
            },
        )
    }

    fn refuse(&mut self, at: &Trail<'_>, problem: Diagnostic) -> bool {
        self.damage.at(at);
        self.problems.push(problem);
        false
    }
}

/// The key that a problem is about, if that is there already.
fn again(problem: &Diagnostic) -> Option<Span> {
    match problem.labels.first()?.place {
        Place::Span(span) if problem.code == "yaml::duplicate-key" => Some(span),
        Place::Span(_) | Place::Path(_) | Place::Key(_) => None,
    }
}

/// A place in words. What number an item has is of no use after merging.
fn place(at: &Trail<'_>) -> String {
    match (at.parent(), at.last()) {
        (None, _) => "a Compose file".to_owned(),
        (Some(list), None) => format!("an item of `{}`", list.path()),
        (Some(_), Some(_)) => format!("`{}`", at.path()),
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
