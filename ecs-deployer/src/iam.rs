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
}

impl Policies {
    /// What is to be printed: both, or the one that was asked for, as IAM takes it.
    pub fn text(&self, args: &Iam) -> String {
        let Self { minimum, recommended } = self;
        let both = json!({ "minimum": minimum, "recommended": recommended });
        let wanted = match (args.minimum, args.recommended) {
            (true, _) => minimum,
            (false, true) => recommended,
            (false, false) => &both,
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
    Ok(Policies { minimum: minimum(&scope.queue), recommended: recommended(&scope) })
}

fn scope(args: &Iam) -> Result<Scope, Vec<Problem>> {
    let mut problems = Vec::new();
    let queues = arn::all("--queue", std::slice::from_ref(&args.queue), "sqs", &mut problems);
    let services = arn::all("--service", &args.service, "ecs", &mut problems);
    let roles = arn::all("--pass-role", &args.pass_role, "iam", &mut problems);
    let send_to = arn::all("--send-to", &args.send_to, "sqs", &mut problems);
    let topics = arn::all("--topic", &args.topic, "sns", &mut problems);
    let (true, Some(queue)) = (problems.is_empty(), queues.into_iter().next()) else {
        return Err(problems);
    };
    let Iam { keep_revisions, pre_task, .. } = *args;
    Ok(Scope { queue, services, roles, send_to, topics, keep_revisions, pre_task })
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
    if !scope.roles.is_empty() {
        statements.push(conditioned(
            statement("Roles", &["iam:PassRole"], texts(&scope.roles)),
            json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }),
        ));
    }
    if !scope.send_to.is_empty() {
        statements.push(statement("Tell", &["sqs:SendMessage"], texts(&scope.send_to)));
    }
    if !scope.topics.is_empty() {
        statements.push(statement("Topics", &["sns:Publish"], texts(&scope.topics)));
    }
    policy(statements)
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
        let Policies { minimum, recommended } = policies(&args()).unwrap();
        assert!(actions(&recommended).is_superset(&actions(&minimum)));
    }

    #[test]
    fn all_that_is_named_is_all_that_is_allowed() {
        let full = Iam {
            service: vec!["arn:aws:ecs:eu-west-1:111122223333:service/shop/web".to_owned()],
            pass_role: vec!["arn:aws:iam::111122223333:role/web-task".to_owned()],
            send_to: vec!["arn:aws:sqs:eu-west-1:111122223333:dead".to_owned()],
            topic: vec!["arn:aws:sns:eu-west-1:111122223333:told".to_owned()],
            keep_revisions: true,
            pre_task: true,
            ..args()
        };
        let recommended = policies(&full).unwrap().recommended;
        insta::assert_snapshot!(serde_json::to_string_pretty(&recommended).unwrap());
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
