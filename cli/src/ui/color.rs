//! Whether to use colours.
//!
//! <https://no-color.org> and <https://bixense.com/clicolors>

use compose_model::Environment;

use crate::project_args::When;

/// Whether to use colours on a stream: what was typed counts most, then what
/// the environment forbids, then what it forces.
pub(super) fn wanted(when: When, environment: &Environment, terminal: bool) -> bool {
    let set = |name| environment.get(name).is_some_and(|value| !value.is_empty() && value != "0");
    let is = |name, value| environment.get(name).is_some_and(|it| it == value);
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if environment.get("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        When::Auto if set("CLICOLOR_FORCE") => true,
        When::Auto => terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_counts_most() {
        let cases = [
            (When::Auto, "", true, true),
            (When::Auto, "", false, false),
            (When::Auto, "NO_COLOR=1", true, false),
            (When::Auto, "NO_COLOR=", true, true),
            (When::Auto, "CLICOLOR_FORCE=1", false, true),
            (When::Auto, "CLICOLOR_FORCE=0", false, false),
            (When::Auto, "CLICOLOR_FORCE=1 NO_COLOR=1", true, false),
            (When::Auto, "CLICOLOR=0", true, false),
            (When::Auto, "TERM=dumb", true, false),
            (When::Always, "NO_COLOR=1", false, true),
            (When::Never, "CLICOLOR_FORCE=1", true, false),
        ];
        for (when, environment, terminal, expected) in cases {
            let variables: Environment = environment
                .split(' ')
                .filter_map(|variable| variable.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            assert_eq!(wanted(when, &variables, terminal), expected, "{when:?} {environment:?}");
        }
    }
}
