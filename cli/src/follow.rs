//! Stays with what CloudFormation does, and shows it.

use std::time::Duration;

use ecs_apply::{Aws, Begun, Status, Watch};

use crate::error::CliError;
use crate::ui::Ui;
use crate::ui::progress::Progress;

/// How watching ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Followed {
    /// The stack came to an end.
    Ended(Status),
    /// Somebody typed Ctrl-C.
    Interrupted,
    /// It took longer than one wanted to wait.
    TimedOut,
}

/// Shows what happens to a stack until it comes to an end, or somebody has seen
/// enough.
pub(crate) async fn follow(
    aws: &Aws,
    name: &str,
    begun: &Begun,
    timeout: Option<Duration>,
    ui: &mut Ui,
) -> Result<Followed, CliError> {
    let start = tokio::time::Instant::now();
    let mut watch = Watch::new(aws, &begun.stack, begun.seen.clone());
    let mut progress = Progress::new(name, ui.screen());
    loop {
        let left = timeout.map(|timeout| timeout.saturating_sub(start.elapsed()));
        let sight = tokio::select! {
            sight = watch.look() => sight?,
            _ = tokio::signal::ctrl_c() => return Ok(Followed::Interrupted),
            () = sleep(left) => return Ok(Followed::TimedOut),
        };
        ui.tell(&progress.show(&sight, start.elapsed()));
        if let Some(status) = sight.end {
            return Ok(Followed::Ended(status));
        }
    }
}

async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}
