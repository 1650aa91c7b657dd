//! What is happening to a stack: a tree that is drawn anew on a terminal, a line for
//! each event elsewhere.

use std::time::Duration;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use ecs_apply::{Service, Sight, StackEvent, Status};
use indexmap::IndexMap;

use crate::ui::plain;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::BrightRed.on_default();
const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// What is happening to a stack.
#[derive(Debug)]
pub(crate) struct Progress {
    stack: String,
    screen: Option<Screen>,
    status: Option<Status>,
    resources: IndexMap<String, Resource>,
    /// How many lines the tree has on the screen.
    drawn: usize,
}

/// How large a terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

#[derive(Debug, Clone, Default)]
struct Resource {
    kind: String,
    status: String,
    reason: Option<String>,
    tasks: Option<String>,
}

impl Progress {
    /// Nothing has happened yet.
    pub(crate) fn new(stack: &str, screen: Option<Screen>) -> Self {
        Self {
            stack: plain::line(stack).into_owned(),
            screen,
            status: None,
            resources: IndexMap::new(),
            drawn: 0,
        }
    }

    /// What to write now, so that everything is shown.
    pub(crate) fn show(&mut self, sight: &Sight, elapsed: Duration) -> String {
        let mut lines = String::new();
        for event in &sight.events {
            if self.note(event) {
                lines += &line(event);
            }
        }
        for (logical_id, service) in &sight.services {
            let tasks = tasks(service);
            let resource = self.resources.entry(logical_id.clone()).or_default();
            if resource.tasks.as_ref() != Some(&tasks) {
                lines += &format!("         {}: {tasks}\n", plain::line(logical_id));
                resource.tasks = Some(tasks);
            }
        }
        match self.screen {
            None => lines,
            Some(screen) => self.draw(screen, elapsed),
        }
    }

    /// What to write so that something else can be told; the tree is drawn below it.
    pub(crate) fn make_room(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            // Back to where the tree begins, and all below it away.
            drawn => format!("\x1b[{drawn}A\x1b[J"),
        }
    }

    /// Whether it is news: AWS tells twice that a resource is being made.
    fn note(&mut self, event: &StackEvent) -> bool {
        if event.kind == "AWS::CloudFormation::Stack" && event.logical_id == self.stack {
            self.status = Some(event.status.clone());
            return true;
        }
        let known = self.resources.get(&event.logical_id);
        let is_news = known.is_none_or(|it| it.status != event.status.0);
        let resource = self.resources.entry(event.logical_id.clone()).or_default();
        resource.kind.clone_from(&event.kind);
        resource.status.clone_from(&event.status.0);
        resource.reason = event.reason.as_deref().map(|text| plain::line(text).into_owned());
        is_news
    }

    fn draw(&mut self, screen: Screen, elapsed: Duration) -> String {
        let tree = self.tree(screen, elapsed);
        let mut text = self.make_room();
        self.drawn = tree.len();
        for line in tree {
            text += &line;
            text.push('\n');
        }
        text
    }

    /// What is under way or went wrong has a line; what is done is counted, so that
    /// the tree fits on the screen.
    fn tree(&self, screen: Screen, elapsed: Duration) -> Vec<String> {
        let status = self.status.as_ref().map_or("…", |status| &status.0);
        let seconds = elapsed.as_secs();
        let time = format!("{}:{:02}", seconds / 60, seconds % 60);
        let mut lines = vec![cut(&format!("{}  {status}  {time}", self.stack), screen.width)];
        let is_done =
            |it: &&Resource| it.status.ends_with("_COMPLETE") || it.status == "DELETE_SKIPPED";
        let done = self.resources.values().filter(is_done).count();
        let mut rows = Vec::new();
        if done > 0 {
            rows.push((GOOD, format!("✔ {done} done")));
        }
        for (logical_id, resource) in self.resources.iter().filter(|(_, it)| !is_done(it)) {
            rows.push(row(logical_id, resource));
        }
        let room = screen.height.saturating_sub(3).max(3);
        let hidden = rows.len().saturating_sub(room);
        rows.truncate(room);
        if hidden > 0 {
            rows.push((FAINT, format!("and {hidden} more")));
        }
        let last = rows.len().saturating_sub(1);
        for (place, (style, text)) in rows.into_iter().enumerate() {
            let branch = if place == last { "└─" } else { "├─" };
            let text = cut(&text, screen.width.saturating_sub(3));
            lines.push(format!("{branch} {style}{text}{style:#}"));
        }
        lines
    }
}

fn row(logical_id: &str, resource: &Resource) -> (Style, String) {
    let Resource { kind, status, reason, tasks } = resource;
    let failed = status.ends_with("_FAILED");
    let (sign, style) = if failed { ("✘", BAD) } else { ("…", Style::new()) };
    let more = if failed { reason } else { tasks };
    let more = more.as_ref().map(|more| format!(": {more}")).unwrap_or_default();
    (style, format!("{sign} {} {kind} {status}{more}", plain::line(logical_id)))
}

fn line(event: &StackEvent) -> String {
    let time = event.time.strftime("%H:%M:%S");
    let style = if event.status.is_failure() { BAD } else { Style::new() };
    let (id, kind) = (plain::line(&event.logical_id), plain::line(&event.kind));
    let reason = event.reason.as_deref().map(|it| format!(": {}", plain::line(it)));
    let status = &event.status;
    format!(
        "{time} {style}{status:<20}{style:#} {id} {FAINT}{kind}{FAINT:#}{}\n",
        reason.unwrap_or_default()
    )
}

/// How far a service is.
fn tasks(service: &Service) -> String {
    let newest = service.deployments.iter().find(|it| it.status == "PRIMARY");
    let (desired, running, pending, failed) = match newest {
        Some(it) => (it.desired, it.running, it.pending, it.failed),
        None => (service.desired, service.running, service.pending, 0),
    };
    let mut text = format!("{running} of {desired} tasks run");
    if pending > 0 {
        text += &format!(", {pending} starting");
    }
    if failed > 0 {
        text += &format!(", {failed} failed");
    }
    text
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}
