//! Short forms to long ones: `ports: ["80:80"]` to a mapping with `target` and
//! `published`. What cannot be read is told and taken out.

use compact_str::format_compact;

use super::lists::bad_mount;
use super::problem;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::tree::{Kind, Map, Node, Text};
use crate::value::{
    MountKind, PortError, ShortMount, ShortPort, clean_path, parse_mount, parse_ports,
};

/// Rewrites every short form of a project that passed the schema. Where
/// variables stay as they are, so does a short form that cannot be read.
pub(crate) fn canonicalize(root: &mut Node, variables: bool, problems: &mut Vec<Diagnostic>) {
    let mut canonical = Canonical { variables, ports: 0, problems };
    for (key, resources) in root.as_map_mut().into_iter().flatten() {
        for (name, node) in resources.as_map_mut().into_iter().flatten() {
            match key.as_str() {
                "services" => canonical.service(node),
                "volumes" | "networks" | "secrets" | "configs" => canonical.external(node, name),
                _ => {}
            }
        }
    }
}

/// The long form of a service name under `depends_on`.
pub(crate) fn dependency(span: Span) -> Node {
    let condition = Node::string("service_started", span);
    map(span, [("condition", condition), ("required", Node::bool(true, span))])
}

fn map<const N: usize>(span: Span, entries: [(&'static str, Node); N]) -> Node {
    Node::map(entries.into_iter().map(|(key, node)| (Text::const_new(key), node)).collect(), span)
}

struct Canonical<'p> {
    /// Whether texts may hold variables.
    variables: bool,
    /// How many ports the ranges of the project have come to.
    ports: usize,
    problems: &'p mut Vec<Diagnostic>,
}

/// More ports than two whole ranges have: a few lines could ask for millions.
const MAX_PORTS: usize = 4 << 16;

impl Canonical<'_> {
    fn service(&mut self, service: &mut Node) {
        let Some(service) = service.as_map_mut() else { return };
        for (key, node) in service.iter_mut() {
            match key.as_str() {
                "build" => self.build(node),
                "depends_on" => depends_on(node),
                "env_file" => env_files(node),
                "label_file" | "dns" => {
                    string_to_list(node);
                    if key == "dns" {
                        omit_empty(node);
                    }
                }
                "gpus" => gpus(node),
                "networks" | "models" => keys(node),
                "volumes" => self.each(node, Self::volume),
                "devices" => self.each(node, Self::device),
                "secrets" | "configs" => self.each(node, |_, item| named(item, "source")),
                "ports" => self.ports(node),
                "ulimits" => self.limits(node),
                "develop" => develop(node),
                _ => {}
            }
        }
    }

    /// Rewrites every item of a list and drops those that cannot be read.
    fn each(&mut self, list: &mut Node, rewrite: fn(&mut Self, &mut Node) -> bool) {
        if let Some(items) = list.as_list_mut() {
            items.retain_mut(|item| rewrite(self, item));
        }
    }

    fn build(&mut self, node: &mut Node) {
        named(node, "context");
        let Some(build) = node.as_map_mut() else { return };
        for (key, node) in build.iter_mut() {
            match key.as_str() {
                "secrets" => self.each(node, |_, item| named(item, "source")),
                "provenance" | "sbom" => bool_to_string(node),
                "additional_contexts" => self.key_values(node),
                "ssh" => self.ssh_keys(node),
                "ulimits" => self.limits(node),
                _ => {}
            }
        }
    }

    fn key_values(&mut self, node: &mut Node) {
        let Some(items) = node.as_list() else { return };
        let mut entries = Map::default();
        for item in items {
            match item.as_str().unwrap_or_default().split_once('=') {
                Some((key, value)) => {
                    drop(entries.insert(key.into(), Node::string(value, item.span)));
                }
                None if self.variables => return,
                None => self.refuse(item, "is not `NAME=CONTEXT`", "write `name=path`"),
            }
        }
        node.kind = Kind::Map(Box::new(entries));
    }

    fn ssh_keys(&mut self, node: &mut Node) {
        let Some(items) = node.as_list() else { return };
        let mut entries = Map::default();
        for item in items {
            let text = item.as_str().unwrap_or_default();
            match text.split_once('=') {
                Some((id, path)) => {
                    drop(entries.insert(id.into(), Node::string(path, item.span)));
                }
                None if text == "default" => {
                    drop(entries.insert(text.into(), Node::null(item.span)));
                }
                None if self.variables => return,
                None => self.refuse(item, "is no SSH key", "write `default`, or `id=path`"),
            }
        }
        node.kind = Kind::Map(Box::new(entries));
    }

    fn limits(&mut self, node: &mut Node) {
        let Some(limits) = node.as_map_mut() else { return };
        limits.retain(|_, limit| {
            let usable = self.variables || !matches!(limit.kind, Kind::String(_));
            if !usable {
                self.refuse(limit, "is no limit", "write a number without quotes");
            }
            usable
        });
    }

    fn volume(&mut self, node: &mut Node) -> bool {
        let Kind::String(text) = &node.kind else { return true };
        match parse_mount(text) {
            Ok(mount) => {
                node.kind = mount_map(mount, node.span).kind;
                true
            }
            Err(_) if self.variables => true,
            Err(error) => {
                self.problems.push(bad_mount(text, &error).at(node.span, ""));
                false
            }
        }
    }

    fn device(&mut self, node: &mut Node) -> bool {
        let Kind::String(text) = &node.kind else { return true };
        let parts: Vec<&str> = text.split(':').collect();
        let (source, target, permissions) = match parts[..] {
            [source] => (source, source, "rwm"),
            [source, target] => (source, target, "rwm"),
            [source, target, permissions] => (source, target, permissions),
            _ if self.variables => return true,
            _ => {
                self.refuse(node, "has too many `:` for a device", "write `source:target:rwm`");
                return false;
            }
        };
        let target = if target.is_empty() { source } else { target };
        let text = |text| Node::string(text, node.span);
        let (source, target) = (("source", text(source)), ("target", text(target)));
        node.kind = map(node.span, [source, target, ("permissions", text(permissions))]).kind;
        true
    }

    /// One short form may stand for many ports.
    fn ports(&mut self, node: &mut Node) {
        let Some(items) = node.as_list_mut() else { return };
        let unread = |item: &Node| item.as_str().is_some_and(|spec| parse_ports(spec).is_err());
        if self.variables && items.iter().any(unread) {
            return;
        }
        let mut ports = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            let spec = match &item.kind {
                Kind::Map(_) => {
                    ports.push(item);
                    continue;
                }
                _ => item.scalar_text().unwrap_or_default(),
            };
            if self.ports > MAX_PORTS {
                let message = format!("the project publishes more than {MAX_PORTS} ports");
                let problem = Diagnostic::error("compose::port", message);
                self.problems.push(problem.at(item.span, "this range is too much"));
                break;
            }
            match parse_ports(&spec) {
                Ok(short) => {
                    self.ports += short.len();
                    ports.extend(short.into_iter().map(|port| port_map(port, &item)));
                }
                Err(error) => {
                    self.problems.push(bad_port(&spec, &error, item.span));
                }
            }
        }
        *items = ports;
    }

    /// `external: {name: …}` is the old form of `name` beside `external: true`.
    fn external(&mut self, node: &mut Node, name: &str) {
        let Some(resource) = node.as_map_mut() else { return };
        let Some(external) = resource.get_mut("external").filter(|node| node.as_map().is_some())
        else {
            return;
        };
        let named = external.get("name").cloned();
        external.kind = Kind::Bool(true);
        let Some(old) = named else { return };
        self.problems.push(
            Diagnostic::warning("compose::external-name", "`external.name` is obsolete")
                .at(old.key, "")
                .help(format!("write `external: true` and `name: …` in `{name}`")),
        );
        match resource.get("name") {
            Some(new) if !new.same_value(&old) => self.problems.push(
                Diagnostic::error(
                    "compose::external-name",
                    format!("`{name}` has two names: `name` and `external.name`"),
                )
                .at(old.span, "this is obsolete")
                .at(new.span, "and differs from this")
                .help("keep `name`, and write `external: true`"),
            ),
            Some(_) => {}
            None => drop(resource.insert("name".into(), old)),
        }
    }

    fn refuse(&mut self, node: &Node, what: &str, help: &str) {
        let text = node.scalar_text().unwrap_or_default();
        self.problems.push(
            Diagnostic::error("compose::value", format!("`{text}` {what}"))
                .at(node.span, "")
                .help(help),
        );
    }
}

fn bad_port(spec: &str, error: &PortError, at: Span) -> Diagnostic {
    let text = format!("the port `{spec}`");
    if let Some((what, help)) = joined_ports(spec) {
        let problem = Diagnostic::error("compose::port", format!("{text} {what}"));
        return problem.at(at, "").help(help);
    }
    let problem = problem::grammar("compose::port", &text, &error.to_string(), at);
    let meant = meant_port(spec).map(|meant| format!("write `\"{meant}\"`"));
    match problem.help {
        Some(_) if meant.is_none() => problem,
        _ => problem.help(
            meant.unwrap_or_else(|| "write `\"HOST:CONTAINER\"`, such as `\"8080:80\"`".to_owned()),
        ),
    }
}

/// The port that somebody tried to write.
fn meant_port(spec: &str) -> Option<String> {
    let straight = spec.replace("->", ":").replace('–', "-").replace("localhost", "127.0.0.1");
    let protocol = straight.rsplit_once(':').map(|(port, last)| format!("{port}/{last}"));
    // An address and a port of the container: any port of the host will do.
    let address = straight.rsplit_once(':').map(|(address, port)| format!("{address}::{port}"));
    let meant = [Some(straight), protocol, address].into_iter().flatten();
    meant.into_iter().find(|meant| meant != spec && parse_ports(meant).is_ok())
}

/// What is wrong with ports that are only written together, or with spaces, and
/// what to type: YAML joins an item that is indented too deep with the one above.
fn joined_ports(spec: &str) -> Option<(&'static str, String)> {
    let several: Vec<&str> = spec.split(',').map(str::trim).collect();
    if several.len() > 1 && several.iter().all(|port| parse_ports(port).is_ok()) {
        let items = several.join("\"`, `\"");
        return Some(("is more than one", format!("make each an item of its own: `\"{items}\"`")));
    }
    let unspaced: String = spec.split_whitespace().collect();
    if unspaced != spec && parse_ports(&unspaced).is_ok() {
        return Some(("has a space in it", format!("write `\"{unspaced}\"`")));
    }
    let (_, below) = spec.split_once(" - ")?;
    let ports = spec.split(" - ").all(|port| parse_ports(port).is_ok());
    let what = "is two items, of which the second is indented too deep";
    ports.then(|| (what, format!("indent `- {below}` like the item above it")))
}

/// `text` to `{key: text}`.
fn named(node: &mut Node, key: &'static str) -> bool {
    if let Kind::String(text) = &node.kind {
        node.kind = map(node.span, [(key, Node::string(text.clone(), node.span))]).kind;
    }
    true
}

fn string_to_list(node: &mut Node) {
    if let Kind::String(text) = &node.kind {
        node.kind = Kind::List(vec![Node::string(text.clone(), node.span)]);
    }
}

fn bool_to_string(node: &mut Node) {
    if let Some(text) = node.scalar_text() {
        node.kind = Kind::String(text);
    }
}

/// A list of keys to a mapping of them to nothing.
fn keys(node: &mut Node) {
    let Some(items) = node.as_list() else { return };
    let entry = |item: &Node| Some((item.as_str()?.into(), Node::null(item.span)));
    node.kind = Kind::Map(Box::new(items.iter().filter_map(entry).collect()));
}

fn omit_empty(node: &mut Node) {
    if let Some(items) = node.as_list_mut() {
        items.retain(|item| !item.is_null() && item.as_str() != Some(""));
    }
}

fn depends_on(node: &mut Node) {
    match &mut node.kind {
        Kind::List(items) => {
            let entry = |item: &Node| Some((item.as_str()?.into(), dependency(item.span)));
            node.kind = Kind::Map(Box::new(items.iter().filter_map(entry).collect()));
        }
        Kind::Map(services) => {
            for service in services.values_mut() {
                let (span, Some(service)) = (service.span, service.as_map_mut()) else { continue };
                let defaults = dependency(span);
                for (key, default) in defaults.as_map().into_iter().flatten() {
                    service.entry(key.clone()).or_insert_with(|| default.clone());
                }
            }
        }
        _ => {}
    }
}

fn env_files(node: &mut Node) {
    string_to_list(node);
    for file in node.as_list_mut().into_iter().flatten() {
        let required = Node::bool(true, file.span);
        named(file, "path");
        if let Some(file) = file.as_map_mut() {
            file.entry("required".into()).or_insert(required);
        }
    }
}

fn gpus(node: &mut Node) {
    if let Kind::String(_) = node.kind {
        let all = map(node.span, [("count", Node::string("all", node.span))]);
        node.kind = Kind::List(vec![all]);
    }
}

fn develop(node: &mut Node) {
    let watches = node.get_mut("watch").and_then(Node::as_list_mut);
    for watch in watches.into_iter().flatten() {
        for key in ["ignore", "include"] {
            if let Some(node) = watch.get_mut(key) {
                string_to_list(node);
            }
        }
    }
}

fn mount_map(mount: ShortMount, span: Span) -> Node {
    let text = |text: String| Node::string(text, span);
    let target = if mount.target.is_empty() { String::new() } else { clean_path(&mount.target) };
    let mut entries = Map::default();
    let kind = match mount.kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
    };
    entries.insert("type".into(), Node::string(kind, span));
    if let Some(source) = mount.source {
        entries.insert("source".into(), text(source));
    }
    entries.insert("target".into(), text(target));
    if mount.read_only {
        entries.insert("read_only".into(), Node::bool(true, span));
    }
    let mut bind = Map::default();
    bind.extend(mount.selinux.map(|value| ("selinux".into(), text(value))));
    bind.extend(mount.propagation.map(|value| ("propagation".into(), text(value))));
    if mount.kind == MountKind::Bind {
        bind.insert("create_host_path".into(), Node::bool(true, span));
    }
    if !bind.is_empty() {
        entries.insert("bind".into(), Node::map(bind, span));
    }
    let nocopy = mount.nocopy.then(|| ("nocopy".into(), Node::bool(true, span)));
    if nocopy.is_some() || mount.kind == MountKind::Volume {
        entries.insert("volume".into(), Node::map(nocopy.into_iter().collect(), span));
    }
    Node::map(entries, span)
}

fn port_map(port: ShortPort, item: &Node) -> Node {
    let span = item.span;
    let text = |key: &'static str, text: String| {
        (!text.is_empty()).then(|| (Text::const_new(key), Node::string(text, span)))
    };
    let mut entries = Map::default();
    entries.insert("mode".into(), Node::string("ingress", span));
    entries.extend(text("host_ip", port.host_ip));
    entries.insert("target".into(), Node::new(Kind::Int(port.target.into()), span));
    entries.extend(text("published", port.published));
    entries.insert("protocol".into(), Node::string(format_compact!("{}", port.protocol), span));
    Node::map(entries, span)
}

#[cfg(test)]
mod tests {
    use crate::{Request, Skip};

    #[test]
    fn short_forms_with_variables_stay_as_they_are() {
        let text = "
services:
  web:
    image: nginx
    build: {context: ., additional_contexts: ['${CONTEXT}']}
    devices: ['a:${B:-c}:${D:-e}']
    ports: ['${PORT:-80}:80', '8080:80']
";
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(text.to_owned()),
            skip: Skip { interpolation: true, ..Skip::default() },
            ..Request::default()
        };
        let value = crate::read(&request).unwrap().document.value();
        let web = serde_json::to_value(value).unwrap()["services"]["web"].take();
        assert_eq!(web["ports"], serde_json::json!(["${PORT:-80}:80", "8080:80"]));
        assert_eq!(web["devices"][0], "a:${B:-c}:${D:-e}");
        assert_eq!(web["build"]["additional_contexts"][0], "${CONTEXT}");

        let (variables, _) = crate::variables(&request).unwrap();
        let names: Vec<_> = variables.iter().map(|variable| variable.name.as_str()).collect();
        assert_eq!(names, ["B", "CONTEXT", "D", "PORT"]);
    }
}
