//! What comes out for whom.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod projects;

use cfn_convert::{Data, Template, convert};
use ecs_validate::{
    Cluster, Container, EcsProject, Image, ListenerProtocol, LoadBalancer, LoadBalancerKind,
    LoadBalancerSource, Lookup, Mount, MountSource, Publication, Scaling, SecretFile, SecretKeys,
    SecurityGroups, Service,
};
use projects::{container, everything, known, plain, publication, secret, service, volume};

type Json = serde_json::Value;

/// A piece of a template, by the keys and numbers that lead to it.
fn piece(template: &Template, way: &str) -> Json {
    let root = serde_json::to_value(template.data()).unwrap();
    way.split(' ').fold(root, |piece, key| match key.parse::<usize>() {
        Ok(index) => piece[index].clone(),
        Err(_) => piece[key].clone(),
    })
}

fn json(yaml: &str) -> Json {
    serde_yaml::from_str(yaml).unwrap()
}

fn has(template: &Template, id: &str) -> bool {
    template.section("Resources").any(|(other, _)| other == id)
}

fn one(container: Container) -> EcsProject {
    let service = Service { containers: vec![container], ..service("web") };
    EcsProject { services: vec![service], ..plain() }
}

fn published(
    kind: LoadBalancerKind,
    source: LoadBalancerSource,
    ports: &[Publication],
) -> EcsProject {
    let web = Service { publications: ports.to_vec(), ..service("web") };
    EcsProject {
        load_balancer: Some(LoadBalancer { kind, source }),
        services: vec![web],
        ..plain()
    }
}

#[test]
fn what_docker_s_tool_would_replace_stays_as_it_made_it() {
    let web = publication("web", 80, ListenerProtocol::Http);
    let project = published(LoadBalancerKind::Application, LoadBalancerSource::New, &[web]);
    let template = convert(&known(project));
    let cases = [
        ("Cluster Properties ClusterName", "shop"),
        ("CloudMap Properties Name", "shop.local"),
        ("CloudMap Properties Vpc", "vpc-0a1b2c3d"),
        ("CloudMap Properties Description", "Service Map for Docker Compose project shop"),
        ("LogGroup Properties LogGroupName", "/docker-compose/shop"),
        ("LoadBalancer Properties Type", "application"),
        ("LoadBalancer Properties Scheme", "internet-facing"),
        ("LoadBalancer Properties Name", "null"),
        (
            "WebTCP80TargetGroup Properties",
            "{Port: 80, Protocol: HTTP, TargetType: ip, VpcId: vpc-0a1b2c3d, Tags: [{Key: com.docker.compose.project, Value: shop}, {Key: com.docker.compose.service, Value: web}]}",
        ),
        ("WebTCP80Listener Properties LoadBalancerArn", "{Ref: LoadBalancer}"),
        ("WebServiceDiscoveryEntry Properties Name", "web"),
        ("WebServiceDiscoveryEntry Properties NamespaceId", "{Ref: CloudMap}"),
        (
            "WebServiceDiscoveryEntry Properties DnsConfig",
            "{DnsRecords: [{TTL: 60, Type: A}], RoutingPolicy: MULTIVALUE}",
        ),
        ("WebService Properties Cluster", "{'Fn::GetAtt': [Cluster, Arn]}"),
        ("WebService Properties LaunchType", "FARGATE"),
        ("WebService Properties SchedulingStrategy", "REPLICA"),
        ("DefaultNetwork Properties GroupDescription", "shop Security Group for default network"),
    ];
    for (way, expected) in cases {
        assert_eq!(piece(&template, &format!("Resources {way}")), json(expected), "{way}");
    }
}

#[test]
fn file_systems_outlive_the_stack() {
    let template = convert(&known(everything()));
    let system = "Resources SharedfilesFilesystem";
    assert_eq!(piece(&template, &format!("{system} DeletionPolicy")), "Retain");
    assert_eq!(piece(&template, &format!("{system} UpdateReplacePolicy")), "Retain");
    assert_eq!(piece(&template, &format!("{system} Properties PerformanceMode")), "maxIO");
    assert_eq!(
        piece(&template, &format!("{system} Properties ProvisionedThroughputInMibps")),
        1024
    );
}

#[test]
fn a_file_system_has_one_door_in_every_zone() {
    let template = convert(&known(everything()));
    assert!(has(&template, "DataNFSMountTargetOnSubnet0a1b2c3d"));
    assert!(has(&template, "DataNFSMountTargetOnSubnet1a1b2c3d"));
    assert!(!has(&template, "DataNFSMountTargetOnSubnet2a1b2c3d"));
}

#[test]
fn without_facts_tasks_with_volumes_run_where_the_doors_are() {
    let template = convert(&everything());
    let subnets = piece(
        &template,
        "Resources BusyService Properties NetworkConfiguration AwsvpcConfiguration Subnets",
    );
    let select = |at: usize| format!("{{'Fn::Select': [{at}, {{Ref: Subnets}}]}}");
    assert_eq!(subnets, json(&format!("[{}, {}]", select(0), select(1))));
    let door = piece(&template, "Resources DataNFSMountTargetOnSubnet2 Properties SubnetId");
    assert_eq!(door, json(&select(1)));
}

#[test]
fn only_the_load_balancer_is_open_to_the_internet() {
    let web = Publication { listener: 8080, ..publication("web", 80, ListenerProtocol::Http) };
    let project = published(LoadBalancerKind::Application, LoadBalancerSource::New, &[web]);
    let template = convert(&project);
    let open: Vec<&str> = template
        .section("Resources")
        .filter(|(_, data)| serde_json::to_string(data).unwrap().contains("0.0.0.0/0"))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(open, ["LoadBalancerSecurityGroup"]);
    let rules = "Resources LoadBalancerSecurityGroup Properties SecurityGroupIngress";
    assert_eq!(piece(&template, &format!("{rules} 0 FromPort")), 8080);
    assert_eq!(
        piece(&template, "Resources Default80Ingress Properties"),
        json(
            "{Description: 'web:80/tcp on default network', FromPort: 80, ToPort: 80, IpProtocol: tcp, \
             GroupId: {'Fn::GetAtt': [DefaultNetwork, GroupId]}, \
             SourceSecurityGroupId: {'Fn::GetAtt': [LoadBalancerSecurityGroup, GroupId]}}"
        ),
    );
}

#[test]
fn a_load_balancer_without_a_group_is_let_in_by_port() {
    let udp = publication("web", 53, ListenerProtocol::Udp);
    let source = LoadBalancerSource::NewWithoutSecurityGroup;
    let template = convert(&published(LoadBalancerKind::Network, source, &[udp]));
    assert!(!has(&template, "LoadBalancerSecurityGroup"));
    assert_eq!(piece(&template, "Resources LoadBalancer Properties SecurityGroups"), Json::Null);
    let rule = "Resources Default53UDPIngress Properties";
    assert_eq!(piece(&template, &format!("{rule} CidrIp")), "0.0.0.0/0");
    // The load balancer asks over TCP whether the task is well.
    assert!(has(&template, "Default53Ingress"));
}

#[test]
fn an_existing_load_balancer_is_let_in_by_its_group() {
    let source = LoadBalancerSource::Existing {
        name: "front".to_owned(),
        arn: Lookup::Known("arn:lb".to_owned()),
        security_groups: SecurityGroups::Known(vec!["sg-1".to_owned(), "sg-2".to_owned()]),
    };
    let web = publication("web", 80, ListenerProtocol::Http);
    let template = convert(&published(LoadBalancerKind::Application, source, &[web]));
    let rule = "Resources Default80Ingress Properties SourceSecurityGroupId";
    assert_eq!(piece(&template, rule), "sg-1");
    assert_eq!(piece(&template, "Resources WebTCP80Listener Properties LoadBalancerArn"), "arn:lb");
}

#[test]
fn ports_of_a_service_never_share_an_id() {
    let http = |target, listener, published| Publication {
        listener,
        published,
        ..publication("web", target, ListenerProtocol::Http)
    };
    let ports = [http(80, 80, None), http(81, 81, None), http(80, 8080, Some(8080))];
    let template =
        convert(&published(LoadBalancerKind::Application, LoadBalancerSource::New, &ports));
    for id in [
        "WebTCP80Listener",
        "WebTCP80TargetGroup",
        "WebTCP81Listener",
        "WebTCP81TargetGroup",
        "WebTCP8080To80Listener",
        "WebTCP8080TargetGroup",
    ] {
        assert!(has(&template, id), "{id}");
    }
}

#[test]
fn a_plain_service_may_write_its_logs_and_nothing_else() {
    let template = convert(&plain());
    assert_eq!(
        piece(
            &template,
            "Resources DbTaskExecutionRole Properties Policies 0 PolicyDocument Statement"
        ),
        json(
            "[{Effect: Allow, Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], \
             Resource: [{'Fn::GetAtt': [LogGroup, Arn]}]}]"
        ),
    );
    assert!(!has(&template, "DbTaskRole"));
}

#[test]
fn an_execution_role_names_exactly_what_its_task_reads() {
    let template = convert(&everything());
    let statements = piece(
        &template,
        "Resources BusyTaskExecutionRole Properties Policies 0 PolicyDocument Statement",
    );
    let expected = json(
        "
- Effect: Allow
  Action: [logs:CreateLogStream, logs:PutLogEvents]
  Resource: [{'Fn::GetAtt': [LogGroup, Arn]}]
- Effect: Allow
  Action: [secretsmanager:GetSecretValue]
  Resource:
    - {Ref: ShoppasswordSecret}
    - {Ref: ShopkeySecret}
    - arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf
    - arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf
- Effect: Allow
  Action: [ssm:GetParameters]
  Resource: [arn:aws:ssm:eu-west-1:123456789012:parameter/shop/limit]
- Effect: Allow
  Action: [ecr:GetAuthorizationToken]
  Resource: ['*']
- Effect: Allow
  Action: [ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer]
  Resource: [{'Fn::Sub': 'arn:${AWS::Partition}:ecr:eu-west-1:123456789012:repository/shop/busy'}]
",
    );
    assert_eq!(sorted(statements), sorted(expected));
}

/// Lists of texts, whatever their order.
fn sorted(mut statements: Json) -> Json {
    for statement in statements.as_array_mut().unwrap() {
        let resources = statement["Resource"].as_array_mut().unwrap();
        resources.sort_by_key(|resource| resource.to_string());
    }
    statements
}

#[test]
fn a_built_image_comes_from_the_account_s_own_registry() {
    let template = convert(&one(Container { image: Image::Built, ..container("web") }));
    let image = "Resources WebTaskDefinition Properties ContainerDefinitions 1 Image";
    assert_eq!(piece(&template, image), json("{Ref: WebImage}"));
    assert_eq!(template.inputs().images["web"], "WebImage");
    let role = "Resources WebTaskExecutionRole Properties Policies 0 PolicyDocument Statement 2 Resource 0";
    let own = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*";
    assert_eq!(piece(&template, &format!("{role} Fn::Sub")), own);
}

#[test]
fn a_volume_that_is_only_read_cannot_be_written() {
    let mount = Mount {
        target: "/data".to_owned(),
        source: MountSource::Volume("data".to_owned()),
        read_only: true,
    };
    let project = EcsProject {
        volumes: everything().volumes,
        ..one(Container { mounts: vec![mount], ..container("web") })
    };
    assert_eq!(
        piece(
            &convert(&project),
            "Resources WebTaskRole Properties Policies 0 PolicyDocument Statement"
        ),
        json(
            "
- Effect: Allow
  Action: [elasticfilesystem:ClientMount, elasticfilesystem:ClientRootAccess]
  Resource: [{'Fn::GetAtt': [DataFilesystem, Arn]}]
  Condition:
    StringEquals: {'elasticfilesystem:AccessPointArn': {'Fn::GetAtt': [DataAccessPoint, Arn]}}
"
        ),
    );
}

#[test]
fn every_role_is_bounded() {
    let mut project = everything();
    project.capacities = vec![ecs_validate::Capacity {
        name: None,
        instance_type: "g5.xlarge".to_owned(),
        machine_image: None,
        arm: false,
        attributes: std::collections::BTreeMap::new(),
        machines: ecs_validate::Machines::default(),
    }];
    let template = convert(&project);
    let roles = template
        .section("Resources")
        .filter(|(_, data)| data.get("Type").and_then(Data::as_str) == Some("AWS::IAM::Role"));
    let mut count = 0;
    for (id, role) in roles {
        let properties = role.get("Properties").unwrap();
        assert_eq!(properties.get("Path"), Some(&Data::from("/apps/")), "{id}");
        assert!(properties.get("PermissionsBoundary").is_some(), "{id}");
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn a_secret_is_joined_of_parameters_that_nobody_is_shown() {
    let template = convert(&everything());
    assert_eq!(
        piece(&template, "Resources ShopkeySecret Properties SecretString"),
        json("{'Fn::Join': ['', [{Ref: ShopkeyValue}, {Ref: ShopkeyValue2}]]}"),
    );
    assert_eq!(piece(&template, "Parameters ShopkeyValue NoEcho"), true);
    assert_eq!(template.inputs().secrets["key"], ["ShopkeyValue", "ShopkeyValue2"]);
}

#[test]
fn a_scaled_service_owns_the_number_of_its_tasks() {
    let scaling = Scaling::Automatic { min: 1, max: 4, cpu: None, memory: Some(70) };
    let web = Service { scaling, ..service("web") };
    let template = convert(&EcsProject { services: vec![web], ..plain() });
    assert_eq!(piece(&template, "Resources WebService Properties DesiredCount"), Json::Null);
    assert_eq!(piece(&template, "Resources WebScalableTarget Properties RoleARN"), Json::Null);
    let policy = "Resources WebScalingPolicy Properties TargetTrackingScalingPolicyConfiguration";
    assert_eq!(piece(&template, &format!("{policy} TargetValue")), 70);
    assert!(!has(&template, "WebMemoryScalingPolicy"));
    assert!(has(&convert(&everything()), "BusyMemoryScalingPolicy"));
}

#[test]
fn an_existing_cluster_is_noted_and_left_as_it_is() {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/elsewhere";
    let cluster = Cluster::Existing { name: "elsewhere".to_owned(), reference: arn.to_owned() };
    let template = convert(&EcsProject { cluster, ..plain() });
    assert_eq!(piece(&template, "Metadata Cluster"), arn);
    assert_eq!(piece(&template, "Resources DbService Properties Cluster"), arn);
    assert!(!has(&template, "Cluster"));
}

#[test]
fn services_wait_for_what_they_depend_on_and_for_what_serves_them() {
    let template = convert(&everything());
    let expected = [
        "BusyTCP80Listener",
        "BusyTCP8080Listener",
        "BusyTCP8081Listener",
        "DataNFSMountTargetOnSubnet1",
        "DataNFSMountTargetOnSubnet2",
        "SharedfilesNFSMountTargetOnSubnet1",
        "SharedfilesNFSMountTargetOnSubnet2",
        "BuilderService",
    ];
    assert_eq!(piece(&template, "Resources BusyService DependsOn"), serde_json::json!(expected));
}

#[test]
fn a_container_waits_for_everything_that_prepares_it() {
    let file = SecretFile {
        secret: "token".to_owned(),
        target: "/run/secrets/token".to_owned(),
        keys: SecretKeys::Whole,
        ownership: ecs_validate::Ownership::default(),
    };
    let container = Container { secret_files: vec![file], ..container("web") };
    let project = EcsProject { secrets: vec![secret("token", 1)], ..one(container) };
    let template = convert(&project);
    let containers = "Resources WebTaskDefinition Properties ContainerDefinitions";
    assert_eq!(
        piece(&template, &format!("{containers} 2 DependsOn")),
        json(
            "[{Condition: SUCCESS, ContainerName: Web_ResolvConf_InitContainer}, \
              {Condition: SUCCESS, ContainerName: Web_Secrets_InitContainer}]"
        ),
    );
    assert_eq!(
        piece(&template, &format!("{containers} 2 MountPoints")),
        json("[{ContainerPath: /run/secrets, ReadOnly: true, SourceVolume: web-run-secrets}]"),
    );
    assert_eq!(
        piece(&template, &format!("{containers} 1 Secrets")),
        json("[{Name: SECRET_1, ValueFrom: {Ref: ShoptokenSecret}}]"),
    );
}

#[test]
fn volumes_of_one_task_stay_apart() {
    let mount = |target: &str, volume: &str| Mount {
        target: target.to_owned(),
        source: MountSource::Volume(volume.to_owned()),
        read_only: false,
    };
    let mounts = vec![mount("/one", "my.data"), mount("/two", "my-data")];
    let volumes = vec![volume("my-data"), volume("my.data")];
    let project = EcsProject { volumes, ..one(Container { mounts, ..container("web") }) };
    let template = convert(&project);
    let task = "Resources WebTaskDefinition Properties";
    let source = |at: u8| {
        piece(&template, &format!("{task} ContainerDefinitions 1 MountPoints {at} SourceVolume"))
    };
    assert_ne!(source(0), source(1));
    let volumes = piece(&template, &format!("{task} Volumes"));
    assert_eq!(volumes.as_array().map(Vec::len), Some(2));
}

#[test]
fn names_that_meet_stay_apart() {
    let services = vec![service("my-app"), service("myapp")];
    let template = convert(&EcsProject { services, ..plain() });
    assert!(has(&template, "MyappService"));
    let families = template
        .section("Resources")
        .filter_map(|(_, data)| data.get("Properties")?.get("Family")?.as_str());
    assert_eq!(families.collect::<Vec<_>>(), ["shop-my-app", "shop-myapp"]);
    assert_eq!(piece(&template, "Resources MyappTaskDefinition Properties Family"), "shop-myapp");
}
