//! What a stack shall be like, and what that is called.

use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use crate::stack::OnFailure;

/// What a stack shall be like.
#[derive(Clone)]
pub struct StackRequest {
    /// The stack's name.
    pub stack: String,
    /// The text of the template.
    pub template: String,
    /// The values of its parameters, secrets among them: so it has no `Debug`.
    pub parameters: IndexMap<String, ParameterValue>,
    /// Its tags.
    pub tags: IndexMap<String, String>,
    /// The role that CloudFormation works as, if not the caller's own.
    pub role: Option<String>,
    /// What happens when it fails.
    pub on_failure: OnFailure,
}

/// The value of a parameter.
#[derive(Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// This one.
    Known(String),
    /// The one that the stack has.
    Previous,
}

/// What requests of ours are called, so that they are known for ours.
const PREFIX: &str = "ecs-cli-";

/// What identifies a request by its content: two runs that want the same have the
/// same. It is told to whoever may read the stack's events, so it knows nothing of the
/// values of secrets, not even their hashes, which could be tried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl StackRequest {
    /// What identifies it, if the template has these parameters whose values are secret.
    pub fn fingerprint(&self, secret: &[&str]) -> Fingerprint {
        let Self { stack, template, parameters, tags, role, on_failure } = self;
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        add(stack);
        add(template);
        for (name, value) in sorted(parameters) {
            add(name);
            match value {
                ParameterValue::Known(_) if secret.contains(&name.as_str()) => add("secret"),
                ParameterValue::Known(value) => {
                    add("known");
                    add(value);
                }
                ParameterValue::Previous => add("previous"),
            }
        }
        for (key, value) in sorted(tags) {
            add(key);
            add(value);
        }
        add(role.as_deref().unwrap_or_default());
        add(&format!("{on_failure:?}"));
        let bytes = hash.finalize();
        Fingerprint(bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

/// By their names: the order in which somebody typed them means nothing.
fn sorted<T>(entries: &IndexMap<String, T>) -> Vec<(&String, &T)> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    sorted
}

impl Fingerprint {
    /// The name of a change set for it.
    pub fn change_set(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    /// The name of one attempt at it: another for each, since AWS does nothing the
    /// second time that it hears the same.
    pub fn token(&self, attempt: u64) -> String {
        format!("{PREFIX}{}-{attempt:x}", self.0)
    }

    /// Whether a token is that of an attempt at the same.
    pub fn made(&self, token: &str) -> bool {
        token.strip_prefix(&self.change_set()).is_some_and(|rest| rest.starts_with('-'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs<T>(pairs: &[(&str, &str)], value: impl Fn(String) -> T) -> IndexMap<String, T> {
        pairs.iter().map(|(name, it)| ((*name).to_owned(), value((*it).to_owned()))).collect()
    }

    fn request(template: &str, parameters: &[(&str, &str)], tags: &[(&str, &str)]) -> StackRequest {
        StackRequest {
            stack: "shop".to_owned(),
            template: template.to_owned(),
            parameters: pairs(parameters, ParameterValue::Known),
            tags: pairs(tags, |it| it),
            role: None,
            on_failure: OnFailure::Rollback,
        }
    }

    /// Of a request with these parameters, of which `Token` is secret.
    fn fingerprint(parameters: &[(&str, &str)]) -> Fingerprint {
        request("a", parameters, &[]).fingerprint(&["Token"])
    }

    #[test]
    fn attempts_at_the_same_are_known_by_their_tokens() {
        let [one, other] = ["a", "b"].map(|it| request(it, &[], &[]).fingerprint(&[]));
        assert_ne!(one.token(1), one.token(2));
        assert!(one.made(&one.token(1)) && !one.made(&other.token(1)) && !one.made("deploy-1"));
    }

    #[test]
    fn a_fingerprint_tells_nothing_of_secrets() {
        assert_eq!(fingerprint(&[("Token", "x")]), fingerprint(&[("Token", "y")]));
        assert_ne!(fingerprint(&[("Token", "x")]), fingerprint(&[]));
    }

    #[test]
    fn another_image_is_another_request() {
        let image = |tag: &str| fingerprint(&[("Image", tag), ("Token", "x")]);
        assert_eq!(image("web:1"), image("web:1"));
        assert_ne!(image("web:1"), image("web:2"));
    }

    #[test]
    fn the_order_of_options_means_nothing() {
        let (one, two) = (("A", "1"), ("B", "2"));
        assert_eq!(fingerprint(&[one, two]), fingerprint(&[two, one]));
        let [there, back] = [[one, two], [two, one]].map(|it| request("a", &[], &it));
        assert_eq!(there.fingerprint(&[]), back.fingerprint(&[]));
    }
}
