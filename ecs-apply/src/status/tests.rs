use super::*;
use crate::stack::Status;

#[test]
fn the_state_is_what_matters_most() {
    let cases = [
        ("IN_PROGRESS", 2, 0, State::Deploying),
        ("IN_PROGRESS", 0, 0, State::Idle),
        ("COMPLETED", 2, 2, State::Running),
        ("COMPLETED", 2, 1, State::Short),
        ("COMPLETED", 0, 0, State::Idle),
        ("FAILED", 2, 0, State::Failed),
    ];
    for (rollout, desired, running, expected) in cases {
        let mut service = service("web");
        (service.desired, service.running) = (desired, running);
        service.deployments[0].rollout = Some(rollout.to_owned());
        assert_eq!(of(Some(service)).state(), expected, "{rollout} {running}/{desired}");
    }
}

#[test]
fn a_service_that_is_not_there_is_told_from_one_that_is_not_yet() {
    let mut status = of(None);
    assert_eq!(status.state(), State::Missing);
    status.member.name = None;
    assert_eq!(status.state(), State::NotMade);
    let mut ending = service("web");
    ending.status = "DRAINING".to_owned();
    assert_eq!(of(Some(ending)).state(), State::Ending);
}

#[test]
fn tasks_go_to_their_service_and_cluster() {
    let tasks = vec![
        task("shop", "a", "service:web", 1),
        task("shop", "b", "service:web", 2),
        task("shop", "c", "family:once", 3),
        task("other", "d", "service:web", 4),
    ];
    let roster = Roster { services: vec![member("web"), member("db")], ..Roster::default() };
    let services = vec![service("web"), service("db")];
    let statuses = assemble(roster, Answers { services, tasks, ..Answers::default() });
    let ids: Vec<_> = statuses
        .iter()
        .map(|it| (it.member.title.as_str(), it.tasks.iter().map(Task::id).collect::<Vec<_>>()))
        .collect();
    assert_eq!(ids, [("db", vec![]), ("web", vec!["b", "a"])]);
}

#[test]
fn a_port_belongs_to_the_service_behind_it() {
    let entrance = |port, group: &str| Entrance {
        arn: format!("listener/{port}"),
        load_balancer: "lb".to_owned(),
        protocol: "HTTP".to_owned(),
        port,
        target_groups: vec![group.to_owned()],
    };
    let mut web = service("web");
    web.target_groups = vec!["web".to_owned(), "admin".to_owned()];
    let target = Target { id: "10.0.0.1".to_owned(), state: "healthy".to_owned(), reason: None };
    let answers = Answers {
        services: vec![web, service("db")],
        entrances: vec![entrance(8080, "admin"), entrance(80, "web"), entrance(90, "else")],
        hosts: HashMap::from([("lb".to_owned(), "shop.elb".to_owned())]),
        targets: HashMap::from([("web".to_owned(), vec![target])]),
        ..Answers::default()
    };
    let roster = Roster { services: vec![member("web"), member("db")], ..Roster::default() };
    let statuses = assemble(roster, answers);
    let shown: Vec<_> = statuses[1].endpoints.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["http://shop.elb", "http://shop.elb:8080"]);
    assert_eq!(statuses[1].endpoints[0].healthy(), 1);
    assert_eq!(statuses[0].endpoints, []);
}

#[test]
fn health_counts_tasks_that_run_and_have_a_check() {
    let mut status = of(Some(service("web")));
    let mut add = |health: Option<&str>, stopped: bool| {
        let mut task = task("shop", "a", "service:web", 1);
        task.health = health.map(ToOwned::to_owned);
        task.stopped = stopped.then_some(Timestamp::UNIX_EPOCH);
        status.tasks.push(task);
    };
    add(Some("HEALTHY"), false);
    add(Some("UNHEALTHY"), false);
    add(Some("UNHEALTHY"), true);
    add(Some("UNKNOWN"), false);
    add(None, false);
    assert_eq!(status.health(), (1, 2));
}

fn of(service: Option<Service>) -> ServiceStatus {
    ServiceStatus { member: member("web"), service, endpoints: Vec::new(), tasks: Vec::new() }
}

fn member(name: &str) -> Member {
    Member {
        title: name.to_owned(),
        logical_id: format!("{name}Service"),
        name: Some(ServiceName { cluster: "shop".to_owned(), service: name.to_owned() }),
        status: Status("CREATE_COMPLETE".to_owned()),
        reason: None,
    }
}

fn service(name: &str) -> Service {
    Service {
        arn: format!("arn:aws:ecs:r:1:service/shop/{name}"),
        name: ServiceName { cluster: "shop".to_owned(), service: name.to_owned() },
        status: "ACTIVE".to_owned(),
        desired: 1,
        running: 1,
        pending: 0,
        task_definition: "td".to_owned(),
        deployments: vec![Deployment {
            id: "ecs-svc/1".to_owned(),
            status: "PRIMARY".to_owned(),
            task_definition: "td".to_owned(),
            desired: 1,
            running: 1,
            pending: 0,
            failed: 0,
            rollout: Some("COMPLETED".to_owned()),
            reason: None,
            created: None,
        }],
        events: Vec::new(),
        target_groups: Vec::new(),
        tags: indexmap::IndexMap::new(),
    }
}

fn task(cluster: &str, id: &str, group: &str, created: i64) -> Task {
    Task {
        arn: format!("arn:aws:ecs:r:1:task/{cluster}/{id}"),
        group: Some(group.to_owned()),
        started_by: None,
        task_definition: "td".to_owned(),
        last_status: "RUNNING".to_owned(),
        desired_status: "RUNNING".to_owned(),
        health: None,
        stop_code: None,
        stopped_reason: None,
        created: Timestamp::from_second(created).ok(),
        started: None,
        stopped: None,
        network_interface: None,
        private_ip: None,
        containers: Vec::new(),
    }
}
