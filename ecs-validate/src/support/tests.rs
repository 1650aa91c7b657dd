//! Answers as an author sees them.

use crate::testing::check_told as held;

#[track_caller]
fn check(marked: &str) {
    held(marked, |loaded, problems| {
        super::check(loaded, problems);
        loaded.document.tell_each_once(problems);
    });
}

#[test]
fn what_cannot_be_done_is_refused_with_its_place() {
    check(
        "
services:
  web:
    image: nginx
    privileged: true
#               ^^^^ error: `privileged` is not possible on ECS: tasks have no rights on the machine under them
#               help: remove it; the capability `SYS_PTRACE` can be had with `cap_add`
    devices: [/dev/kvm]
#   ^^^^^^^ error: `devices` is not possible on ECS: tasks have no devices of the machine under them
#   help: remove it; for GPUs, use `gpus`
    runtime: kata
#            ^^^^ error: `runtime` is not possible on ECS: tasks run in the runtime that AWS has
#            help: remove it
    ipc: host
#        ^^^^ error: `ipc: host` is not possible on ECS: a task cannot share memory with the machine under it
#        help: remove it
    use_api_socket: true
#                   ^^^^ error: `use_api_socket` is not possible on ECS: there is no Docker engine under a task
#                   help: remove it; a task can use the API of ECS, as `x-aws-role` permits
    volumes_from: ['container:old']
#   ^^^^^^^^^^^^ error: `volumes_from` is not possible on ECS: a container outside of the project is not on ECS
#   help: name a service of the project
    provider: {type: cloud}
#   ^^^^^^^^ error: `provider` is not possible on ECS: a program beside Compose cannot run anything on ECS
#   help: take what it makes as an external resource, and name it in `environment`
    post_start:
#   ^^^^^^^^^^ error: `post_start` is not possible on ECS: ECS runs nothing in a container that has started
#   help: start it from the entry point of the image
    - command: ./warm-up
",
    );
}

#[test]
fn keys_without_effect_are_told_with_the_reason() {
    check(
        "
services:
  web:
    image: nginx
    container_name: shop-web
#                   ^^^^^^^^ warning: `container_name` has no effect on ECS: several tasks of a service can run, and none has a name
#                   help: remove it; other services reach this one by the name of its service
    dns: 10.0.0.2
#   ^^^ warning: `dns` has no effect on ECS: the resolver of the VPC answers
#   help: set name servers in the DHCP options of the VPC
    extra_hosts: ['db:10.0.0.3']
#   ^^^^^^^^^^^ warning: `extra_hosts` has no effect on ECS: Fargate writes `/etc/hosts` itself
#   help: use the address where the name is used, or a private zone of Route 53
    cpu_shares: 512
#               ^^^ warning: `cpu_shares` has no effect on ECS: a task has its processors for itself
#               help: use `cpus`
    depends_on:
      db: {condition: service_started, restart: true}
#                                               ^^^^ warning: `restart` has no effect on ECS: services are updated each on its own
    stop_signal: SIGQUIT
#                ^^^^^^^ warning: `stop_signal` has no effect on ECS: ECS sends the signal that the image names, or `SIGTERM`
#                help: write `STOPSIGNAL` into the Dockerfile
    pull_policy: daily
#                ^^^^^ warning: `pull_policy` has no effect on ECS: every task pulls its image when it starts
    develop:
#   ^^^^^^^ warning: `develop` has no effect on ECS: only `docker compose watch` looks at it
      watch: [{action: rebuild, path: .}]
    healthcheck:
      test: [CMD, 'true']
      start_interval: 1s
#                     ^^ warning: `start_interval` has no effect on ECS: ECS checks as often at the start as later
#                     help: shorten `interval`
    deploy:
      endpoint_mode: vip
#                    ^^^ warning: `endpoint_mode` has no effect on ECS: names lead to the addresses of all tasks
      placement:
        preferences: [{spread: node.labels.zone}]
#       ^^^^^^^^^^^ warning: `preferences` has no effect on ECS: ECS spreads tasks over availability zones by itself
      resources:
        limits: {pids: 100}
#                      ^^^ warning: `pids` has no effect on ECS: ECS limits the processes of no container
  db:
    image: postgres
",
    );
}

#[test]
fn values_that_ask_for_nothing_tell_nothing() {
    check(
        "
services:
  web:
    image: nginx
    attach: true
    container_name: web
    hostname: web
    privileged: false
    ipc: private
    pids_limit: -1
    oom_kill_disable: no
    security_opt: []
    stop_signal: SIGTERM
    pull_policy: always
    volumes: ['data:/data:z', './conf:/conf']
    networks:
      front: {aliases: [web]}
    deploy: {endpoint_mode: dnsrr}
    links: [db]
  db:
    image: postgres
    networks: [front]
networks:
  front: {driver: bridge}
volumes:
  data: {driver: local}
",
    );
}

#[test]
fn resources_of_the_project_are_answered_too() {
    check(
        "
services:
  web:
    image: nginx
    configs: [site]
    volumes:
    - {type: volume, source: data, target: /data, volume: {subpath: web}}
#                                                                   ^^^ error: `subpath` is not possible on ECS: a file system is entered by one folder for all
#                                                                   help: make another volume, with the folder as `driver_opts.root_directory`
    - {type: npipe, source: '//./pipe/docker', target: '//./pipe/docker'}
#            ^^^^^ error: `type: npipe` is not possible on ECS: a task has no pipes of the machine under it
#            help: remove it
    networks:
      front:
        aliases: [www]
#       ^^^^^^^ warning: `aliases` has no effect on ECS: tasks are found by the name of their service alone
#       help: use the name of the service where the alias is used
        ipv4_address: 10.0.0.10
#                     ^^^^^^^^^ warning: `ipv4_address` has no effect on ECS: tasks have addresses of the VPC's subnets
#                     help: use the name of the service where the address is used
networks:
  front:
    driver: macvlan
#           ^^^^^^^ warning: `driver` has no effect on ECS: every network is a security group in the VPC
    ipam: {driver: default, config: [{subnet: 10.0.0.0/24}]}
#                           ^^^^^^ warning: `config` has no effect on ECS: tasks have addresses of the VPC's subnets
#                           help: choose subnets with `x-aws-subnets`, and let services find each other by name
volumes:
  data: {driver: rexray}
#                ^^^^^^ warning: `driver` has no effect on ECS: every volume is a file system of EFS
configs:
  site: {external: true}
secrets:
  key: {file: key.txt, template_driver: golang}
#                                       ^^^^^^ error: `template_driver` is not possible on ECS: nothing fills in templates, and the file would be mounted as it was written
#                                       help: fill in the template before
",
    );
}

#[test]
fn what_does_not_run_is_not_answered() {
    check(
        "
services:
  web:
    image: nginx
  tools:
    image: tools
    profiles: [tools]
    privileged: true
    x-aws-polices: []
    configs: [site]
    networks: [back]
networks:
  back: {driver: macvlan}
configs:
  site: {external: true}
",
    );
}

#[test]
fn what_an_anchor_brings_to_many_services_is_told_once() {
    check(
        "
x-common: &common
  image: nginx
  mac_address: 02:42:ac:11:65:43
#              ^^^^^^^^^^^^^^^^^ warning: `mac_address` has no effect on ECS: AWS gives every task a network interface with an address of its own
services:
  web: *common
  api: *common
",
    );
}

#[test]
fn mistyped_keys_for_ecs_are_refused_with_the_nearest() {
    check(
        "
x-aws-clustre: shop
#^^^^^^^^^^^^ error: there is no key `x-aws-clustre`
#help: did you mean `x-aws-cluster`?
x-other-tool: {x-aws-anything: 1}
services:
  web:
    image: nginx
    x-aws-polices: []
#   ^^^^^^^^^^^^^ error: there is no key `x-aws-polices`
#   help: did you mean `x-aws-policies`?
    x-aws-vpc: vpc-0a1b2c3d
#   ^^^^^^^^^ error: `x-aws-vpc` has no meaning here
#   help: it belongs at the top level of the file
    x-aws-frobnicate: 1
#   ^^^^^^^^^^^^^^^^ error: there is no key `x-aws-frobnicate`
#   help: remove it: what is known here is `x-aws-ephemeral_storage`, `x-aws-policies`, `x-aws-pull_credentials`, `x-aws-role`, `x-aws-secrets`
    build:
      context: .
      x-aws-role: {}
#     ^^^^^^^^^^ error: `x-aws-role` has no meaning here
#     help: it belongs in a service
    environment: {x-aws-name: fine}
    healthcheck:
      test: [CMD, 'true']
      x-aws-healthcheck: {path: /}
#     ^^^^^^^^^^^^^^^^^ error: `x-aws-healthcheck` has no meaning here
#     help: it belongs in a port of a service, in its long form
    deploy:
      x-aws-min-percent: 50
#     ^^^^^^^^^^^^^^^^^ error: there is no key `x-aws-min-percent`
#     help: did you mean `x-aws-min_percent`? it belongs in `deploy.update_config` of a service
networks:
  default:
    x-aws-protocol: http
#   ^^^^^^^^^^^^^^ error: `x-aws-protocol` has no meaning here
#   help: it belongs in a port of a service, in its long form
",
    );
}

#[test]
fn thousands_of_services_are_answered_in_linear_steps() {
    let service = |index: usize| format!("  web{index}:\n    image: nginx\n    hostname: w\n");
    let text: String = (0..2000).map(service).collect();
    let loaded = crate::testing::loaded(&format!("services:\n{text}"));
    let mut problems = Vec::new();
    super::check(&loaded, &mut problems);
    assert_eq!(problems.len(), 2000);
}

#[test]
fn keys_that_were_meant_for_ecs_are_told() {
    check(
        "
services:
  web: {image: nginx}
networks:
  unused:
    x-aws-securitygruop: sg-0a1b2c3d
#   ^^^^^^^^^^^^^^^^^^^ error: there is no key `x-aws-securitygruop`
#   help: did you mean `x-aws-securitygroup`?
x-aws_cluster: shop
#^^^^^^^^^^^^ error: there is no key `x-aws_cluster`
#help: did you mean `x-aws-cluster`?
x-awsLogs-retention: 3
#^^^^^^^^^^^^^^^^^^ error: there is no key `x-awsLogs-retention`
#help: did you mean `x-aws-logs_retention`?
x-awslogs: 3
",
    );
}
