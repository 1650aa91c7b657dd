//! The command line as a whole.

mod flags;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub use self::flags::Flags;
use crate::exit;
use crate::queue::Attribute;
use crate::settings::{Problem, Use, address, time};

/// Bring task definitions from a queue to services of Amazon ECS
///
/// Without a command, one message is taken from the queue and worked on; then the
/// program ends. Every flag stands for a variable of the environment.
#[derive(Parser)]
#[command(name = "ecs-deployer", version, args_override_self = true, after_help = exit::HELP)]
pub struct Arguments {
    /// Work on messages until the queue is empty [env: ECS_MODE=drain]
    #[arg(long, conflicts_with_all = ["daemon", "mode"])]
    drain: bool,

    /// Work on messages for ever [env: ECS_MODE=daemon]
    #[arg(long, conflicts_with = "mode")]
    daemon: bool,

    #[command(flatten)]
    flags: Flags,

    #[command(subcommand)]
    command: Option<Command>,
}

/// What is to be done, if it is not a message.
#[derive(Subcommand)]
pub enum Command {
    /// Start a deployer as a task of ECS whenever the queue has messages
    Watch(Watch),
    /// Put a task definition into the queue
    Send(Send),
    /// Bring a task definition from a file to a service, without a queue
    Deploy(Deploy),
    /// Find out whether all that is needed is there and allowed
    Check(Check),
    /// Print what the deployer has to be allowed, as policies of IAM
    Iam(Iam),
    /// Ask a running daemon whether it is well: for a container's health check
    Healthcheck(Healthcheck),
}

/// What starts deployers.
#[derive(Args)]
pub struct Watch {
    /// Run this task definition: its family, its family and revision, or its ARN
    #[arg(long, value_name = "NAME")]
    pub task_definition: String,

    /// Run it in this cluster, if not in the one of the services
    #[arg(long, value_name = "NAME")]
    pub run_in: Option<String>,

    /// Run it on this
    #[arg(long, value_name = "TYPE", value_enum, ignore_case = true)]
    pub launch_type: Option<LaunchType>,

    /// Run it in these subnets
    #[arg(long, value_name = "ID")]
    pub subnet: Vec<String>,

    /// Give it these security groups
    #[arg(long, value_name = "ID")]
    pub security_group: Vec<String>,

    /// Give it a public address
    #[arg(long)]
    pub public_ip: bool,

    /// Run no more than so many at once
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub most: u32,

    /// Look into the queue so often: `15`, `15s` or `1m`
    #[arg(long, value_name = "TIME", default_value = "15", value_parser = time)]
    pub every: Duration,

    #[command(flatten)]
    flags: Flags,
}

/// What tasks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum LaunchType {
    /// Machines of AWS.
    Fargate,
    /// Machines of the cluster.
    Ec2,
    /// Machines that are not in AWS.
    External,
}

/// A definition, and what it is for.
#[derive(Args)]
pub struct Order {
    /// Read the task definition from this file; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,

    /// Bring it to this service; `false` only registers it
    #[arg(long, value_name = "NAME")]
    pub service: String,

    /// Link this address where results are told
    #[arg(long, value_name = "URL", value_parser = address)]
    pub commit_url: Option<String>,

    /// Call the order by this name; the same name twice is done once
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub deployment_id: Option<String>,
}

/// A message to send.
#[derive(Args)]
pub struct Send {
    /// What is sent.
    #[command(flatten)]
    pub order: Order,

    /// Give the order this place among those of its service
    #[arg(long, value_name = "NUMBER")]
    pub sequence: Option<u64>,

    /// Wait for the result, which comes to RESULT_URL
    #[arg(long)]
    pub wait: bool,

    /// Flags that stand for variables, as they were typed.
    #[arg(skip)]
    pub typed: Vec<(&'static str, String)>,

    #[command(flatten)]
    flags: Flags,
}

/// A definition for a service.
#[derive(Args)]
pub struct Deploy {
    /// What is brought there.
    #[command(flatten)]
    pub order: Order,

    #[command(flatten)]
    flags: Flags,
}

/// What to look at.
#[derive(Args)]
pub struct Check {
    /// Look at this service, too
    #[arg(long, value_name = "NAME")]
    pub service: Vec<String>,

    #[command(flatten)]
    flags: Flags,
}

/// What to allow.
#[derive(Args)]
pub struct Iam {
    /// The ARN of the queue
    #[arg(long, value_name = "ARN")]
    pub queue: String,

    /// The ARN of a service that may be deployed to; all, if none is named
    #[arg(long, value_name = "ARN")]
    pub service: Vec<String>,

    /// The ARN of a role that task definitions name
    #[arg(long, value_name = "ARN")]
    pub pass_role: Vec<String>,

    /// The ARN of a queue for what cannot be used, or for results
    #[arg(long, value_name = "ARN")]
    pub send_to: Vec<String>,

    /// The ARN of a topic that is told
    #[arg(long, value_name = "ARN")]
    pub topic: Vec<String>,

    /// The ARN of the queue of ECS_EVENTS_URL
    #[arg(long, value_name = "ARN")]
    pub events: Vec<String>,

    /// The ARN of the role of ECS_ROLE_ARN
    #[arg(long, value_name = "ARN")]
    pub assume_role: Vec<String>,

    /// Allow what ECS_KEEP_REVISIONS needs
    #[arg(long)]
    pub keep_revisions: bool,

    /// Allow what ECS_PRE_TASK needs
    #[arg(long)]
    pub pre_task: bool,

    /// Only what the original was allowed
    #[arg(long, conflicts_with = "recommended")]
    pub minimum: bool,

    /// Only what is recommended
    #[arg(long)]
    pub recommended: bool,

    /// Only what `watch` needs to run this task definition: its ARN
    #[arg(long, value_name = "ARN", conflicts_with_all = ["minimum", "recommended"])]
    pub watch: Option<String>,

    /// Only what `send` needs
    #[arg(long, conflicts_with_all = ["minimum", "recommended", "watch"])]
    pub sender: bool,
}

/// Whom to ask.
#[derive(Args)]
pub struct Healthcheck {
    #[command(flatten)]
    flags: Flags,
}

impl Arguments {
    /// What was typed. Ends the program where it is wrong, or asks for help.
    pub fn typed() -> Self {
        let mut command = Self::with_help();
        let matches = command.get_matches_mut();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
    }

    /// Each command shows the settings that count for it.
    fn with_help() -> clap::Command {
        Self::command().mut_subcommands(|command| {
            let of = Command::USES.iter().find(|(name, _)| *name == command.get_name());
            let of = of.map(|(_, of)| *of);
            command.mut_args(|arg| {
                let variable = Flags::variable(arg.get_id().as_str());
                let is_lost = variable.zip(of).is_some_and(|(it, of)| !it.uses.contains(&of));
                arg.hide(is_lost)
            })
        })
    }

    /// What is to be done, and all flags, those before the command's name and those
    /// after it.
    pub fn into_parts(self) -> (Option<Command>, Flags) {
        let Self { drain, daemon, mut flags, mut command } = self;
        if drain {
            flags.set("ECS_MODE", "drain");
        }
        if daemon {
            flags.set("ECS_MODE", "daemon");
        }
        let after = command.as_mut().and_then(Command::flags);
        flags.extend(after.map(std::mem::take).unwrap_or_default());
        if let Some(Command::Send(send)) = &mut command {
            send.typed = flags.all();
        }
        (command, flags)
    }
}

impl Order {
    /// What the file says, or standard input.
    ///
    /// # Errors
    ///
    /// If it cannot be read; the message names it.
    pub fn body(&self) -> Result<String, String> {
        let text = match self.file == Path::new("-") {
            true => io::read_to_string(io::stdin().lock()),
            false => fs::File::open(&self.file).and_then(io::read_to_string),
        };
        text.map_err(|error| format!("{} cannot be read: {error}", self.file.display()))
    }

    /// What a message says beside the definition.
    pub fn attributes(&self) -> BTreeMap<String, Attribute> {
        let Self { file: _, service, commit_url, deployment_id } = self;
        let all = [
            ("service", Some(service)),
            ("commit_url", commit_url.as_ref()),
            ("deployment_id", deployment_id.as_ref()),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Attribute::text(value?))))
            .collect()
    }
}

impl Command {
    fn flags(&mut self) -> Option<&mut Flags> {
        match self {
            Self::Watch(Watch { flags, .. })
            | Self::Send(Send { flags, .. })
            | Self::Deploy(Deploy { flags, .. })
            | Self::Check(Check { flags, .. })
            | Self::Healthcheck(Healthcheck { flags }) => Some(flags),
            Self::Iam(_) => None,
        }
    }

    /// All of them, by their names.
    const USES: [(&str, Use); 6] = [
        ("watch", Use::Watch),
        ("send", Use::Send),
        ("deploy", Use::Deploy),
        ("check", Use::Check),
        ("iam", Use::Iam),
        ("healthcheck", Use::Healthcheck),
    ];

    /// What was typed, and counts for other commands only.
    pub fn lost(&self, flags: &Flags) -> Vec<Problem> {
        let of = self.as_use();
        let lost = flags.variables().filter(|it| !it.uses.contains(&of));
        lost.map(|it| {
            let flag = match it.name {
                "ECS_MODE" => "drain, --daemon or --mode",
                name => it.flag.unwrap_or(name),
            };
            let help = match of {
                Use::Send => format!("no message says it: set {} where the deployer runs", it.name),
                Use::Take | Use::Deploy | Use::Check | Use::Watch | Use::Healthcheck | Use::Iam => {
                    "leave it out".to_owned()
                }
            };
            Problem::new(&format!("--{flag}"), "does not count for this command", help)
        })
        .collect()
    }

    fn as_use(&self) -> Use {
        match self {
            Self::Watch(_) => Use::Watch,
            Self::Send(_) => Use::Send,
            Self::Deploy(_) => Use::Deploy,
            Self::Check(_) => Use::Check,
            Self::Iam(_) => Use::Iam,
            Self::Healthcheck(_) => Use::Healthcheck,
        }
    }

    /// The order that it brings, if it does.
    pub fn order(&self) -> Option<&Order> {
        match self {
            Self::Send(Send { order, .. }) | Self::Deploy(Deploy { order, .. }) => Some(order),
            Self::Watch(_) | Self::Check(_) | Self::Iam(_) | Self::Healthcheck(_) => None,
        }
    }

    /// Whether it needs a queue.
    pub fn needs_queue(&self) -> bool {
        match self {
            Self::Watch(_) | Self::Send(_) | Self::Check(_) => true,
            Self::Deploy(_) | Self::Iam(_) | Self::Healthcheck(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(typed: &str) -> (Option<Command>, Flags) {
        Arguments::try_parse_from(typed.split(' ')).unwrap().into_parts()
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn nothing_at_all_is_the_original() {
        let (command, flags) = parsed("ecs-deployer");
        assert!(command.is_none());
        assert_eq!(flags.get("ECS_MODE"), None);
    }

    #[test]
    fn flags_count_before_and_after_the_command() {
        let typed =
            "ecs-deployer --cluster a --timeout 5m deploy -f t.json --service web --cluster b";
        let (command, flags) = parsed(typed);
        assert!(matches!(command, Some(Command::Deploy(it)) if it.order.service == "web"));
        assert_eq!(flags.get("ECS_CLUSTER").as_deref(), Some("b"));
        assert_eq!(flags.get("ECS_TIMEOUT").as_deref(), Some("5m"));
    }

    #[test]
    fn a_switch_may_be_alone_or_have_a_value() {
        assert_eq!(parsed("ecs-deployer --rollback").1.get("ECS_ROLLBACK").as_deref(), Some("1"));
        assert_eq!(parsed("ecs-deployer --rollback=0").1.get("ECS_ROLLBACK").as_deref(), Some("0"));
        assert_eq!(parsed("ecs-deployer --daemon").1.get("ECS_MODE").as_deref(), Some("daemon"));
        assert_eq!(parsed("ecs-deployer --drain").1.get("ECS_MODE").as_deref(), Some("drain"));
    }

    #[test]
    fn a_negative_number_is_a_value() {
        assert_eq!(parsed("ecs-deployer --timeout -5").1.get("ECS_TIMEOUT").as_deref(), Some("-5"));
    }

    #[test]
    fn two_modes_at_once_are_refused() {
        for typed in [["--drain", "--daemon"], ["--drain", "--mode=once"], ["--daemon", "--mode=x"]]
        {
            let typed = std::iter::once("ecs-deployer").chain(typed);
            assert!(Arguments::try_parse_from(typed).is_err());
        }
    }

    #[test]
    fn values_of_a_command_are_checked_as_settings_are() {
        let parsed = |typed: &str| {
            let watch = "ecs-deployer watch --task-definition d ";
            Arguments::try_parse_from(format!("{watch}{typed}").split(' '))
                .map(Arguments::into_parts)
        };
        for typed in ["--every 0", "--every x", "--most 0", "--launch-type bogus"] {
            assert!(parsed(typed).is_err(), "{typed}");
        }
        for typed in ["--every 15s", "--every 1m", "--most 2", "--launch-type fargate"] {
            assert!(parsed(typed).is_ok(), "{typed}");
        }
        for typed in ["--commit-url nonsense", "--deployment-id="] {
            let typed = format!("ecs-deployer deploy -f a --service b {typed}");
            assert!(Arguments::try_parse_from(typed.split(' ')).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_command_shows_what_counts_for_it_and_refuses_the_rest() {
        let mut command = Arguments::with_help();
        let help = |name: &str, command: &mut clap::Command| {
            let command = command.find_subcommand_mut(name).unwrap();
            command.render_long_help().to_string()
        };
        let watch = help("watch", &mut command);
        assert!(watch.contains("--cluster") && !watch.contains("--slack-color"), "{watch}");
        assert!(help("deploy", &mut command).contains("--slack-color"));
        let (typed, flags) =
            parsed("ecs-deployer --slack-color good watch --task-definition a --cluster a");
        let told: Vec<String> =
            typed.unwrap().lost(&flags).iter().map(|it| it.at.clone()).collect();
        assert_eq!(told, ["--slack-color"]);
        let (typed, flags) = parsed("ecs-deployer send -f a --service b --failures 3");
        let told = typed.unwrap().lost(&flags)[0].to_string();
        assert!(told.contains("set ECS_FAILURES where the deployer runs"), "{told}");
    }

    #[test]
    fn the_help_names_every_exit_code() {
        let help = Arguments::command().render_long_help().to_string();
        for code in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "143"] {
            assert!(help.contains(&format!("\n  {code:>3}  ")), "{code}");
        }
    }
}
