//! `plan`, `up` and `down` of the built program, before a local AWS.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::account::{Project, Run, SHOP};
use serde_json::{Value as Json, json};
use testkit::emulator::{Image, Settings};
use testkit::proxy::{Proxy, Rule};

const UP: &str = "up --no-resolve";

fn shop() -> Project {
    let project = Project::new(SHOP);
    project.write("token", "hunter2");
    project
}

fn deployed() -> Project {
    let project = shop();
    assert_eq!(project.run(UP).code, Some(0));
    project
}

fn change(project: &Project, before: &str, after: &str) {
    project.write("compose.yaml", &SHOP.replace(before, after));
}

fn json(run: &Run) -> Json {
    serde_json::from_str(&run.output).unwrap_or_else(|_| panic!("no JSON: {run:?}"))
}

/// Resources take their time, so that something happens meanwhile.
fn slow(project: &Project) {
    project.account.set(&Settings { delay: Duration::from_millis(400), ..Settings::default() });
}

#[test]
fn a_project_is_made_changed_left_alone_and_removed() {
    let project = shop();
    let made = project.run(UP);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.errors.contains("CREATE_COMPLETE"), "{}", made.errors);
    assert!(made.output.starts_with("web  http://"), "{}", made.output);

    let again = project.run(UP);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.errors.contains("nothing to change"), "{}", again.errors);

    change(&project, "acme/web:1", "acme/web:2");
    let changed = project.run(&format!("{UP} --output json"));
    assert_eq!(changed.code, Some(0), "{changed:?}");
    assert_eq!(json(&changed)["outcome"], "done");
    assert_eq!(json(&changed)["status"], "UPDATE_COMPLETE");
    assert!(changed.errors.contains("acme/web:1 → acme/web:2"), "{}", changed.errors);

    let removed = project.run("down");
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert!(removed.errors.contains("kept: fs-"), "{}", removed.errors);
    let left = project.account.inventory();
    assert!(left.len() == 1 && left[0].contains("file-system"), "{left:?}");

    let absent = project.run("down --volumes --output json");
    assert_eq!(json(&absent)["deleted"].as_array().map(Vec::len), Some(1), "{absent:?}");
    assert_eq!(project.account.inventory(), [""; 0]);
}

#[test]
fn a_plan_changes_nothing_and_leaves_nothing_behind() {
    let project = shop();
    let plan = project.run("plan --no-resolve --exit-code --output json");
    assert_eq!(plan.code, Some(10), "{plan:?}");
    assert_eq!(json(&plan)["kind"], "create");
    assert_eq!(project.account.inventory(), [""; 0]);

    assert_eq!(project.run(UP).code, Some(0));
    let before = project.account.inventory();
    let plan = project.run("diff --no-resolve --exit-code");
    assert_eq!((plan.code, plan.output.contains("nothing to change")), (Some(0), true), "{plan:?}");
    change(&project, "acme/web:1", "acme/web:2");
    let plan = project.run("plan --no-resolve --exit-code");
    assert_eq!(plan.code, Some(10), "{plan:?}");
    insta::assert_snapshot!(plan.output);
    assert_eq!(project.account.inventory(), before);
}

#[test]
fn what_a_volume_holds_outlives_the_stack_and_is_found_again() {
    let project = deployed();
    let file_systems = |project: &Project| -> Vec<String> {
        let all = project.account.inventory().into_iter();
        all.filter(|it| it.contains("file-system")).collect()
    };
    let before = file_systems(&project);
    assert_eq!(project.run("down").code, Some(0));
    assert_eq!(project.run(UP).code, Some(0));
    assert_eq!(file_systems(&project), before);
    let removed = project.run("down --volumes");
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_eq!(project.account.inventory(), [""; 0]);
}

#[test]
fn a_stack_of_somebody_else_is_left_alone() {
    let project = shop();
    let group = r#"{"Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}}"#;
    project.account.create_stack("shop", group);
    project.account.settled("shop");
    for arguments in [UP, "plan --no-resolve", "down"] {
        let refused = project.run(arguments);
        assert_eq!(refused.code, Some(3), "{refused:?}");
        let told = "the stack shop was not made from a Compose file";
        assert!(refused.errors.contains(told), "{}", refused.errors);
    }
    assert_eq!(project.account.stack_status("shop"), "CREATE_COMPLETE");
    let beside = project.run("up --no-resolve --stack-name shop-two");
    assert_eq!(beside.code, Some(0), "{beside:?}");
}

#[test]
fn a_second_run_joins_the_first_if_it_wants_the_same() {
    let project = shop();
    slow(&project);
    let first = project.run("up --no-resolve --detach");
    assert_eq!(first.code, Some(0), "{first:?}");
    let second = project.run(UP);
    assert_eq!(second.code, Some(0), "{second:?}");
    assert!(second.errors.contains("is being deployed already"), "{}", second.errors);
    assert_eq!(project.account.stack_status("shop"), "CREATE_COMPLETE");
}

#[test]
fn a_second_run_that_wants_something_else_says_that_somebody_is_at_work() {
    let project = shop();
    slow(&project);
    assert_eq!(project.run("up --no-resolve --detach").code, Some(0));
    change(&project, "acme/web:1", "acme/web:2");
    let second = project.run(UP);
    assert_eq!(second.code, Some(3), "{second:?}");
    let told = "somebody is at work on the stack shop already: it is CREATE_IN_PROGRESS";
    assert!(second.errors.contains(told), "{}", second.errors);
}

#[test]
fn watching_ends_in_time_and_the_work_goes_on() {
    let project = shop();
    slow(&project);
    let run = project.run("up --no-resolve --timeout 1s --output json");
    assert_eq!((run.code, json(&run)["outcome"].as_str()), (Some(5), Some("under-way")), "{run:?}");
    assert_eq!(project.account.settled("shop"), "CREATE_COMPLETE");
}

#[test]
#[cfg(unix)]
fn an_interrupt_stops_watching_and_nothing_else() {
    let project = shop();
    slow(&project);
    let mut command = project.command(UP, &project.account);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It watches as soon as it tells of something.
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("CREATE_IN_PROGRESS") {
        assert_ne!(errors.read_line(&mut told).unwrap(), 0, "{told}");
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    errors.read_to_string(&mut told).unwrap();
    let run = Run { errors: told, ..Run::from(child.wait_with_output().unwrap()) };
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(run.errors.contains("no longer watched; it goes on"), "{}", run.errors);
    assert!(run.errors.contains("ecs-cli down --stack-name shop"), "{}", run.errors);
    assert_eq!(project.account.settled("shop"), "CREATE_COMPLETE");
}

#[test]
fn an_update_is_given_up_without_a_terminal() {
    let project = shop();
    let run = project.run(UP);
    assert_eq!(run.code, Some(0), "{run:?}");
    let nothing = project.run("cancel");
    assert_eq!(nothing.code, Some(0), "{nothing:?}");
    assert!(nothing.errors.contains("not being updated: it is CREATE_COMPLETE"), "{nothing:?}");

    project.account.set(&Settings { delay: Duration::from_secs(2), ..Settings::default() });
    change(&project, "acme/web:1", "acme/web:2");
    let begun = project.run("up --no-resolve --detach");
    assert_eq!(begun.code, Some(0), "{begun:?}");
    assert!(begun.errors.contains("ecs-cli cancel --stack-name shop"), "{}", begun.errors);
    let run = project.run("cancel --output json");
    assert_eq!((run.code, json(&run)["outcome"].as_str()), (Some(0), Some("done")), "{run:?}");
    assert!(run.errors.contains("the stack shop is what it was before"), "{}", run.errors);
    assert_eq!(project.account.stack_status("shop"), "UPDATE_ROLLBACK_COMPLETE");
}

#[test]
fn what_is_throttled_is_asked_again() {
    let project = shop();
    let proxy = Proxy::before(&project.account);
    for call in ["CloudFormation.*", "ECS.*", "EC2.*", "ElasticFileSystem.*", "ELB.*"] {
        proxy.rule(Rule::on(call).times(2).throttle());
    }
    proxy.rule(Rule::on("CloudFormation.DescribeStackEvents").skip(2).times(2).fail(503));
    let run = project.run_through(&proxy, UP);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn an_answer_that_is_lost_is_found_out() {
    let project = shop();
    let mut number = 1;
    for call in ["CreateStack", "CreateChangeSet", "ExecuteChangeSet", "DeleteStack"] {
        let proxy = Proxy::before(&project.account);
        proxy.rule(Rule::on(&format!("CloudFormation.{call}")).times(1).cut_after());
        number += 1;
        change(&project, "acme/web:1", &format!("acme/web:{number}"));
        let arguments = if call == "DeleteStack" { "down --volumes" } else { UP };
        let run = project.run_through(&proxy, arguments);
        assert_eq!(run.code, Some(0), "{call}: {run:?}");
        assert!(proxy.count(&format!("CloudFormation.{call}")) >= 2, "{call} was not lost");
    }
    assert_eq!(project.account.inventory(), [""; 0]);
}

#[test]
fn a_large_template_waits_in_a_bucket_of_our_own() {
    let project = shop();
    let services: String = (0..40)
        .map(|number| {
            format!(
                "  s{number}:\n    image: acme/{}:{number}\n    environment: {{TEXT: {}}}\n",
                "long-name".repeat(5),
                "x".repeat(900)
            )
        })
        .collect();
    project.write("compose.yaml", &format!("name: large\nservices:\n{services}"));
    let plan = project.run("plan --no-resolve");
    assert_eq!(plan.code, Some(0), "{plan:?}");
    assert!(plan.output.contains("there is no bucket for it yet"), "{}", plan.output);
    assert_eq!(project.account.inventory(), [""; 0]);
    let run = project.run(UP);
    assert_eq!(run.code, Some(0), "{run:?}");
    for errors in [&plan.errors, &run.errors] {
        assert!(!errors.contains("keep a bucket"), "{errors}");
    }
    let buckets: Vec<String> =
        project.account.inventory().into_iter().filter(|it| it.starts_with("s3:")).collect();
    let name = format!("ecs-cli-templates-{}-us-east-1", project.account.id());
    assert!(buckets.iter().any(|it| it.contains(&name)), "{buckets:?}");
    for part in ["publicAccessBlock", "encryption", "lifecycle"] {
        let answer = project.account.rest("s3", "GET", &format!("/{name}?{part}"), "");
        assert_eq!(answer.status, 200, "{part}: {}", answer.body);
    }
    let again = project.run(UP);
    assert_eq!(
        (again.code, again.errors.contains("nothing to change")),
        (Some(0), true),
        "{again:?}"
    );
}

#[test]
fn a_plan_makes_a_bucket_where_a_change_set_needs_one() {
    let project = Project::new("{name: shop, services: {web: {image: 'acme/web:1'}}}");
    assert_eq!(project.run(UP).code, Some(0));
    let before = project.account.inventory();
    let variables: String =
        (0..60).map(|number| format!("TEXT{number}: {}, ", "x".repeat(900))).collect();
    project.write(
        "compose.yaml",
        &format!("{{name: shop, services: {{web: {{image: 'acme/web:1', environment: {{{variables}}}}}}}}}"),
    );
    let plan = project.run("plan --no-resolve --exit-code");
    assert_eq!(plan.code, Some(10), "{plan:?}");
    assert!(plan.errors.contains("which is made if it is not there"), "{}", plan.errors);
    assert!(plan.output.contains("TEXT0"), "{}", plan.output);
    let new: Vec<String> =
        project.account.inventory().into_iter().filter(|it| !before.contains(it)).collect();
    let is_bucket = |it: &String| it.starts_with("s3:") && it.contains("ecs-cli-templates-");
    assert!(!new.is_empty() && new.iter().all(is_bucket), "{new:?}");
}

#[test]
fn a_secret_shows_nowhere() {
    let project = shop();
    let made = project.run("up --no-resolve --output json");
    assert_eq!(made.code, Some(0), "{made:?}");
    project.write("token", "hunter3");
    let changed = project.run("up --no-resolve --output json");
    assert_eq!(changed.code, Some(0), "{changed:?}");
    let template = project.account.query("cloudformation", "GetTemplate", &[("StackName", "shop")]);
    let told = "tasks of web that run already keep the one that they have";
    assert!(changed.errors.contains(told), "{}", changed.errors);
    for text in [&made.output, &made.errors, &changed.output, &changed.errors, &template.body] {
        assert!(!text.contains("hunter"), "{text}");
    }
    let secrets = project.account.json("secretsmanager", "ListSecrets", &json!({})).json();
    let arn = secrets["SecretList"][0]["ARN"].clone();
    let value = project.account.json("secretsmanager", "GetSecretValue", &json!({"SecretId": arn}));
    assert_eq!(value.json()["SecretString"], "hunter3");
}

#[test]
fn a_secret_that_is_missing_says_where_it_should_be() {
    let project = Project::new(SHOP);
    let run = project.run(UP);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.errors.contains("token is not there"), "{}", run.errors);
}

#[test]
fn what_another_program_deployed_is_not_reverted_in_silence() {
    let project = deployed();
    let services = project.account.json("ecs", "ListServices", &json!({"cluster": "shop"})).json();
    let arns = services["serviceArns"].as_array().unwrap().clone();
    let web = arns.iter().find(|it| it.as_str().unwrap().contains("Web")).unwrap();
    let newer = json!({
        "family": "shop-web",
        "containerDefinitions": [{"name": "web", "image": "acme/web:hotfix", "essential": true}],
    });
    assert_eq!(project.account.json("ecs", "RegisterTaskDefinition", &newer).status, 200);
    let update = json!({"cluster": "shop", "service": web, "taskDefinition": "shop-web"});
    assert_eq!(project.account.json("ecs", "UpdateService", &update).status, 200);

    let plan = project.run("plan --no-resolve");
    assert!(plan.output.contains("note: WebService runs shop-web:2"), "{plan:?}");

    change(&project, "acme/web:1", "acme/web:2");
    let refused = project.run(&format!("{UP} --output json"));
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(json(&refused)["outcome"], "declined");
    assert!(refused.errors.contains("it runs shop-web:2"), "{}", refused.errors);
    let agreed = project.run(&format!("{UP} --yes"));
    assert_eq!(agreed.code, Some(0), "{agreed:?}");
}

#[test]
fn a_failure_can_be_kept_or_deleted() {
    for (choice, status) in [("keep", "CREATE_FAILED"), ("delete", "DELETE_COMPLETE")] {
        let project = shop();
        let images = vec![Image::named("acme/web:1").exits(3)];
        project.account.set(&Settings { images, ..Settings::default() });
        let run = project.run(&format!("{UP} --on-failure {choice}"));
        assert_eq!(run.code, Some(4), "{run:?}");
        assert!(run.errors.contains(status), "{}", run.errors);
        project.account.set(&Settings::default());
        let left = project.account.stack_status("shop");
        if choice == "keep" {
            assert_eq!(left, status);
            // Somebody may be looking at it.
            let refused = project.run(UP);
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.errors.contains("the logs in it are lost"), "{}", refused.errors);
            assert_eq!(project.account.stack_status("shop"), status);
        } else {
            assert!(matches!(left.as_str(), "" | "DELETE_COMPLETE"), "{left}");
        }
        let run = project.run(&format!("{UP} --yes"));
        assert_eq!(run.code, Some(0), "after {choice}: {run:?}");
        // What was kept holds the volume of the project, which is taken over.
        let answer =
            project.account.rest("elasticfilesystem", "GET", "/2015-02-01/file-systems", "");
        let file_systems = answer.json()["FileSystems"].as_array().map_or(0, Vec::len);
        assert_eq!(file_systems, 1, "after {choice}: {run:?}");
    }
}

#[test]
fn a_change_that_failed_and_was_kept_can_be_mended() {
    let project = deployed();
    let images = vec![Image::named("acme/web:2").exits(3)];
    project.account.set(&Settings { images, ..Settings::default() });
    change(&project, "acme/web:1", "acme/web:2");
    let failed = project.run(&format!("{UP} --on-failure keep"));
    assert_eq!(failed.code, Some(4), "{failed:?}");
    assert_eq!(project.account.stack_status("shop"), "UPDATE_FAILED");
    change(&project, "acme/web:1", "acme/web:3");
    let mended = project.run(UP);
    assert_eq!(mended.code, Some(0), "{mended:?}");
}

#[test]
fn options_reach_the_stack() {
    let project = shop();
    let run = project.run(&format!(
        "{UP} --scale web=3 --image web=acme/web:9 --tags team=a --role-arn arn:aws:iam::111111111111:role/deploy"
    ));
    assert_eq!(run.code, Some(0), "{run:?}");
    let stack = project.account.query("cloudformation", "DescribeStacks", &[("StackName", "shop")]);
    for part in ["team", "com.docker.compose.project", "role/deploy"] {
        assert!(stack.body.contains(part), "{part}: {}", stack.body);
    }
    let template = project.account.query("cloudformation", "GetTemplate", &[("StackName", "shop")]);
    assert!(template.body.contains("acme/web:9") && template.body.contains("DesiredCount: 3"));
    let unknown = project.run(&format!("{UP} --scale wbe=3"));
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.errors.contains("did you mean \"web\"?"), "{}", unknown.errors);
}

#[test]
fn a_template_that_was_written_can_be_applied() {
    let project = shop();
    let written = project.run("convert -o stack.yaml");
    assert_eq!(written.code, Some(0), "{written:?}");
    let unanswered = project.run("up --no-resolve --template stack.yaml");
    assert_eq!(unanswered.code, Some(2), "{unanswered:?}");
    assert!(unanswered.errors.contains("the template asks for Subnets, Vpc"), "{unanswered:?}");
    let run = project.run(
        "up --no-resolve --template stack.yaml --parameter Vpc=vpc-00000001 \
         --parameter Subnets=subnet-00000001,subnet-00000002",
    );
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn a_template_says_all_but_its_secrets() {
    let project = shop();
    let facts = project.run("lookup --no-resolve");
    project.write("facts.json", &facts.output);
    let written = project.run("convert --facts facts.json -o stack.yaml");
    assert_eq!(written.code, Some(0), "{written:?}");
    let proxy = Proxy::before(&project.account);
    let run = project.run_through(&proxy, "up --template stack.yaml");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(proxy.count("EC2.*"), 0, "{:?}", proxy.calls());

    // It is older than the project.
    let more = SHOP.replace("[token]", "[token, other]");
    let more = more.replace("{token: {", "{other: {file: ./token}, token: {");
    project.write("compose.yaml", &more);
    let run = project.run("up --template stack.yaml");
    assert_eq!(run.code, Some(0), "{run:?}");

    std::fs::remove_file(project.path("compose.yaml")).unwrap();
    for name in ["-p shop", "--stack-name shop"] {
        let run = project.run(&format!("up --template stack.yaml {name}"));
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.errors.contains("nothing to change"), "{}", run.errors);
    }
    let cases = [
        ("-p two", "stack.yaml", "stack.yaml was written for the project shop, and not for two"),
        ("-p shop", "facts.json", "facts.json is no template of CloudFormation"),
        ("", "stack.yaml", "no Compose file"),
    ];
    for (name, file, told) in cases {
        let run = project.run(&format!("plan --template {file} {name}"));
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.errors.contains(told) && run.errors.contains("help: "), "{}", run.errors);
    }
}

/// Writes the template of a project, with all that it needs to know of the account.
fn write_template(project: &Project) {
    project.write("facts.json", &project.run("lookup --no-resolve").output);
    let written = project.run("convert --facts facts.json -o stack.yaml");
    assert_eq!(written.code, Some(0), "{written:?}");
}

/// What the only secret of an account says.
fn secret(project: &Project) -> String {
    let secrets = project.account.json("secretsmanager", "ListSecrets", &json!({})).json();
    let arn = json!({"SecretId": secrets["SecretList"][0]["ARN"]});
    let value = project.account.json("secretsmanager", "GetSecretValue", &arn).json();
    value["SecretString"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_secret_is_sent_in_the_pieces_that_the_template_has() {
    let project = shop();
    write_template(&project);
    project.write("token", &"x".repeat(5000));
    let grown = project.run("up --template stack.yaml");
    assert_eq!(grown.code, Some(1), "{grown:?}");
    let told = "the value of the secret \"token\" has 5000 bytes, and stack.yaml has room for 4096";
    assert!(grown.errors.contains(told), "{}", grown.errors);
    assert!(grown.errors.contains("help: write the template again"), "{}", grown.errors);

    write_template(&project);
    assert_eq!(project.run("up --template stack.yaml").code, Some(0));
    assert_eq!(secret(&project).len(), 5000);
    project.write("token", "short");
    let shrunk = project.run("up --template stack.yaml");
    assert_eq!((shrunk.code, secret(&project).as_str()), (Some(0), "short"), "{shrunk:?}");
}

#[test]
fn a_template_of_another_project_does_not_get_the_secrets_of_the_folder() {
    let project = shop();
    write_template(&project);
    assert_eq!(project.run("up --template stack.yaml").code, Some(0));
    project.write("compose.yaml", &SHOP.replace("name: shop", "name: two"));
    project.write("token", "of two");
    let refused = project.run("up --template stack.yaml");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.errors.contains("`-p shop -f FILE`"), "{}", refused.errors);
    let kept = project.run("up --template stack.yaml -p shop");
    assert_eq!((kept.code, secret(&project).as_str()), (Some(0), "hunter2"), "{kept:?}");
    assert!(kept.errors.contains("its secrets are not sent"), "{}", kept.errors);
    let named = project.run("up --template stack.yaml -p shop -f compose.yaml");
    assert_eq!((named.code, secret(&project).as_str()), (Some(0), "of two"), "{named:?}");
}

#[test]
fn a_project_that_is_refused_sends_no_secrets_and_says_why() {
    let project = shop();
    write_template(&project);
    assert_eq!(project.run("up --template stack.yaml").code, Some(0));
    project.write("token", "hunter3");
    project.write("compose.yaml", &SHOP.replace("ports:", "privileged: true\n    ports:"));
    let run = project.run("up --template stack.yaml");
    assert_eq!((run.code, secret(&project).as_str()), (Some(1), "hunter2"), "{run:?}");
    assert!(run.errors.contains("error["), "{}", run.errors);
    let given = project.run("up --template stack.yaml --parameter ShoptokenValue=other");
    assert_eq!((given.code, secret(&project).as_str()), (Some(0), "other"), "{given:?}");
}

#[test]
fn all_tasks_can_be_started_anew() {
    let project = deployed();
    let proxy = Proxy::before(&project.account);
    let run = project.run_through(&proxy, &format!("{UP} --force-recreate"));
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(proxy.count("ECS.UpdateService"), 2);
    let left = project.run(&format!("{UP} --force-recreate --detach --output json"));
    assert_eq!((left.code, json(&left)["outcome"].as_str()), (Some(0), Some("under-way")));
    assert!(left.errors.contains("it goes on by itself"), "{}", left.errors);
}

#[test]
fn tasks_that_cannot_be_started_anew_are_explained() {
    let project = deployed();
    let images = vec![Image::named("acme/web").exits(7)];
    project.account.set(&Settings { images, ..Settings::default() });
    let run = project.run(&format!("{UP} --force-recreate --output json"));
    assert_eq!((run.code, json(&run)["outcome"].as_str()), (Some(4), Some("failed")), "{run:?}");
    let cause = &json(&run)["causes"][0];
    assert_eq!((&cause["kind"], &cause["subject"]), (&json!("container-exited"), &json!("web")));
    assert!(run.errors.contains("exit code 7"), "{}", run.errors);
}

#[test]
fn no_region_is_an_error() {
    let project = shop();
    let mut command = project.command("plan", &project.account);
    let output = command.env_remove("AWS_REGION").output().unwrap();
    let run = Run::from(output);
    assert_eq!(run.code, Some(3), "{run:?}");
    insta::assert_snapshot!(run.errors, @"
    error: no region is set
    help: set AWS_REGION, give --region, or put `region = …` into the profile in ~/.aws/config
    ");
}

#[test]
fn a_stack_of_another_project_with_the_same_name_is_left_alone() {
    let project = Project::new("name: my-shop\nservices: {web: {image: acme/web:1}}\n");
    let run = project.run("up --no-resolve");
    assert_eq!(run.code, Some(0), "{run:?}");
    project.write("compose.yaml", "name: my_shop\nservices: {web: {image: acme/web:1}}\n");
    let commands = [
        "up --no-resolve --yes",
        "down --volumes",
        "cancel",
        "down --stack-name my-shop",
        "cancel --stack-name my-shop",
    ];
    for command in commands {
        let run = project.run(command);
        assert_eq!(run.code, Some(3), "{command}: {run:?}");
        assert!(run.errors.contains("my-shop"), "{command}: {run:?}");
        assert_eq!(project.account.stack_status("my-shop"), "CREATE_COMPLETE");
    }
    // Who names the project, too, means it.
    let run = project.run("down --stack-name my-shop -p my-shop");
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn volumes_that_another_stack_of_the_project_left_are_not_deleted() {
    let project = Project::new(
        "name: shop\nservices: {web: {image: acme/web:1, volumes: ['data:/data']}}\nvolumes: {data: {}}\n",
    );
    let file_systems = || {
        let answer =
            project.account.rest("elasticfilesystem", "GET", "/2015-02-01/file-systems", "");
        answer.json()["FileSystems"].as_array().map_or(0, Vec::len)
    };
    for command in ["up --no-resolve --stack-name shop-prod", "down --stack-name shop-prod"] {
        let run = project.run(command);
        assert_eq!(run.code, Some(0), "{command}: {run:?}");
    }
    assert_eq!(file_systems(), 1);
    let run = project.run("down --stack-name shop-staging --volumes");
    assert_eq!((run.code, file_systems()), (Some(0), 1), "{run:?}");
    let run = project.run("down --stack-name shop-prod --volumes");
    assert_eq!((run.code, file_systems()), (Some(0), 0), "{run:?}");
}

#[test]
fn ctrl_c_before_anything_is_begun_begins_nothing() {
    let project = Project::new("name: shop\nservices: {web: {image: acme/web:1}}\n");
    let proxy = Proxy::before(&project.account);
    let (sender, receiver) = std::sync::mpsc::channel();
    let slow = Rule::on("CloudFormation.ValidateTemplate").delay(Duration::from_secs(20));
    proxy.rule(slow.then(move |_| {
        let _ = sender.send(());
    }));
    let account = project.account.through(&proxy);
    let mut command = project.command("up --no-resolve", &account);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    receiver.recv_timeout(Duration::from_secs(60)).unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(project.account.stack_status("shop"), "");
}

#[test]
fn a_profile_that_is_named_is_asked_whatever_keys_the_environment_has() {
    let mut project = Project::new("name: shop\nservices: {web: {image: acme/web:1}}\n");
    project.write(
        "config",
        "[profile other]\naws_access_key_id = 222222222222\naws_secret_access_key = x\n",
    );
    let config = project.path("config").into_os_string();
    project.variables.push(("AWS_CONFIG_FILE", config));
    let run = project.run("ps --aws-profile other");
    assert!(run.errors.contains("222222222222"), "{run:?}");
    let run = project.run("ls --aws-profile nope");
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.errors.contains("nope"), "{run:?}");
}

#[test]
fn a_profile_of_aws_is_not_one_of_compose() {
    let mut project = Project::new(
        "{name: shop, services: {web: {image: 'acme/web:1'}, x: {image: x, profiles: [dev]}}}",
    );
    project.write("config", "[profile prod]\n[profile dev]\n");
    let config = project.path("config").into_os_string();
    project.variables.push(("AWS_CONFIG_FILE", config));
    let told = "no service has the profile prod";
    for (options, expected) in
        [("--profile prod", true), ("--profile dev", false), ("--profile other", false)]
    {
        let run = project.run(&format!("{options} ps -p shop"));
        assert_eq!(run.errors.contains(told), expected, "{run:?}");
    }
    // Nobody knows what a project has that cannot be loaded.
    project.write("compose.yaml", "{name: shop, services: {web: {profiles: [prod], ports: x}}}");
    for project_s in ["-p shop", "-f -"] {
        let run = project.run(&format!("--profile prod ps {project_s}"));
        assert!(!run.errors.contains(told), "{run:?}");
    }
}

#[test]
fn a_place_that_cannot_be_is_no_place_to_ask() {
    let project = shop();
    for (options, told) in [
        ("--region us_east_1", "there can be no region \"us_east_1\""),
        ("--endpoint-url notaurl", "there can be no endpoint \"notaurl\""),
        ("--stack-name has_underscore", "letters, digits and `-`"),
    ] {
        let run = project.run(&format!("plan {options}"));
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.errors.contains(told), "{}", run.errors);
    }
}

#[test]
fn an_address_from_the_environment_has_to_be_one_too() {
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]
    {
        let mut project = shop();
        project.variables.push((variable, "notaurl".into()));
        let run = project.run("ls");
        assert_eq!(run.code, Some(2), "{variable}: {run:?}");
        assert!(run.errors.contains("there can be no endpoint \"notaurl\""), "{}", run.errors);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what the test is about")]
fn an_address_that_nobody_listens_at_is_told_soon() {
    let project = shop();
    let start = std::time::Instant::now();
    let run = project.run("ls --endpoint-url http://127.0.0.1:9");
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.errors.contains("http://127.0.0.1:9 cannot be reached"), "{}", run.errors);
    assert!(run.errors.contains("help: check the network"), "{}", run.errors);
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
}

#[test]
fn what_was_begun_is_not_denied_when_somebody_else_is_not_reached() {
    let mut project = Project::new("{name: shop, services: {web: {image: 'acme/web:1'}}}");
    project.variables.push(("AWS_ENDPOINT_URL_ECS", "http://127.0.0.1:9".into()));
    let run = project.run(UP);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_ne!(project.account.stack_status("shop"), "");
    assert!(!run.errors.contains("nothing was done"), "{}", run.errors);
    assert!(run.errors.contains("AWS_ENDPOINT_URL_ECS"), "{}", run.errors);
}

#[test]
fn what_a_template_decides_is_not_asked_for_beside_it() {
    let project = Project::new("name: shop\nservices: {web: {image: acme/web:1}}\n");
    for more in ["--scale web=2", "--image web=acme/web:2", "--build"] {
        let run = project.run(&format!("up --template stack.yaml {more}"));
        assert_eq!(run.code, Some(2), "{more}: {run:?}");
    }
    let run = project.run("up --tags com.docker.compose.project=other");
    assert_eq!(run.code, Some(2), "{run:?}");
}
