//! What an account is like: how slow, what is denied, what its images do.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::account::Account;

/// What an account is like. The default is quick, allows everything, and where there
/// are no containers every task runs for ever.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How long every resource of a stack takes, so that progress can be seen.
    pub delay: Duration,
    /// How long CloudFormation waits for a service to be stable, if not two minutes.
    pub stabilize: Option<Duration>,
    /// What CloudFormation may not do, such as `ecs:CreateCluster` or `ecs:*`. For what
    /// the program under test may not do, there is [`Rule::deny`](crate::proxy::Rule::deny).
    pub denied: Vec<String>,
    /// What images do where there are no containers.
    pub images: Vec<Image>,
}

/// What the containers of an image do.
#[derive(Debug, Clone)]
pub struct Image {
    name: String,
    variable: Option<(String, String)>,
    logs: Vec<String>,
    after: Duration,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    None,
    Exit(i32),
    Unhealthy,
    Stop(String),
}

impl Image {
    /// All images whose names contain this.
    pub fn named(name: &str) -> Self {
        let after = Duration::from_millis(200);
        Self { name: name.to_owned(), variable: None, logs: Vec::new(), after, end: End::None }
    }

    /// Only in containers whose environment has this.
    #[must_use]
    pub fn with_variable(self, name: &str, value: &str) -> Self {
        Self { variable: Some((name.to_owned(), value.to_owned())), ..self }
    }

    /// Lines that they write when they start.
    #[must_use]
    pub fn logs(self, lines: &[&str]) -> Self {
        Self { logs: lines.iter().map(ToString::to_string).collect(), ..self }
    }

    /// They exit with this code.
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        Self { end: End::Exit(code), ..self }
    }

    /// Their health check fails.
    #[must_use]
    pub fn is_unhealthy(self) -> Self {
        Self { end: End::Unhealthy, ..self }
    }

    /// They are never started, for this reason; `{image}` stands for the full name.
    #[must_use]
    pub fn never_starts(self, reason: &str) -> Self {
        Self { end: End::Stop(reason.to_owned()), ..self }
    }

    /// They are in no registry.
    #[must_use]
    pub fn is_missing(self) -> Self {
        self.never_starts(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
             failed to resolve ref {image}: {image}: not found",
        )
    }

    /// When that happens, after the task has been started.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    fn json(&self) -> Json {
        let Self { name, variable, logs, after, end } = self;
        let mut json = json!({ "image": name, "logs": logs, "after": after.as_secs_f64() });
        if let Some((name, value)) = variable {
            json["variable"] = json!({ "name": name, "value": value });
        }
        match end {
            End::None => {}
            End::Exit(code) => json["exitCode"] = (*code).into(),
            End::Unhealthy => json["unhealthy"] = true.into(),
            End::Stop(reason) => json["stop"] = reason.as_str().into(),
        }
        json
    }
}

impl Account {
    /// Makes the account like this, whatever it was like before.
    ///
    /// # Panics
    /// If that does not work.
    pub fn set(&self, settings: &Settings) {
        let Settings { delay, stabilize, denied, images } = settings;
        let images: Vec<Json> = images.iter().map(Image::json).collect();
        let mut body = json!({ "delay": delay.as_secs_f64(), "denied": denied, "images": images });
        if let Some(stabilize) = stabilize {
            body["stabilize"] = stabilize.as_secs_f64().into();
        }
        let answer = self.rest("emulator", "PUT", "/_emulator/settings", &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Gives messages that somebody has received to whoever asks next, as queues do after
    /// a while.
    ///
    /// # Panics
    /// If that does not work.
    pub fn redeliver(&self) {
        let answer = self.rest("emulator", "PUT", "/_emulator/queues", "");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}
