//! What a role allows, and who may take it on.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use serde::Serialize;

use crate::template::Data;
use crate::value::Value;

/// A policy document of ours or of the author.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Document {
    /// Made of statements.
    Ours(Statements),
    /// As it was written.
    Theirs(Data),
}

/// Statements with what has to stand around them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statements {
    version: &'static str,
    statement: Vec<Statement>,
}

/// One permission.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    effect: &'static str,
    principal: Option<Principal>,
    action: Vec<&'static str>,
    resource: Vec<Value<String>>,
    condition: Option<Condition>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    service: &'static str,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    string_equals: AccessPoint,
}

#[derive(Debug, PartialEq, Serialize)]
struct AccessPoint {
    #[serde(rename = "elasticfilesystem:AccessPointArn")]
    arn: Value<String>,
}

impl Document {
    /// Of statements.
    pub(crate) fn of(statement: Vec<Statement>) -> Self {
        Self::Ours(Statements { version: "2012-10-17", statement })
    }

    /// That a service of AWS may take on the role.
    pub(crate) fn trust(service: &'static str) -> Self {
        Self::of(vec![Statement {
            principal: Some(Principal { service }),
            ..Statement::allow(vec!["sts:AssumeRole"], Vec::new())
        }])
    }
}

impl Statement {
    /// Allows actions on resources.
    pub(crate) fn allow(action: Vec<&'static str>, resource: Vec<Value<String>>) -> Self {
        Self { effect: "Allow", principal: None, action, resource, condition: None }
    }

    /// Only by way of an access point.
    pub(crate) fn through(self, access_point: Value<String>) -> Self {
        let condition = Condition { string_equals: AccessPoint { arn: access_point } };
        Self { condition: Some(condition), ..self }
    }
}
