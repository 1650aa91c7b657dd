//! What a stack's own template says of its services, without asking for each.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::log_sources::{ContainerLogs, Logger};
use crate::roster::{SERVICE_TAG, untagged};
use crate::stack::{Stack, StackResource};
use crate::template::parse;

/// A template, and the values that it has in a stack.
pub(crate) struct Template<'a> {
    root: Value,
    parameters: &'a indexmap::IndexMap<String, String>,
    physical: HashMap<&'a str, &'a str>,
    region: &'a str,
    stack: &'a Stack,
}

/// A service of a template.
#[derive(Debug, PartialEq)]
pub(crate) struct Described {
    /// Its resource.
    pub(crate) logical_id: String,
    /// What the Compose file calls it.
    pub(crate) title: String,
    /// Where its containers log to, if the template says.
    pub(crate) logger: Option<Logger>,
}

impl<'a> Template<'a> {
    /// Reads a template. One that makes no sense has nothing in it.
    pub(crate) fn new(
        text: &str,
        stack: &'a Stack,
        resources: &'a [StackResource],
        region: &'a str,
    ) -> Self {
        let pairs = resources
            .iter()
            .filter_map(|it| Some((it.logical_id.as_str(), it.physical_id.as_deref()?)));
        Self {
            root: parse(text).unwrap_or_default(),
            parameters: &stack.parameters,
            physical: pairs.collect(),
            region,
            stack,
        }
    }

    /// The services of a template, sorted by their resources.
    pub(crate) fn services(&self) -> Vec<Described> {
        let Some(resources) = self.root["Resources"].as_object() else { return Vec::new() };
        let services = resources.iter().filter(|(_, it)| it["Type"] == "AWS::ECS::Service");
        let mut found: Vec<_> =
            services.map(|(id, it)| self.described(id, &it["Properties"])).collect();
        found.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
        found
    }

    fn described(&self, logical_id: &str, properties: &Value) -> Described {
        let tags = properties["Tags"].as_array().into_iter().flatten();
        let mut named = tags.filter(|tag| tag["Key"] == SERVICE_TAG);
        let title = named.next().and_then(|tag| self.text(&tag["Value"]));
        let title = title.unwrap_or_else(|| untagged(logical_id));
        let definition = properties["TaskDefinition"]["Ref"].as_str();
        let definition = definition.map(|id| &self.root["Resources"][id]["Properties"]);
        let containers = definition.and_then(|it| it["ContainerDefinitions"].as_array());
        let containers =
            containers.and_then(|all| all.iter().map(|it| self.container(it)).collect());
        let logger = containers.map(|containers| Logger { service: title.clone(), containers });
        Described { logical_id: logical_id.to_owned(), title, logger }
    }

    /// Nothing, if it says something that only AWS can work out.
    fn container(&self, container: &Value) -> Option<ContainerLogs> {
        let logs = &container["LogConfiguration"];
        let options = logs["Options"].as_object().into_iter().flatten();
        let options = options.map(|(key, value)| Some((key.clone(), self.text(value)?)));
        Some(ContainerLogs {
            name: self.text(&container["Name"])?,
            driver: match logs["LogDriver"].is_null() {
                true => None,
                false => Some(self.text(&logs["LogDriver"])?),
            },
            options: options.collect::<Option<BTreeMap<_, _>>>()?,
        })
    }

    /// A text, or what a simple function makes of it.
    fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Object(function) if function.len() == 1 => self.call(function),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn call(&self, function: &Map<String, Value>) -> Option<String> {
        let (name, argument) = function.iter().next()?;
        match name.as_str() {
            "Ref" => self.reference(argument.as_str()?),
            "Fn::Sub" => self.substituted(argument.as_str()?),
            "Fn::Join" => {
                let parts = argument[1].as_array()?.iter().map(|part| self.text(part));
                Some(parts.collect::<Option<Vec<_>>>()?.join(argument[0].as_str()?))
            }
            _ => None,
        }
    }

    fn reference(&self, name: &str) -> Option<String> {
        match name {
            "AWS::Region" => Some(self.region.to_owned()),
            "AWS::StackName" => Some(self.stack.name.clone()),
            "AWS::StackId" => Some(self.stack.id.clone()),
            "AWS::AccountId" => self.stack.id.split(':').nth(4).map(ToOwned::to_owned),
            "AWS::Partition" => self.stack.id.split(':').nth(1).map(ToOwned::to_owned),
            _ => {
                let known = self.physical.get(name).map(|id| (*id).to_owned());
                known.or_else(|| self.parameters.get(name).cloned())
            }
        }
    }

    /// `${Name}` is replaced, `${!Name}` is text.
    fn substituted(&self, text: &str) -> Option<String> {
        let mut pieces = text.split("${");
        let mut all = pieces.next()?.to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}')?;
            match name.strip_prefix('!') {
                Some(literal) => all += &format!("${{{literal}}}"),
                None => all += &self.reference(name.trim())?,
            }
            all += rest;
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::stack::Status;

    const TEMPLATE: &str = r"
Resources:
  LogGroup: {Type: AWS::Logs::LogGroup}
  MywebTaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: my-web
          LogConfiguration:
            LogDriver: awslogs
            Options:
              awslogs-group: {Ref: LogGroup}
              awslogs-region: !Ref AWS::Region
              awslogs-stream-prefix: !Sub '${Prefix}-${AWS::StackName}${!x}'
        - Name: silent
  MywebService:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: {Ref: MywebTaskDefinition}
      Tags: [{Key: com.docker.compose.service, Value: my-web}]
  OtherService:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: {Ref: Definition}}
  OddService:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: {Ref: OddTaskDefinition}}
  OddTaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: odd
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !ImportValue group}}
";

    #[test]
    fn a_template_says_where_its_containers_log_to() {
        let found = described(TEMPLATE);
        assert_eq!(found[0].title, "my-web");
        let logger = found[0].logger.clone().unwrap();
        let options: Vec<_> = logger.containers[0].options.values().cloned().collect();
        assert_eq!(options, ["/shop", "eu-west-1", "p-shop${x}"]);
        assert_eq!(logger.containers[1].driver, None);
    }

    #[test]
    fn what_only_aws_works_out_is_left_open() {
        let found = described(TEMPLATE);
        let open: Vec<_> = found.iter().filter(|it| it.logger.is_none()).collect();
        let titles: Vec<_> = open.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["Odd", "Other"]);
    }

    #[test]
    fn json_and_nonsense_are_read_too() {
        let json =
            r#"{"Resources": {"DbService": {"Type": "AWS::ECS::Service", "Properties": {}}}}"#;
        let titles = |text| described(text).into_iter().map(|it| it.title).collect::<Vec<_>>();
        assert_eq!(titles(json), ["Db"]);
        assert_eq!(titles("{"), [""; 0]);
        assert_eq!(titles("[]"), [""; 0]);
    }

    fn described(text: &str) -> Vec<Described> {
        let stack = Stack {
            id: "arn:aws:cloudformation:eu-west-1:1:stack/shop/1".to_owned(),
            name: "shop".to_owned(),
            status: Status("CREATE_COMPLETE".to_owned()),
            reason: None,
            created: None,
            updated: None,
            tags: IndexMap::new(),
            parameters: IndexMap::from([("Prefix".to_owned(), "p".to_owned())]),
            outputs: IndexMap::new(),
        };
        let resources = [StackResource {
            logical_id: "LogGroup".to_owned(),
            physical_id: Some("/shop".to_owned()),
            kind: "AWS::Logs::LogGroup".to_owned(),
            status: Status("CREATE_COMPLETE".to_owned()),
            reason: None,
        }];
        Template::new(text, &stack, &resources, "eu-west-1").services()
    }
}
