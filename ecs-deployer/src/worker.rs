//! Works on one message, from when it was received until it is gone or left.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use ecs_apply::AwsError;
use ecs_apply::rollout::{Cloud, Gate, News, Report, RolloutError, register_only, roll_out};

use crate::decision::{Decision, Fate, backoff, decide};
use crate::ear::Ear;
use crate::exit::Exit;
use crate::lease::Lease;
use crate::message::{Poison, Request, request};
use crate::queue::{Attribute, Letter, Message, Queue, remove};
use crate::result::Answer;
use crate::settings::{Acknowledge, Settings};

/// What happens while a message is worked on is told to one who writes it down.
pub trait Witness {
    /// Something happened, mostly to a message.
    fn see(&self, message: Option<&Message>, seen: Seen<'_>);
}

/// Who is told how it ended, before the message is removed.
#[expect(async_fn_in_trait, reason = "all work is done on one thread")]
pub trait Herald {
    /// Tells that work on a message begins.
    async fn begin(&self, message: &Message);

    /// Tells it. Whoever cannot be told is left out.
    async fn announce(&self, done: &Done<'_>);
}

/// Something that happened.
#[derive(Debug)]
pub enum Seen<'a> {
    /// The queue is asked for messages.
    Asking,
    /// There is none.
    Empty,
    /// The queue did not answer.
    NotReceived(&'a AwsError),
    /// It was received.
    Received,
    /// A later message for the same service is worked on instead.
    Coalesced,
    /// It can be used.
    Read(&'a Request),
    /// It cannot be used.
    Poison(&'a Poison),
    /// The rollout has come further.
    News(News),
    /// It was removed before its outcome is known.
    AcknowledgedEarly,
    /// It cannot be held longer.
    NotHeld(&'a AwsError),
    /// What became of it could not be told to the queue. It comes again.
    NotSettled(&'a AwsError),
    /// The program is asked to stop while the service is changing.
    Left,
}

/// How work on a message ended.
#[derive(Debug)]
pub struct Done<'a> {
    /// The message.
    pub message: &'a Message,
    /// What came of it.
    pub answer: Answer<'a>,
    /// What becomes of the message.
    pub decision: Decision,
}

/// What came of a message that can be used.
#[derive(Debug)]
enum Work {
    Rollout(Result<Report, RolloutError>),
    Registered(Result<String, RolloutError>),
}

impl Work {
    fn answer(&self) -> Answer<'_> {
        match self {
            Self::Rollout(result) => Answer::Rollout(result),
            Self::Registered(result) => Answer::Registered(result),
        }
    }

    fn decide(&self, receives: u32) -> Decision {
        match self {
            Self::Rollout(result) => decide(result.as_ref(), receives),
            Self::Registered(Ok(_)) => Decision::REGISTERED,
            Self::Registered(Err(error)) => decide(Err(error), receives),
        }
    }
}

/// All that work on a message needs.
#[derive(Debug)]
pub struct Desk<'a, Q, C, W, H> {
    /// Where messages come from.
    pub queue: &'a Q,
    /// Where they are rolled out.
    pub cloud: &'a C,
    /// What whoever runs the program wants.
    pub settings: &'a Settings,
    /// Who writes down what happens.
    pub witness: &'a W,
    /// Who is told how it ended.
    pub herald: &'a H,
    /// Where AWS says that something has happened, if it does.
    pub ear: Option<Ear>,
}

impl<Q: Queue, C: Cloud, W: Witness, H: Herald> Desk<'_, Q, C, W, H> {
    /// How long messages are received for. Long enough for all of the work, because it
    /// is not known yet whether they can be held.
    pub fn hidden(&self) -> Duration {
        let terms = &self.settings.terms;
        let all = terms.start + terms.complete + Duration::from_secs(60);
        all.min(Duration::from_secs(12 * 3600))
    }

    /// Works on a message until its outcome is known, or `stop` says that there is no
    /// more time.
    pub async fn work(&self, message: &Message, stop: impl Future<Output = ()>) -> Exit {
        let request = match request(message, self.settings) {
            Ok(request) => request,
            Err(poison) => return self.refuse(message, &poison).await,
        };
        self.witness.see(Some(message), Seen::Read(&request));
        let lease = Lease::new(self.hidden());
        let progress = Progress::default();
        let hold = lease.hold(self.queue, &message.receipt, |error| {
            self.witness.see(Some(message), Seen::NotHeld(error));
        });
        let own = self.settings.own_family.as_deref();
        let is_own = own == Some(request.order.definition.family());
        let ear = self.ear.clone();
        let mut bearer =
            Bearer { desk: self, message, lease: &lease, progress: &progress, is_own, ear };
        let rollout = async {
            let order = &request.order;
            match request.registers_only {
                true => Work::Registered(register_only(self.cloud, order, &mut bearer).await),
                false => Work::Rollout(roll_out(self.cloud, order, &mut bearer).await),
            }
        };
        // Nobody who is told holds the work up.
        let told = async { tokio::join!(rollout, self.herald.begin(message)).0 };
        let work = tokio::select! {
            work = told => work,
            // It ends never.
            () = hold => return Exit::Unanswered,
            () = stop => return self.leave(message, &progress).await,
        };
        self.finish(message, &work, &progress).await
    }

    async fn refuse(&self, message: &Message, poison: &Poison) -> Exit {
        self.witness.see(Some(message), Seen::Poison(poison));
        let decision = Decision::POISON;
        let answer = Answer::Unusable(&poison.0);
        self.herald.announce(&Done { message, answer, decision }).await;
        self.settle(message, decision).await
    }

    /// Others may have it: at once if the service was not touched, and otherwise in a
    /// moment, to watch what this one has begun.
    async fn leave(&self, message: &Message, progress: &Progress) -> Exit {
        const MOMENT: Duration = Duration::from_secs(5);
        self.witness.see(Some(message), Seen::Left);
        if progress.acknowledged.get() {
            return Exit::Stopped;
        }
        let pause = if progress.updated.get() { MOMENT } else { Duration::ZERO };
        if let Err(error) = self.queue.hide(&message.receipt, pause).await {
            self.witness.see(Some(message), Seen::NotSettled(&error));
        }
        Exit::Stopped
    }

    async fn finish(&self, message: &Message, work: &Work, progress: &Progress) -> Exit {
        let decision = work.decide(message.receives);
        self.herald.announce(&Done { message, answer: work.answer(), decision }).await;
        match (progress.acknowledged.get(), decision.fate) {
            (false, _) => self.settle(message, decision).await,
            (true, Fate::Bury) => {
                let copied = self.copy(message, decision.exit).await;
                self.settled(message, copied);
                decision.exit
            }
            (true, Fate::Remove | Fate::Poison | Fate::Keep(_)) => decision.exit,
        }
    }

    /// Does with the message what was decided.
    async fn settle(&self, message: &Message, decision: Decision) -> Exit {
        let settled = match decision.fate {
            Fate::Remove => remove(self.queue, &message.receipt).await,
            Fate::Bury => self.bury(message, decision.exit).await,
            Fate::Poison => self.poison(message, decision.exit).await,
            Fate::Keep(time) => self.queue.hide(&message.receipt, time).await,
        };
        self.settled(message, settled);
        decision.exit
    }

    fn settled(&self, message: &Message, settled: Result<(), AwsError>) {
        if let Err(error) = settled {
            self.witness.see(Some(message), Seen::NotSettled(&error));
        }
    }

    async fn bury(&self, message: &Message, exit: Exit) -> Result<(), AwsError> {
        self.copy(message, exit).await?;
        remove(self.queue, &message.receipt).await
    }

    /// Puts a copy where somebody looks at it, if there is such a place.
    async fn copy(&self, message: &Message, exit: Exit) -> Result<(), AwsError> {
        let Some(queue) = &self.settings.dead_letters else { return Ok(()) };
        let mut attributes = message.attributes.clone();
        // AWS takes ten.
        if attributes.len() < 10 {
            attributes.insert("ecs-deployer-reason".to_owned(), Attribute::text(reason(exit)));
        }
        let letter = Letter {
            queue: queue.clone(),
            body: message.body.clone(),
            attributes,
            group: message.group.clone(),
            twin: Some(message.id.clone()),
        };
        self.queue.send(&letter).await
    }

    /// A message that cannot be used is put away; by the queue itself, if it does such
    /// things. Where nobody does, it is removed, so that it does not come for ever.
    async fn poison(&self, message: &Message, exit: Exit) -> Result<(), AwsError> {
        if self.settings.dead_letters.is_some() {
            return self.bury(message, exit).await;
        }
        if message.receives < self.settings.max_receives {
            return self.queue.hide(&message.receipt, backoff(message.receives)).await;
        }
        let is_put_away = self.queue.about().await.is_ok_and(|about| about.max_receives.is_some());
        match is_put_away {
            true => Ok(()),
            false => remove(self.queue, &message.receipt).await,
        }
    }
}

/// How far the work is, for whoever has to leave it.
#[derive(Debug, Default)]
struct Progress {
    updated: Cell<bool>,
    acknowledged: Cell<bool>,
}

/// Whoever has a message in hand while its order is rolled out.
struct Bearer<'a, Q, C, W, H> {
    desk: &'a Desk<'a, Q, C, W, H>,
    message: &'a Message,
    lease: &'a Lease,
    progress: &'a Progress,
    /// Whether the program is what is being replaced.
    is_own: bool,
    ear: Option<Ear>,
}

impl<Q: Queue, C: Cloud, W: Witness, H: Herald> Gate for Bearer<'_, Q, C, W, H> {
    fn may_update(&mut self) -> bool {
        self.lease.is_held()
    }

    async fn updated(&mut self, marked: bool) {
        self.progress.updated.set(true);
        let early = match self.desk.settings.acknowledge {
            Acknowledge::Finish => false,
            Acknowledge::Started => true,
            Acknowledge::Auto => !marked,
        };
        // Whoever replaces itself is stopped before it knows how that ends.
        if !early && !self.is_own {
            return;
        }
        match remove(self.desk.queue, &self.message.receipt).await {
            Ok(()) => {
                self.progress.acknowledged.set(true);
                self.desk.witness.see(Some(self.message), Seen::AcknowledgedEarly);
            }
            Err(error) => self.desk.witness.see(Some(self.message), Seen::NotSettled(&error)),
        }
    }

    async fn pause(&mut self, time: Duration) {
        match &mut self.ear {
            None => tokio::time::sleep(time).await,
            Some(ear) => ear.pause(time).await,
        }
    }

    fn tell(&mut self, news: News) {
        self.desk.witness.see(Some(self.message), Seen::News(news));
    }
}

/// Why a message was put where somebody looks.
fn reason(exit: Exit) -> &'static str {
    match exit {
        Exit::Unusable => "unusable",
        Exit::NoTarget => "no-target",
        Exit::NotRolledBack => "not-rolled-back",
        Exit::Failed
        | Exit::Done
        | Exit::Usage
        | Exit::Superseded
        | Exit::Empty
        | Exit::Denied
        | Exit::Unanswered
        | Exit::Stopped => "failed",
    }
}
