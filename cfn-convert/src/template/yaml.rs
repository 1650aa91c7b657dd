//! Writes a template as YAML that people can read and CloudFormation reads right.
//!
//! CloudFormation's parser knows the words, dates and numbers of YAML 1.1, where
//! `yes` is a truth value and `1:30` is ninety. Text stands without quotes only
//! where no YAML gives it another meaning.

use std::fmt::Write;

use super::data::{Data, Map};

const STEP: usize = 2;

/// A document.
pub(super) fn yaml(root: &Map) -> String {
    let mut text = String::with_capacity(1 << 16);
    entries(&mut text, root, 0);
    text
}

/// The entries of a mapping; the first stands where the text has come to.
fn entries(text: &mut String, map: &Map, indent: usize) {
    for (position, (key, value)) in map.iter().enumerate() {
        if position > 0 {
            spaces(text, indent);
        }
        line(text, key);
        text.push(':');
        below_key(text, value, indent);
    }
}

fn below_key(text: &mut String, value: &Data, indent: usize) {
    match value {
        Data::Map(map) if !map.is_empty() => {
            text.push('\n');
            spaces(text, indent + STEP);
            entries(text, map, indent + STEP);
        }
        Data::List(list) if is_short(list) => {
            text.push(' ');
            flow(text, list);
        }
        Data::List(list) if !list.is_empty() => {
            text.push('\n');
            spaces(text, indent + STEP);
            items(text, list, indent + STEP);
        }
        Data::Null
        | Data::Bool(_)
        | Data::Int(_)
        | Data::Float(_)
        | Data::Text(_)
        | Data::List(_)
        | Data::Map(_) => {
            text.push(' ');
            scalar(text, value, indent + STEP);
        }
    }
}

fn items(text: &mut String, list: &[Data], indent: usize) {
    for (position, value) in list.iter().enumerate() {
        if position > 0 {
            spaces(text, indent);
        }
        text.push_str("- ");
        match value {
            Data::Map(map) if !map.is_empty() => entries(text, map, indent + STEP),
            Data::List(list) if !list.is_empty() => items(text, list, indent + STEP),
            Data::Null
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::Text(_)
            | Data::List(_)
            | Data::Map(_) => scalar(text, value, indent + STEP),
        }
    }
}

/// Whether a list is a pair of words, as the argument of `Fn::GetAtt` is.
fn is_short(list: &[Data]) -> bool {
    let words = |value: &Data| value.as_str().is_some_and(is_word);
    list.len() == 2 && list.iter().all(words)
}

fn flow(text: &mut String, list: &[Data]) {
    text.push('[');
    for (position, value) in list.iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        text.push_str(value.as_str().unwrap_or_default());
    }
    text.push_str("]\n");
}

fn scalar(text: &mut String, value: &Data, indent: usize) {
    match value {
        Data::Null => text.push_str("null"),
        Data::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Data::Int(value) => write(text, value),
        Data::Float(value) if value.is_finite() => write(text, value),
        Data::Float(value) => line(text, &value.to_string()),
        Data::Text(value) if value.contains('\n') && is_block(value) => {
            return block(text, value, indent);
        }
        Data::Text(value) => line(text, value),
        Data::List(_) => text.push_str("[]"),
        Data::Map(_) => text.push_str("{}"),
    }
    text.push('\n');
}

fn write(text: &mut String, number: impl std::fmt::Debug) {
    write!(text, "{number:?}").expect("writing to a text cannot fail");
}

fn spaces(text: &mut String, count: usize) {
    const MANY: &str = "                                                                ";
    let mut left = count;
    while left > 0 {
        let some = left.min(MANY.len());
        text.push_str(&MANY[..some]);
        left -= some;
    }
}

/// Text on one line, in quotes if it could be taken for something else.
fn line(text: &mut String, value: &str) {
    if is_plain(value) {
        text.push_str(value);
    } else if value.chars().all(is_printable) {
        text.push('\'');
        text.push_str(&value.replace('\'', "''"));
        text.push('\'');
    } else {
        escaped(text, value);
    }
}

/// Whether text is text to every YAML, without quotes. Only what begins with a
/// letter or a slash is considered, since numbers and dates do not.
fn is_plain(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    (first.is_ascii_alphabetic() || *first == b'/')
        && !matches!(last, b' ' | b':')
        && bytes.iter().all(|byte| PLAIN[usize::from(*byte)])
        && !has_indicator(bytes)
        && !is_meaningful(value)
}

/// What begins a value or a comment in the middle of a line.
fn has_indicator(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| matches!(pair, b": " | b" #"))
}

/// The bytes that mean nothing by themselves behind the first one.
const PLAIN: [bool; 256] = {
    let marks = b" :#_-./=@+%()$*;,?&<>|~'\"{}[]!\\^";
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut mark = 0;
    while mark < marks.len() {
        plain[marks[mark] as usize] = true;
        mark += 1;
    }
    plain
};

/// Words that are something else than text to YAML 1.1 or 1.2.
fn is_meaningful(value: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    value.len() <= 5 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// Whether text can stand between brackets as it is.
fn is_word(value: &str) -> bool {
    value.len() < 128
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
        && !is_meaningful(value)
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn escaped(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if is_printable(c) => text.push(c),
            c => write!(text, "\\u{:04x}", u32::from(c)).expect("writing to a text cannot fail"),
        }
    }
    text.push('"');
}

/// Whether text of several lines can be written as it is.
fn is_block(value: &str) -> bool {
    !value.starts_with([' ', '\n', '\t'])
        && value.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
}

fn block(text: &mut String, value: &str, indent: usize) {
    let body = value.trim_end_matches('\n');
    text.push_str(match value.len() - body.len() {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    for line in body.split('\n') {
        if !line.is_empty() {
            spaces(text, indent);
            text.push_str(line);
        }
        text.push('\n');
    }
    let more = (value.len() - body.len()).saturating_sub(1);
    text.extend(std::iter::repeat_n('\n', more));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> String {
        let mut map = Map::default();
        map.push("K", value.into());
        yaml(&map)
    }

    #[test]
    fn text_is_quoted_where_a_yaml_gives_it_a_meaning() {
        let cases = [
            ("web", "web"),
            ("yes", "'yes'"),
            ("Off", "'Off'"),
            ("y", "'y'"),
            ("null", "'null'"),
            ("0400", "'0400'"),
            ("1:30", "'1:30'"),
            ("2012-10-17", "'2012-10-17'"),
            ("1e3", "'1e3'"),
            ("-1", "'-1'"),
            ("~", "'~'"),
            ("", "''"),
            ("it's", "it's"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("*", "'*'"),
            ("a ", "'a '"),
            ("arn:aws:iam::aws:policy/x", "arn:aws:iam::aws:policy/x"),
            ("${AWS::Region}", "'${AWS::Region}'"),
            ("\u{7}", "\"\\u0007\""),
            ("größe", "'größe'"),
        ];
        for (value, expected) in cases {
            assert_eq!(written(value), format!("K: {expected}\n"), "{value:?}");
        }
    }

    #[test]
    fn lines_stand_below_each_other() {
        assert_eq!(written("a\n\n b\n"), "K: |\n  a\n\n   b\n");
        assert_eq!(written("a\nb"), "K: |-\n  a\n  b\n");
        assert_eq!(written("a\n\n\n"), "K: |+\n  a\n\n\n");
        assert_eq!(written("\na"), "K: \"\\na\"\n");
        assert_eq!(written("a\r\nb"), "K: \"a\\r\\nb\"\n");
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let texts = [
            "a\nb\n", "a\n\n", "x: y", "# no", "a\tb", "\ta\nb", "'", "\"", "\\", "a\n \n b",
            "- a", "[a]", "{a}", "%a", "@a", "`a`", "!a", "&a", "a:", ":", "\u{85}", "\u{2028}",
            "\u{feff}", "🦀", "a\u{0}b", "=", "<<", ".5", ".inf", "0x1f", "0o17", "1_000",
            "null\n",
        ];
        for text in texts {
            let back: std::collections::BTreeMap<String, String> =
                serde_yaml::from_str(&written(text)).unwrap();
            assert_eq!(back["K"], text, "{}", written(text));
        }
    }
}
