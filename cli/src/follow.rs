//! Stays with what CloudFormation does, and shows it.

use ecs_apply::{Aws, AwsError, Begun, Evidence, Inquiry, Service, Sight, Status, Watch};

use crate::deadline::Deadline;
use crate::error::CliError;
use crate::interrupt::interrupted;
use crate::ui::Ui;
use crate::ui::explained::Explained;
use crate::ui::progress::Progress;

/// How watching ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Followed {
    /// The stack came to an end.
    Ended {
        /// Which.
        status: Status,
        /// What is known of why, if it is a bad one.
        evidence: Box<Evidence>,
    },
    /// Somebody typed Ctrl-C.
    Interrupted,
    /// It took longer than one wanted to wait.
    TimedOut,
}

/// Shows what happens to a stack until it comes to an end, or somebody has seen
/// enough. What goes wrong is explained as soon as it is known.
pub(crate) async fn follow(
    aws: &Aws,
    name: &str,
    begun: &Begun,
    deadline: Deadline,
    ui: &mut Ui,
) -> Result<Followed, CliError> {
    let start = tokio::time::Instant::now();
    let mut watch = Watch::new(aws, &begun.stack, begun.seen.clone());
    let mut inquiry = Inquiry::new(aws, &begun.stack);
    let mut progress = Progress::new(name, ui.screen());
    let mut explained = Explained::default();
    let logs = ui.caller().logs(name);
    loop {
        let sight = tokio::select! {
            sight = look(&mut watch, &mut inquiry) => sight?,
            () = interrupted() => return Ok(Followed::Interrupted),
            () = deadline.passed() => return Ok(Followed::TimedOut),
        };
        if let Some(status) = sight.end.clone() {
            ui.tell(&progress.show(&sight, start.elapsed()));
            return Ok(Followed::Ended { status, evidence: Box::new(inquiry.into_evidence()) });
        }
        let news = explained.news(inquiry.causes(), start.elapsed(), &logs);
        if !news.is_empty() {
            ui.tell(&(progress.make_room() + &news));
        }
        ui.tell(&progress.show(&sight, start.elapsed()));
    }
}

async fn look(watch: &mut Watch<'_>, inquiry: &mut Inquiry<'_>) -> Result<Sight, AwsError> {
    let sight = watch.look().await?;
    let services: Vec<Service> =
        sight.services.iter().map(|(_, service)| service.clone()).collect();
    inquiry.look(&sight.events, &services).await;
    Ok(sight)
}
