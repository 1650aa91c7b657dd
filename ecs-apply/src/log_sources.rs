//! Where the containers of a stack log to, by its template or its task definitions.

mod gather;

use std::collections::BTreeMap;

use crate::log_event::{LogEvent, LogQuery};

pub use gather::log_sources;

/// What logs: the containers of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logger {
    /// What the Compose file calls the service.
    pub service: String,
    /// The containers of its tasks.
    pub containers: Vec<ContainerLogs>,
}

/// Where a container logs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerLogs {
    /// Its name in the task definition.
    pub name: String,
    /// `awslogs`, another log driver, or none.
    pub driver: Option<String>,
    /// What the driver is told.
    pub options: BTreeMap<String, String>,
}

/// All that logs to CloudWatch, and what logs elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSources {
    /// Containers whose lines can be read.
    pub sources: Vec<LogSource>,
    /// Containers whose lines cannot.
    pub elsewhere: Vec<Elsewhere>,
}

/// A container whose lines can be read. Its streams are called
/// `prefix/container/task`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSource {
    /// The service of the Compose file that it is for. A container that helps another
    /// one to start is for the same service.
    pub service: String,
    /// Its name in the task definition.
    pub container: String,
    /// Whether it is of the Compose file, and not a helper.
    pub is_own: bool,
    /// The region of the log group, if it is said.
    pub region: Option<String>,
    /// The log group.
    pub group: String,
    /// What its streams begin with.
    pub prefix: String,
}

/// A container whose lines cannot be read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The service of the Compose file that it is for.
    pub service: String,
    /// Who takes its lines; nobody, if there is no driver.
    pub driver: Option<String>,
    /// What the driver is told.
    pub options: BTreeMap<String, String>,
}

/// Streams of as many containers are asked for one by one; of more, all streams of
/// their group are read and the others' are passed over.
const ONE_BY_ONE: usize = 4;

impl LogSources {
    /// Sorts out who logs where.
    pub fn of(loggers: &[Logger]) -> Self {
        let mut all = Self::default();
        for logger in loggers {
            for container in &logger.containers {
                all.add(logger, container);
            }
        }
        all.elsewhere.sort_by(|one, other| one.service.cmp(&other.service));
        all
    }

    fn add(&mut self, logger: &Logger, container: &ContainerLogs) {
        let (service, is_own) = owner(logger, &container.name);
        let option = |name: &str| container.options.get(name).cloned();
        let stream = container.driver.as_deref().filter(|driver| *driver == "awslogs");
        let stream =
            stream.and_then(|_| option("awslogs-group").zip(option("awslogs-stream-prefix")));
        match stream {
            Some((group, prefix)) => self.sources.push(LogSource {
                service,
                container: container.name.clone(),
                is_own,
                region: option("awslogs-region"),
                group,
                prefix,
            }),
            None => self.elsewhere.push(Elsewhere {
                service,
                driver: container.driver.clone(),
                options: container.options.clone(),
            }),
        }
    }

    /// The services of the Compose file, sorted, those included that log elsewhere or
    /// nowhere.
    pub fn services(&self) -> Vec<String> {
        let readable = self.sources.iter().map(|source| &source.service);
        let mut services: Vec<_> =
            readable.chain(self.elsewhere.iter().map(|it| &it.service)).cloned().collect();
        services.sort();
        services.dedup();
        services
    }

    /// The services whose lines can be read, sorted.
    pub(crate) fn readable(&self) -> Vec<String> {
        let mut services: Vec<_> = self.sources.iter().map(|it| it.service.clone()).collect();
        services.sort();
        services.dedup();
        services
    }

    /// Adds the containers of others that are not known yet.
    pub(crate) fn join(&mut self, others: Self) {
        for source in others.sources {
            if !self.sources.contains(&source) {
                self.sources.push(source);
            }
        }
    }

    /// Only these services, if any are named.
    #[must_use]
    pub fn only(mut self, services: &[String]) -> Self {
        if !services.is_empty() {
            self.sources.retain(|source| services.contains(&source.service));
            self.elsewhere.retain(|it| services.contains(&it.service));
        }
        self
    }

    /// Which container an event is of, and the task's id. Nothing, if the event was not
    /// asked for.
    pub fn find(&self, query: &LogQuery, event: &LogEvent) -> Option<(&LogSource, String)> {
        if !event.stream.starts_with(&query.prefix) {
            return None;
        }
        let (rest, task) = event.stream.rsplit_once('/')?;
        let (prefix, container) = rest.rsplit_once('/')?;
        let found = self.sources.iter().find(|source| {
            source.container == container
                && source.prefix == prefix
                && source.group == query.group
                && source.region == query.region
        })?;
        Some((found, task.to_owned()))
    }

    /// The groups to read, and the streams in them: region, group, and what the names
    /// of streams begin with. There are few, however many services there are.
    pub(crate) fn streams(&self) -> Vec<Streams> {
        let mut groups: BTreeMap<(&Option<String>, &str, &str), Vec<&str>> = BTreeMap::new();
        for LogSource { region, group, prefix, container, .. } in &self.sources {
            groups.entry((region, group, prefix)).or_default().push(container);
        }
        let mut streams = Vec::new();
        for ((region, group, prefix), mut containers) in groups {
            containers.sort_unstable();
            containers.dedup();
            let several = containers.len() > ONE_BY_ONE;
            let ends = if several { vec![""] } else { containers };
            streams.extend(ends.into_iter().map(|container| Streams {
                region: region.clone(),
                group: group.to_owned(),
                prefix: match container {
                    "" => format!("{prefix}/"),
                    _ => format!("{prefix}/{container}/"),
                },
            }));
        }
        streams
    }
}

/// Streams of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Streams {
    pub(crate) region: Option<String>,
    pub(crate) group: String,
    pub(crate) prefix: String,
}

impl Streams {
    /// Whether they are in the same group.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.group == other.group && self.region == other.region
    }
}

/// The service that a container is for, and whether it is that service's own.
///
/// A task has the container of its service, those of services that share its network,
/// and helpers, which have the name of a container in theirs:
/// `Web_ResolvConf_InitContainer`.
fn owner(logger: &Logger, container: &str) -> (String, bool) {
    let helped = container
        .strip_suffix("_InitContainer")
        .and_then(|name| name.rsplit_once('_'))
        .or_else(|| container.strip_suffix("LogRouter").and_then(|name| name.rsplit_once('_')))
        .map(|(name, _)| name);
    let Some(helped) = helped else { return (title(logger, container), true) };
    let one = logger.containers.iter().find(|other| part(&other.name) == helped);
    (one.map_or_else(|| logger.service.clone(), |one| title(logger, &one.name)), false)
}

/// A container is called as its service, as far as ECS allows.
fn title(logger: &Logger, container: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = logger.service.chars().map(plain).collect();
    if name == container { logger.service.clone() } else { container.to_owned() }
}

/// What a name contributes to that of a helper: letters and digits, the first in
/// upper case.
fn part(name: &str) -> String {
    let mut letters = name.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_for_the_service_that_it_is_named_after() {
        let of = |name| owner(&logger("my.web", &["my-web", "proxy", name]), name);
        let cases = [
            ("my-web", "my.web", true),
            ("proxy", "proxy", true),
            ("Myweb_ResolvConf_InitContainer", "my.web", false),
            ("Proxy_Secrets_InitContainer", "proxy", false),
            ("Myweb_LogRouter", "my.web", false),
            ("Else_Secrets_InitContainer", "my.web", false),
        ];
        for (container, service, is_own) in cases {
            assert_eq!(of(container), (service.to_owned(), is_own), "{container}");
        }
    }

    #[test]
    fn few_containers_are_asked_for_one_by_one_and_many_together() {
        let sources = LogSources::of(&[logger("web", &["web"]), logger("db", &["db"])]);
        assert_eq!(prefixes(&sources), ["shop/db/", "shop/web/"]);
        assert_eq!(prefixes(&sources.only(&["db".to_owned()])), ["shop/db/"]);
        let many: Vec<_> = (0..200).map(|it| logger(&it.to_string(), &[&it.to_string()])).collect();
        assert_eq!(prefixes(&LogSources::of(&many)), ["shop/"]);
    }

    #[test]
    fn streams_lead_back_to_their_containers() {
        let sources = LogSources::of(&[logger("web", &["web", "Web_Secrets_InitContainer"])]);
        let query = query();
        let found = |stream: &str| {
            let (source, task) = sources.find(&query, &event(stream))?;
            Some((source.service.clone(), source.is_own, task))
        };
        assert_eq!(found("shop/web/1"), Some(("web".to_owned(), true, "1".to_owned())));
        let helper = "shop/Web_Secrets_InitContainer/1";
        assert_eq!(found(helper), Some(("web".to_owned(), false, "1".to_owned())));
        assert_eq!(found("shop/db/1"), None);
        assert_eq!(found("web/1"), None);
        assert_eq!(found("other/web/1"), None);
    }

    #[test]
    fn what_logs_elsewhere_is_told_apart() {
        let mut silent = logger("silent", &["silent"]);
        silent.containers[0].driver = None;
        let mut splunk = logger("splunk", &["splunk"]);
        splunk.containers[0].driver = Some("splunk".to_owned());
        let sources = LogSources::of(&[splunk, silent]);
        let drivers: Vec<_> = sources.elsewhere.iter().map(|it| it.driver.as_deref()).collect();
        assert_eq!(drivers, [None, Some("splunk")]);
        assert_eq!(sources.services(), ["silent", "splunk"]);
        assert_eq!(sources.sources, []);
    }

    fn prefixes(sources: &LogSources) -> Vec<String> {
        sources.streams().into_iter().map(|it| it.prefix).collect()
    }

    fn logger(service: &str, containers: &[&str]) -> Logger {
        let options = [("awslogs-group", "/shop"), ("awslogs-stream-prefix", "shop")];
        let options: BTreeMap<_, _> =
            options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let container = |name: &&str| ContainerLogs {
            name: (*name).to_owned(),
            driver: Some("awslogs".to_owned()),
            options: options.clone(),
        };
        Logger {
            service: service.to_owned(),
            containers: containers.iter().map(container).collect(),
        }
    }

    fn query() -> LogQuery {
        LogQuery {
            region: None,
            group: "/shop".to_owned(),
            prefix: "shop/".to_owned(),
            from: jiff::Timestamp::UNIX_EPOCH,
            until: None,
            pattern: None,
        }
    }

    fn event(stream: &str) -> LogEvent {
        LogEvent {
            id: stream.to_owned(),
            time: jiff::Timestamp::UNIX_EPOCH,
            stream: stream.to_owned(),
            message: String::new(),
        }
    }
}
