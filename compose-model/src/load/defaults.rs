//! What a key means when it is left out, and values that the environment holds.

use crate::request::Environment;
use crate::tree::{Kind, Map, Node};

/// Adds the defaults that do not depend on the rest of the project.
pub(crate) fn set(model: &mut Node) {
    for service in services(model) {
        let Some(service) = service.as_map_mut() else { continue };
        for (key, node) in service.iter_mut() {
            match key.as_str() {
                "build" => default(node, "context", "."),
                "secrets" => items(node).for_each(secret_target),
                "ports" => items(node).for_each(|port| {
                    default(port, "protocol", "tcp");
                    default(port, "mode", "ingress");
                }),
                "gpus" => items(node).for_each(device_count),
                "deploy" => devices(node).for_each(device_count),
                "volumes" => items(node).for_each(bind),
                _ => {}
            }
        }
    }
}

/// Gives listed variables without a value the value that the environment has.
pub(crate) fn take_from_environment(model: &mut Node, environment: &Environment) {
    for service in services(model) {
        let Some(list) = service.get_mut("environment").and_then(Node::as_list_mut) else {
            continue;
        };
        for item in list {
            let Some(name) = item.as_str() else { continue };
            if let Some(value) = environment.get(name) {
                item.kind = Kind::String(compact_str::format_compact!("{name}={value}"));
            }
        }
    }
}

fn services(model: &mut Node) -> impl Iterator<Item = &mut Node> {
    model.get_mut("services").and_then(Node::as_map_mut).into_iter().flat_map(Map::values_mut)
}

fn items(node: &mut Node) -> impl Iterator<Item = &mut Node> {
    node.as_list_mut().into_iter().flatten()
}

fn default(node: &mut Node, key: &'static str, value: &'static str) {
    let span = node.span;
    if let Some(map) = node.as_map_mut() {
        map.entry(key.into()).or_insert_with(|| Node::string(value, span));
    }
}

fn secret_target(secret: &mut Node) {
    let span = secret.span;
    let Some(secret) = secret.as_map_mut() else { return };
    let Some(source) = secret.get("source").and_then(Node::scalar_text) else { return };
    secret
        .entry("target".into())
        .or_insert_with(|| Node::string(format!("/run/secrets/{source}"), span));
}

fn devices(deploy: &mut Node) -> impl Iterator<Item = &mut Node> {
    let devices = deploy
        .get_mut("resources")
        .and_then(|resources| resources.get_mut("reservations"))
        .and_then(|reservations| reservations.get_mut("devices"));
    devices.and_then(Node::as_list_mut).into_iter().flatten()
}

fn device_count(request: &mut Node) {
    if request.get("device_ids").is_none() {
        default(request, "count", "all");
    }
}

fn bind(mount: &mut Node) {
    if let Some(bind) = mount.get_mut("bind") {
        let span = bind.span;
        if let Some(bind) = bind.as_map_mut() {
            bind.entry("create_host_path".into()).or_insert_with(|| Node::bool(true, span));
        }
    }
}
