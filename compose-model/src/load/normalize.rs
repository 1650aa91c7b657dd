//! What Compose adds of itself: the `default` network, the names of resources,
//! and the dependencies that other keys imply.

use crate::request::Environment;
use crate::source::Span;
use crate::tree::{Kind, Map, Node, Text};
use crate::value::clean_path;

/// Adds what is implied. The model must have passed the schema.
pub(crate) fn normalize(model: &mut Node, name: &str, environment: &Environment) {
    networks(model);
    if let Some(Kind::Map(services)) = model.get_mut("services").map(|node| &mut node.kind) {
        for service in services.values_mut() {
            normalize_service(service, environment);
        }
    }
    for kind in ["networks", "volumes", "configs", "secrets"] {
        for (key, resource) in model.get_mut(kind).and_then(Node::as_map_mut).into_iter().flatten()
        {
            set_name(resource, key, name);
        }
    }
}

/// A service without networks is in the one called `default`, which exists as
/// soon as a service is in it.
fn networks(model: &mut Node) {
    let mut used = None;
    let services = model.get_mut("services").and_then(Node::as_map_mut);
    for service in services.into_iter().flat_map(Map::values_mut) {
        let span = service.span;
        let Some(service) = service.as_map_mut() else { continue };
        if service.contains_key("provider") || service.contains_key("network_mode") {
            continue;
        }
        let networks =
            service.entry("networks".into()).or_insert_with(|| Node::map(Map::default(), span));
        let Some(networks) = networks.as_map_mut() else { continue };
        if networks.is_empty() {
            networks.insert("default".into(), Node::null(span));
        }
        if let Some(network) = networks.get("default") {
            used.get_or_insert(network.span);
        }
    }
    if let (Some(span), Some(model)) = (used, model.as_map_mut()) {
        let networks =
            model.entry("networks".into()).or_insert_with(|| Node::map(Map::default(), span));
        if let Some(networks) = networks.as_map_mut() {
            networks.entry("default".into()).or_insert_with(|| Node::null(span));
        }
    }
}

fn normalize_service(service: &mut Node, environment: &Environment) {
    let span = service.span;
    let Some(service) = service.as_map_mut() else { return };
    if let Some(policy) = service.get_mut("pull_policy")
        && policy.as_str() == Some("if_not_present")
    {
        policy.kind = Kind::String("missing".into());
    }
    if let Some(build) = service.get_mut("build") {
        normalize_build(build, environment);
    }
    if let Some(variables) = service.get_mut("environment") {
        fill_in(variables, environment, true);
    }
    for volume in items(service.get_mut("volumes")) {
        if let Some(target) = volume.get_mut("target")
            && let Some(text) = target.as_str()
        {
            target.kind = Kind::String(clean_path(text).into());
        }
    }
    implied_dependencies(service, span);
    inherit_image(service);
}

fn normalize_build(build: &mut Node, environment: &Environment) {
    let span = build.span;
    let Some(build) = build.as_map_mut() else { return };
    let missing = |map: &Map, key: &str| map.get(key).is_none_or(Node::is_null);
    if missing(build, "context") {
        build.insert("context".into(), Node::string(".", span));
    }
    if missing(build, "dockerfile") && missing(build, "dockerfile_inline") {
        build.insert("dockerfile".into(), Node::string("Dockerfile", span));
    }
    if let Some(arguments) = build.get_mut("args") {
        fill_in(arguments, environment, false);
    }
}

/// Gives keys without a value the one that the environment has; those that it
/// does not know stay or go.
fn fill_in(variables: &mut Node, environment: &Environment, keep: bool) {
    match &mut variables.kind {
        Kind::List(items) => items.retain_mut(|item| {
            let Some(name) = item.as_str().filter(|text| !text.contains('=')) else { return true };
            let Some(value) = environment.get(name) else { return keep };
            item.kind = Kind::String(compact_str::format_compact!("{name}={value}"));
            true
        }),
        Kind::Map(map) => map.retain(|name, value| {
            if !value.is_null() {
                return true;
            }
            let Some(found) = environment.get(name.as_str()) else { return keep };
            value.kind = Kind::String(found.as_str().into());
            true
        }),
        _ => {}
    }
}

fn items(list: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    list.and_then(Node::as_list_mut).into_iter().flatten()
}

fn implied_dependencies(service: &mut Map, span: Span) {
    let mut implied: Vec<(Text, bool, Span)> = Vec::new();
    for link in service.get("links").and_then(Node::as_list).into_iter().flatten() {
        let text = link.as_str().unwrap_or_default();
        let name = if text.matches(':').count() == 1 { before_colon(text) } else { text };
        implied.push((name.into(), true, link.span));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let shared = service.get(key).and_then(|node| Some((node.as_str()?, node.span)));
        if let Some((name, span)) =
            shared.and_then(|(text, span)| Some((text.strip_prefix("service:")?, span)))
        {
            implied.push((name.into(), true, span));
        }
    }
    for from in service.get("volumes_from").and_then(Node::as_list).into_iter().flatten() {
        let text = from.as_str().unwrap_or_default();
        if !text.starts_with("container:") {
            implied.push((before_colon(text).into(), false, from.span));
        }
    }
    if implied.is_empty() {
        return;
    }
    let depends_on =
        service.entry("depends_on".into()).or_insert_with(|| Node::map(Map::default(), span));
    let Some(depends_on) = depends_on.as_map_mut() else { return };
    for (name, restart, span) in implied {
        depends_on.entry(name).or_insert_with(|| {
            let mut dependency = super::canonical::dependency(span);
            if let Some(dependency) = dependency.as_map_mut() {
                dependency.insert("restart".into(), Node::bool(restart, span));
            }
            dependency
        });
    }
}

fn before_colon(text: &str) -> &str {
    text.split(':').next().unwrap_or_default()
}

/// A hook that runs before the service runs in the service's image.
fn inherit_image(service: &mut Map) {
    let Some(image) = service.get("image").filter(|image| image.as_str() != Some("")).cloned()
    else {
        return;
    };
    for hook in items(service.get_mut("pre_start")) {
        if let Some(hook) = hook.as_map_mut() {
            hook.entry("image".into()).or_insert_with(|| image.clone());
        }
    }
}

fn set_name(resource: &mut Node, key: &str, project: &str) {
    if resource.is_null() {
        resource.kind = Kind::Map(Box::default());
    }
    let (span, key_span) = (resource.span, resource.key);
    let Some(resource) = resource.as_map_mut() else { return };
    if resource.get("name").is_some_and(|name| !name.is_null()) {
        return;
    }
    let external = resource.get("external").is_some_and(|node| node.as_bool() == Some(true));
    let name = if external { key.to_owned() } else { format!("{project}_{key}") };
    let mut name = Node::string(name, span);
    name.key = key_span;
    resource.insert("name".into(), name);
}
