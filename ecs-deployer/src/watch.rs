//! Starts a deployer as a task whenever the queue has messages: what the original left
//! to whoever used it.

use std::future::Future;
use std::time::Duration;

use clap::ValueEnum as _;
use ecs_apply::{AwsError, Ecs, Launch};

use crate::args::{LaunchType, Watch};
use crate::exit::Exit;
use crate::log::{Entry, Level, Log, short};
use crate::queue::Queue;
use crate::run::patience;
use crate::settings::{Problem, Settings};

/// Starts tasks. Tests put another in its place.
#[expect(async_fn_in_trait, reason = "all work is done on one thread")]
pub trait Starter {
    /// How many are there already.
    async fn running(&self) -> Result<usize, AwsError>;

    /// Starts another, and gives its ARN.
    async fn start(&self) -> Result<String, AwsError>;
}

/// Starts deployers in ECS.
#[derive(Debug, Clone)]
pub struct Deployers {
    ecs: Ecs,
    launch: Launch,
}

impl Deployers {
    /// Starts what was typed.
    ///
    /// # Errors
    ///
    /// If tasks would have no network, or another than was typed.
    pub fn new(ecs: Ecs, args: &Watch, settings: &Settings) -> Result<Self, Problem> {
        let launch_type = Self::network(args)?;
        let launch = Launch {
            cluster: args.run_in.clone().unwrap_or_else(|| settings.cluster.clone()),
            task_definition: args.task_definition.clone(),
            launch_type,
            subnets: args.subnet.clone(),
            security_groups: args.security_group.clone(),
            public_ip: args.public_ip,
        };
        Ok(Self { ecs, launch })
    }

    /// The launch type, if the rest of what was typed fits it.
    fn network(args: &Watch) -> Result<Option<String>, Problem> {
        let network = [
            ("--public-ip", args.public_ip),
            ("--security-group", !args.security_group.is_empty()),
        ];
        let lost = network.iter().find(|(_, is_given)| *is_given && args.subnet.is_empty());
        if let Some((flag, _)) = lost {
            return Err(Problem {
                at: (*flag).to_owned(),
                message: "counts only with --subnet".to_owned(),
                help: "name the subnets that tasks run in, or leave it out".to_owned(),
            });
        }
        if args.launch_type == Some(LaunchType::Fargate) && args.subnet.is_empty() {
            return Err(Problem {
                at: "--subnet".to_owned(),
                message: "is not given".to_owned(),
                help: "name the subnets that tasks of Fargate run in".to_owned(),
            });
        }
        let name = args.launch_type.and_then(|it| it.to_possible_value());
        Ok(name.map(|it| it.get_name().to_owned()))
    }
}

impl Starter for Deployers {
    async fn running(&self) -> Result<usize, AwsError> {
        self.ecs.launched(&self.launch).await
    }

    async fn start(&self) -> Result<String, AwsError> {
        self.ecs.launch(&self.launch).await
    }
}

/// How many deployers there may be, and how often it is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At the same time.
    pub most: usize,
    /// Between two looks.
    pub every: Duration,
}

impl From<&Watch> for Pace {
    fn from(args: &Watch) -> Self {
        Self { most: args.most as usize, every: args.every }
    }
}

/// Looks into the queue and starts deployers, until somebody has it stop.
pub async fn watch<Q: Queue, S: Starter>(
    queue: &Q,
    starter: &S,
    pace: Pace,
    log: &Log,
    stop: impl Future<Output = ()>,
) -> Exit {
    let every = pace.every.as_secs();
    let told =
        format!("looks into the queue every {every} s, and runs {} deployers at most", pace.most);
    log.tell(&Entry::info("watch.begins", told));
    tokio::select! {
        exit = for_ever(queue, starter, pace, log) => exit,
        () = stop => Exit::Stopped,
    }
}

/// Ends if it may not do what it is for.
async fn for_ever<Q: Queue, S: Starter>(queue: &Q, starter: &S, pace: Pace, log: &Log) -> Exit {
    let mut errors = 0;
    loop {
        match look(queue, starter, pace.most, log).await {
            Ok(()) => errors = 0,
            Err(error) => {
                log.tell(&Entry::refused("watch.failed", &error));
                if is_for_ever(&error) {
                    return Exit::from(&error);
                }
                errors += 1;
            }
        }
        let pause = if errors > 0 { patience(errors) } else { Duration::ZERO };
        tokio::time::sleep(pace.every.max(pause)).await;
    }
}

/// Whether it will be answered the same until somebody changes something.
fn is_for_ever(error: &AwsError) -> bool {
    error.is_denied() || error.is_expired() || error.is_permanent()
}

/// Starts as many as there are messages, but for those that are there.
async fn look<Q: Queue, S: Starter>(
    queue: &Q,
    starter: &S,
    most: usize,
    log: &Log,
) -> Result<(), AwsError> {
    let waiting = usize::try_from(queue.about().await?.waiting).unwrap_or(usize::MAX);
    if waiting == 0 {
        log.tell(&Entry::new(Level::Debug, "watch.empty", "the queue is empty"));
        return Ok(());
    }
    let free = most.saturating_sub(starter.running().await?);
    for _ in 0..waiting.min(free) {
        let task = starter.start().await?;
        let text = format!("{waiting} messages wait; started the task {}", short(&task));
        log.tell(&Entry::info("watch.started", text).with("task", task).with("waiting", waiting));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::log::Format;
    use crate::queue::{About, Letter, Message, Receipt, Wanted};

    /// So many messages wait, look by look; then nobody may ask any more.
    struct Waiting(RefCell<Vec<u64>>);

    impl Queue for Waiting {
        async fn receive(&self, _: &Wanted) -> Result<Vec<Message>, AwsError> {
            Ok(Vec::new())
        }

        async fn delete(&self, _: &Receipt) -> Result<(), AwsError> {
            Ok(())
        }

        async fn hide(&self, _: &Receipt, _: Duration) -> Result<(), AwsError> {
            Ok(())
        }

        async fn send(&self, _: &Letter) -> Result<(), AwsError> {
            Ok(())
        }

        async fn about(&self) -> Result<About, AwsError> {
            let waiting = self.0.borrow_mut().pop().ok_or_else(|| refused("AccessDenied"))?;
            if waiting == 666 {
                return Err(refused("ThrottlingException"));
            }
            Ok(About { max_receives: None, waiting, largest: None })
        }
    }

    fn refused(code: &str) -> AwsError {
        AwsError::Refused {
            action: "sqs:GetQueueAttributes",
            code: code.to_owned(),
            message: "no".to_owned(),
        }
    }

    #[derive(Default)]
    struct Tasks {
        running: Cell<usize>,
        started: Cell<usize>,
    }

    impl Starter for Tasks {
        async fn running(&self) -> Result<usize, AwsError> {
            Ok(self.running.get())
        }

        async fn start(&self) -> Result<String, AwsError> {
            self.started.set(self.started.get() + 1);
            Ok("arn:aws:ecs:eu-west-1:1:task/shop/a1".to_owned())
        }
    }

    async fn started(waiting: &[u64], running: usize, most: usize) -> usize {
        let queue = Waiting(RefCell::new(waiting.iter().rev().copied().collect()));
        let tasks = Tasks { running: Cell::new(running), ..Tasks::default() };
        let pace = Pace { most, every: Duration::from_secs(15) };
        let log = Log::to_memory(Format::Text, Level::Debug);
        let exit = watch(&queue, &tasks, pace, &log, std::future::pending()).await;
        assert_eq!(exit, Exit::Denied);
        tasks.started.get()
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_are_started_as_there_are_messages_and_places() {
        let cases = [
            // waiting, running, at most, started
            (&[0][..], 0, 1, 0),
            (&[1], 0, 1, 1),
            (&[9], 0, 1, 1),
            (&[9], 1, 1, 0),
            (&[9], 1, 4, 3),
            (&[2], 0, 4, 2),
            (&[1, 0, 1], 0, 1, 2),
            (&[666, 1], 0, 1, 1),
        ];
        for (waiting, running, most, expected) in cases {
            let started = started(waiting, running, most).await;
            assert_eq!(started, expected, "{waiting:?} {running} {most}");
        }
    }

    #[test]
    fn what_nobody_can_do_is_not_tried_for_ever() {
        let silent = AwsError::NoAnswer { action: "ecs:RunTask", reason: "silence".to_owned() };
        let nobody = AwsError::Credentials { action: "ecs:RunTask", reason: "none".to_owned() };
        assert!(is_for_ever(&nobody) && !is_for_ever(&silent));
        for (code, expected) in [
            ("AccessDeniedException", true),
            ("QueueDoesNotExist", true),
            ("ClientException", true),
            ("NoCapacity", false),
            ("ThrottlingException", false),
        ] {
            assert_eq!(is_for_ever(&refused(code)), expected, "{code}");
        }
    }

    #[test]
    fn a_network_that_would_be_dropped_is_refused() {
        use clap::Parser as _;
        let refused = |typed: &str| {
            let typed = format!("ecs-deployer watch --task-definition d {typed}");
            let parsed = crate::args::Arguments::try_parse_from(typed.split(' ')).unwrap();
            let Some(crate::args::Command::Watch(watch)) = parsed.into_parts().0 else {
                unreachable!("it is what was typed")
            };
            Deployers::network(&watch).err().map(|it| it.at)
        };
        assert_eq!(refused("--public-ip").as_deref(), Some("--public-ip"));
        assert_eq!(refused("--security-group sg-1").as_deref(), Some("--security-group"));
        assert_eq!(refused("--launch-type fargate").as_deref(), Some("--subnet"));
        assert_eq!(refused("--public-ip --security-group sg-1 --subnet subnet-1"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_may_have_it_stop() {
        let queue = Waiting(RefCell::new(vec![0; 99]));
        let pace = Pace { most: 1, every: Duration::from_secs(15) };
        let log = Log::to_memory(Format::Text, Level::Debug);
        let stop = tokio::time::sleep(Duration::from_secs(60));
        let exit = watch(&queue, &Tasks::default(), pace, &log, stop).await;
        assert_eq!(exit, Exit::Stopped);
    }
}
