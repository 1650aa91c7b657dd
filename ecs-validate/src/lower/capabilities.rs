//! `cap_add` and `cap_drop` to the capabilities of a container.

use std::collections::BTreeSet;

use compose_model::{Diagnostic, Path, nearest};

use crate::context::Context;

const CODE: &str = "ecs::capability";

/// What a container has if nothing is said, for Docker as for ECS.
const USUAL: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// What else Linux has and ECS knows.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html>
const UNUSUAL: [&str; 23] = [
    "AUDIT_CONTROL",
    "BLOCK_SUSPEND",
    "DAC_READ_SEARCH",
    "IPC_LOCK",
    "IPC_OWNER",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "NET_BROADCAST",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    PTRACE,
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// The only one that Fargate adds.
const PTRACE: &str = "SYS_PTRACE";
const ALL: &str = "ALL";

/// What a container has more and less than usual, each sorted.
pub(super) fn capabilities(
    add: &[String],
    drop: &[String],
    machines: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> (Vec<String>, Vec<String>) {
    if add.is_empty() && drop.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let dropped = read(drop, &at.key("cap_drop"), cx);
    let asked = read(add, &at.key("cap_add"), cx);
    let add_at = at.key("cap_add");
    let mut added = BTreeSet::new();
    for (index, capability) in &asked {
        match refusal(capability, machines) {
            None if is_usual(capability) => {
                if !takes_away(&dropped, capability) {
                    cx.report(has_it(capability).at(add_at.index(*index), "without effect"));
                }
            }
            None => {
                added.insert(capability.clone());
            }
            Some(refusal) => cx.report(refusal.at(add_at.index(*index), "")),
        }
    }
    let kept: Vec<&str> = asked.iter().map(|(_, capability)| capability.as_str()).collect();
    (added.into_iter().collect(), without(&dropped, &kept))
}

/// What an entry means, without the prefix that Linux gives it.
fn read(entries: &[String], at: &Path, cx: &mut Context<'_>) -> Vec<(usize, String)> {
    let mut read = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let upper = entry.to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if name == ALL || is_usual(name) || UNUSUAL.contains(&name) {
            read.push((index, name.to_owned()));
        } else {
            cx.report(unknown(entry, name).at(at.index(index), ""));
        }
    }
    read
}

fn is_usual(capability: &str) -> bool {
    USUAL.contains(&capability)
}

fn unknown(entry: &str, name: &str) -> Diagnostic {
    let meant = nearest(name, USUAL.into_iter().chain(UNUSUAL));
    let help = meant
        .map_or_else(|| format!("remove `{entry}`"), |meant| format!("did you mean `{meant}`?"));
    Diagnostic::error(CODE, format!("ECS knows no capability `{entry}`")).help(help)
}

fn refusal(capability: &str, machines: bool) -> Option<Diagnostic> {
    if machines || capability == PTRACE || is_usual(capability) {
        return None;
    }
    let message = match capability {
        ALL => "Fargate lends no container the rights of its host".to_owned(),
        _ => format!("Fargate gives no container the capability `{capability}`"),
    };
    Some(Diagnostic::error(CODE, message).help(instead(capability)))
}

fn instead(capability: &str) -> String {
    match capability {
        "SYS_NICE" | "IPC_LOCK" | "SYS_RESOURCE" => {
            format!("remove it; most programs do without `{capability}`, and say so in their logs")
        }
        _ => format!("remove it; `{PTRACE}` is the only one that can be added"),
    }
}

fn has_it(capability: &str) -> Diagnostic {
    Diagnostic::warning(CODE, format!("every container has the capability `{capability}`"))
        .help("remove it")
}

fn takes_away(dropped: &[(usize, String)], capability: &str) -> bool {
    dropped.iter().any(|(_, dropped)| dropped == ALL || dropped == capability)
}

/// To drop all and add some of the usual back, which ECS does not allow, is to drop
/// the other usual ones.
fn without(dropped: &[(usize, String)], kept: &[&str]) -> Vec<String> {
    let all = dropped.iter().any(|(_, capability)| capability == ALL);
    let dropped: BTreeSet<&str> = if all && kept.iter().any(|kept| is_usual(kept)) {
        USUAL.into_iter().collect()
    } else if all {
        BTreeSet::from([ALL])
    } else {
        dropped.iter().map(|(_, capability)| capability.as_str()).collect()
    };
    let dropped = dropped.into_iter().filter(|capability| !kept.contains(capability));
    dropped.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, container};

    fn of(lines: &str) -> (Vec<String>, Vec<String>) {
        let container = container(lines);
        (container.cap_add, container.cap_drop)
    }

    fn names(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn capabilities_are_named_as_ecs_does() {
        assert_eq!(of("cap_add: [cap_sys_ptrace]"), (names("SYS_PTRACE"), names("")));
        assert_eq!(of("cap_drop: [SYSLOG, CAP_CHOWN]"), (names(""), names("CHOWN SYSLOG")));
        assert_eq!(of("cap_drop: [all]"), (names(""), names("ALL")));
    }

    #[test]
    fn dropping_all_but_some_is_dropping_the_others() {
        let kept = "cap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE, CHOWN]";
        let others = "AUDIT_WRITE DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_RAW SETFCAP SETGID \
                      SETPCAP SETUID SYS_CHROOT";
        assert_eq!(of(kept), (names(""), names(others)));
    }

    #[test]
    fn machines_of_the_project_give_any_capability() {
        assert_eq!(of("gpus: [{count: 1}]\ncap_add: [SYS_ADMIN]").0, names("SYS_ADMIN"));
    }

    #[test]
    fn fargate_adds_only_one_capability() {
        check(
            "
services:
  web:
    image: nginx
    cap_add:
      - CHOWN
#       ^^^^^ warning: every container has the capability `CHOWN`
#       help: remove it
      - NET_ADMIN
#       ^^^^^^^^^ error: Fargate gives no container the capability `NET_ADMIN`
#       help: remove it; `SYS_PTRACE` is the only one that can be added
      - SYS_PTRACEE
#       ^^^^^^^^^^^ error: ECS knows no capability `SYS_PTRACEE`
#       help: did you mean `SYS_PTRACE`?
      - ALL
#       ^^^ error: Fargate lends no container the rights of its host
#       help: remove it; `SYS_PTRACE` is the only one that can be added
",
        );
    }
}
