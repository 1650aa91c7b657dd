//! Holds the grammars against tables of expected values, which are not part of
//! this repository: `CONFORMANCE_CORPUS` says in which directory they are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use compose_model::dotenv;
use compose_model::template::{self, Variables};
use compose_model::value::{
    self, ByteSize, Duration, MountKind, ProjectName, ShortMount, ShortPort,
};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

#[test]
fn durations_hold() {
    check("durations", |row| {
        let duration = text(row, "text").parse::<Duration>().map_err(|error| error.to_string());
        expect(row, "nanoseconds", duration.map(|duration| json!(duration.as_nanos())))
    });
}

#[test]
fn byte_sizes_hold() {
    check("byte-sizes", |row| {
        let written = row.get("text").cloned().unwrap_or_else(|| scalar(row));
        let written = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
        let bytes = if row.contains_key("layer") {
            value::ram_in_bytes(&written)
        } else {
            written.parse().map(ByteSize::get)
        };
        expect(row, "bytes", bytes.map(Value::from).map_err(|error| error.to_string()))
    });
}

#[test]
fn project_names_hold() {
    check("project-names", |row| {
        let written = text(row, "value");
        let name = match text(row, "source") {
            "directory" => ProjectName::normalize(written.rsplit('/').next().unwrap_or_default()),
            "name: in compose file" => ProjectName::normalize(&substitute(written, row)?.0),
            _ => written.to_owned(),
        };
        let name = name.parse::<ProjectName>().map_err(|error| error.to_string());
        expect(row, "expected", name.map(|name| json!(name.as_str())))
    });
}

#[test]
fn command_splitting_holds() {
    check("command-splitting", |row| {
        let words = value::split_command(text(row, "line")).map_err(|error| error.to_string());
        expect(row, "expected", words.map(|words| json!(words)))
    });
}

#[test]
fn extra_hosts_hold() {
    check("extra-hosts", |row| {
        let mut hosts = Vec::new();
        for entry in list(row, "extra_hosts") {
            match value::parse_host(entry) {
                Ok((name, addresses)) => {
                    hosts.extend(addresses.iter().map(|address| format!("{name}:{address}")));
                }
                Err(error) => return expect(row, "expected", Err(error.to_string())),
            }
        }
        hosts.sort();
        expect(row, "expected_sorted_join", Ok(json!(hosts.join(" "))))
    });
}

#[test]
fn short_ports_hold() {
    check("ports-short-syntax", |row| {
        let spec = row.get("spec").unwrap_or_else(|| &row["ports"][0]).as_str().unwrap();
        let ports = value::parse_ports(spec).map_err(|error| error.to_string());
        let key = ["expected_port", "expected_bindings", "expected"]
            .into_iter()
            .find(|key| row.contains_key(*key))
            .unwrap_or("error");
        let print: fn(&ShortPort) -> Value = match key {
            "expected_port" => |port| json!(port.target),
            "expected_bindings" => binding,
            _ => port_config,
        };
        let printed = ports.map(|ports| ports.iter().map(print).collect::<Vec<_>>());
        expect(
            row,
            key,
            printed.map(|all| if key == "expected_port" { all[0].clone() } else { json!(all) }),
        )
    });
}

#[test]
fn short_volumes_hold() {
    check("volumes-short-syntax", |row| {
        let mount = value::parse_mount(text(row, "spec"));
        if let Some(set) = row.get("expected_source_set") {
            let source = mount.ok().and_then(|mount| mount.source);
            return same(set, &json!(source.is_some()));
        }
        let mount = mount.map_err(|error| error.to_string());
        let mut row = row.clone();
        row.entry("expected").and_modify(|expected| *expected = without_empty(expected.take()));
        expect(&row, "expected", mount.map(|mount| mount_config(&mount)))
    });
}

#[test]
fn windows_paths_hold() {
    check("windows-abs-paths", |row| {
        same(&row["is_windows_abs"], &json!(value::is_windows_absolute(text(row, "path"))))
    });
}

#[test]
fn interpolation_holds() {
    check("interpolation", |row| {
        let (key, tree) = match row.get("tree") {
            Some(tree) => ("expected_tree", tree.clone()),
            None => ("expected", row["template"].clone()),
        };
        let mut unset = 0;
        let result = each_text(tree, &mut |text| {
            let (expanded, missed) = substitute(text, row)?;
            unset += missed;
            Ok(expanded)
        });
        if let Some(warnings) = row.get("warnings") {
            same(warnings, &json!(unset))?;
        }
        expect(row, key, result)
    });
}

#[test]
fn mentioned_variables_hold() {
    check("interpolation-variables", |row| {
        let mut found = Map::new();
        each_text(row["tree"].clone(), &mut |text| {
            for mention in template::variables(text) {
                let fields = json!({
                    "default": mention.default.unwrap_or_default(),
                    "presence": mention.alternate.unwrap_or_default(),
                    "required": mention.required,
                });
                found.insert(mention.name.to_owned(), fields);
            }
            Ok(text.to_owned())
        })?;
        same(&row["expected"], &Value::Object(found))
    });
}

#[test]
fn env_files_hold() {
    check("dotenv", |row| {
        let environment = environment(row);
        let mut values = IndexMap::new();
        let texts =
            row.get("texts").map_or_else(|| vec![text(row, "text")], |_| list(row, "texts"));
        let lookup = |name: &str| environment.get(name).cloned();
        let outcome = texts
            .into_iter()
            .try_for_each(|text| dotenv::parse(text, &mut values, &lookup).map(drop));
        let values = outcome.map(|()| json!(values)).map_err(|error| error.to_string());
        if let Some(Value::Array(absent)) = row.get("expected_absent") {
            let values = values?;
            let all = absent.iter().all(|name| values.get(name.as_str().unwrap()).is_none());
            return same(&json!(true), &json!(all));
        }
        if let Some(Value::Object(subset)) = row.get("expected_subset") {
            let mut values = values?;
            values.as_object_mut().unwrap().retain(|name, _| subset.contains_key(name));
            return same(&row["expected_subset"], &values);
        }
        expect(row, "expected", values)
    });
}

/// Empty members mean the same as absent ones.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, member)| (key, without_empty(member)));
            Value::Object(members.filter(|(_, member)| !is_empty(member)).collect())
        }
        Value::Array(items) => items.into_iter().map(without_empty).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn is_empty(value: &Value) -> bool {
    *value == json!(null) || *value == json!(false) || *value == json!("") || *value == json!({})
}

type Row = Map<String, Value>;

/// Runs every row of a table and shows those that do not hold.
#[expect(clippy::print_stdout, reason = "the harness shows what tests print")]
fn check(table: &str, holds: impl Fn(&Row) -> Result<(), String>) {
    let Some(rows) = rows(table) else {
        println!("skipped: CONFORMANCE_CORPUS is not set");
        return;
    };
    let mut wrong = Vec::new();
    for row in &rows {
        if let Err(difference) = holds(row) {
            wrong.push(format!("{}: {difference}", row["id"]));
        }
    }
    println!("{table}: {} of {} rows hold", rows.len() - wrong.len(), rows.len());
    assert!(!rows.is_empty(), "{table} has no rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "the tables are no input of the program")]
fn rows(table: &str) -> Option<Vec<Row>> {
    let corpus = PathBuf::from(std::env::var("CONFORMANCE_CORPUS").ok()?);
    let file = corpus.join("specs").join(table).with_extension("json");
    let content = std::fs::read_to_string(&file).expect("every table is in the corpus");
    let mut table: Value = serde_json::from_str(&content).expect("tables are JSON");
    serde_json::from_value(table["rows"].take()).expect("rows are objects")
}

fn text<'r>(row: &'r Row, key: &str) -> &'r str {
    row[key].as_str().expect("this member is a text")
}

fn list<'r>(row: &'r Row, key: &str) -> Vec<&'r str> {
    let items = row[key].as_array().expect("this member is a list");
    items.iter().map(|item| item.as_str().expect("this list is of texts")).collect()
}

/// JSON and YAML agree on the scalars of the tables.
fn scalar(row: &Row) -> Value {
    serde_json::from_str(text(row, "scalar")).expect("scalars are JSON")
}

fn environment(row: &Row) -> BTreeMap<String, String> {
    let variables = row.get("env").cloned().unwrap_or_else(|| json!({}));
    serde_json::from_value(variables).expect("variables are texts")
}

/// An error is expected where the row has one; its words are ours.
fn expect(row: &Row, key: &str, found: Result<Value, String>) -> Result<(), String> {
    match (row.get("error"), found) {
        (Some(_), Err(_)) => Ok(()),
        (Some(error), Ok(found)) => Err(format!("expected error {error}, found {found}")),
        (None, Ok(found)) => same(&row[key], &found),
        (None, Err(error)) => Err(error),
    }
}

fn same(expected: &Value, found: &Value) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("expected {expected}, found {found}")) }
}

/// What a template gives with the variables of a row, and how many were missed.
fn substitute(text: &str, row: &Row) -> Result<(String, usize), String> {
    let mut variables = Environment { values: environment(row), unset: 0 };
    let expanded = template::substitute(text, &mut variables).map(Cow::into_owned);
    let expanded = expanded.map_err(|error| error.to_string())?;
    Ok((expanded, variables.unset))
}

struct Environment {
    values: BTreeMap<String, String>,
    unset: usize,
}

impl Variables for Environment {
    fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
        self.values.get(name).map(|value| Cow::Borrowed(value.as_str()))
    }

    fn unset(&mut self, _name: &str, _offset: usize) {
        self.unset += 1;
    }
}

fn each_text(
    tree: Value,
    change: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Result<Value, String> {
    Ok(match tree {
        Value::String(text) => Value::String(change(&text)?),
        Value::Array(items) => {
            items.into_iter().map(|item| each_text(item, change)).collect::<Result<_, _>>()?
        }
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, member)| Ok((key, each_text(member, change)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => tree,
    })
}

fn binding(port: &ShortPort) -> Value {
    let ShortPort { host_ip, published, target, protocol } = port;
    json!({ "port": format!("{target}/{protocol}"), "host_ip": host_ip, "host_port": published })
}

fn port_config(port: &ShortPort) -> Value {
    let ShortPort { host_ip, published, target, protocol } = port;
    without_empty(json!({
        "host_ip": host_ip,
        "mode": "ingress",
        "protocol": protocol,
        "published": published,
        "target": target,
    }))
}

fn mount_config(mount: &ShortMount) -> Value {
    let ShortMount { kind, source, target, read_only, nocopy, propagation, selinux } = mount;
    let bind = *kind == MountKind::Bind;
    without_empty(json!({
        "type": if bind { "bind" } else { "volume" },
        "source": source,
        "target": target,
        "read_only": read_only,
        "volume": { "nocopy": nocopy },
        "bind": { "create_host_path": bind, "propagation": propagation, "selinux": selinux },
    }))
}
