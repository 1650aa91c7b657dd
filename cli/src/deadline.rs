//! Until when a command waits.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::CliError;

/// Until when a command waits; for ever, if nobody said so.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// So long from now on.
    pub(crate) fn after(time: Option<Duration>) -> Self {
        Self(time.map(|time| Instant::now() + time))
    }

    /// Leaves out a time in which it was not for the command to go on.
    pub(crate) fn put_off(self, time: Duration) -> Self {
        Self(self.0.map(|end| end + time))
    }

    /// Whether it is over.
    pub(crate) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }

    /// Ends when it is over.
    pub(crate) async fn passed(self) {
        match self.0 {
            Some(end) => tokio::time::sleep_until(end).await,
            None => std::future::pending().await,
        }
    }

    /// Waits for something that begins nothing on the stack, and no longer than until then.
    /// What it leaves halfway then is for it, or for whoever called, to see to.
    pub(crate) async fn meet<T>(
        self,
        future: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        tokio::select! {
            answer = future => answer,
            () = self.passed() => Err(CliError::OutOfTime),
        }
    }
}
