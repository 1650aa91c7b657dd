//! What happens while messages are worked on, and who is told of it.

use ecs_apply::AwsError;
use ecs_apply::rollout::News;

use crate::decision::{Decision, Fate};
use crate::message::{Poison, Request};
use crate::queue::Message;
use crate::result::Answer;

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
    /// Nothing, but the program is at work.
    Awake,
    /// The queue is asked for messages.
    Asking,
    /// There is none.
    Empty,
    /// The queue did not answer.
    NotReceived(&'a AwsError),
    /// It was received.
    Received,
    /// It came from the command line, and from no queue.
    Typed,
    /// It waited for too long to be begun: others may have it by now.
    Lapsed,
    /// A later message for the same service was carried out instead.
    Coalesced,
    /// It can be used.
    Read(&'a Request),
    /// It cannot be used.
    Poison(&'a Poison),
    /// The rollout has come further.
    News(News),
    /// It was removed before its outcome is known.
    AcknowledgedEarly(Early),
    /// It cannot be held longer.
    NotHeld(&'a AwsError),
    /// This became of it.
    Settled(Fate),
    /// What became of it could not be told to the queue. It comes again.
    NotSettled(&'a AwsError),
    /// The queue does not say what becomes of messages that cannot be used.
    NotAbout(&'a AwsError),
    /// The program is asked to stop, and gives it back.
    Left,
}

/// Why a message was removed before its outcome is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    /// Whoever runs the program wants it so.
    Asked,
    /// Whoever comes later could not see what became of it.
    Unmarked,
    /// The program itself is being replaced.
    Own,
}

/// How work on a message ended.
#[derive(Debug)]
pub struct Done<'a> {
    /// The message.
    pub message: &'a Message,
    /// What came of it.
    pub answer: Answer<'a>,
    /// What was decided.
    pub decision: Decision,
    /// What becomes of the message; nothing, if there is none.
    pub fate: Option<Fate>,
}
