//! The problems that more than one phase tells, and those of YAML itself.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The parser gave up. Its own words say what; the help says what people
/// usually did.
pub(crate) fn syntax(info: &str, at: Span, text: &str) -> Diagnostic {
    let start = text[..at.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let problem = Diagnostic::error("yaml::syntax", format!("this is not YAML: {info}")).at(at, "");
    match syntax_help(info, line) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

fn syntax_help(info: &str, line: &str) -> Option<&'static str> {
    let indent = &line[..line.len() - line.trim_start().len()];
    if indent.contains('\t') {
        return Some("YAML is indented with spaces, and this line begins with a tab");
    }
    if line.trim_start().starts_with(['%', '@', '`']) {
        return Some("quote a value that begins with `%`, `@` or a backquote");
    }
    if info.contains("mapping values are not allowed") {
        return Some("quote a value that contains `: `, and indent keys of one mapping alike");
    }
    if info.contains("quoted scalar") {
        return Some("a quote is opened and not closed, here or above");
    }
    if info.contains("flow") || info.contains("',' or") {
        return Some("a `[` or `{` is opened and not closed, or a comma is missing");
    }
    if info.contains("unknown anchor") {
        return Some("define the anchor with `&name` above the place that uses it");
    }
    let collection = info.contains("simple key") || info.contains("block");
    collection
        .then_some("keys of one mapping stand in one column, each followed by `:` and a space")
}

pub(crate) fn too_deep(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("yaml::too-deep", format!("values are nested more than {limit} levels deep"))
        .at(at, "")
        .help("no Compose key needs more than ten levels")
}

pub(crate) fn duplicate_key(key: &str, at: Span, earlier: Span) -> Diagnostic {
    let key = if key == "\0<<" { "<<" } else { key };
    let problem = Diagnostic::error("yaml::duplicate-key", format!("`{key}` is defined twice"))
        .at(at, "again here")
        .at(earlier, "first here");
    match key {
        "<<" => problem.help("merge several mappings with one key: `<<: [*a, *b]`"),
        _ => problem.help("merge the two, or remove one"),
    }
}

pub(crate) fn non_string_key(text: &str, at: Span) -> Diagnostic {
    let text = text.lines().next().unwrap_or_default();
    Diagnostic::error("yaml::non-string-key", format!("the key `{text}` is not a string"))
        .at(at, "")
        .help(format!("put quotes around it: `\"{text}\":`"))
}

pub(crate) fn merge_of_scalar(at: Span) -> Diagnostic {
    Diagnostic::error("yaml::merge-key", "`<<` merges mappings, and this is none")
        .at(at, "")
        .help("write `<<: *name`, where `&name` stands before a mapping")
}

pub(crate) fn recursive_alias(alias: &str, at: Span) -> Diagnostic {
    let name = alias.trim_start_matches('*');
    Diagnostic::error("yaml::recursive-alias", format!("the value of `&{name}` contains itself"))
        .at(at, "used inside its own value")
        .help("an alias can stand only after the value that it repeats")
}

pub(crate) fn alias_bomb(at: Span) -> Diagnostic {
    Diagnostic::error("yaml::excessive-aliasing", "aliases repeat aliases too often")
        .at(at, "this one is too much")
        .help("write the values out, or share them with `extends`")
}

/// A file that the project refers to cannot be had.
pub(crate) fn unreadable(path: &str, error: &std::io::Error, at: Span) -> Diagnostic {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::error("compose::file", format!("cannot read `{path}`: {reason}"))
        .at(at, "referred to here")
}

/// The candidate that a mistyped word most likely means.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many insertions, deletions, replacements and swaps lead from one word to
/// the other, not counting case and the choice of `-` or `_`.
fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| -> Vec<char> {
        text.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
    };
    let (a, b) = (fold(a), fold(b));
    if a.len().abs_diff(b.len()) > a.len() / 3 + 1 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(x != y);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["image", "environment", "ports", "depends_on", "pid"];
        let cases = [
            ("imgae", Some("image")),
            ("Image", Some("image")),
            ("enviroment", Some("environment")),
            ("depends-on", Some("depends_on")),
            ("port", Some("ports")),
            ("zzz", None),
            ("restart", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
