//! The load balancer that `x-aws-loadbalancer` names.

use compose_model::{Diagnostic, Path};
use ecs_validate::LoadBalancerFacts;

use super::stack::Own;
use super::trouble::{Found, list, quoted, refused};
use crate::aws::Aws;
use crate::load_balancer::{Listener, LoadBalancer};

/// A load balancer, and where it listens.
pub(super) type Named = (LoadBalancerFacts, Vec<Listener>);

/// The load balancer, if one is named.
pub(super) async fn load_balancer(aws: &Aws, named: Option<&str>) -> Found<Option<Named>> {
    let Some(named) = named else { return Ok(None) };
    let what = format!("the load balancer `{named}`");
    let balancer = aws.load_balancer(named).await.map_err(refused(what, Some(at())))?;
    let Some(balancer) = balancer else { return Err(missing(aws, named).await.into()) };
    let LoadBalancer { arn, kind, vpc, security_groups, .. } = balancer;
    let Some(kind) = kind else {
        let message = format!("`{named}` balances no traffic of services");
        return Err(Diagnostic::error("lookup::load-balancer", message)
            .at(at(), "it stands in front of appliances")
            .help("name an application or a network load balancer")
            .into());
    };
    let listeners = aws.listeners(&arn).await;
    let what = format!("where the load balancer `{named}` listens");
    let listeners = listeners.map_err(refused(what, Some(at())))?;
    let facts = LoadBalancerFacts { arn, kind, vpc, security_groups, ports: Vec::new() };
    Ok(Some((facts, listeners)))
}

/// The ports that are taken: where the stack itself listens is in nobody's way.
pub(super) fn with_ports((facts, listeners): Named, own: &Own) -> LoadBalancerFacts {
    let others = listeners.iter().filter(|listener| !own.has(&listener.arn));
    let mut ports: Vec<u16> = others.map(|listener| listener.port).collect();
    ports.sort_unstable();
    // TCP and UDP may share one.
    ports.dedup();
    LoadBalancerFacts { ports, ..facts }
}

async fn missing(aws: &Aws, named: &str) -> Diagnostic {
    let known = aws.load_balancers().await.unwrap_or_default();
    let known = known.iter().filter(|balancer| balancer.kind.is_some());
    let known = list(known.map(|balancer| quoted(&balancer.name)));
    let help = match known.as_str() {
        "" => "remove it, for a load balancer of the project's own".to_owned(),
        known => {
            format!("name one that there is, or remove it for one of the project's own: {known}")
        }
    };
    let message = format!("there is no load balancer `{named}` in {}", aws.region());
    Diagnostic::error("lookup::load-balancer", message).at(at(), "").help(help)
}

fn at() -> Path {
    Path::root().key("x-aws-loadbalancer")
}

#[cfg(test)]
mod tests {
    use ecs_validate::LoadBalancerKind;

    use super::*;

    #[test]
    fn ports_of_the_stack_itself_are_not_taken() {
        let facts = LoadBalancerFacts {
            arn: "arn".to_owned(),
            kind: LoadBalancerKind::Application,
            vpc: "vpc-1".to_owned(),
            security_groups: Vec::new(),
            ports: Vec::new(),
        };
        let listener = |arn: &str, port| Listener { arn: arn.to_owned(), port };
        let listeners = vec![listener("a", 443), listener("b", 80), listener("c", 53)];
        let twice = [listeners, vec![listener("d", 53)]].concat();
        assert_eq!(with_ports((facts, twice), &Own::of(["b"])).ports, [53, 443]);
    }
}
