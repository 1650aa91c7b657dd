//! Runs of the program in a small AWS.

use std::cell::RefCell;
use std::future::pending;
use std::time::Duration;

use ecs_apply::rollout::{Globs, News};
use ecs_deployer::ear::Ear;
use ecs_deployer::exit::Exit;
use ecs_deployer::queue::Message;
use ecs_deployer::result::Answer;
use ecs_deployer::run;
use ecs_deployer::settings::{self, Asked, Given, Settings};
use ecs_deployer::worker::{Desk, Done, Herald, Seen, Witness};

use crate::world::World;

pub(crate) const WEB: &str = r#"{"family": "web", "containerDefinitions": [
    {"name": "main", "image": "acme/web:2"}
]}"#;

/// Whoever runs the program, and remembers what it said.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) settings: Settings,
    notes: Notes,
    /// Where ECS tells what happens.
    pub(crate) ear: Option<Ear>,
}

#[derive(Default)]
struct Notes {
    seen: RefCell<Vec<String>>,
    done: RefCell<Vec<String>>,
}

impl Witness for Notes {
    fn see(&self, _: Option<&Message>, seen: Seen<'_>) {
        let told = match &seen {
            Seen::News(News::Doubt(remark)) => format!("doubt: {}: {}", remark.at, remark.message),
            Seen::News(news) => format!("{news:?}"),
            Seen::Asking
            | Seen::Empty
            | Seen::NotReceived(_)
            | Seen::Received
            | Seen::Coalesced
            | Seen::Read(_)
            | Seen::Poison(_)
            | Seen::AcknowledgedEarly
            | Seen::NotHeld(_)
            | Seen::NotSettled(_)
            | Seen::Left => format!("{seen:?}"),
        };
        self.seen.borrow_mut().push(told);
    }
}

impl Herald for Notes {
    async fn begin(&self, _: &Message) {}

    async fn announce(&self, done: &Done<'_>) {
        let told = match done.answer {
            Answer::Rollout(Ok(report)) => format!("{:?}", report.outcome),
            Answer::Registered(Ok(revision)) => format!("registered {revision}"),
            Answer::Unusable(remarks) => {
                let all: Vec<String> =
                    remarks.iter().map(|it| format!("{}: {}", it.at, it.message)).collect();
                all.join("\n")
            }
            Answer::Rollout(Err(error)) | Answer::Registered(Err(error)) => error.to_string(),
        };
        self.done.borrow_mut().push(told);
    }
}

impl Office {
    /// An office for a world with a service `web`.
    pub(crate) fn open() -> Self {
        let world = World::new();
        world.service("web");
        Self::of(world)
    }

    pub(crate) fn of(world: World) -> Self {
        Self { world, settings: settings(), notes: Notes::default(), ear: None }
    }

    fn desk(&self) -> Desk<'_, World, World, impl Witness, impl Herald> {
        Desk {
            queue: &self.world,
            cloud: &self.world,
            settings: &self.settings,
            witness: &self.notes,
            herald: &self.notes,
            ear: self.ear.clone(),
        }
    }

    /// Runs the program once; nothing, if it was killed.
    pub(crate) async fn once(&self) -> Option<Exit> {
        let desk = self.desk();
        tokio::select! {
            exit = run::once(&desk, pending()) => Some(exit),
            () = self.world.killed() => None,
        }
    }

    /// Runs the program once, and asks it to stop after a time.
    pub(crate) async fn stopped_after(&self, time: Duration) -> Exit {
        run::once(&self.desk(), tokio::time::sleep(time)).await
    }

    pub(crate) async fn drain(&self) -> Exit {
        run::drain(&self.desk(), pending()).await
    }

    pub(crate) async fn stay(&self, time: Duration) -> Exit {
        ecs_deployer::daemon::daemon(&self.desk(), tokio::time::sleep(time)).await
    }

    /// Runs the program again and again, until the message is gone. How it ended is told
    /// each time that there was a message.
    pub(crate) async fn settle(&self) -> Vec<Option<Exit>> {
        let mut exits = Vec::new();
        for _ in 0..100 {
            if self.world.message().is_none() {
                return exits;
            }
            match self.once().await {
                Some(Exit::Empty) => tokio::time::sleep(Duration::from_secs(30)).await,
                exit => exits.push(exit),
            }
        }
        panic!("the message never goes: {exits:?}");
    }

    /// What was said, line by line.
    pub(crate) fn said(&self) -> String {
        self.notes.seen.borrow().join("\n")
    }

    /// How the last message ended.
    pub(crate) fn told(&self) -> String {
        self.notes.done.borrow().last().cloned().unwrap_or_default()
    }
}

/// What counts if only the queue is given.
pub(crate) fn settings() -> Settings {
    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/deploy";
    let environment = |name: &str| (name == "SQS_URL").then(|| QUEUE.to_owned());
    let given = Given { flags: &|_| None, environment: &environment };
    settings::settings(given, Asked { needs_queue: true, terminal: false }).expect("it is right")
}

pub(crate) fn only(globs: &str) -> Globs {
    Globs::new(globs)
}
