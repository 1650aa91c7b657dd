//! What the services of a project share: where they run, and what stands in
//! front of them.

use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::extensions::ProjectExtensions;
use crate::project::{Cluster, Lookup};

/// The cluster: the project's own, or the one that `x-aws-cluster` names.
pub(crate) fn cluster(extensions: &ProjectExtensions, cx: &mut Context<'_>) -> Cluster {
    let Some(text) = &extensions.cluster else { return Cluster::New };
    let asked = Cluster::Existing { name: last_part(text), reference: text.clone() };
    let Some(known) = &cx.facts.cluster else { return asked };
    if ![&known.name, &known.arn].contains(&text) {
        let other = if text.starts_with("arn:") { &known.arn } else { &known.name };
        let problem = of_another("ecs::other-cluster", other, text);
        cx.report(
            problem
                .at(Path::root().key("x-aws-cluster"), "")
                .help(format!("look up the facts of this cluster, or write `{other}`")),
        );
        return asked;
    }
    Cluster::Existing { name: known.name.clone(), reference: known.arn.clone() }
}

/// The Compose file names one thing, and the facts another.
pub(super) fn of_another(code: &'static str, known: &str, asked: &str) -> Diagnostic {
    Diagnostic::error(code, format!("what is known is about `{known}`, not about `{asked}`"))
}

/// The VPC: the one that `x-aws-vpc` names, or what is known.
pub(crate) fn vpc(extensions: &ProjectExtensions, cx: &mut Context<'_>) -> Lookup {
    let asked = extensions.vpc.as_deref().map(last_part);
    let at = Path::root().key("x-aws-vpc");
    let facts = cx.facts;
    if let (Some(asked), Some(balancer)) = (&asked, &facts.load_balancer)
        && *asked != balancer.vpc
    {
        let message = format!("the load balancer is in `{}`, not in `{asked}`", balancer.vpc);
        cx.report(
            Diagnostic::error("ecs::other-vpc", message)
                .at(at.clone(), "")
                .at(Path::root().key("x-aws-loadbalancer"), "this one")
                .help(format!("remove `x-aws-vpc`, or write `{}`", balancer.vpc)),
        );
    }
    let known = facts.load_balancer.as_ref().map(|balancer| &balancer.vpc);
    let known = known.or(facts.vpc.as_ref().map(|vpc| &vpc.id)).filter(|id| !id.is_empty());
    match (asked, known) {
        (Some(asked), Some(known)) if facts.load_balancer.is_none() && asked != *known => {
            let problem = of_another("ecs::other-vpc", known, &asked);
            cx.report(problem.at(at, "").help("look up the facts of this VPC"));
            Lookup::Known(asked)
        }
        (Some(asked), _) => Lookup::Known(asked),
        (None, Some(known)) => Lookup::Known(known.clone()),
        (None, None) => Lookup::Asked,
    }
}

/// What stands after the last slash of an ARN, or the text itself.
pub(crate) fn last_part(text: &str) -> String {
    text.rsplit('/').next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::facts::{ClusterFacts, Facts};
    use crate::testing::check_with;

    #[test]
    fn facts_are_about_the_cluster_that_is_named() {
        let arn = |name: &str| format!("arn:aws:ecs:eu-west-1:123456789012:cluster/{name}");
        let known = ClusterFacts { name: "shared".to_owned(), arn: arn("shared") };
        let facts = Facts { cluster: Some(known), ..Facts::none() };
        for named in ["shared".to_owned(), arn("shared")] {
            check_with(
                &facts,
                &format!("x-aws-cluster: {named}\nservices: {{web: {{image: nginx}}}}\n"),
            );
        }
        check_with(
            &facts,
            "
x-aws-cluster: other
#              ^^^^^ error: what is known is about `shared`, not about `other`
#              help: look up the facts of this cluster, or write `shared`
services: {web: {image: nginx}}
",
        );
    }
}
