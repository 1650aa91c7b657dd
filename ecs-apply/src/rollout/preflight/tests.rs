use std::time::Duration;

use indexmap::IndexMap;

use super::*;
use crate::rollout::order::{Success, Terms};
use crate::rollout::site::{Entrance, Ways};
use crate::service::Service;

fn site() -> Site {
    Site {
        service: Service {
            arn: "arn:aws:ecs:eu-west-1:111122223333:service/default/web".to_owned(),
            name: ServiceName { cluster: "default".to_owned(), service: "web".to_owned() },
            status: "ACTIVE".to_owned(),
            desired: 1,
            running: 1,
            pending: 0,
            task_definition: "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7".to_owned(),
            deployments: Vec::new(),
            events: Vec::new(),
            target_groups: Vec::new(),
            tags: IndexMap::new(),
        },
        controller: "ECS".to_owned(),
        launch_type: Some("FARGATE".to_owned()),
        has_network: true,
        entrances: vec![Entrance { container: "web".to_owned(), port: Some(80) }],
        ways: Ways::default(),
    }
}

const FITS: &str = r#"{
    "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [
        {"name": "web", "image": "acme/web:1", "portMappings": [{"containerPort": 80}]}
    ]
}"#;

fn order(definition: &str, policy: Policy) -> Order {
    Order {
        service: site().service.name,
        definition: Definition::read(definition, false).unwrap().definition,
        key: "key".to_owned(),
        rank: None,
        asked: None,
        born: None,
        again: false,
        retold: false,
        must_be_known: false,
        strategy: None,
        keep: None,
        terms: Terms {
            success: Success::Completed,
            start: Duration::ZERO,
            complete: Duration::ZERO,
            failures: None,
            roll_back: false,
            rehearsal: None,
        },
        policy,
    }
}

fn told(definition: &str, policy: Policy, site: &Site) -> String {
    let found = preflight(&order(definition, policy), site);
    let line = |kind: &'static str| move |it: Remark| format!("{kind} {}: {}\n", it.at, it.message);
    let refused = found.refused.into_iter().map(line("refused"));
    refused.chain(found.doubts.into_iter().map(line("doubt"))).collect()
}

#[test]
fn what_fits_is_not_talked_about() {
    assert_eq!(told(FITS, Policy::default(), &site()), "");
}

#[test]
fn what_does_not_fit_the_service_is_told_at_once() {
    let definition = r#"{"family": "web", "requiresCompatibilities": ["EC2"],
        "containerDefinitions": [{"name": "api", "image": "acme/web:1"}]}"#;
    insta::assert_snapshot!(told(definition, Policy::default(), &site()), @r#"
    refused $.networkMode: the tasks of web have network interfaces of their own, which needs `"awsvpc"`
    refused $.requiresCompatibilities: the service runs on FARGATE, which is not among them
    refused $.containerDefinitions: traffic of the service goes to a container `web`
    "#);
    let other_port = FITS.replace("80", "8080");
    insta::assert_snapshot!(told(&other_port, Policy::default(), &site()), @"refused $.containerDefinitions: traffic of the service goes to port 80 of `web`: map that port");
    let bridge = Site { has_network: false, launch_type: Some("EC2".to_owned()), ..site() };
    insta::assert_snapshot!(told(FITS, Policy::default(), &bridge), @r#"
    refused $.networkMode: `"awsvpc"` needs subnets, and web has none: leave it out, or give the service a network configuration
    refused $.requiresCompatibilities: the service runs on EC2, which is not among them
    "#);
    let silent = FITS.replace(r#""requiresCompatibilities": ["FARGATE"],"#, "");
    insta::assert_snapshot!(told(&silent, Policy::default(), &site()), @r#"refused $.requiresCompatibilities: the service runs on Fargate: it needs `["FARGATE"]`"#);
}

#[test]
fn what_may_be_a_mistake_is_told() {
    let definition = FITS
        .replace(
            r#""family": "web""#,
            r#""family": "api",
            "executionRoleArn": "arn:aws:iam::444455556666:role/x""#,
        )
        .replace("acme/web:1", "444455556666.dkr.ecr.us-east-1.amazonaws.com/web:1")
        .replace(
            r#""portMappings""#,
            r#""environment": [{"name": "DB_PASSWORD", "value": "hunter2"}],
            "portMappings""#,
        );
    let mut site = site();
    let key = "aws:cloudformation:stack-name".to_owned();
    site.service.tags.insert(key, "shop".to_owned());
    let all = told(&definition, Policy::default(), &site);
    assert!(!all.contains("hunter2"), "{all}");
    insta::assert_snapshot!(all, @r"
    doubt $.containerDefinitions[0].environment[0]: the value of DB_PASSWORD looks like a secret, and everyone who may see the task definition sees it: put it into Secrets Manager, and name it under `secrets`
    doubt $.family: web runs the family `web`, and this is `api`
    doubt $.executionRoleArn: it belongs to the account 444455556666, not to 111122223333
    doubt $.containerDefinitions[0].image: it belongs to the account 444455556666, not to 111122223333
    doubt $.containerDefinitions[0].image: it is in us-east-1, and the service in eu-west-1
    doubt service: web belongs to the CloudFormation stack shop, which says another revision than the one that it gets: the stack's next update may take it back, unless `ecs-cli up` makes it, which notices
    ");
}

#[test]
fn what_is_not_allowed_is_refused() {
    let policy = Policy {
        services: Globs::new("api-*"),
        families: Globs::new("api"),
        images: Globs::new("*.dkr.ecr.*"),
        roles: Globs::new("arn:aws:iam::111122223333:role/deploy-*"),
        accounts: Globs::new("111122223333"),
        same_family: true,
        no_secrets: true,
        skip_unchanged: false,
    };
    let definition = FITS
        .replace(
            r#""family": "web""#,
            r#""family": "shop",
            "taskRoleArn": "arn:aws:iam::444455556666:role/deploy-x""#,
        )
        .replace(
            r#""portMappings""#,
            r#""environment": [{"name": "X", "value": "AKIAIOSFODNN7EXAMPLE"}],
            "portMappings""#,
        );
    insta::assert_snapshot!(told(&definition, policy, &site()), @r"
    refused $.family: the family `shop` is not one of those that are allowed
    refused $.containerDefinitions[0].image: the image `acme/web:1` is not one of those that are allowed
    refused $.taskRoleArn: the role `arn:aws:iam::444455556666:role/deploy-x` is not one of those that are allowed
    refused $.containerDefinitions[0].environment[0]: the value of X looks like a secret, and everyone who may see the task definition sees it: put it into Secrets Manager, and name it under `secrets`
    refused service: the service `web` is not one of those that are allowed
    refused $.family: web runs the family `web`, and this is `shop`
    refused $.taskRoleArn: the account `444455556666` is not one of those that are allowed
    ");
}

#[test]
fn services_are_named_by_their_names_or_their_arns() {
    let cluster = "arn:aws:ecs:eu-west-1:1:cluster/shop";
    let long = "x".repeat(256);
    let cases = [
        ("web", Some("shop/web")),
        ("arn:aws:ecs:eu-west-1:1:service/shop/web", Some("shop/web")),
        ("arn:aws:ecs:eu-west-1:1:service/other/web", None),
        ("arn:aws:ecs:eu-west-1:1:cluster/shop", None),
        ("", None),
        ("web svc", None),
        ("web --desired-count 0", None),
        (&long, None),
    ];
    for (text, name) in cases {
        let found = service_name(text, cluster).map(|it| it.to_string());
        assert_eq!(found.as_deref(), name, "{text}");
    }
}
