//! The values that CloudFormation is sent for what a template asks for.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::DeployError;
use crate::readiness::Readiness;
use crate::request::ParameterValue;
use crate::stack::Stack;

/// What was not given stays as the stack has it, or is what the template says.
pub(super) fn fill_in(
    given: &IndexMap<String, ParameterValue>,
    wanted: &Json,
    found: &Readiness,
) -> Result<IndexMap<String, ParameterValue>, DeployError> {
    let asked = wanted["Parameters"].as_object();
    let is_asked = |name: &str| asked.is_some_and(|asked| asked.contains_key(name));
    let unasked: Vec<String> = given.keys().filter(|name| !is_asked(name)).cloned().collect();
    if !unasked.is_empty() {
        return Err(DeployError::Unasked { names: unasked });
    }
    let has = |name: &str| previous(found).is_some_and(|it| it.parameters.contains_key(name));
    let mut values = given.clone();
    let mut unanswered = Vec::new();
    for (name, parameter) in asked.into_iter().flatten() {
        if given.contains_key(name) {
            continue;
        }
        if has(name) {
            values.insert(name.clone(), ParameterValue::Previous);
        } else if parameter.get("Default").is_none() {
            unanswered.push(name.clone());
        }
    }
    if unanswered.is_empty() {
        Ok(values)
    } else {
        Err(DeployError::Unanswered { names: unanswered })
    }
}

/// The stack whose values can stay. One that is made anew has none, even if what is left
/// of it still tells some: AWS refuses to create a stack with them.
fn previous(found: &Readiness) -> Option<&Stack> {
    match found {
        Readiness::Ready(stack) | Readiness::Busy(stack) | Readiness::Stuck(stack) => Some(stack),
        Readiness::Absent | Readiness::Announced(_) | Readiness::Failed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::readiness::readiness;
    use crate::stack::Status;

    /// A stack in this state, with values for `Image` and `Machine`.
    fn found(status: &str) -> Readiness {
        let value = |name: &str| (name.to_owned(), "x".to_owned());
        readiness((!status.is_empty()).then(|| Stack {
            id: "arn".to_owned(),
            name: "shop".to_owned(),
            status: Status(status.to_owned()),
            reason: None,
            created: None,
            updated: None,
            tags: IndexMap::new(),
            parameters: [value("Image"), value("Machine")].into(),
            outputs: IndexMap::new(),
        }))
    }

    /// What is sent to a stack in this state, or why nothing is.
    fn sent(status: &str, given: &[&str]) -> String {
        let wanted = json!({"Parameters": {
            "Image": {"Type": "String"},
            "Machine": {"Type": "String", "Default": "small"},
            "Size": {"Type": "Number", "Default": 1},
        }});
        let known = |name: &&str| ((*name).to_owned(), ParameterValue::Known("y".to_owned()));
        let given = given.iter().map(known).collect();
        let told = |(name, value)| match value {
            ParameterValue::Known(value) => format!("{name}={value}"),
            ParameterValue::Previous => format!("{name} stays"),
        };
        match fill_in(&given, &wanted, &found(status)) {
            Ok(values) => values.into_iter().map(told).collect::<Vec<_>>().join(", "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_what_can_be_changed_has_values_that_stay() {
        let cases = [
            ("", &["Image"][..], "Image=y"),
            ("", &[], "the template asks for Image"),
            ("CREATE_COMPLETE", &[], "Image stays, Machine stays"),
            ("CREATE_COMPLETE", &["Image", "Size"], "Image=y, Size=y, Machine stays"),
            ("UPDATE_IN_PROGRESS", &[], "Image stays, Machine stays"),
            ("UPDATE_ROLLBACK_FAILED", &[], "Image stays, Machine stays"),
            ("REVIEW_IN_PROGRESS", &["Image"], "Image=y"),
            ("REVIEW_IN_PROGRESS", &[], "the template asks for Image"),
            ("ROLLBACK_COMPLETE", &["Image"], "Image=y"),
            ("ROLLBACK_COMPLETE", &[], "the template asks for Image"),
            ("CREATE_FAILED", &["Image"], "Image=y"),
            ("DELETE_COMPLETE", &[], "the template asks for Image"),
            ("CREATE_COMPLETE", &["Imgae"], "the template does not ask for Imgae"),
        ];
        for (status, given, expected) in cases {
            assert_eq!(sent(status, given), expected, "{status} {given:?}");
        }
    }

    #[test]
    fn a_template_may_ask_for_nothing() {
        assert!(fill_in(&IndexMap::new(), &json!({}), &found("")).is_ok_and(|it| it.is_empty()));
    }
}
