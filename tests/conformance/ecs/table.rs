//! Facts about templates that the tests of Docker's tool state.

use std::fs;

use compose_model::{Loaded, Request, load};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::template::convert;
use super::world::facts;
use crate::corpus::corpus;
use crate::tally::Tally;

#[derive(Deserialize)]
struct Row {
    id: String,
    status: String,
    compose: String,
    project_name: String,
    extra_files: IndexMap<String, String>,
    facts: Vec<Fact>,
}

#[derive(Deserialize)]
struct Fact {
    path: Vec<Value>,
    op: String,
    value: Value,
}

#[test]
fn templates_are_as_dockers_tests_state() {
    let Some(corpus) = corpus() else { return };
    let mut tally = Tally::new("conformance: ECS table", "rows");
    for row in corpus.ecs_table::<Row>("conversion") {
        // The others are hints about older versions.
        if row.status == "current" {
            tally.count(&row.id, row.holds());
        }
    }
    tally.finish("");
}

impl Row {
    fn holds(&self) -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        for (name, text) in &self.extra_files {
            let file = folder.path().join(name);
            let parent = file.parent().unwrap_or(folder.path());
            fs::create_dir_all(parent).map_err(|error| error.to_string())?;
            fs::write(&file, text).map_err(|error| error.to_string())?;
        }
        let loaded = self.load(folder.path())?;
        let converted = convert(&loaded, &facts(&loaded));
        let Some(template) = converted.template else {
            let messages = converted.diagnostics.iter().map(|problem| problem.message.clone());
            return Err(format!("refused: {}", messages.collect::<Vec<_>>().join("; ")));
        };
        let wrong: Vec<String> =
            self.facts.iter().filter_map(|fact| fact.holds(&template).err()).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n    ")) }
    }

    fn load(&self, folder: &std::path::Path) -> Result<Loaded, String> {
        let request = Request {
            working_dir: folder.to_owned(),
            files: vec!["-".into()],
            stdin: Some(self.compose.clone()),
            project_name: Some(self.project_name.to_lowercase().replace('/', "-")),
            ..Request::default()
        };
        let mut loaded = load(&request).map_err(|error| format!("does not load: {error}"))?;
        // Docker's tests give names that its command line would not take.
        loaded.project.name.clone_from(&self.project_name);
        Ok(loaded)
    }
}

impl Fact {
    fn holds(&self, template: &Value) -> Result<(), String> {
        let found = select(template, &self.path);
        let holds = |found: &Value| match self.op.as_str() {
            "eq" => same(found, &self.value),
            "ne" => !same(found, &self.value),
            "gt" => number(found) > number(&self.value),
            "le" => number(found) <= number(&self.value),
            "eq_if_present" => found.is_null() || same(found, &self.value),
            op => panic!("the table has a new operator: {op}"),
        };
        match found.iter().find(|found| !holds(found)) {
            None => Ok(()),
            Some(found) => {
                let path = Value::from_iter(self.path.clone());
                Err(format!("{path} {} {}: ours {found}", self.op, self.value))
            }
        }
    }
}

/// What is missing is nothing, and so is an empty text.
fn same(found: &Value, expected: &Value) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    if empty(found) && empty(expected) {
        return true;
    }
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => found == expected,
        _ => *found == renamed(expected),
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// What a path leads to, null for nothing; `*` leads to several.
fn select(value: &Value, path: &[Value]) -> Vec<Value> {
    let Some((step, rest)) = path.split_first() else { return vec![value.clone()] };
    let next = match step {
        Value::String(step) if step == "*" => {
            let members = value.as_object().into_iter().flat_map(|members| members.values());
            return members.flat_map(|member| select(member, rest)).collect();
        }
        Value::String(step) if step == "#len" => json!(length(value)),
        Value::String(step) if step == "#AWSCloudFormationType()" => value["Type"].clone(),
        Value::String(step) if step == "#guessMachineType" => machine(value),
        Value::String(step) => member(value, &volume(step)),
        Value::Number(index) => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            index.and_then(|index| value.get(index)).cloned().unwrap_or_default()
        }
        Value::Object(wanted) => {
            let items = value.as_array().into_iter().flatten();
            let mut found = items
                .filter(|item| wanted.iter().all(|(key, wanted)| item.get(key) == Some(wanted)));
            found.next().cloned().unwrap_or_default()
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => Value::Null,
    };
    select(&next, rest)
}

/// Docker's tests do not tell a resource from its properties.
fn member(value: &Value, key: &str) -> Value {
    let property = value.get("Properties").and_then(|properties| properties.get(key));
    property.or_else(|| value.get(key)).cloned().unwrap_or_default()
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn machine(template: &Value) -> Value {
    template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["InstanceType"]
        .clone()
}

/// `@volumeResourceName(db-data)@` is the logical id of that volume's file system.
fn volume(step: &str) -> String {
    let Some(name) =
        step.strip_prefix("@volumeResourceName(").and_then(|step| step.strip_suffix(")@"))
    else {
        return step.to_owned();
    };
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let (first, rest) = letters.split_at(1);
    format!("{}{rest}Filesystem", first.to_ascii_uppercase())
}

fn renamed(expected: &Value) -> Value {
    match expected {
        Value::String(text) => json!(volume(text)),
        Value::Object(members) => {
            members.iter().map(|(key, member)| (key.clone(), renamed(member))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => expected.clone(),
    }
}
