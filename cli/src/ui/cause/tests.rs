//! What people read when a deployment fails.

use ecs_apply::{
    Container, Deployment, Evidence, LogLine, LogTail, Service, ServiceEvent, StackEvent, Status,
    Task, causes,
};
use jiff::Timestamp;

use super::*;
use crate::caller::Caller;

#[test]
fn an_image_that_does_not_exist() {
    let reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/example/web:nope: docker.io/example/web:nope: not found";
    let stopped = vec![Task { stopped_reason: Some(reason.to_owned()), ..task(1, Vec::new()) }];
    let events = vec![said(
        4,
        "(service web) was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/example/web:nope: docker.io/example/web:nope: not found.",
    )];
    insta::assert_snapshot!(shown(Evidence {
        stopped,
        services: vec![service(events)],
        ..evidence()
    }));
}

#[test]
fn a_container_that_exits() {
    let stopped = (1..=3).map(|second| Task {
        stop_code: Some("EssentialContainerExited".to_owned()),
        stopped_reason: Some("Essential container in task exited".to_owned()),
        ..task(second, vec![container("proxy", 143), container("web", 1)])
    });
    let stopped: Vec<Task> = stopped.collect();
    let task = stopped[2].arn.clone();
    let logs = vec![tail(&task, &["connecting to db:5432", "Error: DATABASE_URL is not set"])];
    let mut failed = failed(
        "WebService",
        "AWS::ECS::Service",
        "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 256edf08-7afc-0783-a02f-4fd6be3a7e60, HandlerErrorCode: GeneralServiceException)",
    );
    failed.physical_id = Some(ARN.to_owned());
    let evidence = Evidence {
        stopped,
        logs,
        events: vec![failed],
        services: vec![service(Vec::new())],
        ..evidence()
    };
    insta::assert_snapshot!(shown(evidence));
}

#[test]
fn a_health_check_that_fails() {
    let target = "(target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-WebTCP/a6d71c9b9c18b389)";
    let stopped = vec![Task {
        stop_code: Some("ServiceSchedulerInitiated".to_owned()),
        stopped_reason: Some(format!("Task failed ELB health checks in {target}")),
        ..task(1, vec![container("web", 137)])
    }];
    let events = vec![said(
        4,
        &format!(
            "(service web) (task 0123) (port 8080) is unhealthy in {target} due to (reason Health checks failed with these codes: [404])"
        ),
    )];
    insta::assert_snapshot!(shown(Evidence {
        stopped,
        services: vec![service(events)],
        ..evidence()
    }));
}

#[test]
fn a_health_check_of_the_container_that_fails() {
    let sick = Container { health: Some("UNHEALTHY".to_owned()), ..container("web", 137) };
    let stopped = vec![Task {
        stop_code: Some("ServiceSchedulerInitiated".to_owned()),
        stopped_reason: Some("Task failed container health checks".to_owned()),
        ..task(1, vec![sick])
    }];
    let logs = vec![tail(&stopped[0].arn, &["/bin/sh: curl: not found"])];
    insta::assert_snapshot!(shown(Evidence { stopped, logs, ..evidence() }));
}

#[test]
fn a_secret_that_is_missing() {
    let reason = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-2bPcFx from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: d45b80b7-7a19-49eb-8fd2-44305bb5e5d7, ResourceNotFoundException: Secrets Manager can't find the specified secret.";
    let stopped = vec![Task { stopped_reason: Some(reason.to_owned()), ..task(1, Vec::new()) }];
    insta::assert_snapshot!(shown(Evidence { stopped, ..evidence() }));
}

#[test]
fn no_permission() {
    let reason = "Resource handler returned message: \"User: arn:aws:sts::111122223333:assumed-role/deployer/AWSCloudFormation is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/shop-WebTaskExecutionRole-1 because no identity-based policy allows the iam:CreateRole action (Service: Iam, Status Code: 403, Request ID: 2add31fc-57fd-4f68-948f-8d37c03e6e59) (SDK Attempt Count: 1)\" (RequestToken: 23f5a4e5-fcfc-6b30-d188-522fa3d20c9b, HandlerErrorCode: AccessDenied)";
    let events = vec![
        failed("WebTaskExecutionRole", "AWS::IAM::Role", reason),
        failed(
            "CloudMap",
            "AWS::ServiceDiscovery::PrivateDnsNamespace",
            "Resource creation cancelled",
        ),
    ];
    insta::assert_snapshot!(shown(Evidence { events, ..evidence() }));
}

#[test]
fn a_port_that_is_taken() {
    let reason = "Resource handler returned message: \"A listener already exists on this port for this load balancer 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shared/50dc6c495c0c9188' (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: 18a9f3bd-a9a2-425c-98ab-2840249dff81) (SDK Attempt Count: 1)\" (RequestToken: 376b999e-d4a9-761e-408a-a9e551765032, HandlerErrorCode: AlreadyExists)";
    let listener = "AWS::ElasticLoadBalancingV2::Listener";
    let events = vec![failed("WebTCP80Listener", listener, reason)];
    insta::assert_snapshot!(shown(Evidence { events, ..evidence() }));
}

#[test]
fn a_name_that_is_in_use() {
    let events = vec![
        failed(
            "LogGroup",
            "AWS::Logs::LogGroup",
            "Resource of type 'AWS::Logs::LogGroup' with identifier '{\"/properties/LogGroupName\":\"/docker-compose/shop\"}' already exists.",
        ),
        failed(
            "CloudMap",
            "AWS::ServiceDiscovery::PrivateDnsNamespace",
            "CANNOT_CREATE_HOSTED_ZONE: The VPC that you chose, vpc-00000001 in region eu-west-1, is already associated with another private hosted zone that has an overlapping name space, shop.local.. (Service: AmazonRoute53; Status Code: 400; Error Code: ConflictingDomainExists; Request ID: 8a1d)",
        ),
        failed(
            "Cluster",
            "AWS::ECS::Cluster",
            "shop already exists in stack arn:aws:cloudformation:eu-west-1:111122223333:stack/other/e50458c0-1234",
        ),
    ];
    insta::assert_snapshot!(shown(Evidence { events, ..evidence() }));
}

#[test]
fn what_nobody_knows() {
    let reason = "Resource handler returned message: \"The moon is in the wrong house (Service: Astro, Status Code: 418)\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)";
    let events = vec![failed("WebTaskDefinition", "AWS::ECS::TaskDefinition", reason)];
    insta::assert_snapshot!(shown(Evidence { events, ..evidence() }));
}

#[test]
fn what_could_not_be_seen_is_told() {
    let unseen = vec![Unseen {
        what: "what containers wrote".to_owned(),
        reason: "AWS refused logs:GetLogEvents: not authorized (AccessDeniedException)".to_owned(),
        help: Some(
            "allow logs:GetLogEvents to whoever runs this, or use another profile".to_owned(),
        ),
    }];
    insta::assert_snapshot!(shown(Evidence { unseen, ..evidence() }), @"
    warning: what containers wrote could not be seen: AWS refused logs:GetLogEvents: not authorized (AccessDeniedException)
    help: allow logs:GetLogEvents to whoever runs this, or use another profile
    ");
}

#[test]
fn what_containers_write_moves_no_cursor_and_fills_no_screen() {
    let stopped = vec![Task {
        stopped_reason: Some("Essential container in task exited".to_owned()),
        ..task(1, vec![container("web", 1)])
    }];
    let long = "x".repeat(100_000);
    let mut lines = vec!["older"; 40];
    lines.extend(["\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}", &long]);
    let logs = vec![tail(&stopped[0].arn, &lines)];
    let text = shown(Evidence { stopped, logs, ..evidence() });
    assert!(!text.contains(|c: char| c != '\n' && c.is_control()), "{text:?}");
    assert!(text.lines().count() < 20 && text.len() < 3000, "{text}");
    assert!(text.contains("\\u{1b}[2J"), "{text}");
}

#[test]
fn many_causes_are_counted() {
    let events = (0..200).map(|at| failed(&format!("Role{at:03}"), "AWS::IAM::Role", "no"));
    let text = shown(Evidence { events: events.collect(), ..evidence() });
    assert_eq!(text.matches("error[").count(), AT_ALL);
    assert!(text.ends_with("and 180 more\n"), "{text}");
}

#[test]
fn nothing_to_say_is_not_said() {
    assert_eq!(shown(evidence()), "");
}

const ARN: &str = "arn:aws:ecs:eu-west-1:111122223333:service/shop/shop-WebService-x1";

fn shown(evidence: Evidence) -> String {
    let text = text(
        &causes(&evidence),
        &evidence.unseen,
        Some(&Caller::new("ecs-cli").logs("shop")),
        Form::Full,
    );
    anstream::adapter::strip_str(&text).to_string()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time of our days")
}

fn evidence() -> Evidence {
    Evidence { since: at(0), names: vec!["web".to_owned()], ..Evidence::default() }
}

fn task(second: i64, containers: Vec<Container>) -> Task {
    Task {
        arn: format!("arn:aws:ecs:eu-west-1:111122223333:task/shop/{second:032x}"),
        group: Some("service:web".to_owned()),
        started_by: Some("ecs-svc/1".to_owned()),
        task_definition: "web:1".to_owned(),
        last_status: "STOPPED".to_owned(),
        desired_status: "STOPPED".to_owned(),
        health: None,
        stop_code: Some("TaskFailedToStart".to_owned()),
        stopped_reason: None,
        created: Some(at(0)),
        started: None,
        stopped: Some(at(second)),
        network_interface: None,
        private_ip: None,
        containers,
    }
}

fn container(name: &str, code: i32) -> Container {
    Container {
        name: name.to_owned(),
        image: Some("example/web:1".to_owned()),
        last_status: Some("STOPPED".to_owned()),
        exit_code: Some(code),
        reason: None,
        health: None,
    }
}

fn tail(task: &str, lines: &[&str]) -> LogTail {
    let line = |text: &&str| LogLine { time: None, text: (*text).to_owned() };
    LogTail {
        task: task.to_owned(),
        container: "web".to_owned(),
        group: "/docker-compose/shop".to_owned(),
        lines: lines.iter().map(line).collect(),
    }
}

fn said(second: i64, message: &str) -> ServiceEvent {
    ServiceEvent { id: message.to_owned(), time: at(second), message: message.to_owned() }
}

fn service(events: Vec<ServiceEvent>) -> Service {
    Service {
        arn: ARN.to_owned(),
        name: "arn:aws:ecs:eu-west-1:111122223333:service/shop/web"
            .parse()
            .expect("the ARN of a service"),
        status: "ACTIVE".to_owned(),
        desired: 1,
        running: 0,
        pending: 0,
        task_definition: "web:1".to_owned(),
        deployments: vec![Deployment {
            id: "ecs-svc/1".to_owned(),
            status: "PRIMARY".to_owned(),
            task_definition: "web:1".to_owned(),
            desired: 1,
            running: 0,
            pending: 0,
            failed: 3,
            rollout: Some("FAILED".to_owned()),
            reason: Some("ECS deployment circuit breaker: tasks failed to start.".to_owned()),
            created: Some(at(0)),
        }],
        events,
        target_groups: Vec::new(),
        tags: [("com.docker.compose.service".to_owned(), "web".to_owned())].into_iter().collect(),
    }
}

fn failed(logical_id: &str, kind: &str, reason: &str) -> StackEvent {
    StackEvent {
        id: logical_id.to_owned(),
        time: at(9),
        logical_id: logical_id.to_owned(),
        physical_id: None,
        kind: kind.to_owned(),
        status: Status("CREATE_FAILED".to_owned()),
        reason: Some(reason.to_owned()),
        token: None,
    }
}
