//! What was given: flags first, then the environment.

use super::grammar::Wrong;
use super::problem::Problem;
use super::variables::{Takes, Variable};

/// As much of a value is repeated when it is wrong.
const LONGEST: usize = 80;

/// Looks a name up.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the program was given.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// What was typed, by the name of the variable that it stands for.
    pub flags: Lookup<'a>,
    /// The environment.
    pub environment: Lookup<'a>,
}

/// Reads values, and remembers what is wrong with them.
pub(super) struct Reader<'a> {
    given: Given<'a>,
    pub(super) problems: Vec<Problem>,
}

/// A value, and where it stands.
struct Found {
    at: String,
    text: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(given: Given<'a>) -> Self {
        Self { given, problems: Vec::new() }
    }

    /// A value as it was given. Scripts set a variable to nothing for not setting it.
    fn find(&self, name: &str) -> Option<Found> {
        let trimmed = |text: String| Some(text.trim().to_owned()).filter(|it| !it.is_empty());
        if let Some(text) = (self.given.flags)(name).and_then(trimmed) {
            let flag = Variable::named(name).and_then(|it| it.flag);
            let at = flag.map_or_else(|| name.to_owned(), |flag| format!("--{flag}"));
            return Some(Found { at, text });
        }
        let text = (self.given.environment)(name).and_then(trimmed)?;
        Some(Found { at: name.to_owned(), text })
    }

    /// Whether a value was typed, and does not come from the environment.
    pub(super) fn is_typed(&self, name: &str) -> bool {
        (self.given.flags)(name).is_some_and(|text| !text.trim().is_empty())
    }

    /// A value that is text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.find(name).map(|found| found.text)
    }

    /// A value, if there is one and it is right.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let found = self.find(name)?;
        match read(&found.text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.problems.push(problem(name, &found, &wrong));
                None
            }
        }
    }

    pub(super) fn add(&mut self, name: &str, message: &str, help: &str) {
        let at = self.find(name).map_or_else(|| name.to_owned(), |found| found.at);
        self.problems.push(Problem::new(&at, message, help));
    }
}

fn problem(name: &str, found: &Found, wrong: &Wrong) -> Problem {
    let message = match shows(name) {
        true => format!("is {:?}, which {}", cut(&without_user(&found.text)), wrong.is),
        false => wrong.is.clone(),
    };
    Problem::new(&found.at, message, &wrong.instead)
}

/// Whether a value may be repeated. Overrides have variables of containers in them.
fn shows(name: &str) -> bool {
    let is_secret = Variable::named(name).is_none_or(|it| it.takes == Takes::Secret);
    !is_secret && name != "ECS_PRE_TASK" && name != "ECS_EXTERNAL_ID"
}

/// An address without whoever asks and their password, which may stand before its host.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(user) => format!("{scheme}://(hidden){}", &rest[user..]),
        None => text.to_owned(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
