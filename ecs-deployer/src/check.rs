//! Finds out, before the first message comes, whether all that is needed is there and
//! allowed. Changes nothing, and takes no message.

use std::fmt;

use ecs_apply::rollout::{Cloud, Site, Which, family_of, service_name};
use ecs_apply::{AwsError, ServiceName};

use crate::exit::Exit;
use crate::queue::Queue;
use crate::settings::Settings;

/// What cannot be tried without changing something.
const UNTRIED: &str = "sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility, \
                       ecs:RegisterTaskDefinition, ecs:UpdateService, ecs:TagResource, \
                       iam:PassRole";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Line by line.
    pub findings: Vec<Finding>,
    /// How the program ends.
    pub exit: Exit,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub state: State,
    /// What was looked at.
    pub what: String,
    /// What is so.
    pub text: String,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Good,
    /// It is not, and the program works all the same.
    Weak,
    /// It is not.
    Bad,
    /// Nobody knows.
    Untried,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, what, text } = self;
        let state = match state {
            State::Good => "ok",
            State::Weak => "weak",
            State::Bad => "BAD",
            State::Untried => "untried",
        };
        write!(f, "{state:<8}{what}: {text}")
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|it| writeln!(f, "{it}"))
    }
}

impl Checked {
    fn add(&mut self, state: State, what: &str, text: impl Into<String>) {
        self.findings.push(Finding { state, what: what.to_owned(), text: text.into() });
    }

    fn bad(&mut self, what: &str, text: impl Into<String>, exit: Exit) {
        self.add(State::Bad, what, text);
        // The first says how it ends.
        if self.exit == Exit::Done {
            self.exit = exit;
        }
    }

    /// A call without which nothing goes.
    fn needs(&mut self, what: &str, error: &AwsError) {
        self.bad(what, told(error), error.into());
    }

    /// A call without which something is missing.
    fn wants<T>(&mut self, what: &str, answer: &Result<T, AwsError>, without: &str) {
        match answer {
            Ok(_) => self.add(State::Good, what, "allowed"),
            Err(error) if error.is_denied() => {
                self.add(State::Weak, what, format!("not allowed; without it, {without}"));
            }
            Err(error) => self.needs(what, error),
        }
    }
}

fn told(error: &AwsError) -> String {
    let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{error}{help}")
}

/// Looks at the queue, at others by the variables that name them, at the cluster and at
/// these services.
pub async fn check<Q: Queue, C: Cloud>(
    services: &[String],
    settings: &Settings,
    (queue, others): (&Q, &[(&str, Q)]),
    cloud: &C,
) -> Checked {
    let mut checked = Checked { findings: Vec::new(), exit: Exit::Done };
    look_at_queue(queue, settings, &mut checked).await;
    for (name, other) in others {
        look_at_other(name, other, &mut checked).await;
    }
    if services.is_empty() {
        look_at_cluster(settings, cloud, &mut checked).await;
    }
    for text in services {
        match service_name(text, &settings.cluster) {
            Some(name) => look_at_service(&name, cloud, &mut checked).await,
            None => {
                let cluster = &settings.cluster;
                let what = format!("service {text:?}");
                let told = format!("it is no name or ARN of a service in {cluster}");
                checked.bad(&what, told, Exit::Usage);
            }
        }
    }
    checked.add(State::Untried, UNTRIED, "they change something");
    checked
}

async fn look_at_queue<Q: Queue>(queue: &Q, settings: &Settings, checked: &mut Checked) {
    const WHAT: &str = "sqs:GetQueueAttributes";
    let answer = queue.about().await;
    checked.wants(WHAT, &answer, "it is not known what becomes of messages that fail");
    let Ok(about) = answer else { return };
    let waiting = about.waiting;
    checked.add(State::Good, "the queue", format!("about {waiting} messages wait"));
    match (about.max_receives, &settings.dead_letters) {
        (None, None) => checked.add(
            State::Weak,
            "the queue",
            format!(
                "it puts no message away; one that cannot be used is removed after {} receives. \
                 Give it a dead-letter queue, or set DEADLETTER_URL",
                settings.max_receives
            ),
        ),
        (Some(1), _) => checked.add(
            State::Weak,
            "the queue",
            "it puts a message away that was received once, so that a deployer that is stopped \
             loses its order; set maxReceiveCount to 5",
        ),
        (None, Some(_)) | (Some(_), _) => {}
    }
}

/// Whether something can be sent there is not tried, and neither is taking something
/// away; but one that is not there is known.
async fn look_at_other<Q: Queue>(name: &str, queue: &Q, checked: &mut Checked) {
    match queue.about().await {
        Ok(_) => checked.add(State::Good, name, "the queue is there"),
        Err(error) if error.is_permanent() => checked.bad(name, told(&error), Exit::Usage),
        Err(error) => {
            let text = format!("whether it is there is not known: {}", told(&error));
            checked.add(State::Weak, name, text);
        }
    }
}

/// Asks for a service that is not there, which is answered if one may ask at all.
async fn look_at_cluster<C: Cloud>(settings: &Settings, cloud: &C, checked: &mut Checked) {
    let cluster = settings.cluster.clone();
    let nobody = ServiceName { cluster, service: "ecs-deployer-check".to_owned() };
    if found(&nobody, cloud.site(&nobody).await, checked).is_some() {
        return;
    }
    if checked.exit == Exit::Done {
        checked.add(State::Good, "ecs:DescribeServices", "allowed");
        checked.add(State::Untried, "other calls of ECS", "name a service with --service");
    }
}

fn found(
    name: &ServiceName,
    answer: Result<Option<Site>, AwsError>,
    checked: &mut Checked,
) -> Option<Site> {
    match answer {
        Ok(site) => site,
        Err(error) if error.code() == Some("ClusterNotFoundException") => {
            let text = "there is none of this name; check ECS_CLUSTER and the region";
            checked.bad(&format!("cluster {}", name.cluster), text, Exit::NoTarget);
            None
        }
        Err(error) => {
            checked.needs("ecs:DescribeServices", &error);
            None
        }
    }
}

async fn look_at_service<C: Cloud>(name: &ServiceName, cloud: &C, checked: &mut Checked) {
    let what = format!("service {name}");
    let before = checked.findings.len();
    let Some(site) = found(name, cloud.site(name).await, checked) else {
        if checked.findings.len() == before {
            let text = "there is none of this name; check ECS_CLUSTER and the region";
            checked.bad(&what, text, Exit::NoTarget);
        }
        return;
    };
    checked.add(State::Good, "ecs:DescribeServices", "allowed");
    match (&*site.service.status, &*site.controller) {
        ("ACTIVE", "ECS") => checked.add(State::Good, &what, "it can be deployed to"),
        ("ACTIVE", other) => {
            let text = format!("revisions come to it by {other}, not by ECS");
            checked.bad(&what, text, Exit::NoTarget);
        }
        (status, _) => checked.bad(&what, format!("it is {status}"), Exit::NoTarget),
    }
    look_at_calls(name, &site, cloud, checked).await;
}

async fn look_at_calls<C: Cloud>(
    name: &ServiceName,
    site: &Site,
    cloud: &C,
    checked: &mut Checked,
) {
    let runs = &site.service.task_definition;
    checked.wants(
        "ecs:DescribeTaskDefinition",
        &cloud.revision(runs).await,
        "a message that comes twice is deployed twice",
    );
    checked.wants(
        "ecs:ListTaskDefinitions",
        &cloud.newest_revisions(family_of(runs), 1).await,
        "an order that was interrupted makes a second revision",
    );
    checked.wants(
        "ecs:ListTasks, ecs:DescribeTasks",
        &cloud.tasks(name, "", Which::Stopped).await,
        "nobody is told why tasks stop",
    );
    checked.wants(
        "ecs:ListServiceDeployments, ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions",
        &cloud.course(name, runs, None).await,
        "bake time, pauses and alarms are not seen, and ECS is not asked to go back itself",
    );
}
