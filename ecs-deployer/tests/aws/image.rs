//! The image, as a task that another deployer starts.

use serde_json::{Value, json};
use testkit::emulator::{Emulator, say_skipped, shell_image};

use crate::shop::{Shop, doing};

/// Who has built the image says here what it is called. `cargo xtask test image` does.
const VARIABLE: &str = "ECS_DEPLOYER_IMAGE";

/// The deployer as a task that may write nowhere and has no home, on the network of this
/// machine, where the local AWS is.
fn deployer(shop: &Shop, image: &str) -> Value {
    let mut variables = shop.account.environment();
    // There is no such file in the image.
    variables.retain(|(_, value)| value != "/dev/null");
    variables.push(("SQS_URL".to_owned(), shop.queue.clone()));
    // Its name is found out by the program itself.
    variables.iter_mut().for_each(|(_, value)| *value = value.replace("127.0.0.1", "localhost"));
    let variables = variables.iter().map(|(name, value)| json!({"name": name, "value": value}));
    json!({
        "family": "ecs-deployer",
        "networkMode": "host",
        "containerDefinitions": [{
            "name": "ecs-deployer", "image": image, "memory": 64, "essential": true,
            "readonlyRootFilesystem": true, "environment": variables.collect::<Vec<_>>(),
        }],
    })
}

/// The exit codes of the deployers that have ended.
fn ended(shop: &Shop) -> Vec<i64> {
    let asked = json!({"family": "ecs-deployer", "desiredStatus": "STOPPED"});
    let listed = shop.account.json("ecs", "ListTasks", &asked).json();
    let arns = &listed["taskArns"];
    if arns.as_array().is_none_or(Vec::is_empty) {
        return Vec::new();
    }
    let described = shop.account.json("ecs", "DescribeTasks", &json!({"tasks": arns})).json();
    let tasks = described["tasks"].as_array().cloned().unwrap_or_default();
    tasks.iter().filter_map(|task| task["containers"][0]["exitCode"].as_i64()).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
fn t70_the_image_deploys_as_a_task_that_may_write_nowhere() {
    const TEST: &str = "t70_the_image_deploys_as_a_task_that_may_write_nowhere";
    let Some(emulator) = Emulator::with_containers(TEST) else { return };
    let Some(image) = shell_image(TEST) else { return };
    let Ok(tested) = std::env::var(VARIABLE) else {
        return say_skipped(TEST, &format!("{VARIABLE} names no image"));
    };
    let shop = Shop::on(emulator);
    shop.service_of("web", &doing("web", image, "sleep 500"));
    let made = shop.account.json("ecs", "RegisterTaskDefinition", &deployer(&shop, &tested));
    assert_eq!(made.status, 200, "{}", made.body);
    shop.send("web", &doing("web", image, "sleep 600").to_string());
    let watch = shop.begin("watch --task-definition ecs-deployer --launch-type EC2 --every 1");
    shop.until(|| !ended(&shop).is_empty());
    let watch = watch.terminate();
    assert_eq!(ended(&shop), [0], "{watch:?}");
    assert_eq!(watch.code, Some(143), "{watch:?}");
    assert!(watch.errors.contains("watch.started"), "{watch:?}");
    let runs = shop.described("web")["taskDefinition"].clone();
    assert!(runs.as_str().is_some_and(|arn| arn.ends_with("/web:2")), "{runs}");
    assert_eq!((shop.revisions("web"), shop.waiting(&shop.queue)), (2, 0));
}
