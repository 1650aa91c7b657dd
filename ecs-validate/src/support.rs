//! The answer to every key of Compose.
//!
//! One table ([`table`]) says of each key what ECS makes of it. Here it is held
//! against a project, and whatever has no effect or cannot be done is told.
//! Where lowering knows more than a table can, it tells, and the row only documents.

mod answer;
mod place;
mod reference;
mod table;
#[cfg(test)]
mod tests;

use compose_model::{Diagnostic, Element, Loaded, Path, Project, Step};
use indexmap::IndexSet;

use crate::extensions;
use answer::{Answer, Home, Row, Why};
use place::Place;
pub use reference::compose_support;

/// Tells of every key that has no effect or cannot be done, and of every
/// `x-aws-*` key that is not known where it stands.
pub(crate) fn check(loaded: &Loaded, problems: &mut Vec<Diagnostic>) {
    let Some(root) = loaded.document.element() else { return };
    let project = &loaded.project;
    let mut walk = Walk { project, used: Used::by(project), steps: Vec::new(), problems };
    walk.visit(root, Place::root());
    for (key, at) in loaded.document.left_out().filter(|(key, _)| extensions::is_ours(key)) {
        let message = format!("`{key}` of an included file has no effect");
        let problem = Diagnostic::warning("ecs::included-key", message).at(at, "");
        problems.push(problem.help("write it at the top level of the file that includes this one"));
    }
}

/// A walk over the merged tree, side by side with one over all known places.
struct Walk<'w> {
    project: &'w Project,
    used: Used<'w>,
    /// From the root to where the walk is.
    steps: Vec<At<'w>>,
    problems: &'w mut Vec<Diagnostic>,
}

/// Networks and configs that a service has. Docker makes no others, either.
struct Used<'w> {
    networks: IndexSet<&'w str>,
    configs: IndexSet<&'w str>,
}

impl<'w> Used<'w> {
    fn by(project: &'w Project) -> Self {
        let services = project.services.values();
        let networks = services.clone().flat_map(|service| service.networks.keys());
        let configs = services.flat_map(|service| &service.configs);
        Self {
            networks: networks.map(String::as_str).collect(),
            configs: configs.filter_map(|config| config.source.as_deref()).collect(),
        }
    }
}

/// One step, which costs nothing until something is wrong.
#[derive(Debug, Clone, Copy)]
enum At<'w> {
    Key(&'w str),
    Item(usize),
}

impl<'w> Walk<'w> {
    fn visit(&mut self, element: Element<'w>, place: &'static Place) {
        // Most values are scalars, or mappings whose keys are the author's own.
        if place.is_leaf() {
            return;
        }
        for (key, value) in element.entries() {
            self.steps.push(At::Key(key));
            if let Some(named) = place.named(key) {
                self.answer(value, element, named);
                self.visit(value, named);
            } else if let Some(chosen) = place.chosen() {
                if self.is_used() {
                    self.visit(value, chosen);
                } else if matches!(self.steps[..], [At::Key("networks"), _]) {
                    self.strays(value, chosen);
                }
            } else if extensions::is_ours(key) && place.has_keys() {
                self.stray(key, value, place);
            }
            self.steps.pop();
        }
        let Some(item) = place.item() else { return };
        for (index, value) in element.items().enumerate() {
            self.steps.push(At::Item(index));
            self.visit(value, item);
            self.steps.pop();
        }
    }

    /// Whether anything becomes of the resource that the walk is at. Volumes and
    /// secrets are made whether they are used or not.
    fn is_used(&self) -> bool {
        match self.steps[..] {
            [At::Key("services"), At::Key(name)] => self.project.services.contains_key(name),
            [At::Key("networks"), At::Key(name)] => self.used.networks.contains(name),
            [At::Key("configs"), At::Key(name)] => self.used.configs.contains(name),
            _ => true,
        }
    }

    fn answer(&mut self, value: Element<'w>, parent: Element<'w>, place: &'static Place) {
        let Some(row) = place.row() else { return };
        if !row.told || value.is_empty() {
            return;
        }
        let (answer, case) = row.answer(value, Home { parent, owner: self.owner() });
        if let Some(problem) = problem(row, answer, case) {
            self.problems.push(problem.at(self.path(), ""));
        }
    }

    /// The name of the resource that the walk is in.
    fn owner(&self) -> &'w str {
        match self.steps[..] {
            [_, At::Key(name), ..] => name,
            _ => "",
        }
    }

    /// Keys that are mistyped, in what nothing else is told of.
    fn strays(&mut self, element: Element<'w>, place: &'static Place) {
        for (key, value) in element.entries().filter(|(key, _)| extensions::is_ours(key)) {
            self.stray(key, value, place);
        }
    }

    fn stray(&mut self, key: &str, value: Element<'w>, place: &'static Place) {
        if let Some(problem) = extensions::stray(key, place.level()) {
            self.problems.push(problem.at(value.key(), ""));
        }
    }

    fn path(&self) -> Path {
        let step = |at: &At<'_>| match at {
            At::Key(key) => Step::Key((*key).to_owned()),
            At::Item(index) => Step::Index(*index),
        };
        self.steps.iter().map(step).collect()
    }
}

/// What an answer has to tell, if anything.
fn problem(row: &Row, answer: &Answer, case: Option<&str>) -> Option<Diagnostic> {
    let name = match case {
        Some(value) => format!("`{}: {value}`", row.name()),
        None => format!("`{}`", row.name()),
    };
    let (problem, Why { why: _, instead }) = match answer {
        Answer::Mapped(_) | Answer::Adapted(_) => return None,
        Answer::NoEffect(why) => {
            let message = format!("{name} has no effect on ECS: {}", why.why);
            (Diagnostic::warning("ecs::no-effect", message), why)
        }
        Answer::Refused(why) => {
            let message = format!("{name} is not possible on ECS: {}", why.why);
            (Diagnostic::error("ecs::unsupported", message), why)
        }
    };
    Some(if instead.is_empty() { problem } else { problem.help(*instead) })
}
