//! What is told in a channel of Slack.
//! <https://api.slack.com/messaging/webhooks>

use serde_json::{Value, json};

use crate::result::{About, DeployResult, Status};
use crate::settings::Slack;

/// More is not read in a channel.
const LONGEST: usize = 2500;

pub(super) fn begun(slack: &Slack, text: &str, about: &About) -> Value {
    let links =
        links(&[("commit", about.commit_url.as_deref()), ("deployer", about.deployer.as_deref())]);
    message(slack, &slack.color, text, &(escaped(text) + &links))
}

pub(super) fn ended(slack: &Slack, result: &DeployResult) -> Value {
    let color = match result.status {
        Status::Deployed | Status::Already | Status::Registered => "good",
        Status::Superseded | Status::Stale => "warning",
        Status::Failed
        | Status::RolledBack
        | Status::NotRolledBack
        | Status::Refused
        | Status::Interrupted
        | Status::Unattended => "danger",
    };
    let console = result.console();
    let links = links(&[
        ("service", console.as_deref()),
        ("commit", result.commit_url()),
        ("deployer", result.deployer()),
    ]);
    let text: String = result.text().trim_end().chars().take(LONGEST).collect();
    message(slack, color, &result.summary, &(escaped(&text) + &links))
}

fn message(slack: &Slack, color: &str, fallback: &str, text: &str) -> Value {
    json!({
        "channel": slack.channel,
        "username": slack.name,
        "attachments": [{ "color": color, "fallback": fallback, "text": text }],
    })
}

fn links(all: &[(&str, Option<&str>)]) -> String {
    let safe = |it: &&str| it.starts_with("https://") || it.starts_with("http://");
    let link = |(name, url): &(&str, Option<&str>)| {
        let url = url.filter(safe)?.replace(['|', '<', '>', '\n'], "");
        Some(format!("<{url}|{name}>"))
    };
    let links: Vec<String> = all.iter().filter_map(link).collect();
    if links.is_empty() { String::new() } else { format!("\n{}", links.join(" · ")) }
}

/// Slack reads these three.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_no_link() {
        assert_eq!(escaped("<!channel> & co"), "&lt;!channel&gt; &amp; co");
        assert_eq!(links(&[("commit", Some("javascript:alert(1)"))]), "");
        assert_eq!(links(&[("commit", Some("https://a/<b|c>"))]), "\n<https://a/bc|commit>");
    }
}
