//! CloudWatch Logs.

use aws_config::Region;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types as sdk;
use jiff::Timestamp;

use super::error::failed;
use super::{Aws, AwsError};
use crate::log_event::{LogEvent, LogPage, LogQuery};

impl Aws {
    /// One page of what was logged, sorted by time. A page may be empty and not the
    /// last. Nothing, if there is no such log group.
    pub async fn log_page(
        &self,
        query: &LogQuery,
        page: Option<&str>,
    ) -> Result<Option<LogPage>, AwsError> {
        let request = self
            .logs_in(query.region.as_deref())
            .filter_log_events()
            .log_group_name(&query.group)
            .log_stream_name_prefix(&query.prefix)
            .start_time(query.from.as_millisecond())
            .set_end_time(query.until.map(Timestamp::as_millisecond))
            .set_filter_pattern(query.pattern.clone())
            .set_next_token(page.map(ToOwned::to_owned));
        match request.send().await.map_err(failed("logs:FilterLogEvents")) {
            Ok(answer) => Ok(Some(LogPage {
                events: answer.events().iter().filter_map(to_event).collect(),
                next: answer.next_token,
            })),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Containers may log to another region than the one that they run in.
    fn logs_in(&self, region: Option<&str>) -> Client {
        match region.filter(|region| *region != self.region) {
            None => self.logs.clone(),
            Some(region) => {
                let config = aws_sdk_cloudwatchlogs::config::Builder::from(&self.config);
                Client::from_conf(config.region(Region::new(region.to_owned())).build())
            }
        }
    }
}

/// Nothing, if it cannot be put in order or told from others.
fn to_event(event: &sdk::FilteredLogEvent) -> Option<LogEvent> {
    Some(LogEvent {
        id: event.event_id()?.to_owned(),
        time: Timestamp::from_millisecond(event.timestamp()?).ok()?,
        stream: event.log_stream_name()?.to_owned(),
        message: event.message().unwrap_or_default().to_owned(),
    })
}
