//! An account with a cluster, a service and a queue, and the built program before it.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::emulator::{Account, Emulator};
use testkit::proxy::{Proxy, Rule};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-deployer");

/// How often to look, and how long to wait for what is certain to come.
const GLANCE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(60);

/// An account with a cluster, a service `web` and a queue.
pub(crate) struct Shop {
    pub(crate) account: Account,
    pub(crate) queue: String,
    /// What the program is told beside where all that is.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// How a run ended, with all that it wrote.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

/// A definition of a service that runs an image.
pub(crate) fn definition(family: &str, image: &str) -> Value {
    json!({
        "family": family,
        "containerDefinitions": [
            {"name": "main", "image": image, "memory": 64, "essential": true}
        ],
    })
}

/// The same, whose container does something.
pub(crate) fn doing(family: &str, image: &str, command: &str) -> Value {
    let mut definition = definition(family, image);
    definition["containerDefinitions"][0]["command"] = json!(["sh", "-c", command]);
    definition
}

/// The last line of the log that is about the result.
pub(crate) fn result(run: &Run) -> Value {
    let lines = run.errors.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut results = lines.filter(|line| line["event"] == "deploy.result");
    results.next_back().unwrap_or_else(|| panic!("there is no result: {run:?}"))
}

impl Shop {
    pub(crate) fn open() -> Self {
        let shop = Self::on(Emulator::lean());
        shop.service("web", "acme/web:1");
        shop
    }

    /// An account without a service.
    pub(crate) fn on(emulator: &Emulator) -> Self {
        let account = emulator.account();
        let cluster = account.json("ecs", "CreateCluster", &json!({"clusterName": "default"}));
        assert_eq!(cluster.status, 200, "{}", cluster.body);
        let queue = account.json("sqs", "CreateQueue", &json!({"QueueName": "deploy"}));
        let queue = queue.json()["QueueUrl"].as_str().expect("a queue has an URL").to_owned();
        Self { account, queue, variables: Vec::new() }
    }

    /// Makes a service, and waits until it runs.
    pub(crate) fn service(&self, name: &str, image: &str) {
        self.service_of(name, &definition(name, image));
    }

    /// The same with a definition of its own.
    pub(crate) fn service_of(&self, name: &str, definition: &Value) {
        let made = self.account.json("ecs", "RegisterTaskDefinition", definition);
        assert_eq!(made.status, 200, "{}", made.body);
        let service = json!({
            "serviceName": name, "taskDefinition": name, "desiredCount": 1, "launchType": "EC2",
        });
        let made = self.account.json("ecs", "CreateService", &service);
        assert_eq!(made.status, 200, "{}", made.body);
        self.until(|| self.described(name)["deployments"][0]["rolloutState"] == "COMPLETED");
    }

    /// Puts a definition into the queue.
    pub(crate) fn send(&self, service: &str, body: &str) {
        let message = json!({
            "QueueUrl": self.queue, "MessageBody": body,
            "MessageAttributes": {"service": {"DataType": "String", "StringValue": service}},
        });
        let sent = self.account.json("sqs", "SendMessage", &message);
        assert_eq!(sent.status, 200, "{}", sent.body);
    }

    /// The URL of another queue, which is made.
    pub(crate) fn queue(&self, name: &str) -> String {
        let made = self.account.json("sqs", "CreateQueue", &json!({"QueueName": name}));
        made.json()["QueueUrl"].as_str().expect("a queue has an URL").to_owned()
    }

    /// Has the queue put away what was received so often, and gives the URL of where to.
    pub(crate) fn puts_away_after(&self, most: u32) -> String {
        let dead = self.queue("dead");
        let asked = json!({"QueueUrl": dead, "AttributeNames": ["QueueArn"]});
        let answer = self.account.json("sqs", "GetQueueAttributes", &asked).json();
        let arn = answer["Attributes"]["QueueArn"].clone();
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": most}).to_string();
        let attributes = json!({"QueueUrl": self.queue, "Attributes": {"RedrivePolicy": policy}});
        assert_eq!(self.account.json("sqs", "SetQueueAttributes", &attributes).status, 200);
        dead
    }

    /// How many messages are in a queue, those included that somebody works on.
    pub(crate) fn waiting(&self, queue: &str) -> usize {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let asked = json!({"QueueUrl": queue, "AttributeNames": names});
        let answer = self.account.json("sqs", "GetQueueAttributes", &asked).json();
        let number = |name: &str| {
            let text = answer["Attributes"][name].as_str().unwrap_or("0");
            text.parse::<usize>().expect("it is a number")
        };
        names.into_iter().map(number).sum()
    }

    pub(crate) fn described(&self, service: &str) -> Value {
        let asked = json!({"cluster": "default", "services": [service]});
        self.account.json("ecs", "DescribeServices", &asked).json()["services"][0].clone()
    }

    /// The image that a service is to run.
    pub(crate) fn image(&self, service: &str) -> String {
        let arn = self.described(service)["taskDefinition"].clone();
        let asked = json!({"taskDefinition": arn});
        let answer = self.account.json("ecs", "DescribeTaskDefinition", &asked).json();
        let image = &answer["taskDefinition"]["containerDefinitions"][0]["image"];
        image.as_str().unwrap_or_default().to_owned()
    }

    /// How many revisions of a family were made.
    pub(crate) fn revisions(&self, family: &str) -> usize {
        let asked = json!({"familyPrefix": family});
        let answer = self.account.json("ecs", "ListTaskDefinitions", &asked).json();
        answer["taskDefinitionArns"].as_array().map_or(0, Vec::len)
    }

    /// Gives the message back to whoever asks, as the queue itself does after a while.
    pub(crate) fn redeliver(&self) {
        self.account.redeliver();
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::from(self.command(arguments, &self.account).output().expect("the program runs"))
    }

    /// The same through a proxy.
    pub(crate) fn run_through(&self, proxy: &Proxy, arguments: &str) -> Run {
        let account = self.account.through(proxy);
        Run::from(self.command(arguments, &account).output().expect("the program runs"))
    }

    /// Begins to run the program. What it writes goes to a file, because a pipe that
    /// nobody reads would stop it.
    pub(crate) fn begin(&self, arguments: &str) -> Begun {
        let log = tempfile::tempfile().expect("there is space for a log");
        let mut command = self.command(arguments, &self.account);
        command.stdout(Stdio::null()).stderr(log.try_clone().expect("it is open"));
        Begun { child: command.spawn().expect("the program runs"), log }
    }

    /// Begins to run the program, which can read from somebody who says nothing.
    pub(crate) fn begin_reading(&self, arguments: &str) -> Begun {
        let log = tempfile::tempfile().expect("there is space for a log");
        let mut command = self.command(arguments, &self.account);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command.stderr(log.try_clone().expect("it is open"));
        Begun { child: command.spawn().expect("the program runs"), log }
    }

    /// Runs the program until it has made a call so often, and kills it at the next.
    pub(crate) fn kill_at(&self, call: &str, skip: usize, moment: Moment) -> Killed {
        let proxy = Proxy::before(&self.account);
        let (sender, receiver) = mpsc::channel();
        let rule = Rule::on(call).skip(skip).times(1);
        let rule = match moment {
            Moment::Before => rule.cut_before(),
            Moment::After => rule.cut_after(),
        };
        // The call is held until the program is dead, so that it never hears of it.
        let (dead, is_dead) = mpsc::channel::<()>();
        let is_dead = Mutex::new(is_dead);
        proxy.rule(rule.then(move |_| {
            let _ = sender.send(());
            let is_dead = is_dead.lock().expect("nobody panics with it");
            let _ = is_dead.recv_timeout(PATIENCE);
        }));
        let mut command = self.command("", &self.account.through(&proxy));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program runs");
        loop {
            if receiver.recv_timeout(GLANCE).is_ok() {
                child.kill().expect("it can be killed");
                child.wait().expect("it is dead");
                let _ = dead.send(());
                return Killed { came: true, updates: updates(&proxy) };
            }
            if child.try_wait().expect("it is our child").is_some() {
                return Killed { came: false, updates: updates(&proxy) };
            }
        }
    }

    fn command(&self, arguments: &str, account: &Account) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments.split_whitespace())
            .env_clear()
            .envs(account.environment())
            .env("SQS_URL", &self.queue)
            .env("SQS_WAIT_SECONDS", "1")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, is_so: impl Fn() -> bool) {
        let tries = PATIENCE.as_millis() / GLANCE.as_millis();
        for _ in 0..tries {
            if is_so() {
                return;
            }
            thread::sleep(GLANCE);
        }
        panic!("it never came: {:#}", self.described("web"));
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes text");
        Self {
            code: output.status.code(),
            output: text(output.stdout),
            errors: text(output.stderr),
        }
    }
}

/// A program that was to be killed.
pub(crate) struct Killed {
    /// Whether it came so far.
    pub(crate) came: bool,
    /// How often it had told a service to change.
    pub(crate) updates: usize,
}

/// How often a service was told to change, and was.
pub(crate) fn updates(proxy: &Proxy) -> usize {
    let calls = proxy.calls();
    calls.iter().filter(|it| it.name == "ECS.UpdateService" && it.status == Some(200)).count()
}

/// A program that runs.
pub(crate) struct Begun {
    child: Child,
    log: File,
}

impl Begun {
    /// Asks the program to stop, as ECS does, and says how it ended.
    pub(crate) fn terminate(self) -> Run {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("there is a shell");
        assert!(asked.success());
        self.wait()
    }

    /// Says how the program ended.
    pub(crate) fn wait(mut self) -> Run {
        let code = self.child.wait().expect("it is our child").code();
        let mut errors = String::new();
        self.log.rewind().expect("it is a file");
        self.log.read_to_string(&mut errors).expect("it writes text");
        Run { code, output: String::new(), errors }
    }
}
