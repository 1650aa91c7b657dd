//! The stack of a project as Docker's tool has left it, in an account of the local AWS.

use serde_json::Value as Json;
use testkit::emulator::{Account, Answer};

use super::corpus::Deployed;

/// What the corpus calls the network, and what it is in every account.
const PLACES: [(&str, &str); 5] = [
    ("vpc-123", "vpc-00000001"),
    ("subnet1", "subnet-00000001"),
    ("subnet2", "subnet-00000002"),
    // Names of resources have the subnet's in them.
    ("OnSubnet1", "OnSubnet00000001"),
    ("OnSubnet2", "OnSubnet00000002"),
];

/// What comes of making it.
pub(crate) enum Made {
    /// It is there.
    Complete,
    /// It cannot be made here.
    Failed(String),
}

/// Makes the stack with the tag that Docker's tool gave it.
pub(crate) fn make(account: &Account, name: &str, deployed: &Deployed) -> Made {
    // Docker's tool was shown two subnets.
    account.query("ec2", "DeleteSubnet", &[("SubnetId", "subnet-00000003")]);
    let template = placed(deployed.template.clone()).to_string();
    let project = deployed.project().unwrap_or(name);
    let answer = create(account, name, project, &template);
    if answer.status != 200 {
        return Made::Failed(answer.text("Message"));
    }
    match account.settled(name).as_str() {
        "CREATE_COMPLETE" => Made::Complete,
        status => Made::Failed(reason(account, name).unwrap_or_else(|| status.to_owned())),
    }
}

fn create(account: &Account, name: &str, project: &str, template: &str) -> Answer {
    let mut parameters = vec![
        ("StackName", name),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Tags.member.1.Key", "com.docker.compose.project"),
        ("Tags.member.1.Value", project),
    ];
    // What is too large for a request, Docker's tool put into a bucket.
    let url = format!("http://{}/templates/{name}", account.address());
    if template.len() <= 51_200 {
        parameters.push(("TemplateBody", template));
    } else {
        account.rest("s3", "PUT", "/templates", "");
        account.rest("s3", "PUT", &format!("/templates/{name}"), template);
        parameters.push(("TemplateURL", &url));
    }
    account.query("cloudformation", "CreateStack", &parameters)
}

/// Why the first resource failed, in words that are the same for many stacks.
fn reason(account: &Account, name: &str) -> Option<String> {
    let events = account.query("cloudformation", "DescribeStackEvents", &[("StackName", name)]);
    let events = events.body.split("<member>").filter(|it| it.contains(">CREATE_FAILED<"));
    let first = Answer { status: 200, body: events.last()?.to_owned() };
    let reason = first.text("ResourceStatusReason");
    Some(format!("{}: {}", first.text("ResourceType"), without_names(&reason)))
}

/// A sentence without what stands between quotes in it, and without ARNs.
fn without_names(sentence: &str) -> String {
    let mut parts = Vec::new();
    for (place, part) in sentence.split('\'').enumerate() {
        parts.push(if place % 2 == 0 { part } else { "…" });
    }
    let words = parts.concat();
    let words = words.split(' ').map(|word| if word.contains("arn:") { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// A template with the names of this account.
fn placed(value: Json) -> Json {
    let place = |text: &str| {
        let whole = PLACES.iter().find(|(from, _)| *from == text).map(|(_, to)| (*to).to_owned());
        whole.unwrap_or_else(|| renamed(text))
    };
    match value {
        Json::String(text) => Json::String(place(&text)),
        Json::Array(items) => items.into_iter().map(placed).collect(),
        Json::Object(members) => {
            members.into_iter().map(|(key, value)| (renamed(&key), placed(value))).collect()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value,
    }
}

/// The name of a resource that is one for each subnet.
fn renamed(name: &str) -> String {
    let found = PLACES.iter().find(|(from, _)| name.ends_with(*from) && from.starts_with("On"));
    found.map_or_else(|| name.to_owned(), |(from, to)| name.replace(from, to))
}

/// The resources of these kinds in a stack, with what they are called in AWS.
pub(crate) fn lasting(account: &Account, name: &str, kinds: &[&str]) -> Vec<String> {
    let (mut found, mut page) = (Vec::new(), String::new());
    loop {
        let mut parameters = vec![("StackName", name)];
        if !page.is_empty() {
            parameters.push(("NextToken", &page));
        }
        let answer = account.query("cloudformation", "ListStackResources", &parameters);
        let names = answer.texts("PhysicalResourceId").into_iter();
        let all = names.zip(answer.texts("ResourceType"));
        let of_kinds = all.filter(|(_, kind)| kinds.contains(&kind.as_str()));
        found.extend(of_kinds.map(|(name, kind)| format!("{kind} {name}")));
        page = answer.text("NextToken");
        if page.is_empty() {
            return found;
        }
    }
}
