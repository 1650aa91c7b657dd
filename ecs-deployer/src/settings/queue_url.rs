//! What the URL of a queue says. <https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>

use std::fmt;

/// The URL of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueUrl {
    /// The URL itself.
    pub url: String,
    /// The queue's region, if the URL has it.
    pub region: Option<String>,
    /// The number of its account, if the URL has it.
    pub account: Option<String>,
    /// Its name.
    pub name: String,
}

impl QueueUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// What to give instead.
    pub fn read(text: &str) -> Result<Self, NotAQueue> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else {
            return Err(if text.starts_with("arn:") { NotAQueue::Arn } else { NotAQueue::NoUrl });
        };
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '@');
        if text.contains(odd) {
            return Err(NotAQueue::NoUrl);
        }
        let (host, path) = rest.split_once('/').ok_or(NotAQueue::NoName)?;
        let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
        let name = parts.next().ok_or(NotAQueue::NoName)?.to_owned();
        if host.is_empty() {
            return Err(NotAQueue::NoUrl);
        }
        let before = parts.next();
        // The account alone is what is left of a URL whose end was not copied.
        if before.is_none() && is_account(&name) {
            return Err(NotAQueue::NoName);
        }
        let account = before.filter(|it| is_account(it)).map(str::to_owned);
        // Local ones of some kinds have it before the account.
        let region = of_host(host).or_else(|| parts.next().filter(|it| is_region(it)));
        Ok(Self { url: text.to_owned(), region: region.map(str::to_owned), account, name })
    }

    /// Where the queue is asked, if AWS by itself is not the place: one of a local AWS,
    /// or an endpoint of a VPC.
    pub fn endpoint(&self) -> Option<String> {
        let (scheme, rest) = self.url.split_once("://")?;
        let host = rest.split('/').next()?;
        let ends = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
        let is_public = ends.iter().any(|it| host.ends_with(it)) && !host.contains(".vpce.");
        (!is_public).then(|| format!("{scheme}://{host}"))
    }

    /// Whether the queue keeps the order of its messages.
    pub fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The region is a label of the host beside the service's name, or the first one where
/// the URL is of the oldest kind; the oldest of all has none.
fn of_host(host: &str) -> Option<&str> {
    let host = host.split(':').next().unwrap_or(host);
    if host == "queue.amazonaws.com" {
        return Some("us-east-1");
    }
    host.split('.').find(|label| is_region(label))
}

/// Whether something looks as regions do: `eu-west-1`, `us-gov-east-1`. An endpoint's id
/// does not: `vpce-0a1b-2c3d`.
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |it: &&str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    words.len() >= 2 && words[0].len() <= 4 && words.iter().all(is_word) && is_number
}

/// Why something is not the URL of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAQueue {
    /// It is an ARN.
    Arn,
    /// It is no URL at all.
    NoUrl,
    /// It names no queue.
    NoName,
}

impl fmt::Display for NotAQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arn => "is an ARN, where a URL is needed",
            Self::NoUrl => "is not a URL",
            Self::NoName => "names no queue",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_of_url_says_where_its_queue_is() {
        let cases = [
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/orders", "eu-west-1"),
            ("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/orders", "cn-north-1"),
            ("https://sqs.us-gov-west-1.amazonaws.com/111122223333/orders", "us-gov-west-1"),
            ("https://sqs-fips.us-east-2.amazonaws.com/111122223333/orders", "us-east-2"),
            ("https://sqs.ap-southeast-2.api.aws/111122223333/orders", "ap-southeast-2"),
            ("https://queue.amazonaws.com/111122223333/orders", "us-east-1"),
            ("https://eu-west-1.queue.amazonaws.com/111122223333/orders", "eu-west-1"),
            (
                "https://vpce-0a1b-9z-eu-west-1a.sqs.eu-west-1.vpce.amazonaws.com/111122223333/orders",
                "eu-west-1",
            ),
            (
                "http://sqs.eu-west-1.localhost.localstack.cloud:4566/111122223333/orders",
                "eu-west-1",
            ),
            ("http://localhost:4566/queue/eu-west-1/111122223333/orders", "eu-west-1"),
            ("http://localhost:4566/111122223333/orders", ""),
            ("http://[::1]:4566/111122223333/orders", ""),
        ];
        for (url, region) in cases {
            let read = QueueUrl::read(url).unwrap();
            assert_eq!(read.region.as_deref().unwrap_or_default(), region, "{url}");
            assert_eq!(read.account.as_deref(), Some("111122223333"), "{url}");
            assert_eq!(read.name, "orders", "{url}");
        }
    }

    #[test]
    fn a_queue_that_is_elsewhere_is_asked_there() {
        let cases = [
            ("https://sqs.eu-west-1.amazonaws.com/1/a", None),
            ("https://queue.amazonaws.com/1/a", None),
            ("https://sqs.cn-north-1.amazonaws.com.cn/1/a", None),
            ("http://localhost:4566/000000000000/a", Some("http://localhost:4566")),
            (
                "https://vpce-0a1b-9z.sqs.eu-west-1.vpce.amazonaws.com/1/a",
                Some("https://vpce-0a1b-9z.sqs.eu-west-1.vpce.amazonaws.com"),
            ),
        ];
        for (url, endpoint) in cases {
            assert_eq!(QueueUrl::read(url).unwrap().endpoint().as_deref(), endpoint, "{url}");
        }
    }

    #[test]
    fn a_name_may_end_in_fifo() {
        let read = QueueUrl::read("https://sqs.eu-west-1.amazonaws.com/1/a.fifo").unwrap();
        assert!(read.is_fifo());
        assert_eq!(read.account, None);
    }

    #[test]
    fn what_is_no_url_of_a_queue_is_told_apart() {
        let cases = [
            ("orders", NotAQueue::NoUrl),
            ("arn:aws:sqs:eu-west-1:111122223333:orders", NotAQueue::Arn),
            ("https://sqs.eu-west-1.amazonaws.com", NotAQueue::NoName),
            ("https://sqs.eu-west-1.amazonaws.com/", NotAQueue::NoName),
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/", NotAQueue::NoName),
            ("https:///111122223333/orders", NotAQueue::NoUrl),
            ("https://a b/111122223333/orders", NotAQueue::NoUrl),
            ("https://me:secret@host/1/orders", NotAQueue::NoUrl),
            ("-1", NotAQueue::NoUrl),
        ];
        for (text, problem) in cases {
            assert_eq!(QueueUrl::read(text), Err(problem), "{text}");
        }
    }
}
