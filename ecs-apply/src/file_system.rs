//! What EFS keeps.

use jiff::Timestamp;

use crate::deploy::PROJECT_TAG;

/// The tag that says which volume a file system is of.
pub(crate) const VOLUME_TAG: &str = "com.docker.compose.volume";
/// The tag that CloudFormation says with which stack made it.
const STACK_TAG: &str = "aws:cloudformation:stack-id";

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

    /// Whether it was made for a volume of a project.
    pub(crate) fn is_of(&self, project: &str, volume: &str) -> bool {
        self.tag(PROJECT_TAG) == Some(project) && self.tag(VOLUME_TAG) == Some(volume)
    }

    /// The ARN of the stack that made it.
    pub(crate) fn stack(&self) -> Option<&str> {
        self.tag(STACK_TAG)
    }

    /// Whether no stack of another name made it: what that has left is not for this one.
    pub(crate) fn is_of_stack(&self, name: &str) -> bool {
        self.stack().and_then(name_of).is_none_or(|maker| maker == name)
    }
}

/// `arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/0a1b…`
fn name_of(stack: &str) -> Option<&str> {
    stack.split_once(":stack/")?.1.split('/').next()
}

/// A door to a file system, of which each availability zone of one VPC has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountTarget {
    /// `fsmt-…`
    pub id: String,
    /// The VPC that it is in.
    pub vpc: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_named_in_its_arn() {
        let arn = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/0a1b";
        assert_eq!(name_of(arn), Some("shop"));
        assert_eq!(name_of("shop"), None);
    }

    #[test]
    fn a_file_system_is_of_the_stack_that_made_it() {
        let made_by = |stack: &str| FileSystem {
            tags: vec![(STACK_TAG.to_owned(), format!("arn:aws:x:stack/{stack}/0a1b"))],
            ..FileSystem::default()
        };
        assert!(made_by("shop").is_of_stack("shop"));
        assert!(!made_by("shop-two").is_of_stack("shop"));
        assert!(FileSystem::default().is_of_stack("shop"));
    }
}
