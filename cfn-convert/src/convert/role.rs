//! Who a task is to AWS: while ECS starts it, and while it runs.

use ecs_validate::{EcsProject, Service};
use serde::Serialize;

use super::needs::{Access, Needs};
use super::policy::{Document, Statement};
use super::shared::Names;
use super::tags::{Tags, service_tags};
use crate::template::{Data, Resource, Stack};
use crate::value::{Att, Pseudo, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Role<'a> {
    pub(crate) assume_role_policy_document: Document,
    pub(crate) managed_policy_arns: Vec<Value<String>>,
    pub(crate) path: Option<&'a str>,
    pub(crate) permissions_boundary: Option<&'a str>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) tags: Tags,
}

/// A policy that belongs to one role.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    policy_document: Document,
    policy_name: String,
}

impl Resource for Role<'_> {
    const TYPE: &'static str = "AWS::IAM::Role";
}

impl Role<'_> {
    /// What task definitions name.
    pub(crate) const ARN: Att<Self> = Att::new("Arn");
}

/// As whom ECS starts a task: it reads what the task's containers are made of, and
/// nothing else.
pub(crate) fn execution_role(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    service: &Service,
    needs: &Needs,
) -> Value<String> {
    let policies =
        policy(format!("{}Execution", names.services.part(&service.name)), statements(needs));
    let role = task_role_with(project, service, Vec::new(), policies);
    stack.add(names.services.id(&service.name, "TaskExecutionRole"), &role).get(Role::ARN)
}

fn policy(policy_name: String, statements: Vec<Statement>) -> Vec<Policy> {
    if statements.is_empty() {
        return Vec::new();
    }
    vec![Policy { policy_document: Document::of(statements), policy_name }]
}

fn statements(needs: &Needs) -> Vec<Statement> {
    let Needs { log_groups, new_log_groups, secrets, parameters, repositories, volumes: _ } = needs;
    let registry = if repositories.is_empty() { &[][..] } else { &["*".into()] };
    let wanted: [(&[&'static str], &[Value<String>]); 6] = [
        (&["logs:CreateLogStream", "logs:PutLogEvents"], log_groups),
        (&["logs:CreateLogGroup"], new_log_groups),
        (&["secretsmanager:GetSecretValue"], secrets),
        (&["ssm:GetParameters"], parameters),
        // The token is for the whole registry: AWS knows no smaller permission.
        (&["ecr:GetAuthorizationToken"], registry),
        (
            &["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            repositories,
        ),
    ];
    let needed = wanted.into_iter().filter(|(_, resources)| !resources.is_empty());
    needed.map(|(actions, on)| Statement::allow(actions.to_vec(), on.to_vec())).collect()
}

/// As whom a task runs, if it has any business with AWS.
pub(crate) fn task_role(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    service: &Service,
    needs: &Needs,
) -> Option<Value<String>> {
    let part = names.services.part(&service.name);
    let mut policies = policy(format!("{part}VolumeMountPolicy"), mounts(needs));
    if let Some(document) = &service.permissions.policy {
        policies.push(Policy {
            policy_document: Document::Theirs(Data::from(document)),
            policy_name: format!("{part}Policy"),
        });
    }
    let managed = &service.permissions.managed_policies;
    if policies.is_empty() && managed.is_empty() {
        return None;
    }
    let managed = managed.iter().map(|arn| arn.clone().into()).collect();
    let role = task_role_with(project, service, managed, policies);
    Some(stack.add(names.services.id(&service.name, "TaskRole"), &role).get(Role::ARN))
}

fn mounts(needs: &Needs) -> Vec<Statement> {
    needs.volumes.iter().map(mount).collect()
}

fn mount(Access { file_system, access_point, write }: &Access) -> Statement {
    let mut actions = vec!["elasticfilesystem:ClientMount"];
    if *write {
        actions.push("elasticfilesystem:ClientWrite");
    }
    actions.push("elasticfilesystem:ClientRootAccess");
    Statement::allow(actions, vec![file_system.clone()]).through(access_point.clone())
}

fn task_role_with<'a>(
    project: &'a EcsProject,
    service: &Service,
    managed_policy_arns: Vec<Value<String>>,
    policies: Vec<Policy>,
) -> Role<'a> {
    Role {
        assume_role_policy_document: Document::trust("ecs-tasks.amazonaws.com"),
        managed_policy_arns,
        path: project.roles.path.as_deref(),
        permissions_boundary: project.roles.permissions_boundary.as_deref(),
        policies,
        tags: service_tags(&project.name, &service.name),
    }
}

/// The ARN of a policy that AWS itself keeps.
pub(crate) fn aws_policy(name: &str) -> Value<String> {
    Value::from(name).behind(vec![
        "arn:".into(),
        Pseudo::Partition.into(),
        ":iam::aws:policy/".into(),
    ])
}
