//! Says why a deployment fails, to a person who would rather be elsewhere: what went
//! wrong first, then what says so, then what to do.

use std::borrow::Cow;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use ecs_apply::{Cause, Finding, LogTail, Unseen};
use jiff::Timestamp;

use crate::caller::LogsCommand;
use crate::ui::failure::{ERROR, HELP, WARNING};
use crate::ui::plain;

const FAINT: Style = AnsiColor::BrightBlack.on_default();
const NAME: Style = Style::new().effects(Effects::BOLD);

/// As many causes are shown with all that says so; of others only what went wrong.
const IN_FULL: usize = 5;

/// As many are shown at all.
const AT_ALL: usize = 20;

/// The longest sentence of AWS, and the longest line of a container.
const LONGEST_FINDING: usize = 600;
const LONGEST_LINE: usize = 300;

/// The last lines of a container.
const LINES: usize = 10;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What went wrong and what to do.
    Brief,
    /// What says so, too.
    Full,
}

/// Every cause, and what could not be looked at; nothing if there is neither. Logs are
/// pointed to if they are still there.
pub(super) fn text(
    causes: &[Cause],
    unseen: &[Unseen],
    logs: Option<&LogsCommand>,
    form: Form,
) -> String {
    let shown = causes.iter().take(AT_ALL).enumerate();
    let mut text: String = shown
        .map(|(position, cause)| match position {
            0..IN_FULL => headline(cause) + &body(cause, logs, form) + "\n",
            _ => headline(cause),
        })
        .collect();
    if let Some(more @ 1..) = causes.len().checked_sub(AT_ALL) {
        text += &format!("and {more} more\n");
    }
    text.extend(unseen.iter().map(blind_spot));
    text
}

fn body(cause: &Cause, logs: Option<&LogsCommand>, form: Form) -> String {
    let findings = cause.findings.iter().filter(|_| form == Form::Full);
    let mut text: String = findings.map(finding).collect();
    text.extend(cause.log.as_ref().map(|log| last_lines(log, cause, logs)));
    text + &help(&cause.help)
}

fn headline(cause: &Cause) -> String {
    let Cause { kind, message, tasks, .. } = cause;
    let often = if *tasks > 1 { format!(" ({tasks} tasks)") } else { String::new() };
    let message = plain::up_to(message, LONGEST_FINDING);
    format!("{ERROR}error[{kind}]{ERROR:#}: {NAME}{}{NAME:#}{often}\n", plain::line(&message))
}

fn finding(finding: &Finding) -> String {
    let Finding { time, source, text } = finding;
    let text = plain::up_to(text, LONGEST_FINDING);
    let source = source.to_string();
    format!("  {} {}: {}\n", clock(*time), plain::line(&source), plain::line(&text))
}

/// When, in a place of one width; at which day is known to whoever reads it.
fn clock(time: Option<Timestamp>) -> String {
    let time = time.map(|time| time.to_string());
    let clock = time.as_deref().and_then(|time| time.get(11..19)).map(|clock| format!("{clock}Z"));
    format!("{FAINT}{:9}{FAINT:#}", clock.unwrap_or_default())
}

fn last_lines(log: &LogTail, cause: &Cause, logs: Option<&LogsCommand>) -> String {
    let LogTail { container, lines, .. } = log;
    if lines.is_empty() {
        return format!("  {} wrote nothing\n", plain::line(container));
    }
    let skipped = lines.len().saturating_sub(LINES);
    let more = logs.map(|logs| format!(" (`{}` has more)", logs.of(&cause.subject)));
    let mut text = format!(
        "  the last that {} wrote{}:\n",
        plain::line(container),
        plain::line(&more.unwrap_or_default())
    );
    for line in &lines[skipped..] {
        let line = plain::up_to(line.text.trim_end(), LONGEST_LINE);
        text += &format!("    {FAINT}|{FAINT:#} {}\n", plain::line(&line));
    }
    text
}

fn help(help: &str) -> String {
    if help.is_empty() {
        String::new()
    } else {
        format!("{HELP}help{HELP:#}: {}\n", plain::line(help))
    }
}

fn blind_spot(unseen: &Unseen) -> String {
    let Unseen { what, reason, help: way } = unseen;
    let reason: Cow<'_, str> = plain::up_to(reason, LONGEST_FINDING);
    let what = plain::line(what);
    let mut text = format!(
        "{WARNING}warning{WARNING:#}: {what} could not be seen: {}\n",
        plain::line(&reason)
    );
    text.extend(way.as_deref().map(help));
    text
}

#[cfg(test)]
mod tests;
