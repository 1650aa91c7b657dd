//! What a template asks for when it is deployed.

use serde::Serialize;

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parameter {
    /// What CloudFormation holds a value against.
    #[serde(rename = "Type")]
    pub(crate) kind: ParameterType,
    /// What the console shows beside the field.
    pub(crate) description: String,
    /// What is taken if nothing is given.
    pub(crate) default: Option<String>,
    /// Whether nobody is shown the value.
    pub(crate) no_echo: Option<bool>,
    /// What a value looks like.
    pub(crate) allowed_pattern: Option<&'static str>,
    /// What is said about a value that looks different.
    pub(crate) constraint_description: Option<&'static str>,
    /// The only values that there are.
    pub(crate) allowed_values: &'static [&'static str],
    /// How many characters a value has at most.
    pub(crate) max_length: Option<u32>,
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) enum ParameterType {
    /// Text.
    #[default]
    String,
    /// A VPC, chosen from those that exist.
    #[serde(rename = "AWS::EC2::VPC::Id")]
    Vpc,
    /// Subnets, chosen from those that exist.
    #[serde(rename = "List<AWS::EC2::Subnet::Id>")]
    Subnets,
    /// A security group, chosen from those that exist.
    #[serde(rename = "AWS::EC2::SecurityGroup::Id")]
    SecurityGroup,
    /// A machine image, whose id AWS keeps in a public parameter of its own.
    #[serde(rename = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>")]
    LatestImage,
}
