//! Templates as data, whoever wrote them.

use serde_json::{Map, Value as Json};
use serde_yaml::Value as Yaml;
use serde_yaml::value::TaggedValue;
use thiserror::Error;

/// It is no template.
#[derive(Debug, Error)]
pub enum TemplateError {
    /// It is neither YAML nor JSON.
    #[error("the template is neither YAML nor JSON")]
    Syntax(#[from] serde_yaml::Error),
    /// It has no resources.
    #[error("the template has no Resources")]
    NoResources,
}

/// Reads a template. Short forms of functions, `!Ref x`, become long ones, so that
/// templates compare whatever they were written in.
pub fn parse(text: &str) -> Result<Json, TemplateError> {
    // JSON is YAML to all but its parsers: what is large is read ten times faster.
    let data = match serde_json::from_str(text) {
        Ok(data) => data,
        Err(_) => plain(serde_yaml::from_str(text)?),
    };
    if data["Resources"].is_object() { Ok(data) } else { Err(TemplateError::NoResources) }
}

/// The parameters that AWS shows nobody the values of.
pub fn secret_parameters(template: &Json) -> impl Iterator<Item = &str> {
    let parameters = template["Parameters"].as_object().into_iter().flatten();
    let is_secret = |it: &Json| it["NoEcho"] == true || it["NoEcho"] == "true";
    parameters.filter(move |(_, it)| is_secret(it)).map(|(name, _)| name.as_str())
}

fn plain(value: Yaml) -> Json {
    match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(number) => number_of(&number),
        Yaml::String(text) => Json::String(text),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key_of(key), plain(value)));
            Json::Object(entries.collect())
        }
        Yaml::Tagged(tagged) => function(*tagged),
    }
}

fn number_of(number: &serde_yaml::Number) -> Json {
    let whole = number.as_i64().map(Json::from).or_else(|| number.as_u64().map(Json::from));
    whole.unwrap_or_else(|| Json::from(number.as_f64()))
}

fn key_of(key: Yaml) -> String {
    match plain(key) {
        Json::String(text) => text,
        other @ (Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::Array(_)
        | Json::Object(_)) => other.to_string(),
    }
}

/// `!Ref x` is `{Ref: x}`, `!GetAtt a.b` is `{Fn::GetAtt: [a, b]}`, `!Sub x` is
/// `{Fn::Sub: x}`.
fn function(tagged: TaggedValue) -> Json {
    let tag = tagged.tag.to_string();
    let tag = tag.trim_start_matches('!');
    let mut value = plain(tagged.value);
    let name = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        _ => format!("Fn::{tag}"),
    };
    if let (true, Some((resource, attribute))) =
        (tag == "GetAtt", value.as_str().and_then(|text| text.split_once('.')))
    {
        value = Json::from(vec![resource, attribute]);
    }
    Json::Object(Map::from_iter([(name, value)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_are_long_ones() {
        let yaml = "
Resources:
  Web:
    Type: AWS::ECS::Service
    Properties: {Cluster: !Ref Cluster, Role: !GetAtt Role.Arn, Name: !Sub 'x-${AWS::Region}', Count: 2}
";
        let json = json!({"Resources": {"Web": {"Type": "AWS::ECS::Service", "Properties": {
            "Cluster": {"Ref": "Cluster"},
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Name": {"Fn::Sub": "x-${AWS::Region}"},
            "Count": 2,
        }}}});
        assert_eq!(parse(yaml).unwrap(), json);
        assert_eq!(parse(&json.to_string()).unwrap(), json);
    }

    #[test]
    fn other_files_are_no_templates() {
        for text in ["", "services: {web: {image: nginx}}", "[1, 2]", "a: [", "Resources: []"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
