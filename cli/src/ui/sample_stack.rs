//! Stacks and what is in them for the tests of the renderers.

use ecs_apply::{
    Container, Deployment, Endpoint, Happening, Member, Service, ServiceName, ServiceStatus, Stack,
    Status, Target, Task, Teller,
};
use indexmap::IndexMap;
use jiff::Timestamp;

/// A stack that is there.
pub(crate) fn stack(name: &str) -> Stack {
    Stack {
        id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1"),
        name: name.to_owned(),
        status: Status("CREATE_COMPLETE".to_owned()),
        reason: None,
        created: Timestamp::from_second(900_000).ok(),
        updated: None,
        tags: IndexMap::from([("com.docker.compose.project".to_owned(), name.to_owned())]),
        parameters: IndexMap::new(),
        outputs: IndexMap::new(),
    }
}

/// A service of the stack `shop`, without tasks and endpoints.
pub(super) fn status(title: &str, service: Option<Service>) -> ServiceStatus {
    let member = Member {
        title: title.to_owned(),
        logical_id: format!("{title}Service"),
        name: Some(ServiceName { cluster: "shop".to_owned(), service: title.to_owned() }),
        status: Status("CREATE_COMPLETE".to_owned()),
        reason: None,
    };
    ServiceStatus { member, service, endpoints: Vec::new(), tasks: Vec::new() }
}

/// A service that is deployed.
pub(super) fn service(name: &str, desired: i32, running: i32) -> Service {
    let task_definition =
        format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-{name}:1");
    Service {
        arn: format!("arn:aws:ecs:eu-west-1:111122223333:service/shop/{name}"),
        name: ServiceName { cluster: "shop".to_owned(), service: name.to_owned() },
        status: "ACTIVE".to_owned(),
        desired,
        running,
        pending: 0,
        task_definition: task_definition.clone(),
        deployments: vec![Deployment {
            id: "ecs-svc/1".to_owned(),
            status: "PRIMARY".to_owned(),
            task_definition,
            desired,
            running,
            pending: 0,
            failed: 0,
            rollout: Some("COMPLETED".to_owned()),
            reason: None,
            created: Timestamp::from_second(900_000).ok(),
        }],
        events: Vec::new(),
        target_groups: Vec::new(),
        tags: IndexMap::new(),
    }
}

/// A task that runs since then.
pub(super) fn task(service: &str, id: &str, since: i64, health: Option<&str>) -> Task {
    Task {
        arn: format!("arn:aws:ecs:eu-west-1:111122223333:task/shop/{id}"),
        group: Some(format!("service:{service}")),
        started_by: None,
        task_definition: "shop-web:1".to_owned(),
        last_status: "RUNNING".to_owned(),
        desired_status: "RUNNING".to_owned(),
        health: health.map(ToOwned::to_owned),
        stop_code: None,
        stopped_reason: None,
        created: None,
        started: Timestamp::from_second(since).ok(),
        stopped: None,
        network_interface: None,
        private_ip: Some("10.0.1.12".to_owned()),
        containers: vec![container(service, None)],
    }
}

/// A task that ended then, because its container did.
pub(super) fn stopped_task(service: &str, id: &str, since: i64) -> Task {
    Task {
        last_status: "STOPPED".to_owned(),
        desired_status: "STOPPED".to_owned(),
        stop_code: Some("EssentialContainerExited".to_owned()),
        stopped_reason: Some("Essential container in task exited".to_owned()),
        stopped: Timestamp::from_second(since).ok(),
        containers: vec![container(service, Some(1))],
        ..task(service, id, since, None)
    }
}

fn container(name: &str, exit_code: Option<i32>) -> Container {
    let status = if exit_code.is_some() { "STOPPED" } else { "RUNNING" };
    Container {
        name: name.to_owned(),
        image: Some("nginx".to_owned()),
        last_status: Some(status.to_owned()),
        exit_code,
        reason: None,
        health: None,
    }
}

/// A port with targets in these states.
pub(super) fn endpoint(protocol: &str, port: i32, states: &[&str]) -> Endpoint {
    let target = |state: &&str| Target {
        id: "10.0.1.12".to_owned(),
        state: (*state).to_owned(),
        reason: None,
    };
    Endpoint {
        host: "shop-1.eu-west-1.elb.amazonaws.com".to_owned(),
        port,
        protocol: protocol.to_owned(),
        target_group: "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
            .to_owned(),
        targets: states.iter().map(target).collect(),
    }
}

/// A service could not be made.
pub(super) fn failure() -> Happening {
    Happening {
        time: Timestamp::from_millisecond(1_000_000_250).unwrap(),
        id: "1".to_owned(),
        teller: Teller::Stack,
        name: "WebService".to_owned(),
        kind: "AWS::ECS::Service".to_owned(),
        physical_id: None,
        status: Some(Status("CREATE_FAILED".to_owned())),
        message: Some("no\u{1b}[2J permission".to_owned()),
    }
}

/// A service is well.
pub(super) fn steady() -> Happening {
    Happening {
        time: Timestamp::from_millisecond(1_000_001_000).unwrap(),
        id: "2".to_owned(),
        teller: Teller::Service,
        name: "web".to_owned(),
        kind: "AWS::ECS::Service".to_owned(),
        physical_id: Some("arn:aws:ecs:eu-west-1:111122223333:service/shop/web".to_owned()),
        status: None,
        message: Some("has reached a steady state.".to_owned()),
    }
}
