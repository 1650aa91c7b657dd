//! The values of secrets, for whoever hands them to where they are kept.
#![expect(
    clippy::disallowed_methods,
    reason = "files of secrets are read here alone, when they are about to be handed on"
)]

use std::{fmt, fs};

use indexmap::IndexMap;

use crate::load::Loaded;
use crate::local_files::MAX_SECRET;
use crate::request::Environment;
use crate::secret::Secret;

/// The value of a secret. It shows itself to nobody who does not ask for it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// The value itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// Without the space around it, which editors and `echo` leave in files.
    pub(crate) fn trimmed(&self) -> Self {
        Self(self.0.trim().to_owned())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// The values of a project's own secrets, by key. Those that cannot be read, or hold
/// no text, are missing: [`local_files`](crate::local_files) says why.
pub fn secret_values(loaded: &Loaded) -> IndexMap<String, SecretText> {
    values(&loaded.project.secrets, &loaded.environment)
}

/// The values of secrets whose project need not be right in everything else.
pub(crate) fn values(
    secrets: &IndexMap<String, Secret>,
    environment: &Environment,
) -> IndexMap<String, SecretText> {
    let value = |(key, secret): (&String, &Secret)| {
        let text = match (&secret.file, &secret.environment) {
            (Some(file), _) => text(file)?,
            (None, Some(name)) => environment.get(name)?.clone(),
            (None, None) => return None,
        };
        Some((key.clone(), SecretText(text)))
    };
    secrets.iter().filter_map(value).collect()
}

/// What is in a file, if it is one: nobody can read a pipe twice.
fn text(file: &str) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    let is_read = metadata.is_file() && metadata.len() <= MAX_SECRET;
    if is_read { fs::read_to_string(file).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Request, load};

    #[test]
    fn values_come_from_files_and_variables_and_do_not_show() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::write(folder.path().join("password"), "hunter2").expect("it can be written");
        let compose = "
services: {web: {image: nginx, secrets: [a, b, c]}}
secrets: {a: {file: ./password}, b: {environment: TOKEN}, c: {file: ./missing}}
";
        let request = Request {
            working_dir: folder.path().to_owned(),
            files: vec!["-".into()],
            stdin: Some(compose.to_owned()),
            project_name: Some("shop".to_owned()),
            environment: [("TOKEN".to_owned(), "t0p".to_owned())].into_iter().collect(),
            ..Request::default()
        };
        let values = secret_values(&load(&request).expect("the project is good"));
        let known: Vec<_> =
            values.iter().map(|(key, text)| (key.as_str(), text.reveal())).collect();
        assert_eq!(known, [("a", "hunter2"), ("b", "t0p")]);
        assert!(!format!("{values:?}").contains("hunter2"));
    }
}
