//! Files and diagnostics for the tests of the renderers.

use compose_model::{Diagnostic, Document, FileId, Source, Sources, Span};

use crate::ui::located::{self, Located};

/// Some files, and places in them.
#[derive(Default)]
pub(super) struct Files(Sources);

impl Files {
    /// One file.
    pub(super) fn one(name: &str, text: &str) -> (Self, FileId) {
        let mut files = Self::default();
        let file = files.add(name, text);
        (files, file)
    }

    /// Another file.
    pub(super) fn add(&mut self, name: &str, text: &str) -> FileId {
        self.0.add(Source { name: name.into(), text: text.to_owned(), secret: false })
    }

    /// A file whose text must not be shown.
    pub(super) fn add_secret(&mut self, name: &str, text: &str) -> FileId {
        self.0.add(Source { name: name.into(), text: text.to_owned(), secret: true })
    }

    /// Where some text stands.
    pub(super) fn find(&self, file: FileId, text: &str) -> Span {
        let start = self.0.get(file).text.find(text).expect("the test names text of the file");
        let offset = |offset: usize| u32::try_from(offset).expect("tests use small files");
        Span { file, start: offset(start), end: offset(start + text.len()) }
    }

    /// What a renderer makes of diagnostics about these files.
    pub(super) fn render(
        self,
        diagnostics: &[Diagnostic],
        render: impl Fn(&[Located<'_>]) -> String,
    ) -> String {
        let document = Document::from_sources(self.0);
        render(&located::sorted(&document, diagnostics, Some("/app".as_ref())))
    }
}
