//! What ECS keeps for all who use it.

/// A cluster as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`; `INACTIVE` for some time after it was deleted.
    pub status: String,
}
