//! `--hash`: tells whether a service must be replaced.

use compose_model::LoadError;
use compose_model::value::Value;
use sha2::{Digest, Sha256};

use super::names;

/// What may change while the container stays: how the image is made and
/// fetched, how many containers there are, and what starts when.
const NOT_HASHED: [&str; 5] = ["build", "pull_policy", "scale", "depends_on", "profiles"];

/// The names of services, each with the SHA-256 of its configuration.
pub(super) fn of(project: &Value, services: &str) -> Result<Vec<(String, String)>, LoadError> {
    let names = match services {
        "*" => names::keys(project, "services").collect(),
        _ => typed(services)?,
    };
    names.into_iter().map(|name| entry(project, name)).collect()
}

/// The names between commas. Scripts that join names leave a comma too many.
fn typed(services: &str) -> Result<Vec<&str>, LoadError> {
    let names = services.split(',').map(str::trim).filter(|name| !name.is_empty());
    match names.collect::<Vec<_>>() {
        names if names.is_empty() => Err(LoadError::Option {
            option: "--hash",
            value: services.to_owned(),
            reason: "names no service".to_owned(),
        }),
        names => Ok(names),
    }
}

fn entry(project: &Value, name: &str) -> Result<(String, String), LoadError> {
    let service = project.get("services").and_then(|services| services.get(name));
    let service = service.ok_or_else(|| names::unknown_service(name, project))?;
    Ok((name.to_owned(), hash(service)))
}

fn hash(service: &Value) -> String {
    let hashed = without(service, &NOT_HASHED, |key, value| match key {
        "deploy" => without(value, &["replicas"], |_, value| value.clone()),
        _ => value.clone(),
    });
    let digest = Sha256::digest(go_json(&hashed));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn without(map: &Value, left_out: &[&str], keep: fn(&str, &Value) -> Value) -> Value {
    let Some(entries) = map.as_map() else { return map.clone() };
    let kept = entries.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
    Value::Map(kept.map(|(key, value)| (key.clone(), keep(key, value))).collect())
}

/// JSON as Go writes it when not told otherwise: safe to put into HTML.
fn go_json(value: &Value) -> String {
    let json = serde_json::to_string(value).expect("a tree with text for keys can be written");
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped += &format!("\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::tests::{map, text as string};
    use super::*;

    #[test]
    fn how_an_image_is_made_and_scaled_does_not_count() {
        let deploy =
            |replicas| map([("mode", string("global")), ("replicas", Value::Int(replicas))]);
        let one = map([
            ("image", string("web")),
            ("build", map([("context", string("."))])),
            ("scale", Value::Int(1)),
            ("deploy", deploy(1)),
        ]);
        let two = map([("image", string("web")), ("deploy", deploy(2))]);
        assert_eq!(hash(&one), hash(&two));
        assert_ne!(hash(&one), hash(&map([("image", string("db"))])));
    }

    #[test]
    fn hashes_are_those_of_go_json() {
        let service = map([("command", string("a && b <c>"))]);
        assert_eq!(go_json(&service), r#"{"command":"a \u0026\u0026 b \u003cc\u003e"}"#);
    }

    #[test]
    fn services_are_those_that_were_named() {
        let services = map([("web", map([])), ("db", map([]))]);
        let project = map([("services", services)]);
        // The SHA-256 of "{}".
        let empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let entry = |name: &str| (name.to_owned(), empty.to_owned());
        assert_eq!(of(&project, "*").unwrap(), [entry("web"), entry("db")]);
        assert_eq!(of(&project, "web").unwrap(), [entry("web")]);
        assert_eq!(of(&project, ",web, ").unwrap(), [entry("web")]);
        let refused = [
            ("web,dc", "there is no service \"dc\""),
            ("", "--hash \"\" names no service"),
            (",", "--hash \",\" names no service"),
        ];
        for (services, expected) in refused {
            assert_eq!(of(&project, services).unwrap_err().to_string(), expected);
        }
    }
}
