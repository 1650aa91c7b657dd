//! What stands where it does by its indentation alone: sections of the file that
//! are indented too deep, and keys that are not deep enough.

use indexmap::IndexSet;

use super::table::SERVICE;
use super::{Object, Others, PROJECT, help};
use crate::diagnostic::Diagnostic;
use crate::load::problem::nearest;
use crate::source::Span;
use crate::tree::{Kind, Map, Node, Text};

/// Names under `services` that are no services, and the one problem that they are.
pub(super) struct Misplaced {
    pub(super) names: IndexSet<Text>,
    /// Where they stand.
    pub(super) places: Vec<Span>,
    /// The services that they are keys of, if they are.
    pub(super) owners: Vec<Text>,
    pub(super) problem: Diagnostic,
}

/// What is misplaced under `services`.
pub(super) fn misplaced(services: &mut Map) -> Vec<Misplaced> {
    let keys = keys(services);
    let is_other = |name: &Text| keys.as_ref().is_none_or(|keys| !keys.names.contains(name));
    let sections: Vec<Misplaced> = sections(services, is_other).collect();
    sections.into_iter().chain(keys).collect()
}

/// `volumes:` at the end of a file, in the column of the services.
fn sections(services: &Map, is_other: impl Fn(&Text) -> bool) -> impl Iterator<Item = Misplaced> {
    let is_section = move |(name, value): &(&Text, &Node)| {
        let fits = PROJECT.rule(name).is_some_and(|rule| rule.admits(value) || value.is_null());
        fits && !is_service(value) && is_other(name)
    };
    services.iter().filter(is_section).map(|(name, value)| {
        let message = format!("`{name}` is a section of the file, and stands among the services");
        let problem = Diagnostic::error("compose::misplaced", message)
            .at(value.key, "")
            .help(format!("move `{name}:` to the first column, and what is below it with it"));
        let names = IndexSet::from([name.clone()]);
        Misplaced { names, places: vec![value.key], owners: Vec::new(), problem }
    })
}

/// Whether all that is known of a value is what a service has.
fn is_service(value: &Node) -> bool {
    let Some(map) = value.as_map() else { return false };
    let known = map.keys().any(|key| SERVICE.rule(key).is_some());
    help::looks_like_service(value)
        || known
            && map.iter().all(|(key, value)| {
                key.starts_with("x-") || SERVICE.rule(key).is_some_and(|rule| rule.admits(value))
            })
}

/// `image: nginx` in the column of the service's name.
fn keys(services: &mut Map) -> Option<Misplaced> {
    let is_value = |(name, value): (&Text, &Node)| {
        let fits = SERVICE.rule(name).is_some_and(|rule| rule.admits(value));
        fits && !value.is_null() && value.as_map().is_none()
    };
    // A mapping alone could be a service.
    services.iter().find(|entry| is_value(*entry))?;
    let is_key = |(name, value): &(&Text, &Node)| {
        let fits = SERVICE.rule(name).is_some_and(|rule| rule.admits(value));
        fits && !value.is_null() && !help::looks_like_service(value)
    };
    let keys = services.iter().filter(is_key);
    let (names, places): (IndexSet<Text>, Vec<Span>) =
        keys.map(|(name, value)| (name.clone(), value.key)).unzip();
    let owners = emptied(services);
    let first = services.get_index_of(names.first()?)?;
    let above = services[..first].keys().next_back();
    let problem = not_deep_enough(&names, &owners, above);
    let problem = places.iter().fold(problem, |problem, at| problem.at(*at, ""));
    Some(Misplaced { names, places, owners, problem })
}

/// The services that have nothing because their keys are elsewhere; that they
/// have nothing is not to be told.
pub(super) fn emptied(services: &mut Map) -> Vec<Text> {
    let empty =
        |(name, value): &(&Text, &mut Node)| value.is_null() && PROJECT.rule(name).is_none();
    let emptied = services.iter_mut().filter(empty).map(|(name, value)| {
        value.kind = Kind::Map(Box::default());
        name.clone()
    });
    emptied.collect()
}

fn quoted(names: &IndexSet<Text>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn not_deep_enough(names: &IndexSet<Text>, owners: &[Text], above: Option<&Text>) -> Diagnostic {
    let names = quoted(names);
    let (under, help) = match (owners, above) {
        ([], Some(above)) => (
            "the name of a service".to_owned(),
            format!("if it belongs to `{above}`, indent it like the other keys of `{above}`"),
        ),
        ([], None) => (
            "the name of a service".to_owned(),
            "write a name above, such as `app:`, and indent what belongs to it deeper".to_owned(),
        ),
        ([name], _) => (
            format!("the service `{name}`"),
            format!("indent what belongs to `{name}` deeper than `{name}:`"),
        ),
        ([..], _) => (
            "the name of a service".to_owned(),
            "indent what belongs to a service deeper than its name".to_owned(),
        ),
    };
    Diagnostic::error("compose::misplaced", format!("{names} must stand under {under}")).help(help)
}

/// Keys that have no home in a mapping, where the key above them has no value:
/// `environment:` with its variables in its own column.
pub(super) fn orphans(map: &Map, object: &Object) -> Vec<Misplaced> {
    let mut found = Vec::new();
    let mut entries = map.iter().peekable();
    while let Some((owner, value)) = entries.next() {
        let Some(home) = object.rule(owner).filter(|_| value.is_null()).and_then(|rule| rule.map)
        else {
            continue;
        };
        let (mut names, mut places) = (IndexSet::new(), Vec::new());
        while let Some((name, value)) = entries.next_if(|(name, value)| {
            let is_unknown = object.rule(name).is_none() && !name.starts_with("x-");
            is_unknown && home.takes(name, value) && !is_slip(name, object)
        }) {
            names.insert(name.clone());
            places.push(value.key);
        }
        if !names.is_empty() {
            let problem = beside(&names, owner, &places);
            names.insert(owner.clone());
            found.push(Misplaced { names, places, owners: Vec::new(), problem });
        }
    }
    found
}

/// Whether a name is a key of the mapping with a slip of the finger. Variables,
/// which have names such as `PORT`, are not.
fn is_slip(name: &str, object: &Object) -> bool {
    !name.contains(|c: char| c.is_ascii_uppercase()) && nearest(name, object.names()).is_some()
}

fn beside(names: &IndexSet<Text>, owner: &str, places: &[Span]) -> Diagnostic {
    let message = format!("{} must stand under `{owner}`", quoted(names));
    let problem = Diagnostic::error("compose::misplaced", message)
        .help(format!("indent what belongs to `{owner}` deeper than `{owner}:`"));
    places.iter().fold(problem, |problem, at| problem.at(*at, ""))
}

impl Object {
    /// Whether a key with such a value may be in the mapping.
    fn takes(&self, name: &str, value: &Node) -> bool {
        match (self.rule(name), &self.others) {
            (Some(rule), _) => rule.admits(value),
            (None, Others::Chosen { rule, names, .. }) => names.allow(name) && rule.admits(value),
            (None, Others::Extensions | Others::None | Others::Any) => false,
        }
    }
}
