//! Every variable that the program reads, and the flag that stands for it. The flags,
//! their help and the table in `docs/deployer.md` are made of this.

/// A variable of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The flag that stands for it, without dashes. Secrets have none, because whoever
    /// is on the same machine sees the flags of a program.
    pub flag: Option<&'static str>,
    /// What it takes.
    pub takes: Takes,
    /// What it is if nothing is said, in words.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Which commands it counts for.
    pub uses: &'static [Use],
}

/// A command that variables may count for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// None: messages are taken from the queue.
    Take,
    /// `deploy`
    Deploy,
    /// `send`
    Send,
    /// `check`, which looks at what messages are taken with.
    Check,
    /// `watch`
    Watch,
    /// `healthcheck`
    Healthcheck,
    /// `iam`
    Iam,
}

/// How the program speaks, and ends.
const ALL: &[Use] =
    &[Use::Take, Use::Deploy, Use::Send, Use::Check, Use::Watch, Use::Healthcheck, Use::Iam];
/// Whom it asks.
const ASKING: &[Use] = &[Use::Take, Use::Deploy, Use::Send, Use::Check, Use::Watch];
const OF_ECS: &[Use] = &[Use::Take, Use::Deploy, Use::Check, Use::Watch];
/// How an order is carried out.
const ORDERS: &[Use] = &[Use::Take, Use::Deploy, Use::Check];
/// The same, where a message may say it, or is checked for it before it is sent.
const SAID: &[Use] = &[Use::Take, Use::Deploy, Use::Send, Use::Check];
/// How messages are taken.
const TAKING: &[Use] = &[Use::Take, Use::Check];
const MESSAGES: &[Use] = &[Use::Take, Use::Send, Use::Check];
const HEALTH: &[Use] = &[Use::Take, Use::Check, Use::Healthcheck];

/// What a variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Text; the word stands for it in the help.
    Text(&'static str),
    /// `1` or `0`; the flag alone means `1`.
    Switch,
    /// Text that nobody shall see.
    Secret,
}

/// All of them, in the order in which they are told of.
pub const VARIABLES: [Variable; 47] = [
    text(
        ASKING,
        "SQS_URL",
        "queue-url",
        "URL",
        "required",
        "The queue that orders come from. Its region and account are read from it.",
    ),
    text(
        ASKING,
        "ECS_CLUSTER",
        "cluster",
        "NAME",
        "`default`",
        "The cluster, by its name or its ARN.",
    ),
    text(
        SAID,
        "ECS_TIMEOUT",
        "timeout",
        "TIME",
        "`300`",
        "How long it may take until a task of the new revision runs: `300`, `300s` or `5m`.",
    ),
    text(
        ORDERS,
        "ECS_SUCCESS",
        "success",
        "WHEN",
        "`completed`",
        "What counts as success: `running` (one task runs), `live` (all run and are healthy) or `completed` (ECS says so, and the old tasks are gone).",
    ),
    text(
        SAID,
        "ECS_COMPLETE_TIMEOUT",
        "complete-timeout",
        "TIME",
        "`900`",
        "How long the rest may take after that. What the service itself waits for, such as bake time, is added.",
    ),
    text(
        ORDERS,
        "ECS_FAILURES",
        "failures",
        "COUNT",
        "a quarter of the tasks, at least 3",
        "How many tasks of the new revision may fail where no circuit breaker counts.",
    ),
    switch(
        SAID,
        "ECS_ROLLBACK",
        "rollback",
        "Go back to what ran before when a deployment fails and ECS does not go back itself.",
    ),
    text(
        SAID,
        "ECS_STRATEGY",
        "strategy",
        "NAME",
        "the service's own",
        "Have ECS deploy in this way: `rolling`, `blue-green`, `linear` or `canary`. The \
         service keeps that for later deployments.",
    ),
    text(
        ORDERS,
        "ECS_PRE_TASK",
        "pre-task",
        "JSON",
        "none",
        "Run the new revision once before the service is touched, with these overrides of `RunTask`; if it fails, the service is left alone.",
    ),
    text(
        ORDERS,
        "ECS_KEEP_REVISIONS",
        "keep-revisions",
        "COUNT",
        "`0`: all",
        "After a success, deregister revisions that were made for the service, but for so many of \
         the newest of the family and what it ran before.",
    ),
    text(
        TAKING,
        "ECS_MODE",
        "mode",
        "MODE",
        "`once`",
        "`once` (one message), `drain` (until the queue is empty) or `daemon` (for ever). `--drain` and `--daemon` are short for it.",
    ),
    text(
        ORDERS,
        "ECS_ACK",
        "ack",
        "WHEN",
        "`auto`",
        "When a message is removed: `finish` (its outcome is known), `started` (the service was told) or `auto` (`finish`, if revisions can be marked).",
    ),
    text(
        TAKING,
        "ECS_CONCURRENCY",
        "concurrency",
        "COUNT",
        "`4`",
        "How many services a daemon works on at the same time.",
    ),
    switch(
        TAKING,
        "ECS_COALESCE",
        "coalesce",
        "Of several messages for one service that wait in a daemon, do only the newest.",
    ),
    switch(TAKING, "ECS_EMPTY_OK", "empty-ok", "An empty queue ends with 0 instead of 4."),
    switch(
        ALL,
        "ECS_EXIT_COMPAT",
        "exit-compat",
        "Every failure ends with 1, as with the original.",
    ),
    switch(
        SAID,
        "ECS_STRICT",
        "strict",
        "Refuse definitions without `volumes`, as the original does.",
    ),
    switch(
        ORDERS,
        "ECS_SKIP_UNCHANGED",
        "skip-unchanged",
        "Leave a service alone that runs the same definition already.",
    ),
    switch(
        ORDERS,
        "ECS_SAME_FAMILY",
        "same-family",
        "Refuse a definition of another family than the service's.",
    ),
    text(
        ORDERS,
        "ECS_SECRETS",
        "secrets",
        "HOW",
        "`warn`",
        "What looks like a secret among the variables of a definition: `warn` or `deny`.",
    ),
    text(
        ORDERS,
        "ECS_ALLOWED_SERVICES",
        "allowed-services",
        "NAMES",
        "all",
        "Services that messages may name, with `*` for any text and commas between them.",
    ),
    text(
        ORDERS,
        "ECS_ALLOWED_FAMILIES",
        "allowed-families",
        "NAMES",
        "all",
        "Families that definitions may belong to.",
    ),
    text(
        ORDERS,
        "ECS_ALLOWED_IMAGES",
        "allowed-images",
        "NAMES",
        "all",
        "Images that containers may be made from.",
    ),
    text(
        ORDERS,
        "ECS_ALLOWED_ROLES",
        "allowed-roles",
        "ARNS",
        "all",
        "Roles that definitions may name.",
    ),
    text(
        ORDERS,
        "ECS_ALLOWED_ACCOUNTS",
        "allowed-accounts",
        "IDS",
        "all",
        "Accounts that images, roles and secrets may belong to.",
    ),
    text(
        MESSAGES,
        "ECS_ALLOWED_CLUSTERS",
        "allowed-clusters",
        "NAMES",
        "none but `ECS_CLUSTER`",
        "Other clusters that messages may name in their attribute `cluster`.",
    ),
    text(
        ASKING,
        "ECS_ROLE_ARN",
        "role-arn",
        "ARN",
        "none",
        "Ask ECS as this role, for services in another account. The queue is asked without it.",
    ),
    text(
        OF_ECS,
        "ECS_EXTERNAL_ID",
        "external-id",
        "TEXT",
        "none",
        "What the trust policy of that role asks for.",
    ),
    text(
        MESSAGES,
        "SQS_WAIT_SECONDS",
        "wait-seconds",
        "SECONDS",
        "`20`",
        "How long a queue is asked before it counts as empty: 1 to 20.",
    ),
    text(
        TAKING,
        "MAX_RECEIVES",
        "max-receives",
        "COUNT",
        "`5`",
        "How often a message that cannot be used may come back where the queue has no dead-letter queue; it is removed then.",
    ),
    text(
        TAKING,
        "DEADLETTER_URL",
        "deadletter-url",
        "URL",
        "none",
        "A queue for messages that cannot be used, and for deployments that failed.",
    ),
    text(SAID, "RESULT_URL", "result-url", "URL", "none", "A queue for results."),
    text(
        ORDERS,
        "ECS_EVENTS_URL",
        "events-url",
        "URL",
        "none",
        "A queue for what ECS tells EventBridge, so that it need not be asked all the time.",
    ),
    secret(
        ORDERS,
        "SLACK_WEBHOOK",
        "A webhook of Slack that is told of results; only with `SLACK_CHANNEL`.",
    ),
    text(ORDERS, "SLACK_CHANNEL", "slack-channel", "NAME", "none", "The channel for that."),
    text(ORDERS, "SLACK_BOTNAME", "slack-botname", "NAME", "`ecs-deployment`", "Who speaks in it."),
    text(
        ORDERS,
        "SLACK_COLOR",
        "slack-color",
        "COLOR",
        "`#335EFF`",
        "The colour of what is told before the result is known.",
    ),
    text(ORDERS, "SNS_TOPIC", "sns-topic", "ARN", "none", "A topic that is told of results."),
    secret(ORDERS, "WEBHOOK_URL", "An address that results are sent to, as JSON."),
    text(
        ALL,
        "LOG_FORMAT",
        "log-format",
        "FORMAT",
        "`text` on a terminal, else `json`",
        "How the log is written: `text` or `json`.",
    ),
    text(
        ALL,
        "LOG_LEVEL",
        "log-level",
        "LEVEL",
        "`info`",
        "The least that is written: `debug`, `info`, `warn` or `error`.",
    ),
    text(
        HEALTH,
        "HEALTH_ADDR",
        "health-addr",
        "ADDRESS",
        "off",
        "Answer `/healthz` and `/readyz` there, in a daemon: `0.0.0.0:8080`, or `:8080`.",
    ),
    text(
        TAKING,
        "METRICS_ADDR",
        "metrics-addr",
        "ADDRESS",
        "off",
        "Answer `/metrics` there, in a daemon; it may be the same address.",
    ),
    switch(
        ORDERS,
        "METRICS_EMF",
        "metrics-emf",
        "Write metrics into the log, in the form that CloudWatch reads.",
    ),
    text(
        ASKING,
        "AWS_REGION",
        "region",
        "REGION",
        "the queue's",
        "The region of the queue and of the cluster.",
    ),
    text(
        ASKING,
        "AWS_PROFILE",
        "profile",
        "NAME",
        "`default`",
        "A profile of the files in `~/.aws`, or in `/root/.aws` where there is no home.",
    ),
    text(
        ASKING,
        "AWS_ENDPOINT_URL",
        "endpoint-url",
        "URL",
        "AWS",
        "Ask this address instead of AWS; with `_SQS`, `_ECS` or `_STS` appended, for that service alone.",
    ),
];

const fn text(
    uses: &'static [Use],
    name: &'static str,
    flag: &'static str,
    value: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable { name, flag: Some(flag), takes: Takes::Text(value), default, meaning, uses }
}

const fn switch(
    uses: &'static [Use],
    name: &'static str,
    flag: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable { name, flag: Some(flag), takes: Takes::Switch, default: "`0`", meaning, uses }
}

const fn secret(uses: &'static [Use], name: &'static str, meaning: &'static str) -> Variable {
    Variable { name, flag: None, takes: Takes::Secret, default: "none", meaning, uses }
}

impl Variable {
    /// The variable of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        VARIABLES.iter().find(|it| it.name == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_flags_are_unique() {
        let names: BTreeSet<&str> = VARIABLES.iter().map(|it| it.name).collect();
        let flags: BTreeSet<&str> = VARIABLES.iter().filter_map(|it| it.flag).collect();
        let secrets = VARIABLES.iter().filter(|it| it.flag.is_none()).count();
        assert_eq!((names.len(), flags.len() + secrets), (VARIABLES.len(), VARIABLES.len()));
    }

    /// The table of `docs/deployer.md`.
    fn table() -> String {
        let mut table =
            "| variable | flag | if not set | meaning |\n|---|---|---|---|\n".to_owned();
        for Variable { name, flag, default, meaning, .. } in VARIABLES {
            let flag = flag.map(|it| format!("`--{it}`")).unwrap_or_default();
            table += &format!("| `{name}` | {flag} | {default} | {meaning} |\n");
        }
        table
    }

    #[test]
    fn the_table_of_variables_is_not_stale() {
        const BEGIN: &str = "<!-- variables -->\n";
        const END: &str = "<!-- end of variables -->";
        let kept = include_str!("../../../docs/deployer.md");
        let (before, rest) = kept.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let page = format!("{before}{BEGIN}{}{END}{after}", table());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/deployer.md");
            std::fs::write(file, page).unwrap();
            return;
        }
        assert!(
            kept == page,
            "docs/deployer.md is stale; rewrite it: \
             UPDATE_DOCS=1 cargo test -p ecs-deployer the_table_of_variables_is_not_stale"
        );
    }

    #[test]
    fn what_messages_are_taken_with_and_checked_is_all_there_is() {
        for Variable { name, uses, .. } in VARIABLES {
            assert!(uses.contains(&Use::Take) && uses.contains(&Use::Check), "{name}");
        }
    }

    #[test]
    fn secrets_are_not_typed() {
        for it in VARIABLES {
            assert_eq!(it.takes == Takes::Secret, it.flag.is_none(), "{}", it.name);
        }
    }
}
