//! Brings word to others: to topics of SNS, and to addresses on the web. SNS has a
//! client of the SDK, for a single call that is a form of four fields.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use thiserror::Error;

use super::http::{Http, Request, encoded};
use super::query::{endpoint_of, signed};

/// Word that did not arrive. Says nothing of addresses, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Undelivered {
    /// Why.
    pub reason: String,
    /// Whether it may arrive at the next try.
    pub passing: bool,
}

/// Brings word to others.
#[derive(Debug, Clone)]
pub struct Courier {
    http: Http,
    config: SdkConfig,
}

impl Courier {
    /// Asks nothing yet. What others are trusted is read here, which takes a moment.
    pub fn new(config: &SdkConfig) -> Self {
        Self { http: Http::new(), config: config.clone() }
    }

    /// Sends JSON to an address.
    ///
    /// # Errors
    ///
    /// If nobody takes it.
    pub async fn post(&self, url: &str, json: String) -> Result<(), Undelivered> {
        let request = Request::new("POST", url);
        let request = Request { body: json, ..request }.header("content-type", "application/json");
        self.send(&request).await
    }

    /// Publishes to a topic, in the region of its ARN.
    ///
    /// # Errors
    ///
    /// If SNS does not take it.
    pub async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), Undelivered> {
        let lasting = |reason: String| Undelivered { reason, passing: false };
        let region = topic.split(':').nth(3).filter(|it| !it.is_empty());
        let region = region.ok_or_else(|| lasting("the topic has no region".to_owned()))?;
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| lasting("there are no credentials".to_owned()))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| lasting(error.to_string()))?;
        let url = endpoint_of("sns", &self.config, region);
        let body = form(topic, subject, text);
        let request = signed("sns", region, &url, &body, credentials).map_err(lasting)?;
        self.send(&request).await
    }

    async fn send(&self, request: &Request) -> Result<(), Undelivered> {
        match self.http.send(request).await {
            Ok(answer) if answer.status < 300 => Ok(()),
            Ok(answer) => Err(refused(answer.status)),
            Err(error) => Err(Undelivered { reason: error.to_string(), passing: true }),
        }
    }
}

fn form(topic: &str, subject: &str, text: &str) -> String {
    let (topic, subject, text) = (encoded(topic), encoded(subject), encoded(text));
    format!("Action=Publish&Version=2010-03-31&TopicArn={topic}&Subject={subject}&Message={text}")
}

/// What was answered may repeat what was sent, so that only the number is told.
fn refused(status: u16) -> Undelivered {
    let passing = status >= 500 || status == 429;
    Undelivered { reason: format!("it was refused with HTTP {status}"), passing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_told_by_a_form() {
        assert_eq!(
            form("arn:aws:sns:eu-west-1:1:told", "web failed", "a & b\n"),
            "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A1%3Atold\
             &Subject=web%20failed&Message=a%20%26%20b%0A"
        );
    }

    #[test]
    fn only_what_may_pass_is_sent_again() {
        for (status, passing) in [(500, true), (429, true), (400, false), (404, false)] {
            assert_eq!(refused(status).passing, passing, "{status}");
        }
    }
}
