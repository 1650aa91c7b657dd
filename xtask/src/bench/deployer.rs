//! What a deployment costs the deployer itself, as it is shipped in its image: before a
//! local AWS, so that what AWS takes is not in it.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::emulator::{Account, Emulator, Mode};
use testkit::proxy::Proxy;

use crate::clock::timed;
use crate::image::{self, Linking};
use crate::process::answers;
use crate::workspace::Workspace;

const DEPLOYMENTS: usize = 20;
const SERVICES: usize = 100;

/// Names the script of the first program of this kind, which is not ours to hand on.
const ORIGINAL: &str = "ECS_DEPLOYER_ORIGINAL";

/// Prints what is measured, beside what it may be.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let program = image::program(workspace, Linking::best(workspace)?)?;
    let emulator = Emulator::start(Mode::Lean)?;
    println!("\necs-deployer, as it is shipped\n{:<42} {:>12} {:>10}", "", "measured", "budget");
    let size = fs::metadata(&program)?.len();
    let certificates = image::certificates()?;
    row("size of the program", format!("{:.2} MB", size as f64 / 1e6), "7 MB");
    let shop = Shop::open(&program, certificates, emulator.account())?;
    let once = shop.deployments()?;
    row("calls of a deployment, but for looks", once.calls.to_string(), "5");
    row("CPU of a deployment", format!("{:.1} ms", once.cpu * 1e3), "15 ms");
    row("memory of a deployment", format!("{:.1} MB", once.memory / 1e6), "10 MB");
    row(
        "from its start to the first call",
        milliseconds(first_call(&program, certificates)?),
        "10 ms",
    );
    let (memory, stop) = Shop::open(&program, certificates, emulator.account())?.daemon()?;
    row(&format!("memory of a daemon with {SERVICES} services"), memory, "20 MB");
    row("from SIGTERM to its end", milliseconds(stop), "2000 ms");
    println!();
    if !answers("aws", "--version") {
        println!("what the original costs was left out: it takes the AWS CLI");
        return Ok(());
    }
    compare("the seven calls of the original, by the AWS CLI alone", shop.by_the_aws_cli()?, &once);
    match std::env::var_os(ORIGINAL) {
        Some(script) => {
            compare("the original's script", shop.by_the_original(Path::new(&script))?, &once);
        }
        None => println!(
            "the original's script was left out: {ORIGINAL} names the file `ecs-deployment` of \
             github.com/uqlibrary/docker-ecs-deployment"
        ),
    }
    Ok(())
}

/// Says what another program needs for a deployment, and how much more than ours that is.
fn compare(what: &str, (cpu, memory): (f64, f64), ours: &Cost) {
    println!(
        "{what}: {:.0} ms of CPU, {:.0} times as much; {:.1} MB, {:.1} times as much",
        cpu * 1e3,
        cpu / ours.cpu,
        memory / 1e6,
        memory / ours.memory
    );
}

fn row(what: &str, measured: String, budget: &str) {
    println!("{what:<42} {measured:>12} {budget:>10}");
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// What a deployment costs.
struct Cost {
    calls: usize,
    /// In seconds.
    cpu: f64,
    /// In bytes.
    memory: f64,
}

struct Shop {
    program: PathBuf,
    /// The one file of them that its image has.
    certificates: &'static str,
    account: Account,
    queue: String,
}

impl Shop {
    fn open(program: &Path, certificates: &'static str, account: Account) -> Result<Self> {
        account.json("ecs", "CreateCluster", &json!({"clusterName": "default"}));
        let queue = account.json("sqs", "CreateQueue", &json!({"QueueName": "deploy"})).json();
        let queue = queue["QueueUrl"].as_str().context("a queue has an URL")?.to_owned();
        Ok(Self { program: program.to_owned(), certificates, account, queue })
    }

    fn service(&self, name: &str) {
        self.account.json("ecs", "RegisterTaskDefinition", &definition(name, 1));
        let service = json!({
            "serviceName": name, "taskDefinition": name, "desiredCount": 1, "launchType": "EC2",
        });
        self.account.json("ecs", "CreateService", &service);
    }

    fn send(&self, service: &str, number: usize) {
        let message = json!({
            "QueueUrl": self.queue, "MessageBody": definition(service, number).to_string(),
            "MessageAttributes": {"service": {"DataType": "String", "StringValue": service}},
        });
        self.account.json("sqs", "SendMessage", &message);
    }

    fn command(&self, program: &str, account: &Account) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(account.environment()).env("SQS_URL", &self.queue);
        command.env("SSL_CERT_FILE", self.certificates);
        command.env("SQS_WAIT_SECONDS", "1").stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// One after the other, each with a message of its own. The service is older than
    /// what might be another's order.
    fn deployments(&self) -> Result<Cost> {
        self.service("web");
        thread::sleep(Duration::from_secs(11));
        self.send("web", 2);
        let proxy = Proxy::before(&self.account);
        let program = self.program.display().to_string();
        let mut first = self.command(&program, &self.account.through(&proxy));
        ensure!(first.stderr(Stdio::null()).status()?.success(), "the deployment failed");
        // The first look is at its own marks: whether they may be read.
        let looks =
            proxy.count("ECS.DescribeServices") - 1 + proxy.count("ECS.DescribeTaskDefinition");
        let calls = proxy.count("*") - looks;
        let (mut cpu, mut memory): (f64, f64) = (0.0, 0.0);
        for number in 0..DEPLOYMENTS {
            self.send("web", number + 3);
            let mut command = self.command("/usr/bin/time", &self.account);
            let (seconds, bytes) = measured(command.args(["-f", FORMAT, &program]))?;
            cpu += seconds;
            memory = memory.max(bytes);
        }
        // GNU time knows hundredths of a second: the sum of many tells more.
        Ok(Cost { calls, cpu: cpu / DEPLOYMENTS as f64, memory })
    }

    /// What the calls of the original cost in seconds and bytes, one process each: the least
    /// that its script can cost.
    fn by_the_aws_cli(&self) -> Result<(f64, f64)> {
        let body = definition("web", 1).to_string();
        let tasks = self.account.json("ecs", "ListTasks", &json!({"serviceName": "web"})).json();
        let task = tasks["taskArns"][0].as_str().context("the service has a task")?;
        self.send("web", 1);
        let message = self.account.json("sqs", "ReceiveMessage", &json!({"QueueUrl": self.queue}));
        let message = message.json();
        let receipt = message["Messages"][0]["ReceiptHandle"].as_str().context("it is there")?;
        let queue = self.queue.as_str();
        let calls: [&[&str]; 7] = [
            &["sqs", "receive-message", "--queue-url", queue],
            &["ecs", "describe-services", "--services", "web"],
            &["ecs", "register-task-definition", "--cli-input-json", &body],
            &["ecs", "update-service", "--service", "web", "--task-definition", "web"],
            &["sqs", "delete-message", "--queue-url", queue, "--receipt-handle", receipt],
            &["ecs", "list-tasks", "--service-name", "web"],
            &["ecs", "describe-tasks", "--tasks", task],
        ];
        let (mut cpu, mut memory): (f64, f64) = (0.0, 0.0);
        for call in calls {
            // Where Python and its modules are is in the environment.
            let mut command = Command::new("/usr/bin/time");
            command.envs(self.account.environment()).stdout(Stdio::null());
            command.args(["-f", FORMAT, "aws"]).args(self.options()).args(call);
            let (seconds, bytes) = measured(&mut command)?;
            cpu += seconds;
            memory = memory.max(bytes);
        }
        Ok((cpu, memory))
    }

    /// The same of the original's script, which writes files where it is called.
    fn by_the_original(&self, script: &Path) -> Result<(f64, f64)> {
        let folder = tempfile::tempdir()?;
        self.send("web", DEPLOYMENTS + 3);
        let mut command = Command::new("/usr/bin/time");
        command.args(["-f", FORMAT, "bash"]).arg(std::path::absolute(script)?);
        // What the AWS CLI is told elsewhere it is told here by one of its name.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = path.to_string_lossy();
        let told = self.options().join(" ");
        let shim = folder.path().join("aws");
        fs::write(&shim, format!("#!/bin/sh\nPATH='{path}' exec aws {told} \"$@\"\n"))?;
        fs::set_permissions(&shim, fs::Permissions::from_mode(0o755))?;
        command.envs(self.account.environment()).env("SQS_URL", &self.queue);
        // It tells Slack, whether or not there is one.
        let curl = folder.path().join("curl");
        fs::write(&curl, "#!/bin/sh\n")?;
        fs::set_permissions(&curl, fs::Permissions::from_mode(0o755))?;
        command.env("PATH", format!("{}:{path}", folder.path().display()));
        measured(command.current_dir(folder.path()).stdout(Stdio::null()))
    }

    /// The first version of the AWS CLI knows neither of them from the environment.
    fn options(&self) -> Vec<String> {
        let environment = self.account.environment();
        let options = [("AWS_REGION", "--region"), ("AWS_ENDPOINT_URL", "--endpoint-url")];
        let options = options.into_iter().filter_map(|(name, option)| {
            let (_, value) = environment.iter().find(|(known, _)| known == name)?;
            Some([option.to_owned(), value.clone()])
        });
        options.flatten().collect()
    }

    /// The most memory of a daemon, and how long it takes to stop.
    fn daemon(&self) -> Result<(String, Duration)> {
        let names: Vec<String> = (0..SERVICES).map(|number| format!("s{number:03}")).collect();
        for name in &names {
            self.service(name);
            self.send(name, 2);
        }
        let program = self.program.display().to_string();
        let mut command = self.command(&program, &self.account);
        command.arg("--daemon").env("ECS_CONCURRENCY", SERVICES.to_string()).stderr(Stdio::null());
        let mut daemon = command.spawn()?;
        let last = names.last().context("there are services")?;
        for _ in 0..600 {
            thread::sleep(Duration::from_millis(100));
            if self.waiting() == 0 {
                break;
            }
        }
        ensure!(self.waiting() == 0, "{last} and others were not deployed in time");
        let memory = peak(&daemon)?;
        let stop = timed(|| stop(&mut daemon));
        stop.0?;
        Ok((memory, stop.1))
    }

    fn waiting(&self) -> usize {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let asked = json!({"QueueUrl": self.queue, "AttributeNames": names});
        let answer = self.account.json("sqs", "GetQueueAttributes", &asked).json();
        let number = |name| answer["Attributes"][name].as_str().and_then(|it| it.parse().ok());
        names.into_iter().map(|name| number(name).unwrap_or(0)).sum()
    }
}

fn definition(family: &str, number: usize) -> Value {
    let image = format!("acme/web:{number}");
    json!({
        "family": family,
        "containerDefinitions": [{"name": "main", "image": image, "memory": 64}],
        // The original wants them.
        "volumes": [],
    })
}

/// What GNU time is asked for.
const FORMAT: &str = "%U %S %M";

/// The seconds and the bytes that a run took, of which GNU time writes the last line.
fn measured(command: &mut Command) -> Result<(f64, f64)> {
    let output = command.output().context("GNU time is needed (Debian: time)")?;
    let text = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "what was to be measured failed: {text}");
    let line = text.lines().last().context("GNU time says nothing")?;
    let numbers: Vec<f64> = line.split(' ').filter_map(|it| it.parse().ok()).collect();
    let [user, system, kibibytes] = numbers[..] else { anyhow::bail!("it says: {line}") };
    Ok((user + system, kibibytes * 1024.0))
}

/// What Linux says of a process.
#[expect(clippy::disallowed_methods, reason = "no project is read here")]
fn peak(child: &Child) -> Result<String> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|it| it.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    let kibibytes = kibibytes.context("Linux says how much memory a process has had")?;
    Ok(format!("{:.1} MB", kibibytes * 1024.0 / 1e6))
}

fn stop(child: &mut Child) -> Result<()> {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
    child.wait()?;
    Ok(())
}

/// How long it takes until somebody is asked for something; the shortest of many.
fn first_call(program: &Path, certificates: &str) -> Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let mut shortest = Duration::MAX;
    for _ in 0..DEPLOYMENTS {
        let mut command = Command::new(program);
        command.env_clear().env("SSL_CERT_FILE", certificates);
        command.env("AWS_ENDPOINT_URL", &endpoint).env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "x");
        command.env("SQS_URL", format!("{endpoint}/111122223333/deploy"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let (begun, time) = timed(|| -> Result<Child> {
            let child = command.spawn()?;
            let (mut stream, _) = listener.accept()?;
            stream.read_exact(&mut [0])?;
            Ok(child)
        });
        let mut child = begun?;
        child.kill()?;
        child.wait()?;
        shortest = shortest.min(time);
    }
    Ok(shortest)
}
