//! What came of `up`, for people and for programs.

use ecs_apply::{
    Cause, Endpoint, Inquiry, Recreated, Restart, ServiceName, ServiceStatus, StackStatus,
};
use serde_json::json;

use super::run::Run;
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::kept::{self, Kept};
use crate::ui::json::causes as causes_document;
use crate::ui::{Report, Ui};

/// How far tasks are that were started anew.
enum Tasks {
    /// All of them run.
    Run,
    /// Some are not there yet; ECS goes on by itself.
    Start,
    /// Some could not be started.
    Failed(Vec<Cause>),
}

impl Run<'_> {
    /// Tells where everything is reached.
    pub(super) async fn finish(&self, outcome: &str, ui: &mut Ui) -> Result<Exit, CliError> {
        if self.args.force_recreate {
            match self.recreate(ui).await? {
                Tasks::Run => {}
                Tasks::Failed(causes) => {
                    self.report("failed", None, &causes, &[], ui).await?;
                    return Ok(Exit::Failed);
                }
                Tasks::Start => {
                    self.report("under-way", None, &[], &[], ui).await?;
                    return Ok(if self.args.detach { Exit::Success } else { Exit::UnderWay });
                }
            }
        }
        // That is something, too.
        let outcome = if self.args.force_recreate { "done" } else { outcome };
        let stack = existing_stack(self.aws, self.name).await?;
        let status = ecs_apply::status(self.aws, stack, false, |_| true).await?;
        for sentence in &status.unseen {
            ui.note(sentence);
        }
        match self.args.output {
            Report::Text => {
                let lines = status.services.iter().flat_map(|service| {
                    service
                        .endpoints
                        .iter()
                        .map(move |it| format!("{}  {it}\n", service.member.title))
                });
                ui.data(&lines.collect::<String>())?;
            }
            Report::Json => self.report(outcome, Some(&status), &[], &[], ui).await?,
        }
        Ok(Exit::Success)
    }

    /// Starts all tasks anew, and waits until they run.
    async fn recreate(&self, ui: &mut Ui) -> Result<Tasks, CliError> {
        let resources = self.aws.stack_resources(self.name).await?;
        let there = resources.iter().filter(|it| !it.status.is_deleted());
        let arns = there.filter_map(|it| it.physical_id.as_deref());
        let services: Vec<ServiceName> = arns.filter_map(|arn| arn.parse().ok()).collect();
        ui.tell(&format!("starting the tasks of {} services anew\n", services.len()));
        let mut restart = Restart::begin(self.aws, services).await?;
        if self.args.detach {
            ui.tell("begun; it goes on by itself\n");
            return Ok(Tasks::Start);
        }
        let stack = existing_stack(self.aws, self.name).await?;
        let mut inquiry = Inquiry::new(self.aws, &stack.id);
        let mut told = Vec::new();
        loop {
            let looked = restart.look().await;
            if looked.is_err() {
                ui.tell("the tasks are no longer watched; ECS goes on by itself\n");
                self.report("under-way", None, &[], &[], ui).await?;
            }
            let Recreated { is_over, failed, services, since } = looked?;
            if let Some(since) = since {
                inquiry.since(since);
                inquiry.look(&[], &services).await;
            }
            for service in &failed {
                if !told.contains(service) {
                    ui.tell(&format!("the tasks of {service} could not be started anew\n"));
                }
            }
            told = failed;
            if is_over {
                if told.is_empty() {
                    return Ok(Tasks::Run);
                }
                ui.explain(inquiry.evidence(), Some(self.name));
                return Ok(Tasks::Failed(inquiry.causes()));
            }
            if self.deadline.get().is_over() {
                ui.tell("the tasks were not started anew in time; ECS goes on by itself\n");
                return Ok(Tasks::Start);
            }
        }
    }

    /// Tells programs what came of it, if they asked.
    pub(super) async fn report(
        &self,
        outcome: &str,
        status: Option<&StackStatus>,
        causes: &[Cause],
        kept: &[Kept],
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        if self.args.output == Report::Text {
            return Ok(());
        }
        let endpoint = |service: &ServiceStatus, it: &Endpoint| {
            json!({
                "service": service.member.title,
                "host": it.host,
                "port": it.port,
                "protocol": it.protocol,
                "url": it.url(),
            })
        };
        let endpoints: Vec<_> = status
            .iter()
            .flat_map(|status| &status.services)
            .flat_map(|service| service.endpoints.iter().map(|it| endpoint(service, it)))
            .collect();
        let stack = match status {
            Some(status) => Some(status.stack.clone()),
            // Whoever cannot be asked for it has been told so.
            None => self.aws.stack(self.name).await.ok().flatten(),
        };
        let report = json!({
            "version": 1,
            "stack": self.name,
            "outcome": outcome,
            "status": stack.map(|stack| stack.status.0),
            "endpoints": endpoints,
            "causes": causes_document(causes),
            "kept": kept::data(kept),
        });
        ui.data(&format!("{report:#}\n"))
    }
}
