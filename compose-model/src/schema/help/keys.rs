//! What to type instead of a key that is not known, or for one that is missing.

use std::fmt;

use super::QUOTED_MERGE_KEY;
use crate::load::problem::nearest;
use crate::schema::{Object, Others, PROJECT, Rule, Words};
use crate::tree::{Kind, Map, Node, Trail};

/// What the author of an unknown key had in mind.
pub(in crate::schema) enum Meant {
    /// A key that is known here.
    Key(&'static str),
    /// Something else, as a sentence.
    Other(String),
}

impl fmt::Display for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "did you mean `{key}`?"),
            Self::Other(sentence) => f.write_str(sentence),
        }
    }
}

/// How to add a key that must be there.
pub(in crate::schema) fn missing_key(key: &str, object: &Object) -> String {
    match object.rule(key).and_then(|rule| rule.string) {
        Some(Words::OneOf([word, others @ ..])) => match others {
            [] => format!("add `{key}: {word}`"),
            others => format!("add `{key}: {word}`, or one of `{}`", others.join("`, `")),
        },
        _ if key == "capabilities" => "add `capabilities: [gpu]`".to_owned(),
        _ => format!("add `{key}: …`"),
    }
}

/// Whether a key that must be there is, with a slip of the finger.
pub(in crate::schema) fn mistyped(map: &Map, object: &Object) -> bool {
    let mut unknown = map.keys().filter(|key| object.rule(key).is_none());
    let missing = |key: &str| object.required.contains(&key) && !map.contains_key(key);
    unknown.any(|key| nearest(key, object.names()).is_some_and(missing))
}

/// A name without what names cannot have.
pub(in crate::schema) fn valid_name(name: &str) -> Option<String> {
    let valid = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let mapped: String = name.chars().map(valid).collect();
    let trimmed = mapped.trim_matches('-');
    (name.is_ascii() && !trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// What is to be typed for a text that was never meant to be a key.
pub(in crate::schema) fn not_a_key(key: &str) -> Option<&'static str> {
    if key.starts_with("//") {
        return Some("begin comments with `#`");
    }
    let is_spaced = key.starts_with(|c: char| c.is_whitespace());
    is_spaced.then_some("type ordinary spaces before it: this is another kind of space")
}

/// What a key that is not known was meant to be.
pub(in crate::schema) fn unknown_key(
    key: &str,
    value: &Node,
    object: &'static Object,
    at: &Trail<'_>,
) -> Option<Meant> {
    if key == "<<" {
        return Some(Meant::Other(QUOTED_MERGE_KEY.to_owned()));
    }
    if let Some(help) = not_a_key(key) {
        return Some(Meant::Other(help.to_owned()));
    }
    if let Some(known) = synonym(key, value, at) {
        return Some(Meant::Key(known));
    }
    if let Some(homes) =
        children_with(key, object).filter(|_| !at.matches(&[]) && !at.matches(&["services", "*"]))
    {
        return Some(Meant::Other(format!("`{key}` belongs under {homes}")));
    }
    for list in ["secrets", "configs"] {
        let item = at.matches(&["services", "*", list, "[]"]);
        if item && matches!(key, "file" | "environment" | "content" | "external") {
            let help = format!("`{key}` belongs under `{list}` at the top level of the file");
            return Some(Meant::Other(help));
        }
    }
    if let Some((home, _)) = home_of(key, at).filter(|(_, rule)| rule.admits(value)) {
        return Some(Meant::Other(format!("`{key}` belongs {home}")));
    }
    if let Some(known) = nearest(key, object.names()) {
        return Some(Meant::Key(known));
    }
    if at.matches(&[]) && looks_like_service(value) {
        let help = format!("a service belongs under `services`: indent `{key}` below it");
        return Some(Meant::Other(help));
    }
    if let Some((home, _)) = home_of(key, at) {
        return Some(Meant::Other(format!("`{key}` belongs {home}")));
    }
    if at.matches(&["services", "*"]) && looks_like_service(value) {
        let help = format!("a service stands directly under `services`: indent `{key}` less");
        return Some(Meant::Other(help));
    }
    matches!(object.others, Others::Extensions)
        .then(|| Meant::Other("keys of your own begin with `x-`".to_owned()))
}

pub(in crate::schema) fn looks_like_service(value: &Node) -> bool {
    value.get("image").is_some() || value.get("build").is_some()
}

/// The mappings one or two levels below one that have a key, if they are few.
fn children_with(key: &str, object: &Object) -> Option<String> {
    let homes: Vec<String> = object.homes_of(key).into_iter().map(|(home, _)| home).collect();
    let few = matches!(homes.len(), 1..=2) && !COMMON.contains(&key);
    few.then(|| format!("`{}`", homes.join("` or `")))
}

/// Other names that people know for keys of a service.
fn synonym(key: &str, value: &Node, at: &Trail<'_>) -> Option<&'static str> {
    let service = at.matches(&["services", "*"]);
    let item = |list| at.matches(&["services", "*", list, "[]"]);
    let (mount, file) = (item("volumes"), item("secrets") || item("configs"));
    Some(match key {
        "env" | "env_vars" | "variables" if service => "environment",
        "cmd" | "args" | "run" | "exec" if service => "command",
        "network" if service => "networks",
        "mount" | "mounts" if service => "volumes",
        "hosts" if service => "extra_hosts",
        "restart_policy" | "restart-policy" if service && value.as_str().is_some() => "restart",
        "name" if service => "container_name",
        "memory" | "mem" | "memory_limit" if service => "mem_limit",
        "cpu" | "cpu_limit" if service => "cpus",
        "workdir" | "cwd" if service => "working_dir",
        "mem" => "memory",
        "name" if file => "source",
        "src" if mount || file => "source",
        "dst" | "dest" | "destination" | "path" if mount || file => "target",
        _ => return None,
    })
}

/// Where a key that stands in the wrong mapping belongs, and what it means there.
fn home_of(key: &str, at: &Trail<'_>) -> Option<(String, &'static Rule)> {
    let service = PROJECT.chosen("services")?;
    if at.matches(&["services", "*"]) {
        if COMMON.contains(&key) {
            return None;
        }
        if let [(home, rule)] = &service.homes_of(key)[..] {
            return Some((format!("under `{home}`"), rule));
        }
        let top = PROJECT.rule(key)?;
        return Some(("at the top level of the file: indent it less".to_owned(), top));
    }
    let rule = service.rule(key)?;
    let place =
        if at.matches(&[]) { "in a service" } else { "to the service itself: indent it less" };
    Some((place.to_owned(), rule))
}

/// Keys of so many mappings that none of them is their home.
const COMMON: [&str; 6] = ["name", "type", "target", "source", "path", "driver"];

impl Rule {
    /// Whether a value is of a kind that the rule allows.
    pub(in crate::schema) fn admits(&self, value: &Node) -> bool {
        match &value.kind {
            Kind::Null => self.null,
            Kind::Bool(_) => self.boolean,
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => self.number.is_some(),
            Kind::String(_) | Kind::Time(_) => self.string.is_some(),
            Kind::List(_) => self.list.is_some(),
            Kind::Map(_) => self.map.is_some(),
        }
    }
}

impl Object {
    /// The mapping behind the names that users choose under a key.
    fn chosen(&self, key: &str) -> Option<&'static Self> {
        match self.rule(key)?.map?.others {
            Others::Chosen { rule, .. } => rule.map,
            Others::Extensions | Others::None | Others::Any => None,
        }
    }

    /// The mappings one or two levels below this one that have a key.
    fn homes_of(&self, key: &str) -> Vec<(String, &'static Rule)> {
        let mut homes = Vec::new();
        for (outer, map) in self.mappings() {
            homes.extend(map.rule(key).map(|rule| (outer.to_owned(), rule)));
            for (inner, map) in map.mappings() {
                homes.extend(map.rule(key).map(|rule| (format!("{outer}.{inner}"), rule)));
            }
        }
        homes
    }

    /// A few keys that show what the mapping is for.
    pub(super) fn usual_names(&self) -> impl Iterator<Item = &'static str> {
        let service = ["image", "build", "command", "environment", "ports"];
        let is_service = service.iter().all(|key| self.rule(key).is_some());
        let first = self.names().filter(move |name| !is_service || service.contains(name));
        first.take(5)
    }

    fn mappings(&self) -> impl Iterator<Item = (&'static str, &'static Self)> {
        self.keys.iter().filter_map(|(name, rule)| {
            let map = rule.map.or_else(|| rule.list.and_then(|list| list.items.map));
            Some((*name, map?))
        })
    }
}
