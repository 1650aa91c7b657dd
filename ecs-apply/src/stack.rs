//! What CloudFormation keeps: stacks, what is in them and what happened to them.

use std::fmt;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::request::ParameterValue;

/// A stack as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Its ARN, which no later stack of the same name has.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is doing, or what became of it.
    pub status: Status,
    /// Why, if AWS says so.
    pub reason: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was changed last.
    pub updated: Option<Timestamp>,
    /// Its tags, which its resources have too.
    pub tags: IndexMap<String, String>,
    /// Its parameters; secrets among them are masked.
    pub parameters: IndexMap<String, String>,
    /// What it tells about itself.
    pub outputs: IndexMap<String, String>,
}

/// What a stack or a resource is doing, or what became of it, as AWS writes it:
/// `UPDATE_ROLLBACK_COMPLETE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status(pub String);

impl Status {
    /// Whether somebody is at work on it. Tidying up after an update counts, since
    /// nothing else can be done meanwhile.
    pub fn is_under_way(&self) -> bool {
        self.0.ends_with("_IN_PROGRESS") && self.0 != "REVIEW_IN_PROGRESS"
    }

    /// Whether it was announced by a change set, and never made.
    pub fn is_announced(&self) -> bool {
        self.0 == "REVIEW_IN_PROGRESS"
    }

    /// Whether what was asked for was given up, or is being given up.
    pub fn is_rollback(&self) -> bool {
        self.0.contains("ROLLBACK") && self.0 != "IMPORT_ROLLBACK_COMPLETE"
    }

    /// Whether it could not be made, and what was made of it is being removed.
    pub fn is_undone_creation(&self) -> bool {
        self.0 == "ROLLBACK_IN_PROGRESS"
    }

    /// Whether it went wrong.
    pub fn is_failure(&self) -> bool {
        self.0.ends_with("_FAILED") || self.is_rollback()
    }

    /// Whether it is gone.
    pub fn is_deleted(&self) -> bool {
        self.0 == "DELETE_COMPLETE"
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A resource of a stack as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in AWS, as soon as it has one.
    pub physical_id: Option<String>,
    /// `AWS::ECS::Service`
    pub kind: String,
    /// What it is doing, or what became of it.
    pub status: Status,
    /// Why, if AWS says so.
    pub reason: Option<String>,
}

/// Something that happened to a stack or to one of its resources.
#[derive(Debug, Clone, PartialEq)]
pub struct StackEvent {
    /// No other event has it.
    pub id: String,
    /// When it happened.
    pub time: Timestamp,
    /// What it happened to: its name in the template, or the stack's own name.
    pub logical_id: String,
    /// Its name in AWS, as soon as it has one.
    pub physical_id: Option<String>,
    /// `AWS::ECS::Service`, or `AWS::CloudFormation::Stack`.
    pub kind: String,
    /// What it has been doing since.
    pub status: Status,
    /// Why, if AWS says so.
    pub reason: Option<String>,
    /// What whoever asked for it called the request.
    pub token: Option<String>,
}

/// Where CloudFormation finds a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// In the request.
    Body(String),
    /// At an address in S3.
    Url(String),
}

/// What CloudFormation does with a stack when its deployment fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Goes back to what was.
    #[default]
    Rollback,
    /// Leaves it as it is, to be looked at.
    Keep,
    /// Deletes what was made; of an update, goes back to what was.
    Delete,
}

/// What a stack is to be like.
#[derive(Clone)]
pub struct NewStack {
    /// Its name, or its ARN if it exists.
    pub stack: String,
    /// What is in it.
    pub template: TemplateSource,
    /// The values of its parameters, secrets among them: so it has no `Debug`.
    pub parameters: IndexMap<String, ParameterValue>,
    /// Its tags.
    pub tags: IndexMap<String, String>,
    /// The role that CloudFormation works as, if not the caller's own.
    pub role: Option<String>,
    /// What happens when it fails.
    pub on_failure: OnFailure,
    /// The name of this request: asking twice with the same does nothing twice.
    pub token: String,
}

/// What kind of change a change set is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// The stack is made.
    Create,
    /// The stack exists.
    Update,
}

/// What CloudFormation would do.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// Whether it is ready, `CREATE_COMPLETE`, or why not.
    pub status: Status,
    /// Why, if AWS says so.
    pub reason: Option<String>,
    /// In the order in which AWS tells them.
    pub changes: Vec<Change>,
}

impl ChangeSet {
    /// Whether it could not be made for the one reason that nothing would change.
    ///
    /// AWS says so in words alone.
    pub fn is_empty(&self) -> bool {
        let reason = self.reason.as_deref().unwrap_or_default();
        self.status.0 == "FAILED"
            && (reason.contains("didn't contain changes")
                || reason.contains("No updates are to be performed"))
    }
}

/// What would happen to one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub kind: ChangeKind,
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in AWS, if it exists.
    pub physical_id: Option<String>,
    /// `AWS::ECS::Service`
    pub resource: String,
    /// Whether it is made anew.
    pub replacement: Replacement,
    /// What of it changes.
    pub properties: Vec<PropertyChange>,
}

/// What is done to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is made.
    Add,
    /// It is changed, or made anew.
    Modify,
    /// It is removed.
    Remove,
    /// Anything else, in AWS's word: `Import`, `Dynamic`.
    Other(String),
}

/// Whether a resource is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// It stays.
    No,
    /// It depends on values that are known only then.
    Perhaps,
    /// The old one is removed.
    Yes,
}

/// A property that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyChange {
    /// `ContainerDefinitions`, or what else of the resource: `Tags`.
    pub name: String,
    /// Whether changing it needs a new resource.
    pub recreation: Recreation,
    /// What makes it change, if it is not written in the template: the parameter or
    /// resource that it refers to.
    pub cause: Option<String>,
}

/// Whether changing a property needs a new resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recreation {
    /// It does not.
    Never,
    /// It depends on the values.
    Conditionally,
    /// It does.
    Always,
}
