//! Counts what is asked of AWS, where it leaves the program: attempts that the SDK
//! repeats are calls, too.

use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use ecs_apply::{Between, between};

use super::Metrics;

/// What a refusal says at most that is read.
const LONGEST: usize = 64 * 1024;

/// A client that counts what it is asked.
pub fn counted(client: SharedHttpClient, metrics: &Metrics) -> SharedHttpClient {
    between(client, Counting(metrics.clone()))
}

#[derive(Debug, Clone)]
struct Counting(Metrics);

impl Between for Counting {
    fn ask(&self, request: HttpRequest, next: &SharedHttpConnector) -> HttpConnectorFuture {
        let operation = operation(&request);
        let metrics = self.0.clone();
        let answer = next.call(request);
        HttpConnectorFuture::new(async move {
            match answer.await {
                Ok(answer) => told(answer, &operation, &metrics).await,
                Err(error) => {
                    metrics.call(&operation, "no-answer", false);
                    Err(error)
                }
            }
        })
    }
}

/// Reads what a refusal says, and hands it on.
async fn told(
    mut answer: HttpResponse,
    operation: &str,
    metrics: &Metrics,
) -> Result<HttpResponse, ConnectorError> {
    if answer.status().is_success() {
        metrics.call(operation, "ok", false);
        return Ok(answer);
    }
    let body = ByteStream::new(answer.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let code = code(&body).unwrap_or_else(|| format!("http-{}", answer.status().as_u16()));
    let throttled = answer.status().as_u16() == 429 || is_throttled(&code);
    metrics.call(operation, &code, throttled);
    *answer.body_mut() = SdkBody::from(body);
    Ok(answer)
}

/// `ecs:DescribeServices`, by what says so in the protocols that are spoken with AWS.
/// Whoever gives out credentials is asked otherwise.
fn operation(request: &HttpRequest) -> String {
    let Some((service, call)) =
        request.headers().get("x-amz-target").and_then(|it| it.split_once('.'))
    else {
        return "credentials".to_owned();
    };
    let service = if service.starts_with("AmazonEC2ContainerService") { "ecs" } else { "sqs" };
    format!("{service}:{call}")
}

/// AWS's name for what is wrong.
fn code(body: &[u8]) -> Option<String> {
    let body: serde_json::Value =
        serde_json::from_slice(body.get(..LONGEST.min(body.len()))?).ok()?;
    let name = body.get("__type").or_else(|| body.get("code"))?.as_str()?;
    Some(name.rsplit('#').next().unwrap_or(name).to_owned())
}

fn is_throttled(code: &str) -> bool {
    code.contains("Throttl") || code == "TooManyRequestsException" || code == "RequestLimitExceeded"
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::http::HttpConnector;
    use aws_smithy_runtime_api::http::StatusCode;

    use super::*;

    /// Answers as it is told to.
    #[derive(Debug)]
    struct Fake(u16, &'static str);

    impl HttpConnector for Fake {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let status = StatusCode::try_from(self.0).unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.1))))
        }
    }

    async fn call(fake: Fake, target: &str, metrics: &Metrics) -> Vec<u8> {
        let next = SharedHttpConnector::new(fake);
        let counting = Counting(metrics.clone());
        let mut request = HttpRequest::empty();
        if !target.is_empty() {
            request.headers_mut().insert("x-amz-target", target.to_owned());
        }
        let mut answer = counting.ask(request, &next).await.unwrap();
        ByteStream::new(answer.take_body()).collect().await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn calls_are_counted_by_what_came_of_them() {
        const THROTTLED: &str = r#"{"__type": "com.amazonaws.ecs#ThrottlingException"}"#;
        let metrics = Metrics::default();
        let ecs = "AmazonEC2ContainerServiceV20141113.DescribeServices";
        call(Fake(200, "{}"), ecs, &metrics).await;
        let body = call(Fake(400, THROTTLED), ecs, &metrics).await;
        assert_eq!(body, THROTTLED.as_bytes(), "the SDK reads it, too");
        call(Fake(503, "<html>"), "AmazonSQS.ReceiveMessage", &metrics).await;
        call(Fake(200, "{}"), "", &metrics).await;
        let text = metrics.text();
        for line in [
            r#"api_calls_total{op="ecs:DescribeServices",code="ok"} 1"#,
            r#"api_calls_total{op="ecs:DescribeServices",code="ThrottlingException"} 1"#,
            r#"api_calls_total{op="sqs:ReceiveMessage",code="http-503"} 1"#,
            r#"api_calls_total{op="credentials",code="ok"} 1"#,
            "api_throttles_total 1",
        ] {
            assert!(text.contains(&format!("ecs_deployer_{line}\n")), "{line} in {text}");
        }
    }
}
