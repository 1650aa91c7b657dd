//! What to type where a list belongs, and instead of one.

use crate::schema::Rule;
use crate::tree::{Map, Node};

/// One value where a list belongs, or lines that have no `- ` before them.
pub(super) fn one_item(key: &str, text: &str, rule: &Rule) -> Option<String> {
    let list = rule.list?;
    if text.starts_with('-') {
        return Some("put a space behind each `-`".to_owned());
    }
    let items = items(key, text, rule.map.is_some());
    let quoted = items.join("\", \"");
    Some(match &items[..] {
        [item] if list.items.string.is_none() => {
            format!("put `- ` before each item of `{key}`, not only `{item}`")
        }
        [item] => format!("write a list: `{key}: [\"{item}\"]`, or `- \"{item}\"` on its own line"),
        [item, ..] if rule.map.is_some() && item.contains('=') => {
            let entry = item.replacen('=', ": ", 1);
            format!("put `- ` before each line, as in `- {item}`; or write each as `{entry}`")
        }
        items => {
            let shown = if items.len() > 4 { "…".to_owned() } else { format!("[\"{quoted}\"]") };
            format!("write a list: `{key}: {shown}`, or each on its own line behind `- `")
        }
    })
}

/// Lists whose items have no spaces.
const WORD_LISTS: [&str; 18] = [
    "cap_add",
    "cap_drop",
    "configs",
    "depends_on",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "env_file",
    "expose",
    "external_links",
    "group_add",
    "links",
    "ports",
    "profiles",
    "secrets",
    "volumes",
    "volumes_from",
];

/// The items that a text was meant to be, in which YAML has joined the lines.
fn items(key: &str, text: &str, entries: bool) -> Vec<String> {
    if !entries && !WORD_LISTS.contains(&key) {
        return vec![text.to_owned()];
    }
    let mut items: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        // A value may have spaces: only a name begins another entry.
        let begins = !entries || text.find('=').is_none() || is_entry(word);
        match items.last_mut() {
            Some(last) if !begins => {
                last.push(' ');
                last.push_str(word);
            }
            _ => items.push(word.to_owned()),
        }
    }
    let several = items.len() > 1;
    items
        .iter()
        .map(|item| if several { item.trim_end_matches(',') } else { item }.to_owned())
        .collect()
}

fn is_entry(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
    })
}

/// Keys where items belong: `80: 80`, where `80:80` was meant, or no `- `.
pub(super) fn not_a_list(key: &str, map: &Map, item: &Rule) -> String {
    let Some((name, value)) = map.first() else { return format!("write `{key}: []`") };
    let known = item.map.is_some_and(|map| map.rule(name).is_some());
    match value.scalar_text() {
        Some(value) if !known && matches!(key, "ports" | "volumes" | "devices") => {
            format!("write a list: `- \"{name}:{value}\"` below `{key}`")
        }
        Some(value) if item.map.is_none() => {
            format!("write a list: `{key}: [\"{name}\", \"{value}\"]`")
        }
        _ => format!("put `- ` before each item of `{key}`"),
    }
}

/// Items where names belong.
pub(super) fn not_a_mapping(key: &str, items: &[Node], rule: &Rule) -> String {
    match items {
        [item] if rule.string.is_some() && item.as_str().is_some() => {
            format!("write `{key}: {}`", item.as_str().unwrap_or_default())
        }
        [item, ..] => match item.scalar_text() {
            Some(name) if matches!(key, "secrets" | "configs") => {
                format!("write `{name}: {{file: ./{name}}}` below `{key}`, without `- `")
            }
            Some(name) => format!("write `{name}:` below `{key}`, without `- `"),
            None => format!("remove each `- ` below `{key}`"),
        },
        [] => format!("write `{key}: {{}}`"),
    }
}

/// Items where one text belongs.
pub(super) fn not_one(key: &str, items: &[Node]) -> Option<String> {
    match items {
        [item] => Some(format!("write `{key}: {}`", item.scalar_text()?)),
        _ => Some(format!("write one text: `{key}: …`")),
    }
}
