//! Secrets Manager keeps the secrets of a project. Their values arrive by
//! parameters that nobody is shown, and are never in the template.

use std::collections::HashMap;

use ecs_validate::{EcsProject, Lookup, Secret as Wanted, SecretRef, SecretSource};
use serde::Serialize;

use super::shared::Names;
use super::tags::{Tags, secret_tags, with};
use crate::template::{Parameter, Resource, Stack};
use crate::value::{Pseudo, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Secret {
    description: String,
    secret_string: Value<String>,
    tags: Tags,
}

impl Resource for Secret {
    const TYPE: &'static str = "AWS::SecretsManager::Secret";
}

/// A secret, as containers have to know it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownSecret {
    /// What containers name.
    value: Value<String>,
    /// Which part of it; with colons, as containers name it.
    part: String,
    /// What permissions name.
    pub(crate) resource: Value<String>,
    /// Who keeps it.
    pub(crate) store: Store,
}

/// Who keeps a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// Secrets Manager, which can tell one key of a JSON object.
    SecretsManager,
    /// The Parameter Store.
    Parameters,
    /// One of the two: nobody knows before the template is deployed.
    Either,
}

/// Secrets, by their keys.
pub(crate) type Secrets<'a> = HashMap<&'a str, KnownSecret>;

/// All secrets of the project.
pub(crate) fn secrets<'a>(
    stack: &mut Stack,
    project: &'a EcsProject,
    names: &Names<'_>,
) -> Secrets<'a> {
    let mut secrets = Secrets::new();
    for wanted in &project.secrets {
        let known = match &wanted.source {
            SecretSource::Parameters { count } => new(stack, project, names, wanted, *count),
            SecretSource::Existing(Lookup::Known(arn)) => KnownSecret::parse(arn),
            SecretSource::Existing(Lookup::Asked) => {
                let id = names.secrets.id(&wanted.full_name, "Arn");
                let arn = Value::Ref(stack.ask(id, || asked(&wanted.name)));
                KnownSecret::whole(arn, Store::Either)
            }
        };
        secrets.insert(&wanted.name, known);
    }
    secrets
}

fn new(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    wanted: &Wanted,
    count: usize,
) -> KnownSecret {
    let secret = Secret {
        description: format!("Secret {}", wanted.full_name),
        secret_string: content(stack, names, wanted, count),
        tags: with(secret_tags(&project.name, &wanted.name), &wanted.tags),
    };
    let handle = stack.add(names.secrets.id(&wanted.full_name, "Secret"), &secret);
    KnownSecret::whole(handle.reference(), Store::SecretsManager)
}

/// The value, from as many parameters as it takes.
fn content(stack: &mut Stack, names: &Names<'_>, wanted: &Wanted, count: usize) -> Value<String> {
    let mut ids = Vec::new();
    let mut pieces = Vec::new();
    for number in 1..=count.max(1) {
        let suffix = if number == 1 { "Value".to_owned() } else { format!("Value{number}") };
        let id = names.secrets.id(&wanted.full_name, &suffix);
        let known = stack.ask(id, || piece(&wanted.name, number));
        ids.push(known.id().to_string());
        pieces.push(Value::Ref(known));
    }
    stack.inputs().secrets.insert(wanted.name.clone(), ids);
    match <[_; 1]>::try_from(pieces) {
        Ok([only]) => only,
        Err(pieces) => Value::Join("", pieces),
    }
}

/// A parameter holds 4,096 characters. The first has to be given, since there are
/// no empty secrets.
fn piece(secret: &str, number: usize) -> Parameter {
    let description = match number {
        1 => format!("The value of the secret {secret}"),
        _ => format!("More of the value of the secret {secret}: part {number}"),
    };
    Parameter {
        description,
        default: (number > 1).then(String::new),
        no_echo: Some(true),
        max_length: Some(4096),
        ..Parameter::default()
    }
}

const KEPT: &str = "in Secrets Manager or the Parameter Store";

fn asked(secret: &str) -> Parameter {
    Parameter {
        // Configs that exist are called `config NAME` among the secrets.
        description: match secret.strip_prefix("config ") {
            Some(name) => format!("The ARN of the config {name}, {KEPT}"),
            None => format!("The ARN of the secret {secret}, {KEPT}"),
        },
        allowed_pattern: Some("arn:[^:]+:(secretsmanager|ssm):[^:]+:[0-9]+:.+"),
        constraint_description: Some(
            "an ARN of Secrets Manager or of the Systems Manager Parameter Store",
        ),
        ..Parameter::default()
    }
}

/// What a container or an option of a log driver names, if the project has it.
pub(crate) fn find(secrets: &Secrets<'_>, wanted: &SecretRef) -> Option<KnownSecret> {
    match wanted {
        SecretRef::Project(key) => secrets.get(key.as_str()).cloned(),
        SecretRef::Arn(arn) => Some(KnownSecret::parse(arn)),
    }
}

impl KnownSecret {
    /// From an ARN, or from the name of a parameter.
    pub(crate) fn parse(arn: &str) -> Self {
        let pieces: Vec<&str> = arn.splitn(8, ':').collect();
        match pieces.as_slice() {
            ["arn", _, "secretsmanager", _, _, _, _] => Self::kept(arn),
            ["arn", _, "secretsmanager", _, _, _, _, part] => {
                Self { part: format!(":{part}"), ..Self::kept(&arn[..arn.len() - part.len() - 1]) }
            }
            ["arn", _, "ssm", ..] => Self::whole(arn.into(), Store::Parameters),
            _ => {
                Self { resource: parameter_arn(arn), ..Self::whole(arn.into(), Store::Parameters) }
            }
        }
    }

    /// Of Secrets Manager, by ARN.
    fn kept(arn: &str) -> Self {
        Self { resource: with_suffix(arn).into(), ..Self::whole(arn.into(), Store::SecretsManager) }
    }

    /// What a registry asks for, by ARN or by the name in Secrets Manager.
    pub(crate) fn credentials(text: &str) -> Self {
        if text.starts_with("arn:") {
            return Self::parse(text);
        }
        Self { resource: secret_arn(text), ..Self::whole(text.into(), Store::SecretsManager) }
    }

    fn whole(arn: Value<String>, store: Store) -> Self {
        Self { value: arn.clone(), part: String::new(), resource: arn, store }
    }

    /// What containers name for all of it, or as much as the author asked for.
    pub(crate) fn value_from(&self) -> Value<String> {
        self.value.clone().then(&self.part)
    }

    /// What containers name for one key of it.
    pub(crate) fn value_of_key(&self, key: &str) -> Value<String> {
        self.value.clone().then(&format!(":{key}::"))
    }
}

/// Secrets Manager adds a hyphen and six characters of its own to each name. Who
/// leaves them out finds the secret, but permissions are compared with all of it.
fn with_suffix(arn: &str) -> String {
    let own = |end: &str| end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if arn.rsplit_once('-').is_some_and(|(_, end)| own(end)) {
        return arn.to_owned();
    }
    format!("{arn}-??????")
}

fn secret_arn(name: &str) -> Value<String> {
    Value::from(format!("{name}-??????")).behind(vec![
        "arn:".into(),
        Pseudo::Partition.into(),
        ":secretsmanager:".into(),
        Pseudo::Region.into(),
        ":".into(),
        Pseudo::AccountId.into(),
        ":secret:".into(),
    ])
}

fn parameter_arn(name: &str) -> Value<String> {
    Value::from(name.trim_start_matches('/')).behind(vec![
        "arn:".into(),
        Pseudo::Partition.into(),
        ":ssm:".into(),
        Pseudo::Region.into(),
        ":".into(),
        Pseudo::AccountId.into(),
        ":parameter/".into(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(secret: &KnownSecret) -> String {
        serde_json::to_string(&secret.resource).unwrap()
    }

    #[test]
    fn a_permission_covers_what_secrets_manager_adds_to_a_name() {
        let start = "arn:aws:secretsmanager:eu-west-1:123456789012:secret";
        let cases = [
            ("db-AbCdEf", "db-AbCdEf"),
            ("db-AbCdEf:user::", "db-AbCdEf"),
            ("db", "db-??????"),
            ("my-db:user::", "my-db-??????"),
        ];
        for (name, expected) in cases {
            let secret = KnownSecret::parse(&format!("{start}:{name}"));
            assert_eq!(resource(&secret), format!("\"{start}:{expected}\""), "{name}");
        }
    }

    #[test]
    fn credentials_by_name_are_in_secrets_manager() {
        let secret = KnownSecret::credentials("registry");
        assert_eq!(secret.store, Store::SecretsManager);
        let start = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}";
        let expected = format!(r#"{{"Fn::Sub":"{start}:secret:registry-??????"}}"#);
        assert_eq!(resource(&secret), expected);
    }
}
