//! ARNs, as far as policies need them.

use std::fmt;

use crate::settings::Problem;

/// The ARN of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arn {
    pub(super) partition: String,
    pub(super) service: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) resource: String,
}

impl Arn {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned);
        let begin = next()?;
        let arn = Self {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        };
        (begin == "arn" && !arn.resource.is_empty()).then_some(arn)
    }

    /// Whether it is of what a flag takes.
    fn is_of(&self, service: &str) -> bool {
        let fits = match service {
            "task-definition" => {
                return self.service == "ecs" && self.resource.starts_with("task-definition/");
            }
            "ecs" => self.resource.starts_with("service/"),
            "iam" => self.resource.starts_with("role/"),
            _ => true,
        };
        self.service == service && fits
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// All ARNs that a flag was given; what is none becomes a problem.
pub(super) fn all(
    flag: &str,
    texts: &[String],
    service: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Arn> {
    let mut arns = Vec::new();
    for text in texts {
        match Arn::read(text).filter(|it| it.is_of(service)) {
            Some(arn) => arns.push(arn),
            None => problems.push(Problem {
                at: flag.to_owned(),
                message: format!("is {text:?}, which is not an ARN of the right kind"),
                help: format!("type {}", example(service)),
            }),
        }
    }
    arns
}

fn example(service: &str) -> &'static str {
    match service {
        "ecs" => "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME",
        "task-definition" => "arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION",
        "iam" => "arn:aws:iam::ACCOUNT:role/NAME",
        "sns" => "arn:aws:sns:REGION:ACCOUNT:NAME",
        _ => "arn:aws:sqs:REGION:ACCOUNT:NAME",
    }
}
