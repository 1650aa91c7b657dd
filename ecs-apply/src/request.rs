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
/// same. It knows nothing of the values of parameters, which are secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl StackRequest {
    /// What identifies it.
    pub fn fingerprint(&self) -> Fingerprint {
        let Self { stack, template, parameters, tags, role, on_failure } = self;
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        add(stack);
        add(template);
        parameters.keys().for_each(|name| add(name));
        for (key, value) in tags {
            add(key);
            add(value);
        }
        add(role.as_deref().unwrap_or_default());
        add(&format!("{on_failure:?}"));
        let bytes = hash.finalize();
        Fingerprint(bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
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

    fn request(template: &str, secret: &str) -> StackRequest {
        StackRequest {
            stack: "shop".to_owned(),
            template: template.to_owned(),
            parameters: [("Secret".to_owned(), ParameterValue::Known(secret.to_owned()))].into(),
            tags: IndexMap::new(),
            role: None,
            on_failure: OnFailure::Rollback,
        }
    }

    #[test]
    fn attempts_at_the_same_are_known_by_their_tokens() {
        let (one, other) = (request("a", "x").fingerprint(), request("b", "x").fingerprint());
        assert_ne!(one.token(1), one.token(2));
        assert!(one.made(&one.token(1)) && !one.made(&other.token(1)) && !one.made("deploy-1"));
    }

    #[test]
    fn a_fingerprint_tells_nothing_of_secrets() {
        assert_eq!(request("a", "x").fingerprint(), request("a", "y").fingerprint());
    }
}
