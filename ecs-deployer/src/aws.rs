//! Opens AWS, as everybody does who uses it: by the environment, the files in `~/.aws`,
//! the role of the task or of the machine.

use std::path::Path;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use ecs_apply::{Ecs, as_profile, filled, http_client};

use crate::metrics::{Metrics, counted};
use crate::settings::{Problem, Settings};
use crate::sqs::Sqs;

/// Where the first program of this kind had its files mounted. A container without a
/// shell has no home to look into.
const MOUNTED: &str = "/root/.aws";

/// Attempts at a call, the first one included.
const ATTEMPTS: u32 = 4;

/// A queue is asked for up to 20 s.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(40);

/// What the program needs of AWS.
#[derive(Debug, Clone)]
pub struct Aws {
    /// The queue, asked as whoever runs the program.
    pub queue: Sqs,
    /// ECS, asked as the role that is to be taken on, if there is one.
    pub cloud: Ecs,
    /// How AWS is asked by whoever runs the program.
    pub config: SdkConfig,
}

/// Asks nothing yet. `home` is where whoever runs the program has files; calls are
/// counted in `metrics`.
///
/// # Errors
///
/// If no region is set anywhere.
pub async fn open(
    settings: &Settings,
    home: Option<&str>,
    metrics: &Metrics,
) -> Result<Aws, Problem> {
    let files = mounted(home, Path::new(MOUNTED));
    let config = filled(loader(settings, files.clone(), metrics).load().await);
    let typed = settings.place.profile.as_ref().filter(|_| settings.place.is_profile_typed);
    let config = match typed {
        Some(profile) => as_profile(&config, profile, files),
        None => config,
    };
    if config.region().is_none() {
        let help = match &settings.place.profile {
            None => "set it: neither the queue's URL nor the files in ~/.aws have one".to_owned(),
            Some(profile) => format!(
                "set it, or another profile: {profile:?} is not in the files in ~/.aws, or has no region \
                 there"
            ),
        };
        return Err(Problem::new("AWS_REGION", "is not set", help));
    }
    let queue = Sqs::new(sqs(&config, settings), &settings.queue);
    let cloud = Ecs::new(&match &settings.role {
        None => config.clone(),
        Some(role) => {
            let provider = AssumeRoleProvider::builder(&role.arn)
                .session_name("ecs-deployer")
                .configure(&config);
            let provider = match &role.external_id {
                Some(id) => provider.external_id(id),
                None => provider,
            };
            as_role(&config, provider.build().await)
        }
    });
    Ok(Aws { queue, cloud, config })
}

/// A queue that is not AWS's, or behind an endpoint of a VPC, is asked where its URL says.
fn sqs(config: &SdkConfig, settings: &Settings) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::config::Builder::from(config);
    aws_sdk_sqs::Client::from_conf(match &settings.place.queue_endpoint {
        Some(endpoint) => config.endpoint_url(endpoint).build(),
        None => config.build(),
    })
}

fn as_role(config: &SdkConfig, provider: AssumeRoleProvider) -> SdkConfig {
    let provider = aws_sdk_sqs::config::SharedCredentialsProvider::new(provider);
    config.clone().into_builder().credentials_provider(provider).build()
}

/// The files that the first program of this kind had mounted, where there are none at
/// home. An engine gives `/` for the home of a container whose user has none.
fn mounted(home: Option<&str>, mounted: &Path) -> Option<EnvConfigFiles> {
    let home = home.filter(|home| !home.is_empty()).map(|home| Path::new(home).join(".aws"));
    let is_there =
        |folder: &Path| ["config", "credentials"].iter().any(|it| folder.join(it).is_file());
    if home.as_deref().is_some_and(is_there) || !is_there(mounted) {
        return None;
    }
    // The SDK takes one that is named and not there for a mistake.
    let kinds =
        [("config", EnvConfigFileKind::Config), ("credentials", EnvConfigFileKind::Credentials)];
    let files = kinds.into_iter().map(|(name, kind)| (mounted.join(name), kind));
    let files = files.filter(|(file, _)| file.is_file());
    let files =
        files.fold(EnvConfigFiles::builder(), |all, (file, kind)| all.with_file(kind, file));
    Some(files.build())
}

fn loader(settings: &Settings, files: Option<EnvConfigFiles>, metrics: &Metrics) -> ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(counted(http_client(), metrics))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build());
    if let Some(files) = files {
        loader = loader.profile_files(files);
    }
    if let Some(region) = &settings.place.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.place.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &settings.place.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Asked, Given, settings};

    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders";

    /// Keys in the environment, and others in files.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join(".aws");
        std::fs::create_dir(&aws).unwrap();
        let keys = "[shop]\naws_access_key_id = AKIDSHOP\naws_secret_access_key = x\n";
        std::fs::write(aws.join("credentials"), keys).unwrap();
        folder
    }

    #[test]
    fn files_that_are_mounted_are_found_whatever_home_the_engine_makes_up() {
        let (mount, empty) = (folder(), tempfile::tempdir().unwrap());
        let (full, at) = (mount.path().to_str().unwrap(), mount.path().join(".aws"));
        for home in [None, Some(""), Some("/"), empty.path().to_str()] {
            assert!(mounted(home, &at).is_some(), "{home:?}");
        }
        assert!(mounted(Some(full), &at).is_none(), "those at home count");
        let found = format!("{:?}", mounted(None, &at));
        assert!(found.contains(".aws/credentials") && !found.contains(".aws/config"), "{found}");
        assert!(mounted(None, &empty.path().join(".aws")).is_none());
    }

    async fn opened(queue: &str, typed: Option<&str>) -> Result<Aws, Problem> {
        let flags = |name: &str| typed.filter(|_| name == "AWS_PROFILE").map(str::to_owned);
        let environment = |name: &str| (name == "SQS_URL").then(|| queue.to_owned());
        let given = Given { flags: &flags, environment: &environment };
        let settings = settings(given, Asked { needs_queue: true, terminal: false }).unwrap();
        open(&settings, Some("/nowhere"), &Metrics::default()).await
    }

    #[tokio::test]
    async fn a_profile_that_is_typed_counts_more_than_keys_of_the_environment() {
        let provider = |aws: Aws| format!("{:?}", aws.config.credentials_provider());
        let typed = provider(opened(QUEUE, Some("shop")).await.unwrap());
        assert!(typed.contains("Named"), "{typed}");
        assert!(!provider(opened(QUEUE, None).await.unwrap()).contains("Named"));
    }
}
