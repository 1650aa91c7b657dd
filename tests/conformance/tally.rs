//! Counts what agrees, and knows what need not.

use std::collections::BTreeMap;

use crate::corpus::corpus;

/// `name: reason`, one a line.
const DIFFERENCES: &str = include_str!("../differences.txt");

/// How many cases agree.
pub(crate) struct Tally {
    what: &'static str,
    unit: &'static str,
    agree: usize,
    on_purpose: usize,
    wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn new(what: &'static str, unit: &'static str) -> Self {
        Self { what, unit, agree: 0, on_purpose: 0, wrong: Vec::new() }
    }

    /// Counts one case: that it agrees, or how it does not.
    pub(crate) fn count(&mut self, name: &str, agreement: Result<(), String>) {
        match (agreement, differences().contains_key(name)) {
            (Ok(()), false) => self.agree += 1,
            (Err(_), true) => self.on_purpose += 1,
            (Err(difference), false) => self.wrong.push(format!("{name}: {difference}")),
            (Ok(()), true) => {
                self.wrong.push(format!("{name} agrees: remove it from differences.txt"));
            }
        }
    }

    /// What is wrong whatever the list says.
    pub(crate) fn wrong(&mut self, name: &str, what: &str) {
        self.wrong.push(format!("{name}: {what}"));
    }

    /// Says how many agree, and what else there is to say.
    pub(crate) fn finish(self, more: &str) {
        let Self { what, unit, agree, on_purpose, wrong } = self;
        let all = agree + on_purpose + wrong.len();
        say(&format!(
            "{what}: {agree} of {all} {unit} agree, {on_purpose} differ on purpose{more}"
        ));
        assert!(all > 0, "{what}: there is nothing to compare");
        assert!(wrong.is_empty(), "{what}: {} do not\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Which cases differ on purpose, and why.
pub(crate) fn differences() -> BTreeMap<&'static str, &'static str> {
    let lines = DIFFERENCES.lines().map(str::trim);
    let entries = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entries = entries.map(|line| line.split_once(": ").expect("an entry is `name: reason`"));
    entries.collect()
}

#[test]
fn every_difference_is_one_of_the_corpus() {
    let differences = differences();
    let Some(corpus) = corpus() else { return };
    let names = corpus.names();
    let unknown: Vec<_> = differences.keys().filter(|name| !names.contains(**name)).collect();
    assert!(unknown.is_empty(), "differences.txt has what the corpus has not: {unknown:?}");
}

/// Shows a line next to the results of the tests.
#[expect(clippy::print_stdout, reason = "the harness shows what tests print")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
