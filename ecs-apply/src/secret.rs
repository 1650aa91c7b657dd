//! What Secrets Manager keeps. Values are never asked for.

/// A secret as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secret {
    /// Its ARN.
    pub arn: String,
    /// Whether it is going to be deleted, and cannot be read any more.
    pub deleted: bool,
}
