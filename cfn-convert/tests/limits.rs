//! What is too much is said before anybody deploys.

#[expect(dead_code, reason = "other tests use the rest")]
mod projects;

use cfn_convert::{convert, limits, written_size};
use compose_model::{Place, Severity};
use ecs_validate::{
    Container, EcsProject, File, ListenerProtocol, LoadBalancer, LoadBalancerKind,
    LoadBalancerSource, Mount, MountSource, Ownership, Preparation, Publication, Service,
};
use indexmap::IndexMap;
use projects::{container, network, plain, publication, service};

fn told(project: &EcsProject) -> Vec<String> {
    let problems = limits(&convert(project));
    problems
        .iter()
        .map(|problem| {
            let Place::Path(path) = &problem.labels[0].place else { panic!("{problem:?}") };
            let severity = match problem.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            format!("{severity} {path}: {}", problem.message)
        })
        .collect()
}

fn one(service: Service) -> EcsProject {
    EcsProject { services: vec![service], ..plain() }
}

#[test]
fn a_project_of_usual_size_is_fine() {
    assert_eq!(told(&plain()), [""; 0]);
}

#[test]
fn resources_and_bytes_are_counted() {
    let services = (0..130).map(|number| service(&format!("s{number:03}"))).collect();
    let told = told(&EcsProject { services, ..plain() });
    assert_eq!(told[0], "error : the template has 525 resources, and CloudFormation takes 500");
    assert!(told[1].starts_with("warning : the template has "), "{told:?}");
    assert!(told[1].ends_with(" bytes, and has to be put into a bucket"), "{told:?}");
}

#[test]
fn the_size_is_that_of_the_template_without_spaces() {
    let services = (0..130).map(|number| service(&format!("s{number:03}"))).collect();
    let project = EcsProject { services, ..plain() };
    let json = serde_json::to_string(convert(&project).data()).unwrap();
    let message = told(&project).remove(1);
    let counted: usize = message.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert!(counted.abs_diff(json.len()) <= 4, "{counted} of {}", json.len());
}

#[test]
fn white_space_counts_however_much_it_is() {
    assert_eq!(written_size(51_200), None);
    for bytes in [51_201, 1_000_000, 1_000_001, 5_000_000] {
        let problem = written_size(bytes).expect("it cannot be sent as it is");
        assert_eq!(problem.severity, Severity::Warning);
        assert_eq!(problem.message, format!("the template has {bytes} bytes as it is written"));
    }
}

#[test]
fn the_parts_of_a_service_are_counted() {
    let step = Preparation {
        image: None,
        command: Vec::new(),
        user: None,
        working_dir: None,
        environment: IndexMap::new(),
    };
    let networks: Vec<String> = (0..6).map(|number| format!("n{number}")).collect();
    let ports = (80..86).map(|port| publication("web", port, ListenerProtocol::Http));
    let web = Service {
        containers: vec![Container { before: vec![step; 9], ..container("web") }],
        networks: networks.clone(),
        publications: ports.map(|it| Publication { network: "n0".to_owned(), ..it }).collect(),
        ..service("web")
    };
    let project = EcsProject {
        networks: networks.iter().map(|name| network(name)).collect(),
        load_balancer: Some(LoadBalancer {
            kind: LoadBalancerKind::Application,
            source: LoadBalancerSource::New,
        }),
        ..one(web)
    };
    let expected = [
        "error services.web: `WebTaskDefinition` has 11 container definitions, and ECS takes 10",
        "error services.web: `WebService` has 6 security groups, and ECS takes 5",
        "error services.web: `WebService` has 6 load balancers, and ECS takes 5",
    ];
    assert_eq!(told(&project), expected);
}

#[test]
fn listeners_of_a_load_balancer_are_counted() {
    let services = (0..51).map(|number| Service {
        publications: vec![publication("web", 8000 + number, ListenerProtocol::Tcp)],
        ..service(&format!("s{number:02}"))
    });
    let project = EcsProject {
        load_balancer: Some(LoadBalancer {
            kind: LoadBalancerKind::Network,
            source: LoadBalancerSource::New,
        }),
        services: services.collect(),
        ..plain()
    };
    let told = told(&project);
    let expected =
        "warning : the load balancer has 51 listeners, and AWS allows 50 unless it is asked";
    assert!(told.contains(&expected.to_owned()), "{told:?}");
}

#[test]
fn a_task_definition_can_be_too_large() {
    let ownership = Ownership::default();
    let file = File { path: "a".to_owned(), content: vec![b'x'; 70_000], ownership };
    let mount = Mount {
        target: "/etc/web".to_owned(),
        source: MountSource::Files { files: vec![file], seeded: false },
        read_only: true,
    };
    let web = Service {
        containers: vec![Container { mounts: vec![mount], ..container("web") }],
        ..service("web")
    };
    let told = told(&one(web));
    assert!(told[0].starts_with("error services.web: `WebTaskDefinition` has 7"), "{told:?}");
    assert!(told[0].ends_with(" bytes, and ECS takes 65536"), "{told:?}");
}

#[test]
fn dynamic_references_are_counted() {
    let environment = (0..61)
        .map(|number| (format!("V{number:02}"), format!("{{{{resolve:ssm:/shop/{number}}}}}")));
    let web = Container { environment: environment.collect(), ..container("web") };
    let told = told(&one(Service { containers: vec![web], ..service("web") }));
    let expected = "error : the template has 61 dynamic references, and CloudFormation takes 60";
    assert_eq!(told, [expected]);
}
