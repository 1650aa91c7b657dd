//! Lines of containers, for people, as `docker compose logs` shows them.

use std::collections::HashMap;

use annotate_snippets::renderer::{AnsiColor, Style};
use ecs_apply::{Elsewhere, LogEntry};

use super::{Look, plain};

/// In the order in which Compose takes them.
const COLORS: [AnsiColor; 10] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::BrightCyan,
    AnsiColor::BrightYellow,
    AnsiColor::BrightGreen,
    AnsiColor::BrightMagenta,
    AnsiColor::BrightBlue,
];

/// As many characters of a task's id as tell the tasks of a service apart.
const SHORT: usize = 8;

/// Ends whatever colours a container began.
const RESET: &str = "\u{1b}[0m";

/// How to show lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogStyle {
    /// Who reads them.
    pub(crate) look: Look,
    /// Whether each begins with its service and task.
    pub(crate) prefix: bool,
    /// Whether each has its time.
    pub(crate) timestamps: bool,
}

/// Shows lines, those of a service always in the same colour.
#[derive(Debug)]
pub(crate) struct LogPrinter {
    style: LogStyle,
    colors: HashMap<String, Style>,
    /// Of the widest name so far.
    width: usize,
}

impl LogPrinter {
    /// For these services, and others that may come.
    pub(crate) fn new(style: LogStyle, services: &[String]) -> Self {
        let widest = services.iter().map(|name| name.chars().count()).max();
        let mut printer =
            Self { style, colors: HashMap::new(), width: widest.unwrap_or(0) + 1 + SHORT };
        for service in services {
            printer.color(service);
        }
        printer
    }

    /// The text of some lines.
    pub(crate) fn text(&mut self, lines: &[LogEntry]) -> String {
        let mut text = String::new();
        for line in lines {
            let prefix = self.prefix(line);
            let message = line.message.trim_end_matches(['\n', '\r']);
            for piece in message.split('\n') {
                text += &prefix;
                text += &self.piece(piece.trim_end_matches('\r'));
                text.push('\n');
            }
        }
        text
    }

    /// A terminal must not obey what a container writes, except that colours are
    /// welcome. A pipe gets everything as it is.
    fn piece(&self, text: &str) -> String {
        match self.style.look {
            Look { terminal: false, .. } => text.to_owned(),
            Look { color: false, .. } => plain::without_colors(text),
            Look { .. } => {
                let shown = plain::with_colors(text);
                if shown.contains('\u{1b}') { shown + RESET } else { shown }
            }
        }
    }

    fn prefix(&mut self, line: &LogEntry) -> String {
        let mut prefix = String::new();
        if self.style.prefix {
            // A name that is not from the Compose file has been through AWS, which
            // takes letters alone.
            let name = if line.is_own { &line.service } else { &line.container };
            let name = format!("{name}/{}", line.task.get(..SHORT).unwrap_or(&line.task));
            let name = plain::line(&name).into_owned();
            self.width = self.width.max(name.chars().count());
            let width = self.width;
            prefix = match self.style.look.color {
                true => {
                    let color = self.color(&line.service);
                    format!("{color}{name:width$} |{color:#} ")
                }
                false => format!("{name:width$} | "),
            };
        }
        if self.style.timestamps {
            prefix += &format!("{:.3} ", line.time);
        }
        prefix
    }

    fn color(&mut self, service: &str) -> Style {
        let next = COLORS[self.colors.len() % COLORS.len()].on_default();
        *self.colors.entry(service.to_owned()).or_insert(next)
    }
}

/// What options of log drivers say where lines go, and are no secrets.
const PLACES: [&str; 9] =
    ["address", "bucket", "group", "host", "name", "region", "stream", "uri", "url"];

/// Where the lines are of a service that does not log to CloudWatch.
pub(crate) fn elsewhere(elsewhere: &Elsewhere) -> String {
    let Elsewhere { service, driver, options } = elsewhere;
    let places = options.iter().filter(|(key, _)| {
        let key = key.to_lowercase();
        PLACES.iter().any(|place| key.contains(place))
    });
    let places: Vec<_> = places.map(|(key, value)| format!("{key} {value}")).collect();
    match (driver.as_deref(), &places[..]) {
        (None, _) => format!("{service} keeps no logs: it has no log driver"),
        (Some("awslogs"), _) => format!(
            "{service} logs to streams that are not named after its tasks ({})",
            places.join(", ")
        ),
        (Some(driver), []) => format!("the logs of {service} are where {driver} sends them"),
        (Some(driver), places) => {
            format!("the logs of {service} are where {driver} sends them: {}", places.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;

    #[test]
    fn prefixes_are_padded_and_each_line_has_one() {
        let lines = [
            line("web", "GET /\n"),
            line("database", "one\r\ntwo"),
            LogEntry { is_own: false, container: "Web_Init".to_owned(), ..line("web", "") },
        ];
        insta::assert_snapshot!(shown(PIPE, &lines), @"
        web/3f2a9c1b      | GET /
        database/3f2a9c1b | one
        database/3f2a9c1b | two
        Web_Init/3f2a9c1b |
        ");
    }

    #[test]
    fn times_are_shown_if_asked_for() {
        let style = LogStyle { timestamps: true, prefix: false, look: PIPE };
        let mut printer = LogPrinter::new(style, &[]);
        assert_eq!(printer.text(&[line("web", "x")]), "1970-01-12T13:46:40.000Z x\n");
    }

    #[test]
    fn a_terminal_obeys_colours_alone() {
        let lines = [line("web", "\u{1b}[31mred\u{1b}[2J\ttab\u{7}")];
        let colored = shown(Look { terminal: true, color: true }, &lines);
        let shown_colored = "web/3f2a9c1b |\u{1b}[0m \u{1b}[31mred\\u{1b}[2J\ttab\\u{7}\u{1b}[0m\n";
        assert!(colored.ends_with(shown_colored), "{colored:?}");
        let plain = shown(Look { terminal: true, color: false }, &lines);
        assert_eq!(plain, "web/3f2a9c1b | red\\u{1b}[2J\ttab\\u{7}\n");
        assert_eq!(shown(PIPE, &lines), "web/3f2a9c1b | \u{1b}[31mred\u{1b}[2J\ttab\u{7}\n");
    }

    #[test]
    fn a_service_keeps_its_colour() {
        let services = ["db".to_owned(), "web".to_owned()];
        let style = LogStyle {
            look: Look { terminal: true, color: true },
            prefix: true,
            timestamps: false,
        };
        let mut printer = LogPrinter::new(style, &services);
        let colors: Vec<_> = ["web", "db", "web"].map(|name| printer.color(name)).into();
        assert_eq!(colors[0], colors[2]);
        assert_ne!(colors[0], colors[1]);
    }

    #[test]
    fn places_are_named_and_secrets_are_not() {
        let options = [("splunk-url", "https://splunk"), ("splunk-token", "x")];
        let options = options.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let splunk = |driver: Option<&str>, options| Elsewhere {
            service: "web".to_owned(),
            driver: driver.map(ToOwned::to_owned),
            options,
        };
        let cases = [
            (
                splunk(Some("splunk"), BTreeMap::from(options)),
                "the logs of web are where splunk sends them: splunk-url https://splunk",
            ),
            (splunk(None, BTreeMap::new()), "web keeps no logs: it has no log driver"),
        ];
        for (one, expected) in cases {
            assert_eq!(elsewhere(&one), expected);
        }
    }

    const PIPE: Look = Look { terminal: false, color: false };

    fn shown(look: Look, lines: &[LogEntry]) -> String {
        let services: Vec<_> = lines.iter().map(|line| line.service.clone()).collect();
        LogPrinter::new(LogStyle { look, prefix: true, timestamps: false }, &services).text(lines)
    }

    fn line(service: &str, message: &str) -> LogEntry {
        LogEntry {
            time: Timestamp::from_second(1_000_000).unwrap(),
            service: service.to_owned(),
            container: service.to_owned(),
            is_own: true,
            task: "3f2a9c1b7d604e58".to_owned(),
            message: message.to_owned(),
            group: "/docker-compose/shop".to_owned(),
            id: "1".to_owned(),
        }
    }
}
