//! HTTP: what the clients of the SDK send with, and what EC2 and registries of images are
//! asked with, which none of those clients does.

use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::HttpError;
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use thiserror::Error;

use super::PATIENCE;
use super::reach::within_reach;

/// How long it may take until somebody listens.
const CONNECT: Duration = Duration::from_secs(5);

/// More than any answer that is waited for has.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Some answer nobody who does not say who asks.
const AGENT: &str = concat!("ecs-cli/", env!("CARGO_PKG_VERSION"));

/// The type of a form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Sends requests, over connections that are kept.
#[derive(Debug, Clone)]
pub(crate) struct Http(SharedHttpConnector);

/// What is asked.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    /// Credentials among them, so it has no `Debug`.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Request {
    /// A question without a body.
    pub(crate) fn new(method: &'static str, url: &str) -> Self {
        Self { method, url: url.to_owned(), headers: Vec::new(), body: String::new() }
    }

    /// Adds a form.
    #[must_use]
    pub(crate) fn form(self, body: String) -> Self {
        Self { body, ..self }.header("content-type", FORM)
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What was answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Their names in small letters.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The first header of this name, in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All headers of this name, in small letters.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| &value[..])
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// There was no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub(crate) struct Unanswered(String);

/// Sends for the clients of the SDK: talks TLS without a C library, trusts what the
/// system trusts, goes through the proxies of the environment, and says whom it could not
/// reach.
pub fn client() -> SharedHttpClient {
    let client = Builder::new().build_with_connector_fn(|settings, _| connector(settings.cloned()));
    within_reach(client)
}

/// Talks TLS without a C library, trusts what the system trusts, and goes through the
/// proxies of the environment, of which the SDK by itself would know nothing.
fn connector(settings: Option<HttpConnectorSettings>) -> Connector {
    let mut connector = Connector::builder()
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::Ring));
    connector.set_connector_settings(settings);
    connector.build()
}

impl Http {
    /// Talks as the clients of the SDK do.
    pub(super) fn new() -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
        Self(SharedHttpConnector::new(connector(Some(settings))))
    }

    /// Asks once.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, Unanswered> {
        let request = to_sdk(request).map_err(|error| Unanswered(error.to_string()))?;
        tokio::time::timeout(PATIENCE, self.receive(request))
            .await
            .unwrap_or_else(|_| Err(Unanswered(format!("silent for {} s", PATIENCE.as_secs()))))
    }

    async fn receive(&self, request: HttpRequest) -> Result<Response, Unanswered> {
        let answer = self.0.call(request).await.map_err(|error| Unanswered(chain(&error)))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        Ok(Response { status, headers: headers.collect(), body: body(answer).await? })
    }
}

fn to_sdk(request: &Request) -> Result<HttpRequest, HttpError> {
    let mut sdk = HttpRequest::new(SdkBody::from(request.body.as_str()));
    sdk.set_method(request.method)?;
    sdk.set_uri(request.url.as_str())?;
    sdk.headers_mut().try_insert("user-agent", AGENT)?;
    for (name, value) in &request.headers {
        sdk.headers_mut().try_insert(*name, value.clone())?;
    }
    Ok(sdk)
}

async fn body(answer: HttpResponse) -> Result<Vec<u8>, Unanswered> {
    let mut stream = ByteStream::new(answer.into_body());
    let mut body = Vec::new();
    while let Some(part) = stream.next().await {
        body.extend_from_slice(&part.map_err(|error| Unanswered(chain(&error)))?);
        if body.len() > MAX_BYTES {
            return Err(Unanswered("an answer without an end".to_owned()));
        }
    }
    Ok(body)
}

/// The whole chain of causes, in one line, without those that only say that there is
/// another.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        let empty = text == "io error" || text.starts_with("client error");
        let last = cause.source().is_none();
        if last || !(empty || causes.iter().any(|known| known.contains(&text))) {
            causes.push(text);
        }
        next = cause.source();
    }
    causes.join(": ")
}

/// A value as a form or an address has it.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Text in base64.
pub(crate) fn encode_base64(text: &str) -> String {
    base64::encode(text)
}

/// Text that is in base64; nothing if it is not.
pub(crate) fn decode_base64(text: &str) -> Option<String> {
    String::from_utf8(base64::decode(text).ok()?).ok()
}

/// How long to wait after the first, second, … attempt: longer each time, and never
/// for the same time, so that those who were turned away together do not come back
/// together.
pub(crate) fn pause(attempt: u32) -> Duration {
    const LONGEST: Duration = Duration::from_secs(20);
    let most = Duration::from_secs(1).saturating_mul(1 << attempt.min(10)).min(LONGEST);
    most.mul_f64(fastrand::f64())
}
