//! What the deployer has to be allowed, as policies of IAM.

mod arn;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::arn::Arn;
use crate::args::Iam;
use crate::settings::Problem;

/// What whoever runs the deployer is to be allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Policies {
    /// What the original was allowed: enough, with less safety.
    pub minimum: Value,
    /// What is better.
    pub recommended: Value,
    /// What whoever runs `watch` or `send` is to be allowed, if that is asked.
    pub other: Option<Value>,
}

impl Policies {
    /// What is to be printed: both, or the one that was asked for, as IAM takes it.
    pub fn text(&self, args: &Iam) -> String {
        let Self { minimum, recommended, other } = self;
        let both = json!({ "minimum": minimum, "recommended": recommended });
        let wanted = match (other, args.minimum, args.recommended) {
            (Some(other), _, _) => other,
            (None, true, _) => minimum,
            (None, false, true) => recommended,
            (None, false, false) => &both,
        };
        format!("{wanted:#}\n")
    }
}

/// What policies are about.
struct Scope {
    queue: Arn,
    services: Vec<Arn>,
    roles: Vec<Arn>,
    send_to: Vec<Arn>,
    topics: Vec<Arn>,
    events: Vec<Arn>,
    assumed: Vec<Arn>,
    /// What `watch` runs.
    deployer: Option<Arn>,
    keep_revisions: bool,
    pre_task: bool,
}

/// Writes both policies.
///
/// # Errors
///
/// All ARNs that are none, or of something else.
pub fn policies(args: &Iam) -> Result<Policies, Vec<Problem>> {
    let scope = scope(args)?;
    Ok(Policies {
        minimum: minimum(&scope.queue),
        recommended: recommended(&scope),
        other: match &scope.deployer {
            Some(deployer) => Some(watch(&scope, deployer)),
            None => args.sender.then(|| send(&scope)),
        },
    })
}

fn scope(args: &Iam) -> Result<Scope, Vec<Problem>> {
    let mut problems = Vec::new();
    let queues = arn::all("--queue", std::slice::from_ref(&args.queue), "sqs", &mut problems);
    let services = arn::all("--service", &args.service, "ecs", &mut problems);
    let roles = arn::all("--pass-role", &args.pass_role, "iam", &mut problems);
    let send_to = arn::all("--send-to", &args.send_to, "sqs", &mut problems);
    let topics = arn::all("--topic", &args.topic, "sns", &mut problems);
    let events = arn::all("--events", &args.events, "sqs", &mut problems);
    let assumed = arn::all("--assume-role", &args.assume_role, "iam", &mut problems);
    let deployer = arn::all("--watch", args.watch.as_slice(), "task-definition", &mut problems);
    let (true, Some(queue)) = (problems.is_empty(), queues.into_iter().next()) else {
        return Err(problems);
    };
    let Iam { keep_revisions, pre_task, .. } = *args;
    let deployer = deployer.into_iter().next();
    Ok(Scope {
        queue,
        services,
        roles,
        send_to,
        topics,
        events,
        assumed,
        deployer,
        keep_revisions,
        pre_task,
    })
}

/// What the original asks for, word for word but for the names of statements.
fn minimum(queue: &Arn) -> Value {
    policy(vec![
        statement("Queue", &["sqs:DeleteMessage", "sqs:ReceiveMessage"], vec![queue.to_string()]),
        statement(
            "Deploy",
            &[
                "ecs:DescribeServices",
                "ecs:DescribeTasks",
                "ecs:ListTasks",
                "ecs:RegisterTaskDefinition",
                "ecs:UpdateService",
            ],
            everything(),
        ),
    ])
}

fn recommended(scope: &Scope) -> Value {
    let mut statements = vec![
        statement(
            "Queue",
            &[
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            vec![scope.queue.to_string()],
        ),
        statement(
            "Services",
            &["ecs:DescribeServices", "ecs:ListServiceDeployments", "ecs:UpdateService"],
            scope.of_services("service"),
        ),
        statement(
            "Deployments",
            &["ecs:DescribeServiceDeployments", "ecs:StopServiceDeployment"],
            scope.of_services("service-deployment"),
        ),
        statement(
            "Revisions",
            &["ecs:DescribeServiceRevisions"],
            scope.of_services("service-revision"),
        ),
        scope.in_clusters(statement(
            "Tasks",
            &["ecs:DescribeTasks", "ecs:ListTasks"],
            everything(),
        )),
        statement("Definitions", &scope.about_definitions(), everything()),
        conditioned(
            statement("Marks", &["ecs:TagResource"], vec![scope.definitions()]),
            json!({ "StringEquals": { "ecs:CreateAction": "RegisterTaskDefinition" } }),
        ),
    ];
    if scope.pre_task {
        let run = statement("PreTask", &["ecs:RunTask"], vec![scope.definitions()]);
        statements.push(scope.in_clusters(run));
    }
    statements.extend(scope.passing());
    if !scope.send_to.is_empty() {
        statements.push(statement("Tell", &["sqs:SendMessage"], texts(&scope.send_to)));
    }
    if !scope.topics.is_empty() {
        statements.push(statement("Topics", &["sns:Publish"], texts(&scope.topics)));
    }
    if !scope.events.is_empty() {
        let actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        statements.push(statement("Events", &actions, texts(&scope.events)));
    }
    if !scope.assumed.is_empty() {
        statements.push(statement("Assume", &["sts:AssumeRole"], texts(&scope.assumed)));
    }
    policy(statements)
}

/// What it takes to look into the queue and to run deployers. ECS lists tasks of a family
/// only as all of a cluster's.
fn watch(scope: &Scope, deployer: &Arn) -> Value {
    let mut statements = vec![
        statement("Queue", &["sqs:GetQueueAttributes"], vec![scope.queue.to_string()]),
        statement("Look", &["ecs:ListTasks"], everything()),
        statement("Run", &["ecs:RunTask"], vec![all_of_family(deployer)]),
    ];
    statements.extend(scope.passing());
    policy(statements)
}

/// What it takes to put orders into the queue, and to wait for their results.
fn send(scope: &Scope) -> Value {
    let actions = ["sqs:GetQueueAttributes", "sqs:SendMessage"];
    let mut statements = vec![statement("Queue", &actions, vec![scope.queue.to_string()])];
    if !scope.send_to.is_empty() {
        let actions = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"];
        statements.push(statement("Results", &actions, texts(&scope.send_to)));
    }
    policy(statements)
}

/// All revisions: the newest is what runs.
fn all_of_family(definition: &Arn) -> String {
    let Arn { partition, region, account, resource, .. } = definition;
    let family = resource.split_once(':').map_or(resource.as_str(), |(family, _)| family);
    format!("arn:{partition}:ecs:{region}:{account}:{family}:*")
}

impl Scope {
    /// Whose region and account the services have; those of the queue, if none is named.
    fn place(&self) -> &Arn {
        self.services.first().unwrap_or(&self.queue)
    }

    /// All services that are named, or what belongs to them.
    fn of_services(&self, kind: &str) -> Vec<String> {
        if self.services.is_empty() {
            let Arn { partition, region, account, .. } = &self.queue;
            return vec![format!("arn:{partition}:ecs:{region}:{account}:{kind}/*")];
        }
        let suffix = if kind == "service" { "" } else { "/*" };
        let one = |it: &Arn| {
            let name = it.resource.trim_start_matches("service/");
            let Arn { partition, region, account, .. } = it;
            format!("arn:{partition}:ecs:{region}:{account}:{kind}/{name}{suffix}")
        };
        self.services.iter().map(one).collect()
    }

    fn definitions(&self) -> String {
        let Arn { partition, region, account, .. } = self.place();
        format!("arn:{partition}:ecs:{region}:{account}:task-definition/*")
    }

    /// IAM knows no smaller resource for these.
    fn about_definitions(&self) -> Vec<&'static str> {
        let mut actions = vec!["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"];
        if self.keep_revisions {
            actions.insert(0, "ecs:DeregisterTaskDefinition");
        }
        actions.push("ecs:RegisterTaskDefinition");
        actions
    }

    /// To give tasks their roles.
    fn passing(&self) -> Option<Value> {
        (!self.roles.is_empty()).then(|| {
            conditioned(
                statement("Roles", &["iam:PassRole"], texts(&self.roles)),
                json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }),
            )
        })
    }

    /// Only in the clusters of services that are named.
    fn in_clusters(&self, statement: Value) -> Value {
        let cluster = |it: &Arn| {
            let path = it.resource.trim_start_matches("service/");
            let (cluster, _) = path.split_once('/')?;
            let Arn { partition, region, account, .. } = it;
            Some(format!("arn:{partition}:ecs:{region}:{account}:cluster/{cluster}"))
        };
        let clusters: BTreeSet<String> = self.services.iter().filter_map(cluster).collect();
        if clusters.is_empty() {
            return statement;
        }
        conditioned(statement, json!({ "ArnEquals": { "ecs:cluster": clusters } }))
    }
}

fn policy(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn statement(name: &str, actions: &[&str], resources: Vec<String>) -> Value {
    json!({ "Sid": name, "Effect": "Allow", "Action": actions, "Resource": resources })
}

fn conditioned(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

fn texts(arns: &[Arn]) -> Vec<String> {
    arns.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:orders";

    fn args() -> Iam {
        Iam {
            queue: QUEUE.to_owned(),
            service: Vec::new(),
            pass_role: Vec::new(),
            send_to: Vec::new(),
            topic: Vec::new(),
            events: Vec::new(),
            assume_role: Vec::new(),
            watch: None,
            sender: false,
            keep_revisions: false,
            pre_task: false,
            minimum: false,
            recommended: false,
        }
    }

    fn actions(policy: &Value) -> BTreeSet<String> {
        let statements = policy["Statement"].as_array().unwrap();
        let actions = statements.iter().flat_map(|it| it["Action"].as_array().unwrap());
        actions.map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_minimum_is_what_the_original_was_allowed() {
        let minimum = policies(&args()).unwrap().minimum;
        let expected = [
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "ecs:RegisterTaskDefinition",
            "ecs:UpdateService",
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
        ];
        assert_eq!(actions(&minimum).iter().collect::<Vec<_>>(), expected);
        assert_eq!(minimum["Statement"][0]["Resource"][0], QUEUE);
    }

    #[test]
    fn the_recommended_policy_allows_the_minimum_too() {
        let Policies { minimum, recommended, .. } = policies(&args()).unwrap();
        assert!(actions(&recommended).is_superset(&actions(&minimum)));
    }

    #[test]
    fn all_that_is_named_is_all_that_is_allowed() {
        let full = Iam {
            service: vec!["arn:aws:ecs:eu-west-1:111122223333:service/shop/web".to_owned()],
            pass_role: vec!["arn:aws:iam::111122223333:role/web-task".to_owned()],
            send_to: vec!["arn:aws:sqs:eu-west-1:111122223333:dead".to_owned()],
            topic: vec!["arn:aws:sns:eu-west-1:111122223333:told".to_owned()],
            events: vec!["arn:aws:sqs:eu-west-1:111122223333:events".to_owned()],
            assume_role: vec!["arn:aws:iam::444455556666:role/deployer".to_owned()],
            keep_revisions: true,
            pre_task: true,
            ..args()
        };
        let recommended = policies(&full).unwrap().recommended;
        insta::assert_snapshot!(serde_json::to_string_pretty(&recommended).unwrap());
    }

    #[test]
    fn who_starts_deployers_may_do_no_more() {
        let definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/ecs-deployer:7";
        let watching = Iam {
            pass_role: vec!["arn:aws:iam::111122223333:role/deployer".to_owned()],
            watch: Some(definition.to_owned()),
            ..args()
        };
        let text = policies(&watching).unwrap().text(&watching);
        let policy: Value = serde_json::from_str(&text).unwrap();
        let expected = ["ecs:ListTasks", "ecs:RunTask", "iam:PassRole", "sqs:GetQueueAttributes"];
        assert_eq!(actions(&policy).iter().collect::<Vec<_>>(), expected);
        let of_run = policy["Statement"].as_array().unwrap().iter().find(|it| it["Sid"] == "Run");
        let family = "arn:aws:ecs:eu-west-1:111122223333:task-definition/ecs-deployer:*";
        assert_eq!(of_run.unwrap()["Resource"][0], family);
        let wrong = Iam { watch: Some("ecs-deployer".to_owned()), ..args() };
        assert_eq!(policies(&wrong).unwrap_err().len(), 1);
    }

    #[test]
    fn who_sends_may_do_no_more() {
        let results = vec!["arn:aws:sqs:eu-west-1:111122223333:results".to_owned()];
        let sending = Iam { sender: true, send_to: results.clone(), ..args() };
        let policy: Value =
            serde_json::from_str(&policies(&sending).unwrap().text(&sending)).unwrap();
        assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(2));
        assert_eq!(policy["Statement"][0]["Resource"][0], QUEUE);
        assert!(actions(&policy).contains("sqs:SendMessage"));
        assert_eq!(policy["Statement"][1]["Resource"][0], results[0]);
    }

    /// Every call of AWS names its permission, for whoever lacks it.
    fn asked(source: &str) -> BTreeSet<String> {
        let texts = source.split('"').skip(1).step_by(2);
        let is_action = |text: &&str| {
            let (service, name) = text.split_once(':').unwrap_or_default();
            ["ecs", "sqs", "iam", "sts", "sns"].contains(&service)
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        texts.filter(is_action).map(str::to_owned).collect()
    }

    #[test]
    fn whatever_the_engine_asks_of_aws_is_allowed() {
        let engine = [
            include_str!("../../ecs-apply/src/aws/rollout.rs"),
            include_str!("../../ecs-apply/src/aws/rollout/body.rs"),
            include_str!("../../ecs-apply/src/aws/rollout/course.rs"),
            include_str!("../../ecs-apply/src/aws/courier.rs"),
            include_str!("sqs.rs"),
        ];
        let named = |text: &str| vec![text.to_owned()];
        let full = Iam {
            send_to: named("arn:aws:sqs:eu-west-1:111122223333:dead"),
            topic: named("arn:aws:sns:eu-west-1:111122223333:told"),
            keep_revisions: true,
            pre_task: true,
            ..args()
        };
        let allowed = actions(&policies(&full).unwrap().recommended);
        let asked: BTreeSet<String> = engine.into_iter().flat_map(asked).collect();
        assert!(asked.len() > 15, "{asked:?}");
        let missing: Vec<_> = asked.difference(&allowed).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn one_policy_alone_is_what_iam_takes() {
        let policies = policies(&args()).unwrap();
        let printed = |minimum, recommended| -> Value {
            let args = Iam { minimum, recommended, ..args() };
            serde_json::from_str(&policies.text(&args)).unwrap()
        };
        assert_eq!(printed(true, false), policies.minimum);
        assert_eq!(printed(false, true), policies.recommended);
        assert_eq!(printed(false, false)["minimum"], policies.minimum);
    }

    #[test]
    fn statements_have_names_that_iam_takes() {
        for policy in [policies(&args()).unwrap().minimum, policies(&args()).unwrap().recommended] {
            let statements = policy["Statement"].as_array().unwrap().clone();
            let names: BTreeSet<&str> =
                statements.iter().map(|it| it["Sid"].as_str().unwrap()).collect();
            assert_eq!(names.len(), statements.len());
            assert!(names.iter().all(|it| it.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        }
    }

    #[test]
    fn every_arn_that_is_none_is_told_at_once() {
        let wrong = Iam {
            queue: "https://sqs.eu-west-1.amazonaws.com/111122223333/orders".to_owned(),
            service: vec!["web".to_owned(), "arn:aws:ecs:eu-west-1:1:cluster/shop".to_owned()],
            ..args()
        };
        let problems = policies(&wrong).unwrap_err();
        let told: Vec<String> = problems.iter().map(|it| format!("{it}\n")).collect();
        insta::assert_snapshot!(told.concat());
    }
}
