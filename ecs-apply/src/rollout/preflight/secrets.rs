//! Values that nobody should be able to read in a task definition. Only their names
//! are ever told.

use crate::rollout::definition::Definition;

/// Ends of names whose values are secrets.
const NAMES: [&str; 8] =
    ["PASSWORD", "PASSWD", "SECRET", "SECRET_KEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "TOKEN"];

/// Where values are that look like secrets, and the names of their variables.
pub(super) fn in_the_open(definition: &Definition) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (number, container) in definition.containers().iter().enumerate() {
        let variables = container["environment"].as_array().into_iter().flatten();
        for (place, variable) in variables.enumerate() {
            let name = variable["name"].as_str().unwrap_or_default();
            let value = variable["value"].as_str().unwrap_or_default();
            if looks_secret(name, value) {
                let at = format!("$.containerDefinitions[{number}].environment[{place}]");
                found.push((at, name.to_owned()));
            }
        }
    }
    found
}

fn looks_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // A file's name, a number or a switch is none, whatever it is called.
    let is_plain = value.is_empty()
        || value.starts_with('/')
        || value.starts_with("arn:")
        || value.parse::<f64>().is_ok()
        || ["true", "false"].contains(&value.to_ascii_lowercase().as_str());
    let is_named = NAMES.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")));
    is_named && !is_plain || is_key(value)
}

/// What can be told by looking at it.
fn is_key(value: &str) -> bool {
    let is_access_key = value.len() == 20
        && ["AKIA", "ASIA"].iter().any(|begin| value.starts_with(begin))
        && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_access_key || value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----")
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn secrets_are_known_by_their_names_or_by_their_looks() {
        let cases = [
            ("DB_PASSWORD", "hunter2", true),
            ("password", "hunter2", true),
            ("GITHUB_TOKEN", "x", true),
            ("DB_PASSWORD", "", false),
            ("DB_PASSWORD_FILE", "/run/secrets/db", false),
            ("DB_PASSWORD", "/run/secrets/db", false),
            ("USE_TOKEN", "true", false),
            ("TOKENS", "5", false),
            ("X", "AKIAIOSFODNN7EXAMPLE", true),
            ("X", "AKIAIOSFODNN7EXAMPL", false),
            ("X", "-----BEGIN RSA PRIVATE KEY-----\nabc", true),
            ("X", "-----BEGIN CERTIFICATE-----\nabc", false),
            ("PATH", "/usr/bin", false),
        ];
        for (name, value, secret) in cases {
            assert_eq!(looks_secret(name, value), secret, "{name}");
        }
    }
}
