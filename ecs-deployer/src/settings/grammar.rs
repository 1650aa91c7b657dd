//! What values look like, each with what to type instead.

use std::net::SocketAddr;
use std::time::Duration;

use ecs_apply::rollout::Globs;
use serde_json::Value;

use super::queue_url::QueueUrl;

/// Why a value cannot be used, and what to type instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Goes on after the value: `is not a number`.
    pub(super) is: String,
    /// What to type.
    pub(super) instead: String,
}

impl Wrong {
    pub(super) fn new(is: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { is: is.into(), instead: instead.into() }
    }
}

/// `300`, `300s`, `5m`, `1h30m`; never nothing.
pub(super) fn time(text: &str) -> Result<Duration, Wrong> {
    let wrong = || Wrong::new("is not a time", "type seconds, or 300s, 5m or 1h30m");
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => units(text).ok_or_else(wrong)?,
    };
    match seconds {
        0 => Err(Wrong::new("leaves no time at all", "type a second at least")),
        seconds => Ok(Duration::from_secs(seconds)),
    }
}

fn units(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut seconds = 0_u64;
    for (unit, worth) in [('h', 3600), ('m', 60), ('s', 1)] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| is_number)?;
        seconds = seconds.checked_add(number.checked_mul(worth)?)?;
        rest = after;
    }
    (rest.is_empty() && !text.is_empty()).then_some(seconds)
}

/// `1`, `0` and what else means yes and no.
pub(super) fn switch(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(Wrong::new("is neither yes nor no", "type 1 or 0")),
    }
}

/// A number in a range.
pub(super) fn number(text: &str, least: u32, most: u32) -> Result<u32, Wrong> {
    let read = text.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
    let instead = match most {
        u32::MAX => format!("type a number from {least} on"),
        _ => format!("type a number from {least} to {most}"),
    };
    read.ok_or_else(|| Wrong::new("does not fit", instead))
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Wrong> {
    let found = words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Wrong::new("is not known", format!("type {}", choice(&words)))
    })
}

fn choice(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, words)) => format!("{} or {last}", words.join(", ")),
        None => String::new(),
    }
}

/// The URL of a queue.
pub(super) fn queue(text: &str) -> Result<QueueUrl, Wrong> {
    QueueUrl::read(text).map_err(|wrong| {
        let url = "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME";
        let ask = "`aws sqs get-queue-url --queue-name NAME` prints it";
        Wrong::new(wrong.to_string(), format!("type {url}; {ask}"))
    })
}

/// An address of the web.
pub(super) fn address(text: &str) -> Result<String, Wrong> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = host.is_some_and(|it| !it.is_empty() && !it.starts_with('/'))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let wrong = || Wrong::new("is not an address", "give one that begins with https://");
    fits.then(|| text.to_owned()).ok_or_else(wrong)
}

/// The name of a region, as far as that can be said.
pub(super) fn region(text: &str) -> Result<String, Wrong> {
    let is_right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let wrong = || Wrong::new("is not a region", "type one such as eu-west-1");
    text.bytes().all(is_right).then(|| text.to_owned()).ok_or_else(wrong)
}

/// An ARN of a service of AWS.
pub(super) fn arn(text: &str, service: &str, example: &str) -> Result<String, Wrong> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = parts.len() == 6 && parts[0] == "arn" && parts[2] == service && !parts[5].is_empty();
    let wrong = || Wrong::new("is not its ARN", format!("type {example}"));
    fits.then(|| text.to_owned()).ok_or_else(wrong)
}

/// Where to listen; all of the machine, if there is only a port.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Wrong> {
    let full = if text.starts_with(':') { format!("0.0.0.0{text}") } else { text.to_owned() };
    let wrong = |_| Wrong::new("is not a place to listen at", "type 0.0.0.0:8080, or :8080");
    full.parse().map_err(wrong)
}

/// A cluster's name, also of its ARN.
pub(super) fn cluster(text: &str) -> Result<String, Wrong> {
    let name = ecs_apply::rollout::cluster_name(text);
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=255).contains(&name.len()) && name.bytes().all(is_right);
    let wrong = || Wrong::new("is not a cluster", "type its name or its ARN");
    fits.then(|| name.to_owned()).ok_or_else(wrong)
}

/// Numbers of accounts.
pub(super) fn accounts(text: &str) -> Result<Globs, Wrong> {
    let is_right = |byte: u8| {
        byte.is_ascii_digit() || byte.is_ascii_whitespace() || matches!(byte, b'*' | b',')
    };
    let wrong = || Wrong::new("names no accounts", "type their numbers: 111122223333,444455556666");
    text.bytes().all(is_right).then(|| Globs::new(text)).ok_or_else(wrong)
}

/// Whether Slack takes it for a colour.
/// <https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments>
pub(super) fn is_color(text: &str) -> bool {
    let is_number = |it: &str| it.len() == 6 && it.bytes().all(|byte| byte.is_ascii_hexdigit());
    ["good", "warning", "danger"].contains(&text) || text.strip_prefix('#').is_some_and(is_number)
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html>
const OVERRIDES: [&str; 7] = [
    "containerOverrides",
    "cpu",
    "ephemeralStorage",
    "executionRoleArn",
    "inferenceAcceleratorOverrides",
    "memory",
    "taskRoleArn",
];

/// Overrides of `RunTask`.
pub(super) fn overrides(text: &str) -> Result<Value, Wrong> {
    let example = r#"type {"containerOverrides": [{"name": "web", "command": ["migrate"]}]}"#;
    let read = serde_json::from_str(text).ok().filter(Value::is_object);
    let read: Value = read.ok_or_else(|| Wrong::new("is not a JSON object", example))?;
    let unknown =
        read.as_object().into_iter().flatten().find(|(key, _)| !OVERRIDES.contains(&&***key));
    match unknown {
        Some((key, _)) => Err(Wrong::new(format!("has {key:?}, which is no override"), example)),
        None => Ok(read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_have_units() {
        let cases = [
            ("300", Some(300)),
            ("300s", Some(300)),
            ("5m", Some(300)),
            ("1h30m", Some(5400)),
            ("1h0m5s", Some(3605)),
            ("0", None),
            ("0s", None),
            ("-1", None),
            ("+5", Some(5)),
            ("5 m", None),
            ("5m1h", None),
            ("m", None),
            ("5x", None),
            ("1.5h", None),
            ("", None),
            ("99999999999999999999", None),
            ("9999999999999999999h", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(time(text).ok().map(|it| it.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn yes_and_no_have_many_names() {
        for (text, value) in
            [("1", true), ("TRUE", true), ("on", true), ("no", false), ("0", false)]
        {
            assert_eq!(switch(text), Ok(value), "{text}");
        }
        assert!(switch("maybe").is_err());
    }

    #[test]
    fn a_word_that_is_not_known_is_told_the_others() {
        let wrong = one_of("x", &[("once", 1), ("drain", 2), ("daemon", 3)]).unwrap_err();
        assert_eq!(wrong.instead, "type once, drain or daemon");
    }

    #[test]
    fn a_port_alone_listens_everywhere() {
        for (text, address) in
            [(":8080", "0.0.0.0:8080"), ("127.0.0.1:1", "127.0.0.1:1"), ("[::]:1", "[::]:1")]
        {
            assert_eq!(listen(text).unwrap().to_string(), address);
        }
        for text in ["8080", "localhost:80", "0.0.0.0", ":99999"] {
            assert!(listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_cluster_is_a_name_or_an_arn() {
        let arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop";
        assert_eq!(cluster(arn), Ok("shop".to_owned()));
        assert_eq!(cluster("shop-1_a"), Ok("shop-1_a".to_owned()));
        for text in ["a b", "a/b", "arn:aws:ecs:eu-west-1:1:cluster/", "--x y"] {
            assert!(cluster(text).is_err(), "{text}");
        }
    }

    #[test]
    fn accounts_and_colours_are_what_others_take_for_them() {
        for (text, fits) in [("111122223333, 4444*", true), ("shop", false), ("", true)] {
            assert_eq!(accounts(text).is_ok(), fits, "{text}");
        }
        let colours =
            [("#335EFF", true), ("good", true), ("red", false), ("#33", false), ("#33ßEF", false)];
        for (text, fits) in colours {
            assert_eq!(is_color(text), fits, "{text}");
        }
    }

    #[test]
    fn overrides_are_those_that_are_known() {
        assert!(overrides(r#"{"containerOverrides": [], "cpu": "256"}"#).is_ok());
        for text in ["[]", "x", r#"{"overrides": {"containerOverrides": []}}"#] {
            assert!(overrides(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_arn_is_of_its_service() {
        let topic = |text| arn(text, "sns", "arn:…");
        assert!(topic("arn:aws:sns:eu-west-1:111122223333:told").is_ok());
        assert!(topic("arn:aws:sqs:eu-west-1:111122223333:told").is_err());
        assert!(topic("told").is_err());
    }
}
