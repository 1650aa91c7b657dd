//! `ports` to listeners of the load balancer.

use compose_model::service::Port;
use compose_model::{Diagnostic, Path};

use super::networks::reachable;
use crate::context::{Context, Published};
use crate::extensions::{PortExtensions, PortProtocol};
use crate::service::{ContainerPort, ListenerProtocol, Publication, TargetHealthCheck};

/// ECS registers a service with no more target groups.
const MAX_TARGET_GROUPS: usize = 5;

/// What a service's ports come to.
#[derive(Debug, Default)]
pub(super) struct Ports {
    pub(super) container: Vec<ContainerPort>,
    pub(super) publications: Vec<Publication>,
}

/// Lowers the ports of one container. `networks` are those of the service.
pub(super) fn ports(
    name: &str,
    ports: &[Port],
    networks: &[String],
    at: &Path,
    cx: &mut Context<'_>,
) -> Ports {
    let mut lowered = Ports::default();
    if ports.is_empty() {
        return lowered;
    }
    let at = at.key("ports");
    let network = reachable(networks, cx);
    if network.is_none() {
        cx.report(
            Diagnostic::warning("ecs::internal-port", "ports of internal networks stay private")
                .at(at.clone(), "reachable from the service's networks only")
                .help("add a network without `internal: true` to publish them"),
        );
    }
    for (index, port) in ports.iter().enumerate() {
        let at = at.index(index);
        let Some(container_port) = container_port(port, &at, cx) else { continue };
        lowered.container.push(container_port.clone());
        let extensions = PortExtensions::read(&port.extensions, &at, &mut cx.problems);
        if let (Some(network), false) = (&network, is_private(port, &at, cx)) {
            let mut publication =
                publication(name, port, &container_port, extensions, network, &at, cx);
            publication.bare = is_bare(name, index, cx);
            cx.published.push(Published {
                service: name.to_owned(),
                listener: publication.listener,
                target: publication.target,
                asked: publication.published.is_some(),
                at,
            });
            add(publication, &mut lowered.publications, cx);
        }
    }
    lowered.container.sort();
    lowered.container.dedup();
    lowered.publications.sort_by_key(|publication| (publication.listener, publication.target));
    if lowered.publications.len() > MAX_TARGET_GROUPS {
        let found = lowered.publications.len();
        let message = format!("ECS publishes {MAX_TARGET_GROUPS} ports of a service, not {found}");
        cx.report(
            Diagnostic::error("ecs::too-many-ports", message)
                .at(at, "each of them takes a target group")
                .help("list ports that only other services use under `expose`"),
        );
    }
    lowered
}

/// TCP and UDP on the same ports share a listener, and what is written twice is one.
fn add(publication: Publication, to: &mut Vec<Publication>, cx: &mut Context<'_>) {
    let same = to
        .iter_mut()
        .find(|other| (other.listener, other.target) == (publication.listener, publication.target));
    let Some(other) = same else { return to.push(publication) };
    let protocol = shared(&other.protocol, &publication.protocol);
    let health_check = shared_check(&other.health_check, &publication.health_check);
    match (protocol, health_check) {
        (Some(protocol), Some(health_check)) => {
            other.protocol = protocol;
            other.health_check = health_check;
        }
        (None, _) | (_, None) => refuse_two_listeners(&publication, cx),
    }
}

/// What a listener speaks that has to speak both.
fn shared(one: &ListenerProtocol, other: &ListenerProtocol) -> Option<ListenerProtocol> {
    use ListenerProtocol::{Http, Tcp, TcpUdp, Udp};
    match (one, other) {
        (one, other) if one == other => Some(one.clone()),
        (Tcp | Http | TcpUdp, Udp) | (Udp, Tcp | Http) | (TcpUdp, Tcp | Http) => Some(TcpUdp),
        _ => None,
    }
}

/// The health check of two entries, of which one may leave it to the other.
fn shared_check(one: &TargetHealthCheck, other: &TargetHealthCheck) -> Option<TargetHealthCheck> {
    let nothing = TargetHealthCheck::default();
    match (one, other) {
        (one, other) if one == other || *other == nothing => Some(one.clone()),
        (one, other) if *one == nothing => Some(other.clone()),
        _ => None,
    }
}

fn refuse_two_listeners(publication: &Publication, cx: &mut Context<'_>) {
    let alike = |port: &&Published| {
        (port.service == publication.container)
            && (port.listener, port.target) == (publication.listener, publication.target)
    };
    let mut places = cx.published.iter().filter(alike).map(|port| port.at.clone());
    let (Some(first), Some(last)) = (places.next(), places.next_back()) else { return };
    let message = format!("port {} is published in two ways", publication.listener);
    cx.report(
        Diagnostic::error("ecs::shared-listener", message)
            .at(last, "")
            .at(first, "and with another protocol, certificate or health check here")
            .help("write the same for both, or publish one of them on another port: `\"8080:80\"`"),
    );
}

fn container_port(port: &Port, at: &Path, cx: &mut Context<'_>) -> Option<ContainerPort> {
    let protocol = port.protocol.as_deref().unwrap_or("tcp");
    let udp = match protocol.to_ascii_lowercase().as_str() {
        "tcp" => false,
        "udp" => true,
        _ => {
            let message = format!("no load balancer of AWS understands `{protocol}`");
            cx.report(
                Diagnostic::error("ecs::port-protocol", message)
                    .at(at.key("protocol"), "")
                    .help("use `tcp` or `udp`"),
            );
            return None;
        }
    };
    match u16::try_from(port.target) {
        Ok(port @ 1..) => Some(ContainerPort { port, udp }),
        Ok(0) | Err(_) => {
            let message = format!("{} is no port of a container", port.target);
            cx.report(
                Diagnostic::error("ecs::port", message)
                    .at(at.key("target"), "")
                    .help("write a number from 1 to 65535"),
            );
            None
        }
    }
}

/// A port that only the machine itself can reach is nothing for the internet.
fn is_private(port: &Port, at: &Path, cx: &mut Context<'_>) -> bool {
    let Some(address) = port.host_ip.as_deref() else { return false };
    if address.starts_with("127.") || address == "::1" || address == "localhost" {
        let message = format!("port {} stays private", port.target);
        cx.report(
            Diagnostic::warning("ecs::loopback-port", message)
                .at(at.key("host_ip"), "only the machine itself can reach this address")
                .help("remove the address to publish the port to the internet"),
        );
        return true;
    }
    if !matches!(address, "0.0.0.0" | "::" | "*") {
        cx.report(
            Diagnostic::warning("ecs::host-ip", "a load balancer has addresses of its own")
                .at(at.key("host_ip"), "without effect")
                .help("remove the address"),
        );
    }
    false
}

fn publication(
    name: &str,
    port: &Port,
    container: &ContainerPort,
    extensions: PortExtensions,
    network: &str,
    at: &Path,
    cx: &mut Context<'_>,
) -> Publication {
    let published = published(port, at, cx);
    let asked = extensions.protocol;
    let protocol = protocol(container, asked, extensions.certificate, at, cx);
    let for_https = [container.port, published.unwrap_or(container.port)].contains(&443);
    if protocol == ListenerProtocol::Http && asked.is_none() && for_https {
        cx.report(
            Diagnostic::warning("ecs::no-certificate", "without a certificate this is HTTP")
                .at(at.clone(), "browsers expect HTTPS on port 443")
                .help("add `x-aws-certificate: arn:aws:acm:...`; or pass on what the container itself encrypts, with `x-aws-protocol: tcp`"),
        );
    }
    let health_check = extensions.health_check;
    if protocol == ListenerProtocol::Udp && health_check.port.is_none() {
        cx.report(
            Diagnostic::warning("ecs::udp-health", "a load balancer checks health over TCP")
                .at(at.clone(), "it will try TCP on this port of UDP")
                .help("name a port that answers TCP: `x-aws-healthcheck: {port: 8080}`"),
        );
    }
    Publication {
        container: name.to_owned(),
        target: container.port,
        listener: published.unwrap_or(container.port),
        published,
        protocol,
        health_check,
        network: network.to_owned(),
        bare: false,
    }
}

/// Whether a port in long form names no protocol. What a default added has no key
/// in the text.
fn is_bare(name: &str, index: usize, cx: &Context<'_>) -> bool {
    let ports =
        cx.document.element().and_then(|root| root.get("services")?.get(name)?.get("ports"));
    let Some(port) = ports.and_then(|ports| ports.items().nth(index)) else { return false };
    let sources = cx.document.sources();
    let is_written = |key| {
        let written = |text: &str| text.trim().trim_matches(['"', '\'']) == key;
        port.get(key).is_some_and(|value| written(sources.snippet(value.key())))
    };
    is_written("target") && !is_written("protocol")
}

/// The published port; the first one of a range, of which Docker takes any.
fn published(port: &Port, at: &Path, cx: &mut Context<'_>) -> Option<u16> {
    let text = port.published.as_deref()?;
    let first = text.split('-').next().unwrap_or_default();
    let number = first.parse::<u16>().ok().filter(|number| *number != 0);
    if let (true, Some(number)) = (text.contains('-'), number) {
        let message = format!("a listener has one port, so this is published as {number}");
        cx.report(
            Diagnostic::warning("ecs::published-range", message)
                .at(at.key("published"), "")
                .help(format!("write `published: \"{number}\"`")),
        );
    }
    number
}

fn protocol(
    port: &ContainerPort,
    asked: Option<PortProtocol>,
    certificate: Option<String>,
    at: &Path,
    cx: &mut Context<'_>,
) -> ListenerProtocol {
    if port.udp {
        let good = matches!(asked, None | Some(PortProtocol::Udp)) && certificate.is_none();
        if !good {
            cx.report(
                Diagnostic::error("ecs::port-protocol", "this is a port of UDP")
                    .at(at.key("x-aws-protocol"), "")
                    .help("remove `x-aws-protocol` and `x-aws-certificate`, or `protocol: udp`"),
            );
        }
        return ListenerProtocol::Udp;
    }
    let usual = if matches!(port.port, 80 | 443) { PortProtocol::Http } else { PortProtocol::Tcp };
    match (asked.unwrap_or(usual), certificate) {
        (PortProtocol::Http | PortProtocol::Https, Some(certificate)) => {
            ListenerProtocol::Https { certificate }
        }
        (PortProtocol::Https, None) => {
            cx.report(
                Diagnostic::warning("ecs::no-certificate", "without a certificate this is HTTP")
                    .at(at.key("x-aws-protocol"), "")
                    .help("name a certificate: `x-aws-certificate: arn:aws:acm:...`"),
            );
            ListenerProtocol::Http
        }
        (PortProtocol::Http, None) => ListenerProtocol::Http,
        (PortProtocol::Tcp | PortProtocol::Tls, Some(certificate)) => {
            ListenerProtocol::Tls { certificate }
        }
        (PortProtocol::Tls, None) => {
            cx.report(
                Diagnostic::error("ecs::no-certificate", "TLS needs a certificate")
                    .at(at.key("x-aws-protocol"), "")
                    .help("name one: `x-aws-certificate: arn:aws:acm:...`"),
            );
            ListenerProtocol::Tcp
        }
        (PortProtocol::Tcp, None) => ListenerProtocol::Tcp,
        (PortProtocol::Udp, _) => {
            cx.report(
                Diagnostic::error("ecs::port-protocol", "this is a port of TCP")
                    .at(at.key("x-aws-protocol"), "")
                    .help("write `protocol: udp`"),
            );
            ListenerProtocol::Tcp
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListenerProtocol;
    use crate::testing::{check, service};

    #[test]
    fn https_needs_a_certificate() {
        check(
            "
services:
  web:
    image: nginx
    ports: ['443:8443', '444:443']
#                       ^^^^^^^^^ warning: without a certificate this is HTTP
#                       help: add `x-aws-certificate: arn:aws:acm:...`; or pass on what the container itself encrypts, with `x-aws-protocol: tcp`
",
        );
    }

    #[test]
    fn one_listener_has_one_protocol() {
        let certificate = |number: u8| {
            format!(
                "arn:aws:acm:eu-west-1:123456789012:certificate/{number}1111111-2222-3333-4444-555555555555"
            )
        };
        let (one, other) = (certificate(1), certificate(2));
        check(&format!(
            "
services:
  tls:
    image: nginx
    ports:
      - {{target: 853, published: '853', x-aws-certificate: '{one}'}}
#       ^ and with another protocol, certificate or health check here
      - {{target: 853, published: '853', protocol: udp, x-aws-healthcheck: {{port: 80}}}}
#       ^ error: port 853 is published in two ways
#       help: write the same for both, or publish one of them on another port: `\"8080:80\"`
  certificates:
    image: nginx
    ports:
      - {{target: 1, published: '444', x-aws-certificate: '{one}'}}
#       ^ and with another protocol, certificate or health check here
      - {{target: 1, published: '444', x-aws-certificate: '{other}', host_ip: '::'}}
#       ^ error: port 444 is published in two ways
#       help: write the same for both, or publish one of them on another port: `\"8080:80\"`
  twice:
    image: nginx
    ports:
      - {{target: 2, published: '2'}}
      - {{target: 2, published: '2', x-aws-protocol: tcp, host_ip: '::'}}
"
        ));
    }

    #[test]
    fn tcp_and_udp_share_a_listener_and_its_health_check() {
        let service = service(
            "ports:
  - {target: 80, published: '80', x-aws-healthcheck: {path: /health}}
  - {target: 80, published: '80', protocol: udp}",
        );
        let [publication] = service.publications.as_slice() else { panic!("one listener") };
        assert_eq!(publication.protocol, ListenerProtocol::TcpUdp);
        assert_eq!(publication.health_check.path.as_deref(), Some("/health"));
    }

    #[test]
    fn a_protocol_is_missed_in_json_too() {
        let bare = |port: &str| service(&format!("ports: [{port}]")).publications[0].bare;
        assert!(bare("{\"target\": 80, \"published\": \"80\"}"));
        assert!(!bare("{\"target\": 80, \"published\": \"80\", \"protocol\": \"tcp\"}"));
        assert!(bare("{target: 80, published: '80'}"));
        assert!(!bare("'80:80'"));
    }
}
