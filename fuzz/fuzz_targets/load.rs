//! Whatever a project's files say, loading them ends, what it reports can be
//! shown, and what it gives can be printed, also for one of its services alone.
//!
//! The input is a Compose file, then perhaps an override and an `.env`, each
//! behind a line that says `%%%`.

#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use compose_model::{Diagnostic, Document, LoadError, Project, Request, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, "\n%%%\n");
    let mut request = Request {
        working_dir: DIRECTORY.clone(),
        files: vec!["-".into()],
        stdin: parts.next().map(String::from),
        project_name: Some("fuzz".into()),
        profiles: vec!["*".into()],
        ..Request::default()
    };
    request.files.extend(parts.next().and_then(|text| write("override.yaml", text)));
    request.env_files.extend(parts.next().and_then(|text| write("variables", text)));
    let Some(project) = print(&request) else { return };
    _ = compose_model::read(&request).map(|read| show(&read.document, &read.warnings));
    _ = compose_model::variables(&request);
    request.services.extend(project.services.into_keys().next());
    print(&request);
});

/// Loads a project, if it can be loaded, and prints it.
fn print(request: &Request) -> Option<Project> {
    match load(request) {
        Ok(loaded) => {
            show(&loaded.document, &loaded.warnings);
            _ = (loaded.project.value(), loaded.project.json_value());
            return Some(loaded.project);
        }
        Err(LoadError::Invalid(rejected)) => {
            assert!(!rejected.diagnostics.is_empty(), "refused without a reason");
            show(&rejected.document, &rejected.diagnostics);
        }
        Err(
            LoadError::Read { .. }
            | LoadError::NotFound { .. }
            | LoadError::Option { .. }
            | LoadError::UnknownService { .. },
        ) => {}
    }
    None
}

/// In memory where the system has a place for that: files are written often.
static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.into() } else { std::env::temp_dir() };
    let directory = parent.join(format!("compose-fuzz-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a temporary directory can be made");
    directory
});

/// An empty part is a file that is not there.
fn write(name: &str, text: &str) -> Option<PathBuf> {
    let file = DIRECTORY.join(name);
    (!text.is_empty()).then(|| fs::write(&file, text).expect("a temporary file can be written"))?;
    Some(file)
}

/// As a renderer would: every label has a place, and the place has text.
fn show(document: &Document, diagnostics: &[Diagnostic]) {
    let sources = document.sources();
    for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
        let Some(span) = document.span(&label.place) else { continue };
        let text = &sources.get(span.file).text;
        assert!(span.start <= span.end, "{span:?} runs backwards");
        assert!(
            text.get(span.start as usize..span.end as usize).is_some(),
            "{span:?} cuts {text:?}"
        );
        assert!(sources.start(span) <= sources.end(span), "{span:?} runs backwards");
    }
}
