//! What went wrong with a call.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use thiserror::Error;

use super::reach::UNREACHED;

const WHO: &str = "sign in again (`aws sso login`, `aws login`), or set AWS_PROFILE or \
                   AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; then run the command again";

/// What SQS calls a queue that is not there; an older protocol has the second.
const NO_QUEUE: [&str; 2] = ["QueueDoesNotExist", "NonExistentQueue"];

/// Why AWS did not do what it was asked.
#[derive(Debug, Error)]
pub enum AwsError {
    /// Nobody said where.
    #[error("no region is set")]
    NoRegion,
    /// AWS understood, and said no.
    #[error("AWS refused {action}: {message} ({code})")]
    Refused {
        /// The permission that the call needs: `ecs:DescribeServices`.
        action: &'static str,
        /// AWS's own name for the reason: `AccessDenied`.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// There was no answer, or none that makes sense; what was asked may have been
    /// done.
    #[error("no answer from AWS to {action}: {reason}")]
    NoAnswer {
        /// The permission that the call needs: `ecs:DescribeServices`.
        action: &'static str,
        /// What is known of it.
        reason: String,
    },
    /// Nobody said who is asking, or that is not true any more.
    #[error("no credentials for {action}: {reason}")]
    Credentials {
        /// The permission that the call needs: `ecs:DescribeServices`.
        action: &'static str,
        /// What is known of it.
        reason: String,
    },
}

/// What stands where something was that nobody shall see.
const HIDDEN: &str = "(hidden)";

impl AwsError {
    /// AWS's own name for the reason, if it gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::NoRegion | Self::NoAnswer { .. } | Self::Credentials { .. } => None,
        }
    }

    /// Whether AWS refused, and its message has these words. Some services tell
    /// different things under one name.
    pub fn says(&self, words: &str) -> bool {
        match self {
            Self::Refused { message, .. } => message.contains(words),
            Self::NoRegion | Self::NoAnswer { .. } | Self::Credentials { .. } => false,
        }
    }

    /// The same without what AWS repeats of a request and nobody shall see.
    #[must_use]
    pub fn hiding<'a>(self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let Self::Refused { action, code, mut message } = self else { return self };
        for secret in secrets {
            message = message.replace(secret, HIDDEN);
        }
        Self::Refused { action, code, message }
    }

    /// The code where there is no room for a task.
    pub(crate) const FULL: &str = "NoCapacity";

    /// Whether whoever asks may not.
    pub fn is_denied(&self) -> bool {
        const NAMES: [&str; 4] = [
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "AuthorizationError",
        ];
        self.code().is_some_and(|code| NAMES.contains(&code))
            || self.says("is not authorized to perform")
    }

    /// Whether it was asked too often, and did nothing.
    pub fn is_throttled(&self) -> bool {
        const NAMES: [&str; 6] = [
            "RequestLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ];
        // ECS says that of a family in the words of a mistake.
        self.code().is_some_and(|code| NAMES.contains(&code))
            || self.says("Too many concurrent attempts")
    }

    /// Whether the same may be answered otherwise in a moment.
    pub fn is_passing(&self) -> bool {
        const NAMES: [&str; 8] = [
            AwsError::FULL,
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "RequestTimeout",
            "ServerException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
        ];
        self.is_unanswered()
            || self.is_throttled()
            || self.code().is_some_and(|code| NAMES.contains(&code))
    }

    /// Whether it will be answered the same, whoever asks and whenever.
    pub fn is_permanent(&self) -> bool {
        let told = matches!(self, Self::Refused { .. });
        told && !self.is_passing() && !self.is_denied() && !self.is_expired()
    }

    /// Whether whoever asks is not known, or not any more.
    pub fn is_expired(&self) -> bool {
        const NAMES: [&str; 6] = [
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
        ];
        matches!(self, Self::Credentials { .. })
            || self.code().is_some_and(|code| NAMES.contains(&code))
    }

    /// What to do about it, if that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoRegion => Some(
                "set AWS_REGION, give --region, or put `region = …` into the profile in ~/.aws/config"
                    .to_owned(),
            ),
            Self::Credentials { .. } => Some(WHO.to_owned()),
            Self::Refused { .. } if self.is_expired() => Some(WHO.to_owned()),
            Self::Refused { action, message, .. } if self.is_denied() => {
                let action = denied(message).unwrap_or(action);
                Some(format!("allow {action} to whoever runs this, or use another profile"))
            }
            Self::NoAnswer { reason, .. } if reason.contains("tunnel error") => Some(
                "check the proxy (HTTPS_PROXY, NO_PROXY), then run the command again".to_owned(),
            ),
            Self::NoAnswer { .. } if self.is_unreached() => Some(
                "check the network, the region (--region, AWS_REGION) and the address \
                 (--endpoint-url, AWS_ENDPOINT_URL, or AWS_ENDPOINT_URL_ECS and so on), then run \
                 the command again: it looks first what is done"
                    .to_owned(),
            ),
            Self::NoAnswer { reason, .. } if reason.contains("unexpected token") => Some(
                "what answers there is not AWS: check the address (--endpoint-url, \
                 AWS_ENDPOINT_URL)"
                    .to_owned(),
            ),
            Self::NoAnswer { .. } => Some(
                "run the command again: it looks first at what has been done already".to_owned(),
            ),
            Self::Refused { code, .. } if NO_QUEUE.iter().any(|name| code.ends_with(name)) => {
                Some("check the queue's address: its name, its account and its region".to_owned())
            }
            Self::Refused { .. } => None,
        }
    }

    /// Whether nobody was there to be asked.
    pub fn is_unreached(&self) -> bool {
        matches!(self, Self::NoAnswer { reason, .. } if reason.contains(UNREACHED))
    }

    /// Whether it is unknown if what was asked has been done.
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::NoAnswer { .. })
    }
}

/// What is not allowed, if it is told: a call may need more than its own permission.
fn denied(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("is not authorized to perform: ")?;
    rest.split_whitespace().next()
}

/// Says in our words what became of a call of the SDK.
pub fn failed<E, R>(action: &'static str) -> impl FnOnce(SdkError<E, R>) -> AwsError
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    move |error| {
        let told =
            error.as_service_error().and_then(|it| it.code().map(|code| (code, it.message())));
        if let Some((code, message)) = told {
            let message = message.unwrap_or("it gave no reason").trim().to_owned();
            return AwsError::Refused { action, code: code.to_owned(), message };
        }
        let reason = reason(&error);
        let told = reason.strip_prefix("dispatch failure: ").unwrap_or(&reason);
        let kinds = ["user error: ", "io error: ", "timeout: ", "other: "];
        let told = kinds.iter().find_map(|kind| told.strip_prefix(kind)).unwrap_or(&reason);
        let reason = told.to_owned();
        // Who could not be reached to ask who it is is no question of who it is.
        if is_about_credentials(&reason) && !reason.contains(UNREACHED) {
            AwsError::Credentials { action, reason: nobody(&reason) }
        } else {
            AwsError::NoAnswer { action, reason }
        }
    }
}

fn is_about_credentials(reason: &str) -> bool {
    ["credentials", "CredentialsProvider", "credential provider"]
        .iter()
        .any(|words| reason.contains(words))
}

/// Why nobody is known, without what the SDK says of itself.
pub(super) fn nobody(reason: &str) -> String {
    if let Some(profile) = unknown_profile(reason) {
        return format!(
            "the profile {profile:?} is not in the files in ~/.aws, or says nobody there"
        );
    }
    if reason.contains("no credentials found in chain") {
        return "there are none in the environment, in the files in ~/.aws, or of the machine"
            .to_owned();
    }
    let reason = reason.trim_start_matches("dispatch failure: ").trim_start_matches("other: ");
    reason.to_owned()
}

/// A profile that somebody named and nobody wrote. The SDK says that of the one without
/// a name, too.
fn unknown_profile(reason: &str) -> Option<&str> {
    let (before, _) = reason.split_once("` was not defined")?;
    let (_, profile) = before.rsplit_once("profile `")?;
    Some(profile).filter(|profile| *profile != "default")
}

/// The whole chain of causes, in one line.
fn reason<E: Error + 'static, R: std::fmt::Debug + 'static>(error: &SdkError<E, R>) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(cause) = next {
        let text = without_request(cause.to_string());
        if !causes.iter().any(|known| known.contains(&text)) {
            causes.push(text);
        }
        next = cause.source();
    }
    if causes.is_empty() {
        return DisplayErrorContext(error).to_string();
    }
    causes.join(": ")
}

/// The SDK shows the request that it could not send, and all that was to be sent with it.
fn without_request(text: String) -> String {
    match text.split_once(" to request `") {
        Some((told, _)) => told.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{AwsError, nobody, without_request};

    #[test]
    fn what_was_to_be_sent_is_not_shown() {
        let told = "failed to apply endpoint `localhost:1` to request `Request { body: SdkBody { \
                    inner: Once(Some(b\"secret\")) } }`";
        let shown = without_request(told.to_owned());
        assert_eq!(shown, "failed to apply endpoint `localhost:1`");
    }

    #[test]
    fn what_is_denied_is_what_has_to_be_allowed() {
        let help = |message: &str| {
            let code = "AccessDeniedException".to_owned();
            let message = message.to_owned();
            AwsError::Refused { action: "ecs:RegisterTaskDefinition", code, message }.help()
        };
        let told = "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on \
                    resource: arn:aws:iam::1:role/web";
        assert!(help(told).is_some_and(|it| it.starts_with("allow iam:PassRole to")));
        assert!(help("no").is_some_and(|it| it.starts_with("allow ecs:RegisterTaskDefinition")));
    }

    #[test]
    fn who_is_not_known_is_told_in_our_words() {
        let chain = "dispatch failure: other: no credentials found in chain.";
        let cases = [
            (chain.to_owned(), "there are none in the environment"),
            (format!("{chain} profile `default` was not defined"), "there are none in"),
            (
                format!("{chain} profile `shpo` was not defined: x"),
                "the profile \"shpo\" is not in",
            ),
            ("dispatch failure: other: the token has expired".to_owned(), "the token has expired"),
        ];
        for (reason, told) in cases {
            assert!(nobody(&reason).starts_with(told), "{reason}");
        }
    }
}
