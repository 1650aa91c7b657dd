//! `--variables`: what the files of a project want to know.

use std::collections::BTreeMap;

use compose_model::Variable;
use compose_model::value::Value;
use serde::Serialize;

use super::{Format, json};
use crate::ui::{table, yaml};

/// A variable in JSON, with the names that Docker gives its fields.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    name: &'a str,
    default_value: &'a str,
    presence_value: &'a str,
    required: bool,
}

/// The variables as a table, or as a mapping when a format was asked for.
pub(super) fn text(variables: &[Variable], format: Option<Format>) -> String {
    match format {
        None => as_table(variables),
        Some(Format::Json) => json(&by_name(variables)),
        Some(Format::Yaml) => {
            yaml(&Value::Map(by_name(variables).iter().map(yaml_entry).collect()))
        }
    }
}

fn as_table(variables: &[Variable]) -> String {
    let mut rows: Vec<_> = variables
        .iter()
        .map(Record::from)
        .map(|it| {
            [
                it.name,
                if it.required { "true" } else { "false" },
                it.default_value,
                it.presence_value,
            ]
        })
        .map(|row| row.map(str::to_owned))
        .collect();
    rows.sort();
    table(["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"], &rows)
}

fn by_name(variables: &[Variable]) -> BTreeMap<&str, Record<'_>> {
    variables.iter().map(|variable| (variable.name.as_str(), variable.into())).collect()
}

/// In YAML, Docker runs the words of a field's name together.
fn yaml_entry((name, record): (&&str, &Record<'_>)) -> (String, Value) {
    let text = |text: &str| Value::String(text.to_owned());
    let fields = [
        ("name", text(record.name)),
        ("defaultvalue", text(record.default_value)),
        ("presencevalue", text(record.presence_value)),
        ("required", Value::Bool(record.required)),
    ];
    let fields = fields.map(|(field, value)| (field.to_owned(), value));
    ((*name).to_owned(), Value::Map(fields.into()))
}

impl<'a> From<&'a Variable> for Record<'a> {
    fn from(variable: &'a Variable) -> Self {
        Self {
            name: &variable.name,
            default_value: variable.default.as_deref().unwrap_or_default(),
            presence_value: variable.alternate.as_deref().unwrap_or_default(),
            required: variable.required,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_dockers() {
        // Dots show the spaces at the ends of lines.
        insta::assert_snapshot!(text(&some(), None).replace(' ', "."), @"
        NAME................REQUIRED............DEFAULT.VALUE.......ALTERNATE.VALUE
        KEY.................true....................................
        TAG.................false...............latest..............
        ");
    }

    #[test]
    fn the_records_are_dockers() {
        insta::assert_snapshot!(text(&some(), Some(Format::Json)), @r#"
        {
          "KEY": {
            "Name": "KEY",
            "DefaultValue": "",
            "PresenceValue": "",
            "Required": true
          },
          "TAG": {
            "Name": "TAG",
            "DefaultValue": "latest",
            "PresenceValue": "",
            "Required": false
          }
        }
        "#);
        insta::assert_snapshot!(text(&some(), Some(Format::Yaml)), @"
        KEY:
          name: KEY
          defaultvalue: ''
          presencevalue: ''
          required: true
        TAG:
          name: TAG
          defaultvalue: latest
          presencevalue: ''
          required: false
        ");
    }

    fn some() -> [Variable; 2] {
        let variable = |name: &str| Variable {
            name: name.to_owned(),
            required: false,
            default: None,
            alternate: None,
        };
        [
            Variable { default: Some("latest".to_owned()), ..variable("TAG") },
            Variable { required: true, ..variable("KEY") },
        ]
    }
}
