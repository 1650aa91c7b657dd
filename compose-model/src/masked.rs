//! What of the files is shown with a problem: everything but secrets that somebody wrote
//! into them. Reports are uploaded and logs are read by many.

use indexmap::IndexMap;

use crate::document::Document;
use crate::error::Rejected;
use crate::exposed::VALUE;
use crate::local_files::LocalFiles;
use crate::request::Environment;
use crate::secret::Secret;
use crate::secret_guard::SecretGuard;
use crate::secret_values::values;
use crate::source::Span;

impl LocalFiles {
    /// Takes the values of secrets out of the texts that a document was read from. What
    /// stands for them is as long, so that every place stays where it is.
    ///
    /// It is the last thing to do with a document before problems are shown: what
    /// variables held is no longer found at its place.
    pub fn mask(&self, document: &mut Document) {
        let literal = self.exposed.iter().filter(|exposed| exposed.how == VALUE);
        // It may be written with escapes, or over several lines.
        let spans: Vec<Span> = literal.filter_map(|exposed| document.locate(&exposed.at)).collect();
        let sources = document.sources_mut();
        for Span { file, start, end } in spans {
            let text = sources.text_mut(file);
            let (start, end) = (start as usize, end as usize);
            if let Some(written) = text.get(start..end).filter(|it| is_rewritten(it)) {
                let veiled = value(written);
                text.replace_range(start..end, &veiled);
            }
        }
        mask_sources(document, &self.guard);
    }
}

/// Takes what a guard finds out of the texts that a document was read from.
fn mask_sources(document: &mut Document, guard: &SecretGuard) {
    if guard.is_empty() {
        return;
    }
    let sources = document.sources_mut();
    let files: Vec<_> = sources.iter().filter(|it| !it.1.secret).map(|it| it.0).collect();
    for file in files {
        guard.replace(sources.text_mut(file), veil);
    }
}

impl Rejected {
    /// Takes the values of secrets out of what is said of a project that is wrong, and
    /// out of its texts.
    pub(crate) fn mask(&mut self, secrets: &IndexMap<String, Secret>, environment: &Environment) {
        let guard = SecretGuard::of_values(values(secrets, environment));
        guard.conceal(&mut self.diagnostics);
        mask_sources(&mut self.document, &guard);
    }
}

/// Whether what is written may mean another text. What does not is looked for as it is.
fn is_rewritten(written: &str) -> bool {
    written.contains(['\\', '\n', '$']) || written.contains("''")
}

/// The value alone, where its name stands before it: `PASSWORD=hunter2`.
fn value(written: &str) -> String {
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_-'\"".contains(c));
    match written.split_once('=') {
        Some((name, value)) if is_name(name) => format!("{name}={}", veil(value)),
        Some(_) | None => veil(written),
    }
}

/// As many bytes, characters and lines, that say nothing.
fn veil(text: &str) -> String {
    let veiled = |c: char| match c.len_utf8() {
        _ if c.is_whitespace() || c == '"' || c == '\'' => c,
        1 => '*',
        2 => '×',
        3 => '…',
        _ => '🔒',
    };
    text.chars().map(veiled).collect()
}

#[cfg(test)]
mod tests {
    use crate::{LoadError, Request, load, local_files};

    #[test]
    fn what_is_said_of_a_wrong_project_holds_no_secret() {
        let compose = "
services:
  web:
    image: nginx
    mem_limit: s3cret-t0ken
    dnsx: s3cret-t0ken
secrets: {t: {environment: TOKEN}}
";
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(compose.to_owned()),
            environment: [("TOKEN".to_owned(), "s3cret-t0ken".to_owned())].into(),
            ..Request::default()
        };
        let Err(LoadError::Invalid(rejected)) = load(&request) else { panic!("it is wrong") };
        let told = format!("{:?}", rejected.diagnostics);
        assert!(told.contains("dnsx") && !told.contains("s3cret"), "{told}");
        let (_, source) = rejected.document.sources().iter().next().expect("it was read");
        assert!(source.text.contains("dnsx: ************"), "{}", source.text);
    }

    #[test]
    fn no_text_of_a_document_holds_a_secret_that_was_written_into_it() {
        let compose = r#"
services:
  web:
    image: nginx # not s3cret-t0ken
    environment: [A=s3cret-t0ken, TOKEN, "C=s3cret\x2Dt0ken"]
    command: ["--key", "pg://u:s3cret-t0ken@db", "s3cret\x2Dt0ken"]
    labels:
      folded: >-
        häl1o
        w0rld-漢🦀
secrets: {t: {environment: TOKEN}, f: {environment: FOLDED}}
"#;
        let environment = [("TOKEN", "s3cret-t0ken"), ("FOLDED", "häl1o w0rld-漢🦀")];
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(compose.to_owned()),
            project_name: Some("shop".to_owned()),
            environment: environment.map(|(name, text)| (name.into(), text.into())).into(),
            ..Request::default()
        };
        let mut loaded = load(&request).expect("the project is good");
        local_files(&loaded).mask(&mut loaded.document);
        let (_, source) = loaded.document.sources().iter().next().expect("it was read");
        let expected = r#"
services:
  web:
    image: nginx # not ************
    environment: [A=************, TOKEN, "C=***************"]
    command: ["--key", "pg://u:************@db", "***************"]
    labels:
      folded: >-
        *×***
        ******…🔒
secrets: {t: {environment: TOKEN}, f: {environment: FOLDED}}
"#;
        assert_eq!(source.text, expected);
    }
}
