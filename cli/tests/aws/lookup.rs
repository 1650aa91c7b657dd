//! Looks up what projects refer to, in a local AWS or in answers as AWS writes them.

use serde_json::{Value as Json, json};
use testkit::http::Response;
use testkit::proxy::{Proxy, Rule};

use crate::account::{Project, Run};

const LOOKUP: &str = "lookup --no-resolve";

const WEB: &str = "name: shop\nservices: {web: {image: nginx, ports: ['80:80']}}\n";

#[track_caller]
fn facts(run: Run) -> Json {
    assert_eq!(run.code, Some(0), "{}", run.errors);
    serde_json::from_str(&run.output).unwrap_or_else(|_| panic!("no facts: {}", run.output))
}

/// What is said when something is missing, and how that ends.
#[track_caller]
fn refusal(run: Run) -> String {
    assert_eq!(run.output, "", "{}", run.errors);
    format!("{}exit code {}\n", run.errors, run.code.unwrap_or_default())
}

/// Answers some calls instead of AWS.
fn answering(project: &Project, rules: impl IntoIterator<Item = Rule>) -> Proxy {
    let proxy = Proxy::before(&project.account);
    rules.into_iter().for_each(|rule| proxy.rule(rule));
    proxy
}

/// One answer of EC2 to a call.
fn ec2(call: &str, body: &str) -> Rule {
    let text = format!("<{call}Response>{body}</{call}Response>");
    Rule::on(&format!("EC2.{call}")).answer(Response::new(200, "text/xml", text))
}

fn text_of(json: &Json, pointer: &str) -> String {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
}

#[test]
fn the_default_vpc_needs_no_name_and_the_template_no_parameter() {
    let project = Project::new(WEB);
    let proxy = Proxy::before(&project.account);
    let run = project.run_through(&proxy, LOOKUP);
    let text = run.output.clone();
    let facts = facts(run);
    let subnets = facts.pointer("/vpc/subnets").and_then(Json::as_array).unwrap().clone();
    assert_eq!(subnets.len(), 3);
    assert!(subnets.iter().all(|subnet| subnet["public"] == true), "{text}");
    let zones: Vec<_> = subnets.iter().map(|subnet| text_of(subnet, "/zone")).collect();
    assert!(zones.is_sorted() && !zones.contains(&String::new()), "{zones:?}");
    let calls: Vec<_> = proxy.calls().into_iter().map(|call| call.name).collect();
    assert_eq!(calls[0], "EC2.DescribeVpcs");
    assert_eq!(calls.len(), 3, "{calls:?}");

    // What was printed is what `convert` reads.
    project.write("facts.json", &text);
    let template = project.run("convert --facts facts.json");
    assert_eq!(template.code, Some(0), "{}", template.errors);
    assert!(!template.output.contains("Parameters:"), "{}", template.output);
    assert!(template.output.contains(&text_of(&facts, "/vpc/id")), "{}", template.output);
}

#[test]
fn a_vpc_that_is_named_is_taken_and_its_routes_are_looked_at() {
    let project = Project::new(WEB);
    let account = &project.account;
    let vpc = account.query("ec2", "CreateVpc", &[("CidrBlock", "10.7.0.0/16")]).text("vpcId");
    let subnet = |range: &str, zone: &str| {
        let made = account.query(
            "ec2",
            "CreateSubnet",
            &[("VpcId", &vpc), ("CidrBlock", range), ("AvailabilityZone", zone)],
        );
        made.text("subnetId")
    };
    let (open, closed) = (subnet("10.7.0.0/24", "us-east-1b"), subnet("10.7.1.0/24", "us-east-1a"));
    let table = account.query("ec2", "CreateRouteTable", &[("VpcId", &vpc)]).text("routeTableId");
    let gateway = account.query("ec2", "CreateInternetGateway", &[]).text("internetGatewayId");
    let way = [
        ("RouteTableId", &table[..]),
        ("GatewayId", &gateway),
        ("DestinationCidrBlock", "0.0.0.0/0"),
    ];
    account.query("ec2", "CreateRoute", &way);
    let parts = [("RouteTableId", &table[..]), ("SubnetId", &open)];
    account.query("ec2", "AssociateRouteTable", &parts);

    project.write("compose.yaml", &format!("x-aws-vpc: {vpc}\n{WEB}"));
    let proxy = Proxy::before(account);
    let expected = json!({"id": vpc, "subnets": [
        {"id": closed, "zone": "us-east-1a", "public": false},
        {"id": open, "zone": "us-east-1b", "public": true},
    ]});
    assert_eq!(facts(project.run_through(&proxy, LOOKUP))["vpc"], expected);
    assert_eq!(proxy.calls().len(), 2, "{:?}", proxy.calls());

    // Subnets say which VPC they are in.
    project.write("compose.yaml", &format!("x-aws-subnets: [{open}, {closed}]\n{WEB}"));
    proxy.forget_calls();
    assert_eq!(facts(project.run_through(&proxy, LOOKUP))["vpc"], expected);
    assert_eq!(proxy.calls().len(), 2, "{:?}", proxy.calls());
}

#[test]
fn no_default_vpc_is_told_with_those_that_there_are() {
    let vpc = |id: &str, name: &str| {
        let tags = format!("<tagSet><item><key>Name</key><value>{name}</value></item></tagSet>");
        format!("<item><vpcId>{id}</vpcId><isDefault>false</isDefault>{tags}</item>")
    };
    let vpcs = format!("<vpcSet>{}{}</vpcSet>", vpc("vpc-1", "main"), vpc("vpc-2", ""));
    let project = Project::new(WEB);
    let proxy = answering(&project, [ec2("DescribeVpcs", &vpcs), ec2("DescribeVpcs", "<vpcSet/>")]);
    insta::assert_snapshot!(refusal(project.run_through(&proxy, LOOKUP)));
    insta::assert_snapshot!(refusal(project.run_through(&proxy, LOOKUP)));
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let project = Project::new(
        "name: shop
x-aws-cluster: shard
x-aws-loadbalancer: front
x-aws-vpc: vpc-0123
services:
  web:
    image: nginx
    ports: ['80:80']
    networks: [backend]
    secrets: [token]
    volumes: ['archive:/archive']
networks: {backend: {external: true}}
secrets: {token: {external: true, name: shop/token}}
volumes: {archive: {external: true, name: archive}}
",
    );
    let account = &project.account;
    account.json("ecs", "CreateCluster", &json!({"clusterName": "shared"}));
    let secret = json!({"Name": "shop/tokens", "SecretString": "x"});
    account.json("secretsmanager", "CreateSecret", &secret);
    insta::with_settings!({filters => [(r"vpc-[0-9]{8}", "vpc-DEFAULT")]}, {
        insta::assert_snapshot!(refusal(project.run(LOOKUP)));
    });
}

#[test]
fn everything_that_may_not_be_looked_at_is_told_at_once() {
    let project = Project::new(&format!(
        "x-aws-vpc: vpc-0123\nx-aws-cluster: shared\n{WEB}volumes: {{data: {{}}}}\n"
    ));
    let services = ["EC2.*", "ECS.*", "EFS.*", "CloudFormation.*"];
    let proxy = answering(&project, services.map(|calls| Rule::on(calls).deny().always()));
    let told = refusal(project.run_through(&proxy, LOOKUP));
    let told = told.replace(project.account.id(), "123456789012");
    insta::assert_snapshot!(told);
}

#[test]
fn what_exists_is_found_by_its_name() {
    let project = Project::new(
        "name: shop
x-aws-cluster: shared
x-aws-loadbalancer: edge
services:
  web:
    image: nginx
    ports: ['80:80']
    networks: [backend]
    secrets: [token]
    volumes: ['archive:/archive', 'data:/data']
networks: {backend: {external: true}}
secrets: {token: {external: true, name: shop/token}}
volumes: {archive: {external: true, name: archive}, data: {}}
",
    );
    let account = &project.account;
    let vpc = account.query("ec2", "DescribeVpcs", &[]).text("vpcId");
    let group = |name: &str| {
        let parameters = [("GroupName", name), ("GroupDescription", "x"), ("VpcId", &vpc)];
        account.query("ec2", "CreateSecurityGroup", &parameters).text("groupId")
    };
    let (front, backend) = (group("front"), group("backend"));
    let cluster = account.json("ecs", "CreateCluster", &json!({"clusterName": "shared"})).json();
    let secret = json!({"Name": "shop/token", "SecretString": "x"});
    let secret = account.json("secretsmanager", "CreateSecret", &secret).json();
    let subnets = account.query("ec2", "DescribeSubnets", &[]).texts("subnetId");
    let balancer = account.query(
        "elasticloadbalancing",
        "CreateLoadBalancer",
        &[
            ("Name", "edge"),
            ("Subnets.member.1", &subnets[0]),
            ("Subnets.member.2", &subnets[1]),
            ("SecurityGroups.member.1", &front),
        ],
    );
    let balancer = balancer.text("LoadBalancerArn");
    let listener = [
        ("LoadBalancerArn", &balancer[..]),
        ("Port", "443"),
        ("Protocol", "HTTP"),
        ("DefaultActions.member.1.Type", "fixed-response"),
        ("DefaultActions.member.1.FixedResponseConfig.StatusCode", "404"),
    ];
    account.query("elasticloadbalancing", "CreateListener", &listener);
    let file_system = |token: &str, tags: Json| {
        let body = json!({"CreationToken": token, "Tags": tags}).to_string();
        let made = account.rest("elasticfilesystem", "POST", "/2015-02-01/file-systems", &body);
        text_of(&made.json(), "/FileSystemId")
    };
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    let archive = file_system("a", json!([tag("Name", "archive")]));
    let kept = file_system(
        "b",
        json!([
            tag("com.docker.compose.project", "shop"),
            tag("com.docker.compose.volume", "data"),
            tag("aws:cloudformation:stack-id", "arn:aws:cloudformation:us-east-1:1:stack/shop/0"),
        ]),
    );
    let target = json!({"FileSystemId": archive, "SubnetId": subnets[0]}).to_string();
    account.rest("elasticfilesystem", "POST", "/2015-02-01/mount-targets", &target);

    let mut facts = facts(project.run(LOOKUP));
    let vpc_facts = facts["vpc"].take();
    assert_eq!(text_of(&vpc_facts, "/id"), vpc);
    let expected = json!({
        "vpc": null,
        "cluster": {"name": "shared", "arn": cluster["cluster"]["clusterArn"]},
        "load_balancer": {
            "arn": balancer,
            "kind": "application",
            "vpc": vpc,
            "security_groups": [front],
            "ports": [443],
        },
        "security_groups": {"backend": backend},
        "file_systems": {"archive": archive, "shop_data": kept},
        "mounted_file_systems": [archive],
        "secrets": {"shop/token": secret["ARN"]},
    });
    assert_eq!(facts, expected);
}

#[test]
fn every_page_of_what_a_network_has_is_read() {
    let part = |call: &str, list: &str, item: &str, next: &str| {
        ec2(call, &format!("<{list}><item>{item}</item></{list}><nextToken>{next}</nextToken>"))
    };
    let subnet = |id: &str, zone: &str| {
        format!(
            "<subnetId>{id}</subnetId><vpcId>vpc-1</vpcId><availabilityZone>{zone}</availabilityZone>"
        )
    };
    let other = "<vpcId>vpc-0</vpcId><isDefault>false</isDefault>";
    let default = "<vpcId>vpc-1</vpcId><isDefault>true</isDefault>";
    let group = |id: &str| format!("<groupId>sg-{id}</groupId><groupName>{id}</groupName>");
    let main = "<associationSet><item><main>true</main></item></associationSet>";
    let way = "<routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>\
               <gatewayId>igw-1</gatewayId><state>active</state></item></routeSet>";
    let project = Project::new(
        "name: shop
services: {web: {image: nginx, networks: [two]}}
networks: {two: {external: true}}
",
    );
    let pages = [
        part("DescribeVpcs", "vpcSet", other, "a+b="),
        part("DescribeVpcs", "vpcSet", default, ""),
        part("DescribeSubnets", "subnetSet", &subnet("subnet-2", "us-east-1b"), "2"),
        part("DescribeSubnets", "subnetSet", &subnet("subnet-1", "us-east-1a"), ""),
        part("DescribeRouteTables", "routeTableSet", "<routeSet/>", "2"),
        part("DescribeRouteTables", "routeTableSet", &format!("{main}{way}"), ""),
        part("DescribeSecurityGroups", "securityGroupInfo", &group("one"), "2"),
        part("DescribeSecurityGroups", "securityGroupInfo", &group("two"), ""),
    ];
    let proxy = answering(&project, pages);
    let facts = facts(project.run_through(&proxy, LOOKUP));
    let expected = json!({
        "vpc": {"id": "vpc-1", "subnets": [
            {"id": "subnet-1", "zone": "us-east-1a", "public": true},
            {"id": "subnet-2", "zone": "us-east-1b", "public": true},
        ]},
        "security_groups": {"two": "sg-two"},
    });
    assert_eq!(facts, expected);
    assert_eq!(proxy.calls().len(), 8, "{:?}", proxy.calls());
}

/// One answer in JSON, or in XML if it looks like that.
fn page(call: &str, body: &str) -> Rule {
    let kind = if body.starts_with('<') { "text/xml" } else { "application/x-amz-json-1.1" };
    Rule::on(call).answer(Response::new(200, kind, body))
}

fn of_query(call: &str, body: &str) -> String {
    format!("<{call}Response><{call}Result>{body}</{call}Result></{call}Response>")
}

#[test]
fn every_page_of_what_stacks_and_file_systems_have_is_read() {
    let file_system = |id: &str, name: &str| {
        json!({
            "FileSystemId": id, "OwnerId": "1", "CreationToken": id, "CreationTime": 1,
            "LifeCycleState": "available", "NumberOfMountTargets": 1,
            "SizeInBytes": {"Value": 1}, "PerformanceMode": "generalPurpose",
            "Name": name, "Tags": [],
        })
    };
    let target = |id: &str, vpc: &str| {
        json!({
            "MountTargetId": id, "FileSystemId": "fs-2", "SubnetId": "subnet-1", "VpcId": vpc,
            "LifeCycleState": "available",
        })
    };
    let resource = |id: &str, next: &str| {
        let body = format!(
            "<StackResourceSummaries><member><LogicalResourceId>X</LogicalResourceId>\
             <PhysicalResourceId>{id}</PhysicalResourceId>\
             <ResourceType>AWS::X::Y</ResourceType>\
             <LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp>\
             <ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>\
             </StackResourceSummaries>{next}"
        );
        page("CloudFormation.ListStackResources", &of_query("ListStackResources", &body))
    };
    let listener = |arn: &str, port: u16, next: &str| {
        let body = format!(
            "<Listeners><member><ListenerArn>{arn}</ListenerArn><Port>{port}</Port></member>\
             </Listeners>{next}"
        );
        page("ELB.DescribeListeners", &of_query("DescribeListeners", &body))
    };
    let balancer = "<LoadBalancers><member><LoadBalancerArn>arn:front</LoadBalancerArn>\
                    <LoadBalancerName>front</LoadBalancerName><Type>application</Type>\
                    <VpcId>VPC</VpcId></member></LoadBalancers>";
    let project = Project::new(
        "name: shop
x-aws-loadbalancer: front
services: {web: {image: nginx, ports: ['80:80'], volumes: ['archive:/archive']}}
volumes: {archive: {external: true, name: archive}}
",
    );
    let vpc = project.account.query("ec2", "DescribeVpcs", &[]).text("vpcId");
    let files = "EFS.GET /2015-02-01/file-systems";
    let first = json!({"FileSystems": [file_system("fs-1", "other")], "NextMarker": "m"});
    let second = json!({"FileSystems": [file_system("fs-2", "archive")]});
    let doors = "EFS.GET /2015-02-01/mount-targets";
    let far = json!({"MountTargets": [target("fsmt-1", "vpc-9")], "NextMarker": "m"});
    let near = json!({"MountTargets": [target("fsmt-2", &vpc)]});
    let rules = [
        page(files, &first.to_string()),
        page(files, &second.to_string()),
        page(doors, &far.to_string()),
        page(doors, &near.to_string()),
        resource("arn:listener/1", "<NextToken>n</NextToken>"),
        resource("arn:listener/2", ""),
        page(
            "ELB.DescribeLoadBalancers",
            &of_query("DescribeLoadBalancers", &balancer.replace("VPC", &vpc)),
        ),
        listener("arn:listener/2", 80, "<NextMarker>n</NextMarker>"),
        listener("arn:listener/3", 443, ""),
    ];
    let proxy = answering(&project, rules);
    let facts = facts(project.run_through(&proxy, LOOKUP));
    assert_eq!(facts["file_systems"], json!({"archive": "fs-2"}));
    assert_eq!(facts["mounted_file_systems"], json!(["fs-2"]));
    // The other one is the stack's own.
    assert_eq!(facts.pointer("/load_balancer/ports"), Some(&json!([443])));
}

#[test]
fn every_page_of_what_there_is_instead_is_read() {
    let clusters = |name: &str, more: Json| {
        let mut body = json!({"clusterArns": [format!("arn:aws:ecs:r:1:cluster/{name}")]});
        body.as_object_mut()
            .expect("it is one")
            .extend(more.as_object().cloned().unwrap_or_default());
        page("ECS.ListClusters", &body.to_string())
    };
    let secrets = |name: &str, more: Json| {
        let mut body = json!({"SecretList": [{"Name": name}]});
        body.as_object_mut()
            .expect("it is one")
            .extend(more.as_object().cloned().unwrap_or_default());
        page("SecretsManager.ListSecrets", &body.to_string())
    };
    let balancers = |name: &str, next: &str| {
        let body = format!(
            "<LoadBalancers><member><LoadBalancerName>{name}</LoadBalancerName>\
             <Type>network</Type></member></LoadBalancers>{next}"
        );
        let body = of_query("DescribeLoadBalancers", &body);
        Rule::on("ELB.DescribeLoadBalancers").answer(Response::new(200, "text/xml", body))
    };
    let missing = "<ErrorResponse><Error><Type>Sender</Type><Code>LoadBalancerNotFound</Code>\
                   <Message>One or more load balancers not found</Message></Error></ErrorResponse>";
    let rules = [
        clusters("one", json!({"nextToken": "n"})),
        clusters("two", Json::Null),
        secrets("first", json!({"NextToken": "n"})),
        secrets("second", Json::Null),
        Rule::on("ELB.DescribeLoadBalancers").answer(Response::new(400, "text/xml", missing)),
        balancers("left", "<NextMarker>n</NextMarker>"),
        balancers("right", ""),
    ];
    let project = Project::new(
        "name: shop
x-aws-cluster: shared
x-aws-loadbalancer: front
services: {web: {image: nginx, ports: ['80:80'], secrets: [token]}}
secrets: {token: {external: true, name: shop/token}}
",
    );
    let proxy = answering(&project, rules);
    let told = refusal(project.run_through(&proxy, LOOKUP));
    for names in ["`one`, `two`", "`first`, `second`", "`left`, `right`"] {
        assert!(told.contains(names), "{names}: {told}");
    }
}

#[test]
fn a_file_system_is_taken_over_when_no_stack_has_it_any_more() {
    let project = Project::new(
        "name: shop
services: {web: {image: nginx, volumes: ['data:/data']}}
volumes: {data: {}}
",
    );
    let template = json!({"Resources": {"Data": {
        "Type": "AWS::EFS::FileSystem",
        "DeletionPolicy": "Retain",
        "Properties": {"FileSystemTags": [
            {"Key": "com.docker.compose.project", "Value": "shop"},
            {"Key": "com.docker.compose.volume", "Value": "data"},
        ]},
    }}});
    project.account.create_stack("shop", &template.to_string());
    assert_eq!(project.account.settled("shop"), "CREATE_COMPLETE");
    assert_eq!(facts(project.run(LOOKUP)).get("file_systems"), None);
    // Somebody else's stack has it, too.
    let elsewhere = format!("{LOOKUP} --stack-name shop-2");
    assert_eq!(facts(project.run(&elsewhere)).get("file_systems"), None);

    project.account.delete_stack("shop");
    assert_eq!(project.account.settled("shop"), "");
    let found = facts(project.run(LOOKUP));
    let id = text_of(&found, "/file_systems/shop_data");
    assert!(id.starts_with("fs-"), "{found}");
    assert_eq!(found["mounted_file_systems"], json!([]));
    // Whoever wants what another stack has left says so.
    assert_eq!(facts(project.run(&elsewhere)).get("file_systems"), None);
}

#[test]
fn a_file_system_of_a_stack_that_is_being_undone_is_not_taken_over() {
    let project = Project::new(
        "name: shop
services: {web: {image: nginx, volumes: ['data:/data']}}
volumes: {data: {}}
",
    );
    let stack = "arn:aws:cloudformation:us-east-1:1:stack/shop/1";
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    let tags = json!([
        tag("com.docker.compose.project", "shop"),
        tag("com.docker.compose.volume", "data"),
        tag("aws:cloudformation:stack-id", stack),
    ]);
    let body = json!({"CreationToken": "a", "Tags": tags}).to_string();
    project.account.rest("elasticfilesystem", "POST", "/2015-02-01/file-systems", &body);
    let found_while = |status: &str| {
        let body = format!(
            "<Stacks><member><StackId>{stack}</StackId><StackName>shop</StackName>\
             <CreationTime>2020-01-01T00:00:00Z</CreationTime>\
             <StackStatus>{status}</StackStatus></member></Stacks>"
        );
        let proxy = Proxy::before(&project.account);
        let answer = page("CloudFormation.DescribeStacks", &of_query("DescribeStacks", &body));
        proxy.rule(answer.always());
        facts(project.run_through(&proxy, LOOKUP))["file_systems"].take()
    };
    assert_eq!(found_while("CREATE_IN_PROGRESS"), Json::Null);
    assert_eq!(found_while("ROLLBACK_IN_PROGRESS"), Json::Null);
    assert_ne!(found_while("ROLLBACK_COMPLETE"), Json::Null);
}

#[test]
fn ec2_may_have_an_address_of_its_own() {
    let project = Project::new(WEB);
    let mut command = project.command(LOOKUP, &project.account);
    let address = format!("http://{}", project.account.address());
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_ENDPOINT_URL_EC2", address);
    let found = facts(command.output().expect("the program runs").into());
    assert!(text_of(&found, "/vpc/id").starts_with("vpc-"), "{found}");
}

#[test]
fn what_passes_is_asked_again() {
    let project = Project::new(WEB);
    let faults = [
        Rule::on("EC2.DescribeVpcs").throttle(),
        Rule::on("EC2.DescribeSubnets").fail(500),
        Rule::on("EC2.DescribeRouteTables").cut_before(),
    ];
    let proxy = answering(&project, faults);
    let facts = facts(project.run_through(&proxy, LOOKUP));
    assert_eq!(facts.pointer("/vpc/subnets").and_then(Json::as_array).map(Vec::len), Some(3));
    assert_eq!(proxy.calls().len(), 6, "{:?}", proxy.calls());
}

/// A registry that lets nobody in without a token.
fn registry(answers: impl IntoIterator<Item = (&'static str, u16, &'static str)>) -> Proxy {
    let proxy = Proxy::to("127.0.0.1:1").expect("a free port can be listened at");
    let mut closed = Response::new(401, "application/json", "{}");
    let realm = format!("Bearer realm=\"http://{}/token\",service=\"here\"", proxy.address());
    closed.headers.add("WWW-Authenticate", realm);
    let token = Response::new(200, "application/json", r#"{"token": "t"}"#);
    proxy.rule(Rule::on(".GET /token").answer(token).always());
    for (path, status, body) in answers {
        let name = format!(".GET /v2/{path}");
        if path.contains("manifests") {
            proxy.rule(Rule::on(&name).answer(closed.clone()));
        }
        let answer = Response::new(status, "application/json", body);
        proxy.rule(Rule::on(&name).answer(answer).always());
    }
    proxy
}

#[test]
fn registries_tell_digests_and_platforms() {
    let index = r#"{"manifests": [
        {"platform": {"os": "linux", "architecture": "amd64"}},
        {"platform": {"os": "linux", "architecture": "arm64"}}]}"#;
    let single = r#"{"config": {"digest": "sha256:1"}}"#;
    let settings = r#"{"os": "linux", "architecture": "arm64", "variant": "v8"}"#;
    let registry = registry([
        ("web/manifests/1", 200, index),
        ("tools/manifests/latest", 200, single),
        ("tools/blobs/sha256:1", 200, settings),
    ]);
    let host = registry.address();
    let project = Project::new(&format!(
        "services: {{web: {{image: '{host}/web:1'}}, tools: {{image: {host}/tools}}}}"
    ));
    let facts = facts(project.run("lookup"));
    let images = &facts["images"];
    let web = &images[format!("{host}/web:1")];
    assert_eq!(web["platforms"], json!(["linux/amd64", "linux/arm64"]));
    assert!(text_of(web, "/digest").starts_with("sha256:"), "{images}");
    assert_eq!(images[format!("{host}/tools")]["platforms"], json!(["linux/arm64"]));
}

#[test]
fn an_image_that_is_not_there_is_told_and_a_silent_registry_is_no_obstacle() {
    let registry = registry([
        ("web/manifests/lastest", 404, "{}"),
        ("web/tags/list", 200, r#"{"tags": ["1.27", "latest"]}"#),
        ("private/manifests/1", 401, "{}"),
        ("busy/manifests/1", 429, "{}"),
    ]);
    let host = registry.address();
    let project = Project::new(&format!(
        "
services:
  web: {{image: '{host}/web:lastest'}}
  private: {{image: '{host}/private:1'}}
  busy: {{image: '{host}/busy:1'}}
  other: {{image: '127.0.0.1:1/other:1'}}
"
    ));
    let run = project.run("lookup");
    let told = run.errors.replace(host, "127.0.0.1:5000");
    insta::assert_snapshot!(told);
    assert_eq!(run.code, Some(1));

    let private = format!("services: {{private: {{image: '{host}/private:1'}}}}");
    project.write("compose.yaml", &private);
    let run = project.run("lookup");
    assert!(run.errors.contains("so this image keeps its tag"), "{}", run.errors);
    assert!(facts(run).get("images").is_none());
}

#[test]
fn who_is_logged_in_with_docker_is_let_in() {
    let registry = Proxy::to("127.0.0.1:1").expect("a free port can be listened at");
    let mut closed = Response::new(401, "application/json", "{}");
    closed.headers.add("WWW-Authenticate", "Basic realm=\"here\"");
    let name = ".GET /v2/web/manifests/1";
    let open = Response::new(200, "application/json", r#"{"manifests": []}"#);
    for answer in [&closed, &closed, &open] {
        registry.rule(Rule::on(name).answer(answer.clone()));
    }
    let host = registry.address();
    let project = Project::new(&format!("services: {{web: {{image: '{host}/web:1'}}}}"));
    let run = project.run("lookup");
    assert!(run.errors.contains("hides it from who is not logged in"), "{}", run.errors);
    assert_eq!(registry.calls().len(), 1);

    std::fs::create_dir(project.path(".docker")).expect("the folder can be written");
    let login = json!({"auths": {host: {"auth": "bWU6c2VjcmV0"}}});
    project.write(".docker/config.json", &login.to_string());
    let run = project.run("lookup");
    assert!(!run.errors.contains("bWU6") && !run.errors.contains("secret"), "{}", run.errors);
    let images = &facts(run)["images"];
    assert!(images[format!("{host}/web:1")].is_object(), "{images}");
}
