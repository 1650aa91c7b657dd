//! What a change would lose.

use serde_json::Value as Json;

use crate::plan::{Action, Observed, Step, is_retained, resource, secret, volume};
use crate::stack::StackResource;

/// Something that a change would lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// What kind of thing.
    pub kind: RiskKind,
    /// The resource's name in the template.
    pub logical_id: String,
    /// What happens, in a sentence.
    pub message: String,
}

/// What kind of thing would be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskKind {
    /// What is stored in it.
    Data,
    /// The name or address that others know.
    Address,
    /// A task definition that another program deployed since.
    Deployment,
}

/// Resources that keep data, and what it is called.
const DATA: [(&str, &str); 10] = [
    ("AWS::EFS::FileSystem", "the files in it"),
    ("AWS::RDS::DBInstance", "the database"),
    ("AWS::RDS::DBCluster", "the database"),
    ("AWS::DynamoDB::Table", "the table's items"),
    ("AWS::S3::Bucket", "the objects in it"),
    ("AWS::SQS::Queue", "the messages in it"),
    ("AWS::ElastiCache::ReplicationGroup", "the cache's content"),
    ("AWS::ECR::Repository", "the images in it"),
    ("AWS::Logs::LogGroup", "the logs in it"),
    ("AWS::SecretsManager::Secret", "older versions of the secret"),
];

/// Resources that have an address, and what it is called.
const ADDRESSES: [(&str, &str); 5] = [
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "the DNS name that clients may use"),
    ("AWS::EC2::EIP", "its address"),
    ("AWS::EC2::NatGateway", "its address"),
    (
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        "the namespace that services find each other by",
    ),
    ("AWS::Route53::RecordSet", "its name"),
];

/// What would be lost, and what stays as it should not be.
pub(super) fn assess(
    observed: &Observed,
    wanted: &Json,
    steps: &[Step],
) -> (Vec<Risk>, Vec<String>) {
    let mut risks: Vec<Risk> =
        steps.iter().filter_map(|step| loss(step, &observed.template, wanted)).collect();
    let mut notes = Vec::new();
    for moved in moved(observed) {
        let touched = steps.iter().any(|step| {
            (step.logical_id == moved.service || step.logical_id == moved.task_definition)
                && step.action != Action::Release
        });
        if touched {
            risks.push(Risk {
                kind: RiskKind::Deployment,
                logical_id: moved.service.to_owned(),
                message: format!(
                    "it runs {}, which was deployed after this stack's {}; it would run what this \
                     project says instead",
                    moved.running, moved.deployed
                ),
            });
        } else {
            notes.push(format!(
                "{} runs {}, which was deployed after this stack's {}; it stays so",
                moved.service, moved.running, moved.deployed
            ));
        }
    }
    risks.extend(volume::mixed_up(observed, wanted, steps));
    notes.extend(volume::left(observed, wanted, steps));
    notes.extend(secret::unnoticed(wanted, steps));
    (risks, notes)
}

/// What is lost with a stack that is removed, for it could not be made. What failed holds
/// nothing, and what is retained stays.
pub(crate) fn removal(template: &Json, resources: &[StackResource]) -> Vec<Risk> {
    let is_there = |it: &&StackResource| {
        let gone = ["CREATE_FAILED", "DELETE_COMPLETE", "DELETE_SKIPPED"];
        it.physical_id.is_some() && !gone.contains(&it.status.0.as_str())
    };
    let is_removed =
        |it: &&StackResource| !is_retained(resource(template, &it.logical_id), "DeletionPolicy");
    let step = |it: &StackResource| Step {
        action: Action::Remove,
        logical_id: it.logical_id.clone(),
        physical_id: it.physical_id.clone(),
        resource: it.kind.clone(),
        differences: Vec::new(),
    };
    let removed = resources.iter().filter(is_there).filter(is_removed).map(step);
    removed.filter_map(|step| loss(&step, template, template)).collect()
}

fn loss(step: &Step, before: &Json, after: &Json) -> Option<Risk> {
    let (verb, policy, template) = match step.action {
        Action::Replace { certain: true } => ("is replaced", "UpdateReplacePolicy", after),
        Action::Replace { certain: false } => ("may be replaced", "UpdateReplacePolicy", after),
        Action::Remove => ("is removed", "DeletionPolicy", before),
        Action::Add | Action::Change | Action::Release => return None,
    };
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(kind, _)| *kind == step.resource).map(|(_, what)| *what)
    };
    let (kind, message) = if let Some(what) = find(&DATA) {
        let kept = is_retained(resource(template, &step.logical_id), policy);
        let kept = kept && matches!(step.action, Action::Replace { .. });
        let fate = if kept { "stay in the old one, which is kept" } else { "are lost" };
        (RiskKind::Data, format!("it {verb}; {what} {fate}"))
    } else {
        (RiskKind::Address, format!("it {verb}; {} changes", find(&ADDRESSES)?))
    };
    Some(Risk { kind, logical_id: step.logical_id.clone(), message })
}

/// Services that do not run what their stack gave them, in a sentence each: right after
/// a deployment, ECS went back to what was before, which CloudFormation may not have
/// noticed.
pub fn reverted(observed: &Observed) -> Vec<String> {
    let sentence = |it: Moved<'_>| {
        format!("{} runs {}, and not {} as it should", it.service, it.running, it.deployed)
    };
    others(observed).map(sentence).collect()
}

/// A service that runs another task definition than the stack gave it.
struct Moved<'a> {
    service: &'a str,
    task_definition: &'a str,
    running: &'a str,
    deployed: &'a str,
}

/// Services that another program moved on.
fn moved(observed: &Observed) -> impl Iterator<Item = Moved<'_>> {
    others(observed).filter(|it| is_later(it.running, it.deployed))
}

fn others(observed: &Observed) -> impl Iterator<Item = Moved<'_>> {
    observed.services.iter().filter_map(|service| {
        let resource_of =
            |id: &str| observed.resources.iter().find(|it| it.physical_id.as_deref() == Some(id));
        let own = resource_of(&service.arn)?;
        let properties = &resource(&observed.template, &own.logical_id)["Properties"];
        let task_definition = properties["TaskDefinition"]["Ref"].as_str()?;
        let deployed = observed.resources.iter().find(|it| it.logical_id == task_definition)?;
        let deployed = deployed.physical_id.as_deref()?;
        let (running, deployed) = (revision(&service.task_definition), revision(deployed));
        (running != deployed).then_some(Moved {
            service: &own.logical_id,
            task_definition,
            running,
            deployed,
        })
    })
}

/// Whether somebody deployed one revision after another. An earlier one of the same
/// family is what ECS went back to when the later one failed.
fn is_later(running: &str, deployed: &str) -> bool {
    let parts = |text: &str| {
        let (family, number) = text.rsplit_once(':')?;
        Some((family.to_owned(), number.parse::<u64>().ok()?))
    };
    match (parts(running), parts(deployed)) {
        (Some((one, later)), Some((other, earlier))) if one == other => later > earlier,
        _ => running != deployed,
    }
}

/// `shop-web:3` of its ARN.
fn revision(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::Status;

    #[test]
    fn an_earlier_revision_is_what_ecs_went_back_to() {
        assert!(is_later("shop-web:3", "shop-web:2"));
        assert!(is_later("shop-web:10", "shop-web:9"));
        assert!(is_later("hotfix:1", "shop-web:2"));
        assert!(!is_later("shop-web:2", "shop-web:2"));
        assert!(!is_later("shop-web:1", "shop-web:2"));
    }

    #[test]
    fn what_a_failed_creation_holds_is_lost_with_it() {
        let template = json!({"Resources": {
            "Files": {"DeletionPolicy": "RetainExceptOnCreate"},
            "Table": {"DeletionPolicy": "Delete"},
        }});
        let resource = |(name, kind, status): (&str, &str, &str)| StackResource {
            logical_id: name.to_owned(),
            physical_id: (!status.is_empty()).then(|| "x".to_owned()),
            kind: kind.to_owned(),
            status: Status(status.to_owned()),
            reason: None,
        };
        let resources = [
            ("Files", "AWS::EFS::FileSystem", "CREATE_COMPLETE"),
            ("Table", "AWS::DynamoDB::Table", "CREATE_COMPLETE"),
            ("Bucket", "AWS::S3::Bucket", "CREATE_FAILED"),
            ("Queue", "AWS::SQS::Queue", ""),
            ("Logs", "AWS::Logs::LogGroup", "DELETE_FAILED"),
            ("Old", "AWS::Logs::LogGroup", "DELETE_COMPLETE"),
            ("Web", "AWS::ECS::Service", "CREATE_COMPLETE"),
            ("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "CREATE_COMPLETE"),
        ];
        let told = |risk: Risk| format!("{}: {}", risk.logical_id, risk.message);
        let risks = removal(&template, &resources.map(resource)).into_iter().map(told);
        assert_eq!(
            risks.collect::<Vec<_>>(),
            [
                "Table: it is removed; the table's items are lost",
                "Logs: it is removed; the logs in it are lost",
                "LoadBalancer: it is removed; the DNS name that clients may use changes",
            ]
        );
    }
}
