//! The local AWS and the proxy in front of it do what tests rely on.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use testkit::emulator::{Account, Answer, Emulator, Image, Settings, shell_image};
use testkit::proxy::{Proxy, Rule};

/// A stack with these resources.
fn template(resources: &Json) -> String {
    json!({ "Resources": resources }).to_string()
}

fn log_group() -> Json {
    json!({ "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/shop" } })
}

/// A service with one container of this image.
fn service(image: &str, secrets: &Json) -> String {
    service_of(&[json!({ "Name": "web", "Image": image, "Secrets": secrets })])
}

/// A service with these containers, which share a folder, and all that it needs.
fn service_of(containers: &[Json]) -> String {
    let logs = json!({
        "LogDriver": "awslogs",
        "Options": { "awslogs-group": "/shop", "awslogs-stream-prefix": "shop" },
    });
    let mut containers = containers.to_vec();
    for container in &mut containers {
        container["LogConfiguration"] = logs.clone();
        container["MountPoints"] = json!([{ "SourceVolume": "space", "ContainerPath": "/space" }]);
    }
    template(&json!({
        "Log": log_group(),
        "Cluster": { "Type": "AWS::ECS::Cluster", "Properties": { "ClusterName": "shop" } },
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": "web",
                "NetworkMode": "awsvpc",
                "Volumes": [{ "Name": "space" }],
                "ContainerDefinitions": containers,
            },
        },
        "Web": {
            "Type": "AWS::ECS::Service",
            "DependsOn": "Log",
            "Properties": {
                "Cluster": { "Fn::GetAtt": ["Cluster", "Arn"] },
                "TaskDefinition": { "Ref": "Task" },
                "DesiredCount": 1,
                "DeploymentConfiguration": {
                    "DeploymentCircuitBreaker": { "Enable": true, "Rollback": true },
                },
            },
        },
    }))
}

/// Reasons in the events of a stack, newest first.
fn reasons(account: &Account, stack: &str) -> Vec<String> {
    let events = account.query("cloudformation", "DescribeStackEvents", &[("StackName", stack)]);
    events.texts("ResourceStatusReason")
}

/// Why the tasks of the cluster stopped.
fn stopped_reasons(account: &Account) -> Vec<String> {
    let query = json!({ "cluster": "shop", "desiredStatus": "STOPPED" });
    let tasks = account.json("ecs", "ListTasks", &query).json()["taskArns"].clone();
    let query = json!({ "cluster": "shop", "tasks": tasks });
    let tasks = account.json("ecs", "DescribeTasks", &query).json();
    let tasks = tasks["tasks"].as_array().expect("tasks are a list").iter();
    tasks.map(|task| task["stoppedReason"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn calls_are_counted_and_throttled_on_their_way() {
    let account = Emulator::lean().account();
    let proxy = Proxy::before(&account);
    proxy.rule(Rule::on("CloudFormation.DescribeStackEvents").times(2).throttle());
    let account = account.through(&proxy);
    assert_eq!(account.create_stack("shop", &template(&json!({ "Log": log_group() }))).status, 200);
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    let events =
        || account.query("cloudformation", "DescribeStackEvents", &[("StackName", "shop")]);
    for _ in 0..2 {
        let throttled = events();
        assert_eq!((throttled.status, throttled.text("Code").as_str()), (400, "Throttling"));
    }
    assert_eq!(events().status, 200);
    assert_eq!(account.inventory(), ["cloudformation:stack/shop", "logs:logGroups//shop"]);
    account.delete_stack("shop");
    assert_eq!(account.settled("shop"), "");
    assert_eq!(account.inventory(), [""; 0]);
    assert_eq!(proxy.count("CloudFormation.DescribeStackEvents"), 3);
    assert_eq!(proxy.count("CloudFormation.CreateStack"), 1);
}

#[test]
fn a_call_that_is_cut_takes_effect_or_does_not() {
    let direct = Emulator::lean().account();
    let proxy = Proxy::before(&direct);
    let account = direct.through(&proxy);
    let create = json!({ "clusterName": "shop" });
    let (sender, moments) = mpsc::channel();
    proxy.rule(Rule::nth(1).cut_before());
    proxy.rule(Rule::nth(2).cut_after().then(move |call| {
        sender.send(call.to_string()).expect("the test is not over");
    }));
    for expected in [&[][..], &["arn:aws:ecs"]] {
        let cut = account.clone();
        let create = create.clone();
        let heard = std::thread::spawn(move || cut.json("ecs", "CreateCluster", &create)).join();
        assert!(heard.is_err(), "the answer is lost");
        let clusters = direct.inventory();
        assert_eq!(clusters.len(), expected.len(), "{clusters:?}");
    }
    assert_eq!(moments.try_recv().as_deref(), Ok("2 ECS.CreateCluster"));
}

#[test]
fn errors_have_the_form_of_their_protocol() {
    let account = Emulator::lean().account();
    let proxy = Proxy::before(&account);
    proxy.rule(Rule::on("*").times(3).deny());
    proxy.rule(Rule::on("*").times(3).fail(503));
    let account = account.through(&proxy);
    let ask = || {
        [
            account.query("cloudformation", "ListStacks", &[]),
            account.query("ec2", "DescribeVpcs", &[]),
            account.json("ecs", "ListClusters", &json!({})),
        ]
    };
    let [cloudformation, ec2, ecs] = ask();
    assert_eq!(cloudformation.text("Code"), "AccessDenied");
    assert_eq!(ec2.text("Code"), "UnauthorizedOperation");
    assert_eq!(ecs.json()["__type"], "AccessDeniedException");
    assert!(
        cloudformation.body.contains("is not authorized to perform: cloudformation:ListStacks")
    );
    assert_eq!(ask().map(|answer| answer.status), [503; 3]);
    assert_eq!(ask().map(|answer| answer.status), [200; 3]);
}

#[test]
fn an_account_sees_nothing_of_another() {
    let emulator = Emulator::lean();
    let (one, other) = (emulator.account(), emulator.account().with_public_subnets());
    one.json("ecs", "CreateCluster", &json!({ "clusterName": "shop" }));
    assert_eq!(other.inventory(), [""; 0]);
    let routes = |account: &Account| account.query("ec2", "DescribeRouteTables", &[]).body;
    assert!(routes(&other).contains("0.0.0.0/0"));
    assert!(!routes(&one).contains("0.0.0.0/0"));
}

#[test]
fn a_stack_of_roles_needs_a_capability() {
    let account = Emulator::lean().account();
    let role = json!({
        "Type": "AWS::IAM::Role",
        "Properties": { "AssumeRolePolicyDocument": { "Statement": [] } },
    });
    let body = template(&json!({ "Role": role }));
    let parameters = [("StackName", "shop"), ("TemplateBody", body.as_str())];
    let answer = account.query("cloudformation", "CreateStack", &parameters);
    assert_eq!(answer.text("Code"), "InsufficientCapabilitiesException");
    assert_eq!(account.inventory(), [""; 0]);
}

#[test]
fn what_exists_is_not_made_again() {
    let account = Emulator::lean().account();
    let body = template(&json!({ "Log": log_group() }));
    account.create_stack("shop", &body);
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    account.create_stack("other", &body);
    assert_eq!(account.settled("other"), "ROLLBACK_COMPLETE");
    let why = reasons(&account, "other").join("\n");
    assert!(why.contains("/shop already exists in stack arn:aws:cloudformation:"), "{why}");
    let again = account.create_stack("other", &body);
    assert_eq!(again.text("Code"), "AlreadyExistsException");
}

#[test]
fn what_is_denied_fails_the_stack() {
    let account = Emulator::lean().account();
    account.set(&Settings { denied: vec!["logs:CreateLogGroup".into()], ..Settings::default() });
    account.create_stack("shop", &template(&json!({ "Log": log_group() })));
    assert_eq!(account.settled("shop"), "ROLLBACK_COMPLETE");
    let why = reasons(&account, "shop").join("\n");
    assert!(why.contains("is not authorized to perform: logs:CreateLogGroup"), "{why}");
}

#[test]
fn a_stack_can_be_deleted_while_it_is_made() {
    let account = Emulator::lean().account();
    account.set(&Settings { delay: Duration::from_millis(300), ..Settings::default() });
    account.create_stack("shop", &service("web", &json!([])));
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(account.stack_status("shop"), "CREATE_IN_PROGRESS");
    let resources =
        account.query("cloudformation", "DescribeStackResources", &[("StackName", "shop")]);
    assert!(resources.texts("ResourceStatus").contains(&"CREATE_IN_PROGRESS".to_owned()));
    account.delete_stack("shop");
    assert_eq!(account.stack_status("shop"), "DELETE_IN_PROGRESS");
    assert_eq!(account.settled("shop"), "");
    assert_eq!(account.inventory(), [""; 0]);
}

#[test]
fn an_update_leaves_what_is_unchanged_in_peace() {
    let account = Emulator::lean().account();
    let mut resources = json!({ "Log": log_group(), "Old": { "Type": "AWS::ECS::Cluster" } });
    account.create_stack("shop", &template(&resources));
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    let count = |account: &Account| reasons_and_states(account).len();
    let before = count(&account);
    resources.as_object_mut().expect("it is a map").remove("Old");
    resources["New"] = json!({ "Type": "AWS::ECS::Cluster" });
    assert_eq!(account.update_stack("shop", &template(&resources)).status, 200);
    assert_eq!(account.settled("shop"), "UPDATE_COMPLETE");
    let mut events = reasons_and_states(&account);
    events.truncate(events.len() - before);
    events.reverse();
    assert_eq!(
        events,
        [
            "shop UPDATE_IN_PROGRESS",
            "New CREATE_IN_PROGRESS",
            "New CREATE_IN_PROGRESS",
            "New CREATE_COMPLETE",
            "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "Old DELETE_IN_PROGRESS",
            "Old DELETE_COMPLETE",
            "shop UPDATE_COMPLETE",
        ]
    );
}

/// What happened to what, newest first.
fn reasons_and_states(account: &Account) -> Vec<String> {
    let events = account.query("cloudformation", "DescribeStackEvents", &[("StackName", "shop")]);
    let names = events.texts("LogicalResourceId").into_iter();
    names
        .zip(events.texts("ResourceStatus"))
        .map(|(name, state)| format!("{name} {state}"))
        .collect()
}

#[test]
fn a_request_with_a_token_can_be_repeated() {
    let account = Emulator::lean().account();
    let body = template(&json!({ "Log": log_group() }));
    let parameters = [
        ("StackName", "shop"),
        ("ChangeSetName", "first"),
        ("ChangeSetType", "CREATE"),
        ("ClientToken", "once"),
        ("TemplateBody", &body),
    ];
    let create =
        |length: usize| account.query("cloudformation", "CreateChangeSet", &parameters[..length]);
    let first = create(5);
    assert_eq!(first.text("Id"), create(5).text("Id"));
    let named = [("StackName", "shop"), ("ChangeSetName", "first"), ("ClientRequestToken", "now")];
    let execute = || account.query("cloudformation", "ExecuteChangeSet", &named);
    assert_eq!([execute().status, execute().status], [200, 200]);
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    let stack = account.query("cloudformation", "DescribeStacks", &[("StackName", "shop")]);
    assert_eq!(stack.text("ChangeSetId"), first.text("Id"));
    let without = account.query("cloudformation", "ExecuteChangeSet", &named[..2]);
    assert_eq!(without.text("Code"), "InvalidChangeSetStatus");
}

#[test]
fn a_large_template_is_read_from_its_bucket() {
    let account = Emulator::lean().account();
    let mut resources = json!({});
    for number in 0..120 {
        resources[format!("Cluster{number}")] = json!({ "Type": "AWS::ECS::Cluster" });
    }
    account.rest("s3", "PUT", "/templates", "");
    account.rest("s3", "PUT", "/templates/shop/large.json", &template(&resources));
    let url = "https://templates.s3.us-east-1.amazonaws.com/shop/large.json";
    let named = [("StackName", "shop"), ("ChangeSetName", "first")];
    let create = [named[0], named[1], ("ChangeSetType", "CREATE"), ("TemplateURL", url)];
    assert_eq!(account.query("cloudformation", "CreateChangeSet", &create).status, 200);
    let page = account.query("cloudformation", "DescribeChangeSet", &named);
    let token = page.text("NextToken");
    let next = [named[0], named[1], ("NextToken", &token)];
    let rest = account.query("cloudformation", "DescribeChangeSet", &next);
    let count = |answer: &Answer| answer.texts("ResourceChange").len();
    assert_eq!((count(&page), count(&rest), rest.text("NextToken")), (100, 20, String::new()));
}

#[test]
fn what_failed_is_kept_until_its_stack_is_deleted() {
    let account = Emulator::lean().account();
    let images = vec![Image::named("acme").exits(3)];
    account.set(&Settings { images, ..Settings::default() });
    let body = service("acme/web:1", &json!([]));
    let parameters =
        [("StackName", "shop"), ("TemplateBody", body.as_str()), ("OnFailure", "DO_NOTHING")];
    account.query("cloudformation", "CreateStack", &parameters);
    assert_eq!(account.settled("shop"), "CREATE_FAILED");
    let kept = account.inventory();
    assert!(kept.iter().any(|it| it.contains(":service/shop/shop-Web-")), "{kept:?}");
    account.delete_stack("shop");
    assert_eq!(account.settled("shop"), "");
    assert_eq!(account.inventory(), [""; 0]);
    let parameters = [parameters[0], parameters[1], ("OnFailure", "DELETE")];
    account.query("cloudformation", "CreateStack", &parameters);
    assert_eq!(account.settled("shop"), "");
    assert_eq!(account.inventory(), [""; 0]);
}

#[test]
fn an_update_that_is_cancelled_goes_back() {
    let account = Emulator::lean().account();
    account.create_stack("shop", &service("web:1", &json!([])));
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    let images = vec![Image::named("web:2").exits(3).after(Duration::from_secs(5))];
    account.set(&Settings { images, ..Settings::default() });
    account.update_stack("shop", &service("web:2", &json!([])));
    std::thread::sleep(Duration::from_millis(500));
    let refused = account.delete_stack("shop");
    assert!(
        refused.text("Message").contains("cannot be deleted while in status UPDATE_IN_PROGRESS")
    );
    account.query("cloudformation", "CancelUpdateStack", &[("StackName", "shop")]);
    assert_eq!(account.settled("shop"), "UPDATE_ROLLBACK_COMPLETE");
    let why = reasons(&account, "shop");
    assert!(why.contains(&"User Initiated".to_owned()), "{why:?}");
    let services = account.json("ecs", "ListServices", &json!({ "cluster": "shop" })).json();
    let query = json!({ "cluster": "shop", "services": services["serviceArns"] });
    let services = account.json("ecs", "DescribeServices", &query).json();
    let definition = json!({ "taskDefinition": services["services"][0]["taskDefinition"] });
    let definition = account.json("ecs", "DescribeTaskDefinition", &definition).json();
    let containers = &definition["taskDefinition"]["containerDefinitions"];
    assert_eq!(containers[0]["image"], "web:1");
    assert_eq!(containers[0]["mountPoints"][0]["sourceVolume"], "space");
}

#[test]
fn references_are_what_amazon_says() {
    let account = Emulator::lean().account();
    let body = json!({
        "Resources": {
            "Key": { "Type": "AWS::SecretsManager::Secret", "Properties": { "SecretString": "s" } },
            "Net": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.1.0.0/16" } },
            "Profile": { "Type": "AWS::IAM::InstanceProfile", "Properties": { "Roles": [] } },
        },
        "Outputs": {
            "Key": { "Value": { "Ref": "Key" } },
            "Net": { "Value": { "Fn::GetAtt": ["Net", "CidrBlock"] } },
            "Profile": { "Value": { "Ref": "Profile" } },
        },
    });
    account.create_stack("shop", &body.to_string());
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    let stack = account.query("cloudformation", "DescribeStacks", &[("StackName", "shop")]);
    let values = stack.texts("OutputValue");
    assert!(values[0].starts_with("arn:aws:secretsmanager:"), "{values:?}");
    assert_eq!(values[1], "10.1.0.0/16");
    assert!(values[2].starts_with("shop-Profile-"), "{values:?}");
    account.delete_stack("shop");
    assert_eq!(account.settled("shop"), "");
    assert_eq!(account.inventory(), [""; 0]);
}

#[test]
fn images_fail_as_they_are_told() {
    let cases = [
        (
            Image::named("acme").logs(&["no database"]).exits(3),
            "Essential container in task exited",
        ),
        (Image::named("acme").is_unhealthy(), "Task failed container health checks"),
        (Image::named("acme").is_missing(), "docker.io/acme/web:1: not found"),
    ];
    for (image, expected) in cases {
        let account = Emulator::lean().account();
        account.set(&Settings { images: vec![image], ..Settings::default() });
        account.create_stack("shop", &service("acme/web:1", &json!([])));
        assert_eq!(account.settled("shop"), "ROLLBACK_COMPLETE");
        let why = reasons(&account, "shop").join("\n");
        assert!(why.contains("ECS Deployment Circuit Breaker was triggered"), "{why}");
        let stopped = stopped_reasons(&account);
        assert!(stopped.iter().all(|reason| reason.contains(expected)), "{stopped:?}");
        assert_eq!(account.inventory(), ["cloudformation:stack/shop"]);
    }
}

#[test]
fn an_image_may_behave_by_its_variables() {
    let account = Emulator::lean().account();
    let failing = Image::named("acme").with_variable("MODE", "bad").logs(&["bad"]).exits(3);
    let working = Image::named("acme").with_variable("MODE", "good").logs(&["good"]);
    account.set(&Settings { images: vec![failing, working], ..Settings::default() });
    let mut web = container("web", "acme/web:1", "serve");
    for (mode, status) in [("good", "CREATE_COMPLETE"), ("bad", "UPDATE_ROLLBACK_COMPLETE")] {
        web["Environment"] = json!([{ "Name": "MODE", "Value": mode }]);
        let template = service_of(&[web.clone()]);
        let begin = if mode == "good" { Account::create_stack } else { Account::update_stack };
        begin(&account, "shop", &template);
        assert_eq!(account.settled("shop"), status);
        assert!(logs(&account).contains(&mode.to_owned()));
    }
}

#[test]
fn a_task_does_not_start_without_its_secret() {
    let account = Emulator::lean().account();
    let missing = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf";
    let secrets = json!([{ "Name": "KEY", "ValueFrom": missing }]);
    account.create_stack("shop", &service("web", &secrets));
    assert_eq!(account.settled("shop"), "ROLLBACK_COMPLETE");
    let stopped = stopped_reasons(&account);
    assert!(stopped[0].starts_with("ResourceInitializationError: "), "{stopped:?}");
    assert!(stopped[0].contains(missing), "{stopped:?}");
}

#[test]
fn lists_come_in_pages() {
    let account = Emulator::lean().account();
    let family =
        json!({ "family": "web", "containerDefinitions": [{ "name": "a", "image": "a" }] });
    account.json("ecs", "RegisterTaskDefinition", &family);
    for number in 0..11 {
        let service = json!({ "serviceName": number.to_string(), "taskDefinition": "web", "desiredCount": 0 });
        account.json("ecs", "CreateService", &service);
    }
    let page = account.json("ecs", "ListServices", &json!({})).json();
    assert_eq!(page["serviceArns"].as_array().map(Vec::len), Some(10));
    let rest = json!({ "nextToken": page["nextToken"] });
    let rest = account.json("ecs", "ListServices", &rest).json();
    assert_eq!(rest["serviceArns"].as_array().map(Vec::len), Some(1));
    let all: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let refused = account.json("ecs", "DescribeServices", &json!({ "services": all }));
    assert_eq!(refused.json()["__type"], "InvalidParameterException");
}

/// What containers wrote, from the oldest line.
fn logs(account: &Account) -> Vec<String> {
    let query = json!({ "logGroupName": "/shop" });
    let events = account.json("logs", "FilterLogEvents", &query).json();
    let events = events["events"].as_array().expect("events are a list").iter();
    events.map(|event| event["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What a container does that runs this line of the shell.
fn container(name: &str, image: &str, line: &str) -> Json {
    json!({ "Name": name, "Image": image, "EntryPoint": ["sh", "-c"], "Command": [line] })
}

#[test]
fn a_container_that_exits_fails_the_stack() {
    let test = "a_container_that_exits_fails_the_stack";
    let (Some(emulator), Some(image)) = (Emulator::with_containers(test), shell_image(test)) else {
        return;
    };
    let account = emulator.account();
    account.create_stack("shop", &service_of(&[container("web", image, "exit 3")]));
    assert_eq!(account.settled("shop"), "ROLLBACK_COMPLETE");
    let why = reasons(&account, "shop").join("\n");
    assert!(why.contains("ECS Deployment Circuit Breaker was triggered"), "{why}");
    let stopped = stopped_reasons(&account);
    assert!(stopped.iter().all(|it| it == "Essential container in task exited"), "{stopped:?}");
    assert_eq!(account.inventory(), ["cloudformation:stack/shop"]);
}

#[test]
fn containers_wait_for_each_other_and_share_a_folder() {
    let test = "containers_wait_for_each_other_and_share_a_folder";
    let (Some(emulator), Some(image)) = (Emulator::with_containers(test), shell_image(test)) else {
        return;
    };
    let mut web = container("web", image, "cat /space/file; id -u; exec sleep 600");
    web["User"] = "1000".into();
    web["HealthCheck"] = json!({ "Command": ["CMD-SHELL", "test -s /space/file"], "Interval": 1 });
    web["DependsOn"] = json!([{ "ContainerName": "init", "Condition": "SUCCESS" }]);
    let mut init = container("init", image, "sleep 1; echo written > /space/file");
    init["Essential"] = false.into();
    let account = emulator.account();
    account.create_stack("shop", &service_of(&[web, init]));
    assert_eq!(account.settled("shop"), "CREATE_COMPLETE");
    assert_eq!(logs(&account), ["written", "1000"]);
    let tasks = account.json("ecs", "ListTasks", &json!({ "cluster": "shop" })).json();
    let query = json!({ "cluster": "shop", "tasks": tasks["taskArns"] });
    let tasks = account.json("ecs", "DescribeTasks", &query).json();
    assert_eq!(tasks["tasks"][0]["healthStatus"], "HEALTHY");
    account.delete_stack("shop");
    assert_eq!(account.settled("shop"), "");
}
