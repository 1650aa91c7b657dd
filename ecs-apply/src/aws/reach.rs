//! Who cannot be reached at all is not asked again and again: the address is wrong then,
//! or there is no network. The SDK by itself would go on for most of a minute, and not
//! say whom it asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use tokio::time::Instant;

use super::between::{Between, between};
use super::http::chain;

/// What tells an address that nobody listens at from an answer that was lost.
pub(super) const UNREACHED: &str = "cannot be reached";

/// A network may come back within this time.
const GRACE: Duration = Duration::from_secs(5);

/// The same client, which gives up soon on whom it has never reached.
pub(super) fn within_reach(client: SharedHttpClient) -> SharedHttpClient {
    between(client, Reaching::default())
}

type Hosts = Arc<Mutex<HashMap<String, Reach>>>;

#[derive(Debug, Clone, Default)]
struct Reaching(Hosts);

impl Between for Reaching {
    fn ask(&self, request: HttpRequest, next: &SharedHttpConnector) -> HttpConnectorFuture {
        let host = host(request.uri());
        let hosts = Arc::clone(&self.0);
        let answer = next.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            let why = answer.as_ref().err().map(|error| chain(error));
            let is_lost = why.as_deref().is_some_and(is_unconnected);
            let (reach, is_hopeless) = {
                let mut hosts = hosts.lock().expect("nobody panics with it");
                let reach = hosts.entry(host.clone()).or_default();
                let is_hopeless = reach.note(is_lost, Instant::now());
                (*reach, is_hopeless)
            };
            let (error, why) = match (answer, why) {
                (Err(error), Some(why)) => (error, why),
                (answer, _) => return answer,
            };
            Err(match reach == Reach::Once {
                true => named(&error, format!("{host}: {why}")),
                // The SDK does not repeat what is wrong with the question.
                false if is_hopeless => {
                    ConnectorError::user(format!("{host} {UNREACHED}: {why}").into())
                }
                false => ConnectorError::io(format!("{host} {UNREACHED}: {why}").into()),
            })
        })
    }
}

/// The same error in other words: the SDK repeats what it would have repeated.
fn named(error: &ConnectorError, told: String) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(told.into())
    } else if error.is_user() {
        ConnectorError::user(told.into())
    } else if error.is_io() {
        ConnectorError::io(told.into())
    } else {
        ConnectorError::other(told.into(), error.as_other())
    }
}

/// Whether somebody was ever reached.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Reach {
    #[default]
    Unknown,
    Never {
        since: Instant,
    },
    Once,
}

impl Reach {
    /// Notes one more attempt, and says whether another makes no sense.
    fn note(&mut self, is_lost: bool, now: Instant) -> bool {
        match (*self, is_lost) {
            (Self::Once, _) => false,
            (Self::Unknown | Self::Never { .. }, false) => {
                *self = Self::Once;
                false
            }
            (Self::Unknown, true) => {
                *self = Self::Never { since: now };
                false
            }
            (Self::Never { since }, true) => now.duration_since(since) >= GRACE,
        }
    }
}

/// `https://ecs.eu-west-1.amazonaws.com`, without who asks and their password, which may
/// stand before it.
fn host(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Whether nobody listened, by what the client says.
fn is_unconnected(why: &str) -> bool {
    const WORDS: [&str; 5] = [
        "tcp connect error",
        "dns error",
        "HTTP connect timeout",
        "client error (Connect)",
        // What listens there does not talk TLS.
        "InvalidContentType",
    ];
    WORDS.iter().any(|words| why.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_never_reached_is_given_up_soon() {
        let start = Instant::now();
        let mut reach = Reach::default();
        let mut lost = |second| reach.note(true, start + Duration::from_secs(second));
        assert!(!lost(0) && !lost(4) && lost(5) && lost(6));
        assert!(!reach.note(false, start));
        let later = start + Duration::from_secs(100);
        assert!(!reach.note(true, start) && !reach.note(true, later), "it is there");
    }

    #[test]
    fn a_host_is_told_without_what_is_asked_of_it() {
        assert_eq!(
            host("https://ecs.eu-west-1.amazonaws.com/?a=b"),
            "https://ecs.eu-west-1.amazonaws.com"
        );
        assert_eq!(host("http://localhost:4999/x/y"), "http://localhost:4999");
        assert_eq!(host("http://me:secret@localhost:4999/x/y@z"), "http://localhost:4999");
    }
}
