//! Whether our template can take over a stack of Docker's tool: resources keep
//! their ids and types, and no property changes that would replace something
//! that holds state or an address.

use std::collections::BTreeMap;

use compose_model::{LoadError, load};
use serde_json::Value;

use super::template::{Converted, convert, property};
use super::world::facts;
use crate::corpus::{Corpus, corpus};
use crate::tally::say;

/// Properties whose change replaces what holds state or an address.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html>
const REPLACING: [(&str, &[&str]); 10] = [
    ("AWS::ECS::Cluster", &["ClusterName"]),
    ("AWS::ECS::Service", &["ServiceName", "SchedulingStrategy"]),
    ("AWS::EFS::AccessPoint", &["PosixUser", "RootDirectory"]),
    ("AWS::EFS::FileSystem", &["Encrypted", "KmsKeyId", "PerformanceMode"]),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", &["Name", "Scheme", "Type"]),
    (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        &["Name", "Port", "Protocol", "TargetType", "VpcId"],
    ),
    ("AWS::Logs::LogGroup", &["LogGroupName"]),
    ("AWS::SecretsManager::Secret", &["Name"]),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", &["Name", "Vpc"]),
    ("AWS::ServiceDiscovery::Service", &["Name", "NamespaceId"]),
];

/// Resources that hold nothing, and that we make in another way.
const LET_GO: [&str; 3] =
    ["AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::SecurityGroupIngress", "AWS::IAM::Role"];

/// `difference -- reason`, one a line; a difference of one project has its name
/// before it.
const ON_PURPOSE: &str = include_str!("../../takeover.txt");

#[test]
fn our_templates_take_over_what_dockers_tool_deployed() {
    let Some(corpus) = corpus() else { return };
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut compared, mut agree) = (0, 0);
    for name in corpus.projects() {
        // Docker's tool took no note of options of the loader.
        let beyond = corpus.case(&name).is_beyond_the_tool();
        let Some(docker) = corpus.stack(&name).filter(|_| !beyond) else { continue };
        let found = compare(corpus, &name, &docker);
        compared += 1;
        agree += usize::from(found.is_empty());
        for difference in found {
            kinds.entry(difference).or_default().push(name.clone());
        }
    }
    say(&format!("conformance: takeover: {agree} of {compared} stacks are taken over whole"));
    let mut wrong = Vec::new();
    let mut unused: Vec<&str> = on_purpose().collect();
    for (kind, names) in &kinds {
        say(&format!("  {:4} {kind} ({})", names.len(), names[..names.len().min(3)].join(", ")));
        for name in names {
            let of_project = format!("{name} {kind}");
            let expected = on_purpose().find(|entry| *entry == kind || *entry == of_project);
            match expected {
                Some(entry) => unused.retain(|unused| *unused != entry),
                None => wrong.push(of_project),
            }
        }
    }
    assert!(compared > 0, "there is nothing to compare");
    assert!(wrong.is_empty(), "not taken over:\n{}", wrong.join("\n"));
    assert!(unused.is_empty(), "remove from takeover.txt: {unused:?}");
}

/// What differs on purpose.
fn on_purpose() -> impl Iterator<Item = &'static str> {
    let lines = ON_PURPOSE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" -- ").expect("an entry is `difference -- reason`").0)
}

/// In what our template differs, in words that are the same for many projects.
fn compare(corpus: &Corpus, name: &str, docker: &Value) -> Vec<String> {
    let loaded = match load(&corpus.case(name).request()) {
        Ok(loaded) => loaded,
        Err(LoadError::Invalid(_)) => return vec!["refused by the loader".to_owned()],
        Err(error) => return vec![format!("not loaded: {error}")],
    };
    let Converted { template, diagnostics } = convert(&loaded, &facts(&loaded));
    let Some(ours) = template else {
        let errors =
            diagnostics.iter().filter(|problem| problem.severity == compose_model::Severity::Error);
        return errors.map(|problem| format!("refused: {}", problem.code)).collect();
    };
    let mut found = Vec::new();
    for (id, resource) in docker["Resources"].as_object().into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let our_kind = ours["Resources"][id]["Type"].as_str();
        match our_kind {
            None if LET_GO.contains(&kind) => {}
            None => found.push(format!("no {kind}")),
            Some(our_kind) if our_kind != kind => found.push(format!("{kind} became {our_kind}")),
            Some(_) => {
                let names = REPLACING.iter().filter(|(replacing, _)| *replacing == kind);
                for property_name in names.flat_map(|(_, names)| *names) {
                    let theirs = resource["Properties"].get(property_name);
                    if property(&ours, id, property_name) != theirs {
                        found.push(format!("another {property_name} of {kind}"));
                    }
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}
