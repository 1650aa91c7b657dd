//! What would happen to a stack, worked out from what it is and what it shall be.
//! Nobody is asked here.

mod concealment;
mod difference;
mod risk;
mod secret;
mod volume;

use serde_json::Value as Json;

use self::concealment::Concealment;
pub use self::difference::Difference;
pub(crate) use self::risk::removal;
pub use self::risk::{Risk, RiskKind, reverted};
use crate::service::Service;
use crate::stack::{Change, ChangeKind, ChangeSet, Recreation, Replacement, Stack, StackResource};

/// A stack as it is, with what a plan needs to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The stack.
    pub stack: Stack,
    /// The template that it was made from.
    pub template: Json,
    /// What is in it.
    pub resources: Vec<StackResource>,
    /// Its services.
    pub services: Vec<Service>,
}

/// What would happen to a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The stack's name.
    pub stack: String,
    /// What becomes of the stack itself.
    pub kind: PlanKind,
    /// What becomes of its resources, in the order of the template; those that are
    /// removed come last.
    pub steps: Vec<Step>,
    /// What would be lost.
    pub risks: Vec<Risk>,
    /// What is not as the template says, and stays so.
    pub notes: Vec<String>,
}

/// What becomes of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanKind {
    /// It is made.
    Create,
    /// What is left of an attempt that failed is removed, then it is made.
    CreateAgain,
    /// It is changed.
    Update,
}

/// What becomes of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in AWS, if it exists.
    pub physical_id: Option<String>,
    /// `AWS::ECS::Service`
    pub resource: String,
    /// What of it is different.
    pub differences: Vec<Difference>,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Add,
    /// It is changed where it is.
    Change,
    /// Another takes its place, or that depends on what is known only then.
    Replace {
        /// Whether that is known now.
        certain: bool,
    },
    /// It is removed from AWS.
    Remove,
    /// It is no part of the stack any more, but stays.
    Release,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.kind == PlanKind::Update && self.steps.is_empty()
    }

    /// Whether something would be lost that cannot be had back, so that somebody has
    /// to say yes.
    pub fn needs_consent(&self) -> bool {
        !self.risks.is_empty()
    }

    /// How many resources are added, changed, replaced and removed.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for step in &self.steps {
            *match step.action {
                Action::Add => &mut counts.added,
                Action::Change => &mut counts.changed,
                Action::Replace { .. } if step.is_revision() => &mut counts.changed,
                Action::Replace { .. } => &mut counts.replaced,
                Action::Remove | Action::Release => &mut counts.removed,
            } += 1;
        }
        counts
    }
}

impl Step {
    /// Whether a new revision of something takes the place of an old one, which to
    /// people is a change: nothing can change a task definition.
    pub fn is_revision(&self) -> bool {
        self.resource == "AWS::ECS::TaskDefinition"
    }
}

/// How many resources something is done to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They are made.
    pub added: usize,
    /// They are changed where they are.
    pub changed: usize,
    /// Others take their place.
    pub replaced: usize,
    /// They are no part of the stack any more.
    pub removed: usize,
}

/// What happens when a stack is made: everything is added.
pub fn creation(stack: &str, wanted: &Json, again: bool) -> Plan {
    let add = |(logical_id, resource): (&String, &Json)| Step {
        action: Action::Add,
        logical_id: logical_id.clone(),
        physical_id: None,
        resource: kind(resource),
        differences: Vec::new(),
    };
    Plan {
        stack: stack.to_owned(),
        kind: if again { PlanKind::CreateAgain } else { PlanKind::Create },
        steps: resources(wanted).map(add).collect(),
        risks: Vec::new(),
        notes: Vec::new(),
    }
}

/// What happens when a stack is changed: what CloudFormation says would happen, with
/// what is different in the template as the reason. None of these secrets is told.
pub fn update(observed: &Observed, wanted: &Json, set: &ChangeSet, secrets: &[&str]) -> Plan {
    let concealment = Concealment::of([&observed.template, wanted], secrets);
    let changes = if set.is_empty() { &[][..] } else { &set.changes[..] };
    let mut steps: Vec<Step> =
        changes.iter().map(|it| step(it, &observed.template, wanted, &concealment)).collect();
    let order = |step: &Step| {
        let place = resources(wanted).position(|(id, _)| *id == step.logical_id);
        place.unwrap_or(usize::MAX)
    };
    steps.sort_by_cached_key(|step| (order(step), step.logical_id.clone()));
    let (risks, notes) = risk::assess(observed, wanted, &steps);
    Plan { stack: observed.stack.name.clone(), kind: PlanKind::Update, steps, risks, notes }
}

fn step(change: &Change, before: &Json, after: &Json, concealment: &Concealment<'_>) -> Step {
    let (old, new) = (resource(before, &change.logical_id), resource(after, &change.logical_id));
    let action = match (&change.kind, change.replacement) {
        (ChangeKind::Add, _) => Action::Add,
        (ChangeKind::Remove, _) if is_retained(old, "DeletionPolicy") => Action::Release,
        (ChangeKind::Remove, _) => Action::Remove,
        (ChangeKind::Modify | ChangeKind::Other(_), Replacement::Yes) => {
            Action::Replace { certain: true }
        }
        (ChangeKind::Modify | ChangeKind::Other(_), Replacement::Perhaps) => {
            Action::Replace { certain: false }
        }
        (ChangeKind::Modify | ChangeKind::Other(_), Replacement::No) => Action::Change,
    };
    Step {
        action,
        logical_id: change.logical_id.clone(),
        physical_id: change.physical_id.clone(),
        resource: change.resource.clone(),
        differences: match action {
            Action::Change | Action::Replace { .. } => {
                difference::differences(old, new, change, concealment)
            }
            Action::Add | Action::Remove | Action::Release => Vec::new(),
        },
    }
}

fn resources(template: &Json) -> impl Iterator<Item = (&String, &Json)> {
    template["Resources"].as_object().into_iter().flatten()
}

fn resource<'a>(template: &'a Json, logical_id: &str) -> &'a Json {
    &template["Resources"][logical_id]
}

fn kind(resource: &Json) -> String {
    resource["Type"].as_str().unwrap_or_default().to_owned()
}

/// Whether a resource outlives what is done to it: `DeletionPolicy` is about its
/// removal, `UpdateReplacePolicy` about its replacement.
fn is_retained(resource: &Json, policy: &str) -> bool {
    resource[policy].as_str().is_some_and(|policy| policy.starts_with("Retain"))
}

/// Whether a property of this name needs a new resource, as CloudFormation says.
fn recreation(change: &Change, name: &str) -> Recreation {
    let of_it = change.properties.iter().filter(|it| it.name == name).map(|it| it.recreation);
    of_it.max_by_key(|it| *it as u8).unwrap_or(Recreation::Never)
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use serde_json::json;

    use super::*;
    use crate::stack::{PropertyChange, Status};

    /// A stack with these resources.
    fn observed(resources: Json) -> Observed {
        Observed {
            stack: Stack {
                id: "arn:aws:cloudformation:eu-west-1:1:stack/shop/1".to_owned(),
                name: "shop".to_owned(),
                status: Status("CREATE_COMPLETE".to_owned()),
                reason: None,
                created: None,
                updated: None,
                tags: IndexMap::new(),
                parameters: IndexMap::new(),
                outputs: IndexMap::new(),
            },
            template: json!({ "Resources": resources }),
            resources: Vec::new(),
            services: Vec::new(),
        }
    }

    fn change(kind: ChangeKind, id: &str, resource: &str, replacement: Replacement) -> Change {
        Change {
            kind,
            logical_id: id.to_owned(),
            physical_id: Some(format!("{id}-1")),
            resource: resource.to_owned(),
            replacement,
            properties: Vec::new(),
        }
    }

    fn set(changes: Vec<Change>) -> ChangeSet {
        let status = Status("CREATE_COMPLETE".to_owned());
        ChangeSet { id: "arn".to_owned(), status, reason: None, changes }
    }

    fn told(plan: &Plan) -> Vec<String> {
        let step = |it: &Step| format!("{:?} {}", it.action, it.logical_id);
        let risk = |it: &Risk| format!("{:?} {}: {}", it.kind, it.logical_id, it.message);
        plan.steps.iter().map(step).chain(plan.risks.iter().map(risk)).collect()
    }

    #[test]
    fn an_empty_change_set_is_an_empty_plan() {
        let reason = "The submitted information didn't contain changes. Submit different \
                      information to create a change set.";
        let mut empty = set(Vec::new());
        empty.status = Status("FAILED".to_owned());
        empty.reason = Some(reason.to_owned());
        let resources = json!({"Log": {"Type": "AWS::Logs::LogGroup"}});
        let plan =
            update(&observed(resources.clone()), &json!({"Resources": resources}), &empty, &[]);
        assert!(plan.is_empty() && !plan.needs_consent());
        assert!(!creation("shop", &json!({"Resources": resources}), false).is_empty());
    }

    #[test]
    fn what_would_be_lost_is_told() {
        let files = |policy: &str| {
            json!({
                "Type": "AWS::EFS::FileSystem",
                "DeletionPolicy": policy,
                "UpdateReplacePolicy": policy,
            })
        };
        let balancer = json!({"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"});
        let cases = [
            (files("Retain"), ChangeKind::Remove, Replacement::No, vec!["Release It"]),
            (
                files("Delete"),
                ChangeKind::Remove,
                Replacement::No,
                vec!["Remove It", "Data It: it is removed; the files in it are lost"],
            ),
            (
                files("Retain"),
                ChangeKind::Modify,
                Replacement::Yes,
                vec![
                    "Replace { certain: true } It",
                    "Data It: it is replaced; the files in it stay in the old one, which is kept",
                ],
            ),
            (
                balancer,
                ChangeKind::Modify,
                Replacement::Perhaps,
                vec![
                    "Replace { certain: false } It",
                    "Address It: it may be replaced; the DNS name that clients may use changes",
                ],
            ),
        ];
        for (resource, kind, replacement, expected) in cases {
            let name = resource["Type"].as_str().unwrap().to_owned();
            let resources = json!({ "It": resource });
            let changes = set(vec![change(kind, "It", &name, replacement)]);
            let wanted = json!({"Resources": resources});
            assert_eq!(told(&update(&observed(resources), &wanted, &changes, &[])), expected);
        }
    }

    #[test]
    fn steps_follow_the_template_and_removals_come_last() {
        let log = json!({"Type": "AWS::Logs::LogGroup"});
        let changes = set(vec![
            change(ChangeKind::Remove, "Old", "AWS::Logs::LogGroup", Replacement::No),
            change(ChangeKind::Add, "B", "AWS::Logs::LogGroup", Replacement::No),
            change(ChangeKind::Modify, "A", "AWS::Logs::LogGroup", Replacement::No),
        ]);
        let plan = update(
            &observed(json!({"A": log, "Old": {"DeletionPolicy": "Retain"}})),
            &json!({"Resources": {"A": log, "B": log}}),
            &changes,
            &[],
        );
        assert_eq!(told(&plan), ["Change A", "Add B", "Release Old"]);
        let counts = plan.counts();
        assert_eq!((counts.added, counts.changed, counts.removed), (1, 1, 1));
    }

    #[test]
    fn a_volume_does_not_get_the_files_of_another_in_silence() {
        let files = |volume: &str| {
            json!({"Files": {
                "Type": "AWS::EFS::FileSystem",
                "DeletionPolicy": "Retain",
                "Properties": {"FileSystemTags": [
                    {"Key": "com.docker.compose.volume", "Value": volume},
                ]},
            }})
        };
        let kind = "AWS::EFS::FileSystem";
        let changes = set(vec![change(ChangeKind::Modify, "Files", kind, Replacement::No)]);
        let plan = |after: &str| {
            let wanted = json!({"Resources": files(after)});
            update(&observed(files("my-data")), &wanted, &changes, &[])
        };
        assert!(!plan("my-data").needs_consent());
        let told = told(&plan("my_data"));
        let expected = "Data Files: it is that of the volume my-data, and would become that of \
                        my_data, which would find the files of my-data in it";
        assert_eq!(told, ["Change Files", expected]);
    }

    #[test]
    fn a_volume_of_another_name_starts_empty() {
        let files = json!({"Type": "AWS::EFS::FileSystem", "DeletionPolicy": "Retain"});
        let task = |volume: Json| {
            json!({"Type": "AWS::ECS::TaskDefinition", "Properties": {"Volumes": [
                {"EFSVolumeConfiguration": {"FilesystemId": volume}},
            ]}})
        };
        let (own, new) = (task(json!({"Ref": "Data"})), task(json!({"Ref": "Store"})));
        let add = || change(ChangeKind::Add, "Store", "AWS::EFS::FileSystem", Replacement::No);
        let remove = || change(ChangeKind::Remove, "Data", "AWS::EFS::FileSystem", Replacement::No);
        let starts = "Store starts without any files";
        let cases = [
            (
                json!({"Data": files, "Db": own}),
                vec![add(), remove()],
                vec!["no task will use Data-1, which is Data; it is kept with its files", starts],
            ),
            (
                json!({"Db": task(json!("fs-1"))}),
                vec![add()],
                vec!["no task will use fs-1; it is kept with its files", starts],
            ),
            // It is one more.
            (json!({"Db": task(json!({"Ref": "Store"}))}), vec![add()], vec![]),
        ];
        for (before, changes, expected) in cases {
            let wanted = json!({"Resources": {"Store": files, "Db": new}});
            let plan = update(&observed(before), &wanted, &set(changes), &[]);
            assert_eq!(plan.notes, expected);
            assert!(!plan.needs_consent());
        }
        // It is kept out of the stack from now on, and used as before.
        let wanted = json!({"Resources": {"Db": task(json!("Data-1"))}});
        let before = observed(json!({"Data": files, "Db": own}));
        assert_eq!(update(&before, &wanted, &set(vec![remove()]), &[]).notes, [""; 0]);
    }

    #[test]
    fn whose_tasks_keep_the_old_value_of_a_secret_is_told() {
        let task = |secret: &str| {
            json!({"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [
                {"Secrets": [{"Name": "A", "ValueFrom": {"Ref": secret}}]},
                {"Environment": [{"Name": "B", "Value": {"Fn::Sub": format!("${{{secret}}}:b")}}]},
            ]}})
        };
        let service = |task: &str| {
            json!({"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": {"Ref": task},
                "Tags": [{"Key": "com.docker.compose.service", "Value": "my-web"}],
            }})
        };
        let secret = json!({
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"SecretString": {"Ref": "TokenValue"}},
        });
        let resources = json!({
            "Token": secret,
            "WebTask": task("Token"),
            "WebService": service("WebTask"),
            "DbTask": task("Other"),
            "DbService": service("DbTask"),
        });
        let wanted = json!({"Resources": resources});
        let mut token =
            change(ChangeKind::Modify, "Token", "AWS::SecretsManager::Secret", Replacement::No);
        token.properties = vec![PropertyChange {
            name: "SecretString".to_owned(),
            recreation: Recreation::Never,
            cause: Some("TokenValue".to_owned()),
        }];
        let notes = |changes: Vec<Change>| {
            update(&observed(resources.clone()), &wanted, &set(changes), &[]).notes
        };
        let expected = "the value of Token is written anew; tasks of my-web that run already keep \
                        the one that they have, until `up --force-recreate`";
        assert_eq!(notes(vec![token.clone()]), [expected]);
        // Tasks that are started anew have the new one.
        let kind = "AWS::ECS::TaskDefinition";
        let revision = change(ChangeKind::Modify, "WebTask", kind, Replacement::Yes);
        assert_eq!(notes(vec![token.clone(), revision]), [""; 0]);
        token.properties.clear();
        assert_eq!(notes(vec![token]), [""; 0]);
    }

    #[test]
    fn a_property_says_whether_it_needs_a_new_resource() {
        let mut balancer = change(
            ChangeKind::Modify,
            "It",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            Replacement::Yes,
        );
        balancer.properties = vec![PropertyChange {
            name: "Type".to_owned(),
            recreation: Recreation::Always,
            cause: None,
        }];
        let resource = |kind: &str| json!({"It": {"Properties": {"Type": kind}}});
        let plan = update(
            &observed(resource("application")),
            &json!({"Resources": resource("network")}),
            &set(vec![balancer]),
            &[],
        );
        let [difference] = &plan.steps[0].differences[..] else { panic!("{plan:?}") };
        assert_eq!(difference.recreation, Recreation::Always);
        assert_eq!(difference.before.as_deref(), Some("application"));
    }

    #[test]
    fn what_dockers_tool_wrote_into_a_template_is_not_told() {
        let secret = |value: Json| {
            json!({"TokenSecret": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"Name": "shop/token", "SecretString": value},
            }})
        };
        let wanted = json!({
            "Parameters": {"TokenValue": {"Type": "String", "NoEcho": true}},
            "Resources": secret(json!({"Ref": "TokenValue"})),
        });
        let kind = "AWS::SecretsManager::Secret";
        let changes = set(vec![change(ChangeKind::Modify, "TokenSecret", kind, Replacement::No)]);
        let observed = observed(secret(json!("gordonpass\n")));
        let plan = update(&observed, &wanted, &changes, &["gordonpass\n"]);
        let [difference] = &plan.steps[0].differences[..] else { panic!("{plan:?}") };
        assert_eq!(difference.path, "SecretString");
        assert_eq!(difference.before.as_deref(), Some("(not shown)"));
        assert_eq!(difference.after.as_deref(), Some("!Ref TokenValue"));
        assert!(!format!("{plan:?}").contains("gordonpass"));
    }
}
