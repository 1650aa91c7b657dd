//! Calls of EC2 that are written, signed and read here. Its client of the SDK takes
//! minutes and gigabytes to compile, and four calls are all that is needed.

mod endpoint;
mod signing;
mod xml;

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use jiff::Timestamp;

pub(super) use self::endpoint::{all_chosen as chosen_endpoints, of as endpoint_of};
pub(super) use self::signing::signed;
pub(super) use self::xml::{Element, Wrong, each, items, name_tag, tags, text};
use super::error::nobody;
use super::http::{Request, chain, encoded, pause};
use super::{ATTEMPTS, Aws, AwsError};

/// The version of the API: its only one in ten years.
const VERSION: &str = "2016-11-15";

/// What a single page may hold.
const PAGE: &str = "1000";

/// A list that somebody asks for, page by page.
pub(super) struct Query {
    /// The permission that it needs, whose end is the name of the call:
    /// `ec2:DescribeVpcs`.
    pub(super) action: &'static str,
    parameters: Vec<(String, String)>,
}

impl Query {
    pub(super) fn new(action: &'static str) -> Self {
        Self { action, parameters: Vec::new() }
    }

    /// Only those of which something is one of these values. There is one filter.
    #[must_use]
    pub(super) fn filter(mut self, name: &str, values: &[String]) -> Self {
        self.parameters.push(("Filter.1.Name".to_owned(), name.to_owned()));
        let values = values.iter().enumerate();
        let value =
            |(n, value): (usize, &String)| (format!("Filter.1.Value.{}", n + 1), value.clone());
        self.parameters.extend(values.map(value));
        self
    }

    /// The body of the request for a page.
    fn body(&self, page: Option<&str>) -> String {
        let call = self.action.rsplit(':').next().unwrap_or(self.action);
        let mut body = format!("Action={call}&Version={VERSION}");
        let mut add = |name: &str, value: &str| {
            body.push('&');
            body.push_str(name);
            body.push('=');
            body.push_str(&encoded(value));
        };
        for (name, value) in &self.parameters {
            add(name, value);
        }
        add("MaxResults", PAGE);
        if let Some(page) = page {
            add("NextToken", page);
        }
        body
    }
}

impl Aws {
    /// Every page of a list; `read` adds what is in one.
    pub(super) async fn pages<T>(
        &self,
        query: &Query,
        read: fn(&str) -> Result<Vec<T>, Wrong>,
    ) -> Result<Vec<T>, AwsError> {
        let mut all = Vec::new();
        let mut page: Option<String> = None;
        loop {
            let answer = self.ask(query.action, &query.body(page.as_deref())).await?;
            let unreadable = |wrong: Wrong| unanswered(query.action, &wrong.to_string());
            all.extend(read(&answer).map_err(unreadable)?);
            page = xml::next_page(&answer);
            if page.is_none() {
                return Ok(all);
            }
        }
    }

    /// Asks until there is an answer, as often as the SDK would.
    async fn ask(&self, action: &'static str, body: &str) -> Result<String, AwsError> {
        let mut attempt = 1;
        loop {
            let (error, transient) = match self.try_to_ask(action, body).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if !transient || attempt == ATTEMPTS {
                return Err(error);
            }
            tokio::time::sleep(pause(attempt - 1)).await;
            attempt += 1;
        }
    }

    /// Asks once; an error comes with whether it may pass.
    async fn try_to_ask(
        &self,
        action: &'static str,
        body: &str,
    ) -> Result<String, (AwsError, bool)> {
        let request = self.signed(action, body).await.map_err(|error| (error, false))?;
        let answer = self
            .http
            .send(&request)
            .await
            .map_err(|error| (unanswered(action, &error.to_string()), true))?;
        let text = answer.text();
        if answer.status < 300 {
            return Ok(text);
        }
        let told = xml::error(&text);
        let transient = answer.status >= 500
            || answer.status == 429
            || told.as_ref().is_some_and(|(code, _)| is_throttling(code));
        let error = match told {
            Some((code, message)) => AwsError::Refused { action, code, message },
            None => unanswered(action, &format!("it answered with HTTP {}", answer.status)),
        };
        Err((error, transient))
    }

    async fn signed(&self, action: &'static str, body: &str) -> Result<Request, AwsError> {
        let credentials = self.credentials(action).await?;
        let broken = |reason: String| unanswered(action, &format!("it cannot be signed: {reason}"));
        let url = endpoint_of("ec2", &self.config, &self.region);
        signed("ec2", &self.region, &url, body, credentials).map_err(broken)
    }

    /// Who asks. They are found out once, and again when they have expired.
    async fn credentials(&self, action: &'static str) -> Result<Credentials, AwsError> {
        let mut known = self.credentials.lock().await;
        if let Some(credentials) = known.as_ref().filter(|it| !expires_soon(it)) {
            return Ok(credentials.clone());
        }
        let unknown = |reason: String| AwsError::Credentials { action, reason };
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| unknown("none are configured".to_owned()))?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| unknown(nobody(&chain(&error))))?;
        *known = Some(credentials.clone());
        Ok(credentials)
    }
}

/// Whether credentials may be worthless before the answer comes.
fn expires_soon(credentials: &Credentials) -> bool {
    const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
    let Some(expiry) = credentials.expiry() else { return false };
    Timestamp::try_from(expiry).is_ok_and(|expiry| expiry.duration_since(Timestamp::now()) < MARGIN)
}

fn unanswered(action: &'static str, reason: &str) -> AwsError {
    AwsError::NoAnswer { action, reason: reason.to_owned() }
}

/// What EC2 says when it is asked too often.
fn is_throttling(code: &str) -> bool {
    const CODES: [&str; 8] = [
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "SlowDown",
        "ThrottledException",
    ];
    code.starts_with("Throttling") || CODES.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_a_form() {
        let all = Query::new("ec2:DescribeVpcs");
        assert_eq!(all.body(None), "Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000");
        let values = ["a b&c".to_owned(), "d".to_owned()];
        let filtered = Query::new("ec2:DescribeSubnets").filter("tag:Name", &values);
        assert_eq!(
            filtered.body(Some("x=")),
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=tag%3AName\
             &Filter.1.Value.1=a%20b%26c&Filter.1.Value.2=d&MaxResults=1000&NextToken=x%3D"
        );
    }
}
