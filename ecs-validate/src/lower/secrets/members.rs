//! Keys that `x-aws-keys` asks for and that a secret does not have. Its value may be
//! another one when it is deployed, so that nothing is refused.

use compose_model::{Diagnostic, Path, Secret, nearest};

use super::value_of;
use crate::context::Context;
use crate::service::SecretKeys;

/// Tells of keys that the value of a secret lacks. `at` is the place of the secret.
pub(super) fn tell_of_missing(
    name: &str,
    secret: &Secret,
    keys: &SecretKeys,
    at: &Path,
    cx: &mut Context<'_>,
) {
    let wanted = match keys {
        SecretKeys::Whole => return,
        SecretKeys::All => &Vec::new(),
        SecretKeys::Some(keys) => keys,
    };
    let files = &cx.facts.files;
    let (Some(members), Some((_, from))) = (files.members.get(name), value_of(secret, cx)) else {
        return;
    };
    let at = at.key("x-aws-keys");
    let Some(members) = members else {
        cx.report(no_object(&from).at(at, "a task that needs its keys ends before it starts"));
        return;
    };
    let is_list = secret.extensions.get("x-aws-keys").is_some_and(|keys| keys.as_list().is_some());
    for (index, key) in wanted.iter().enumerate().filter(|(_, key)| !members.contains(key)) {
        let at = if is_list { at.index(index) } else { at.clone() };
        let near = nearest(key, members.iter().map(String::as_str));
        let problem = missing(key, &from, near);
        cx.report(problem.at(at, "a task that needs it ends before it starts"));
    }
}

fn no_object(from: &str) -> Diagnostic {
    let message = format!("{from} holds no JSON object, whose keys could be files");
    Diagnostic::warning("ecs::secret-keys", message)
        .help("remove `x-aws-keys` for one file as it is, or write an object: `{\"user\": \"…\"}`")
}

/// Nobody is shown more of a secret than what they almost wrote.
fn missing(key: &str, from: &str, near: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::warning("ecs::secret-keys", format!("{from} has no key `{key}`"));
    match near {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("add it there, or remove it here"),
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::testing::check_with;

    #[test]
    fn keys_that_a_secret_lacks_are_told() {
        let mut facts = Facts::none();
        let members = || Some(vec!["user".to_owned(), "password".to_owned()]);
        for (name, members) in
            [("db", members()), ("one", members()), ("all", members()), ("text", None)]
        {
            facts.files.members.insert(name.to_owned(), members);
        }
        check_with(
            &facts,
            "
services:
  web: {image: nginx, secrets: [db, one, all, text, unknown]}
secrets:
  db:
    environment: DB
    x-aws-keys:
      - user
      - pasword
#       ^^^^^^^ warning: the variable `DB` has no key `pasword`
#       help: did you mean `password`?
      - host
#       ^^^^ warning: the variable `DB` has no key `host`
#       help: add it there, or remove it here
  one:
    environment: ONE
    x-aws-keys: usr
#               ^^^ warning: the variable `ONE` has no key `usr`
#               help: did you mean `user`?
  all: {environment: ALL, x-aws-keys: '*'}
  text:
    environment: TEXT
    x-aws-keys: '*'
#               ^^^ warning: the variable `TEXT` holds no JSON object, whose keys could be files
#               help: remove `x-aws-keys` for one file as it is, or write an object: `{\"user\": \"…\"}`
  unknown: {environment: UNKNOWN, x-aws-keys: [user]}
",
        );
    }
}
