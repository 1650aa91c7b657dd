//! `deploy.placement` to which machines are suitable, where there are machines.

use std::collections::BTreeMap;

use compose_model::service::Placement;
use compose_model::{Diagnostic, Path};

use super::part::place;
use crate::context::Context;

/// The machine that constraints ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Machine {
    /// `node.machine == g5.xlarge`
    pub(super) instance_type: Option<String>,
    /// Where that type is asked for.
    pub(super) type_at: Option<Path>,
    /// `node.ami == ami-…`
    pub(super) image: Option<String>,
    /// `node.labels.disk == ssd`
    pub(super) attributes: BTreeMap<String, String>,
}

/// What ECS calls the type of a machine.
const INSTANCE_TYPE: &str = "attribute:ecs.instance-type";

/// Reads what is asked of the machine itself, which is said nothing about here. `at` is
/// the place of the service.
pub(super) fn machine(placement: Option<&Placement>, at: &Path) -> Machine {
    let mut machine = Machine::default();
    let constraints = placement.iter().flat_map(|placement| &placement.constraints);
    for (index, constraint) in constraints.enumerate() {
        match split(constraint) {
            Some((
                "node.machine" | "node.labels.ecs.instance-type" | INSTANCE_TYPE,
                "==",
                value,
            )) => {
                let at = at.key("deploy").key("placement").key("constraints");
                machine.type_at = Some(at.index(index));
                machine.instance_type = Some(value.to_owned());
            }
            Some(("node.ami", "==", value)) => machine.image = Some(value.to_owned()),
            _ => {
                if let Some((name, value)) = given(constraint) {
                    machine.attributes.entry(name).or_insert(value);
                }
            }
        }
    }
    machine
}

/// Tells of attributes of which the containers of one task ask two values, and of more
/// than ECS lets a machine have.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAttributes.html>
pub(super) fn agree(members: &[&str], cx: &mut Context<'_>) {
    const MOST: usize = 10;
    let project = cx.project;
    let mut first: BTreeMap<String, (String, Path)> = BTreeMap::new();
    for name in members {
        let deploy = project.services[*name].deploy.as_deref();
        let at = place(name).key("deploy").key("placement").key("constraints");
        let placement = deploy.and_then(|deploy| deploy.placement.as_deref());
        let constraints = placement.iter().flat_map(|it| it.constraints.iter().enumerate());
        for (index, constraint) in constraints {
            let Some((name, value)) = given(constraint) else { continue };
            let at = at.index(index);
            match first.get(&name) {
                Some((other, other_at)) if *other != value => cx.report(
                    Diagnostic::warning("ecs::placement", format!("`{name}` has one value"))
                        .at(at, "no task starts, on whichever machine")
                        .at(other_at.clone(), "another one here")
                        .help("remove one of them"),
                ),
                Some(_) => {}
                None if first.len() == MOST => cx.report(
                    Diagnostic::warning("ecs::placement", "a machine has 10 attributes at most")
                        .at(at, "one more, without which ECS takes none of them")
                        .help("ask for fewer"),
                ),
                None => drop(first.insert(name, (value, at))),
            }
        }
    }
}

/// An attribute that machines are given since a constraint asks for it.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html>
fn given(constraint: &str) -> Option<(String, String)> {
    let Answer::Expression(expression) = answer(constraint, true) else { return None };
    let (name, value) = expression.strip_prefix("attribute:")?.split_once("==")?;
    let (name, value) = (name.trim(), value.trim());
    let is_text = |text: &str, others: &str| {
        let is_right = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
        matches!(text.len(), 1..=128) && text.chars().all(is_right)
    };
    let is_right = is_text(name, "-_/.") && is_text(value, "-_.@/:") && !is_of_ecs(name);
    is_right.then(|| (name.to_owned(), value.to_owned()))
}

/// Whether an attribute is one that ECS gives.
fn is_of_ecs(name: &str) -> bool {
    name.starts_with("ecs.") || name.starts_with("com.amazonaws.ecs.")
}

/// Expressions of ECS for what else is asked of machines. `at` is the place of
/// `deploy`.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html>
pub(super) fn expressions(
    placement: Option<&Placement>,
    machines: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> Vec<String> {
    // The other keys are answered for themselves.
    let Some(Placement { constraints, preferences: _, max_replicas_per_node: _, extensions: _ }) =
        placement
    else {
        return Vec::new();
    };
    let at = at.key("placement").key("constraints");
    let mut expressions = Vec::new();
    for (index, constraint) in constraints.iter().enumerate() {
        match answer(constraint, machines) {
            Answer::Expression(expression) => {
                if given(constraint).is_none() {
                    tell_of_attribute(&expression, at.index(index), cx);
                }
                expressions.push(expression);
            }
            Answer::Holds => {}
            Answer::Nothing(help) => {
                let message = if machines {
                    format!("ECS knows nothing of machines that `{constraint}` could ask for")
                } else {
                    "Fargate has no machines to choose from".to_owned()
                };
                let problem = Diagnostic::warning("ecs::placement", message);
                cx.report(problem.at(at.index(index), "without effect").help(help));
            }
        }
    }
    expressions
}

enum Answer {
    /// An expression of ECS.
    Expression(String),
    /// It is so anyway.
    Holds,
    /// It has no effect; what to write instead.
    Nothing(&'static str),
}

fn answer(constraint: &str, machines: bool) -> Answer {
    const PLATFORM: &str = "write `platform: linux/amd64` on the service";
    let Some((subject, operator, value)) = split(constraint) else {
        return native(constraint, machines);
    };
    match subject {
        "node.machine" | "node.ami" if machines && operator == "==" => Answer::Holds,
        // The one that is not wanted is no advice.
        "node.machine" if machines && value == "g5.xlarge" => {
            Answer::Nothing("name the type that you want: `node.machine == g6.xlarge`")
        }
        "node.machine" if machines => {
            Answer::Nothing("name the type that you want: `node.machine == g5.xlarge`")
        }
        "node.ami" if machines => {
            Answer::Nothing("name the image that you want: `node.ami == ami-...`")
        }
        "node.machine" | "node.ami" => Answer::Nothing("remove it, or ask for `gpus`"),
        "node.platform.os" if (operator, value) == ("==", "linux") => Answer::Holds,
        "node.platform.os" | "node.platform.arch" => Answer::Nothing(PLATFORM),
        _ if !machines => Answer::Nothing("remove it"),
        _ => match subject.strip_prefix("node.labels.") {
            Some(label) => Answer::Expression(format!("attribute:{label} {operator} {value}")),
            None => native(constraint, machines),
        },
    }
}

/// What is an expression of ECS stays one.
fn native(constraint: &str, machines: bool) -> Answer {
    let subjects =
        ["attribute:", "agentConnected", "agentVersion", "ec2InstanceId", "registeredAt", "task:"];
    let is_native = subjects.iter().any(|subject| constraint.trim_start().starts_with(subject));
    match (machines, is_native) {
        (true, true) => Answer::Expression(constraint.trim().to_owned()),
        (true, false) if split(constraint).is_none() && constraint.contains('=') => {
            Answer::Nothing("write two of these signs: `node.labels.disk == ssd`")
        }
        (true, false) => Answer::Nothing(
            "name an attribute that ECS gives: `attribute:ecs.availability-zone == us-east-1a`",
        ),
        (false, _) => Answer::Nothing("remove it"),
    }
}

/// Machines of the stack have the attributes that ECS gives and those of which one value
/// is asked for, and no others.
fn tell_of_attribute(expression: &str, at: Path, cx: &mut Context<'_>) {
    let Some(name) = asked_for(expression) else { return };
    let is_exact = || split(expression).is_some_and(|(_, operator, _)| operator == "==");
    if name == "ecs.instance-type" && !is_exact() {
        let message = "machines of the stack are of one type, which this does not choose";
        let problem = Diagnostic::warning("ecs::placement", message);
        let problem = problem.at(at, "no task starts unless it is such a type by chance");
        return cx.report(problem.help("name the type instead: `node.machine == g5.xlarge`"));
    }
    if is_of_ecs(name) {
        return;
    }
    let message = format!("no machine of the stack has the attribute `{name}`");
    let then = if cx.project.extensions.get("x-aws-cluster").is_some() {
        "tasks start on machines of others in the cluster that have it"
    } else {
        "no task starts before somebody gives it to one"
    };
    cx.report(Diagnostic::warning("ecs::placement", message).at(at, then).help(
        match two_conditions(expression) {
            Some((one, other)) => {
                format!("write each condition as one of its own: `{one}` and `{other}`")
            }
            None => format!(
                "ask for one value, which is given to machines then: `node.labels.{name} == a`"
            ),
        },
    ));
}

/// Constraints of a service hold together, so that nobody has to join two conditions.
fn two_conditions(expression: &str) -> Option<(&str, &str)> {
    let (one, other) = expression.split_once(" and ")?;
    (given(one).is_some() && given(other).is_some()).then_some((one.trim(), other.trim()))
}

/// The attribute that a machine must have. One that it must not have is no trouble.
fn asked_for(expression: &str) -> Option<&str> {
    let attribute = expression.strip_prefix("attribute:")?;
    let end = attribute.find(|c: char| c.is_whitespace() || "=!<>".contains(c))?;
    let (name, condition) = attribute.split_at(end);
    let condition = condition.trim_start();
    (!condition.starts_with('!') && !condition.starts_with("not")).then_some(name)
}

/// `node.labels.zone == a` in its three parts.
fn split(constraint: &str) -> Option<(&str, &str, &str)> {
    let at = constraint.find("==").or_else(|| constraint.find("!="))?;
    let (subject, rest) = constraint.split_at(at);
    let (operator, value) = rest.split_at(2);
    Some((subject.trim(), operator, value.trim()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, service};

    fn placement(constraint: &str) -> Vec<String> {
        service(&format!(
            "gpus: [{{count: 1}}]\ndeploy: {{placement: {{constraints: ['{constraint}']}}}}"
        ))
        .placement
    }

    #[test]
    fn constraints_become_expressions_on_machines() {
        let cases = [
            ("node.labels.disk==ssd", Some("attribute:disk == ssd")),
            ("node.labels.disk != hdd", Some("attribute:disk != hdd")),
            ("attribute:ecs.instance-type =~ g5.*", Some("attribute:ecs.instance-type =~ g5.*")),
            (
                "attribute:ecs.instance-type == g5.xlarge",
                Some("attribute:ecs.instance-type == g5.xlarge"),
            ),
            ("node.machine == g5.xlarge", None),
            ("node.ami == ami-0123456789abcdef0", None),
            ("node.platform.os == linux", None),
            ("node.role == worker", None),
        ];
        for (constraint, expression) in cases {
            let expected: Vec<_> = expression.into_iter().map(str::to_owned).collect();
            assert_eq!(placement(constraint), expected, "{constraint}");
        }
    }

    #[test]
    fn machines_have_the_attributes_of_which_one_value_is_asked_for() {
        check(
            "
services:
  web:
    image: nginx
    gpus: [{count: 1}]
    deploy:
      placement:
        constraints:
          - node.labels.zone == a
          - node.labels.disk != hdd
          - attribute:rack in [a, b]
#           ^^^^^^^^^^^^^^^^^^^^^^^^ warning: no machine of the stack has the attribute `rack`
#           help: ask for one value, which is given to machines then: `node.labels.rack == a`
          - attribute:x == a and attribute:y == b
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning: no machine of the stack has the attribute `x`
#           help: write each condition as one of its own: `attribute:x == a` and `attribute:y == b`
          - node.labels.a b == c
#           ^^^^^^^^^^^^^^^^^^^^ warning: no machine of the stack has the attribute `a`
#           help: ask for one value, which is given to machines then: `node.labels.a == a`
          - attribute:ecs.instance-type =~ g5.*
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning: machines of the stack are of one type, which this does not choose
#           help: name the type instead: `node.machine == g5.xlarge`
          - node.machine != g5.xlarge
#           ^^^^^^^^^^^^^^^^^^^^^^^^^ warning: ECS knows nothing of machines that `node.machine != g5.xlarge` could ask for
#           help: name the type that you want: `node.machine == g6.xlarge`
          - node.labels.disk = ssd
#           ^^^^^^^^^^^^^^^^^^^^^^ warning: ECS knows nothing of machines that `node.labels.disk = ssd` could ask for
#           help: write two of these signs: `node.labels.disk == ssd`
",
        );
    }

    #[test]
    fn a_machine_has_ten_attributes() {
        let constraints = |count: char| {
            ('a'..=count).map(|it| format!("node.labels.{it} == 1")).collect::<Vec<_>>().join(", ")
        };
        for (count, is_told) in [('j', false), ('k', true)] {
            let text = format!(
                "services: {{web: {{image: nginx, gpus: [{{count: 1}}], deploy: {{placement: \
                 {{constraints: [{}]}}}}}}}}\n",
                constraints(count)
            );
            let told = crate::check(&crate::testing::loaded(&text), &crate::Facts::none());
            let is_it = |it: &compose_model::Diagnostic| it.message.contains("at most");
            assert_eq!(told.diagnostics.iter().any(is_it), is_told, "{:?}", told.diagnostics);
        }
    }

    #[test]
    fn machines_of_others_may_have_what_those_of_the_stack_have_not() {
        check(
            "
x-aws-cluster: shop
#              ^^^^ warning: 1 `g4dn.xlarge` machine runs all the time
#              help: remove `x-aws-cluster` for machines that come and go with their tasks
#              ^^^^ warning: machines that run already are not given the attribute `disk`
#              help: once a constraint of a deployed service has changed, end its machines in EC2: those that start in their place have the attributes of the new one
services:
  web:
    image: nginx
    gpus: [{count: 1}]
    deploy:
      placement:
        constraints:
          - node.labels.disk == ssd
          - attribute:rack in [a, b]
#           ^^^^^^^^^^^^^^^^^^^^^^^^ warning: no machine of the stack has the attribute `rack`
#           help: ask for one value, which is given to machines then: `node.labels.rack == a`
",
        );
    }

    #[test]
    fn an_attribute_has_one_value() {
        check(
            "
services:
  web:
    image: nginx
    gpus: [{count: 1}]
    deploy:
      placement:
        constraints:
          - node.labels.zone == a
#           ^^^^^^^^^^^^^^^^^^^^^ another one here
          - attribute:zone == a
          - node.labels.zone == b
#           ^^^^^^^^^^^^^^^^^^^^^ warning: `zone` has one value
#           help: remove one of them
",
        );
    }

    #[test]
    fn fargate_has_no_machines_to_choose_from() {
        check(
            "
services:
  web:
    image: nginx
    deploy:
      placement:
        constraints:
          - node.role == manager
#           ^^^^^^^^^^^^^^^^^^^^ warning: Fargate has no machines to choose from
#           help: remove it
          - node.platform.os == linux
          - node.machine == g5.xlarge
#           ^^^^^^^^^^^^^^^^^^^^^^^^^ warning: Fargate has no machines to choose from
#           help: remove it, or ask for `gpus`
",
        );
    }
}
