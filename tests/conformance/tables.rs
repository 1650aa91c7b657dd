//! Tables of single rules: small files, and what becomes of each.

mod interpolation;
mod judged;
mod merge;
mod names;
mod normalize;

use std::fs;

use compose_model::{Project, Request};
use serde::de::DeserializeOwned;

use crate::case::with_home;
use crate::corpus::{Corpus, corpus};
use crate::outcome::{Outcome, load};
use crate::tally::Tally;

/// A row of a table.
trait Row: DeserializeOwned {
    fn id(&self) -> &str;

    /// # Errors
    ///
    /// What is not as the row says.
    fn holds(&self, corpus: &Corpus) -> Result<(), String>;
}

/// Checks every row of a table.
fn check<R: Row>(table: &'static str) {
    let Some(corpus) = corpus() else { return };
    let mut tally = Tally::new(table, "rows");
    for row in corpus.table::<R>(table) {
        tally.count(row.id(), row.holds(corpus));
    }
    tally.finish("");
}

/// How to load files that refer to no others.
fn anywhere() -> Request {
    Request {
        working_dir: "/srv/shop".into(),
        project_directory: Some("/srv/shop".into()),
        environment: with_home(compose_model::Environment::default()),
        ..Request::default()
    }
}

/// Does something with a request for texts, which are files while it runs.
fn with_files<T>(texts: &[&str], request: Request, act: impl FnOnce(Request) -> T) -> T {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let write = |(index, text): (usize, &&str)| {
        let file = folder.path().join(format!("{index}.yaml"));
        fs::write(&file, text).expect("temporary files can be written");
        file
    };
    let files = texts.iter().enumerate().map(write).collect();
    act(Request { files, ..request })
}

/// The project that texts make.
fn project(texts: &[&str], request: Request) -> Result<Project, String> {
    match with_files(texts, request, load)? {
        Outcome::Accepted(project) => Ok(project),
        Outcome::Refused(reason) => {
            Err(format!("we refuse it: {reason}\n{}", texts.join("\n---\n")))
        }
    }
}

/// That a text is refused.
fn refused<T>(outcome: Outcome<T>) -> Result<(), String> {
    match outcome {
        Outcome::Refused(_) => Ok(()),
        Outcome::Accepted(_) => Err("we accept it".to_owned()),
    }
}

/// What a text is accepted as.
fn accepted<T>(outcome: Outcome<T>) -> Result<T, String> {
    match outcome {
        Outcome::Accepted(accepted) => Ok(accepted),
        Outcome::Refused(reason) => Err(format!("we refuse it: {reason}")),
    }
}
