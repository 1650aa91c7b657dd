//! `healthcheck`: how to see that a service works.

use crate::form::{Form, Reader, Style, mapping};
use crate::tree::{Kind, Node, Trail};
use crate::value::{Duration, Value};

mapping! {
    /// How to see that a service works.
    pub struct Healthcheck {
        /// What to run.
        test: HealthcheckTest,
        /// How long it may take.
        timeout: Option<Duration>,
        /// How long between two runs.
        interval: Option<Duration>,
        /// How many failures make the container unhealthy.
        retries: Option<u64>,
        /// How long failures do not count.
        start_period: Option<Duration>,
        /// How long between two runs in that time.
        start_interval: Option<Duration>,
        /// Whether the image's own check is switched off.
        disable: bool,
    }
}

/// A command whose first word is `CMD`, `CMD-SHELL` or `NONE`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthcheckTest(pub Vec<String>);

impl Form for HealthcheckTest {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::String(line) => Some(Self(vec!["CMD-SHELL".to_owned(), line.to_string()])),
            _ => Form::read(node, at, reader).map(Self),
        }
    }

    fn print(&self, style: Style) -> Value {
        self.0.print(style)
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}
