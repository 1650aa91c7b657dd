//! A stack in a local AWS, as the Compose project `shop` would leave it, and the built
//! program before it.

use std::process::{Command, Output, Stdio};

use serde_json::{Map, Value as Json, json};
use testkit::emulator::{Account, Emulator};
use testkit::proxy::Proxy;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-cli");

/// An account that nobody else uses.
pub(crate) struct Shop {
    pub(crate) account: Account,
}

/// How a run ended, with all that it wrote.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Shop {
    /// One without containers and without a stack.
    pub(crate) fn empty() -> Self {
        Self { account: Emulator::lean().account() }
    }

    /// One with a stack of these services.
    pub(crate) fn with(services: &[Service]) -> Self {
        let shop = Self::empty();
        shop.deploy("shop", &template(services));
        shop
    }

    /// Makes a stack of the project `shop`, and waits for it.
    pub(crate) fn deploy(&self, name: &str, template: &str) {
        self.begin(name, template);
        assert_eq!(self.account.settled(name), "CREATE_COMPLETE");
    }

    /// Begins to make a stack of the project `shop`.
    pub(crate) fn begin(&self, name: &str, template: &str) {
        self.ask("CreateStack", name, template);
    }

    /// Changes the stack to this template, and waits for it.
    pub(crate) fn change(&self, name: &str, template: &str) {
        self.ask("UpdateStack", name, template);
        assert_eq!(self.account.settled(name), "UPDATE_COMPLETE");
    }

    /// Templates may be too large for a request, and come from S3 then.
    fn ask(&self, action: &str, name: &str, template: &str) {
        // All accounts share the names of buckets.
        let bucket = format!("/templates-{}", self.account.id());
        let file = format!("{bucket}/{name}.json");
        self.account.rest("s3", "PUT", &bucket, "");
        self.account.rest("s3", "PUT", &file, template);
        let url = format!("http://{}{file}", self.account.address());
        let parameters = [
            ("StackName", name),
            ("TemplateURL", url.as_str()),
            ("Tags.member.1.Key", "com.docker.compose.project"),
            ("Tags.member.1.Value", "shop"),
        ];
        let answer = self.account.query("cloudformation", action, &parameters);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::of(&mut command(&self.account, arguments))
    }

    /// Runs the program through a proxy.
    pub(crate) fn run_through(&self, proxy: &Proxy, arguments: &str) -> Run {
        Run::of(&mut command(&self.account.through(proxy), arguments))
    }

    /// Has a task write lines, which are as old as they say, in milliseconds.
    pub(crate) fn write(&self, stream: &str, lines: &[(i64, &str)]) {
        let place = json!({ "logGroupName": "/docker-compose/shop", "logStreamName": stream });
        self.account.json("logs", "CreateLogStream", &place);
        let mut body = place;
        let event = |(time, text): &(i64, &str)| json!({ "timestamp": time, "message": text });
        body["logEvents"] = lines.iter().map(event).collect();
        let answer = self.account.json("logs", "PutLogEvents", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

impl Run {
    fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the program runs"))
    }

    /// What it wrote, if it did what it should.
    pub(crate) fn done(self) -> String {
        assert_eq!((self.code, self.errors.as_str()), (Some(0), ""), "{}", self.output);
        self.output
    }

    /// One document of JSON.
    pub(crate) fn json(self) -> Json {
        serde_json::from_str(&self.done()).expect("it is JSON")
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).expect("it writes text"),
            errors: String::from_utf8(output.stderr).expect("it writes text"),
        }
    }
}

/// The program in an account, in a folder without a project.
pub(crate) fn command(account: &Account, arguments: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments.split_whitespace())
        .current_dir("/")
        .env_clear()
        .envs(account.environment())
        .env("HOME", "/nowhere")
        .stdin(Stdio::null());
    command
}

/// A service of the stack.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) tasks: u32,
    pub(crate) port: Option<u16>,
    pub(crate) driver: Option<&'static str>,
}

/// A service with so many tasks, whose image is called as it is.
pub(crate) fn service(name: &str, tasks: u32) -> Service {
    Service { name: name.to_owned(), tasks, port: None, driver: Some("awslogs") }
}

/// The template of a project with these services.
pub(crate) fn template(services: &[Service]) -> String {
    let mut resources = Map::new();
    resources.insert("Cluster".to_owned(), json!({ "Type": "AWS::ECS::Cluster" }));
    let group = json!({ "LogGroupName": "/docker-compose/shop" });
    resources.insert("LogGroup".to_owned(), resource("AWS::Logs::LogGroup", &group));
    if services.iter().any(|service| service.port.is_some()) {
        let subnets = ["subnet-00000001", "subnet-00000002"];
        let balancer = json!({ "Subnets": subnets, "Type": "application" });
        let balancer = resource("AWS::ElasticLoadBalancingV2::LoadBalancer", &balancer);
        resources.insert("LoadBalancer".to_owned(), balancer);
    }
    for service in services {
        add(&mut resources, service);
    }
    json!({ "Resources": resources }).to_string()
}

fn resource(kind: &str, properties: &Json) -> Json {
    json!({ "Type": kind, "Properties": properties })
}

fn add(resources: &mut Map<String, Json>, service: &Service) {
    let Service { name, tasks, port, driver } = service;
    let id = |suffix: &str| {
        let (first, rest) = name.split_at(1);
        format!("{}{rest}{suffix}", first.to_uppercase())
    };
    let mut container = json!({ "Name": name, "Image": name });
    if let Some(driver) = driver {
        container["LogConfiguration"] = json!({ "LogDriver": driver, "Options": {
            "awslogs-group": { "Ref": "LogGroup" },
            "awslogs-region": { "Ref": "AWS::Region" },
            "awslogs-stream-prefix": "shop",
        }});
    }
    let definition = json!({ "Family": name, "ContainerDefinitions": [container] });
    resources.insert(id("TaskDefinition"), resource("AWS::ECS::TaskDefinition", &definition));
    let mut properties = json!({
        "Cluster": { "Fn::GetAtt": ["Cluster", "Arn"] },
        "TaskDefinition": { "Ref": id("TaskDefinition") },
        "DesiredCount": tasks,
        "Tags": [
            { "Key": "com.docker.compose.project", "Value": "shop" },
            { "Key": "com.docker.compose.service", "Value": name },
        ],
    });
    if let Some(port) = port {
        let group =
            json!({ "Port": 80, "Protocol": "HTTP", "VpcId": "vpc-00000001", "TargetType": "ip" });
        let group = resource("AWS::ElasticLoadBalancingV2::TargetGroup", &group);
        resources.insert(id("TargetGroup"), group);
        let target = json!({ "Ref": id("TargetGroup") });
        let listener = json!({
            "LoadBalancerArn": { "Ref": "LoadBalancer" },
            "Port": port,
            "Protocol": "HTTP",
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": target }],
        });
        let listener = resource("AWS::ElasticLoadBalancingV2::Listener", &listener);
        resources.insert(id("Listener"), listener);
        properties["LoadBalancers"] =
            json!([{ "ContainerName": name, "ContainerPort": 80, "TargetGroupArn": target }]);
    }
    resources.insert(id("Service"), resource("AWS::ECS::Service", &properties));
}
