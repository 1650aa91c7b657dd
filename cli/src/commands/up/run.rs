//! What `up` does once it is known what there is to do: watches, joins, and gives up.

use std::cell::Cell;

use ecs_apply::{Aws, Begun, DeployError, Evidence, Stack, Status, causes, observe};
use tokio::time::Instant;

use super::Up;
use crate::aws_args::attempt_number;
use crate::deadline::Deadline;
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::follow::{Followed, follow};
use crate::kept::{self, Kept};
use crate::ui::Ui;

/// A run of the command, once it is known what it is about.
pub(super) struct Run<'a> {
    pub(super) args: &'a Up,
    pub(super) aws: &'a Aws,
    /// The stack's name.
    pub(super) name: &'a str,
    pub(super) project: Option<String>,
    /// Whether there is somebody to ask.
    pub(super) asks: bool,
    /// Whether it can be known that somebody else wants the same.
    pub(super) is_comparable: bool,
    /// Later, if somebody was asked meanwhile.
    pub(super) deadline: Cell<Deadline>,
}

impl Run<'_> {
    /// Joins whoever does the same, and looks again where somebody was quicker. What else
    /// is in the way is an error.
    pub(super) async fn step_back(
        &self,
        error: DeployError,
        ui: &mut Ui,
    ) -> Result<Option<Exit>, CliError> {
        if matches!(error, DeployError::Overtaken { .. }) {
            ui.tell("somebody else was quicker; looking at the stack again\n");
            return Ok(None);
        }
        let DeployError::Busy { stack, operation, same } = error else {
            return Err(error.into());
        };
        if same && self.args.detach && !self.is_comparable {
            ui.tell(
                "it may be the same, but secrets cannot be compared; without --detach, it would \
                 be watched, and what it left undone be done\n",
            );
            return Err(DeployError::Busy { stack, operation, same: false }.into());
        }
        if !same && (self.args.detach || !stack.status.is_undone_creation()) {
            return Err(DeployError::Busy { stack, operation, same }.into());
        }
        let seen = operation.and_then(|it| it.before);
        let creates = stack.status.0.starts_with("CREATE");
        let begun = Begun { stack: stack.id, seen, creates };
        if !same {
            ui.tell("it could not be made, and that is being undone; waiting for the end\n");
            return match self.follow(&begun, ui).await? {
                Followed::Ended { .. } => Ok(None),
                Followed::Interrupted | Followed::TimedOut => self
                    .leave(&begun, "no longer waited for; it goes on", Exit::UnderWay, ui)
                    .await
                    .map(Some),
            };
        }
        if self.args.detach {
            let told = "the same is being deployed already; it goes on by itself";
            return self.leave(&begun, told, Exit::Success, ui).await.map(Some);
        }
        ui.tell("the same is being deployed already; watching that\n");
        // What it made is compared with the project once more.
        self.watch(&begun, ui).await
    }

    /// Watches how what is left of a stack that could not be made goes; nothing, when it is
    /// gone.
    pub(super) async fn clear(
        &self,
        removal: &Begun,
        ui: &mut Ui,
    ) -> Result<Option<Exit>, CliError> {
        ui.tell("removing what is left of the stack that could not be made\n");
        let followed = follow(self.aws, self.name, removal, self.deadline.get(), ui).await;
        if followed.is_err() {
            self.leave_removal(ui).await?;
        }
        match followed? {
            Followed::Ended { status, .. } if status.is_deleted() => Ok(None),
            Followed::Ended { status, evidence } => {
                ui.explain(&evidence, Some(self.name));
                Err(DeployError::Leftover { stack: self.name.to_owned(), status }.into())
            }
            Followed::Interrupted | Followed::TimedOut => {
                self.leave_removal(ui).await?;
                Ok(Some(Exit::UnderWay))
            }
        }
    }

    /// Tells how to go on when what is left of a stack is being removed.
    async fn leave_removal(&self, ui: &mut Ui) -> Result<(), CliError> {
        let events = ui.caller().about(self.name, "events -f");
        ui.tell(&format!(
            "what is left of the stack {} is still being removed, and nothing else was begun\n\
             `{events}` watches it; when it is gone, `up` does the rest\n",
            self.name
        ));
        self.report("under-way", None, &[], &[], ui).await
    }

    /// Watches a stack. If that is not possible any more, it goes on all the same.
    async fn follow(&self, begun: &Begun, ui: &mut Ui) -> Result<Followed, CliError> {
        let followed = follow(self.aws, self.name, begun, self.deadline.get(), ui).await;
        if followed.is_err() {
            self.leave(begun, "no longer watched; it goes on", Exit::Refused, ui).await?;
        }
        followed
    }

    /// Watches to the end; nothing, if that is a good one.
    pub(super) async fn watch(&self, begun: &Begun, ui: &mut Ui) -> Result<Option<Exit>, CliError> {
        let exit = match self.follow(begun, ui).await? {
            Followed::Ended { status, evidence } if status.is_failure() || status.is_deleted() => {
                self.fail(begun, &status, &evidence, ui).await?
            }
            Followed::Ended { status, evidence } => match self.reverted(ui).await? {
                true => self.fail(begun, &status, &evidence, ui).await?,
                false => return Ok(None),
            },
            Followed::Interrupted if self.asks => return self.interrupted(begun, ui).await,
            Followed::Interrupted => {
                self.leave(begun, "no longer watched; it goes on", Exit::UnderWay, ui).await?
            }
            Followed::TimedOut => {
                self.leave(begun, "not finished in time; it goes on", Exit::UnderWay, ui).await?
            }
        };
        Ok(Some(exit))
    }

    /// Somebody typed Ctrl-C, and may want more than to stop watching.
    async fn interrupted(&self, begun: &Begun, ui: &mut Ui) -> Result<Option<Exit>, CliError> {
        let question = if begun.creates {
            "\nit goes on by itself. Give up, and delete what was made?"
        } else {
            "\nit goes on by itself. Give up, and go back to what was?"
        };
        if !self.ask(question, ui).await {
            return self
                .leave(begun, "no longer watched; it goes on", Exit::UnderWay, ui)
                .await
                .map(Some);
        }
        // Nobody has looked while the answer was waited for.
        let newest = self.aws.newest_stack_event(&begun.stack).await?;
        if !self.give_up(begun).await? {
            ui.tell("that comes too late: it is over\n");
            return Box::pin(self.watch(begun, ui)).await;
        }
        let begun = Begun { seen: newest.map(|event| event.id), ..begun.clone() };
        match self.follow(&begun, ui).await? {
            Followed::Ended { status, .. } => {
                ui.tell(&format!("given up; the stack {} is {status}\n", self.name));
                let kept = self.kept(&begun, status.is_deleted(), ui).await;
                self.report("given-up", None, &[], &kept, ui).await?;
                Ok(Some(Exit::Failed))
            }
            Followed::Interrupted | Followed::TimedOut => self
                .leave(&begun, "being given up; that goes on", Exit::UnderWay, ui)
                .await
                .map(Some),
        }
    }

    /// Asks a question. Who thinks about it is not hurried.
    pub(super) async fn ask(&self, question: &str, ui: &mut Ui) -> bool {
        let asked = Instant::now();
        let agrees = ui.ask(question).await;
        self.deadline.set(self.deadline.get().put_off(asked.elapsed()));
        agrees
    }

    /// Gives up what was begun; not, if it is over by now.
    async fn give_up(&self, begun: &Begun) -> Result<bool, CliError> {
        let goes_on = if begun.creates { "CREATE_IN_PROGRESS" } else { "UPDATE_IN_PROGRESS" };
        let is_over = |stack: Option<Stack>| stack.is_none_or(|it| it.status.0 != goes_on);
        if is_over(self.aws.stack(&begun.stack).await?) {
            return Ok(false);
        }
        let token = format!("ecs-cli-cancel-{:x}", attempt_number());
        let asked = match begun.creates {
            true => self.aws.delete_stack(&begun.stack, None, &token).await,
            false => self.aws.cancel_update(&begun.stack, &token).await,
        };
        match asked {
            Ok(()) => Ok(true),
            Err(_) if is_over(self.aws.stack(&begun.stack).await?) => Ok(begun.creates),
            Err(error) => Err(error.into()),
        }
    }

    async fn fail(
        &self,
        begun: &Begun,
        status: &Status,
        evidence: &Evidence,
        ui: &mut Ui,
    ) -> Result<Exit, CliError> {
        // With what could not be made, its logs are gone.
        let is_gone = status.is_deleted() || status.0.starts_with("ROLLBACK");
        ui.explain(evidence, Some(self.name).filter(|_| !is_gone));
        ui.tell(&format!("the stack {} failed: {status}\n", self.name));
        let kept = self.kept(begun, is_gone, ui).await;
        self.report("failed", None, &causes(evidence), &kept, ui).await?;
        Ok(Exit::Failed)
    }

    /// Lists what is left of what was given up. A stack that is there still may use volumes
    /// that an earlier one has left.
    async fn kept(&self, begun: &Begun, is_gone: bool, ui: &mut Ui) -> Vec<Kept> {
        let found = async {
            let skipped = kept::skipped(self.aws, begun).await?;
            match &self.project {
                Some(project) if is_gone => {
                    kept::with_volumes(skipped, self.aws, project, self.name, ui).await
                }
                Some(_) | None => Ok(skipped),
            }
        };
        let found = found.await;
        match found {
            Ok(kept) => {
                kept::tell(&kept, ui);
                kept
            }
            Err(error) => {
                ui.note(&format!("what is kept is not listed: {error}"));
                Vec::new()
            }
        }
    }

    /// Whether ECS went back to what was before without CloudFormation's noticing.
    async fn reverted(&self, ui: &mut Ui) -> Result<bool, CliError> {
        let stack = existing_stack(self.aws, self.name).await?;
        let before = (stack.status.clone(), stack.updated);
        let sentences = ecs_apply::reverted(&observe(self.aws, stack).await?);
        if sentences.is_empty() {
            return Ok(false);
        }
        // Whoever came next may have moved services already.
        let now = existing_stack(self.aws, self.name).await?;
        if now.status.is_under_way() || (now.status, now.updated) != before {
            ui.note("somebody else changes the stack already");
            return Ok(false);
        }
        for sentence in &sentences {
            ui.note(sentence);
        }
        Ok(!sentences.is_empty())
    }

    /// Tells how to go on with what goes on by itself.
    pub(super) async fn leave(
        &self,
        begun: &Begun,
        what: &str,
        exit: Exit,
        ui: &mut Ui,
    ) -> Result<Exit, CliError> {
        let name = self.name;
        let cancel = if begun.creates {
            format!("`{}` removes it", ui.caller().about(name, "down"))
        } else {
            format!("`{}` takes it back", ui.caller().about(name, "cancel"))
        };
        let events = ui.caller().about(name, "events -f");
        ui.tell(&format!(
            "the stack {name}: {what}\n`{events}` or the same `up` again watches it; {cancel}\n"
        ));
        self.report("under-way", None, &[], &[], ui).await?;
        Ok(exit)
    }
}
