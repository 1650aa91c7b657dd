//! Finds out what exists already: [`Wanted`] to [`Facts`].

mod subnets;
mod trouble;
mod vpc;

use compose_model::{Diagnostic, Severity};
use ecs_validate::{Facts, Wanted};

use self::trouble::Findings;
use crate::aws::{Aws, AwsError};

/// How to look things up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupOptions {
    /// The stack that is to be made or updated.
    pub stack_name: String,
    /// Whether registries are asked for the digests of images.
    pub resolve_images: bool,
}

/// What was found, and what there is to say about the rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looked {
    /// What exists.
    pub facts: Facts,
    /// What is missing or may not be looked at, all of it; and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Looked {
    /// Whether something is missing without which nothing can be deployed.
    pub fn is_refused(&self) -> bool {
        self.diagnostics.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether nothing else is wrong than that AWS does not allow to look.
    pub fn is_denied(&self) -> bool {
        let mut errors =
            self.diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
        self.is_refused() && errors.all(|problem| problem.code == trouble::DENIED)
    }
}

/// Looks up what a project refers to and does not bring along. What it does not need
/// is not asked for, and questions that do not depend on each other are asked side
/// by side.
///
/// # Errors
///
/// If nothing can be asked: no answer, or nobody that AWS knows. What is missing is
/// not an error but a diagnostic.
pub async fn lookup(
    aws: &Aws,
    wanted: &Wanted,
    options: &LookupOptions,
) -> Result<Looked, AwsError> {
    let _ = options;
    let mut findings = Findings::default();
    let vpc = vpc::vpc(aws, wanted, wanted.vpc.as_deref()).await;
    let facts = Facts { vpc: findings.keep(vpc)?, ..Facts::none() };
    Ok(Looked { facts, diagnostics: findings.diagnostics })
}
