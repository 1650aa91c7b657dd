//! The task definition that somebody wants to run, as JSON of their own.
//!
//! It is not read into the types of an SDK: what those do not know yet would be lost.

mod shape;

use std::fmt;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::strict;

/// What AWS says of a task definition that it has, and does not take.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>
const DESCRIBED: [&str; 9] = [
    "compatibilities",
    "deleteRequestedAt",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
];

/// More than any that AWS takes, which is 64 KiB, and the most that a queue holds.
const LARGEST: usize = 1024 * 1024;

/// A task definition that AWS can be asked to register. What it says is never shown:
/// its variables may hold what nobody shall see.
#[derive(Clone, PartialEq)]
pub struct Definition {
    body: Map<String, Value>,
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Definition {{ family: {}, .. }}", self.family())
    }
}

/// Something to tell about a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where: `$.containerDefinitions[0].name`.
    pub at: String,
    /// What is wrong, or was changed.
    pub message: String,
}

/// A definition that can be registered, and what was changed about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The definition.
    pub definition: Definition,
    /// What was left out, or is not known.
    pub remarks: Vec<Remark>,
}

impl Definition {
    /// Reads a definition as somebody wrote it, or as AWS describes one.
    ///
    /// `volumes` is what the first program of this kind asked for; AWS does not.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, at once.
    pub fn read(text: &str, needs_volumes: bool) -> Result<Read, Vec<Remark>> {
        let body = object(text).map_err(|remark| vec![remark])?;
        let (mut body, mut remarks) = unwrap(body);
        remarks.extend(strip(&mut body));
        let wrong = shape::problems(&body, needs_volumes);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        remarks.extend(shape::unknown(&body));
        Ok(Read { definition: Self { body }, remarks })
    }

    /// A definition that AWS had, to be registered anew.
    pub(crate) fn again(mut body: Map<String, Value>) -> Self {
        strip(&mut body);
        Self { body }
    }

    /// The name that its revisions have in common.
    pub fn family(&self) -> &str {
        self.body["family"].as_str().unwrap_or_default()
    }

    /// What was written under a key.
    pub(super) fn get(&self, key: &str) -> &Value {
        self.body.get(key).unwrap_or(&Value::Null)
    }

    /// Its containers.
    pub(super) fn containers(&self) -> &[Value] {
        self.get("containerDefinitions").as_array().map_or(&[], Vec::as_slice)
    }

    /// The values of its variables that are long enough to be something of their own, the
    /// longest first.
    pub(super) fn values(&self) -> Vec<&str> {
        values(self.containers())
    }

    /// The containers without which a task ends.
    pub(super) fn essential(&self) -> impl Iterator<Item = &Value> {
        self.containers().iter().filter(|it| it["essential"] != false)
    }

    /// Whether ECS looks how its tasks are, beside whether they run.
    pub(super) fn is_checked(&self) -> bool {
        self.essential().any(|it| it["healthCheck"].is_object())
    }

    /// Whether AWS takes these tags beside those that it has.
    pub(super) fn has_room(&self, tags: &[(&str, String)]) -> bool {
        const MOST: usize = 50;
        self.tags_beside(tags).count() + tags.len() <= MOST
    }

    fn tags_beside(&self, tags: &[(&str, String)]) -> impl Iterator<Item = &Value> {
        let own = self.get("tags").as_array().into_iter().flatten();
        own.filter(|tag| !tags.iter().any(|(key, _)| tag["key"] == *key))
    }

    /// What AWS is asked for: the definition with these tags added.
    pub fn request(&self, tags: &[(&str, String)]) -> Value {
        let mut body = self.body.clone();
        let mut all: Vec<Value> = self.tags_beside(tags).cloned().collect();
        all.extend(tags.iter().map(|(key, value)| json!({"key": key, "value": value})));
        if !all.is_empty() {
            body.insert("tags".to_owned(), all.into());
        }
        body.into()
    }

    /// The same for all definitions that ask for the same, whatever the order of their
    /// keys and whoever tagged them.
    pub fn digest(&self) -> String {
        let mut body = self.body.clone();
        body.remove("tags");
        let mut text = String::new();
        canonical(&body.into(), &mut text);
        let digest = Sha256::digest(text);
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is shorter stands in too many words to be hidden in them.
const SHORTEST_VALUE: usize = 6;

/// The values of variables, also of those that override others.
pub(super) fn values(containers: &[Value]) -> Vec<&str> {
    let variables = containers.iter().filter_map(|it| it["environment"].as_array()).flatten();
    let values = variables.filter_map(|it| it["value"].as_str());
    let mut values: Vec<&str> = values.filter(|it| it.len() >= SHORTEST_VALUE).collect();
    values.sort_by_key(|it| std::cmp::Reverse(it.len()));
    values
}

fn object(text: &str) -> Result<Map<String, Value>, Remark> {
    let wrong = |message: String| Remark { at: "$".to_owned(), message };
    if text.len() > LARGEST {
        return Err(wrong(format!("it is larger than {LARGEST} bytes")));
    }
    match strict::parse(text) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(wrong("it is no object: a task definition is `{\"family\": …}`".to_owned())),
        Err(error) => Err(wrong(unread(text, &error))),
    }
}

/// Why a text cannot be read.
fn unread(text: &str, error: &serde_json::Error) -> String {
    let told = error.to_string();
    let is_begun = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if error.is_data() {
        told
    } else if told.contains("recursion limit") {
        "it has more than 128 levels".to_owned()
    } else if is_begun {
        format!("it is no JSON: {told}")
    } else {
        "it is no JSON: a task definition is `{\"family\": …}`".to_owned()
    }
}

/// `aws ecs describe-task-definition` puts the definition into an object, and its tags
/// beside it.
fn unwrap(mut body: Map<String, Value>) -> (Map<String, Value>, Vec<Remark>) {
    if body.contains_key("family") {
        return (body, Vec::new());
    }
    let Some(Value::Object(mut inner)) = body.remove("taskDefinition") else {
        return (body, Vec::new());
    };
    if let Some(tags) = body.remove("tags") {
        inner.entry("tags").or_insert(tags);
    }
    let message = "it was taken out of `taskDefinition`".to_owned();
    (inner, vec![Remark { at: "$.taskDefinition".to_owned(), message }])
}

fn strip(body: &mut Map<String, Value>) -> Option<Remark> {
    let here = DESCRIBED.into_iter().filter(|key| body.remove(*key).is_some());
    let here: Vec<String> = here.map(|key| format!("`{key}`")).collect();
    (!here.is_empty()).then(|| Remark {
        at: "$".to_owned(),
        message: format!("left out, as AWS says it and does not take it: {}", here.join(", ")),
    })
}

/// Maps may be in the order in which they were written.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (key, value) in entries {
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB: &str = r#"{"family": "web", "containerDefinitions": [{"name": "a", "image": "b"}]}"#;

    fn read(text: &str) -> Read {
        Definition::read(text, false).unwrap()
    }

    fn told(text: &str) -> Vec<String> {
        let wrong = Definition::read(text, false).unwrap_err();
        wrong.into_iter().map(|it| format!("{}: {}", it.at, it.message)).collect()
    }

    #[test]
    fn what_aws_describes_can_be_registered_again() {
        let described = r#"{
            "taskDefinition": {
                "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:3",
                "revision": 3, "status": "ACTIVE", "requiresAttributes": [],
                "compatibilities": ["EC2"], "registeredAt": 1, "registeredBy": "me",
                "family": "web", "containerDefinitions": [{"name": "a", "image": "b"}]
            },
            "tags": [{"key": "team", "value": "blue"}]
        }"#;
        let read = read(described);
        insta::assert_snapshot!(
            read.definition.request(&[]),
            @r#"{"containerDefinitions":[{"image":"b","name":"a"}],"family":"web","tags":[{"key":"team","value":"blue"}]}"#
        );
        let at: Vec<&str> = read.remarks.iter().map(|it| it.at.as_str()).collect();
        assert_eq!(at, ["$.taskDefinition", "$"]);
        assert!(read.remarks[1].message.ends_with("`revision`, `status`, `taskDefinitionArn`"));
    }

    #[test]
    fn what_is_not_known_yet_is_passed_on_and_told() {
        let text = WEB.replacen('{', r#"{"invented": 1, "#, 1);
        let read = read(&text);
        assert_eq!(read.definition.request(&[])["invented"], 1);
        assert_eq!(read.remarks[0].at, "$.invented");
        let read = self::read(&WEB.replace(r#""name""#, r#""imgae": "b", "name""#));
        assert_eq!(read.remarks[0].at, "$.containerDefinitions[0].imgae");
    }

    #[test]
    fn tags_are_added_to_those_that_are_there() {
        let text = WEB.replace(
            r#""family""#,
            r#""tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}], "family""#,
        );
        let request = read(&text).definition.request(&[("b", "3".to_owned())]);
        assert_eq!(
            request["tags"],
            json!([{"key": "a", "value": "1"}, {"key": "b", "value": "3"}])
        );
    }

    #[test]
    fn the_same_has_the_same_digest() {
        let one = r#"{"family": "web", "cpu": "1", "containerDefinitions": [{"name": "a", "image": "b"}]}"#;
        let two = r#"{"containerDefinitions": [{"image": "b", "name": "a"}], "cpu": "1", "family": "web",
            "revision": 4, "tags": [{"key": "a", "value": "b"}]}"#;
        assert_eq!(read(one).definition.digest(), read(two).definition.digest());
        assert_ne!(read(one).definition.digest(), read(WEB).definition.digest());
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = r#"{"family": "no spaces", "cpu": 256, "volumes": {}, "containerDefinitions": [
            {"image": "b"}, {"name": "a"}, {"name": "a", "image": 1, "environment": {"A": "b"}}, 3]}"#;
        insta::assert_snapshot!(told(text).join("\n"), @r#"
        $.family: `no spaces` is no name: up to 255 letters, digits, `-` and `_`
        $.cpu: it has to be a text, such as `"256"`
        $.volumes: it has to be a list
        $.containerDefinitions[0].name: it is missing
        $.containerDefinitions[1].image: it is missing
        $.containerDefinitions[2].name: another container has the name `a` already
        $.containerDefinitions[2].environment: it has to be a list
        $.containerDefinitions[2].image: it has to be a text, such as `"1"`
        $.containerDefinitions[3]: it has to be an object
        "#);
        assert_eq!(told("[]").len(), 1);
        assert_eq!(told("{}").len(), 2);
        assert_eq!(told("family: web"), told("nonsense"));
        assert_eq!(told(r#"{"family": "a", "family": "b"}"#).len(), 1);
        assert_eq!(told(&"[".repeat(200)), ["$: it has more than 128 levels"]);
        assert_eq!(told(&" ".repeat(LARGEST + 1)), ["$: it is larger than 1048576 bytes"]);
    }

    #[test]
    fn volumes_are_needed_only_by_those_who_ask_for_them() {
        let wrong = Definition::read(WEB, true).unwrap_err();
        assert_eq!(wrong[0].at, "$.volumes");
    }
}
