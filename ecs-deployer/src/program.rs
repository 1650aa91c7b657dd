//! The program: opens what a command needs, and runs it.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, Write as _};
use std::process::ExitCode;

use ecs_apply::AwsError;

use crate::args::{Command, Flags, Order};
use crate::aws::{self, Aws};
use crate::check::check;
use crate::daemon::daemon;
use crate::deploy::{Company, deploy};
use crate::ear::Mouth;
use crate::exit::Exit;
use crate::log::{Entry, Format, Level, Log};
use crate::metrics::Metrics;
use crate::own_task::{self, OwnTask};
use crate::post::Post;
use crate::queue::{Message, Queue};
use crate::reporter::Reporter;
use crate::send::send;
use crate::settings::{Asked, Given, Mode, Problem, Settings, is_plain, log_format, settings};
use crate::sqs::Sqs;
use crate::watch::{Deployers, watch};
use crate::worker::{Desk, lasting};
use crate::{health, iam, run};

/// What the program is given beside its arguments.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Looks a variable up.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a person reads the log.
    pub terminal: bool,
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

/// Runs what is wanted, and says how it ended.
pub fn run(command: Option<Command>, flags: &Flags, world: &World<'_>) -> ExitCode {
    let given = Given { flags: &|name| flags.get(name), environment: world.environment };
    let lost = command.as_ref().map(|it| it.lost(flags)).unwrap_or_default();
    if !lost.is_empty() {
        return misused(&lost, given, world.terminal);
    }
    if let Some(Command::Iam(what)) = &command {
        return match iam::policies(what) {
            Ok(policies) => told(&policies.text(what)),
            Err(problems) => misused(&problems, given, world.terminal),
        };
    }
    let needs_queue = command.as_ref().is_none_or(Command::needs_queue);
    let settings = match settings(given, Asked { needs_queue, terminal: world.terminal }) {
        Ok(settings) => settings,
        Err(problems) => return misused(&problems, given, world.terminal),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("this machine lets nothing be done: {error}")),
    };
    let exit = runtime.block_on(begin(command, &settings, world));
    exit.code(settings.plain_exit)
}

fn told(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error.to_string()),
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

/// A person reads it as any other program says it, without the hour.
fn misused(problems: &[Problem], given: Given<'_>, terminal: bool) -> ExitCode {
    match log_format(given, terminal) {
        Format::Text => {
            let lines: Vec<String> = problems.iter().map(|it| format!("error: {it}\n")).collect();
            let _ = io::stderr().lock().write_all(lines.concat().as_bytes());
        }
        Format::Json => {
            let log = Log::to_stderr(Format::Json, Level::Error);
            problems.iter().for_each(|it| log.tell(&Entry::error("usage", it.to_string())));
        }
    }
    Exit::Usage.code(is_plain(given))
}

fn failed(reason: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {reason}");
    Exit::Usage.code(false)
}

async fn begin(command: Option<Command>, settings: &Settings, world: &World<'_>) -> Exit {
    let (format, level) = settings.log;
    let log = Log::to_stderr(format, level).hiding(settings.secrets());
    for doubt in &settings.doubts {
        log.tell(&Entry::warn("settings.doubt", doubt.to_string()));
    }
    if let Some(Command::Healthcheck(_)) = command {
        return healthcheck(settings, &log).await;
    }
    // As long as the order is read, whoever types may end the program as any other.
    let body = match command.as_ref().and_then(Command::order).map(Order::body).transpose() {
        Ok(body) => body.unwrap_or_default(),
        Err(told) => return misused_in(&log, told),
    };
    // Whoever is stopped while it opens AWS ends as if it had begun.
    let mut stop = std::pin::pin!(lasting(stop()));
    let metrics = Metrics::default();
    let home = (world.environment)("HOME");
    let aws = match aws::open(settings, home.as_deref(), &metrics).await {
        Ok(aws) => aws,
        Err(problem) => return misused_in(&log, problem.to_string()),
    };
    match command {
        None => {
            let uri = (world.environment)(own_task::VARIABLE);
            let own = tokio::select! {
                own = OwnTask::find(uri.as_deref()) => own,
                () = &mut stop => return Exit::Stopped,
            };
            work(settings, own, &aws, (log, metrics), stop).await
        }
        Some(Command::Deploy(what)) => {
            let id = format!("{:016x}", fastrand::u64(..));
            let message = Message::unsent(id, body, what.order.attributes());
            let reporter = reporter(settings, &aws, &log, &metrics);
            let mouth = Mouth::default();
            let events = settings.events.as_deref().map(|url| aws.queue.at(url));
            let company =
                Company { reporter: &reporter, ear: events.as_ref().map(|_| mouth.ear()) };
            tokio::select! {
                exit = deploy(&message, settings, &aws.cloud, company, stop) => exit,
                exit = listen(&mouth, events.as_ref(), &log) => exit,
            }
        }
        Some(Command::Send(what)) => {
            let results = settings.results.as_deref().map(|url| aws.queue.at(url));
            let queues = (&aws.queue, results.as_ref());
            tokio::select! {
                exit = send(&what, body, settings, queues, &log) => exit,
                () = stop => {
                    let told = "asked to stop; an order that is in the queue stays there";
                    log.tell(&Entry::warn("send.left", told));
                    Exit::Stopped
                }
            }
        }
        Some(Command::Check(what)) => {
            let named = [
                ("DEADLETTER_URL", &settings.dead_letters),
                ("RESULT_URL", &settings.results),
                ("ECS_EVENTS_URL", &settings.events),
            ];
            let at = |(name, url): (&'static str, &Option<String>)| {
                Some((name, aws.queue.at(url.as_deref()?)))
            };
            let others: Vec<_> = named.into_iter().filter_map(at).collect();
            let checked = tokio::select! {
                checked = check(&what.service, settings, (&aws.queue, &others), &aws.cloud) => checked,
                () = stop => return Exit::Stopped,
            };
            let _ = told(&checked.to_string());
            checked.exit
        }
        Some(Command::Watch(what)) => match Deployers::new(aws.cloud.clone(), &what, settings) {
            Ok(starter) => watch(&aws.queue, &starter, (&what).into(), &log, stop).await,
            Err(problem) => misused_in(&log, problem.to_string()),
        },
        // They ask nobody, or somebody else.
        Some(Command::Iam(_) | Command::Healthcheck(_)) => Exit::Usage,
    }
}

fn misused_in(log: &Log, told: String) -> Exit {
    log.tell(&Entry::error("usage", told));
    Exit::Usage
}

fn reporter(settings: &Settings, aws: &Aws, log: &Log, metrics: &Metrics) -> Reporter<Post> {
    let post = Post::new(aws.queue.clone(), aws.config.clone());
    Reporter::new(settings, log.clone(), metrics.clone(), post)
}

async fn healthcheck(settings: &Settings, log: &Log) -> Exit {
    let Some(place) = settings.health else {
        log.tell(&Entry::error("health.unknown", "HEALTH_ADDR is not set: nobody can be asked"));
        return Exit::Usage;
    };
    match health::check(place).await {
        Ok(()) => Exit::Done,
        Err(reason) => {
            log.tell(&Entry::error("health.bad", reason));
            Exit::Failed
        }
    }
}

/// Takes messages from the queue.
async fn work(
    settings: &Settings,
    own: Option<OwnTask>,
    aws: &Aws,
    (log, metrics): (Log, Metrics),
    stop: impl Future<Output = ()>,
) -> Exit {
    let reporter = reporter(settings, aws, &log, &metrics);
    let reporter = reporter.of_task(own.as_ref().and_then(OwnTask::link));
    // A task that handles one message replaces nothing that has to stay.
    let own_family = own.map(|own| own.family).filter(|_| settings.mode == Mode::Daemon);
    let settings = &Settings { own_family, ..settings.clone() };
    if settings.mode != Mode::Once {
        let health = (settings.health, reporter.health());
        if let Err(told) = health::listen(health, (settings.metrics, &metrics)).await {
            log.tell(&Entry::error("health.closed", told));
            return Exit::Usage;
        }
    }
    if settings.mode == Mode::Daemon {
        let told = format!(
            "ecs-deployer {} takes messages from {} for the cluster {}",
            env!("CARGO_PKG_VERSION"),
            settings.queue,
            settings.cluster
        );
        log.tell(&Entry::info("daemon.begins", told));
    }
    let mouth = Mouth::default();
    let events = settings.events.as_deref().map(|url| aws.queue.at(url));
    let desk = Desk {
        queue: &aws.queue,
        cloud: &aws.cloud,
        settings,
        witness: &reporter,
        herald: &reporter,
        ear: events.as_ref().map(|_| mouth.ear()),
        // A daemon is stopped while it asks, and what comes then is away for as long. What it
        // may not hold it learns with the first message.
        holds: Cell::new(settings.mode == Mode::Daemon),
    };
    let work = async {
        match settings.mode {
            Mode::Once => run::once(&desk, stop).await,
            Mode::Drain => run::drain(&desk, stop).await,
            Mode::Daemon => daemon(&desk, stop).await,
        }
    };
    let beside = async {
        if settings.mode != Mode::Once {
            look_at(&aws.queue, &log).await;
        }
        listen(&mouth, events.as_ref(), &log).await
    };
    let exit = tokio::select! {
        exit = work => exit,
        exit = beside => exit,
    };
    let is_fine = exit == Exit::Empty && settings.empty_is_fine;
    if is_fine { Exit::Done } else { exit }
}

/// Ends never.
async fn listen(mouth: &Mouth, events: Option<&Sqs>, log: &Log) -> Exit {
    if let Some(events) = events {
        let told = |error: &AwsError| {
            let entry = Entry::refused("events.failed", error);
            let told = format!(
                "ECS_EVENTS_URL cannot be read, so that ECS is asked instead: {}",
                entry.message
            );
            log.tell(&Entry::warn(entry.event, told));
        };
        mouth.listen(events, told).await;
    }
    std::future::pending().await
}

/// Says what may happen to messages that cannot be used, as far as one may know.
async fn look_at(queue: &Sqs, log: &Log) {
    let Ok(about) = queue.about().await else { return };
    let told = match about.max_receives {
        None => {
            "the queue puts no message away: one that cannot be used is removed after some tries. \
             Give it a redrive policy, or set DEADLETTER_URL"
        }
        Some(1) => {
            "the queue puts a message away that was received once: a deployer that is stopped in \
             the middle loses its order. Set maxReceiveCount to 5"
        }
        Some(_) => return,
    };
    log.tell(&Entry::warn("queue.policy", told));
}

/// Ends when somebody wants the program to stop; that is heard from now on.
fn stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut term), Ok(mut int)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}
