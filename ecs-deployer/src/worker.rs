//! Works on one message, from when it was received until it is gone or left.

mod bearer;
mod seen;
mod settle;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::time::Duration;

use ecs_apply::AwsError;
use ecs_apply::rollout::{Cloud, Gate, Report, RolloutError, register_only, roll_out};
use tokio::time::{Instant, timeout};

use self::bearer::{Bearer, Progress};
pub use self::seen::{Done, Early, Herald, Seen, Witness};
use crate::decision::{Decision, Fate, decide};
use crate::ear::Ear;
use crate::exit::Exit;
use crate::lease::{Held, LEASE};
use crate::message::{Poison, Request, request};
use crate::metrics::tallied;
use crate::queue::{Message, Queue, Wanted};
use crate::result::Answer;
use crate::settings::Settings;

/// Whoever is asked to stop is killed soon: what is left to be done is given this long.
pub(crate) const HURRY: Duration = Duration::from_millis(900);

/// Others get a message after this time, if AWS may not have done yet what it was told.
const MOMENT: Duration = Duration::from_secs(5);

/// What came of a message that can be used.
#[derive(Debug)]
pub(crate) enum Work {
    Rollout(Result<Report, RolloutError>),
    Registered(Result<String, RolloutError>),
}

impl Work {
    /// Does what a message asks for.
    pub(crate) async fn on<C: Cloud>(cloud: &C, request: &Request, gate: &mut impl Gate) -> Self {
        let order = &request.order;
        match request.registers_only {
            true => Self::Registered(register_only(cloud, order, gate).await),
            false => Self::Rollout(roll_out(cloud, order, gate).await),
        }
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        match self {
            Self::Rollout(result) => Answer::Rollout(result),
            Self::Registered(result) => Answer::Registered(result),
        }
    }

    pub(crate) fn decide(&self, receives: u32) -> Decision {
        match self {
            Self::Rollout(result) => decide(result.as_ref(), receives),
            Self::Registered(Ok(_)) => Decision::REGISTERED,
            Self::Registered(Err(error)) => decide(Err(error), receives),
        }
    }
}

/// How work on a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// How a program ends that handles only this.
    pub exit: Exit,
    /// Whether the order was carried out, well or badly.
    pub is_decided: bool,
}

impl End {
    fn undecided(exit: Exit) -> Self {
        Self { exit, is_decided: false }
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
    /// Whether it is known that messages can be held.
    pub holds: Cell<bool>,
}

impl<Q: Queue, C: Cloud, W: Witness, H: Herald> Desk<'_, Q, C, W, H> {
    /// How long messages are received for. Long enough for all of the work, as long as it
    /// is not known whether they can be held.
    fn hidden(&self) -> Duration {
        if self.holds.get() {
            return LEASE;
        }
        let terms = &self.settings.terms;
        let all = terms.start + terms.complete + Duration::from_secs(60);
        all.min(Duration::from_secs(12 * 3600))
    }

    /// Asks the queue for messages, and tells what came of that.
    pub(crate) async fn receive(&self, most: u8) -> Result<Vec<Held>, AwsError> {
        let (asked, hide) = (Instant::now(), self.hidden());
        let wanted = Wanted { most, wait: self.settings.wait, hide };
        let answer = self.queue.receive(&wanted).await;
        match &answer {
            Ok(messages) if messages.is_empty() => self.witness.see(None, Seen::Empty),
            Ok(messages) => {
                messages.iter().for_each(|it| self.witness.see(Some(it), Seen::Received));
            }
            Err(error) => self.witness.see(None, Seen::NotReceived(error)),
        }
        Ok(answer?.into_iter().map(|it| Held::new(it, asked, hide)).collect())
    }

    /// Keeps a message from others, for ever.
    pub(crate) async fn hold(&self, held: &Held) {
        let told = |answer: Result<(), &AwsError>| match answer {
            Ok(()) => {
                self.holds.set(true);
                self.witness.see(Some(&held.message), Seen::Awake);
            }
            Err(error) => {
                self.holds.set(self.holds.get() && error.is_passing());
                self.witness.see(Some(&held.message), Seen::NotHeld(error));
            }
        };
        held.lease.hold(self.queue, told).await;
    }

    /// Works on a message until its outcome is known, or `stop` says that there is no
    /// more time.
    pub fn work(&self, held: &Held, stop: impl Future<Output = ()>) -> impl Future<Output = End> {
        tallied(self.work_on(held, stop))
    }

    async fn work_on(&self, held: &Held, stop: impl Future<Output = ()>) -> End {
        let mut stop = std::pin::pin!(lasting(stop));
        let message = &held.message;
        if !held.lease.is_held() {
            self.witness.see(Some(message), Seen::Lapsed);
            return End::undecided(Exit::Unanswered);
        }
        let progress = Progress::default();
        let request = match request(message, self.settings) {
            Ok(request) => request,
            Err(poison) => {
                return End::undecided(self.refuse(held, &poison, &progress, stop).await);
            }
        };
        self.witness.see(Some(message), Seen::Read(&request));
        // Nobody who is told holds the work up.
        let told = async {
            let work = self.roll_out(held, &request, &progress);
            tokio::join!(work, self.herald.begin(message)).0
        };
        let work = tokio::select! {
            work = told => work,
            // It ends never.
            () = self.hold(held) => return End::undecided(Exit::Unanswered),
            () = &mut stop => return End::undecided(self.leave(held, &progress).await),
        };
        let decision = work.decide(message.receives);
        let exit = self.finish(held, work.answer(), decision, &progress, stop).await;
        End { exit, is_decided: matches!(work, Work::Rollout(Ok(_))) }
    }

    async fn roll_out(&self, held: &Held, request: &Request, progress: &Progress) -> Work {
        let own = self.settings.own_family.as_deref();
        let is_own = own == Some(request.order.definition.family());
        let ear = self.ear.clone();
        let mut bearer = Bearer { desk: self, held, progress, is_own, ear };
        Work::on(self.cloud, request, &mut bearer).await
    }

    async fn refuse(
        &self,
        held: &Held,
        poison: &Poison,
        progress: &Progress,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Exit {
        self.witness.see(Some(&held.message), Seen::Poison(poison));
        let answer = Answer::Unusable(&poison.0);
        self.finish(held, answer, Decision::POISON, progress, stop).await
    }

    /// A later order was carried out instead of this one.
    pub(crate) async fn coalesce(&self, held: &Held, request: &Request) {
        let message = &held.message;
        self.witness.see(Some(message), Seen::Read(request));
        self.witness.see(Some(message), Seen::Coalesced);
        let decision = Decision::COALESCED;
        let stop = std::pin::pin!(std::future::pending());
        self.finish(held, Answer::Coalesced, decision, &Progress::default(), stop).await;
    }

    /// Others may have it: at once if nothing was begun, and otherwise in a moment, to go
    /// on with what this one has begun.
    async fn leave(&self, held: &Held, progress: &Progress) -> Exit {
        let Held { message, lease } = held;
        if progress.acknowledged.get() {
            let (answer, decision) = (Answer::Unattended, Decision::UNATTENDED);
            let done = Done { message, answer, decision, fate: Some(Fate::Gone) };
            let _ = timeout(HURRY, self.herald.announce(&done)).await;
            return Exit::Stopped;
        }
        self.witness.see(Some(message), Seen::Left);
        let pause = if progress.begun.get() { MOMENT } else { Duration::ZERO };
        if let Ok(Err(error)) = timeout(HURRY, self.queue.hide(&lease.receipt(), pause)).await {
            self.witness.see(Some(message), Seen::NotSettled(&error));
        }
        Exit::Stopped
    }

    /// Tells how it ended, and then does with the message what was decided.
    async fn finish(
        &self,
        held: &Held,
        answer: Answer<'_>,
        decision: Decision,
        progress: &Progress,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Exit {
        let message = &held.message;
        let is_gone = progress.acknowledged.get();
        let fate = match is_gone {
            true => Fate::Gone,
            false => self.fate(message, decision).await,
        };
        let done = Done { message, answer, decision, fate: Some(fate) };
        if is_gone {
            hurried(self.herald.announce(&done), stop.as_mut()).await;
            if decision.fate == Fate::Bury {
                hurried(self.bury_copy(message, decision.exit), stop).await;
            }
            return decision.exit;
        }
        tokio::select! {
            biased;
            () = self.herald.announce(&done) => {}
            // Whoever was not told is told by the next that gets the message.
            () = &mut stop => return self.leave(held, progress).await,
        }
        hurried(self.settle(held, fate, decision.exit), stop).await;
        decision.exit
    }

    async fn bury_copy(&self, message: &Message, exit: Exit) {
        if let Err(error) = self.copy(message, exit).await {
            self.witness.see(Some(message), Seen::NotSettled(&error));
        }
    }
}

/// What is nearly done is done, also for whoever is to stop; but not for long.
async fn hurried(work: impl Future<Output = ()>, stop: Pin<&mut impl Future<Output = ()>>) {
    let late = async {
        stop.await;
        tokio::time::sleep(HURRY).await;
    };
    tokio::select! {
        biased;
        () = work => {}
        () = late => {}
    }
}

/// What has happened stays so, however often it is asked for.
pub(crate) fn lasting(once: impl Future<Output = ()>) -> impl Future<Output = ()> {
    let mut once = Box::pin(once);
    let mut is_over = false;
    poll_fn(move |context| {
        if !is_over {
            std::task::ready!(once.as_mut().poll(context));
            is_over = true;
        }
        std::task::Poll::Ready(())
    })
}
