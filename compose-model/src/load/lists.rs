//! Lists that stand for mappings: `KEY=VALUE` items, and which of several
//! items for one key counts.

use indexmap::IndexMap;

use super::problem::{forget_keys, nearest};
use crate::diagnostic::Diagnostic;
use crate::tree::{Kind, Map, Node, Text};
use crate::value::{MountError, parse_mount};

/// A value as a list: a mapping's entries become `KEY=VALUE` items, in order.
pub(crate) fn sequence(node: Node) -> Node {
    let Node { kind, span, key } = node;
    let items = match kind {
        Kind::List(items) => items,
        Kind::Map(map) => entries(*map),
        Kind::String(text) => vec![Node::string(text, span)],
        Kind::Null
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::Uint(_)
        | Kind::Float(_)
        | Kind::Time(_) => Vec::new(),
    };
    Node { kind: Kind::List(items), span, key }
}

fn entries(mut map: Map) -> Vec<Node> {
    map.sort_unstable_keys();
    let mut items = Vec::with_capacity(map.len());
    for (key, value) in map {
        match &value.kind {
            Kind::Null => items.push(entry(&key, None, &value)),
            Kind::List(values) => {
                items.extend(values.iter().map(|item| entry(&key, item.scalar_text(), item)));
            }
            _ => items.push(entry(&key, value.scalar_text(), &value)),
        }
    }
    items
}

fn entry(key: &Text, value: Option<Text>, at: &Node) -> Node {
    let text = match value {
        Some(value) => compact_str::format_compact!("{key}={value}"),
        None => key.clone(),
    };
    Node { kind: Kind::String(text), span: at.span, key: at.key }
}

/// One list after another, without the items that a condition refuses.
pub(crate) fn join_values(base: Node, over: Node, mut keep: impl FnMut(&Node) -> bool) -> Node {
    let (span, key) = (base.span, base.key);
    let mut items = match base.kind {
        Kind::List(items) => items,
        _ => Vec::new(),
    };
    if let Kind::List(added) = over.kind {
        items.extend(added.into_iter().filter(|item| keep(item)));
    }
    Node { kind: Kind::List(items), span, key }
}

/// Keeps one item per key in every list where items have keys: the last one,
/// at the place of the first.
pub(crate) fn keep_unique(root: &mut Node, problems: &mut Vec<Diagnostic>) {
    for network in values(root, "networks") {
        unique(network.get_mut("labels"), Index::Key, problems);
        unique(
            network.get_mut("ipam").and_then(|ipam| ipam.get_mut("options")),
            Index::Key,
            problems,
        );
    }
    for service in values(root, "services") {
        unique_in_service(service, problems);
    }
}

fn unique_in_service(service: &mut Node, problems: &mut Vec<Diagnostic>) {
    let Some(service) = service.as_map_mut() else { return };
    for (key, value) in service.iter_mut() {
        match (key.as_str(), index(key)) {
            (_, Some(index)) => unique(Some(value), index, problems),
            ("build", None) => {
                for key in ["args", "additional_contexts", "tags", "labels"] {
                    unique(value.get_mut(key), Index::Key, problems);
                }
            }
            ("deploy", None) => unique(value.get_mut("labels"), Index::Key, problems),
            ("networks", None) => {
                for network in value.as_map_mut().into_iter().flat_map(Map::values_mut) {
                    unique(network.get_mut("aliases"), Index::Key, problems);
                    unique(network.get_mut("link_local_ips"), Index::Key, problems);
                }
            }
            (_, None) => {}
        }
    }
}

fn values<'a>(root: &'a mut Node, key: &str) -> impl Iterator<Item = &'a mut Node> {
    root.get_mut(key).and_then(Node::as_map_mut).into_iter().flat_map(Map::values_mut)
}

/// What two items of a list have in common when one replaces the other.
#[derive(Clone, Copy)]
enum Index {
    /// What stands before `=`.
    Key,
    /// The path in the container.
    Mount,
    Device,
    /// The path in the container, below a folder unless it is named.
    File(&'static str),
    EnvFile,
    Expose,
    Port,
}

fn index(key: &str) -> Option<Index> {
    Some(match key {
        "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search"
        | "environment" | "labels" | "links" | "profiles" | "sysctls" | "tmpfs" => Index::Key,
        "volumes" => Index::Mount,
        "devices" => Index::Device,
        "configs" => Index::File(""),
        "secrets" => Index::File("/run/secrets"),
        "env_file" => Index::EnvFile,
        "expose" => Index::Expose,
        "ports" => Index::Port,
        _ => return None,
    })
}

fn unique(list: Option<&mut Node>, index: Index, problems: &mut Vec<Diagnostic>) {
    let Some(items) = list.and_then(Node::as_list_mut) else { return };
    if items.len() < 2 {
        // One item is unique, if it can be read at all.
        items.retain(|item| match item_key(item, index) {
            Ok(_) => true,
            Err(problem) => {
                tell(problem, item, problems);
                false
            }
        });
        return;
    }
    let mut kept: IndexMap<Text, Node, foldhash::fast::RandomState> = IndexMap::default();
    // Items without a key are of the wrong kind, which the schema tells.
    let mut others = Vec::new();
    for item in items.drain(..) {
        match item_key(&item, index) {
            Ok(Some(key)) => drop(kept.insert(key, item)),
            Ok(None) => others.push(item),
            Err(problem) => tell(problem, &item, problems),
        }
    }
    items.extend(kept.into_values().chain(others));
}

/// Tells why an item is of no use, at its place unless the problem knows better.
/// Nothing more is to be told of its keys.
fn tell(problem: Diagnostic, item: &Node, problems: &mut Vec<Diagnostic>) {
    forget_keys(item, problems);
    let is_placed = !problem.labels.is_empty();
    problems.push(if is_placed { problem } else { problem.at(item.span, "") });
}

fn item_key(item: &Node, index: Index) -> Result<Option<Text>, Diagnostic> {
    Ok(match index {
        Index::Key => item.as_str().map(|text| text.split('=').next().unwrap_or_default().into()),
        Index::Mount => return mount_key(item),
        Index::Device => return device_key(item),
        Index::File(folder) => file_key(item, folder),
        Index::EnvFile => item.as_str().or_else(|| item.get("path")?.as_str()).map(Text::from),
        Index::Expose => item.scalar_text(),
        Index::Port => return port_key(item),
    })
}

fn mount_key(item: &Node) -> Result<Option<Text>, Diagnostic> {
    match &item.kind {
        Kind::String(text) => match parse_mount(text) {
            Ok(mount) => Ok(Some(mount.target.into())),
            Err(error) => Err(bad_mount(text, &error)),
        },
        Kind::Map(map) => match map.get("target").map(|target| &target.kind) {
            Some(Kind::String(target)) => Ok(Some(target.clone())),
            // Of the wrong kind: the schema tells.
            Some(_) => Ok(None),
            None => Err(no_target(map, "volume", "/path/in/container")),
        },
        _ => Ok(None),
    }
}

/// A short-form volume that cannot be read.
pub(crate) fn bad_mount(text: &str, error: &MountError) -> Diagnostic {
    let error = error.to_string();
    let (wrong, _) = error.split_once("; ").unwrap_or((&error, ""));
    Diagnostic::error("compose::volume", format!("the volume `{text}` {wrong}"))
        .help("write `SOURCE:TARGET` or `SOURCE:TARGET:ro`")
}

/// The keys of the long forms that have a `target`.
const LONG_KEYS: [&str; 16] = [
    "app_protocol",
    "bind",
    "host_ip",
    "mode",
    "name",
    "protocol",
    "published",
    "consistency",
    "image",
    "permissions",
    "read_only",
    "source",
    "target",
    "tmpfs",
    "type",
    "volume",
];

fn no_target(map: &Map, what: &str, example: &str) -> Diagnostic {
    let unknown = |key: &&Text| !LONG_KEYS.contains(&key.as_str()) && !key.starts_with("x-");
    let mut unknown = map.keys().filter(unknown);
    let code = "compose::missing-key";
    match (unknown.next(), map.first()) {
        (Some(key), _) if nearest(key, LONG_KEYS) == Some("target") => {
            Diagnostic::error("compose::unknown-key", format!("a {what} has no key `{key}`"))
                .at(map[key].key, "")
                .help("did you mean `target`?")
        }
        (Some(source), Some((_, value))) if map.len() == 1 => {
            short_form(source, value, what, example)
        }
        _ => Diagnostic::error(code, format!("a {what} needs the key `target`"))
            .help(format!("add `target: {example}`")),
    }
}

/// `- data: /path`, which a space has made a mapping, and `- data:`.
fn short_form(source: &str, value: &Node, what: &str, example: &str) -> Diagnostic {
    let code = "compose::missing-key";
    match value.scalar_text() {
        Some(target) => {
            let target = if what == "port" { format!("{target}\"") } else { target.to_string() };
            let source = if what == "port" { format!("\"{source}") } else { source.to_owned() };
            let message = format!("a space behind a colon makes this {what} a key and its value");
            Diagnostic::error(code, message).help(format!("write `- {source}:{target}`"))
        }
        None if what == "port" => {
            Diagnostic::error(code, format!("the port `{source}:` has nothing behind its `:`"))
                .help(format!("write `- \"{source}:{example}\"`, or `- \"{source}\"`"))
        }
        None => {
            Diagnostic::error(code, format!("the {what} `{source}:` has no path behind its `:`"))
                .help(format!("write `- {source}:{example}`"))
        }
    }
}

fn device_key(item: &Node) -> Result<Option<Text>, Diagnostic> {
    match &item.kind {
        Kind::String(text) => {
            let mut parts = text.split(':');
            let source = parts.next().unwrap_or_default();
            Ok(Some(parts.next().unwrap_or(source).into()))
        }
        Kind::Map(map) => match map.get("target").map(|target| &target.kind) {
            Some(Kind::String(target)) => Ok(Some(target.clone())),
            Some(_) => Ok(None),
            None => Err(no_target(map, "device", "/dev/name")),
        },
        _ => Ok(None),
    }
}

fn file_key(item: &Node, folder: &str) -> Option<Text> {
    let below = |source: &str| compact_str::format_compact!("{folder}/{source}");
    match &item.kind {
        Kind::String(source) => Some(below(source)),
        Kind::Map(map) => match map.get("target") {
            Some(target) => target.as_str().map(Text::from),
            None => Some(below(&map.get("source").and_then(Node::scalar_text).unwrap_or_default())),
        },
        _ => None,
    }
}

fn port_key(item: &Node) -> Result<Option<Text>, Diagnostic> {
    let Kind::Map(port) = &item.kind else { return Ok(item.scalar_text()) };
    let Some(target) = port.get("target") else { return Err(no_target(port, "port", "80")) };
    // A number and a text are different keys, even if they read alike.
    let part = |key: &str, default: &str| match port.get(key) {
        Some(Node { kind: Kind::String(text), .. }) => text.clone(),
        Some(node) => compact_str::format_compact!("#{}", node.scalar_text().unwrap_or_default()),
        None => default.into(),
    };
    let (host, published) = (part("host_ip", "0.0.0.0"), part("published", "#"));
    let (protocol, target) = (part("protocol", "tcp"), target.scalar_text().unwrap_or_default());
    Ok(Some(compact_str::format_compact!("{host}:{published}:{target}/{protocol}")))
}
