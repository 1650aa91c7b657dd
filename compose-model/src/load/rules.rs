//! Rules on single resources that the schema cannot say: keys that exclude each
//! other, and texts that are addresses.

use std::net::IpAddr;

use super::damage::Damage;
use crate::diagnostic::Diagnostic;
use crate::tree::Node;

/// Checks every resource of a merged model.
pub(crate) fn check(model: &Node, damage: &Damage, problems: &mut Vec<Diagnostic>) {
    let contents = [
        ("configs", &["file", "environment", "content"][..]),
        ("secrets", &["file", "environment"]),
    ];
    for (name, volume) in resources(model, "volumes") {
        external_only(name, volume, problems);
    }
    for (section, keys) in contents {
        for (name, resource) in resources(model, section) {
            let given = exclusive(section, name, resource, keys, problems);
            if !given && !damage.has_resource(section, name) {
                problems.push(no_content(section, name, resource, keys));
            }
        }
    }
    for (name, service) in resources(model, "services") {
        check_service(name, service, problems);
    }
}

fn resources<'m>(model: &'m Node, kind: &str) -> impl Iterator<Item = (&'m str, &'m Node)> {
    let map = model.get(kind).and_then(Node::as_map);
    map.into_iter().flatten().map(|(name, node)| (name.as_str(), node))
}

fn external_only(name: &str, volume: &Node, problems: &mut Vec<Diagnostic>) {
    let Some(external) = volume.get("external").filter(|node| node.as_bool() == Some(true)) else {
        return;
    };
    for (key, node) in volume.as_map().into_iter().flatten() {
        if matches!(key.as_str(), "name" | "external") || key.starts_with("x-") {
            continue;
        }
        problems.push(
            Diagnostic::error(
                "compose::external",
                format!("`volumes.{name}` exists already, so `{key}` cannot be set"),
            )
            .at(node.key, "this is only for volumes to be made")
            .at(external.key, "the volume exists already")
            .help(format!("remove `{key}` or `external`")),
        );
    }
}

/// Whether a resource says where it comes from; more than one place is told.
fn exclusive(
    section: &str,
    name: &str,
    resource: &Node,
    keys: &[&str],
    problems: &mut Vec<Diagnostic>,
) -> bool {
    let Some(map) = resource.as_map() else { return true };
    let given: Vec<&Node> = keys.iter().filter_map(|key| map.get(*key)).collect();
    if let [first, second, ..] = &given[..] {
        problems.push(
            Diagnostic::error(
                "compose::exclusive-keys",
                format!("`{section}.{name}` has its content from two places"),
            )
            .at(second.key, "again here")
            .at(first.key, "first here")
            .help("keep one of the two"),
        );
    }
    !given.is_empty() || map.contains_key("driver") || map.contains_key("external")
}

fn no_content(section: &str, name: &str, resource: &Node, keys: &[&str]) -> Diagnostic {
    let keys = keys.join("`, `");
    Diagnostic::error("compose::missing-key", format!("`{section}.{name}` has no content"))
        .at(resource.key, "")
        .help(format!("add `{keys}`, or `external: true` if it exists already"))
}

fn check_service(name: &str, service: &Node, problems: &mut Vec<Diagnostic>) {
    for port in service.items("ports") {
        address(name, port, problems);
    }
    let watch = service.get("develop").map(|develop| develop.items("watch")).unwrap_or_default();
    for path in watch.iter().filter_map(|trigger| trigger.get("path")) {
        if path.as_str() == Some("") {
            problems.push(
                Diagnostic::error(
                    "compose::value",
                    format!("`services.{name}.develop.watch` has an entry with an empty `path`"),
                )
                .at(path.key, "")
                .help("name the folder to watch: `path: ./src`"),
            );
        }
    }
    let reserved = service
        .get("deploy")
        .and_then(|deploy| deploy.get("resources")?.get("reservations"))
        .map(|reservations| reservations.items("devices"))
        .unwrap_or_default();
    for request in reserved.iter().chain(service.items("gpus")) {
        device_request(name, request, problems);
    }
}

fn address(name: &str, port: &Node, problems: &mut Vec<Diagnostic>) {
    let Some(host_ip) = port.get("host_ip") else { return };
    let text = host_ip.as_str().unwrap_or_default();
    if text.parse::<IpAddr>().is_err() {
        problems.push(
            Diagnostic::error(
                "compose::value",
                format!("`{text}` in `services.{name}.ports` is not an IP address"),
            )
            .at(host_ip.span, "")
            .help("write an address like `127.0.0.1` or `::1`, not a name"),
        );
    }
}

fn device_request(name: &str, request: &Node, problems: &mut Vec<Diagnostic>) {
    let Some(request) = request.as_map() else { return };
    if let (Some(count), Some(ids)) = (request.get("count"), request.get("device_ids")) {
        problems.push(
            Diagnostic::error(
                "compose::exclusive-keys",
                format!("a device request of `{name}` has both `count` and `device_ids`"),
            )
            .at(count.key, "so many, whichever they are")
            .at(ids.key, "and just these")
            .help("keep one of the two"),
        );
    }
}
