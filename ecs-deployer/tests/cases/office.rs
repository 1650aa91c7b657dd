//! Runs of the program in a small AWS.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::time::Duration;

use ecs_apply::rollout::{Globs, News};
use ecs_deployer::ear::Ear;
use ecs_deployer::exit::Exit;
use ecs_deployer::queue::Message;
use ecs_deployer::result::{About, Answer, Story, result};
use ecs_deployer::run;
use ecs_deployer::settings::{self, Asked, Given, Settings};
use ecs_deployer::worker::{Desk, Done, Herald, Seen, Witness};
use tokio::time::Instant;

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
    story: RefCell<Story>,
    summaries: RefCell<Vec<String>>,
    /// How long it takes to tell somebody how it ended.
    takes: Cell<Duration>,
    /// When something was said last, and the longest time that nothing was.
    last: Cell<Option<Instant>>,
    silent: Cell<Duration>,
}

impl Notes {
    fn silence(&self) {
        let since = self.last.replace(Some(Instant::now()));
        let silent = since.map_or(Duration::ZERO, |it| it.elapsed());
        self.silent.set(silent.max(self.silent.get()));
    }
}

impl Witness for Notes {
    fn see(&self, _: Option<&Message>, seen: Seen<'_>) {
        if let Seen::News(news) = &seen {
            self.story.borrow_mut().hear(news, Duration::ZERO);
        }
        let told = match &seen {
            Seen::News(News::Doubt(remark)) => format!("doubt: {}: {}", remark.at, remark.message),
            Seen::News(news) => format!("{news:?}"),
            Seen::Awake
            | Seen::Asking
            | Seen::Empty
            | Seen::NotReceived(_)
            | Seen::Received
            | Seen::Typed
            | Seen::Lapsed
            | Seen::Coalesced
            | Seen::Read(_)
            | Seen::Poison(_)
            | Seen::AcknowledgedEarly(_)
            | Seen::NotHeld(_)
            | Seen::Settled(_)
            | Seen::NotSettled(_)
            | Seen::NotAbout(_)
            | Seen::Left => format!("{seen:?}"),
        };
        self.silence();
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
            Answer::Coalesced => "coalesced".to_owned(),
            Answer::Unattended => "unattended".to_owned(),
        };
        self.done.borrow_mut().push(told);
        let result = result(done.answer, &About::default(), &self.story.borrow(), 0);
        self.summaries.borrow_mut().push(result.of_message(done.fate).text());
        tokio::time::sleep(self.takes.get()).await;
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
            holds: Cell::new(false),
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

    /// It takes a while to tell somebody how it ended.
    pub(crate) fn telling_takes(&self, time: Duration) {
        self.notes.takes.set(time);
    }

    /// The longest time that nothing was said.
    pub(crate) fn silent_for(&self) -> Duration {
        self.notes.silent.get()
    }

    /// What people were told of the last message.
    pub(crate) fn summary(&self) -> String {
        self.notes.summaries.borrow().last().cloned().unwrap_or_default()
    }

    /// How all messages ended, one after the other.
    pub(crate) fn all_told(&self) -> Vec<String> {
        self.notes.done.borrow().clone()
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
