//! Which call of AWS a request is.

use std::fmt;

use crate::http::Request;

/// A call of AWS that came by.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its place among all calls, from 1.
    pub index: usize,
    /// `ECS.DescribeServices`, or `S3.PUT /bucket/key` where there are no names.
    pub name: String,
    /// What it says.
    pub body: Vec<u8>,
    /// What answered it; nothing if it was not let through, or not answered yet.
    pub status: Option<u16>,
    /// The form of the answers that its client understands.
    pub(super) protocol: Protocol,
    /// The service as AWS spells it in signatures and policies.
    pub(super) service: String,
    /// Who calls, by the access key.
    pub(super) account: String,
}

/// The forms in which services of AWS are spoken to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Protocol {
    /// `Action=` in a form, XML back.
    Query,
    /// As `Query`, with errors of its own form.
    Ec2,
    /// `X-Amz-Target`, JSON back.
    Json,
    /// Paths and methods, JSON back.
    RestJson,
    /// Paths and methods, XML back.
    S3,
}

impl Call {
    /// Whether this is the call's name; a `*` at its end stands for anything.
    pub fn is(&self, name: &str) -> bool {
        match name.strip_suffix('*') {
            Some(start) => self.name.starts_with(start),
            None => self.name == name,
        }
    }

    pub(super) fn of(index: usize, request: &Request) -> Self {
        let (account, service) = signer(request);
        let (protocol, operation) = operation(request, &service);
        let name = format!("{}.{operation}", title(&service));
        let body = request.body.clone();
        Self { index, name, body, status: None, protocol, service, account }
    }

    /// The name without the service.
    pub(super) fn operation(&self) -> &str {
        self.name.split_once('.').map_or(self.name.as_str(), |(_, operation)| operation)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.index, self.name)
    }
}

/// The access key and the service in `Credential=KEY/date/region/service/aws4_request`.
fn signer(request: &Request) -> (String, String) {
    let header = request.headers.get("authorization").unwrap_or_default();
    let scope = header.split_once("Credential=").map_or("", |(_, rest)| rest);
    let scope = scope.split([',', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = scope.split('/').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default().to_owned();
    (part(0), part(3))
}

fn operation(request: &Request, service: &str) -> (Protocol, String) {
    if let Some(target) = request.headers.get("x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or(target);
        return (Protocol::Json, operation.to_owned());
    }
    if let Some(action) = action(request) {
        let protocol = if service == "ec2" { Protocol::Ec2 } else { Protocol::Query };
        return (protocol, action);
    }
    let path = request.target.split('?').next().unwrap_or_default();
    let protocol = if service == "s3" { Protocol::S3 } else { Protocol::RestJson };
    (protocol, format!("{} {path}", request.method))
}

/// `Action=` of a form or of a query.
fn action(request: &Request) -> Option<String> {
    let form = String::from_utf8_lossy(&request.body);
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = form.split('&').chain(query.split('&'));
    pairs.find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
}

/// How people write a service's name.
fn title(service: &str) -> &str {
    match service {
        "application-autoscaling" => "ApplicationAutoScaling",
        "autoscaling" => "AutoScaling",
        "cloudformation" => "CloudFormation",
        "elasticfilesystem" => "EFS",
        "elasticloadbalancing" => "ELB",
        "ec2" => "EC2",
        "ecr" => "ECR",
        "ecs" => "ECS",
        "iam" => "IAM",
        "logs" => "Logs",
        "s3" => "S3",
        "secretsmanager" => "SecretsManager",
        "servicediscovery" => "ServiceDiscovery",
        "sqs" => "SQS",
        "ssm" => "SSM",
        "sts" => "STS",
        _ => service,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_named_by_target_action_or_path() {
        let cases = [
            (
                "ecs",
                "POST",
                "/",
                "AmazonEC2ContainerServiceV20141113.ListTasks",
                "",
                "ECS.ListTasks",
            ),
            (
                "cloudformation",
                "POST",
                "/",
                "",
                "Action=CreateStack&X=1",
                "CloudFormation.CreateStack",
            ),
            ("ec2", "POST", "/", "", "Version=2&Action=DescribeVpcs", "EC2.DescribeVpcs"),
            ("s3", "PUT", "/bucket/key?x-id=PutObject", "", "{}", "S3.PUT /bucket/key"),
        ];
        for (service, method, target, header, body, name) in cases {
            let mut request = Request {
                method: method.to_owned(),
                target: target.to_owned(),
                body: body.into(),
                ..Request::default()
            };
            let scope =
                format!("AWS4-HMAC-SHA256 Credential=AK/20260101/r/{service}/aws4_request, Sig=");
            request.headers.add("Authorization", scope);
            if !header.is_empty() {
                request.headers.add("X-Amz-Target", header);
            }
            assert_eq!(Call::of(1, &request).name, name);
        }
    }
}
