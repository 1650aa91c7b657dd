//! Proxies of the environment lead to all who are asked: by clients of the SDK, by calls
//! that are signed here, and to registries.

use testkit::http::Response;
use testkit::proxy::{Proxy, Rule};

use crate::account::{Project, Run};

const LOOKUP: &str = "lookup";

fn project(registry: &str) -> Project {
    Project::new(&format!(
        "name: shop
services:
  web: {{image: '{registry}/web:1', ports: ['80:80'], volumes: ['data:/data']}}
volumes: {{data: {{}}}}
"
    ))
}

/// Runs the program with these variables besides those that lead to the account.
fn run(project: &Project, variables: &[(&str, &str)]) -> Run {
    let mut command = project.command(LOOKUP, &project.account);
    command.envs(variables.iter().copied());
    Run::from(command.output().expect("the program runs"))
}

fn local(proxy: &Proxy) -> String {
    format!("http://{}", proxy.address())
}

#[test]
fn whoever_is_asked_is_asked_through_the_proxy() {
    let project = project("127.0.0.1:1");
    let proxy = Proxy::before(&project.account);
    let image = ".GET /v2/web/manifests/1";
    proxy.rule(Rule::on(image).answer(Response::new(200, "application/json", "{}")));
    // Nobody but the proxy knows where this is.
    let nowhere = ("AWS_ENDPOINT_URL", "http://aws.invalid");
    let run = run(&project, &[nowhere, ("HTTP_PROXY", &local(&proxy))]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for call in ["EC2.*", "EFS.*", "CloudFormation.*", image] {
        assert!(proxy.count(call) > 0, "{call}: {:?}", proxy.calls());
    }
}

#[test]
fn a_tunnel_is_asked_for_where_tls_is_spoken() {
    let project = project("registry.invalid");
    let proxy = Proxy::before(&project.account);
    let tunnel = ".CONNECT registry.invalid:443";
    proxy.rule(Rule::on(tunnel).always().answer(Response::new(502, "text/plain", "")));
    let run = run(&project, &[("HTTPS_PROXY", &local(&proxy))]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(proxy.count(tunnel) > 0, "{:?}", proxy.calls());
    // The account itself is not asked with TLS.
    assert_eq!(proxy.count("*"), proxy.count(tunnel), "{:?}", proxy.calls());
}

#[test]
fn some_are_asked_without_the_proxy() {
    let project = project("127.0.0.1:1");
    let proxy = Proxy::before(&project.account);
    let run = run(&project, &[("ALL_PROXY", &local(&proxy)), ("NO_PROXY", "127.0.0.1,.invalid")]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(proxy.count("*"), 0, "{:?}", proxy.calls());
}
