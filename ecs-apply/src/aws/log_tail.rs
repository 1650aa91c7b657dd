//! The last lines of a container's log.

use jiff::Timestamp;

use super::error::failed;
use super::{Aws, AwsError};
use crate::evidence::LogLine;

/// More than anybody reads, and enough for what a program says when it falls.
const LINES: i32 = 20;

/// The longest line that is kept, in bytes: CloudWatch has lines of 256 KiB.
const LONGEST: usize = 1000;

impl Aws {
    /// The last lines of a stream of a log group, the oldest first. A stream that is
    /// not there has none: nothing was written yet.
    pub async fn log_tail(&self, group: &str, stream: &str) -> Result<Vec<LogLine>, AwsError> {
        let request = self
            .logs
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream)
            .start_from_head(false)
            .limit(LINES);
        match request.send().await.map_err(failed("logs:GetLogEvents")) {
            Ok(answer) => Ok(answer.events().iter().map(to_line).collect()),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn to_line(event: &aws_sdk_cloudwatchlogs::types::OutputLogEvent) -> LogLine {
    let time = event.timestamp().and_then(|it| Timestamp::from_millisecond(it).ok());
    LogLine { time, text: shortened(event.message().unwrap_or_default()) }
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(LONGEST)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_between_characters() {
        assert_eq!(shortened("short"), "short");
        let long = shortened(&"ü".repeat(LONGEST));
        assert_eq!(long.len(), LONGEST + '…'.len_utf8());
    }
}
