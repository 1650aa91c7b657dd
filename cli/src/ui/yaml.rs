//! Writes YAML as Docker lays it out, so that Docker and we read the same again.
//!
//! The library would leave `1_000` and `yes` without quotes, as they are text to
//! YAML 1.2 alone, and it has no way to ask for them.

use compose_model::value::{Value, is_plain_string};
use indexmap::IndexMap;

const STEP: usize = 2;

/// A document.
pub(crate) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    item(&mut text, value, 0);
    text
}

/// What stands at the beginning of a line, or behind `- `.
fn item(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Map(map) if !map.is_empty() => entries(text, map, indent),
        Value::List(list) if !list.is_empty() => items(text, list, indent),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Map(_) => {
            text.push_str(&scalar(value, indent));
            text.push('\n');
        }
    }
}

fn entries(text: &mut String, map: &IndexMap<String, Value>, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            spaces(text, indent);
        }
        text.push_str(&line(key));
        text.push(':');
        let below = value.as_map().is_some_and(|map| !map.is_empty())
            || value.as_list().is_some_and(|list| !list.is_empty());
        if below {
            text.push('\n');
            spaces(text, indent + STEP);
        } else {
            text.push(' ');
        }
        item(text, value, indent + STEP);
    }
}

fn items(text: &mut String, list: &[Value], indent: usize) {
    for (index, value) in list.iter().enumerate() {
        if index > 0 {
            spaces(text, indent);
        }
        text.push_str("- ");
        item(text, value, indent + STEP);
    }
}

fn scalar(value: &Value, indent: usize) -> String {
    match value {
        Value::String(text) if is_block(text) => block(text, indent),
        Value::String(text) => line(text),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            written(value)
        }
    }
}

/// Text on one line, in quotes if it would not be the same text without.
fn line(text: &str) -> String {
    if is_word(text) {
        return text.to_owned();
    }
    if !text.chars().all(is_printable) {
        return escaped(text);
    }
    let written = written(&Value::String(text.to_owned()));
    if written.contains('\n') {
        escaped(text)
    } else if written.starts_with(['"', '\'']) || is_plain_string(text) {
        written
    } else {
        format!("'{text}'")
    }
}

/// Whether this is text that no YAML gives a meaning to, such as most keys,
/// names and paths. The library would write it as it is, after a closer look.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
        && !MEANINGFUL.contains(&text.to_ascii_lowercase().as_str())
}

/// Words that are something else than text to YAML 1.1 or 1.2.
const MEANINGFUL: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// A scalar as the library writes it.
fn written(value: &Value) -> String {
    let written = serde_yaml::to_string(value).expect("a scalar can be written");
    written.trim_end_matches('\n').to_owned()
}

/// Whether text of several lines can be written as it is.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && text.chars().all(|c| c == '\n' || is_printable(c))
}

fn block(text: &str, indent: usize) -> String {
    let body = text.trim_end_matches('\n');
    let mut block = match text.len() - body.len() {
        0 => "|-".to_owned(),
        1 => "|".to_owned(),
        _ => "|+".to_owned(),
    };
    for line in body.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            spaces(&mut block, indent);
            block.push_str(line);
        }
    }
    // The line break behind the value is the first of them.
    block.extend(text[body.len()..].chars().skip(1));
    block
}

/// In double quotes: JSON's escapes are also YAML's.
fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).expect("text is JSON");
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printable(c) {
            escaped.push(c);
        } else {
            escaped.push_str(&format!("\\u{:04X}", u32::from(c)));
        }
    }
    escaped
}

/// Characters that need no escape on any line.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn spaces(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests {
    use compose_model::{Request, Skip};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_looks_like_dockers() {
        let json = r#"{
            "list": ["a", ["b", "c"], {"d": "e", "f": []}, {}],
            "map": {"1": 2, "half": 0.5, "nothing": null, "yes": true}
        }"#;
        insta::assert_snapshot!(yaml(&from_json(json)), @"
        list:
          - a
          - - b
            - c
          - d: e
            f: []
          - {}
        map:
          '1': 2
          half: 0.5
          nothing: null
          'yes': true
        ");
    }

    #[test]
    fn text_that_could_be_something_else_is_quoted() {
        let cases = [
            ("nginx:1.27", "nginx:1.27"),
            ("22:30", "'22:30'"),
            ("8080:80", "8080:80"),
            ("1_000", "'1_000'"),
            ("2001-01-01", "'2001-01-01'"),
            ("yes", "'yes'"),
            ("Off", "'Off'"),
            ("<<", "'<<'"),
            ("0o17", "'0o17'"),
            ("0x1F", "'0x1F'"),
            ("1e3", "'1e3'"),
            (".5", "'.5'"),
            ("+1", "'+1'"),
            ("~", "'~'"),
            ("", "''"),
            ("it's", "it's"),
            ("a: b", "'a: b'"),
            ("a\tb", r#""a\tb""#),
            (" a\nb", r#"" a\nb""#),
            ("\u{feff}", r#""\uFEFF""#),
        ];
        for (text, expected) in cases {
            assert_eq!(line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn lines_stay_lines() {
        let script = from_json(r#"{"a": {"b": ["one\n\n  two \nthree", "four\n", "five\n\n"]}}"#);
        insta::assert_snapshot!(yaml(&script).replace(' ', "."), @"
        a:
        ..b:
        ....-.|-
        ......one

        ........two.
        ......three
        ....-.|
        ......four
        ....-.|+
        ......five

        ");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(value in trees()) {
            let text = yaml(&Value::Map([("x-any".to_owned(), value.clone())].into()));
            let request = Request {
                working_dir: "/project".into(),
                files: vec!["-".into()],
                stdin: Some(text.clone()),
                skip: Skip { interpolation: true, normalization: true, ..Skip::default() },
                ..Request::default()
            };
            let read = compose_model::read(&request);
            let read = read.map_err(|error| TestCaseError::fail(format!("{error:?}\n{text}")))?;
            let read = read.document.value();
            prop_assert_eq!(read.get("x-any"), Some(&value), "{}", text);
        }
    }

    fn trees() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            8 => texts().prop_map(Value::String),
            1 => any::<i64>().prop_map(Value::Int),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                prop::collection::vec((texts(), inner), 0..5)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        })
    }

    /// Texts of all kinds, with those that YAML likes to take for something else.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[ \n\ta#:'\"-]{0,12}",
            "[-+]?[0-9_.:xoeE]{1,8}",
            "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9:]{8}Z?)?",
            "(?i)true|false|yes|no|on|off|y|n|null|~|<<|=|\\.inf|\\.nan|---|\\.\\.\\.",
            "[]\\[{}>|*&!%@`?,]{0,2}[a-z \n]{0,8}",
        ]
    }

    fn from_json(json: &str) -> Value {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        value(&json)
    }

    fn value(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => {
                let float = || Value::Float(number.as_f64().unwrap());
                number.as_i64().map_or_else(float, Value::Int)
            }
            serde_json::Value::String(text) => Value::String(text.clone()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
            serde_json::Value::Object(entries) => {
                Value::Map(entries.iter().map(|(key, json)| (key.clone(), value(json))).collect())
            }
        }
    }
}
