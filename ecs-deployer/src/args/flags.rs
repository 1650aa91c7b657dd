//! Flags that stand for variables of the environment.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::settings::{Takes, VARIABLES, Variable};

/// What was typed, by the name of the variable that it stands for.
#[derive(Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// What was typed for a variable.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// The variables that flags were typed for.
    pub(super) fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        self.0.keys().filter_map(|name| Variable::named(name))
    }

    /// The variable that a flag stands for.
    pub(super) fn variable(flag: &str) -> Option<&'static Variable> {
        VARIABLES.iter().find(|it| it.flag == Some(flag))
    }

    /// All that was typed.
    pub(super) fn all(&self) -> Vec<(&'static str, String)> {
        self.0.iter().map(|(name, value)| (*name, value.clone())).collect()
    }

    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        self.0.insert(name, value.to_owned());
    }

    /// Adds what was typed later, which counts.
    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        VARIABLES.iter().filter_map(arg).fold(command, Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for Variable { name, flag, .. } in VARIABLES.iter().filter(|it| it.flag.is_some()) {
            let typed = flag.and_then(|flag| matches.get_one::<String>(flag));
            self.0.extend(typed.map(|value| (*name, value.clone())));
        }
        Ok(())
    }
}

fn arg(variable: &Variable) -> Option<Arg> {
    let Variable { name, flag, takes, default, meaning, uses: _ } = *variable;
    let flag = flag?;
    let word = match takes {
        Takes::Text(word) => word,
        Takes::Switch | Takes::Secret => "1|0",
    };
    let meaning = meaning.trim_end_matches('.');
    let help = match takes {
        Takes::Text(_) if default == "required" => format!("{meaning} [env: {name}]"),
        Takes::Switch => format!("{meaning} [env: {name}]"),
        Takes::Text(_) | Takes::Secret => format!("{meaning} [env: {name}] [default: {default}]"),
    };
    let arg = Arg::new(flag).long(flag).value_name(word).help(help.replace('`', ""));
    let arg = arg.help_heading("Settings").allow_hyphen_values(takes != Takes::Switch);
    Some(match takes {
        Takes::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("1"),
        Takes::Text(_) | Takes::Secret => arg,
    })
}
