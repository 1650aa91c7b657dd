//! What the values of extensions may be.
//!
//! A message never repeats a value: a variable may have brought it, and what
//! variables hold is a secret.

use std::borrow::Cow;

use compose_model::value::{Duration, ImageReference, Value};
use compose_model::{Step, nearest};

/// Why a value is not what its key asks for, and what to type instead.
#[derive(Debug)]
pub(super) struct Wrong {
    /// What follows the key in a sentence: `is empty`.
    pub(super) is: String,
    pub(super) help: String,
    /// The key that is wrong, from the value on; none if the value is.
    pub(super) key: Option<Vec<Step>>,
}

/// What a grammar makes of a value.
pub(super) type Read<T> = Result<T, Wrong>;

impl Wrong {
    pub(super) fn new(is: impl Into<String>, help: impl Into<String>) -> Self {
        Self { is: is.into(), help: help.into(), key: None }
    }

    /// Says which key below the value is wrong.
    pub(super) fn at_key(self, steps: Vec<Step>) -> Self {
        Self { key: Some(steps), ..self }
    }
}

/// The kind of a value in a user's words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

/// Text, which may look like a number.
pub(super) fn text(value: &Value) -> Read<String> {
    scalar(value).map(Cow::into_owned)
}

fn scalar(value: &Value) -> Read<Cow<'_, str>> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.trim()),
        Value::Int(number) => Cow::Owned(number.to_string()),
        Value::Uint(number) => Cow::Owned(number.to_string()),
        Value::Float(number) => Cow::Owned(number.to_string()),
        Value::Null => {
            return Err(Wrong::new("has no value", "give it a value, or remove it"));
        }
        Value::Bool(_) | Value::List(_) | Value::Map(_) => {
            let is = format!("must be a string, not {}", kind(value));
            return Err(Wrong::new(is, "write the text behind the colon"));
        }
    };
    if text.is_empty() {
        return Err(Wrong::new("is empty", "give it a value, or remove it"));
    }
    Ok(text)
}

/// A whole number, which may be written as text: variables are always text.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Uint(number) => i64::try_from(*number).ok(),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Some(*number as i64)
        }
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// A whole number of `least` to `most`, and what it counts: ` seconds`.
pub(super) fn between<T: TryFrom<i64>>(
    least: i64,
    most: i64,
    unit: &'static str,
) -> impl Fn(&Value) -> Read<T> {
    move |value| {
        let number = whole(value).filter(|number| (least..=most).contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let help = format!("write a whole number from {least} to {most}, without a unit");
            Wrong::new(format!("must be {least} to {most}{unit}"), help)
        })
    }
}

/// A share of 1 to 100, which may be written with `%`.
pub(super) fn percentage(value: &Value) -> Read<u8> {
    let bare = value.as_str().map(|text| Value::String(text.trim_end_matches('%').to_owned()));
    between(1, 100, " percent")(bare.as_ref().unwrap_or(value))
}

/// Seconds as a number or as Compose writes a duration.
pub(super) fn seconds(least: i64, most: i64) -> impl Fn(&Value) -> Read<u32> {
    move |value| {
        let duration = value.as_str().and_then(|text| text.parse::<Duration>().ok());
        let seconds = duration
            .map(Duration::as_nanos)
            .filter(|nanos| nanos % 1_000_000_000 == 0)
            .map(|nanos| Value::Int(nanos / 1_000_000_000));
        let read = between(least, most, " seconds")(seconds.as_ref().unwrap_or(value));
        read.map_err(|wrong| Wrong {
            help: format!("write whole seconds: `{least}s` to `{most}s`"),
            ..wrong
        })
    }
}

/// `true` or `false`, which may be written as text.
pub(super) fn boolean(value: &Value) -> Read<bool> {
    match (value, value.as_str()) {
        (Value::Bool(value), _) => Ok(*value),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        (_, _) => Err(Wrong::new("is neither `true` nor `false`", "write `true` or `false`")),
    }
}

/// One of some words, and what each of them means.
pub(super) fn one_of<T: Copy>(words: &[(&'static str, T)]) -> impl Fn(&Value) -> Read<T> {
    move |value| {
        let text = scalar(value)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(*meaning);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let is = format!("must be one of `{}`", names.join("`, `"));
        Err(Wrong::new(
            is,
            match nearest(&text, names.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("write `{}`", names.join("`, or `")),
            },
        ))
    }
}

/// The numbers of days for which CloudWatch can keep logs.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTION: [u16; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// Days for which logs are kept, as asked for and as CloudWatch can. Docker's tool
/// took 0 for no limit.
pub(super) fn retention(value: &Value) -> Read<(u16, Option<u16>)> {
    let days = between(0, 3653, " days")(value)?;
    let longer = RETENTION.into_iter().find(|allowed| *allowed >= days);
    Ok((days, longer.filter(|_| days > 0)))
}

/// The parts of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
pub(super) struct Arn<'a> {
    service: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.trim().splitn(6, ':').collect();
        let [arn, partition, service, _, account, resource] = parts[..] else { return None };
        let valid = arn == "arn"
            && partition.starts_with("aws")
            && !service.is_empty()
            && !resource.is_empty()
            && !text.contains(char::is_whitespace);
        valid.then_some(Self { service, account, resource })
    }

    /// Policies of AWS itself have a word where the account stands.
    pub(super) fn has_account(&self) -> bool {
        let digits = self.account.len() == 12 && self.account.bytes().all(|b| b.is_ascii_digit());
        digits || matches!(self.account, "aws" | "")
    }
}

/// What an ARN has to name.
pub(super) struct Kind {
    /// `a certificate`
    what: &'static str,
    /// Services, each with what a resource begins with.
    resources: &'static [(&'static str, &'static str)],
    example: &'static str,
}

pub(super) const CLUSTER: Kind = Kind {
    what: "a cluster",
    resources: &[("ecs", "cluster/")],
    example: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
};

pub(super) const LOAD_BALANCER: Kind = Kind {
    what: "an application or network load balancer",
    resources: &[
        ("elasticloadbalancing", "loadbalancer/app/"),
        ("elasticloadbalancing", "loadbalancer/net/"),
    ],
    example: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
};

pub(super) const CERTIFICATE: Kind = Kind {
    what: "a certificate",
    resources: &[("acm", "certificate/"), ("iam", "server-certificate/")],
    example: "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
};

pub(super) const POLICY: Kind = Kind {
    what: "a managed policy",
    resources: &[("iam", "policy/")],
    example: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
};

pub(super) const SECRET: Kind = Kind {
    what: "a secret of Secrets Manager",
    resources: &[("secretsmanager", "secret:")],
    example: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf",
};

const KEPT: Kind = Kind {
    what: "a secret of Secrets Manager or a parameter of the Parameter Store",
    resources: &[("secretsmanager", "secret:"), ("ssm", "parameter/")],
    example: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/password",
};

/// Whether a text is the ARN of a secret of Secrets Manager or of a parameter of the
/// Parameter Store.
pub(crate) fn is_secret_arn(text: &str) -> bool {
    KEPT.admits(text)
}

impl Kind {
    fn admits(&self, text: &str) -> bool {
        Arn::parse(text).is_some_and(|arn| {
            let mut resources = self.resources.iter();
            resources.any(|(service, start)| {
                arn.service == *service
                    && arn.resource.len() > start.len()
                    && arn.resource.starts_with(start)
            })
        })
    }
}

/// The ARN of something of a kind.
pub(super) fn arn(of: &Kind) -> impl Fn(&Value) -> Read<String> {
    move |value| {
        let text = scalar(value)?;
        if of.admits(&text) {
            return Ok(text.into_owned());
        }
        let help = format!("write it like `{}`", of.example);
        Err(Wrong::new(format!("is not the ARN of {}", of.what), help))
    }
}

/// The name or the ARN of something of a kind.
pub(super) fn name_or_arn(of: &Kind, longest: usize) -> impl Fn(&Value) -> Read<String> {
    move |value| {
        let text = scalar(value)?;
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_name = text.len() <= longest && text.bytes().all(part);
        if is_name || of.admits(&text) {
            return Ok(text.into_owned());
        }
        let help = format!("write its name, or an ARN like `{}`", of.example);
        Err(Wrong::new(format!("is neither the name nor the ARN of {}", of.what), help))
    }
}

/// An id such as `vpc-0a1b2c3d`, or an ARN that ends in it: some tools show no other.
pub(super) fn id(prefix: &'static str, what: &'static str) -> impl Fn(&Value) -> Read<String> {
    move |value| {
        let text = scalar(value)?;
        let id = match Arn::parse(&text) {
            Some(arn) if arn.service == "ec2" => {
                arn.resource.rsplit('/').next().unwrap_or_default()
            }
            Some(_) | None => &text,
        };
        let part = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        match id.strip_prefix(prefix) {
            Some(rest) if !rest.is_empty() && rest.bytes().all(part) => Ok(id.to_owned()),
            Some(_) | None => Err(Wrong::new(
                format!("is not the id of {what}"),
                format!("write it like `{prefix}0123456789abcdef0`"),
            )),
        }
    }
}

/// The path of IAM roles: `/apps/`.
pub(super) fn role_path(value: &Value) -> Read<String> {
    let text = scalar(value)?;
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if printable && text.len() <= 512 && text.starts_with('/') && text.ends_with('/') {
        return Ok(text.into_owned());
    }
    let is = "must begin and end with `/` and have no spaces";
    Err(Wrong::new(is, "write it like `/apps/`"))
}

/// An image as a registry knows it.
pub(super) fn image(value: &Value) -> Read<String> {
    let text = scalar(value)?;
    match text.parse::<ImageReference>() {
        Ok(_) => Ok(text.into_owned()),
        Err(_) => Err(Wrong::new(
            "is not the name of an image",
            "write it like `public.ecr.aws/docker/library/busybox:stable`",
        )),
    }
}

/// The path that a load balancer asks for.
pub(super) fn request_path(value: &Value) -> Read<String> {
    let text = scalar(value)?;
    if text.starts_with('/') && text.len() <= 1024 && !text.contains(char::is_whitespace) {
        return Ok(text.into_owned());
    }
    Err(Wrong::new("must be a path that begins with `/`", "write it like `/health`"))
}

/// HTTP codes that are good answers: `200`, `200,202` or `200-399`.
pub(super) fn matcher(value: &Value) -> Read<String> {
    let text = scalar(value)?;
    let code = |text: &str| text.trim().parse().is_ok_and(|code: u16| (200..=499).contains(&code));
    let range = |text: &str| text.split('-').count() <= 2 && text.split('-').all(code);
    if text.split(',').all(range) {
        return Ok(text.into_owned());
    }
    let is = "must be HTTP codes from 200 to 499";
    Err(Wrong::new(is, "write it like `200`, `200,202` or `200-399`"))
}

/// A key of a secret whose value is a JSON object; it becomes a file's name.
pub(super) fn json_key(value: &Value) -> Read<String> {
    let text = scalar(value)?;
    if text.contains('/') {
        let is = "cannot become the name of a file";
        return Err(Wrong::new(is, "name a key without `/`"));
    }
    Ok(text.into_owned())
}
