//! What authors may change in a template, and what they are told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod projects;

use cfn_convert::{Data, Format, Template, convert, overlay};
use compose_model::value::Value;
use compose_model::{Diagnostic, Place, Severity};
use projects::everything;

fn value(yaml: &str) -> Value {
    fn convert(value: serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(value) => Value::Int(value.as_i64().unwrap()),
            serde_json::Value::String(value) => Value::String(value),
            serde_json::Value::Array(items) => {
                Value::List(items.into_iter().map(convert).collect())
            }
            serde_json::Value::Object(map) => {
                Value::Map(map.into_iter().map(|(key, value)| (key, convert(value))).collect())
            }
        }
    }
    convert(serde_yaml::from_str(yaml).unwrap())
}

fn merged(yaml: &str) -> Template {
    let (template, problems) = overlay(convert(&everything()), &value(yaml));
    assert_eq!(problems, [], "{yaml}");
    template.unwrap()
}

fn mistakes(yaml: &str) -> Vec<String> {
    let (template, problems) = overlay(convert(&everything()), &value(yaml));
    assert_eq!(template, None, "{yaml}");
    problems.iter().map(told).collect()
}

fn told(problem: &Diagnostic) -> String {
    let (Place::Path(path) | Place::Key(path)) = &problem.labels[0].place else {
        panic!("{problem:?}")
    };
    let place = path.to_string();
    let place = place.strip_prefix("x-aws-cloudformation").unwrap();
    format!("{place}: {}; {}", problem.message, problem.help.as_ref().unwrap())
}

fn resource<'a>(template: &'a Template, id: &str) -> Option<&'a Data> {
    template.section("Resources").find(|(other, _)| *other == id).map(|(_, data)| data)
}

fn at<'a>(template: &'a Template, id: &str, way: &[&str]) -> Option<&'a Data> {
    way.iter().try_fold(resource(template, id)?, |data, key| data.get(key))
}

fn is_named(item: &Data, name: &str) -> bool {
    item.get("Name").and_then(Data::as_str) == Some(name)
}

#[test]
fn mappings_are_merged_and_scalars_replaced() {
    let template = merged(
        "Resources: {BusyTCP80TargetGroup: {Properties: {HealthCheckPath: /health, Port: 81}}}",
    );
    let property = |key| at(&template, "BusyTCP80TargetGroup", &["Properties", key]).unwrap();
    assert_eq!(property("HealthCheckPath"), &Data::from("/health"));
    assert_eq!(property("Port"), &Data::Int(81));
    assert_eq!(property("TargetType"), &Data::from("ip"));
}

#[test]
fn null_takes_a_key_out() {
    let template = merged("Resources: {LogGroup: {Properties: {RetentionInDays: null}}}");
    assert_eq!(at(&template, "LogGroup", &["Properties", "RetentionInDays"]), None);
    assert!(at(&template, "LogGroup", &["Properties", "LogGroupName"]).is_some());
}

#[test]
fn items_are_reached_by_what_they_hold() {
    let template = merged(
        "
Resources:
  BusyTaskDefinition:
    Properties:
      ContainerDefinitions[Name=busy]:
        StartTimeout: 60
        Environment[Name=A]:
          Value: changed
        Environment[Name=B]: null
        Secrets[0]: null
",
    );
    let path = ["Properties", "ContainerDefinitions"];
    let containers = at(&template, "BusyTaskDefinition", &path).unwrap().as_list().unwrap();
    let busy = containers.iter().find(|it| is_named(it, "busy")).unwrap();
    assert_eq!(busy.get("StartTimeout"), Some(&Data::Int(60)));
    let environment = busy.get("Environment").unwrap().as_list().unwrap();
    assert_eq!(environment[0].get("Value"), Some(&Data::from("changed")));
    assert!(!environment.iter().any(|it| is_named(it, "B")));
    let secrets = busy.get("Secrets").unwrap().as_list().unwrap();
    assert!(!secrets.iter().any(|it| is_named(it, "TOKEN")));
}

/// Their order is that of the author, which means nothing.
#[test]
fn items_are_those_from_before_the_overlay() {
    let volumes = |template: &Template| {
        let way = ["Properties", "Volumes"];
        at(template, "BusyTaskDefinition", &way).unwrap().as_list().unwrap().to_vec()
    };
    let before = volumes(&convert(&everything()));
    let keys = [
        "'Volumes[0]': null",
        "'Volumes[2]': null",
        "'Volumes[1]': {Name: a}",
        "'Volumes[3]': {Name: b}",
    ];
    let merged = |keys: &[&str]| {
        let properties = keys.join(", ");
        merged(&format!("Resources: {{BusyTaskDefinition: {{Properties: {{{properties}}}}}}}"))
    };
    let after = volumes(&merged(&keys));
    assert_eq!(after.len(), before.len() - 2);
    assert!(is_named(&after[0], "a") && is_named(&after[1], "b"));
    assert_eq!(after[2..], before[4..]);
    for turn in 1..keys.len() {
        assert_eq!(volumes(&merged(&[&keys[turn..], &keys[..turn]].concat())), after);
    }
    let same = merged(&["'Volumes[0]': null", "'Volumes[00]': null"]);
    assert_eq!(volumes(&same), before[1..]);
}

#[test]
fn functions_are_replaced_as_a_whole() {
    let template = merged(
        "Resources: {BusyService: {Properties: {Cluster: {Ref: Cluster}, DesiredCount: {Ref: Subnets}}}}",
    );
    let cluster = at(&template, "BusyService", &["Properties", "Cluster"]).unwrap();
    assert_eq!(serde_json::to_string(cluster).unwrap(), r#"{"Ref":"Cluster"}"#);
}

#[test]
fn resources_parameters_and_outputs_can_be_added() {
    let template = merged(
        "
Parameters: {Mail: {Type: String}}
Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: {'Fn::Sub': '${Mail} ${AWS::Region}'}}}}
Outputs: {Topic: {Value: {Ref: Topic}}}
",
    );
    assert!(resource(&template, "Topic").is_some());
    for format in [Format::Yaml, Format::Json] {
        assert!(template.render(format).contains("AWS::SNS::Topic"));
    }
}

#[test]
fn a_parameter_that_is_gone_is_no_input() {
    let template = merged(
        "
Parameters: {BuilderImage: null}
Resources:
  BuilderTaskDefinition:
    Properties: {'ContainerDefinitions[Name=builder]': {Image: nginx}}
",
    );
    assert!(template.inputs().images.is_empty());
    assert_eq!(template.inputs().secrets["key"], ["ShopkeyValue", "ShopkeyValue2"]);
}

#[test]
fn mistakes_have_their_place_and_say_what_to_type() {
    let cases = [
        (
            "[]",
            ": an overlay is a mapping of sections; write `Resources:`, the name of a resource, and what to change below it",
        ),
        (
            "Resources: {BusyService: hello}",
            ".Resources.BusyService: the resource `BusyService` is a mapping; write `Properties:` below it, or `BusyService: null` to take it out",
        ),
        (
            "Resources: {BusyService: {Properties: []}}",
            ".Resources.BusyService.Properties: `Properties` of `BusyService` is a mapping; write names of properties below it, each with its own value",
        ),
        (
            "Outputs: []",
            ".Outputs: `Outputs` is a mapping; write names below it, each with its own value",
        ),
        (
            "Parameters: {Subnets: hello}",
            ".Parameters.Subnets: `Subnets` of `Parameters` is a mapping; write its keys below it, or `Subnets: null` to take it out",
        ),
        (
            "Resource: {}",
            ".Resource: a template has no section `Resource`; did you mean `Resources`?",
        ),
        (
            "Resources: {BusyServce: {Properties: {}}}",
            ".Resources.BusyServce: there is no resource `BusyServce`; did you mean `BusyService`?",
        ),
        (
            "Resources: {LogGroup: {RetentionInDays: 3}}",
            ".Resources.LogGroup.RetentionInDays: a resource has no key `RetentionInDays`; write it below `Properties`: `Properties: {RetentionInDays: …}`",
        ),
        (
            "Resources: {LogGroup: {Propertys: {}}}",
            ".Resources.LogGroup.Propertys: a resource has no key `Propertys`; did you mean `Properties`?",
        ),
        (
            "Resources: {LogGroup: {Properties: {Retention: null}}}",
            ".Resources.LogGroup.Properties.Retention: there is no `Retention` here; did you mean `RetentionInDays`?",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'ContainerDefinitions[Name=bsy]': {Cpu: 1}}}}",
            ".Resources.BusyTaskDefinition.Properties.ContainerDefinitions[Name=bsy]: no item of `ContainerDefinitions` has the Name `bsy`; did you mean `ContainerDefinitions[Name=busy]`?",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'Volumes[9]': null}}}",
            ".Resources.BusyTaskDefinition.Properties.Volumes[9]: `Volumes` has no item 9; it has 6, and the first one is `[0]`",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'Volume[0]': null}}}",
            ".Resources.BusyTaskDefinition.Properties.Volume[0]: there is no list `Volume` here; did you mean `Volumes`?",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'ContainerDefinitions[Name=busy': {Cpu: 1}}}}",
            ".Resources.BusyTaskDefinition.Properties.ContainerDefinitions[Name=busy: `ContainerDefinitions[Name=busy` says no item of `ContainerDefinitions`; write `ContainerDefinitions[0]`, or what the item holds: `ContainerDefinitions[Name=web]`",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'Volumes[first]': null}}}",
            ".Resources.BusyTaskDefinition.Properties.Volumes[first]: `Volumes[first]` says no item of `Volumes`; write `Volumes[0]`, or what the item holds: `Volumes[Name=web]`",
        ),
        (
            "Resources: {my-topic: {Type: 'AWS::SNS::Topic'}}",
            ".Resources.my-topic: `my-topic` can be no name in `Resources`; write `mytopic`",
        ),
        (
            "Outputs: {my_url: {Value: a}}",
            ".Outputs.my_url: `my_url` can be no name in `Outputs`; write `myurl`",
        ),
        (
            "Outputs: {A: {Value: {'Fn::GetAtt': [LogGrup, Arn]}}}",
            ".Outputs.A.Value.Fn::GetAtt: there is no resource or parameter `LogGrup`; did you mean `LogGroup`?",
        ),
        (
            "Outputs: {A: {Value: {'Fn::Sub': 'a ${Nothing.Arn}'}}}",
            ".Outputs.A.Value.Fn::Sub: there is no resource or parameter `Nothing`; add it to `Resources` or `Parameters`, or refer to something else",
        ),
    ];
    for (yaml, expected) in cases {
        assert_eq!(mistakes(yaml), [expected], "{yaml}");
    }
}

/// What CloudFormation would refuse when it is deployed.
#[test]
fn what_cloudformation_would_refuse_is_told() {
    let cases = [
        (
            "Resources: {BusyService: {Condition: Ned}}",
            ".Resources.BusyService.Condition: there is no condition `Ned`; add it to `Conditions`, or remove this line",
        ),
        (
            "{Conditions: {Need: {'Fn::Equals': [a, b]}}, Outputs: {A: {Value: a, Condition: Ned}}}",
            ".Outputs.A.Condition: there is no condition `Ned`; did you mean `Need`?",
        ),
        (
            "{Conditions: {Need: {'Fn::Not': [{Condition: Ned}]}}}",
            ".Conditions.Need.Fn::Not[0].Condition: there is no condition `Ned`; did you mean `Need`?",
        ),
        (
            "Resources: {BusyService: {Properties: {DesiredCount: {'Fn::If': [Ned, 1, 2]}}}}",
            ".Resources.BusyService.Properties.DesiredCount.Fn::If[0]: there is no condition `Ned`; add it to `Conditions`, or remove this line",
        ),
        (
            "Parameters: {A: {Default: b}}",
            ".Parameters.A: the parameter `A` has no `Type`; write `Type: String`, or another one",
        ),
        (
            "Parameters: {A: {Type: Strin}}",
            ".Parameters.A.Type: no parameter is of the type `Strin`; did you mean `String`?",
        ),
        (
            "Parameters: {A: {Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnt::Id>>'}}",
            ".Parameters.A.Type: no parameter is of the type `AWS::SSM::Parameter::Value<List<AWS::EC2::Subnt::Id>>`; did you mean `AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>`?",
        ),
        (
            "Parameters: {A: {Type: 'List<String>'}}",
            ".Parameters.A.Type: no parameter is of the type `List<String>`; write `CommaDelimitedList`",
        ),
        (
            "Parameters: {A: {Type: 'List<CommaDelimitedList>'}}",
            ".Parameters.A.Type: no parameter is of the type `List<CommaDelimitedList>`; did you mean `CommaDelimitedList`?",
        ),
        (
            "Parameters: {A: {Type: 'AWS::SSM::Parameter::Value<Number>'}}",
            ".Parameters.A.Type: no parameter is of the type `AWS::SSM::Parameter::Value<Number>`; did you mean `AWS::SSM::Parameter::Value<String>`?",
        ),
        (
            "Resources: {'Fn::ForEach::T': [N, [a], {'T${N}': {Type: 'AWS::SNS::Topic'}}]}",
            ".Resources.Fn::ForEach::T: `Fn::ForEach::T` is a function of a macro; add `Transform: AWS::LanguageExtensions` to the overlay",
        ),
        (
            "Outputs: {A: {Value: {'Fn::Joi': ['', [a]]}}}",
            ".Outputs.A.Value.Fn::Joi: there is no function `Fn::Joi`; did you mean `Fn::Join`?",
        ),
        (
            "Outputs: {A: {Value: {'Fn::Length': [a]}}}",
            ".Outputs.A.Value.Fn::Length: there is no function `Fn::Length`; those of macros need `Transform: AWS::LanguageExtensions`",
        ),
        (
            "Outputs: {A: {Value: {'Fn::Join': [a, b, c]}}}",
            ".Outputs.A.Value.Fn::Join: `Fn::Join` does not take this; write a list of 2 items",
        ),
        (
            "Outputs: {A: {Value: {'Fn::GetAtt': Cluster}}}",
            ".Outputs.A.Value.Fn::GetAtt: `Fn::GetAtt` does not take this; write a resource and its attribute: `Fn::GetAtt: [LoadBalancer, DNSName]`",
        ),
        (
            "Outputs: {A: {Value: {Ref: [Cluster]}}}",
            ".Outputs.A.Value.Ref: `Ref` does not take this; write one name: `Ref: Cluster`",
        ),
        (
            "Outputs: {A: {Value: {'Fn::Sub': 'a ${AWS::Region'}}}",
            ".Outputs.A.Value.Fn::Sub: `Fn::Sub` does not take this; write a text: `Fn::Sub: 'on ${AWS::Region}'`",
        ),
        (
            "Parameters: {A: {Type: Text}}",
            ".Parameters.A.Type: no parameter is of the type `Text`; write `String`, `Number` or `CommaDelimitedList`",
        ),
        (
            "Parameters: {Subnets: {Defalt: b}}",
            ".Parameters.Subnets.Defalt: a parameter has no key `Defalt`; did you mean `Default`?",
        ),
        (
            "Outputs: {A: {Description: b}}",
            ".Outputs.A: the output `A` has no `Value`; write what it shows: `Value: {Ref: Cluster}`",
        ),
        (
            "Outputs: {A: {Value: b, Exprt: {Name: c}}}",
            ".Outputs.A.Exprt: an output has no key `Exprt`; did you mean `Export`?",
        ),
        (
            "Outputs: {A: {Value: {Ref: 'AWS::StackNam'}}}",
            ".Outputs.A.Value.Ref: there is no pseudo parameter `AWS::StackNam`; did you mean `AWS::StackName`?",
        ),
        (
            "Outputs: {A: {Value: {'Fn::Sub': '${AWS::Anything}'}}}",
            ".Outputs.A.Value.Fn::Sub: there is no pseudo parameter `AWS::Anything`; there is AWS::AccountId, AWS::NotificationARNs, AWS::NoValue, AWS::Partition, AWS::Region, AWS::StackId, AWS::StackName, AWS::URLSuffix",
        ),
        (
            "Resources: {LogGroup: {DeletionPolicy: Retian}}",
            ".Resources.LogGroup.DeletionPolicy: `Retian` is no `DeletionPolicy`; did you mean `Retain`?",
        ),
        (
            "Resources: {LogGroup: {UpdateReplacePolicy: Foo}}",
            ".Resources.LogGroup.UpdateReplacePolicy: `Foo` is no `UpdateReplacePolicy`; write one of Delete, Retain, Snapshot",
        ),
        (
            "Resources: {LogGroup: {Type: 'AWS::S3::Bucket'}}",
            ".Resources.LogGroup.Type: the resource `LogGroup` is an `AWS::Logs::LogGroup`; give yours another name, or leave `Type` out to change this one",
        ),
        (
            "Resources: {LogGroup: {DependsOn: BusyService}}",
            ".Resources.LogGroup.DependsOn: resources wait for each other: `LogGroup` for `BusyService` for `BusyTaskDefinition` for `LogGroup`; remove this, or another reference between them",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', DependsOn: [B]}, B: {Type: 'AWS::SNS::Topic', Properties: {TopicName: {'Fn::Sub': '${A.TopicName}'}}}}",
            ".Resources.A.DependsOn: resources wait for each other: `A` for `B` for `A`; remove this, or another reference between them",
        ),
        (
            "Resources: {LogGroup: {Properties: {'RetentionInDays[Name=x]': 3}}}",
            ".Resources.LogGroup.Properties.RetentionInDays[Name=x]: `RetentionInDays` is no list here; write `RetentionInDays:` and its new value",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'ContainerDefinitions[name=busy]': {Cpu: 1}}}}",
            ".Resources.BusyTaskDefinition.Properties.ContainerDefinitions[name=busy]: no item of `ContainerDefinitions` has the name `busy`; did you mean `ContainerDefinitions[Name=busy]`?",
        ),
    ];
    for (yaml, expected) in cases {
        assert_eq!(mistakes(yaml), [expected], "{yaml}");
    }
}

#[test]
fn what_cloudformation_knows_is_taken() {
    let rights = [
        "Parameters: {A: {Type: 'List<Number>'}, B: {Type: 'AWS::SSM::Parameter::Value<CommaDelimitedList>'}, C: {Type: 'AWS::New::Thing::Id'}, Subnets: {Default: b}}",
        "{Conditions: {N: {'Fn::Equals': [a, b]}, M: {Condition: N}}, Resources: {LogGroup: {Condition: M, DeletionPolicy: RetainExceptOnCreate}}}",
        "Resources: {LogGroup: {Type: 'AWS::Logs::LogGroup', DependsOn: Cluster}}",
        "Outputs: {A: {Value: {'Fn::Sub': '${AWS::Region}${AWS::URLSuffix}'}, Export: {Name: x}}}",
        "Resources: {Role: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Condition: {Bool: {'a:b': true}}}]}}}}",
    ];
    for right in rights {
        assert_eq!(warnings(right), [""; 0], "{right}");
    }
}

/// What is wrong in one place does not hide what is wrong in another.
#[test]
fn all_mistakes_are_told_at_once() {
    let told = mistakes(
        "
Resources:
  my-topic: {Type: 'AWS::SNS::Topic'}
  BusyServce: {Properties: {}}
  Half: {Type: 'AWS::SNS::Topic', Properties: []}
  LogGroup: {Propertys: {}, Properties: [], DeletionPolicy: Foo}
  BusyTaskDefinition:
    Properties:
      'ContainerDefinitions[Name=busy': {Cpu: 1}
      'ContainerDefinitions[Name=bsy]': {Cpu: 1}
  BusyService: {Properties: {DesiredCont: 3, Cluster: {Ref: my-topic}, Role: {Ref: Half}}}
Outputs: {a_b: {Value: a}, B: c, C: {Valu: {Ref: Nothing}}}
Parameters: {A: {Type: Strin}}
",
    );
    let expected = [
        "`my-topic` can be no name",
        "no resource `BusyServce`",
        "`Properties` of `Half`",
        "no key `Propertys`",
        "`Properties` of `LogGroup`",
        "`ContainerDefinitions[Name=busy` says no item",
        "has the Name `bsy`",
        "`a_b` can be no name",
        "`B` of `Outputs` is a mapping",
        "no resource or parameter `Nothing`",
        "of the type `Strin`",
        "no key `Valu`",
        "`Foo` is no `DeletionPolicy`",
        "no property `DesiredCont`",
    ];
    for expected in expected {
        let found = told.iter().filter(|told| told.contains(expected)).count();
        assert_eq!(found, 1, "{expected}: {told:#?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
}

#[test]
fn what_is_still_needed_cannot_be_taken_out() {
    assert_eq!(
        mistakes("Resources: {BuilderTaskDefinition: null}"),
        [
            ".Resources.BuilderTaskDefinition: `BuilderTaskDefinition` is taken out, but `BuilderService` refers to it; change `BuilderService` as well, or take it out too"
        ],
    );
    let parameters = mistakes("Parameters: {BuilderImage: null}");
    assert_eq!(
        parameters,
        [
            ".Parameters.BuilderImage: `BuilderImage` is taken out, but `BuilderTaskDefinition` refers to it; change `BuilderTaskDefinition` as well, or take it out too"
        ],
    );
    let all = mistakes("Parameters: null");
    assert!(all.len() > 1, "{all:?}");
    assert!(all.iter().all(|told| told.starts_with(".Parameters: `")), "{all:?}");
    assert!(
        resource(&merged("Resources: {BusyScalingPolicy: null}"), "BusyScalingPolicy").is_none()
    );
}

/// What is told of an overlay that is merged all the same.
fn warnings(yaml: &str) -> Vec<String> {
    let (template, problems) = overlay(convert(&everything()), &value(yaml));
    assert!(template.is_some(), "{yaml}: {problems:?}");
    assert!(problems.iter().all(|it| it.severity == Severity::Warning), "{yaml}: {problems:?}");
    problems.iter().map(told).collect()
}

#[test]
fn properties_that_aws_does_not_list_are_told() {
    let cases = [
        (
            "Resources: {BusyService: {Properties: {DesiredCont: 3}}}",
            ".Resources.BusyService.Properties.DesiredCont: `AWS::ECS::Service` has no property `DesiredCont`; did you mean `DesiredCount`?",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'ContainerDefinitions[Name=busy]': {Enviroment: []}}}}",
            ".Resources.BusyTaskDefinition.Properties.ContainerDefinitions[Name=busy].Enviroment: `ContainerDefinitions` of `AWS::ECS::TaskDefinition` has no property `Enviroment`; did you mean `Environment`?",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {'Volumes[0]': {EFSVolumeConfiguration: {AuthorizationConfig: {Iam: ENABLED}}}}}}",
            ".Resources.BusyTaskDefinition.Properties.Volumes[0].EFSVolumeConfiguration.AuthorizationConfig.Iam: `AuthorizationConfig` of `AWS::ECS::TaskDefinition` has no property `Iam`; did you mean `IAM`?",
        ),
        (
            "Resources: {LogGroup: {Properties: {Tags: [{Key: a, Value: b}, {Key: c, Valeu: d}]}}}",
            ".Resources.LogGroup.Properties.Tags[1].Valeu: `Tags` of `AWS::Logs::LogGroup` has no property `Valeu`; did you mean `Value`?",
        ),
        (
            "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Endpont: a}]}}}",
            ".Resources.Topic.Properties.Subscription[0].Endpont: `Subscription` of `AWS::SNS::Topic` has no property `Endpont`; did you mean `Endpoint`?",
        ),
        (
            "{Conditions: {A: {'Fn::Equals': [a, b]}}, Resources: {BusyService: {Properties: {DeploymentConfiguration: {'Fn::If': [A, {Alarms: {AlarmName: []}}, {Ref: 'AWS::NoValue'}]}}}}}",
            ".Resources.BusyService.Properties.DeploymentConfiguration.Fn::If[1].Alarms.AlarmName: `Alarms` of `AWS::ECS::Service` has no property `AlarmName`; did you mean `AlarmNames`?",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {ContainerDefinitions: {Name: busy}}}}",
            ".Resources.BusyTaskDefinition.Properties.ContainerDefinitions: `ContainerDefinitions` of `AWS::ECS::TaskDefinition` is a list; write `ContainerDefinitions[0]:` to change an item, or a list of all items",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {RequiresCompatibilities: FARGATE}}}",
            ".Resources.BusyTaskDefinition.Properties.RequiresCompatibilities: `RequiresCompatibilities` of `AWS::ECS::TaskDefinition` is a list; write each item in a line of its own, after `-`",
        ),
        (
            "Resources: {BusyTaskDefinition: {Properties: {RuntimePlatform: [ARM64]}}}",
            ".Resources.BusyTaskDefinition.Properties.RuntimePlatform: `RuntimePlatform` of `AWS::ECS::TaskDefinition` is a mapping; write names of properties below it",
        ),
        (
            "Resources: {Role: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {}, Policies: [{PolicyName: a, PolicyDocument: {Statement: [{Efect: Allow}]}}]}}}",
            ".Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Efect: a statement has no key `Efect`; did you mean `Effect`?",
        ),
        (
            "Resources: {BusyTaskExecutionRole: {Properties: {'Policies[0]': {PolicyDocument: {'Statement[0]': {Efect: Allow}}}}}}",
            ".Resources.BusyTaskExecutionRole.Properties.Policies[0].PolicyDocument.Statement[0].Efect: a statement has no key `Efect`; did you mean `Effect`?",
        ),
        (
            "Resources: {Role: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {Statment: {Effect: Allow}}}}}",
            ".Resources.Role.Properties.AssumeRolePolicyDocument.Statment: a policy has no key `Statment`; did you mean `Statement`?",
        ),
        (
            "Resources: {BusyService: {Properties: {DesiredCount: [3]}}}",
            ".Resources.BusyService.Properties.DesiredCount: `DesiredCount` of `AWS::ECS::Service` is a single value; write text, a number, or `true` or `false`",
        ),
    ];
    for (yaml, expected) in cases {
        assert_eq!(warnings(yaml), [expected], "{yaml}");
    }
}

#[test]
fn a_property_that_is_like_no_other_may_be_new() {
    let told = warnings("Resources: {BusyService: {Properties: {Zzz: 3}}}");
    let [told] = told.as_slice() else { panic!("{told:?}") };
    let (place, help) = told.split_once("; ").unwrap();
    assert!(place.ends_with(": `AWS::ECS::Service` has no property `Zzz`"), "{place}");
    assert!(help.starts_with("AWS did not list it on 20"), "{help}");
    assert!(help.ends_with("; take it out, unless AWS has added it since"), "{help}");
}

#[test]
fn what_authors_name_themselves_is_no_property() {
    let rights = [
        "BusyTaskDefinition: {Properties: {'ContainerDefinitions[Name=busy]': {DockerLabels: {any: a}, LogConfiguration: {Options: {awslogs-anything: b}}}}}",
        "BusyTaskExecutionRole: {Properties: {AssumeRolePolicyDocument: {Anything: {goes: [here]}}, Policies: [{PolicyName: a, PolicyDocument: {b: c}}]}}",
        "BusyService: {Properties: {NetworkConfiguration: {Ref: Subnets}, DesiredCount: '3'}}",
        "Else: {Type: 'Custom::Else', Properties: {ServiceTiken: a}}",
        "Else: {Type: 'Mine::Own::Thing', Properties: {A: {B: c}}}",
    ];
    for right in rights {
        assert_eq!(warnings(&format!("Resources: {{{right}}}")), [""; 0], "{right}");
    }
    let macros = [
        "{Transform: Mine, Resources: {BusyService: {Properties: {DesiredCont: 3}}}}",
        "{Transform: 'AWS::LanguageExtensions', Resources: {'Fn::ForEach::T': [N, [a], {'T${N}': {Type: 'AWS::SNS::Topic'}}]}, Outputs: {'Fn::ForEach::O': [N, [a], {'O${N}': {Value: a}}]}}",
        "{Resources: {'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://a/b'}}, Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: {Ref: Included}}}}}",
    ];
    for macros in macros {
        assert_eq!(warnings(macros), [""; 0], "{macros}");
    }
}

#[test]
fn what_is_refused_is_not_told_twice() {
    let all = "Resources: {BusyService: {Properties: {DesiredCont: null, 'LoadBalancer[0]': {}, \
               'LoadBalancers[x]': {}}}}";
    assert_eq!(mistakes(all).len(), 3, "{:?}", mistakes(all));
    let both =
        "Resources: {BusyServce: {Properties: {}}, BusyService: {Properties: {DesiredCont: 3}}}";
    let told = mistakes(both);
    assert!(told[0].contains("no resource `BusyServce`"), "{told:?}");
    assert!(told[1].contains("no property `DesiredCont`"), "{told:?}");
}

/// Each template, merged over itself, is an overlay.
#[test]
fn every_property_that_is_made_is_listed() {
    for (name, project) in projects::all() {
        let template = convert(&project);
        let json = serde_json::to_string(template.data()).unwrap();
        let (_, problems) = overlay(template, &value(&json));
        assert_eq!(problems, [], "{name}");
    }
}
