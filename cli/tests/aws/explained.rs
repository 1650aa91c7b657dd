//! Why a deployment fails is named while it does, before CloudFormation gives up.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use testkit::emulator::{Emulator, Image, Settings, shell_image};
use testkit::proxy::{Proxy, Rule};

use crate::account::Project;

/// What there is to know is told this soon after the local AWS knows it.
const SOON: f64 = 10.0;

const UP: &str = "up --no-resolve";

/// What was written, and when each line came, in seconds since 1970.
struct Told {
    code: Option<i32>,
    lines: Vec<(f64, String)>,
}

#[test]
fn an_image_that_does_not_exist() {
    let project = Project::new(&web("image: acme/nope:1"));
    let told = up(&project, vec![Image::named("acme/nope").is_missing()]);
    assert_soon(
        &project,
        &told,
        "error[image-not-found]: the image `acme/nope:1` of web does not exist",
    );
    assert_reads("image", &told);
}

#[test]
fn a_container_that_exits() {
    let project =
        Project::new(&web("{image: 'acme/web:1', environment: {PASSWORD: correct-horse}}"));
    let image = Image::named("acme/web").exits(3).logs(&["starting", "DATABASE_URL is not set"]);
    let told = up(&project, vec![image]);
    assert_soon(&project, &told, "error[container-exited]: web ends with exit code 3");
    let shown = told.lines.iter().any(|(_, line)| line.contains("correct-horse"));
    assert!(!shown, "what variables hold is shown to nobody");
    assert_reads("exit", &told);
}

#[test]
fn a_health_check_that_fails() {
    let project = Project::new(&web(
        "{image: 'acme/web:1', healthcheck: {test: [CMD, check], interval: 5s, retries: 1}}",
    ));
    let told = up(&project, vec![Image::named("acme/web").is_unhealthy()]);
    assert_soon(&project, &told, "error[container-unhealthy]: web fails its own health check");
    assert_reads("health", &told);
}

#[test]
fn a_health_check_of_the_load_balancer_that_fails() {
    let project = Project::new(&web("{image: 'acme/web:1', ports: ['80:80']}"));
    let reason = "Task failed ELB health checks in (target-group \
                  arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1)";
    let told = up(&project, vec![Image::named("acme/web").never_starts(reason)]);
    assert_soon(
        &project,
        &told,
        "error[target-unhealthy]: web fails the load balancer's health check",
    );
}

#[test]
fn a_secret_that_is_missing() {
    let project = Project::new("");
    let secret =
        format!("arn:aws:secretsmanager:us-east-1:{}:secret:nowhere-AbCdEf", project.account.id());
    project.write(
        "compose.yaml",
        &web(&format!("{{image: 'acme/web:1', x-aws-secrets: {{TOKEN: '{secret}'}}}}")),
    );
    let told = up(&project, Vec::new());
    assert_soon(
        &project,
        &told,
        "error[secret-not-found]: the secret `nowhere` of web does not exist",
    );
    assert_reads("secret", &told);
}

#[test]
fn no_permission() {
    let project = Project::new(&web("image: acme/web:1"));
    let denied = vec!["iam:CreateRole".to_owned()];
    project.account.set(&Settings { denied, ..Settings::default() });
    let told = run(&project);
    assert_soon(
        &project,
        &told,
        "error[denied]: the role of web (`WebTaskExecutionRole`) cannot be created",
    );
    assert_reads("permission", &told);
}

#[test]
fn a_port_that_is_taken() {
    let project = Project::new("");
    let account = &project.account;
    let subnets = account.query("ec2", "DescribeSubnets", &[]).texts("subnetId");
    let balancer = account.query(
        "elasticloadbalancing",
        "CreateLoadBalancer",
        &[("Name", "shared"), ("Subnets.member.1", &subnets[0]), ("Subnets.member.2", &subnets[1])],
    );
    let answer = account.query(
        "elasticloadbalancing",
        "CreateListener",
        &[
            ("LoadBalancerArn", &balancer.text("LoadBalancerArn")),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "fixed-response"),
            ("DefaultActions.member.1.FixedResponseConfig.StatusCode", "404"),
        ],
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    // What is looked up before would tell of it; somebody may be quicker, though.
    let service = web("{image: 'acme/web:1', ports: ['80:80']}");
    let arn = balancer.text("LoadBalancerArn");
    let overlay = format!(
        "x-aws-cloudformation: {{Resources: {{WebTCP80Listener: {{Properties: {{LoadBalancerArn: '{arn}'}}}}}}}}\n"
    );
    project.write("compose.yaml", &(service + &overlay));
    let told = run(&project);
    assert_soon(&project, &told, "error[port-taken]: the listener of web");
    assert_reads("port", &told);
}

#[test]
fn a_name_that_is_in_use() {
    let project = Project::new(&web("image: acme/web:1"));
    let group = json!({ "logGroupName": "/docker-compose/shop" });
    assert_eq!(project.account.json("logs", "CreateLogGroup", &group).status, 200);
    let told = run(&project);
    assert_soon(&project, &told, "error[name-taken]: the log group `LogGroup` cannot be created");
    assert_reads("name", &told);
}

#[test]
fn a_change_that_fails_is_explained_though_everything_goes_back() {
    let project = Project::new(&web("image: acme/web:1"));
    assert_eq!(run(&project).code, Some(0));
    project.write("compose.yaml", &web("image: acme/web:2"));
    let image = Image::named("acme/web:2").exits(127).logs(&["sh: serve: not found"]);
    let told = up(&project, vec![image]);
    assert_soon(&project, &told, "error[container-exited]: web ends with exit code 127");
    assert_eq!(told.code, Some(4));
}

#[test]
fn a_cause_is_named_long_before_cloudformation_gives_up() {
    let service = "{image: 'acme/web:1', deploy: {update_config: {failure_action: continue}}}";
    let project = Project::new(&web(service));
    let images = vec![Image::named("acme/web").exits(1).after(Duration::from_secs(1))];
    let told = up_for(&project, images, Duration::from_secs(20));
    assert_soon(&project, &told, "error[container-exited]: web ends with exit code 1");
    let time = |part: &str| told.lines.iter().find(|(_, line)| line.contains(part)).map(|it| it.0);
    let (named, failed) = (time("exit code 1"), time("CREATE_FAILED WebService"));
    let early = failed.zip(named).map(|(failed, named)| failed - named);
    assert!(early.is_some_and(|early| early > 8.0), "{early:?} s early:\n{}", conclusion(&told));
    assert_eq!(told.lines.iter().filter(|(_, line)| line.starts_with("error[")).count(), 2);
}

#[test]
fn what_may_not_be_seen_is_told_and_asked_for_once() {
    let project = Project::new(&web("image: acme/web:1"));
    let image = Image::named("acme/web").exits(3).after(Duration::from_secs(1));
    project.account.set(&Settings { images: vec![image.logs(&["secret"])], ..Settings::default() });
    let proxy = Proxy::before(&project.account);
    proxy.rule(Rule::on("Logs.GetLogEvents").always().deny());
    let run = project.run_through(&proxy, UP);
    assert_eq!(run.code, Some(4), "{}", run.errors);
    let beginning = "\nerror[container-exited]: web ends with exit code 3";
    assert!(run.errors.contains(beginning), "{}", run.errors);
    let blind = "\nwarning: what containers wrote could not be seen: AWS refused logs:GetLogEvents";
    assert!(run.errors.contains(blind), "{}", run.errors);
    assert_eq!(proxy.count("Logs.GetLogEvents"), 1);
}

#[test]
fn nobody_is_asked_about_what_does_not_fail() {
    let project = Project::new(&web("image: acme/web:1"));
    let proxy = Proxy::before(&project.account);
    let run = project.run_through(&proxy, UP);
    assert_eq!(run.code, Some(0), "{}", run.errors);
    for call in ["ECS.DescribeTasks", "ECS.DescribeTaskDefinition", "Logs.GetLogEvents"] {
        let before_the_end = proxy.calls().iter().filter(|it| it.is(call)).count();
        assert!(before_the_end <= 1, "{call}: {before_the_end}");
    }
}

#[test]
fn programs_are_told_the_causes() {
    let project = Project::new(&web("image: acme/web:1"));
    let images = vec![Image::named("acme/web").exits(3)];
    project.account.set(&Settings { images, ..Settings::default() });
    let run = project.run(&format!("{UP} --output json"));
    let report: serde_json::Value = serde_json::from_str(&run.output).expect("it is JSON");
    let cause = &report["causes"][0];
    assert_eq!((&cause["kind"], &cause["subject"]), (&json!("container-exited"), &json!("web")));
    assert_eq!(
        (&report["outcome"], &report["status"]),
        (&json!("failed"), &json!("ROLLBACK_COMPLETE"))
    );
}

#[test]
fn what_works_needs_no_explanation() {
    let project = Project::new(&web("image: acme/web:1"));
    let told = run(&project);
    assert_eq!(told.code, Some(0));
    assert!(told.lines.iter().all(|(_, line)| !line.contains("error")), "{}", conclusion(&told));
}

#[test]
fn real_containers_that_exit() {
    const TEST: &str = "real_containers_that_exit";
    let Some((project, image)) = real(TEST) else { return };
    let command = "[sh, -c, 'echo no database; exit 3']";
    project.write("compose.yaml", &plain(&format!("{{image: '{image}', command: {command}}}")));
    let told = run(&project);
    assert_soon(&project, &told, "error[container-exited]: web ends with exit code 3");
    assert!(conclusion(&told).contains("\n    | no database\n"), "{}", conclusion(&told));
}

#[test]
fn real_containers_that_are_unhealthy() {
    const TEST: &str = "real_containers_that_are_unhealthy";
    let Some((project, image)) = real(TEST) else { return };
    let check = "{test: 'exit 1', interval: 5s, timeout: 2s, retries: 1}";
    // The engine waits for containers to end, and the local AWS for the engine.
    let ends = "command: [sleep, '600'], init: true";
    let service = format!("{{image: '{image}', {ends}, healthcheck: {check}}}");
    project.write("compose.yaml", &plain(&service));
    let told = run(&project);
    assert_soon(&project, &told, "error[container-unhealthy]: web fails its own health check");
}

#[test]
fn real_images_that_do_not_exist() {
    const TEST: &str = "real_images_that_do_not_exist";
    let Some((project, _)) = real(TEST) else { return };
    // Before a circuit breaker, the local AWS would give up without starting a task.
    let goes_on = "deploy: {update_config: {failure_action: continue}}";
    project
        .write("compose.yaml", &plain(&format!("{{image: 'localhost:1/nowhere:1', {goes_on}}}")));
    let told = up_for(&project, Vec::new(), Duration::from_secs(15));
    assert_soon(
        &project,
        &told,
        "error[image-not-found]: the image `localhost:1/nowhere:1` of web",
    );
}

/// A project whose containers run, and an image with a shell; nothing, where there is
/// no engine for it.
fn real(test: &str) -> Option<(Project, &'static str)> {
    let image = shell_image(test)?;
    Some((Project::on(Emulator::with_containers(test)?, ""), image))
}

/// A project with one service, and no container beside that.
fn plain(service: &str) -> String {
    web(service) + "x-aws-search_domain: variable\n"
}

/// A project with one service.
fn web(service: &str) -> String {
    let service =
        if service.starts_with('{') { service.to_owned() } else { format!("{{{service}}}") };
    format!("name: shop\nservices:\n  web: {service}\n")
}

/// Deploys to an account with such images, in which CloudFormation is patient.
fn up(project: &Project, images: Vec<Image>) -> Told {
    up_for(project, images, Duration::from_secs(60))
}

fn up_for(project: &Project, images: Vec<Image>, stabilize: Duration) -> Told {
    let stabilize = Some(stabilize);
    project.account.set(&Settings { images, stabilize, ..Settings::default() });
    run(project)
}

fn run(project: &Project) -> Told {
    let mut command = project.command(UP, &project.account);
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let errors = BufReader::new(child.stderr.take().expect("it is piped"));
    let lines = errors.lines().map(|line| (now(), line.expect("it writes text"))).collect();
    Told { code: child.wait().expect("it comes to an end").code(), lines }
}

fn now() -> f64 {
    jiff::Timestamp::now().as_millisecond() as f64 / 1000.0
}

/// That a line begins like this soon after a task stopped or a resource failed.
fn assert_soon(project: &Project, told: &Told, beginning: &str) {
    let found = told.lines.iter().find(|(_, line)| line.starts_with(beginning));
    let all = conclusion(told);
    let (time, _) = found.unwrap_or_else(|| panic!("no {beginning:?} in:\n{all}"));
    assert_eq!(told.code, Some(4), "{all}");
    let shown = first_stop(project).unwrap_or(told.lines[0].0);
    assert!(time - shown < SOON, "named only after {:.1} s:\n{all}", time - shown);
}

/// When the first task stopped, if there was one.
fn first_stop(project: &Project) -> Option<f64> {
    let clusters = project.account.json("ecs", "ListClusters", &json!({})).json();
    let mut first: Option<f64> = None;
    for cluster in clusters["clusterArns"].as_array().into_iter().flatten() {
        let stopped = json!({ "cluster": cluster, "desiredStatus": "STOPPED" });
        let arns = project.account.json("ecs", "ListTasks", &stopped).json();
        let asked = json!({ "cluster": cluster, "tasks": arns["taskArns"] });
        let tasks = project.account.json("ecs", "DescribeTasks", &asked).json();
        for task in tasks["tasks"].as_array().into_iter().flatten() {
            let time = task["stoppedAt"].as_f64();
            first = [first, time].into_iter().flatten().reduce(f64::min);
        }
    }
    first
}

/// What is written at the end.
fn conclusion(told: &Told) -> String {
    let lines: Vec<&str> = told.lines.iter().map(|(_, line)| line.as_str()).collect();
    let end = lines.iter().rposition(|line| line.starts_with("error[")).unwrap_or_default();
    lines[end..].join("\n")
}

/// Holds the end of what was written against what is expected, but for times, ids and
/// accounts.
fn assert_reads(name: &str, told: &Told) {
    let filters = [
        (r"\d\d:\d\d:\d\dZ", "[time]"),
        (r"\b\d{12}\b", "[account]"),
        (r"\b[0-9a-f]{8,}\b", "[id]"),
        (r"\b\d{10,}\b", "[id]"),
        (r"app/shared/\w+", "app/shared/[id]"),
        // How often it is tried, and what is heard of it, depends on how quick one is.
        (r" \(\d+ tasks\)", ""),
        (r"(?m)^ .*(service|deployment of) web: .*\n", ""),
    ];
    insta::with_settings!({ filters => filters }, {
        insta::assert_snapshot!(name, conclusion(told));
    });
}
