//! One project uses every key that ECS can do something with, and one every key
//! that it cannot: a new key of the specification has to be shown in one of them.

#[expect(dead_code, reason = "other tests use the rest")]
mod folders;

use std::path::Path;

use serde_yaml::Value;

#[test]
fn one_project_uses_every_key_that_is_not_refused() {
    let used = files("templates/everything", &["compose.yaml", "included.yaml"]);
    let missing = unused(&used, |key| !is_refused(key));
    assert_eq!(missing, [""; 0], "add them to tests/templates/everything");
}

#[test]
fn one_project_uses_every_key_that_is_refused() {
    let used = files("unfit/everything", &["compose.yaml"]);
    let missing = unused(&used, is_refused);
    assert_eq!(missing, [""; 0], "add them to tests/unfit/everything");
}

/// Files of a project as they are written, before anything is merged.
fn files(folder: &str, names: &[&str]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(folder);
    let parse = |name: &&str| {
        serde_yaml::from_str(&folders::text(&folder, name)).expect("it is YAML of today's rules")
    };
    names.iter().map(parse).collect()
}

fn unused(used: &[Value], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let keys = compose_model::schema::keys().into_iter();
    let mut keys: Vec<String> = keys.filter(|key| wanted(key)).collect();
    keys.retain(|key| !used.iter().any(|file| has(file, &steps(key))));
    keys
}

/// `ports[].target` as `ports`, `[]` and `target`.
fn steps(key: &str) -> Vec<&str> {
    let step = |step: &'static str| step;
    key.split('.')
        .flat_map(|part| match part.strip_suffix("[]") {
            Some(name) => [Some(name), Some(step("[]"))],
            None => [Some(part), None],
        })
        .flatten()
        .collect()
}

fn has(value: &Value, steps: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return true };
    match (value, *step) {
        (Value::Mapping(map), "*") => map.values().any(|value| has(value, rest)),
        (Value::Sequence(items), "[]") => items.iter().any(|item| has(item, rest)),
        (Value::Mapping(map), name) => map.get(name).is_some_and(|value| has(value, rest)),
        _ => false,
    }
}

/// What the page for users says of a key, or of the first one above it whose row
/// stands for all below.
fn is_refused(key: &str) -> bool {
    let page = ecs_validate::compose_support();
    page.lines().any(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (Some(name), Some("refused")) = (cells.next(), cells.next()) else { return false };
        let (name, below) = match name.strip_suffix(" …") {
            Some(name) => (name, true),
            None => (name, false),
        };
        // A row about one value, as ``` `ipc`: `host` ```, is not about the key.
        let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) else {
            return false;
        };
        let full = [name.to_owned(), format!("services.*.{name}")];
        full.iter().any(|row| key == row || below && is_below(key, row))
    })
}

fn is_below(key: &str, row: &str) -> bool {
    key.strip_prefix(row).is_some_and(|rest| rest.starts_with(['.', '[']))
}
