//! `ports` to listeners of the load balancer.

use compose_model::service::Port;
use compose_model::{Diagnostic, Path};

use super::networks::reachable;
use crate::context::{Context, IfSpoken, Published};
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
            let (mut publication, if_spoken) =
                publication(name, port, &container_port, extensions, network, &at, cx);
            publication.bare = is_bare(name, index, cx);
            cx.published.push(Published {
                if_spoken,
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

/// Tells of what `expose` lists and is no port. Nothing becomes of the others: the
/// networks of a service reach all of its ports.
pub(super) fn exposed(ports: &[String], at: &Path, cx: &mut Context<'_>) {
    for (index, text) in ports.iter().enumerate() {
        let range = text.split('/').next().unwrap_or_default();
        let is_port = |text: &str| text.parse::<u16>().is_ok_and(|port| port > 0);
        if !range.split('-').all(is_port) {
            cx.report(
                Diagnostic::warning("ecs::port", format!("`{text}` is no port"))
                    .at(at.key("expose").index(index), "without effect")
                    .help("write a number from 1 to 65535, or remove it"),
            );
        }
    }
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
) -> (Publication, IfSpoken) {
    let published = published(port, at, cx);
    let listener = published.unwrap_or(container.port);
    let asked = extensions.protocol.or(spoken(port));
    let (protocol, if_spoken) = match asked {
        Some(asked) => protocol(container, asked, extensions.certificate, at, cx),
        None => unsaid(container, listener, extensions.certificate, at, cx),
    };
    let health_check = extensions.health_check;
    if protocol == ListenerProtocol::Udp && health_check.port.is_none() {
        cx.report(
            Diagnostic::warning("ecs::udp-health", "a load balancer checks health over TCP")
                .at(at.clone(), "it will try TCP on this port of UDP")
                .help("name a port that answers TCP: `x-aws-healthcheck: {port: 8080}`"),
        );
    }
    let publication = Publication {
        container: name.to_owned(),
        target: container.port,
        listener,
        published,
        protocol,
        health_check,
        network: network.to_owned(),
        bare: false,
    };
    (publication, if_spoken)
}

/// What `app_protocol` says, as far as a load balancer knows it.
fn spoken(port: &Port) -> Option<PortProtocol> {
    match port.app_protocol.as_deref()? {
        "http" => Some(PortProtocol::Http),
        "tcp" => Some(PortProtocol::Tcp),
        _ => None,
    }
}

/// What is spoken at a port that says nothing of it.
fn unsaid(
    container: &ContainerPort,
    listener: u16,
    certificate: Option<String>,
    at: &Path,
    cx: &mut Context<'_>,
) -> (ListenerProtocol, IfSpoken) {
    let port = container.port;
    let usual = match port {
        _ if container.udp => PortProtocol::Udp,
        80 | 443 => PortProtocol::Http,
        _ => PortProtocol::Tcp,
    };
    let (protocol, _) = protocol(container, usual, certificate, at, cx);
    let if_spoken = match protocol {
        ListenerProtocol::Http if [port, listener].contains(&443) => {
            IfSpoken::Http(without_certificate(at, "browsers expect HTTPS on port 443").help(
                "add `x-aws-certificate: arn:aws:acm:...`; or pass on what the container itself \
                 encrypts, with `x-aws-protocol: tcp`",
            ))
        }
        // Containers that encrypt by themselves like to listen on 8443.
        ListenerProtocol::Tcp if listener == 80 || (listener == 443 && port != 8443) => {
            IfSpoken::Tcp(passed_on(listener, port, at))
        }
        ListenerProtocol::Http
        | ListenerProtocol::Https { .. }
        | ListenerProtocol::Tcp
        | ListenerProtocol::Tls { .. }
        | ListenerProtocol::Udp
        | ListenerProtocol::TcpUdp => IfSpoken::Nothing,
    };
    (protocol, if_spoken)
}

fn without_certificate(at: &Path, why: &str) -> Diagnostic {
    let message = "without a certificate this is HTTP";
    Diagnostic::warning("ecs::no-certificate", message).at(at.clone(), why)
}

/// The container's port says what is spoken, and that is easily missed.
fn passed_on(listener: u16, port: u16, at: &Path) -> Diagnostic {
    let message = format!("port {listener} passes TCP on, since {port} is no usual port of HTTP");
    Diagnostic::warning("ecs::not-http", message)
        .at(at.clone(), "by a network load balancer, which knows no HTTP")
        .help(format!(
            "if it is HTTP, say so: `{{target: {port}, published: \"{listener}\", \
             x-aws-protocol: http}}`; if not: `x-aws-protocol: tcp`"
        ))
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

/// What is spoken at a port, and what to tell if that remains.
fn protocol(
    port: &ContainerPort,
    asked: PortProtocol,
    certificate: Option<String>,
    at: &Path,
    cx: &mut Context<'_>,
) -> (ListenerProtocol, IfSpoken) {
    let at = &at.key("x-aws-protocol");
    let wrong = |code, message: &str| Diagnostic::error(code, message).at(at.clone(), "");
    let protocol = match (port.udp, asked, certificate) {
        (true, PortProtocol::Udp, None) => ListenerProtocol::Udp,
        (true, ..) => {
            cx.report(
                wrong("ecs::port-protocol", "this is a port of UDP")
                    .help("remove `x-aws-protocol` and `x-aws-certificate`, or `protocol: udp`"),
            );
            ListenerProtocol::Udp
        }
        (false, PortProtocol::Http | PortProtocol::Https, Some(certificate)) => {
            ListenerProtocol::Https { certificate }
        }
        (false, PortProtocol::Https, None) => {
            let problem = without_certificate(at, "");
            let problem = problem.help("name a certificate: `x-aws-certificate: arn:aws:acm:...`");
            return (ListenerProtocol::Http, IfSpoken::Http(problem));
        }
        (false, PortProtocol::Http, None) => ListenerProtocol::Http,
        (false, PortProtocol::Tcp | PortProtocol::Tls, Some(certificate)) => {
            ListenerProtocol::Tls { certificate }
        }
        (false, PortProtocol::Tls, None) => {
            cx.report(
                wrong("ecs::no-certificate", "TLS needs a certificate")
                    .help("name one: `x-aws-certificate: arn:aws:acm:...`"),
            );
            ListenerProtocol::Tcp
        }
        (false, PortProtocol::Tcp, None) => ListenerProtocol::Tcp,
        (false, PortProtocol::Udp, _) => {
            cx.report(
                wrong("ecs::port-protocol", "this is a port of TCP").help("write `protocol: udp`"),
            );
            ListenerProtocol::Tcp
        }
    };
    (protocol, IfSpoken::Nothing)
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
    ports: ['445:80', '444:443']
#                     ^^^^^^^^^ warning: without a certificate this is HTTP
#                     help: add `x-aws-certificate: arn:aws:acm:...`; or pass on what the container itself encrypts, with `x-aws-protocol: tcp`
",
        );
    }

    #[test]
    fn what_a_network_load_balancer_passes_on_is_not_taken_for_http() {
        check(
            "
services:
  web: {image: nginx, ports: ['443:443', '5432:5432']}
",
        );
    }

    #[test]
    fn what_is_exposed_is_a_port() {
        check(
            "
services:
  web:
    image: nginx
    expose: ['80', 3000-3005/tcp, abc, '70000']
#                                 ^^^ warning: `abc` is no port
#                                 help: write a number from 1 to 65535, or remove it
#                                      ^^^^^^^ warning: `70000` is no port
#                                      help: write a number from 1 to 65535, or remove it
",
        );
    }

    #[test]
    fn a_port_of_http_is_told_by_that_of_the_container() {
        check(
            "
services:
  web:
    image: nginx
    ports: ['80:8080', '443:443', '8443:443']
#           ^^^^^^^^^ warning: port 80 passes TCP on, since 8080 is no usual port of HTTP
#           help: if it is HTTP, say so: `{target: 8080, published: \"80\", x-aws-protocol: http}`; if not: `x-aws-protocol: tcp`
",
        );
        // What passes TCP on in any case could not be HTTP.
        check("services: {web: {image: nginx, ports: ['80:8080', '5432:5432']}}\n");
    }

    #[test]
    fn an_application_protocol_says_what_is_spoken() {
        let spoken = |keys: &str| {
            service(&format!("ports: [{{target: 9090, {keys}}}]")).publications[0].protocol.clone()
        };
        assert_eq!(spoken("app_protocol: http"), ListenerProtocol::Http);
        assert_eq!(spoken("app_protocol: http, x-aws-protocol: tcp"), ListenerProtocol::Tcp);
        assert_eq!(spoken("app_protocol: tcp"), ListenerProtocol::Tcp);
        check(
            "
services:
  web:
    image: nginx
    ports:
      - target: 9090
        app_protocol: grpc
#                     ^^^^ warning: `app_protocol` has no effect on ECS: the load balancer is told `http` or `tcp`, and nothing else
#                     help: say what it shall speak with `x-aws-protocol`
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
