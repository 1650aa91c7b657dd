//! Who has a rollout done, and wants to know how it goes.

use std::time::Duration;

use super::cloud::Pause;
use super::definition::Remark;
use super::judge::Phase;
use super::standing::Standing;

/// Who has a rollout done.
#[expect(async_fn_in_trait, reason = "whoever drives a rollout does so on one thread")]
pub trait Gate {
    /// Whether the service may be touched now. Not, where somebody else may have taken
    /// the order over.
    fn may_update(&mut self) -> bool;

    /// The service has been told to run the new revision. `marked` says whether whoever
    /// comes later can see whose it is.
    async fn updated(&mut self, marked: bool);

    /// Waits until the service is to be looked at again; shorter, if something is known to
    /// have happened, and longer, if that would be known.
    async fn pause(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Something is to be told.
    fn tell(&mut self, news: News);
}

/// Something that happens while a revision is rolled out.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// What the service runs, and what became of the order before.
    Found {
        /// The revision that the service is to run so far.
        runs: String,
        /// What became of the order before.
        standing: Standing,
    },
    /// Something may be wrong with the definition.
    Doubt(Remark),
    /// The revision is there.
    Registered {
        /// Its ARN.
        revision: String,
    },
    /// The revision has no tags, because whoever runs the program may not write them.
    Unmarked,
    /// What runs before the service is touched has begun.
    Rehearsing {
        /// The task's ARN.
        task: String,
    },
    /// The service was told to run the revision.
    Updated {
        /// The revision's ARN.
        revision: String,
        /// The deployment's id.
        deployment: String,
    },
    /// It has come further, or back.
    Progress {
        /// How far.
        phase: Phase,
        /// How many tasks run.
        running: i32,
        /// How many shall run.
        desired: i32,
        /// How many have failed.
        failed: i32,
    },
    /// ECS has come to a step, as it calls it: `BAKE_TIME`, for one.
    Stage(String),
    /// What ECS itself says of the deployment may not be seen: bake times, pauses, alarms.
    NoCourse(String),
    /// ECS waits for somebody to say that it may go on.
    Paused(Pause),
    /// The service says something.
    Said(String),
    /// AWS cannot be asked for the moment.
    Blind(String),
    /// Old revisions cannot be run any more.
    Retired {
        /// How many.
        revisions: usize,
    },
    /// Old revisions could not be retired. That does no harm.
    NotRetired(String),
    /// An earlier order has taken the place of this one, because neither could see the
    /// other. The service is told again to run this one.
    Crossed {
        /// The earlier order's revision.
        by: String,
    },
    /// This one has taken the place of a later order, which gets it back.
    GivesWay {
        /// The later order's revision.
        to: String,
    },
    /// The service is brought back to what it was.
    RollingBack {
        /// What it ran before.
        to: String,
    },
}
