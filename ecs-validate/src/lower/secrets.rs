//! `secrets` of a service to files, and `x-aws-secrets` to variables.

use compose_model::Path;
use compose_model::service::FileReference;
use indexmap::IndexMap;

use crate::context::Context;
use crate::service::{SecretFile, SecretRef, SecretVariable};

/// Secrets that a container reads from files.
pub(super) fn files(
    _secrets: &[FileReference],
    _at: &Path,
    _cx: &mut Context<'_>,
) -> Vec<SecretFile> {
    Vec::new()
}

/// Variables whose values are kept elsewhere: `x-aws-secrets`.
pub(super) fn variables(
    _secrets: &IndexMap<String, String>,
    _at: &Path,
    _cx: &mut Context<'_>,
) -> Vec<SecretVariable> {
    Vec::new()
}

/// What a text in an extension refers to: a secret of the project by its key, or
/// an ARN. Nothing if it is neither, which has been told.
pub(super) fn reference(_text: &str, _at: &Path, _cx: &mut Context<'_>) -> Option<SecretRef> {
    None
}
