//! Grammars of extensions as an author sees them.

use compose_model::value::Extensions;
use compose_model::{Diagnostic, Loaded, Path};

use super::{
    Autoscaling, DeployExtensions, LoggingExtensions, MountExtensions, NetworkExtensions,
    PortExtensions, PortProtocol, ProjectExtensions, SecretExtensions, ServiceExtensions,
    UpdateExtensions,
};
use crate::service::{SearchDomain, SecretKeys};
use crate::testing::{check_told as check, loaded};

/// Reads the extensions of every level of a project with a service `web`, a network
/// `front` and a secret `key`.
fn read_all(loaded: &Loaded, problems: &mut Vec<Diagnostic>) {
    let project = &loaded.project;
    let root = Path::root();
    ProjectExtensions::read(&project.extensions, &root, problems);
    let (web, at) = (&project.services["web"], root.key("services").key("web"));
    ServiceExtensions::read(&web.extensions, &at, problems);
    for (index, port) in web.ports.iter().enumerate() {
        PortExtensions::read(&port.extensions, &at.key("ports").index(index), problems);
    }
    for (index, mount) in web.volumes.iter().enumerate() {
        MountExtensions::read(&mount.extensions, &at.key("volumes").index(index), problems);
    }
    if let Some(logging) = &web.logging {
        LoggingExtensions::read(&logging.extensions, &at.key("logging"), problems);
    }
    if let Some(deploy) = &web.deploy {
        let at = at.key("deploy");
        DeployExtensions::read(&deploy.extensions, &at, problems);
        if let Some(update) = &deploy.update_config {
            UpdateExtensions::read(&update.extensions, &at.key("update_config"), problems);
        }
    }
    for (name, network) in &project.networks {
        NetworkExtensions::read(&network.extensions, &root.key("networks").key(name), problems);
    }
    for (name, secret) in &project.secrets {
        SecretExtensions::read(&secret.extensions, &root.key("secrets").key(name), problems);
    }
}

#[track_caller]
fn told(marked: &str) {
    check(marked, read_all);
}

/// Reads the `x-aws-*` keys of a text in which nothing is wrong.
#[track_caller]
fn read<T>(text: &str, read: fn(&Extensions, &Path, &mut Vec<Diagnostic>) -> T) -> T {
    let loaded = loaded(&format!("services: {{web: {{image: nginx}}}}\n{text}"));
    let mut problems = Vec::new();
    let extensions = read(&loaded.project.extensions, &Path::root(), &mut problems);
    assert!(problems.is_empty(), "{problems:#?}");
    extensions
}

#[test]
fn what_is_wrong_with_the_project_is_told_at_its_place() {
    told(
        "
x-aws-cluster: arn:aws:eks:eu-west-1:123456789012:cluster/shop
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: `x-aws-cluster` is neither the name nor the ARN of a cluster
#              help: write its name, or an ARN like `arn:aws:ecs:eu-west-1:123456789012:cluster/shop`
x-aws-vpc: my-vpc
#          ^^^^^^ error: `x-aws-vpc` is not the id of a VPC
#          help: write it like `vpc-0123456789abcdef0`
x-aws-subnets:
  tasks: [subnet-1, private]
#                   ^^^^^^^ error: an item of `x-aws-subnets.tasks` is not the id of a subnet
#                   help: write it like `subnet-0123456789abcdef0`
  loadbalancers: [subnet-2]
# ^^^^^^^^^^^^^ error: `x-aws-subnets` has no key `loadbalancers`
# help: did you mean `loadbalancer`?
x-aws-loadbalancer: arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/gwy/a/b
#                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: `x-aws-loadbalancer` is neither the name nor the ARN of an application or network load balancer
#                   help: write its name, or an ARN like `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef`
x-aws-logs_retention: 10
#                     ^^ warning: CloudWatch keeps logs for 14 days, not for 10
#                     help: write `x-aws-logs_retention: 14`
x-aws-cloudformation: []
#^^^^^^^^^^^^^^^^^^^ error: `x-aws-cloudformation` must be a piece of a template, not a list
#help: write `Resources:` below it, indented
x-aws-role_path: apps
#                ^^^^ error: `x-aws-role_path` must begin and end with `/` and have no spaces
#                help: write it like `/apps/`
x-aws-permissions_boundary: boundary
#                           ^^^^^^^^ error: `x-aws-permissions_boundary` is not the ARN of a managed policy
#                           help: write it like `arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess`
x-aws-search_domain: inti
#                    ^^^^ error: `x-aws-search_domain` must be one of `init`, `variable`, `none`
#                    help: did you mean `init`?
x-aws-helper_image: Busy Box
#                   ^^^^^^^^ error: `x-aws-helper_image` is not the name of an image
#                   help: write it like `public.ecr.aws/docker/library/busybox:stable`
services:
  web:
    image: nginx
",
    );
}

#[test]
fn what_is_wrong_with_a_service_is_told_at_its_place() {
    told(
        "
services:
  web:
    image: nginx
    x-aws-pull_credentials: arn:aws:s3:::registry
#                           ^^^^^^^^^^^^^^^^^^^^^ error: `x-aws-pull_credentials` is neither the name nor the ARN of a secret of Secrets Manager
#                           help: write its name, or an ARN like `arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf`
    x-aws-policies:
    - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
    - AmazonS3FullAccess
#     ^^^^^^^^^^^^^^^^^^ error: an item of `x-aws-policies` is not the ARN of a managed policy
#     help: write it like `arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess`
    - arn:aws:iam::<account>:policy/shop
#     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning: an item of `x-aws-policies` is in an account whose number is not one of 12 digits
#     help: put the number of your account into the fifth part of the ARN
    x-aws-role:
#   ^^^^^^^^^^ error: `x-aws-role` has no `Effect` in statement 1
#   help: write `Effect: Allow` or `Effect: Deny`
      Statement:
      - {Effect: allow, Action: 's3:*', Resource: '*'}
    x-aws-secrets: [PASSWORD=key]
#   ^^^^^^^^^^^^^ error: `x-aws-secrets` must be a mapping, not a list
#   help: write `name: value` below it, indented
    x-aws-ephemeral_storage: 500
#                            ^^^ error: `x-aws-ephemeral_storage` must be 20 to 200 GiB
#                            help: write a whole number from 20 to 200, without a unit
    volumes:
    - {type: volume, source: data, target: /data, x-aws-seed: perhaps}
#                                                             ^^^^^^^ error: `x-aws-seed` is neither `true` nor `false`
#                                                             help: write `true` or `false`
volumes: {data: {}}
",
    );
}

#[test]
fn what_is_wrong_below_a_service_is_told_at_its_place() {
    told(
        "
services:
  web:
    image: nginx
    ports:
    - target: 80
      x-aws-protocol: htttp
#                     ^^^^^ error: `x-aws-protocol` must be one of `http`, `https`, `tcp`, `tls`, `udp`
#                     help: did you mean `http`?
      x-aws-certificate: arn:aws:acm:eu-west-1:123456789012:certificate
#                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: `x-aws-certificate` is not the ARN of a certificate
#                        help: write it like `arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef`
      x-aws-healthcheck:
        path: health
#             ^^^^^^ error: `x-aws-healthcheck.path` must be a path that begins with `/`
#             help: write it like `/health`
        mathcer: 200-299
#       ^^^^^^^ error: `x-aws-healthcheck` has no key `mathcer`
#       help: did you mean `matcher`?
        interval: 1s
#                 ^^ error: `x-aws-healthcheck.interval` must be 5 to 300 seconds
#                 help: write whole seconds: `5s` to `300s`
        timeout: 30
#                ^^ error: `x-aws-healthcheck.timeout` is as long as the interval, or longer
#                help: write less than the 30 seconds between two questions
        healthy: 1
#                ^ error: `x-aws-healthcheck.healthy` must be 2 to 10
#                help: write a whole number from 2 to 10, without a unit
    logging:
      x-aws-secret_options: {token: ''}
#                                   ^^ error: `x-aws-secret_options.token` is empty
#                                   help: give it a value, or remove it
      x-aws-router_image:
#     ^^^^^^^^^^^^^^^^^^ error: `x-aws-router_image` has no value
#     help: give it a value, or remove it
    deploy:
      x-aws-autoscaling: {cpu: 150, max: many}
#                              ^^^ error: `x-aws-autoscaling.cpu` must be 1 to 100 percent
#                              help: write a whole number from 1 to 100, without a unit
#                                        ^^^^ error: `x-aws-autoscaling.max` must be 1 to 5000 tasks
#                                        help: write a whole number from 1 to 5000, without a unit
      update_config: {x-aws-min_percent: 150, x-aws-max_percent: 50}
#                                        ^^^ error: `x-aws-min_percent` must be 0 to 100 percent
#                                        help: write a whole number from 0 to 100, without a unit
#                                                                ^^ error: `x-aws-max_percent` must be 100 to 1000 percent
#                                                                help: write a whole number from 100 to 1000, without a unit
",
    );
}

#[test]
fn what_is_wrong_with_other_resources_is_told_at_its_place() {
    told(
        "
services:
  web:
    image: nginx
networks:
  default:
    x-aws-securitygroup: sg-0a1b2c3d
#                        ^^^^^^^^^^^ warning: `x-aws-securitygroup` is an old form
#                        help: write `external: true`, and the id behind `name`
secrets:
  key:
    file: key.txt
    x-aws-keys: [user, ../password]
#                      ^^^^^^^^^^^ error: an item of `x-aws-keys` cannot become the name of a file
#                      help: name a key without `/`
",
    );
}

#[test]
fn project_keys_are_read() {
    let project = read(
        "
x-aws-cluster: arn:aws:ecs:eu-west-1:123456789012:cluster/shop
x-aws-vpc: arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0a1b2c3d
x-aws-subnets: {tasks: [subnet-1, subnet-2]}
x-aws-logs_retention: '30'
x-aws-search_domain: none
",
        ProjectExtensions::read,
    );
    assert_eq!(project.vpc.as_deref(), Some("vpc-0a1b2c3d"));
    let subnets = project.subnets.unwrap();
    assert_eq!(subnets.tasks, ["subnet-1", "subnet-2"]);
    assert_eq!(subnets.tasks, subnets.load_balancer);
    assert_eq!(project.logs_retention, Some(30));
    assert_eq!(project.search_domain, Some(SearchDomain::None));
}

#[test]
fn an_answer_comes_before_the_next_question() {
    let timeout = |check: &str| {
        read(&format!("x-aws-healthcheck: {{{check}}}"), PortExtensions::read).health_check.timeout
    };
    assert_eq!(timeout("interval: 5"), Some(4));
    assert_eq!(timeout("interval: 10"), Some(5));
    assert_eq!(timeout("interval: 10, timeout: 9"), Some(9));
    assert_eq!(timeout("interval: 11"), None);
}

#[test]
fn numbers_may_be_text_and_have_their_usual_units() {
    let scaling = |text| read(text, DeployExtensions::read).autoscaling;
    let cpu = Autoscaling { cpu: Some(75), ..Autoscaling::default() };
    assert_eq!(scaling("x-aws-autoscaling: 75"), Some(cpu));
    assert_eq!(scaling("x-aws-autoscaling: 75%"), Some(cpu));
    assert_eq!(scaling("x-aws-autoscaling: {cpu: '75'}"), Some(cpu));
    let port = read(
        "x-aws-protocol: https\nx-aws-healthcheck: {interval: 1m, timeout: '10', matcher: 200}",
        PortExtensions::read,
    );
    assert_eq!(port.protocol, Some(PortProtocol::Https));
    assert_eq!((port.health_check.interval, port.health_check.timeout), (Some(60), Some(10)));
    assert_eq!(port.health_check.matcher.as_deref(), Some("200"));
    let seed = read("x-aws-seed: 'false'", MountExtensions::read).seed;
    assert_eq!(seed, Some(false));
}

#[test]
fn the_version_of_a_policy_needs_no_quotes() {
    let service = read(
        "
x-aws-role:
  Version: 2012-10-17
  Statement: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}
",
        ServiceExtensions::read,
    );
    let role = service.role.unwrap();
    assert_eq!(role.get("Version").unwrap().as_str(), Some("2012-10-17"));
}

#[test]
fn keys_of_a_secret_are_one_or_many_or_all() {
    let cases = [
        ("", SecretKeys::Whole),
        ("x-aws-keys: user", SecretKeys::Some(vec!["user".into()])),
        ("x-aws-keys: [user, password]", SecretKeys::Some(vec!["user".into(), "password".into()])),
        ("x-aws-keys: '*'", SecretKeys::All),
        ("x-aws-keys: ['*']", SecretKeys::All),
    ];
    for (text, keys) in cases {
        assert_eq!(read(text, SecretExtensions::read).keys, keys, "{text}");
    }
}

#[test]
fn logs_are_kept_for_days_that_cloudwatch_knows() {
    let cases = [("0", None), ("1", Some(1)), ("3653", Some(3653))];
    for (days, kept) in cases {
        let text = format!("x-aws-logs_retention: {days}");
        assert_eq!(read(&text, ProjectExtensions::read).logs_retention, kept, "{text}");
    }
}

#[test]
fn an_unknown_key_of_a_policy_is_told_where_it_stands() {
    told(
        "
services:
  web:
    image: nginx
    x-aws-role:
      Statement:
      - Effect: Allow
        Actoin: 's3:*'
#       ^^^^^^ error: `x-aws-role` has `Actoin` in statement 1, which IAM does not know
#       help: did you mean `Action`?
        Resource: '*'
",
    );
}
