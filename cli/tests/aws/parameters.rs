//! Values of a template's parameters: what was not given stays as it is or has a default,
//! and what was given tells one deployment from another.

use std::time::Duration;

use testkit::emulator::{Image, Settings};

use crate::account::Project;

/// The template asks for the image, and knows itself how large it is.
const SHOP: &str = "
name: shop
services:
  web:
    build: .
x-aws-cloudformation:
  Parameters:
    Size: {Type: String, Default: small}
  Resources:
    Web:
      Type: AWS::Logs::LogGroup
      Properties: {LogGroupName: {Ref: Size}}
";

const UP: &str = "up --no-resolve --image web=acme/web:1";

/// Resources take their time, so that something happens meanwhile.
fn slow(project: &Project) {
    project.account.set(&Settings { delay: Duration::from_millis(400), ..Settings::default() });
}

#[test]
fn what_failed_is_made_again_with_its_defaults() {
    let project = Project::new(SHOP);
    let images = vec![Image::named("acme/web:1").exits(3)];
    project.account.set(&Settings { images, ..Settings::default() });
    let failed = project.run(UP);
    assert_eq!(failed.code, Some(4), "{failed:?}");
    project.account.set(&Settings::default());
    assert_eq!(project.account.stack_status("shop"), "ROLLBACK_COMPLETE");
    let made = project.run(UP);
    assert_eq!(made.code, Some(0), "{made:?}");
    let again = project.run(UP);
    assert!(again.errors.contains("nothing to change"), "{again:?}");
}

#[test]
fn a_default_does_not_hide_who_wants_the_same() {
    let project = Project::new(SHOP);
    slow(&project);
    assert_eq!(project.run(&format!("{UP} --detach")).code, Some(0));
    let second = project.run(UP);
    assert_eq!(second.code, Some(0), "{second:?}");
    assert!(second.errors.contains("is being deployed already"), "{}", second.errors);
}

#[test]
fn another_image_is_not_the_same() {
    let project = Project::new(SHOP);
    slow(&project);
    assert_eq!(project.run(&format!("{UP} --detach")).code, Some(0));
    let same = project.run(&format!("{UP} --detach"));
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(same.errors.contains("the same is being deployed already"), "{}", same.errors);
    let other = project.run("up --no-resolve --detach --image web=acme/web:2");
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(other.errors.contains("somebody is at work"), "{}", other.errors);
}

#[test]
fn who_does_not_wait_is_not_told_that_secrets_are_the_same() {
    let project = Project::new(
        "{name: shop, services: {web: {image: 'acme/web:1', secrets: [token]}}, \
         secrets: {token: {file: ./token}}}",
    );
    project.write("token", "hunter2");
    slow(&project);
    assert_eq!(project.run("up --no-resolve --detach").code, Some(0));
    project.write("token", "hunter3");
    let other = project.run("up --no-resolve --detach");
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(other.errors.contains("secrets cannot be compared"), "{}", other.errors);
    let waits = project.run("up --no-resolve");
    assert_eq!(waits.code, Some(0), "{waits:?}");
    assert!(waits.errors.contains("is being deployed already"), "{}", waits.errors);
    let secrets = project.account.json("secretsmanager", "ListSecrets", &serde_json::json!({}));
    let arn = secrets.json()["SecretList"][0]["ARN"].clone();
    let value = serde_json::json!({"SecretId": arn});
    let value = project.account.json("secretsmanager", "GetSecretValue", &value).json();
    assert_eq!(value["SecretString"], "hunter3");
}
