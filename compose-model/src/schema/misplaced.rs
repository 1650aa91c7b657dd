//! What stands under `services` by its indentation alone: sections of the file
//! that are indented too deep, and keys of a service that are not deep enough.

use indexmap::IndexSet;

use super::table::SERVICE;
use super::{PROJECT, help};
use crate::diagnostic::Diagnostic;
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
    let problem = not_deep_enough(&names, &owners);
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

fn not_deep_enough(names: &IndexSet<Text>, owners: &[Text]) -> Diagnostic {
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (under, help) = match owners {
        [] => (
            "the name of a service".to_owned(),
            "write a name above, such as `app:`, and indent what belongs to it deeper".to_owned(),
        ),
        [name] => (
            format!("the service `{name}`"),
            format!("indent what belongs to `{name}` deeper than `{name}:`"),
        ),
        [..] => (
            "the name of a service".to_owned(),
            "indent what belongs to a service deeper than its name".to_owned(),
        ),
    };
    Diagnostic::error("compose::misplaced", format!("{names} must stand under {under}")).help(help)
}
