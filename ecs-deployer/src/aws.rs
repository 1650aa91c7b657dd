//! Opens AWS, as everybody does who uses it: by the environment, the files in `~/.aws`,
//! the role of the task or of the machine.

use std::path::Path;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use ecs_apply::{Ecs, as_profile, http_client};

use crate::metrics::{Metrics, counted};
use crate::settings::Settings;
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
pub async fn open(settings: &Settings, home: Option<&str>, metrics: &Metrics) -> Aws {
    let files = mounted(home);
    let config = loader(settings, files.clone(), metrics).load().await;
    let typed = settings.place.profile.as_ref().filter(|_| settings.place.is_profile_typed);
    let config = match typed {
        Some(profile) => as_profile(&config, profile, files),
        None => config,
    };
    let queue = Sqs::new(aws_sdk_sqs::Client::new(&config), &settings.queue);
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
    Aws { queue, cloud, config }
}

fn as_role(config: &SdkConfig, provider: AssumeRoleProvider) -> SdkConfig {
    let provider = aws_sdk_sqs::config::SharedCredentialsProvider::new(provider);
    config.clone().into_builder().credentials_provider(provider).build()
}

/// The files that the first program of this kind had mounted, where there is no home.
fn mounted(home: Option<&str>) -> Option<EnvConfigFiles> {
    let is_there = home.is_none() && Path::new(MOUNTED).is_dir();
    let files = EnvConfigFiles::builder()
        .with_file(EnvConfigFileKind::Config, format!("{MOUNTED}/config"))
        .with_file(EnvConfigFileKind::Credentials, format!("{MOUNTED}/credentials"))
        .build();
    is_there.then_some(files)
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
