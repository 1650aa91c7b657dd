//! One file over another: what an override, an `extends` or an `include` says
//! wins, by the rule that the specification has for the key.

use super::lists::{join_values, sequence};
use indexmap::IndexSet;

use crate::diagnostic::Diagnostic;
use crate::tree::{Kind, Map, Node, Text, Trail};

/// What `over` makes of `base`, both being at the same place of a project.
pub(crate) fn merge(
    base: Node,
    over: Node,
    at: &Trail<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Node {
    Merger { problems }.merge(base, over, at)
}

struct Merger<'p> {
    problems: &'p mut Vec<Diagnostic>,
}

/// How the two values of a key become one.
#[derive(Clone, Copy)]
enum Merging {
    /// The later one stands.
    Replace,
    /// Both as lists (of `KEY=VALUE`, for mappings), one after the other.
    Append,
    /// As [`Append`](Self::Append), without what is there already.
    AppendNew,
    /// Both as mappings; a list's items are keys of such a value.
    Keys(Item),
    Build,
    Logging,
    /// By subnet.
    AddressPools,
    /// Mapping into mapping, list after list, and otherwise the later one.
    Natural,
}

/// What an item of a list stands for in the long form.
#[derive(Clone, Copy)]
enum Item {
    Null,
    Dependency,
}

impl Merger<'_> {
    fn merge(&mut self, base: Node, over: Node, at: &Trail<'_>) -> Node {
        match merging(at) {
            Merging::Replace => over,
            Merging::Append | Merging::AppendNew if is_scalar(&over) => {
                self.mismatch(&base, &over, at);
                base
            }
            Merging::Append => append(sequence(base), sequence(over)),
            Merging::AppendNew => append_new(sequence(base), sequence(over)),
            Merging::Keys(item) => self.natural(keyed(base, item), keyed(over, item), at),
            Merging::Build => self.natural(build(base), build(over), at),
            Merging::Logging => self.logging(base, over, at),
            Merging::AddressPools => self.address_pools(base, over, at),
            Merging::Natural => self.natural(base, over, at),
        }
    }

    fn natural(&mut self, base: Node, over: Node, at: &Trail<'_>) -> Node {
        if over.is_null() {
            return base;
        }
        let (span, key) = (over.span, over.key);
        let kind = match (base.kind, over.kind) {
            (Kind::Map(base), Kind::Map(over)) => Kind::Map(Box::new(self.maps(*base, *over, at))),
            (Kind::List(mut base), Kind::List(over)) => {
                base.extend(over);
                Kind::List(base)
            }
            (earlier @ (Kind::Map(_) | Kind::List(_)), kind) => {
                let base = Node { kind: earlier, span: base.span, key: base.key };
                self.mismatch(&base, &Node::new(kind, span), at);
                // It may be wrong itself, and the later one is known to be.
                return base;
            }
            (_, kind) => kind,
        };
        Node { kind, span, key }
    }

    fn maps(&mut self, mut base: Map, over: Map, at: &Trail<'_>) -> Map {
        for (key, value) in over {
            let merged = match base.get_mut(&key) {
                Some(earlier) => {
                    let null = Node::null(earlier.span);
                    self.merge(std::mem::replace(earlier, null), value, &at.key(&key))
                }
                None => value,
            };
            base.insert(key, merged);
        }
        base
    }

    fn mismatch(&mut self, base: &Node, over: &Node, at: &Trail<'_>) {
        let (earlier, later) = (base.kind_name(), over.kind_name());
        self.problems.push(
            Diagnostic::error(
                "compose::merge",
                format!("`{}` is {earlier}, and {later} cannot be merged into it", at.path()),
            )
            .at(over.span, later)
            .at(base.key, format!("{earlier} here"))
            .help("write both in the same form, or put `!override` before the later one"),
        );
    }

    /// Options belong to a driver: with another driver they start anew.
    fn logging(&mut self, base: Node, over: Node, at: &Trail<'_>) -> Node {
        let same = match (base.get("driver"), over.get("driver")) {
            (Some(base), Some(over)) => base.same_value(over),
            (None, _) | (_, None) => true,
        };
        if same { self.natural(base, over, at) } else { over }
    }

    /// The later pools stand, each over the earlier one of its subnet.
    fn address_pools(&mut self, base: Node, over: Node, at: &Trail<'_>) -> Node {
        let (Kind::List(bases), Kind::List(_)) = (&base.kind, &over.kind) else {
            return self.natural(base, over, at);
        };
        let subnet = |node: &Node| node.get("subnet").and_then(Node::scalar_text);
        let Node { kind: Kind::List(overs), span, key } = over else { return over };
        let merge = |over: Node| match bases.iter().find(|base| subnet(base) == subnet(&over)) {
            Some(base) => self.natural(base.clone(), over, at),
            None => over,
        };
        Node { kind: Kind::List(overs.into_iter().map(merge).collect()), span, key }
    }
}

fn merging(at: &Trail<'_>) -> Merging {
    // By the last key first: most places of a project are decided by it alone.
    let Some(last) = at.last() else { return Merging::Natural };
    let service = || at.matches(&["services", "*", last]);
    let build = || at.matches(&["services", "*", "build", last]);
    match last {
        "command" | "entrypoint" if service() => Merging::Replace,
        "test" if at.matches(&["services", "*", "healthcheck", "test"]) => Merging::Replace,
        "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file"
        | "environment" | "sysctls" | "tmpfs"
            if service() =>
        {
            Merging::Append
        }
        "labels" if service() || build() || at.matches(&["services", "*", "deploy", "labels"]) => {
            Merging::Append
        }
        "labels"
            if at.matches(&["networks", "*", "labels"])
                || at.matches(&["volumes", "*", "labels"]) =>
        {
            Merging::Append
        }
        "args" | "additional_contexts" if build() => Merging::Append,
        "extra_hosts" if service() || build() => Merging::AppendNew,
        "depends_on" if service() => Merging::Keys(Item::Dependency),
        "networks" | "models" if service() => Merging::Keys(Item::Null),
        "build" if service() => Merging::Build,
        "logging" if service() => Merging::Logging,
        "config" if at.matches(&["networks", "*", "ipam", "config"]) => Merging::AddressPools,
        _ if at.matches(&["services", "*", "ulimits", "*"]) => Merging::Replace,
        _ => Merging::Natural,
    }
}

/// Something that is neither a list, nor a mapping, nor the only item of a list.
fn is_scalar(node: &Node) -> bool {
    !matches!(node.kind, Kind::Null | Kind::String(_) | Kind::List(_) | Kind::Map(_))
}

fn append(base: Node, over: Node) -> Node {
    join_values(base, over, |_| true)
}

fn append_new(base: Node, over: Node) -> Node {
    let items = base.as_list().unwrap_or_default();
    let mut known: IndexSet<Text> = items.iter().filter_map(Node::scalar_text).collect();
    join_values(base, over, |new| new.scalar_text().is_none_or(|text| known.insert(text)))
}

/// The long form of a value that may be a list of keys.
fn keyed(node: Node, item: Item) -> Node {
    let Node { kind: Kind::List(items), span, key } = node else { return node };
    let mut map = Map::default();
    for entry in items {
        let Some(name) = entry.as_str().map(Text::from) else { continue };
        let value = match item {
            Item::Null => Node::null(entry.span),
            Item::Dependency => super::canonical::dependency(entry.span),
        };
        map.insert(name, value);
    }
    Node { kind: Kind::Map(Box::new(map)), span, key }
}

/// The long form of `build: .`.
fn build(node: Node) -> Node {
    let Node { kind: Kind::String(context), span, key } = node else { return node };
    let map = Map::from_iter([("context".into(), Node::string(context, span))]);
    Node { kind: Kind::Map(Box::new(map)), span, key }
}
