//! What a plan must not show: it is printed, and many may read the logs of a pipeline.
//!
//! Docker's own tool wrote secrets into templates, so what a stack was made from may
//! hold what ours only refers to.

use serde_json::Value as Json;

use crate::template;

/// What is shown in place of a secret.
pub(super) const HIDDEN: &str = "(not shown)";

/// Shorter ones are in too many words that are none.
const TELLING: usize = 4;

/// What makes a name one of a secret, in small letters and without what joins words.
const WITHIN: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secretstring",
    "authtoken",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "credential",
];
const AT_THE_END: [&str; 3] = ["secret", "token", "pass"];

/// Ends of names of what is about a secret, and is none.
const ABOUT: [&str; 6] = ["file", "path", "arn", "name", "length", "credentialsparameter"];

/// What is secret in two templates.
#[derive(Debug)]
pub(super) struct Concealment<'a> {
    parameters: Vec<&'a str>,
    values: Vec<&'a str>,
}

impl<'a> Concealment<'a> {
    /// Parameters say themselves that they are secret; the values are those that are
    /// known to be.
    pub(super) fn of(templates: [&'a Json; 2], values: &[&'a str]) -> Self {
        let parameters = templates.into_iter().flat_map(template::secret_parameters).collect();
        let values = values.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect();
        Self { parameters, values }
    }

    /// Whether what stands there, or what takes its place, is a parameter that is secret.
    pub(super) fn is_given(&self, value: &Json) -> bool {
        match value {
            Json::Object(entries) => entries.iter().any(|(key, value)| match value.as_str() {
                Some(name) if key == "Ref" => self.parameters.contains(&name),
                Some(text) if key == "Fn::Sub" => self.is_substituted(text),
                Some(_) | None => self.is_given(value),
            }),
            // The text of a `Fn::Sub` with variables of its own stands in a list.
            Json::Array(items) => items.iter().any(|it| self.is_given(it)),
            Json::String(text) => self.is_substituted(text),
            Json::Null | Json::Bool(_) | Json::Number(_) => false,
        }
    }

    fn is_substituted(&self, text: &str) -> bool {
        self.parameters.iter().any(|name| text.contains(&format!("${{{name}}}")))
    }

    /// A value without what is secret in it.
    pub(super) fn veil(&self, value: &Json) -> Json {
        match value {
            Json::Object(entries) => {
                let is_secret = is_named_secret(value);
                let veil = |(key, value): (&String, &Json)| {
                    let is_secret = is_secret_name(key) || is_secret && key == "Value";
                    (key.clone(), if is_secret { hide(value) } else { self.veil(value) })
                };
                Json::Object(entries.iter().map(veil).collect())
            }
            Json::Array(items) => Json::Array(items.iter().map(|it| self.veil(it)).collect()),
            Json::String(text) if self.is_known(text) || has_credentials(text) => HIDDEN.into(),
            Json::Number(number) if self.is_known(&number.to_string()) => HIDDEN.into(),
            Json::String(_) | Json::Number(_) | Json::Bool(_) | Json::Null => value.clone(),
        }
    }

    fn is_known(&self, text: &str) -> bool {
        let is_in = |it: &&str| text.trim() == *it || it.len() >= TELLING && text.contains(*it);
        self.values.iter().any(is_in)
    }
}

/// What is left of a secret: where it comes from, if that is told instead of the value.
pub(super) fn hide(value: &Json) -> Json {
    let is_told = match value {
        Json::Object(entries) => {
            entries.len() == 1 && ["Ref", "Fn::GetAtt"].iter().any(|it| entries.contains_key(*it))
        }
        // A switch is no secret, whatever it is called.
        Json::Bool(_) | Json::Null => true,
        Json::String(_) | Json::Number(_) | Json::Array(_) => false,
    };
    if is_told { value.clone() } else { HIDDEN.into() }
}

/// Whether something has a name of a secret beside its value, as a variable has.
pub(super) fn is_named_secret(item: &Json) -> bool {
    let names = ["Name", "Key"].into_iter().filter_map(|key| item[key].as_str());
    names.into_iter().any(is_secret_name)
}

/// Whether what is called so is secret: `MasterUserPassword`, `API_KEY`
pub(super) fn is_secret_name(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|it| it.to_ascii_lowercase()).collect();
    let is_about = ABOUT.iter().any(|end| name.ends_with(end));
    !is_about
        && (WITHIN.iter().any(|part| name.contains(part))
            || AT_THE_END.iter().any(|end| name.ends_with(end)))
}

/// Whether a text is, or has in it, what somebody logs in with: `--password=…`,
/// `redis://:…@cache`, a private key.
fn has_credentials(text: &str) -> bool {
    let parts = || text.split(|it: char| it.is_whitespace() || "&?;,\"'".contains(it));
    let is_set = |part: &str| {
        let setting = part.split_once('=').filter(|(_, value)| !value.is_empty());
        setting.is_some_and(|(name, _)| is_secret_name(name))
    };
    let has_user = |part: &str| {
        let authority = part.split_once("://").map(|(_, rest)| rest.split('/').next());
        let user = authority.flatten().and_then(|it| it.rsplit_once('@'));
        user.is_some_and(|(user, _)| user.contains(':'))
    };
    text.contains("PRIVATE KEY-----") || parts().any(|it| is_set(it) || has_user(it))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_tell_what_is_secret() {
        let secret = "SecretString MasterUserPassword AuthToken DB_PASSWORD api-key MYSQL_PASS \
                      client_secret AWS_SECRET_ACCESS_KEY spring.datasource.password";
        let open = "Secrets SecretArn PASSWORD_FILE Image Name ValueFrom SecretName \
                    MinimumPasswordLength RepositoryCredentials.CredentialsParameter";
        for name in secret.split_whitespace() {
            assert!(is_secret_name(name), "{name}");
        }
        for name in open.split_whitespace() {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn texts_tell_what_somebody_logs_in_with() {
        let cases = [
            ("postgres://shop:hunter2@db/shop", true),
            ("redis://:hunter2@cache:6379", true),
            ("redis-server --requirepass=x --password=hunter2", true),
            ("https://shop.example/?token=abc", true),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc", true),
            ("postgres://db:5432/shop", false),
            ("https://user@shop.example/a:b@c", false),
            ("nginx:1@sha256:0123", false),
            ("--password-file=/run/secrets/db", false),
        ];
        for (text, expected) in cases {
            assert_eq!(has_credentials(text), expected, "{text}");
        }
    }

    #[test]
    fn a_veil_lets_through_what_is_no_secret() {
        let template = json!({"Parameters": {"Token": {"NoEcho": "true"}, "Size": {}}});
        let concealment = Concealment::of([&template, &Json::Null], &["hunter2\n", "7"]);
        let cases = [
            (
                json!({"Name": "DB_PASSWORD", "Value": "x"}),
                json!({"Name": "DB_PASSWORD", "Value": HIDDEN}),
            ),
            (
                json!({"Variables": {"API_KEY": "x", "A": "y"}}),
                json!({"Variables": {"API_KEY": HIDDEN, "A": "y"}}),
            ),
            (json!({"Password": {"Ref": "Token"}}), json!({"Password": {"Ref": "Token"}})),
            (json!({"Password": {"Fn::Sub": "x${Size}"}}), json!({"Password": HIDDEN})),
            (json!({"ManageMasterUserPassword": true}), json!({"ManageMasterUserPassword": true})),
            (json!(["say hunter2", 7, 77, "17"]), json!([HIDDEN, HIDDEN, 77, "17"])),
        ];
        for (value, expected) in cases {
            assert_eq!(concealment.veil(&value), expected);
        }
        assert!(concealment.is_given(&json!({"Fn::Join": ["", ["a", {"Ref": "Token"}]]})));
        assert!(concealment.is_given(&json!({"Fn::Sub": ["${Token}${A}", {"A": "1"}]})));
        assert!(!concealment.is_given(&json!({"Ref": "Size"})));
    }
}
