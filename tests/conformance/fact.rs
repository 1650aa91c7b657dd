//! What a test of Docker's loader finds in a project, as Go has it in memory.

use std::collections::BTreeSet;

use compose_model::value::Duration;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::difference::same_number;

/// What a test of Docker's loader finds at one place.
#[derive(Deserialize)]
pub(crate) struct Fact {
    path: Vec<Value>,
    op: String,
    value: Value,
}

/// How many facts were read.
#[derive(Default)]
pub(crate) struct Checked {
    pub(crate) checked: usize,
    /// Facts about what a printed project does not show.
    pub(crate) unread: usize,
}

impl Checked {
    /// Checks facts against a project that was printed with its extensions.
    /// `printed` is what Docker prints, and may lack what the facts are about.
    /// `place` puts this machine's places in the texts of facts.
    pub(crate) fn check(
        &mut self,
        facts: &[Fact],
        model: &Value,
        printed: &Value,
        place: &impl Fn(Value) -> Value,
    ) -> Result<(), String> {
        let mut wrong = Vec::new();
        for fact in facts {
            match fact.holds(model, place) {
                Some(Ok(())) => self.checked += 1,
                Some(Err(difference)) if !fact.is_contradicted(printed, place) => {
                    self.checked += 1;
                    wrong.push(difference);
                }
                Some(Err(_)) | None => self.unread += 1,
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.concat()) }
    }
}

impl Fact {
    /// Whether Docker prints something else. Its tests call the loader in ways
    /// in which the command line does not, such as without a folder.
    fn is_contradicted(&self, printed: &Value, place: &impl Fn(Value) -> Value) -> bool {
        let found = select(printed, &self.path).unwrap_or_default();
        let is_printed = found.iter().any(|found| !is_zero(found));
        is_printed && matches!(self.holds(printed, place), Some(Err(_)))
    }

    /// Nothing if a printed project cannot tell.
    fn holds(&self, model: &Value, place: &impl Fn(Value) -> Value) -> Option<Result<(), String>> {
        let only_extensions = match self.op.as_str() {
            "eq" => false,
            "extensions_eq" => true,
            _ => return None,
        };
        let expected = place(self.value.clone());
        let name = self.path.last().and_then(Value::as_str).unwrap_or_default();
        let found = select(model, &self.path)?;
        let wrong = found.into_iter().find(|found| {
            let found = if only_extensions { extensions(found) } else { found.clone() };
            !agree(&found, &expected, name)
        });
        Some(wrong.map_or(Ok(()), |found| {
            let path = Value::from_iter(self.path.clone());
            Err(format!("\n    {path}: ours {found}, in Docker's test {expected}"))
        }))
    }
}

/// What a path leads to, null for nothing; `*` leads to several.
fn select(value: &Value, path: &[Value]) -> Option<Vec<Value>> {
    let Some((step, rest)) = path.split_first() else { return Some(vec![value.clone()]) };
    let next = match step.as_str() {
        Some("#len") => json!(length(value)),
        Some("#keys") => json!(keys(value)),
        Some("*") => {
            let all = members(value).into_iter().map(|member| select(member, rest));
            return all.collect::<Option<Vec<_>>>().map(|all| all.concat());
        }
        // What a variable holds is known to Go, but never printed.
        Some("content") if value.get("environment").is_some() => return None,
        // What Go knows beside the model.
        Some(key) if key.starts_with('#') => return None,
        Some(key) if matches!(rest, [step] if step == "?exists") => {
            return Some(vec![json!(value.get(key).is_some())]);
        }
        // Some fields of Go have no name of their own in a file.
        Some(key) => {
            value.get(key).or_else(|| value.get(key.to_lowercase())).cloned().unwrap_or_default()
        }
        None => value.get(usize::try_from(step.as_u64()?).ok()?).cloned().unwrap_or_default(),
    };
    select(&next, rest)
}

fn length(value: &Value) -> usize {
    members(value).len()
}

fn keys(value: &Value) -> BTreeSet<&String> {
    value.as_object().into_iter().flat_map(Map::keys).collect()
}

fn members(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn extensions(value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    let own = members.filter(|(key, _)| key.starts_with("x-"));
    own.map(|(key, member)| (key.clone(), member.clone())).collect()
}

/// Whether what is printed under a key is what Go has in memory there. To Go, a
/// value that is missing is the same as zero.
fn agree(found: &Value, expected: &Value, key: &str) -> bool {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().all(|member| {
                let (a, b) = (a.get(member), b.get(member));
                member.starts_with('#')
                    || a.is_none() && is_implied(member, b, key)
                    || agree(a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null), member)
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b, key))
        }
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::String(text), Value::Number(_)) => readings(text).contains(expected),
        (Value::String(text), Value::Object(ssh)) if ssh.contains_key("Path") => {
            let [id, path] = ["id", "Path"].map(|key| ssh[key].as_str().unwrap_or_default());
            *text == if path.is_empty() { id.to_owned() } else { format!("{id}={path}") }
        }
        (Value::Array(hosts), Value::Object(addresses)) => {
            sorted(hosts.iter().filter_map(Value::as_str).map(str::to_owned))
                == sorted(pairs(addresses))
        }
        (_, Value::Object(members)) if members.contains_key("single") => {
            agree(found, &expected["single"], key)
        }
        (found, expected) => found == expected || is_zero(found) && is_zero(expected),
    }
}

/// Whether a member has its value when none is printed: Go's services know their
/// names, and some switches are on unless they are off.
fn is_implied(member: &str, value: Option<&Value>, key: &str) -> bool {
    match member {
        "name" => value == Some(&json!(key)),
        "create_host_path" | "required" => value == Some(&json!(true)),
        _ => false,
    }
}

/// What a text can mean as a number: bytes, a duration, or a file's mode.
fn readings(text: &str) -> Vec<Value> {
    let mut readings = vec![json!(text.parse::<f64>().ok()), json!(text.parse::<i64>().ok())];
    readings.push(json!(text.parse::<Duration>().ok().map(Duration::as_nanos)));
    if text.starts_with('0') {
        readings.push(json!(i64::from_str_radix(text, 8).ok()));
    }
    readings
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_zero),
    }
}

/// Go keeps the addresses of a host together.
fn pairs(hosts: &Map<String, Value>) -> impl Iterator<Item = String> {
    hosts.iter().flat_map(|(host, addresses)| {
        let addresses = addresses.as_array().into_iter().flatten().filter_map(Value::as_str);
        addresses.map(move |address| format!("{host}={address}"))
    })
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<_> = texts.collect();
    texts.sort();
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(found: Value, expected: Value) -> bool {
        super::agree(&found, &expected, "web")
    }

    #[test]
    fn notations_of_one_value_agree() {
        assert!(agree(json!("1m0s"), json!(60_000_000_000_u64)));
        assert!(agree(json!("0440"), json!(288)));
        assert!(agree(json!("1024"), json!(1024)));
        assert!(agree(json!(null), json!(false)));
        assert!(agree(json!(65535), json!({"single": 65535})));
        assert!(agree(json!(["a=1", "a=2"]), json!({"a": ["1", "2"]})));
        assert!(agree(json!({"image": "x"}), json!({"image": "x", "name": "web"})));
    }

    #[test]
    fn other_values_do_not() {
        assert!(!agree(json!("440"), json!(288)));
        assert!(!agree(json!(true), json!(false)));
        assert!(!agree(json!(["a=1"]), json!({"a": ["1", "2"]})));
        assert!(!agree(json!({"image": "x"}), json!({"image": "x", "name": "db"})));
    }
}
