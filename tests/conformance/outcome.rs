//! A load that may neither panic nor hang, and whose complaints can be shown.

use std::any::Any;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use compose_model::{
    Diagnostic, Document, LoadError, Loaded, Place, Project, Read, Request, Severity,
};

/// More than any project takes, even without optimization on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// What came of a load.
pub(crate) enum Outcome<T> {
    Accepted(T),
    /// With the first reason.
    Refused(String),
}

/// Loads a project.
///
/// # Errors
///
/// What may never happen: a panic, a load that does not end, and a complaint
/// that cannot be shown.
pub(crate) fn load(request: Request) -> Result<Outcome<Project>, String> {
    bounded(move || {
        let loaded = compose_model::load(&request);
        outcome(loaded.map(|Loaded { project, document, warnings, .. }| {
            (project, Read { document, warnings })
        }))
    })?
}

/// Reads a project without making types of it.
///
/// # Errors
///
/// As [`load`].
pub(crate) fn read(request: Request) -> Result<Outcome<()>, String> {
    bounded(move || outcome(compose_model::read(&request).map(|read| ((), read))))?
}

/// Runs something of which is feared that it panics or never ends.
fn bounded<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let (sender, receiver) = channel();
    let worker = thread::spawn(move || sender.send(run()));
    match receiver.recv_timeout(LIMIT) {
        Ok(result) => Ok(result),
        Err(RecvTimeoutError::Timeout) => Err(format!("takes more than {LIMIT:?}")),
        Err(RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => Err(format!("panics: {}", words(&*panic))),
            Ok(_) => Err("ends without a result".to_owned()),
        },
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

/// What a load gave, if all that it tells can be shown.
fn outcome<T>(result: Result<(T, Read), LoadError>) -> Result<Outcome<T>, String> {
    match result {
        Ok((project, Read { document, warnings })) => {
            can_be_shown(&warnings, &document)?;
            Ok(Outcome::Accepted(project))
        }
        Err(LoadError::Invalid(rejected)) => {
            can_be_shown(&rejected.diagnostics, &rejected.document)?;
            let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
            let reason = rejected.diagnostics.iter().find(is_error);
            let reason = reason.ok_or("is refused without an error")?;
            Ok(Outcome::Refused(reason.message.clone()))
        }
        Err(
            error @ (LoadError::Read { .. }
            | LoadError::NotFound { .. }
            | LoadError::Option { .. }
            | LoadError::UnknownService { .. }),
        ) => Ok(Outcome::Refused(error.to_string())),
    }
}

fn can_be_shown(diagnostics: &[Diagnostic], document: &Document) -> Result<(), String> {
    diagnostics.iter().try_for_each(|diagnostic| {
        if diagnostic.message.trim().is_empty() {
            return Err(format!("tells nothing: {diagnostic:?}"));
        }
        let mut labels = diagnostic.labels.iter();
        match labels.find(|label| !is_in_a_text(document, &label.place)) {
            Some(label) => Err(format!("points nowhere: {label:?} of {diagnostic:?}")),
            None => Ok(()),
        }
    })
}

/// Whether a place is a stretch of whole characters of a source.
fn is_in_a_text(document: &Document, place: &Place) -> bool {
    document.span(place).is_some_and(|span| {
        let source = document.sources().iter().find(|(id, _)| *id == span.file);
        let stretch = span.start as usize..span.end as usize;
        source.is_some_and(|(_, source)| source.text.get(stretch).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_words() {
        let told = bounded(|| panic!("on purpose"));
        assert_eq!(told, Err::<(), _>("panics: on purpose".to_owned()));
    }
}
