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
    /// Whether somebody chose a profile of AWS's.
    pub(crate) fn has_profile(&self) -> bool {
        self.aws_profile.is_some()
    }

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
        let aws = Aws::open(&settings).await?;
        if !is_region(aws.region()) {
            let typed = "--region";
            let from = self
                .region
                .as_ref()
                .map_or("AWS_REGION or the profile in ~/.aws/config", |_| typed);
            return Err(CliError::NoPlace { what: "region", value: aws.region().to_owned(), from });
        }
        if let Some(value) = aws.endpoints().find(|it| !is_address(it)) {
            let typed = "--endpoint-url";
            let from = self.endpoint_url.as_ref().map_or(
                "AWS_ENDPOINT_URL, that of a service, or the profile in ~/.aws/config",
                |_| typed,
            );
            return Err(CliError::NoPlace { what: "endpoint", value, from });
        }
        Ok(aws)
    }
}

/// Whether a region could have this name, which is a part of addresses.
fn is_region(name: &str) -> bool {
    let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    name.starts_with(|it: char| it.is_ascii_lowercase()) && name.chars().all(is_part)
}

/// Whether this is the address of somebody who talks HTTP.
fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        Some(_) | None => (host, "0"),
    };
    let is_clean = !url.contains(|it: char| it.is_whitespace() || it.is_control());
    is_clean && !name.is_empty() && port.parse::<u16>().is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_cannot_be_are_known_before_anybody_is_asked() {
        let regions = [("eu-west-1", true), ("us-gov-east-1", true), ("local", true)];
        let wrong = [("us_east_1", false), ("eu-west-1 ", false), ("EU", false), ("", false)];
        for (name, expected) in regions.into_iter().chain(wrong) {
            assert_eq!(is_region(name), expected, "{name:?}");
        }
        let cases = [
            ("http://localhost:4566", true),
            ("https://[::1]:4566/", true),
            ("https://[::1]", true),
            ("https://ecs.example.com/path", true),
            ("notaurl", false),
            ("localhost:4566", false),
            ("http://", false),
            ("http://:80", false),
            ("http://localhost:port", false),
            ("http://local host", false),
        ];
        for (url, expected) in cases {
            assert_eq!(is_address(url), expected, "{url:?}");
        }
    }
}
