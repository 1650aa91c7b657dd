//! What is told while the program works: sentences on a terminal, otherwise an object a
//! line.
//!
//! Nothing that is secret comes here by design: no body of a message, no value of a
//! variable, no address of a webhook. What AWS and others say may repeat secrets all the
//! same, so that known ones are taken out of every line.

mod news;
mod plain;

use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use ecs_apply::AwsError;
use jiff::Timestamp;
use serde_json::{Map, Value};

pub use self::news::news;
pub use self::plain::{one_line, short};

/// What stands where a secret was.
const HIDDEN: &str = "(hidden)";

/// What is shorter than this stands in too many words to be taken out of them.
const SHORTEST_SECRET: usize = 6;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences.
    Text,
    /// An object a line.
    Json,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For those who look for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// How much it matters.
    pub level: Level,
    /// A name that does not change: `deploy.updated`.
    pub event: &'static str,
    /// A sentence.
    pub message: String,
    /// What programs want to know of it.
    pub fields: Map<String, Value>,
    /// Whether it is the same for every message, so that it is said once.
    pub once: bool,
}

impl Entry {
    /// Something that happens.
    pub fn info(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Info, event, message)
    }

    /// Something that may be wrong.
    pub fn warn(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warn, event, message)
    }

    /// Something that is wrong.
    pub fn error(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Error, event, message)
    }

    /// AWS did not do what it was asked for.
    pub fn refused(event: &'static str, error: &AwsError) -> Self {
        let help = error.help().map(|help| format!("\nto do: {help}")).unwrap_or_default();
        Self::error(event, one_line(&error.to_string()).into_owned() + &help)
    }

    /// Something that happened.
    pub fn new(level: Level, event: &'static str, message: impl Into<String>) -> Self {
        Self { level, event, message: message.into(), fields: Map::new(), once: false }
    }

    /// Says it once, and not for every message, if it is about whoever runs the program.
    #[must_use]
    pub fn once_if(self, once: bool) -> Self {
        Self { once, ..self }
    }

    /// Adds something that programs want to know.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }
}

/// Where it is told what happens. A clone writes to the same place.
#[derive(Clone)]
pub struct Log {
    format: Format,
    level: Level,
    place: Arc<Place>,
    hidden: Arc<Vec<String>>,
    about: Arc<Map<String, Value>>,
    since: Option<Timestamp>,
}

enum Place {
    /// Standard error: what a command prints is not a part of the log.
    Stderr,
    /// For tests.
    Memory(Mutex<String>),
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log {{ {:?}, {:?}, .. }}", self.format, self.level)
    }
}

impl Log {
    /// Writes to standard error.
    pub fn to_stderr(format: Format, level: Level) -> Self {
        Self::new(format, level, Place::Stderr)
    }

    /// Keeps what is written, for [`written`](Self::written).
    pub fn to_memory(format: Format, level: Level) -> Self {
        Self::new(format, level, Place::Memory(Mutex::default()))
    }

    fn new(format: Format, level: Level, place: Place) -> Self {
        let (hidden, about) = (Arc::default(), Arc::default());
        Self { format, level, place: Arc::new(place), hidden, about, since: None }
    }

    /// A log that never shows some texts, whoever repeats them.
    #[must_use]
    pub fn hiding<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let long = secrets.into_iter().filter(|it| it.len() >= SHORTEST_SECRET);
        let mut hidden = (*self.hidden).clone();
        hidden.extend(long.map(str::to_owned));
        // A secret may be the beginning of another.
        hidden.sort_by_key(|it| std::cmp::Reverse(it.len()));
        Self { hidden: Arc::new(hidden), ..self.clone() }
    }

    /// A log of something that begins now; each of its entries has these fields. The
    /// field `service` is shown in sentences, too.
    #[must_use]
    pub fn about<const N: usize>(&self, fields: [(&str, Value); N]) -> Self {
        let mut about = (*self.about).clone();
        about.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self { about: Arc::new(about), since: Some(Timestamp::now()), ..self.clone() }
    }

    /// Tells something.
    pub fn tell(&self, entry: &Entry) {
        if entry.level >= self.level {
            let line = match self.format {
                Format::Text => self.sentence(entry),
                Format::Json => self.object(entry),
            };
            self.write(&self.without_secrets(line));
        }
    }

    /// Writes a line as it is, for those who read their own kind from the log.
    pub fn raw(&self, line: &str) {
        self.write(&self.without_secrets(format!("{line}\n")));
    }

    /// What was written to memory so far.
    pub fn written(&self) -> String {
        match &*self.place {
            Place::Stderr => String::new(),
            Place::Memory(text) => text.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn write(&self, line: &str) {
        match &*self.place {
            // Whoever closed it does not want to know.
            Place::Stderr => drop(std::io::stderr().lock().write_all(line.as_bytes())),
            Place::Memory(text) => {
                text.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
            }
        }
    }

    fn sentence(&self, entry: &Entry) -> String {
        let clock = Timestamp::now().strftime("%H:%M:%SZ");
        let level = match entry.level {
            Level::Debug | Level::Info => "",
            Level::Warn => "warning: ",
            Level::Error => "error: ",
        };
        let about = self.about.get("service").and_then(Value::as_str);
        let about = about.map(|it| format!("{it} | ")).unwrap_or_default();
        let mut lines = String::new();
        for (number, line) in entry.message.lines().enumerate() {
            let level = if number == 0 { level } else { "  " };
            lines += &format!("{clock} {}{level}{}\n", one_line(&about), one_line(line));
        }
        lines
    }

    fn object(&self, entry: &Entry) -> String {
        let now = Timestamp::now();
        let ts = now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let elapsed = self.since.map(|it| now.duration_since(it).as_millis() as i64);
        let mut line = format!(r#"{{"ts":"{ts}","level":"{}""#, entry.level.name());
        let mut add = |name: &str, value: &Value| {
            line += &format!(",{}:{value}", Value::from(name));
        };
        add("event", &entry.event.into());
        add("message", &entry.message.as_str().into());
        let known = |name: &str| ["ts", "level", "event", "message"].contains(&name);
        let about = self.about.iter().filter(|(name, _)| !entry.fields.contains_key(*name));
        for (name, value) in about.chain(&entry.fields).filter(|(name, _)| !known(name)) {
            add(name, value);
        }
        if let Some(elapsed) = elapsed {
            add("elapsed_ms", &elapsed.into());
        }
        line + "}\n"
    }

    fn without_secrets(&self, line: String) -> String {
        self.hidden.iter().fold(line, |line, secret| match line.contains(secret.as_str()) {
            true => line.replace(secret.as_str(), HIDDEN),
            false => line,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_line_of_json() {
        let log = Log::to_memory(Format::Json, Level::Info);
        let log = log.about([("service", "web".into()), ("cluster", "shop".into())]);
        log.tell(&Entry::info("deploy.updated", "a \"line\"\nand one").with("running", 2));
        let line: Value = serde_json::from_str(&log.written()).unwrap();
        assert_eq!(log.written().lines().count(), 1);
        assert_eq!(line["level"], "info");
        assert_eq!(line["event"], "deploy.updated");
        assert_eq!(line["message"], "a \"line\"\nand one");
        assert_eq!((&line["service"], &line["cluster"]), (&"web".into(), &"shop".into()));
        assert_eq!(line["running"], 2);
        assert!(line["elapsed_ms"].is_i64());
        assert!(line["ts"].as_str().unwrap().parse::<Timestamp>().is_ok());
    }

    #[test]
    fn a_field_of_an_entry_wins_over_what_it_is_about() {
        let log = Log::to_memory(Format::Json, Level::Info).about([("service", "web".into())]);
        log.tell(&Entry::info("a", "b").with("service", "api").with("event", "forged"));
        let line: Value = serde_json::from_str(&log.written()).unwrap();
        assert_eq!((&line["service"], &line["event"]), (&"api".into(), &"a".into()));
    }

    #[test]
    fn what_matters_less_than_asked_is_left_out() {
        let log = Log::to_memory(Format::Text, Level::Warn);
        log.tell(&Entry::info("a", "nothing"));
        log.tell(&Entry::warn("a", "something"));
        log.tell(&Entry::error("a", "much"));
        assert!(!log.written().contains("nothing"));
        assert!(log.written().contains(" warning: something\n"));
        assert!(log.written().contains(" error: much\n"));
    }

    #[test]
    fn a_terminal_obeys_nothing_that_others_say() {
        let log = Log::to_memory(Format::Text, Level::Info).about([("service", "w\u{1b}b".into())]);
        log.tell(&Entry::info("a", "one\u{1b}[2J\r\ntwo"));
        assert!(!log.written().contains(['\u{1b}', '\r']));
        assert_eq!(log.written().lines().count(), 2);
    }

    #[test]
    fn a_known_secret_is_hidden_whoever_repeats_it() {
        for format in [Format::Text, Format::Json] {
            let log = Log::to_memory(format, Level::Debug);
            let log =
                log.hiding(["poison", "poison-and-more", "x"]).about([("service", "x".into())]);
            log.tell(&Entry::info("a", "no poison-and-more here").with("deep", vec!["a poison b"]));
            log.raw("poison");
            assert!(!log.written().contains("poison"), "{}", log.written());
            assert!(!log.written().contains("-and-more"), "{}", log.written());
            assert!(log.written().contains('x'), "too short to be a secret");
        }
    }
}
