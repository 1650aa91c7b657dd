//! The main paths with real containers, where an engine answers.

use serde_json::{Value, json};
use testkit::emulator::{Emulator, shell_image};

use crate::shop::{Moment, Shop, doing, result};

/// An account whose tasks are containers, with a service `web`, and the image to run.
fn open(test: &str) -> Option<(Shop, &'static str)> {
    let emulator = Emulator::with_containers(test)?;
    let image = shell_image(test)?;
    let shop = Shop::on(emulator);
    shop.service_of("web", &doing("web", image, "sleep 500"));
    Some((shop, image))
}

/// What the service is to run.
fn runs(shop: &Shop) -> String {
    let arn = shop.described("web")["taskDefinition"].clone();
    let arn = arn.as_str().unwrap_or_default().to_owned();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

#[test]
fn real_containers_are_rolled_out_and_taken_back() {
    const TEST: &str = "real_containers_are_rolled_out_and_taken_back";
    let Some((mut shop, image)) = open(TEST) else { return };
    shop.send("web", &doing("web", image, "sleep 600").to_string());
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    shop.variables.push(("ECS_ROLLBACK", "1".to_owned()));
    shop.variables.push(("ECS_FAILURES", "1".to_owned()));
    shop.send("web", &doing("web", image, "exit 7").to_string());
    let run = shop.run("");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.errors.contains('7'), "{run:?}");
    assert_eq!(result(&run)["status"], "rolled_back", "{run:?}");
    assert_eq!(runs(&shop), "web:2");
}

#[test]
fn a_real_image_that_is_missing_is_told() {
    const TEST: &str = "a_real_image_that_is_missing_is_told";
    let Some((shop, _)) = open(TEST) else { return };
    // There is no registry of this name, wherever the test runs.
    let missing = "registry.invalid/acme/nope:1";
    shop.send("web", &doing("web", missing, "sleep 600").to_string());
    let run = shop.run("");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.errors.contains(missing), "{run:?}");
    assert_eq!(shop.waiting(&shop.queue), 0);
}

#[test]
fn a_real_deployment_is_superseded() {
    const TEST: &str = "a_real_deployment_is_superseded";
    let Some((shop, image)) = open(TEST) else { return };
    let mut slow = doing("web", image, "sleep 600");
    // It is never well, so that the deployment goes on.
    let check = json!({"command": ["CMD", "false"], "interval": 5, "retries": 10});
    slow["containerDefinitions"][0]["healthCheck"] = check;
    shop.send("web", &slow.to_string());
    let begun = shop.begin("");
    shop.until(|| runs(&shop) == "web:2");
    let newer = doing("web", image, "sleep 700");
    assert_eq!(shop.account.json("ecs", "RegisterTaskDefinition", &newer).status, 200);
    let update = json!({"service": "web", "taskDefinition": "web:3"});
    assert_eq!(shop.account.json("ecs", "UpdateService", &update).status, 200);
    let run = begun.wait();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(result(&run)["status"], "superseded", "{run:?}");
    assert_eq!((runs(&shop).as_str(), shop.waiting(&shop.queue)), ("web:3", 0));
}

#[test]
fn what_runs_before_is_run_once_though_its_deployer_is_killed() {
    const TEST: &str = "what_runs_before_is_run_once_though_its_deployer_is_killed";
    let Some((mut shop, image)) = open(TEST) else { return };
    let overrides = json!({"containerOverrides": [{"name": "main", "command": ["sleep", "1"]}]});
    shop.variables.push(("ECS_PRE_TASK", overrides.to_string()));
    shop.send("web", &doing("web", image, "sleep 600").to_string());
    let killed = shop.kill_at("ECS.RunTask", 0, Moment::After);
    assert!(killed.came && killed.updates == 0);
    shop.redeliver();
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(runs(&shop), "web:2");
    let asked = json!({"desiredStatus": "STOPPED", "startedBy": "ecs-deployer"});
    let stopped = shop.account.json("ecs", "ListTasks", &asked).json();
    assert_eq!(stopped["taskArns"].as_array().map(Vec::len), Some(1), "{stopped}");
}

#[test]
fn poison_goes_where_the_queue_puts_it() {
    const TEST: &str = "poison_goes_where_the_queue_puts_it";
    let Some((shop, _)) = open(TEST) else { return };
    let dead = shop.puts_away_after(2);
    shop.send("web", "nonsense");
    for _ in 0..2 {
        let run = shop.run("");
        assert_eq!(run.code, Some(5), "{run:?}");
        shop.redeliver();
    }
    let run = shop.run("");
    assert_eq!(run.code, Some(4), "{run:?}");
    assert_eq!((shop.waiting(&shop.queue), shop.waiting(&dead)), (0, 1));
    assert_eq!(runs(&shop), "web:1");
}

#[test]
fn a_message_that_comes_again_starts_no_second_container() {
    const TEST: &str = "a_message_that_comes_again_starts_no_second_container";
    let Some((shop, image)) = open(TEST) else { return };
    shop.send("web", &doing("web", image, "sleep 600").to_string());
    assert!(shop.kill_at("ECS.UpdateService", 0, Moment::After).came);
    shop.redeliver();
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    let asked = json!({"serviceName": "web", "desiredStatus": "RUNNING"});
    let tasks: Value = shop.account.json("ecs", "ListTasks", &asked).json();
    assert_eq!(tasks["taskArns"].as_array().map(Vec::len), Some(1), "{tasks}");
    assert_eq!((shop.revisions("web"), shop.waiting(&shop.queue)), (2, 0));
}

#[test]
fn twenty_services_of_real_containers_are_deployed_by_one_program() {
    const TEST: &str = "twenty_services_of_real_containers_are_deployed_by_one_program";
    let Some((mut shop, image)) = open(TEST) else { return };
    shop.variables.push(("ECS_CONCURRENCY", "20".to_owned()));
    let names: Vec<String> = (0..20).map(|number| format!("s{number:02}")).collect();
    for name in &names {
        shop.service_of(name, &doing(name, image, "sleep 500"));
        shop.send(name, &doing(name, image, "sleep 600").to_string());
    }
    let daemon = shop.begin("--daemon");
    shop.until(|| shop.waiting(&shop.queue) == 0);
    let run = daemon.terminate();
    assert_eq!(run.code, Some(143), "{run:?}");
    for name in &names {
        let deployments = shop.described(name)["deployments"].clone();
        assert_eq!(deployments.as_array().map(Vec::len), Some(1), "{name}: {run:?}");
        assert_eq!(deployments[0]["runningCount"], 1, "{name}: {deployments}");
        assert_eq!(shop.revisions(name), 2, "{name}: {run:?}");
    }
}
