//! `ps --output json`.

use ecs_apply::{Container, Endpoint, ServiceStatus, StackStatus, State, Target, Task};
use serde::Serialize;

use super::stacks::{StackJson, stack};
use super::{Time, time, write};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    stack: StackJson<'a>,
    services: Vec<Service<'a>>,
}

#[derive(Serialize)]
struct Service<'a> {
    name: &'a str,
    resource: &'a str,
    cluster: Option<&'a str>,
    service: Option<&'a str>,
    id: Option<&'a str>,
    state: &'static str,
    reason: Option<&'a str>,
    desired: Option<i32>,
    running: Option<i32>,
    pending: Option<i32>,
    rollout: Option<Rollout<'a>>,
    endpoints: Vec<Reached<'a>>,
    tasks: Vec<Run<'a>>,
}

#[derive(Serialize)]
struct Rollout<'a> {
    state: Option<&'a str>,
    reason: Option<&'a str>,
    task_definition: &'a str,
    failed_tasks: i32,
    created: Time,
}

#[derive(Serialize)]
struct Reached<'a> {
    url: Option<String>,
    host: &'a str,
    port: i32,
    protocol: &'a str,
    targets: Vec<Behind<'a>>,
}

#[derive(Serialize)]
struct Behind<'a> {
    id: &'a str,
    state: &'a str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    arn: &'a str,
    task_definition: &'a str,
    status: &'a str,
    desired_status: &'a str,
    health: Option<&'a str>,
    address: Option<&'a str>,
    created: Time,
    started: Time,
    stopped: Time,
    stop_code: Option<&'a str>,
    stop_reason: Option<&'a str>,
    containers: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    name: &'a str,
    image: Option<&'a str>,
    status: Option<&'a str>,
    health: Option<&'a str>,
    exit_code: Option<i32>,
    reason: Option<&'a str>,
}

/// A stack's services as one document.
pub(crate) fn status(status: &StackStatus) -> String {
    write(&Report {
        version: 1,
        stack: stack(&status.stack),
        services: status.services.iter().map(service).collect(),
    })
}

fn service(status: &ServiceStatus) -> Service<'_> {
    let name = status.member.name.as_ref();
    let service = status.service.as_ref();
    Service {
        name: &status.member.title,
        resource: &status.member.logical_id,
        cluster: name.map(|name| name.cluster.as_str()),
        service: name.map(|name| name.service.as_str()),
        id: service.map(|service| service.arn.as_str()),
        state: state(&status.state()),
        reason: status.reason(),
        desired: service.map(|service| service.desired),
        running: service.map(|service| service.running),
        pending: service.map(|service| service.pending),
        rollout: status.rollout().map(rollout),
        endpoints: status.endpoints.iter().map(endpoint).collect(),
        tasks: status.tasks.iter().map(task).collect(),
    }
}

fn state(state: &State) -> &'static str {
    match state {
        State::NotMade => "not-made",
        State::Missing => "missing",
        State::Ending => "ending",
        State::Idle => "idle",
        State::Deploying => "deploying",
        State::Failed => "failed",
        State::Running => "running",
        State::Short => "lacks-tasks",
    }
}

fn rollout(deployment: &ecs_apply::Deployment) -> Rollout<'_> {
    Rollout {
        state: deployment.rollout.as_deref(),
        reason: deployment.reason.as_deref(),
        task_definition: &deployment.task_definition,
        failed_tasks: deployment.failed,
        created: time(deployment.created),
    }
}

fn endpoint(endpoint: &Endpoint) -> Reached<'_> {
    Reached {
        url: endpoint.url(),
        host: &endpoint.host,
        port: endpoint.port,
        protocol: &endpoint.protocol,
        targets: endpoint.targets.iter().map(target).collect(),
    }
}

fn target(target: &Target) -> Behind<'_> {
    Behind { id: &target.id, state: &target.state, reason: target.reason.as_deref() }
}

fn task(task: &Task) -> Run<'_> {
    Run {
        id: task.id(),
        arn: &task.arn,
        task_definition: &task.task_definition,
        status: &task.last_status,
        desired_status: &task.desired_status,
        health: task.health.as_deref(),
        address: task.private_ip.as_deref(),
        created: time(task.created),
        started: time(task.started),
        stopped: time(task.stopped),
        stop_code: task.stop_code.as_deref(),
        stop_reason: task.stopped_reason.as_deref(),
        containers: task.containers.iter().map(container).collect(),
    }
}

fn container(container: &Container) -> Part<'_> {
    Part {
        name: &container.name,
        image: container.image.as_deref(),
        status: container.last_status.as_deref(),
        health: container.health.as_deref(),
        exit_code: container.exit_code,
        reason: container.reason.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample_stack as sample;

    #[test]
    fn the_format_is_stable() {
        let mut web = sample::status("web", Some(sample::service("web", 1, 1)));
        web.endpoints = vec![sample::endpoint("HTTP", 80, &["healthy"])];
        web.tasks = vec![sample::stopped_task("web", "0123456789abcdef", 900_100)];
        let mut new = sample::status("new", None);
        new.member.name = None;
        let status = StackStatus {
            stack: sample::stack("shop"),
            services: vec![new, web],
            unseen: Vec::new(),
        };
        insta::assert_snapshot!(super::status(&status), @r#"
        {
          "version": 1,
          "stack": {
            "name": "shop",
            "id": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
            "project": "shop",
            "status": "CREATE_COMPLETE",
            "reason": null,
            "created": "1970-01-11T10:00:00Z",
            "updated": null
          },
          "services": [
            {
              "name": "new",
              "resource": "newService",
              "cluster": null,
              "service": null,
              "id": null,
              "state": "not-made",
              "reason": null,
              "desired": null,
              "running": null,
              "pending": null,
              "rollout": null,
              "endpoints": [],
              "tasks": []
            },
            {
              "name": "web",
              "resource": "webService",
              "cluster": "shop",
              "service": "web",
              "id": "arn:aws:ecs:eu-west-1:111122223333:service/shop/web",
              "state": "running",
              "reason": null,
              "desired": 1,
              "running": 1,
              "pending": 0,
              "rollout": {
                "state": "COMPLETED",
                "reason": null,
                "task_definition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-web:1",
                "failed_tasks": 0,
                "created": "1970-01-11T10:00:00Z"
              },
              "endpoints": [
                {
                  "url": "http://shop-1.eu-west-1.elb.amazonaws.com",
                  "host": "shop-1.eu-west-1.elb.amazonaws.com",
                  "port": 80,
                  "protocol": "HTTP",
                  "targets": [
                    {
                      "id": "10.0.1.12",
                      "state": "healthy",
                      "reason": null
                    }
                  ]
                }
              ],
              "tasks": [
                {
                  "id": "0123456789abcdef",
                  "arn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/0123456789abcdef",
                  "task_definition": "shop-web:1",
                  "status": "STOPPED",
                  "desired_status": "STOPPED",
                  "health": null,
                  "address": "10.0.1.12",
                  "created": null,
                  "started": "1970-01-11T10:01:40Z",
                  "stopped": "1970-01-11T10:01:40Z",
                  "stop_code": "EssentialContainerExited",
                  "stop_reason": "Essential container in task exited",
                  "containers": [
                    {
                      "name": "web",
                      "image": "nginx",
                      "status": "STOPPED",
                      "health": null,
                      "exit_code": 1,
                      "reason": null
                    }
                  ]
                }
              ]
            }
          ]
        }
        "#);
    }
}
