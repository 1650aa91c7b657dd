//! The directory with projects and what Docker makes of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::case::Case;
use crate::tally::say;

/// Where the projects and tables are.
pub(crate) struct Corpus {
    root: PathBuf,
}

/// What Docker makes of a project.
#[derive(Deserialize)]
pub(crate) struct Expectation {
    pub(crate) ok: bool,
    #[serde(default)]
    pub(crate) config: Value,
    #[serde(default)]
    pub(crate) error: String,
}

#[derive(Deserialize)]
struct Table<Row> {
    rows: Vec<Row>,
}

/// Any row.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// The tables that are about whole files.
const TABLES: [&str; 6] =
    ["interpolation", "invalid", "merge-rules", "normalize", "project-names", "valid"];

/// The corpus, if there is one; that there is none is told once.
pub(crate) fn corpus() -> Option<&'static Corpus> {
    static CORPUS: LazyLock<Option<Corpus>> = LazyLock::new(|| {
        let found = directory();
        if found.is_none() {
            say("conformance: skipped, because CONFORMANCE_CORPUS is not set");
        }
        found.map(|root| Corpus { root })
    });
    CORPUS.as_ref()
}

#[expect(clippy::disallowed_methods, reason = "where the corpus is concerns the tests only")]
fn directory() -> Option<PathBuf> {
    let directory = std::env::var("CONFORMANCE_CORPUS").ok().filter(|path| !path.is_empty())?;
    // Watched folders are followed through links, so none may lead to the corpus.
    Some(std::fs::canonicalize(directory).expect("CONFORMANCE_CORPUS is a folder"))
}

impl Corpus {
    /// The names of all projects, in order.
    pub(crate) fn projects(&self) -> Vec<String> {
        let folder = self.root.join("projects");
        let entries = folder.read_dir().expect("the corpus has projects");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let name = entry.expect("the corpus can be listed").file_name();
            name.into_string().expect("names of projects are text")
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// The names of all projects and rows.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let rows = TABLES.into_iter().flat_map(|table| self.table::<Named>(table));
        self.projects().into_iter().chain(rows.map(|row| row.id)).collect()
    }

    pub(crate) fn case(&self, name: &str) -> Case {
        let folder = self.root.join("projects").join(name);
        let mut case: Case = read(&folder.join("case.json")).expect("every project has a case");
        case.folder = folder;
        case
    }

    pub(crate) fn expectation(&self, name: &str) -> Option<Expectation> {
        read(&self.root.join("expected/config").join(format!("{name}.json")))
    }

    pub(crate) fn table<Row: DeserializeOwned>(&self, name: &str) -> Vec<Row> {
        let table = read::<Table<Row>>(&self.root.join("specs").join(format!("{name}.json")));
        table.expect("the corpus has this table").rows
    }

    /// What Docker's tool for ECS deployed for a project, if it did.
    pub(crate) fn stack(&self, name: &str) -> Option<Value> {
        #[derive(Deserialize)]
        struct Stack {
            template: Option<Value>,
        }
        let file = self.root.join("expected/stack").join(format!("{name}.json"));
        read::<Stack>(&file)?.template
    }

    pub(crate) fn ecs_table<Row: DeserializeOwned>(&self, name: &str) -> Vec<Row> {
        let table = read::<Table<Row>>(&self.root.join("ecs").join(format!("{name}.json")));
        table.expect("the corpus has this table").rows
    }
}

/// What a file holds, if it exists.
#[expect(clippy::disallowed_methods, reason = "the corpus is no input of the program")]
fn read<T: DeserializeOwned>(file: &Path) -> Option<T> {
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}
