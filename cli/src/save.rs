//! Writing a file so that it is never seen half written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::error::CliError;

/// Writes a file, whole or not at all.
pub(crate) fn save(file: &Path, text: &str) -> Result<(), CliError> {
    let saved = match fs::metadata(file) {
        // A device or a pipe must be written to, not replaced.
        Ok(metadata) if !metadata.is_file() => fs::write(file, text),
        Ok(metadata) => {
            file.canonicalize().and_then(|file| replace(&file, text, Some(metadata.permissions())))
        }
        Err(_) => replace(file, text, None),
    };
    saved.map_err(|source| CliError::Write { file: file.to_owned(), source })
}

/// A rename within one folder happens at once.
fn replace(file: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let folder = folder(file);
    // Else the complaint would name a temporary file that nobody asked for.
    fs::metadata(&folder)?;
    let mut temporary = builder().tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    temporary.persist(file)?;
    Ok(())
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// Temporary files are private unless told otherwise; the user's umask is to
/// decide, as for any file that a command writes.
#[cfg(unix)]
fn builder() -> Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = Builder::new();
    builder.permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> Builder<'static, 'static> {
    Builder::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out.yaml");
        save(&file, "one").unwrap();
        save(&file, "two").unwrap();
        assert_eq!(contents(&file), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_symbolic_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("out.yaml"), folder.path().join("link.yaml"));
        save(&file, "one").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        save(&link, "two").unwrap();
        assert!(link.is_symlink());
        assert_eq!(contents(&file), "two");
    }

    #[test]
    fn a_folder_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = save(&folder.path().join("no/out.yaml"), "").unwrap_err();
        let CliError::Write { file, source } = error else { panic!("{error}") };
        assert!(file.ends_with("no/out.yaml"), "{}", file.display());
        assert!(!source.to_string().contains("tmp"), "{source}");
    }

    fn contents(file: &Path) -> String {
        io::read_to_string(fs::File::open(file).unwrap()).unwrap()
    }
}
