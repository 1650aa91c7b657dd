//! What CloudFormation and ECS take at most, counted before anybody deploys.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
//! and <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>

mod weight;

use compose_model::{Diagnostic, Path};

use self::weight::Weight;
use crate::template::{Data, Template};

/// Bytes of a template that can be sent as it is.
const INLINE_BYTES: usize = 51_200;
/// Bytes of a template that lies in a bucket.
const BYTES: usize = 1_000_000;
/// Bytes of a task definition.
const TASK_BYTES: usize = 64 * 1024;
/// References to what Secrets Manager and the Parameter Store keep.
const DYNAMIC_REFERENCES: usize = 60;

/// What one load balancer listens on, unless AWS was asked for more.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html>
const LISTENERS: usize = 50;

/// A section of a template, how much it holds, and what to do about more.
const SECTIONS: [(&str, usize, &str); 3] = [
    (
        "Resources",
        500,
        "split the project into several: give some services a Compose file of their own",
    ),
    (
        "Parameters",
        200,
        "give images by reference instead of building them, and use external secrets",
    ),
    ("Outputs", 200, "remove outputs from `x-aws-cloudformation`"),
];

/// A list of a resource, how long it can be, and what to do about more.
const LISTS: [(&str, &[&str], usize, &str); 3] = [
    (
        "AWS::ECS::TaskDefinition",
        &["ContainerDefinitions"],
        10,
        "containers that prepare a task count: use fewer secrets, files or containers that share its network",
    ),
    (
        "AWS::ECS::Service",
        &["NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"],
        5,
        "each network is a security group: put the service into fewer networks",
    ),
    ("AWS::ECS::Service", &["LoadBalancers"], 5, "publish fewer ports"),
];

/// Everything that is too much in a template.
pub fn limits(template: &Template) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut total = Weight { bytes: r#"{"Resources":{}}"#.len(), ..Weight::default() };
    let others = template.data().iter().filter(|(name, _)| *name != "Resources");
    others.for_each(|(name, data)| total += comma(Weight::of_entry(name, data)));
    problems.extend(SECTIONS.iter().filter_map(|limit| section(template, *limit)));
    for (id, resource) in template.section("Resources") {
        let weight = Weight::of_entry(id, resource);
        total += comma(weight);
        problems.extend(LISTS.iter().filter_map(|limit| list(id, resource, *limit)));
        problems.extend(task_size(id, resource, weight));
    }
    problems.extend(size(total.bytes));
    problems.extend(dynamic_references(total.references));
    problems.extend(listeners(template));
    problems
}

fn comma(weight: Weight) -> Weight {
    Weight { bytes: weight.bytes + 1, ..weight }
}

fn section(template: &Template, (name, most, help): (&str, usize, &str)) -> Option<Diagnostic> {
    let count = template.section(name).count();
    let problem = || {
        let noun = name.to_ascii_lowercase();
        format!("the template has {count} {noun}, and CloudFormation takes {most}")
    };
    (count > most).then(|| error(problem(), Path::root()).help(help))
}

fn error(message: String, at: Path) -> Diagnostic {
    Diagnostic::error("ecs::limit", message).at(at, "")
}

/// Counted without spaces, as the template is sent.
fn size(bytes: usize) -> Option<Diagnostic> {
    if bytes > BYTES {
        let message = format!("the template has {bytes} bytes, and CloudFormation takes {BYTES}");
        let help = "split the project into several, or give large files another place";
        return Some(error(message, Path::root()).help(help));
    }
    let message = format!("the template has {bytes} bytes, and has to be put into a bucket");
    let help = format!(
        "CloudFormation takes up to {INLINE_BYTES} bytes directly; keep a bucket in S3 at hand"
    );
    let warning = || Diagnostic::warning("ecs::template-size", message).at(Path::root(), "");
    (bytes > INLINE_BYTES).then(|| warning().help(help))
}

/// What to know of a template as it was written, if it cannot be sent as it is. How much
/// it is without white space, [`limits`] has told.
pub fn written_size(bytes: usize) -> Option<Diagnostic> {
    let message = format!("the template has {bytes} bytes as it is written");
    let help = format!(
        "CloudFormation takes up to {INLINE_BYTES} bytes directly: remove white space from the \
         JSON form, or deploy from a bucket in S3"
    );
    let warning = || Diagnostic::warning("ecs::template-size", message).at(Path::root(), "");
    (bytes > INLINE_BYTES).then(|| warning().help(help))
}

fn dynamic_references(count: usize) -> Option<Diagnostic> {
    let most = DYNAMIC_REFERENCES;
    let message =
        format!("the template has {count} dynamic references, and CloudFormation takes {most}");
    let help = "use `x-aws-secrets` for variables instead of `{{resolve:…}}`";
    (count > most).then(|| error(message, Path::root()).help(help))
}

fn listeners(template: &Template) -> Option<Diagnostic> {
    let all = template.section("Resources");
    let count = all.filter(|(_, it)| is(it, "AWS::ElasticLoadBalancingV2::Listener")).count();
    let message = format!(
        "the load balancer has {count} listeners, and AWS allows {LISTENERS} unless it is asked"
    );
    let help = "publish fewer ports, or ask for more in the console of Service Quotas";
    let warning = || Diagnostic::warning("ecs::limit", message).at(Path::root(), "");
    (count > LISTENERS).then(|| warning().help(help))
}

fn is(resource: &Data, kind: &str) -> bool {
    resource.get("Type").and_then(Data::as_str) == Some(kind)
}

fn list(
    id: &str,
    resource: &Data,
    (kind, way, most, help): (&str, &[&str], usize, &str),
) -> Option<Diagnostic> {
    if !is(resource, kind) {
        return None;
    }
    let properties = resource.get("Properties")?;
    let list = way.iter().try_fold(properties, |data, key| data.get(key))?.as_list()?;
    if list.len() <= most {
        return None;
    }
    let name = words(way.last()?);
    let message = format!("`{id}` has {} {name}, and ECS takes {most}", list.len());
    Some(error(message, place(resource)).help(help))
}

/// `security groups` for `SecurityGroups`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

fn task_size(id: &str, resource: &Data, whole: Weight) -> Option<Diagnostic> {
    if whole.bytes <= TASK_BYTES || !is(resource, "AWS::ECS::TaskDefinition") {
        return None;
    }
    let bytes = Weight::of(resource.get("Properties")?).bytes;
    let message = format!("`{id}` has {bytes} bytes, and ECS takes {TASK_BYTES}");
    let help =
        "give large files and long environments another place, such as a volume or the image";
    (bytes > TASK_BYTES).then(|| error(message, place(resource)).help(help))
}

/// The service that a resource says it is for.
pub(crate) fn place(resource: &Data) -> Path {
    let tags = resource.get("Properties").and_then(|it| it.get("Tags")).and_then(Data::as_list);
    let is_service =
        |tag: &&Data| tag.get("Key").and_then(Data::as_str) == Some("com.docker.compose.service");
    let tag = tags.and_then(|tags| tags.iter().find(is_service));
    match tag.and_then(|tag| tag.get("Value")?.as_str()) {
        Some(service) => Path::root().key("services").key(service),
        None => Path::root(),
    }
}
