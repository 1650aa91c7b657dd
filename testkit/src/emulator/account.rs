//! An account of the local AWS, and calls to it without an SDK.

use serde_json::Value as Json;

use crate::http::{self, Request, Response};
use crate::proxy::Proxy;

/// The region that everything is in.
const REGION: &str = "us-east-1";

/// An account: nobody sees what another has.
#[derive(Debug, Clone)]
pub struct Account {
    address: String,
    id: String,
}

/// What a service answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// 200 and so on.
    pub status: u16,
    /// XML or JSON.
    pub body: String,
}

impl Answer {
    /// The texts of all elements of this name, in an answer of XML.
    pub fn texts(&self, element: &str) -> Vec<String> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let pieces = self.body.split(&open).skip(1);
        pieces.filter_map(|piece| Some(unescaped(piece.split_once(&close)?.0))).collect()
    }

    /// The text of the first element of this name, or nothing.
    pub fn text(&self, element: &str) -> String {
        self.texts(element).into_iter().next().unwrap_or_default()
    }

    /// An answer of JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self { status: response.status, body: response.text() }
    }
}

impl Account {
    pub(super) fn new(address: &str, id: &str) -> Self {
        Self { address: address.to_owned(), id: id.to_owned() }
    }

    /// Twelve digits, which are the access key, too.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The same account, through a proxy.
    #[must_use]
    pub fn through(&self, proxy: &Proxy) -> Self {
        Self { address: proxy.address().to_owned(), id: self.id.clone() }
    }

    /// Variables that lead a program here, and away from everything else.
    pub fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", &self.id),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// Calls a service that takes forms: `cloudformation`, `ec2`, `iam`,
    /// `elasticloadbalancing`, `autoscaling`, `sts`.
    pub fn query(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let mut body = format!("Action={action}");
        for (name, value) in parameters {
            body.push_str(&format!("&{}={}", encoded(name), encoded(value)));
        }
        let mut request = self.request(service, "POST", "/", body.into_bytes());
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        self.send(&request)
    }

    /// Calls a service that takes JSON: `ecs`, `logs`, `secretsmanager`, `ssm`,
    /// `servicediscovery`, `ecr`, `application-autoscaling`, `sqs`.
    ///
    /// # Panics
    /// If it is another service.
    pub fn json(&self, service: &str, operation: &str, body: &Json) -> Answer {
        let target = target_of(service);
        let mut request = self.request(service, "POST", "/", body.to_string().into_bytes());
        request.headers.add("Content-Type", "application/x-amz-json-1.1");
        request.headers.add("X-Amz-Target", format!("{target}.{operation}"));
        self.send(&request)
    }

    /// Calls a service that has paths: `s3`, `elasticfilesystem`.
    pub fn rest(&self, service: &str, method: &str, path: &str, body: &str) -> Answer {
        self.send(&self.request(service, method, path, body.into()))
    }

    /// Makes the subnets of the default VPC public, as they are at AWS: gives its routing
    /// table a way to the Internet.
    ///
    /// # Panics
    /// If that does not work.
    pub fn with_public_subnets(self) -> Self {
        let tables = self.query("ec2", "DescribeRouteTables", &[]);
        let gateways = self.query("ec2", "DescribeInternetGateways", &[]);
        let made = self.query(
            "ec2",
            "CreateRoute",
            &[
                ("RouteTableId", &tables.text("routeTableId")),
                ("GatewayId", &gateways.text("internetGatewayId")),
                ("DestinationCidrBlock", "0.0.0.0/0"),
            ],
        );
        assert_eq!(made.status, 200, "{}", made.body);
        self
    }

    fn request(&self, service: &str, method: &str, target: &str, body: Vec<u8>) -> Request {
        let mut request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            body,
            ..Request::default()
        };
        let scope = format!("{}/20260101/{REGION}/{service}/aws4_request", self.id);
        let header =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        request.headers.add("Authorization", header);
        request
    }

    pub(super) fn send(&self, request: &Request) -> Answer {
        let response = http::send(&self.address, request);
        let response = response.unwrap_or_else(|error| {
            panic!("{} {} at {}: {error}", request.method, request.target, self.address)
        });
        response.into()
    }
}

/// What stands before the operation in `X-Amz-Target`.
fn target_of(service: &str) -> &'static str {
    match service {
        "application-autoscaling" => "AnyScaleFrontendService",
        "ecr" => "AmazonEC2ContainerRegistry_V20150921",
        "ecs" => "AmazonEC2ContainerServiceV20141113",
        "logs" => "Logs_20140328",
        "secretsmanager" => "secretsmanager",
        "servicediscovery" => "Route53AutoNaming_v20170314",
        "sqs" => "AmazonSQS",
        "ssm" => "AmazonSSM",
        other => panic!("{other} takes no JSON, or is not known here"),
    }
}

/// As in a form.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let one =
        |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}
