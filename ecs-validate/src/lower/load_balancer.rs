//! The load balancer in front of all published ports.

use std::collections::{BTreeMap, BTreeSet};

use compose_model::{Diagnostic, Path};

use super::project::of_another;
use crate::context::{Context, IfSpoken, Published};
use crate::facts::LoadBalancerKind;
use crate::project::{LoadBalancer, LoadBalancerSource, Lookup, SecurityGroups};
use crate::service::{ListenerProtocol, Publication, Service};

/// The load balancer, if a port is published; and what is spoken at its ports,
/// which depends on all of them.
pub(crate) fn load_balancer(
    asked: Option<&str>,
    services: &mut [Service],
    cx: &mut Context<'_>,
) -> Option<LoadBalancer> {
    refuse_shared_listeners(cx);
    keep_private(services, cx);
    if services.iter().all(|service| service.publications.is_empty()) {
        return None;
    }
    let required = required(services);
    let existing = asked.map(|asked| existing(asked, cx));
    let kind = match &existing {
        Some((Some(LoadBalancerKind::Application), _)) if required == LoadBalancerKind::Network => {
            refuse_application(asked.unwrap_or_default(), services, cx);
            required
        }
        Some((Some(kind), _)) => *kind,
        Some((None, _)) | None => required,
    };
    tell_what_is_spoken(kind, services, cx);
    if kind == LoadBalancerKind::Network {
        speak_tcp(services);
    }
    if asked.is_some() {
        refuse_taken_listeners(cx);
    }
    let older =
        cx.facts.stack.as_ref().is_some_and(|stack| stack.load_balancer_without_security_groups);
    let source = match existing {
        Some((_, source)) => source,
        None if older && kind == LoadBalancerKind::Network => {
            LoadBalancerSource::NewWithoutSecurityGroup
        }
        None => LoadBalancerSource::New,
    };
    Some(LoadBalancer { kind, source })
}

/// An application load balancer, if everything is HTTP.
fn required(services: &[Service]) -> LoadBalancerKind {
    let mut publications = services.iter().flat_map(|service| &service.publications);
    let http = publications.all(|publication| is_http(&publication.protocol));
    if http { LoadBalancerKind::Application } else { LoadBalancerKind::Network }
}

/// Tells what could be missed: that HTTPS is none, or that nothing speaks HTTP only
/// because of ports that could.
fn tell_what_is_spoken(kind: LoadBalancerKind, services: &[Service], cx: &mut Context<'_>) {
    let published = std::mem::take(&mut cx.published);
    let could = |publication: &Publication| {
        let alike = |port: &&Published| {
            port.service == publication.container
                && (port.listener, port.target) == (publication.listener, publication.target)
        };
        is_http(&publication.protocol)
            || published.iter().find(alike).is_some_and(|port| port.if_spoken.is_tcp())
    };
    let all_could = services.iter().flat_map(|service| &service.publications).all(could);
    for port in &published {
        match (&port.if_spoken, kind) {
            (IfSpoken::Http(problem), LoadBalancerKind::Application) => cx.report(problem.clone()),
            (IfSpoken::Tcp(problem), LoadBalancerKind::Network) if all_could => {
                cx.report(problem.clone());
            }
            (IfSpoken::Nothing | IfSpoken::Http(_) | IfSpoken::Tcp(_), _) => {}
        }
    }
    cx.published = published;
}

fn is_http(protocol: &ListenerProtocol) -> bool {
    matches!(protocol, ListenerProtocol::Http | ListenerProtocol::Https { .. })
}

/// A network load balancer understands neither HTTP nor HTTPS, and passes both on.
fn speak_tcp(services: &mut [Service]) {
    for publication in services.iter_mut().flat_map(|service| &mut service.publications) {
        let protocol = std::mem::replace(&mut publication.protocol, ListenerProtocol::Tcp);
        publication.protocol = match protocol {
            ListenerProtocol::Http => ListenerProtocol::Tcp,
            ListenerProtocol::Https { certificate } => ListenerProtocol::Tls { certificate },
            protocol @ (ListenerProtocol::Tcp
            | ListenerProtocol::Tls { .. }
            | ListenerProtocol::Udp
            | ListenerProtocol::TcpUdp) => protocol,
        };
    }
}

/// What is known of the load balancer that `x-aws-loadbalancer` names.
fn existing(asked: &str, cx: &mut Context<'_>) -> (Option<LoadBalancerKind>, LoadBalancerSource) {
    let facts = cx.facts;
    if let Some(facts) = &facts.load_balancer {
        refuse_other(asked, &facts.arn, cx);
        let source = LoadBalancerSource::Existing {
            name: asked.to_owned(),
            arn: Lookup::Known(facts.arn.clone()),
            security_groups: SecurityGroups::Known(facts.security_groups.clone()),
        };
        return (Some(facts.kind), source);
    }
    let arn = asked.starts_with("arn:");
    let kind = match asked {
        _ if !arn => None,
        _ if asked.contains(":loadbalancer/app/") => Some(LoadBalancerKind::Application),
        _ if asked.contains(":loadbalancer/net/") => Some(LoadBalancerKind::Network),
        _ => None,
    };
    let arn = if arn { Lookup::Known(asked.to_owned()) } else { Lookup::Asked };
    let (name, security_groups) = (asked.to_owned(), SecurityGroups::Asked);
    (kind, LoadBalancerSource::Existing { name, arn, security_groups })
}

/// Facts about another load balancer would put the project behind that one.
fn refuse_other(asked: &str, known: &str, cx: &mut Context<'_>) {
    if asked == known || asked == name_in(known) {
        return;
    }
    let other = if asked.starts_with("arn:") { known } else { name_in(known) };
    let problem = of_another("ecs::other-load-balancer", other, asked);
    cx.report(
        problem
            .at(Path::root().key("x-aws-loadbalancer"), "")
            .help(format!("look up the facts of this load balancer, or write `{other}`")),
    );
}

/// `front` of `arn:…:loadbalancer/app/front/50dc6c495c0c9188`, or the text itself.
fn name_in(arn: &str) -> &str {
    match arn.rsplit('/').collect::<Vec<_>>()[..] {
        [_, name, "app" | "net", ..] if arn.starts_with("arn:") => name,
        _ => arn,
    }
}

fn refuse_application(asked: &str, services: &[Service], cx: &mut Context<'_>) {
    let publications = services.iter().flat_map(|service| &service.publications);
    let other = publications.filter(|publication| !is_http(&publication.protocol));
    let ports: Vec<u16> = other.map(|publication| publication.listener).collect();
    let places = cx.published.iter().filter(|port| ports.contains(&port.listener));
    let mut problem = Diagnostic::error(
        "ecs::load-balancer-type",
        format!("`{}` is an application load balancer, which serves HTTP alone", name_in(asked)),
    )
    .at(Path::root().key("x-aws-loadbalancer"), "");
    for place in places {
        problem = problem.at(place.at.clone(), "not HTTP");
    }
    let is_udp = |protocol: &ListenerProtocol| {
        matches!(protocol, ListenerProtocol::Udp | ListenerProtocol::TcpUdp)
    };
    let mut publications = services.iter().flat_map(|service| &service.publications);
    let can_be_http = !publications.any(|publication| is_udp(&publication.protocol));
    cx.report(problem.help(if can_be_http {
        "name a network load balancer, or say that these ports speak HTTP: `x-aws-protocol: http`"
    } else {
        "name a network load balancer: no HTTP is spoken over UDP"
    }));
}

fn refuse_taken_listeners(cx: &mut Context<'_>) {
    let Some(facts) = &cx.facts.load_balancer else { return };
    let taken: Vec<(u16, Path)> = cx
        .published
        .iter()
        .filter(|port| facts.ports.contains(&port.listener))
        .map(|port| (port.listener, port.at.clone()))
        .collect();
    for (port, at) in taken {
        cx.report(
            Diagnostic::error(
                "ecs::taken-port",
                format!("the load balancer listens on port {port} already"),
            )
            .at(at, "")
            .help("publish another port, or use a load balancer of the project's own"),
        );
    }
}

/// Ports that name no listener get the one with their number, if nobody else has
/// it. Docker would take any that is free, which nobody could find here.
fn keep_private(services: &mut [Service], cx: &mut Context<'_>) {
    let mut problems = Vec::new();
    let mut private: BTreeSet<usize> = BTreeSet::new();
    let rivals = by_listener(&cx.published);
    for (index, port) in cx.published.iter().enumerate().filter(|(_, port)| !port.asked) {
        let mut others = rivals[&port.listener].iter().filter(|other| !private.contains(other));
        let other = others.find_map(|position| {
            let other = &cx.published[*position];
            ((other.asked || *position < index) && collide(other, port)).then_some(other)
        });
        let Some(other) = other else { continue };
        private.insert(index);
        let message = format!("port {} of `{}` stays private", port.target, port.service);
        problems.push(
            Diagnostic::warning("ecs::shared-listener", message)
                .at(port.at.clone(), "it names no port of the load balancer")
                .at(other.at.clone(), format!("and `{}` has {}", other.service, port.listener))
                .help(format!("name another one: `\"8080:{}\"`", port.target)),
        );
    }
    let private = private.into_iter().map(|index| &cx.published[index]);
    let private: BTreeSet<_> = private.map(|port| (port.service.as_str(), port.target)).collect();
    for service in services {
        service.publications.retain(|publication| {
            publication.published.is_some()
                || !private.contains(&(publication.container.as_str(), publication.target))
        });
    }
    cx.problems.extend(problems);
}

/// The positions of the ports that want each listener.
fn by_listener(published: &[Published]) -> BTreeMap<u16, Vec<usize>> {
    let mut positions: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (index, port) in published.iter().enumerate() {
        positions.entry(port.listener).or_default().push(index);
    }
    positions
}

/// Two services cannot listen on one port, and neither can two ports of one.
fn refuse_shared_listeners(cx: &mut Context<'_>) {
    let mut problems = Vec::new();
    let mut taken: BTreeMap<u16, Vec<&Published>> = BTreeMap::new();
    for port in cx.published.iter().filter(|port| port.asked) {
        let before = taken.entry(port.listener).or_default();
        if let Some(first) = before.iter().find(|first| collide(first, port)) {
            let message = format!("port {} is published twice", port.listener);
            problems.push(
                Diagnostic::error("ecs::shared-listener", message)
                    .at(port.at.clone(), format!("by `{}`", port.service))
                    .at(first.at.clone(), format!("and by `{}`", first.service))
                    .help(format!(
                        "publish one of them on another port: `\"8080:{}\"`",
                        port.target
                    )),
            );
        }
        before.push(port);
    }
    cx.problems.extend(problems);
}

fn collide(first: &Published, port: &Published) -> bool {
    let same = first.service == port.service && first.target == port.target;
    first.listener == port.listener && !same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, LoadBalancerFacts};
    use crate::testing::check_with;

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188";

    #[test]
    fn a_load_balancer_has_a_name_in_its_arn() {
        assert_eq!(name_in(ARN), "front");
        assert_eq!(name_in("front"), "front");
    }

    #[test]
    fn no_http_is_spoken_over_udp() {
        let text = |ports: &str| {
            format!("x-aws-loadbalancer: {ARN}\nservices: {{a: {{image: b, ports: [{ports}]}}}}\n")
        };
        let cases = [("'53:53/udp'", false), ("'53:53/udp', '22:22'", false), ("'22:22'", true)];
        for (ports, is_advised) in cases {
            let told = crate::check(&crate::testing::loaded(&text(ports)), &Facts::none());
            let is_it = |problem: &&Diagnostic| problem.code == "ecs::load-balancer-type";
            let problem = told.diagnostics.iter().find(is_it).expect("it is refused");
            let help = problem.help.as_deref().expect("it says what to do");
            assert_eq!(help.contains("x-aws-protocol"), is_advised, "{ports}: {help}");
        }
    }

    #[test]
    fn facts_are_about_the_load_balancer_that_is_named() {
        let known = LoadBalancerFacts {
            arn: ARN.to_owned(),
            kind: LoadBalancerKind::Application,
            vpc: String::new(),
            security_groups: Vec::new(),
            ports: Vec::new(),
        };
        let facts = Facts { load_balancer: Some(known), ..Facts::none() };
        for named in ["front", ARN] {
            let text = "services: {web: {image: nginx, ports: ['80:80']}}\n";
            let checked = crate::check(
                &crate::testing::loaded(&format!("x-aws-loadbalancer: {named}\n{text}")),
                &facts,
            );
            assert!(checked.project.is_some(), "{named}: {:?}", checked.diagnostics);
        }
        check_with(
            &facts,
            "
x-aws-loadbalancer: back
#                   ^^^^ error: what is known is about `front`, not about `back`
#                   help: look up the facts of this load balancer, or write `front`
services: {web: {image: nginx, ports: ['80:80']}}
",
        );
    }
}
