//! What a task needs of AWS, collected while its containers are written, so that
//! its roles allow that and nothing else.

use crate::value::{Pseudo, Value};

use super::file_system::KnownVolume;
use super::secret::{KnownSecret, Store};

/// What a task needs of AWS.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// ARNs of log groups that it writes to.
    pub(crate) log_groups: Vec<Value<String>>,
    /// ARNs of log groups that it makes.
    pub(crate) new_log_groups: Vec<Value<String>>,
    /// ARNs in Secrets Manager.
    pub(crate) secrets: Vec<Value<String>>,
    /// ARNs in the Parameter Store.
    pub(crate) parameters: Vec<Value<String>>,
    /// ARNs of repositories that images are pulled from.
    pub(crate) repositories: Vec<Value<String>>,
    /// Volumes that it mounts.
    pub(crate) volumes: Vec<Access>,
}

/// How a task uses a volume.
#[derive(Debug, PartialEq)]
pub(crate) struct Access {
    /// The ARN of its file system.
    pub(crate) file_system: Value<String>,
    /// The ARN of its access point.
    pub(crate) access_point: Value<String>,
    /// Whether it writes.
    pub(crate) write: bool,
}

impl Needs {
    /// Writes to a log group.
    pub(crate) fn log_group(&mut self, arn: Value<String>) {
        insert(&mut self.log_groups, arn);
    }

    /// Makes a log group that does not exist.
    pub(crate) fn new_log_group(&mut self, arn: Value<String>) {
        insert(&mut self.new_log_groups, arn);
    }

    /// Reads a secret.
    pub(crate) fn secret(&mut self, secret: &KnownSecret) {
        if secret.store != Store::Parameters {
            insert(&mut self.secrets, secret.resource.clone());
        }
        if secret.store != Store::SecretsManager {
            insert(&mut self.parameters, secret.resource.clone());
        }
    }

    /// Pulls an image, if it is in a registry of AWS that asks who one is.
    pub(crate) fn image(&mut self, image: &str) {
        if let Some(repository) = repository(image) {
            insert(&mut self.repositories, repository);
        }
    }

    /// Pulls an image that is going to be in a repository of the same account.
    pub(crate) fn built_image(&mut self) {
        let own = repository_arn(Pseudo::Region.into(), Pseudo::AccountId.into(), "*");
        insert(&mut self.repositories, own);
    }

    /// Mounts a volume.
    pub(crate) fn volume(&mut self, volume: &KnownVolume, write: bool) {
        let same = |access: &&mut Access| access.access_point == volume.access_point_arn;
        if let Some(access) = self.volumes.iter_mut().find(same) {
            access.write |= write;
            return;
        }
        self.volumes.push(Access {
            file_system: volume.arn.clone(),
            access_point: volume.access_point_arn.clone(),
            write,
        });
    }
}

fn insert(values: &mut Vec<Value<String>>, value: Value<String>) {
    if !values.contains(&value) {
        values.push(value);
    }
}

/// The ARN of a private repository of AWS: `{account}.dkr.ecr.{region}.…/{name}`.
fn repository(image: &str) -> Option<Value<String>> {
    let (host, rest) = image.split_once('/')?;
    let host: Vec<&str> = host.split('.').collect();
    let (account, region) = match host.as_slice() {
        [account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com"]
        | [account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com", "cn"]
        | [account, "dkr-ecr" | "dkr-ecr-fips", region, "on", "aws"] => (*account, *region),
        _ => return None,
    };
    let name = rest.split('@').next().unwrap_or(rest);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        Some(_) | None => name,
    };
    Some(repository_arn(region.into(), account.into(), name))
}

fn repository_arn(
    region: crate::value::Part,
    account: crate::value::Part,
    name: &str,
) -> Value<String> {
    Value::from(name).behind(vec![
        "arn:".into(),
        Pseudo::Partition.into(),
        ":ecr:".into(),
        region,
        ":".into(),
        account,
        ":repository/".into(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(image: &str) -> Option<String> {
        repository(image).map(|value| serde_json::to_string(&value).unwrap())
    }

    #[test]
    fn a_private_repository_is_named_exactly() {
        let arn = arn("1234.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1@sha256:ab").unwrap();
        let expected = "arn:${AWS::Partition}:ecr:eu-west-1:1234:repository/team/app";
        assert_eq!(arn, format!(r#"{{"Fn::Sub":"{expected}"}}"#));
    }

    #[test]
    fn other_registries_need_no_permission() {
        for image in ["nginx", "docker.io/library/nginx", "public.ecr.aws/docker/library/busybox"] {
            assert_eq!(arn(image), None, "{image}");
        }
    }
}
