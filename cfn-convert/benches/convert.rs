//! How long converting, writing and counting take, and whether any of them grows
//! faster than the project.

#![expect(clippy::print_stdout, reason = "a benchmark is read by people")]

#[path = "../tests/projects/mod.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod projects;

use std::hint::black_box;
use std::time::{Duration, Instant};

use cfn_convert::{Format, Template, convert, limits};
use ecs_validate::{
    EcsProject, ListenerProtocol, LoadBalancer, LoadBalancerKind, LoadBalancerSource, Publication,
    Service,
};
use projects::{plain, publication, service};

const SIZES: [u16; 4] = [10, 100, 1_000, 10_000];

fn main() {
    println!(
        "services  resources    convert       YAML       JSON     limits    all for a service"
    );
    for services in SIZES {
        let project = project(services);
        let template = convert(&project);
        let durations = [
            median(|| convert(&project)),
            median(|| template.render(Format::Yaml)),
            median(|| template.render(Format::Json)),
            median(|| limits(&template)),
        ];
        print(services, &template, &durations);
    }
}

fn print(services: u16, template: &Template, durations: &[Duration; 4]) {
    let [convert, yaml, json, limits] = durations.map(|duration| duration.as_secs_f64() * 1e3);
    let resources = template.section("Resources").count();
    let each = (convert + yaml + limits) * 1e3 / f64::from(services);
    println!(
        "{services:>8} {resources:>10} {convert:>7.2} ms {yaml:>7.2} ms {json:>7.2} ms \
         {limits:>7.2} ms {each:>17.1} µs"
    );
}

/// So many services, each with a published port.
fn project(services: u16) -> EcsProject {
    let balancer =
        LoadBalancer { kind: LoadBalancerKind::Application, source: LoadBalancerSource::New };
    EcsProject {
        load_balancer: Some(balancer),
        services: (0..services).map(published).collect(),
        ..plain()
    }
}

fn published(number: u16) -> Service {
    let name = format!("service-{number:05}");
    let publication =
        Publication { listener: number + 1, ..publication(&name, 80, ListenerProtocol::Http) };
    let variable = |at: u8| (format!("VARIABLE_{at}"), format!("value {at} of {name}"));
    let mut service = Service { publications: vec![publication], ..service(&name) };
    service.containers[0].environment = (0..5).map(variable).collect();
    service
}

/// The middle one of at least five runs. Dropping the result is not counted.
fn median<T>(work: impl Fn() -> T) -> Duration {
    let enough = Duration::from_millis(500);
    let mut runs: Vec<Duration> = Vec::new();
    while runs.len() < 5 || runs.len() < 200 && runs.iter().sum::<Duration>() < enough {
        runs.push(time(&work));
    }
    runs.sort_unstable();
    runs[runs.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is about the clock")]
fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let duration = start.elapsed();
    drop(result);
    duration
}
