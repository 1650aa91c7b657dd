//! What EFS keeps.

use jiff::Timestamp;

/// A file system as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSystem {
    /// `fs-…`
    pub id: String,
    /// Its `Name` tag.
    pub name: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// All of its tags.
    pub tags: Vec<(String, String)>,
}

impl FileSystem {
    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

/// A door to a file system, of which each availability zone of one VPC has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountTarget {
    /// `fsmt-…`
    pub id: String,
    /// The VPC that it is in.
    pub vpc: String,
}
