//! What the answer to a key is made of.

use compose_model::Element;

/// The answer to one key.
#[derive(Debug)]
pub(super) struct Row {
    /// Where the key stands: `*` is any name, `[]` any item.
    pub(super) key: &'static str,
    /// What becomes of it.
    pub(super) answer: Answer,
    /// Values that have another answer, the first that fits.
    pub(super) cases: &'static [(Values, Answer)],
    /// Whether the answer is that to all keys below, too.
    pub(super) whole: bool,
    /// Whether it is told from here. If not, lowering tells, or it is told at
    /// another key.
    pub(super) told: bool,
}

/// What becomes of a key.
#[derive(Debug)]
pub(super) enum Answer {
    /// This does the same.
    Mapped(&'static str),
    /// This does nearly the same; lowering says where it differs.
    Adapted(&'static str),
    /// Nothing, and the application runs all the same.
    NoEffect(Why),
    /// Nothing, and the application would not be what its author thinks.
    Refused(Why),
}

/// A reason.
#[derive(Debug)]
pub(super) struct Why {
    /// A clause: `ECS has no …`
    pub(super) why: &'static str,
    /// What to type instead; may be nothing.
    pub(super) instead: &'static str,
}

/// Values that have an answer of their own.
#[derive(Debug)]
pub(super) enum Values {
    /// A flag that is on or off, as YAML of any age writes it.
    Flag(bool),
    /// One of these, written large or small.
    Are(&'static [&'static str]),
    /// What begins with one of these; a list, if one of its items does.
    Begin(&'static [&'static str]),
    /// What Compose adds of itself, as for `links`.
    Implied,
    /// The key of the resource itself; a list, if all of its items are that.
    Owner,
}

/// A limit that is none.
pub(super) const NO_LIMIT: Values = Values::Are(&["0", "-1"]);

/// A key that ECS has something for.
pub(super) const fn mapped(key: &'static str, to: &'static str) -> Row {
    Row { key, answer: Answer::Mapped(to), cases: &[], whole: false, told: true }
}

/// A key that lowering adapts, and tells how.
pub(super) const fn adapted(key: &'static str, to: &'static str) -> Row {
    Row { key, answer: Answer::Adapted(to), cases: &[], whole: false, told: false }
}

/// A key whose value is passed over, with a warning.
pub(super) const fn no_effect(key: &'static str, why: &'static str) -> Row {
    let answer = Answer::NoEffect(Why { why, instead: "" });
    Row { key, answer, cases: &[], whole: false, told: true }
}

/// A key that is an error.
pub(super) const fn refused(key: &'static str, why: &'static str, instead: &'static str) -> Row {
    let answer = Answer::Refused(Why { why, instead });
    Row { key, answer, cases: &[], whole: false, told: true }
}

impl Row {
    /// Says what to type instead of a key without effect.
    pub(super) const fn instead(mut self, instead: &'static str) -> Self {
        if let Answer::NoEffect(why) | Answer::Refused(why) = &mut self.answer {
            why.instead = instead;
        }
        self
    }

    /// The same answer for all keys below.
    pub(super) const fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Leaves the telling to lowering, or to the row of another key.
    pub(super) const fn told_elsewhere(mut self) -> Self {
        self.told = false;
        self
    }

    /// Other answers for some values.
    pub(super) const fn but(mut self, cases: &'static [(Values, Answer)]) -> Self {
        self.cases = cases;
        self
    }

    /// The key as its author knows it.
    pub(super) fn name(&self) -> &'static str {
        self.key.rsplit('.').next().unwrap_or(self.key)
    }

    /// The answer for a value of the key, and the value that it depends on.
    pub(super) fn answer(
        &self,
        value: Element<'_>,
        home: Home<'_>,
    ) -> (&Answer, Option<&'static str>) {
        for (values, answer) in self.cases {
            match values.find(value, home) {
                Found::Nothing => {}
                Found::Word(word) => return (answer, Some(word)),
                Found::Some => return (answer, None),
            }
        }
        (&self.answer, None)
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'d> {
    /// The mapping that it is in.
    pub(super) parent: Element<'d>,
    /// The name of the resource that it is in.
    pub(super) owner: &'d str,
}

/// Whether a value is among some.
enum Found {
    Nothing,
    /// It is this one.
    Word(&'static str),
    Some,
}

impl Values {
    fn find(&self, value: Element<'_>, home: Home<'_>) -> Found {
        let text = value.text();
        match self {
            Self::Flag(on) => {
                let words: [&str; 4] =
                    if *on { ["true", "yes", "on", "y"] } else { ["false", "no", "off", "n"] };
                let is = |word: &&str| {
                    text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
                };
                if words.iter().any(is) { Found::Some } else { Found::Nothing }
            }
            Self::Are(words) => {
                let is = |word: &&&str| {
                    text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
                };
                words.iter().find(is).map_or(Found::Nothing, |word| Found::Word(word))
            }
            Self::Begin(starts) => {
                let begins = |value: Element<'_>| {
                    let text = value.text();
                    starts
                        .iter()
                        .any(|start| text.as_deref().is_some_and(|text| text.starts_with(start)))
                };
                if begins(value) || value.items().any(begins) {
                    Found::Some
                } else {
                    Found::Nothing
                }
            }
            // What is added stands where that is written for which it is added.
            Self::Implied if value.key() == home.parent.key() => Found::Some,
            Self::Implied => Found::Nothing,
            Self::Owner => {
                let is_owner = |value: Element<'_>| value.text().as_deref() == Some(home.owner);
                let mut items = value.items().peekable();
                let all = items.peek().is_some() && items.all(is_owner);
                if all || is_owner(value) { Found::Some } else { Found::Nothing }
            }
        }
    }

    /// The values in words, for the documentation.
    pub(super) fn describe(&self) -> String {
        let quoted = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        };
        match self {
            Self::Flag(on) => format!("`{on}`"),
            Self::Are(words) => quoted(words),
            Self::Begin(starts) => quoted(starts).replace(":`", ":…`"),
            Self::Implied => "added for another key".to_owned(),
            Self::Owner => "the service's own name".to_owned(),
        }
    }
}
