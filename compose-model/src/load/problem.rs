//! The problems that more than one phase tells, and those of YAML itself.

use std::io::{self, ErrorKind};

use indexmap::IndexSet;

use crate::diagnostic::{Diagnostic, Place};
use crate::source::Span;
use crate::tree::{Map, Node};

pub(crate) fn too_deep(at: Span) -> Diagnostic {
    Diagnostic::error("yaml::too-deep", "values are nested hundreds of levels deep")
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

/// `!reset key: value`: the tag belongs to the value.
pub(crate) fn tagged_key(tag: &str, key: &str, at: Span) -> Diagnostic {
    Diagnostic::warning("yaml::tag", format!("`!{tag}` before a key does nothing"))
        .at(at, "")
        .help(format!("write it before the value: `{key}: !{tag} ...`"))
}

/// The key that a problem is about, if that is not text.
pub(crate) fn bad_key(problem: &Diagnostic) -> Option<Span> {
    match problem.labels.first()?.place {
        Place::Span(span) if problem.code == "yaml::non-string-key" => Some(span),
        Place::Span(_) | Place::Path(_) | Place::Key(_) => None,
    }
}

/// That keys are not text matters only where there are to be keys.
pub(crate) fn forget_keys(node: &Node, problems: &mut Vec<Diagnostic>) {
    let keys: IndexSet<Span> =
        node.as_map().into_iter().flat_map(Map::values).map(|value| value.key).collect();
    if !keys.is_empty() {
        problems.retain(|problem| bad_key(problem).is_none_or(|key| !keys.contains(&key)));
    }
}

/// `!Ref Cluster`: Compose passes over tags that it does not know.
pub(crate) fn dropped_tag(tag: &str, at: Span) -> Diagnostic {
    let long = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        _ => format!("Fn::{tag}"),
    };
    Diagnostic::warning("yaml::tag", format!("Compose passes over the tag `!{tag}`"))
        .at(at, "what is left is plain text")
        .help(format!("write the long form: `{{\"{long}\": ...}}`"))
}

/// `{{ value }}`: a mapping in a mapping, for YAML.
pub(crate) fn collection_key(at: Span) -> Diagnostic {
    Diagnostic::error("yaml::non-string-key", "a list or a mapping cannot be a key")
        .at(at, "")
        .help("put quotes around a text that begins with `{` or `[`")
}

/// A file, or one document of its text, that is something else.
pub(crate) fn not_a_mapping(root: &Node, text: &str) -> Diagnostic {
    if let Some(mark) = root.is_null().then(|| last_mark(root.span, text)).flatten() {
        return Diagnostic::error("compose::type", "nothing stands behind this `---`")
            .at(mark, "")
            .help("remove the `---`: it begins another document");
    }
    let help = match root.as_str() {
        Some(text) if text.starts_with("FROM ") => {
            "this looks like a Dockerfile; name it in a Compose file: \
             `services: {app: {build: {context: ., dockerfile: NAME}}}`"
        }
        _ => "begin with `services:`",
    };
    let message = format!("a Compose file must be a mapping, not {}", root.kind_name());
    Diagnostic::error("compose::type", message).at(root.span, "").help(help)
}

/// The `---` that an empty document begins with, if another one stands above.
fn last_mark(at: Span, text: &str) -> Option<Span> {
    let above = text.get(..at.end as usize)?;
    let start = above.rfind("\n---")? + 1;
    let says_something = |line: &str| !matches!(line.trim(), "" | "---") && !line.starts_with('#');
    let is_second = above[..start].lines().any(says_something);
    is_second.then_some(Span { start: start as u32, end: start as u32 + 3, ..at })
}

pub(crate) fn merge_of_scalar(node: &Node, at: Span) -> Diagnostic {
    let message = format!("`<<` merges mappings, and this is {}", node.kind_name());
    let problem = Diagnostic::error("yaml::merge-key", message).at(at, "");
    let problem = if at == node.span { problem } else { problem.at(node.span, "defined here") };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let name = node.as_str().filter(|text| at == node.span && text.chars().all(is_name));
    let name = name.unwrap_or("name");
    problem.help(format!("write `<<: *{name}`, where `&{name}` stands before a mapping"))
}

/// A key that Docker passes over without a word.
pub(crate) fn ignored_key<const N: usize>(
    parent: &str,
    key: &str,
    value: &Node,
    known: [&'static str; N],
) -> Diagnostic {
    let message = format!("`{parent}` has no key `{key}`");
    let problem = Diagnostic::warning("compose::unknown-key", message).at(value.key, "ignored");
    match nearest(key, known) {
        Some(known) => problem.help(format!("did you mean `{known}`?")),
        None => problem,
    }
}

/// The key that was meant to be one that a mapping lacks, if it has such a key.
pub(crate) fn mistyped_key<'n, const N: usize>(
    node: &'n Node,
    required: &str,
    known: [&'static str; N],
) -> Option<&'n Node> {
    let map = node.as_map().filter(|map| !map.contains_key(required))?;
    let meant = |key: &str| !known.contains(&key) && nearest(key, known) == Some(required);
    map.iter().find(|(key, _)| meant(key)).map(|(_, value)| value)
}

/// What an error of a grammar says of a text, and after a semicolon what to type.
pub(crate) fn grammar(code: &'static str, text: &str, error: &str, at: Span) -> Diagnostic {
    let (wrong, help) = match error.split_once("; ") {
        Some((wrong, help)) => (wrong, Some(help)),
        None => (error, None),
    };
    let mut problem = Diagnostic::error(code, format!("{text} {wrong}")).at(at, "");
    problem.help = match text.contains(['“', '”', '„', '‘', '’']) {
        true => Some("type the quotes as `\"`: these are for prose".to_owned()),
        false => help.map(str::to_owned),
    };
    problem
}

pub(crate) fn recursive_alias(alias: &str, at: Span) -> Diagnostic {
    let name = alias.trim_start_matches('*');
    Diagnostic::error("yaml::recursive-alias", format!("the value of `&{name}` contains itself"))
        .at(at, "used inside its own value")
        .help("an alias can stand only after the value that it repeats")
}

pub(crate) fn too_many_values(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("yaml::too-large", format!("the file has more than {limit} values"))
        .at(at, "this one is too much")
        .help("split the project, or keep data in files of its own")
}

pub(crate) fn too_many_anchors(at: Span) -> Diagnostic {
    Diagnostic::error("yaml::excessive-aliasing", "anchors inside of anchors hold too much")
        .at(at, "this one is too much")
        .help("put an anchor only on what an alias repeats")
}

pub(crate) fn alias_bomb(at: Span) -> Diagnostic {
    Diagnostic::error("yaml::excessive-aliasing", "aliases repeat aliases too often")
        .at(at, "this one is too much")
        .help("write the values out, or share them with `extends`")
}

/// A value that came through an alias is shown where it was written, and where
/// it was used.
pub(crate) fn used_here(problem: Diagnostic, node: &Node) -> Diagnostic {
    let aliased = node.span.file == node.key.file && node.span.end <= node.key.start;
    if aliased { problem.at(node.key, "used here") } else { problem }
}

/// A file that the project refers to cannot be had.
pub(crate) fn unreadable(path: &str, error: &io::Error, at: Span) -> Diagnostic {
    let reason = match error.kind() {
        ErrorKind::NotFound => "it does not exist".to_owned(),
        ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => error.to_string(),
    };
    let mut problem = Diagnostic::error("compose::file", format!("cannot read `{path}`: {reason}"))
        .at(at, "referred to here");
    problem.help = what_to_do(error).map(str::to_owned);
    problem
}

/// A file was read, and is nothing to load.
pub(crate) fn no_text(error: &io::Error, at: Span) -> Diagnostic {
    let mut problem = Diagnostic::error("compose::file", format!("the file is refused: {error}"));
    problem.help = what_to_do(error).map(str::to_owned);
    problem.at(at, "")
}

fn what_to_do(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::NotFound => Some("create the file, or correct its path"),
        ErrorKind::InvalidData => Some("save it as UTF-8, or name another file"),
        ErrorKind::FileTooLarge => Some("split it, or keep data in files of its own"),
        ErrorKind::IsADirectory => Some("name a file in this folder"),
        ErrorKind::PermissionDenied => Some("allow reading it, as with `chmod +r`"),
        _ => None,
    }
}

/// The candidate that a mistyped word most likely means, if there is one.
///
/// Case, and the choice of `-` or `_`, do not count as mistakes.
///
/// ```
/// use compose_model::nearest;
///
/// let services = ["web", "worker"];
/// assert_eq!(nearest("wbe", services), Some("web"));
/// assert_eq!(nearest("Worker", services), Some("worker"));
/// assert_eq!(nearest("database", services), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let folded = fold(word);
    let limit = (folded.len() / 3).max(1);
    let near = candidates
        .iter()
        .copied()
        .filter_map(|candidate| Some((distance(&folded, candidate, limit)?, candidate)))
        .filter(|(distance, candidate)| *distance <= most_slips(word, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    near.or_else(|| only_longer(word, &candidates))
}

fn fold(text: &str) -> Vec<char> {
    text.chars().map(folded).collect()
}

/// Case, and the choice of `-` or `_`, do not count.
fn folded(c: char) -> char {
    if c == '-' { '_' } else { c.to_ascii_lowercase() }
}

/// A character in a set of characters, which it shares with few others.
fn bit(c: char) -> u64 {
    1 << (u32::from(c) % u64::BITS)
}

/// How many slips a word can have and still be meant for another. Of two short
/// words one slip makes many others, and `web2` is not `web1` mistyped.
fn most_slips(word: &str, candidate: &str) -> usize {
    let length = |text: &str| text.chars().count();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let shorter = length(word).min(length(candidate));
    let replaced = length(word) == length(candidate) && digits(word) != digits(candidate);
    match shorter {
        _ if replaced => 0,
        0 | 1 => 0,
        2 => usize::from(length(word) != length(candidate) || swapped(word, candidate)),
        _ => (length(word) / 3).max(1),
    }
}

/// `bd` for `db`.
fn swapped(word: &str, other: &str) -> bool {
    word.chars().eq(other.chars().rev())
}

/// `healthy` for `service_healthy`, if there is but one such.
fn only_longer<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let mut longer = candidates.iter().filter(|candidate| {
        candidate.split('_').any(|part| word.len() > 2 && part.starts_with(word))
    });
    let only = longer.next()?;
    longer.next().is_none().then_some(*only)
}

/// How many insertions, deletions, replacements and swaps lead from a folded word
/// to another one, unless they are more than a limit.
fn distance(a: &[char], b: &str, limit: usize) -> Option<usize> {
    // A file may have a hundred thousand unknown keys, most of them like no other.
    let known = b.chars().map(folded).fold(0, |known, c| known | bit(c));
    let is_strange = |c: &&char| bit(**c) & known == 0;
    if a.len().abs_diff(b.chars().count()) > limit || a.iter().filter(is_strange).count() > limit {
        return None;
    }
    let b = &fold(b)[..];
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
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
    Some(above[b.len()]).filter(|distance| *distance <= limit)
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
            ("depends", Some("depends_on")),
            ("env", Some("environment")),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }

    #[test]
    fn short_names_and_numbers_are_rarely_slips() {
        let cases = [
            ("a", "b", false),
            ("a", "A", true),
            ("db", "dc", false),
            ("bd", "db", true),
            ("wb", "web", true),
            ("api", "app", true),
            ("web2", "web1", false),
            ("wbe1", "web1", true),
            ("web", "web1", true),
        ];
        for (word, known, near) in cases {
            assert_eq!(nearest(word, [known]).is_some(), near, "{word} for {known}");
        }
    }
}
