//! `ulimits` and `sysctls` to what a task may set of its kernel.

use compose_model::service::{Options, Ulimit};
use compose_model::{Diagnostic, Path, nearest};
use indexmap::IndexMap;

use super::part::sorted;
use crate::context::Context;

const FILES: &str = "nofile";

/// The most files that Fargate's kernel opens for a process.
const MOST_FILES: i64 = 1_048_576;

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html>
const LIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    FILES,
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// Limits of processes: soft and hard.
pub(super) fn ulimits(
    asked: &IndexMap<String, Ulimit>,
    machines: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> IndexMap<String, (i64, i64)> {
    let mut limits = IndexMap::new();
    for (name, limit) in sorted(asked) {
        let at = at.key("ulimits").key(name.as_str());
        let (soft, hard) = match limit {
            Ulimit::Single(limit) => (limit, limit),
            Ulimit::Range { soft, hard } => (soft, hard),
        };
        if !LIMITS.contains(&name.as_str()) {
            cx.report(unknown_limit(&name).at(at, ""));
        } else if machines {
            limits.insert(name, (soft, hard));
        } else if name == FILES {
            limits.insert(name, (files(soft, &at, cx), files(hard, &at, cx)));
        } else {
            cx.report(fargate_s_own(&name).at(at, "without effect"));
        }
    }
    limits
}

fn unknown_limit(name: &str) -> Diagnostic {
    let help = nearest(name, LIMITS)
        .map_or_else(|| format!("remove `{name}`"), |meant| format!("did you mean `{meant}`?"));
    Diagnostic::error("ecs::ulimit", format!("there is no limit `{name}`")).help(help)
}

fn fargate_s_own(name: &str) -> Diagnostic {
    let message = format!("Fargate sets the limit `{name}` itself");
    Diagnostic::warning("ecs::ulimit", message)
        .help(format!("remove `{name}`; only `{FILES}` can be set"))
}

fn files(asked: i64, at: &Path, cx: &mut Context<'_>) -> i64 {
    if (0..=MOST_FILES).contains(&asked) {
        return asked;
    }
    let message = format!("Fargate opens no more than {MOST_FILES} files, so this becomes as many");
    let problem = Diagnostic::warning("ecs::ulimit", message).at(at.clone(), "");
    let problem = problem.help(format!("write `{FILES}: {MOST_FILES}`"));
    if cx.problems.last() != Some(&problem) {
        cx.report(problem);
    }
    MOST_FILES
}

/// Parameters of the kernel that belong to a container, not to its host.
pub(super) fn sysctls(
    asked: &Options,
    at: &Path,
    cx: &mut Context<'_>,
) -> IndexMap<String, String> {
    let mut sysctls = sorted(&asked.0);
    sysctls.retain(|name, _| {
        let own = is_own(name);
        if !own {
            let message = format!("Fargate sets `{name}` itself, for all containers of a machine");
            cx.report(
                Diagnostic::warning("ecs::sysctl", message)
                    .at(at.key("sysctls").key(name.as_str()), "without effect")
                    .help(format!("remove `{name}`; what begins with `net.` can be set")),
            );
        }
        own
    });
    sysctls
}

/// Those of the namespaces for networks and for communication between processes.
fn is_own(name: &str) -> bool {
    const COMMUNICATION: [&str; 8] = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shm_rmid_forced",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
    ];
    name.starts_with("net.") || name.starts_with("fs.mqueue.") || COMMUNICATION.contains(&name)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, container};

    #[test]
    fn fargate_limits_files_and_machines_everything() {
        let one = container("ulimits: {nofile: {soft: 1024, hard: 65536}}").ulimits;
        assert_eq!(one.into_iter().collect::<Vec<_>>(), [("nofile".to_owned(), (1024, 65536))]);
        let on_machines = container("gpus: [{count: 1}]\nulimits: {nproc: 100}").ulimits;
        assert_eq!(on_machines.into_iter().collect::<Vec<_>>(), [("nproc".to_owned(), (100, 100))]);
    }

    #[test]
    fn no_limit_at_all_is_the_most() {
        check(
            "
services:
  web:
    image: nginx
    ulimits:
      nofile: -1
#             ^^ warning: Fargate opens no more than 1048576 files, so this becomes as many
#             help: write `nofile: 1048576`
      memlock: -1
#              ^^ warning: Fargate sets the limit `memlock` itself
#              help: remove `memlock`; only `nofile` can be set
      nofiles: 10
#              ^^ error: there is no limit `nofiles`
#              help: did you mean `nofile`?
",
        );
    }

    #[test]
    fn parameters_of_the_network_can_be_set_and_those_of_the_host_not() {
        let lines = "sysctls: {net.core.somaxconn: 1024, kernel.shmmax: 1}";
        let names: Vec<_> = container(lines).sysctls.into_keys().collect();
        assert_eq!(names, ["kernel.shmmax", "net.core.somaxconn"]);
        check(
            "
services:
  web:
    image: nginx
    sysctls:
      vm.max_map_count: 262144
#                       ^^^^^^ warning: Fargate sets `vm.max_map_count` itself, for all containers of a machine
#                       help: remove `vm.max_map_count`; what begins with `net.` can be set
",
        );
    }
}
