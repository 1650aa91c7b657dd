//! One mistake that comes to many places of a project: a file may be read twice,
//! and an anchor or a base may bring it to many services.

use indexmap::map::{Entry, IndexMap};
use indexmap::set::IndexSet;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::document::Document;
use crate::path::Path;
use crate::source::Span;

/// What a mistake has in common wherever it comes to: places in the files, and what
/// to type there.
type Mistake<'p> = (Severity, &'static str, Vec<Option<Span>>, &'p str);

/// The problem that a mistake was first told by, and all that was said of its
/// element.
type Told<'p> = IndexMap<Mistake<'p>, (&'p Diagnostic, IndexSet<&'p str>)>;

impl Document {
    /// Keeps the first of problems that are one mistake.
    pub fn tell_each_once(&self, problems: &mut Vec<Diagnostic>) {
        let mut told = Told::new();
        let new: Vec<bool> =
            problems.iter().map(|problem| self.is_new(problem, &mut told)).collect();
        let mut new = new.into_iter();
        problems.retain(|_| new.next().unwrap_or(true));
    }

    /// Messages differ by the names of the services that a mistake comes to. Of one
    /// element, different messages tell different things.
    fn is_new<'p>(&self, problem: &'p Diagnostic, told: &mut Told<'p>) -> bool {
        let message = problem.message.as_str();
        match told.entry(self.mistake(problem)) {
            Entry::Vacant(entry) => {
                entry.insert((problem, IndexSet::from([message])));
                true
            }
            Entry::Occupied(mut entry) => {
                let (first, messages) = entry.get_mut();
                is_of_one_element(first, problem) && messages.insert(message)
            }
        }
    }

    fn mistake<'p>(&self, problem: &'p Diagnostic) -> Mistake<'p> {
        let rest = match (&problem.labels[..], &problem.help) {
            ([_, ..], Some(help)) => help,
            // Without a place or a help the message alone tells it from others.
            _ => &problem.message,
        };
        let places = problem.labels.iter().map(|label| self.span(&label.place));
        (problem.severity, problem.code, places.collect(), rest)
    }
}

fn is_of_one_element(first: &Diagnostic, problem: &Diagnostic) -> bool {
    path(first).is_some_and(|first| path(problem) == Some(first))
}

fn path(problem: &Diagnostic) -> Option<&Path> {
    match &problem.labels.first()?.place {
        Place::Path(path) | Place::Key(path) => Some(path),
        Place::Span(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::load;
    use crate::request::Request;

    #[test]
    fn a_mistake_is_told_once_and_two_of_one_element_are_two() {
        let text = "
services:
  web: &web
    image: nginx
    user: root
  api: *web
";
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(text.to_owned()),
            ..Request::default()
        };
        let document = load(&request).expect("it is a project").document;
        let problem = |service: &str, what: &str| {
            Diagnostic::warning("test::user", format!("{what} of {service}"))
                .at(Path::root().key("services").key(service).key("user"), "")
                .help("remove it")
        };
        let mut problems = vec![
            problem("web", "name"),
            problem("web", "name"),
            problem("web", "group"),
            problem("api", "name"),
            problem("api", "group"),
        ];
        document.tell_each_once(&mut problems);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["name of web", "group of web"]);
    }
}
