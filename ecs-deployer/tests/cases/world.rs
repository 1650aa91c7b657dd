//! A small AWS on virtual time: ECS and a queue, with faults at any call.
//!
//! It shows what no local AWS can: lost answers, a program that is killed at any
//! moment, deployments that bake, and hours that pass in no time.

mod ecs;
mod sqs;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use ecs_apply::AwsError;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

pub(crate) use self::ecs::{Behaviour, FakeService};

/// How long a call takes.
const CALL: Duration = Duration::from_millis(20);

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It was one too many.
    Throttled,
    /// The service failed before it did anything.
    Failed,
    /// It is not heard.
    CutBefore,
    /// It takes effect, and nobody hears of it.
    CutAfter,
    /// Whoever asks is not known any more.
    Expired,
    /// Somebody else is doing the same at this moment.
    Busy,
    /// There is no room.
    Full,
    /// It takes effect, and the answer is long in coming.
    Late(Duration),
}

/// When a program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before a call is heard.
    Before,
    /// After it took effect.
    After,
}

#[derive(Clone)]
pub(crate) struct World {
    state: Rc<RefCell<State>>,
    killed: Rc<Notify>,
}

pub(crate) struct State {
    pub(crate) start: Instant,
    /// The names of the calls that were made.
    pub(crate) calls: Vec<&'static str>,
    /// What goes wrong with which call of a name, counted from 0.
    pub(crate) faults: Vec<(&'static str, usize, Fault)>,
    pub(crate) denied: BTreeSet<&'static str>,
    /// At which call the program is killed.
    pub(crate) kill: Option<(usize, Moment)>,
    /// At which call of a name the program is killed; the first has the number 0.
    pub(crate) kill_at: Option<(&'static str, usize, Moment)>,
    pub(crate) ecs: ecs::Ecs,
    pub(crate) sqs: sqs::Sqs,
}

impl State {
    pub(crate) fn now(&self) -> Timestamp {
        let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("it is a time");
        let passed = SignedDuration::try_from(self.start.elapsed()).expect("it is short");
        begin + passed
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let state = State {
            start: Instant::now(),
            calls: Vec::new(),
            faults: Vec::new(),
            denied: BTreeSet::new(),
            kill: None,
            kill_at: None,
            ecs: ecs::Ecs::default(),
            sqs: sqs::Sqs::default(),
        };
        Self { state: Rc::new(RefCell::new(state)), killed: Rc::default() }
    }

    /// The same world, for another program: each is killed alone.
    pub(crate) fn another(&self) -> Self {
        Self { state: self.state.clone(), killed: Rc::default() }
    }

    /// Looks at the world, or changes it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.borrow_mut())
    }

    /// How often a call was made.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.with(|state| state.calls.iter().filter(|call| **call == name).count())
    }

    pub(crate) fn fault(&self, call: &'static str, nth: usize, fault: Fault) {
        self.with(|state| state.faults.push((call, nth, fault)));
    }

    pub(crate) fn deny(&self, call: &'static str) {
        self.with(|state| state.denied.insert(call));
    }

    /// Ends when the program is killed.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    /// A call: it takes time, may fail, and may be the last that the program makes.
    async fn call<T>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        tokio::time::sleep(CALL).await;
        let (place, nth) = self.with(|state| {
            let nth = state.calls.iter().filter(|call| **call == name).count();
            state.calls.push(name);
            (state.calls.len() - 1, nth)
        });
        self.die_at(place, name, nth, Moment::Before).await;
        if self.with(|state| state.denied.contains(name)) {
            return Err(refused(name, "AccessDeniedException", &format!("not authorized: {name}")));
        }
        let fault = self.with(|state| {
            let fits = |it: &&(&str, usize, Fault)| it.0 == name && it.1 == nth;
            state.faults.iter().find(fits).map(|it| it.2)
        });
        match fault {
            Some(Fault::Throttled) => return Err(refused(name, "ThrottlingException", "slowly")),
            Some(Fault::Failed) => return Err(refused(name, "ServerException", "it failed")),
            Some(Fault::Expired) => {
                return Err(refused(name, "ExpiredTokenException", "the token has expired"));
            }
            Some(Fault::Busy) => {
                let told = "Too many concurrent attempts to create a new revision of the \
                            specified family.";
                return Err(refused(name, "ClientException", told));
            }
            Some(Fault::Full) => return Err(refused(name, "NoCapacity", "RESOURCE:MEMORY")),
            Some(Fault::CutBefore) => return Err(silence(name)),
            Some(Fault::CutAfter) => {
                let _ = self.with(effect);
                return Err(silence(name));
            }
            Some(Fault::Late(time)) => tokio::time::sleep(time).await,
            None => {}
        }
        let answer = self.with(effect);
        self.die_at(place, name, nth, Moment::After).await;
        answer
    }

    async fn die_at(&self, place: usize, name: &'static str, nth: usize, moment: Moment) {
        let is_now = self.with(|state| {
            state.kill == Some((place, moment)) || state.kill_at == Some((name, nth, moment))
        });
        if is_now {
            self.killed.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

pub(crate) fn refused(action: &'static str, code: &str, message: &str) -> AwsError {
    AwsError::Refused { action, code: code.to_owned(), message: message.to_owned() }
}

fn silence(action: &'static str) -> AwsError {
    AwsError::NoAnswer { action, reason: "the connection was cut".to_owned() }
}
