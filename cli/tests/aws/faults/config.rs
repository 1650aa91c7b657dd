//! Region, credentials and address come from where every program of AWS looks.

use super::story::UP;
use crate::account::{Project, Run, SHOP};

/// A project with files of AWS's own in its folder, and a run that knows nothing else.
fn run(project: &Project, arguments: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = project.command(arguments, &project.account);
    for (name, _) in project.account.environment() {
        command.env_remove(name);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(variables.iter().copied());
    Run::from(command.output().expect("the program runs"))
}

/// Writes the files below the home folder: a profile without a name that leads nowhere,
/// and one for the account.
fn configured() -> Project {
    let project = Project::new(SHOP);
    project.write("token", "hunter2");
    std::fs::create_dir(project.path(".aws")).expect("the folder is new");
    let address = project.account.address();
    project.write(
        ".aws/config",
        &format!(
            "[default]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:9\n\
             [profile shop]\nregion = us-east-1\nendpoint_url = http://{address}\n"
        ),
    );
    let id = project.account.id();
    project.write(
        ".aws/credentials",
        &format!(
            "[default]\naws_access_key_id = 999999999999\naws_secret_access_key = x\n\
             [shop]\naws_access_key_id = {id}\naws_secret_access_key = x\n"
        ),
    );
    project
}

#[test]
fn a_profile_says_where_and_who() {
    let project = configured();
    let by_variable = run(&project, "down", &[("AWS_PROFILE", "shop")]);
    let by_option = run(&project, "down --aws-profile shop", &[]);
    let by_both = run(&project, "down --aws-profile shop", &[("AWS_PROFILE", "default")]);
    for run in [by_variable, by_option, by_both] {
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.errors.contains("there is no stack shop in us-east-1"), "{run:?}");
    }
    let up = run(&project, UP, &[("AWS_PROFILE", "shop")]);
    assert_eq!(up.code, Some(0), "{up:?}");
    assert_eq!(project.account.stack_status("shop"), "CREATE_COMPLETE");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let project = configured();
    let nothing = [("AWS_PROFILE", "shop"), ("AWS_ENDPOINT_URL_CLOUDFORMATION", "")];
    let run = run(&project, "ls", &nothing);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn a_region_is_found_where_it_is_nearest() {
    let project = configured();
    let profile = ("AWS_PROFILE", "shop");
    let cases = [
        ("down --region ap-south-1", vec![profile, ("AWS_REGION", "us-west-2")], "ap-south-1"),
        ("down", vec![profile, ("AWS_REGION", "us-west-2")], "us-west-2"),
        ("down", vec![profile, ("AWS_DEFAULT_REGION", "us-west-1")], "us-west-1"),
        ("down", vec![profile], "us-east-1"),
    ];
    for (arguments, variables, region) in cases {
        let run = run(&project, arguments, &variables);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.errors.contains(&format!("no stack shop in {region}")), "{region}: {run:?}");
    }
}

#[test]
fn an_address_is_found_where_it_is_nearest() {
    let project = configured();
    let here = format!("http://{}", project.account.address());
    let id = project.account.id();
    let who = [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", "x")];
    // The profile without a name leads nowhere.
    let option = format!("down --endpoint-url {here}");
    let by_option = run(&project, &option, &who);
    assert_eq!(by_option.code, Some(0), "{by_option:?}");
    let mut variables = who.to_vec();
    variables.push(("AWS_ENDPOINT_URL", &here));
    let by_variable = run(&project, "down", &variables);
    assert_eq!(by_variable.code, Some(0), "{by_variable:?}");
    assert!(by_variable.errors.contains("eu-west-3"), "{by_variable:?}");
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let project = configured();
    let run = run(&project, "down --aws-profile shpo --region eu-west-1", &[]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.errors.contains("the profile \"shpo\" is not in"), "{run:?}");
    assert!(run.errors.contains("AWS_PROFILE"), "{run:?}");
}

#[test]
fn nobody_who_asks_is_an_error_with_a_way_out() {
    let project = Project::new(SHOP);
    let here = format!("http://{}", project.account.address());
    let variables = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", here.as_str())];
    let run = run(&project, "down", &variables);
    assert_eq!(run.code, Some(3), "{run:?}");
    insta::assert_snapshot!(run.errors, @"
    error: no credentials for cloudformation:DescribeStacks: there are none in the environment, in the files in ~/.aws, or of the machine
    help: sign in again (`aws sso login`, `aws login`), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; then run the command again
    ");
}
