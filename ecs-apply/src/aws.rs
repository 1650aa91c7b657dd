//! AWS in our words. Nothing outside of this file and the folder of its name knows
//! the SDK.

mod balancers;
mod between;
mod bucket;
mod clusters;
mod courier;
mod definitions;
mod endpoints;
mod error;
mod evidence;
mod file_systems;
mod http;
mod log_tail;
mod logs;
mod network;
mod query;
mod reach;
mod registry;
mod repositories;
mod rollout;
mod secrets;
mod services;
mod stacks;
mod time;

use std::sync::Arc;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use tokio::sync::Mutex;

pub use self::between::{Between, between};
pub use self::courier::{Courier, Undelivered};
pub use self::error::{AwsError, failed};
pub use self::http::client as http_client;
pub(crate) use self::http::{
    Http, Request, Response, decode_base64, encode_base64, encoded, pause,
};
pub use self::rollout::{Ecs, Launch};

/// Attempts at a call that is throttled or gets no answer, the first one included.
/// The SDK waits between them, longer each time and never for the same time.
const ATTEMPTS: u32 = 8;

/// What is still silent after this long is asked again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whom to ask, where that is not left to the environment and the files that every
/// program of AWS reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// A profile of those files.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// An address to ask instead of AWS.
    pub endpoint: Option<String>,
}

/// An account of AWS in a region.
#[derive(Debug, Clone)]
pub struct Aws {
    region: String,
    cloudformation: aws_sdk_cloudformation::Client,
    ecr: aws_sdk_ecr::Client,
    ecs: aws_sdk_ecs::Client,
    efs: aws_sdk_efs::Client,
    balancers: aws_sdk_elasticloadbalancingv2::Client,
    secrets: aws_sdk_secretsmanager::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    s3: aws_sdk_s3::Client,
    sts: aws_sdk_sts::Client,
    config: SdkConfig,
    /// For calls that are signed here.
    http: Http,
    /// Who makes those, as far as that is known.
    credentials: Arc<Mutex<Option<Credentials>>>,
}

impl Aws {
    /// Finds out region and credentials as every program of AWS does; asks nothing
    /// yet.
    ///
    /// # Errors
    ///
    /// If no region is set anywhere. There is no default: a stack in the wrong
    /// region is worse than none.
    pub async fn open(settings: &Settings) -> Result<Self, AwsError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http::client())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build());
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let mut config = filled(loader.load().await);
        if let Some(profile) = &settings.profile {
            config = as_profile(&config, profile, None);
        }
        // Scripts set a variable to nothing for not setting it.
        let region = config.region().filter(|region| !region.as_ref().is_empty());
        let region = region.ok_or(AwsError::NoRegion)?.to_string();
        Ok(Self {
            region,
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            ecr: aws_sdk_ecr::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            efs: aws_sdk_efs::Client::new(&config),
            balancers: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            s3: bucket::client(&config),
            sts: aws_sdk_sts::Client::new(&config),
            config,
            http: Http::new(),
            credentials: Arc::default(),
        })
    }

    /// What asks those who are not AWS.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// The addresses that are asked instead of AWS.
    pub fn endpoints(&self) -> impl Iterator<Item = String> {
        query::chosen_endpoints(&self.config)
    }

    /// The region that is asked.
    pub fn region(&self) -> &str {
        &self.region
    }
}

/// What is set for one service, such as `AWS_ENDPOINT_URL_ECS`, counts only if it is set to
/// something. Scripts set a variable to nothing for not setting it, which the SDK takes for
/// an address.
pub fn filled(config: SdkConfig) -> SdkConfig {
    config.clone().into_builder().service_config(Filled(config)).build()
}

#[derive(Debug)]
struct Filled(SdkConfig);

impl LoadServiceConfig for Filled {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.service_config()?.load_config(key).filter(|value| !value.is_empty())
    }
}

/// Whoever names a profile means it, whatever keys the environment has. The SDK by itself
/// would ask the environment first. The profile is looked for in these files; in those in
/// `~/.aws`, if none are given.
pub fn as_profile(config: &SdkConfig, profile: &str, files: Option<EnvConfigFiles>) -> SdkConfig {
    let asked = ProviderConfig::default()
        .with_region(config.region().cloned())
        .with_http_client(http::client());
    let builder = ProfileFileCredentialsProvider::builder().profile_name(profile);
    let builder = match files {
        Some(files) => builder.profile_files(files),
        None => builder,
    };
    let provider = builder.configure(&asked).build();
    let provider = SharedCredentialsProvider::new(Named { profile: profile.to_owned(), provider });
    config.clone().into_builder().credentials_provider(provider).build()
}

/// A profile that somebody named. The SDK does not say of which it knows nothing.
#[derive(Debug)]
struct Named {
    profile: String,
    provider: ProfileFileCredentialsProvider,
}

impl ProvideCredentials for Named {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            match self.provider.provide_credentials().await {
                Err(CredentialsError::CredentialsNotLoaded(_)) => {
                    let told = format!("profile `{}` was not defined", self.profile);
                    Err(CredentialsError::not_loaded(told))
                }
                answer => answer,
            }
        })
    }
}
