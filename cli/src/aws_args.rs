//! The options of every command that asks AWS.

use std::future::Future;
use std::io;

use clap::Args;
use ecs_apply::{Aws, Settings};

use crate::error::CliError;
use crate::interrupt::unheard;

/// The options of every command that asks AWS.
///
/// What is not given comes from where every program of AWS looks: `AWS_PROFILE`,
/// `AWS_REGION` and the like, then the files in `~/.aws`. Compose has a `--profile`
/// already, so that of AWS has a longer name.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS options")]
pub(crate) struct AwsArgs {
    /// Use this profile of the AWS configuration [env: AWS_PROFILE]
    #[arg(long, value_name = "NAME")]
    aws_profile: Option<String>,

    /// Work in this region [env: AWS_REGION]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// Ask this address instead of AWS [env: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl AwsArgs {
    /// What was typed of it, for hints.
    pub(crate) fn typed(&self) -> Vec<(&'static str, String)> {
        let options = [
            ("--aws-profile", &self.aws_profile),
            ("--region", &self.region),
            ("--endpoint-url", &self.endpoint_url),
        ];
        options.into_iter().filter_map(|(name, it)| Some((name, it.clone()?))).collect()
    }

    /// The account that is meant.
    pub(crate) async fn open(&self) -> Result<Aws, CliError> {
        let settings = Settings {
            profile: self.aws_profile.clone(),
            region: self.region.clone(),
            endpoint: self.endpoint_url.clone(),
        };
        Ok(Aws::open(&settings).await?)
    }
}

/// Waits for what is asked of others. Nothing is computed meanwhile, so one thread
/// is enough.
pub(crate) fn wait<T>(future: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source: io::Error| CliError::Runtime { source })?;
    let answer = runtime.block_on(async {
        tokio::select! {
            answer = future => answer,
            () = unheard() => Err(CliError::Interrupted),
        }
    });
    // A question that nobody answered any more is not waited for.
    runtime.shutdown_background();
    answer
}

/// A number that no other run of this program has: the time, in nanoseconds.
pub(crate) fn attempt_number() -> u64 {
    // The lower half of them is enough for centuries.
    jiff::Timestamp::now().as_nanosecond() as u64
}
