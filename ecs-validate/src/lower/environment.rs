//! `environment`, with what the env files hold, to variables of a container.

use compose_model::service::Variables;
use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use crate::context::Context;
use crate::service::SecretVariable;

/// Variables that have a value. The others would come from the machine that the
/// container runs on, which has none of them.
pub(super) fn environment(variables: &Variables) -> IndexMap<String, String> {
    let set = variables.0.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    super::part::sorted(set)
}

/// ECS refuses a variable that has a value and a secret.
pub(super) fn twice(
    environment: &IndexMap<String, String>,
    secrets: &[SecretVariable],
    at: &Path,
    cx: &mut Context<'_>,
) {
    for secret in secrets.iter().filter(|secret| environment.contains_key(&secret.name)) {
        let name = &secret.name;
        let (place, section) = match cx.document.entry(&at.key("environment"), name) {
            Some(place) => (place, "`environment`"),
            None => (at.key("env_file"), "the env file"),
        };
        cx.report(
            Diagnostic::error("ecs::variable-twice", format!("`{name}` is set and is a secret"))
                .at(at.key("x-aws-secrets").key(name.as_str()), "a secret here")
                .at(place, "set here")
                .help(format!("remove `{name}` from {section}")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, container};

    #[test]
    fn variables_are_sorted_and_those_without_a_value_dropped() {
        let container = container("environment: {ZONE: a, EMPTY: '', UNSET: , COUNT: 3}");
        let variables: Vec<_> = container.environment.into_iter().collect();
        let expected = [("COUNT", "3"), ("EMPTY", ""), ("ZONE", "a")];
        assert_eq!(variables, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_variable_is_a_value_or_a_secret() {
        check(
            "
services:
  web:
    image: nginx
    environment:
      TOKEN: abc
#            ^^^ set here
    x-aws-secrets:
      TOKEN: token
#            ^^^^^ error: `TOKEN` is set and is a secret
#            help: remove `TOKEN` from `environment`
secrets:
  token:
    environment: TOKEN
",
        );
    }
}
