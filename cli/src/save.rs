//! Writing a file so that it is never seen half written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::error::CliError;

/// Writes a file, whole or not at all. It is named in complaints as it was typed.
///
/// As with any command that writes, a symbolic link is followed and a read-only
/// file is left alone. Other hard links of the file keep what it had: to write
/// to them as well would mean to write half of it at first.
pub(crate) fn save(typed: &Path, working_dir: &Path, text: &str) -> Result<(), CliError> {
    let saved = followed(working_dir.join(typed)).and_then(|file| write(&file, text));
    saved.map_err(|source| CliError::Write { file: typed.to_owned(), source })
}

/// The most links that are followed one after the other, as on Linux.
const MOST_LINKS: usize = 40;

/// Where a path leads, which need not exist yet.
fn followed(mut file: PathBuf) -> io::Result<PathBuf> {
    for _ in 0..MOST_LINKS {
        if !file.is_symlink() {
            return Ok(file);
        }
        file = folder(&file).join(fs::read_link(&file)?);
    }
    Err(io::Error::other("it is a symbolic link to itself"))
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    match fs::metadata(file) {
        // A device or a pipe must be written to, not replaced.
        Ok(metadata) if !metadata.is_file() => fs::write(file, text),
        Ok(metadata) => {
            refuse_read_only(file, &metadata.permissions())?;
            replace(file, text, Some(metadata.permissions()))
        }
        Err(_) => replace(file, text, None),
    }
}

/// A file can be replaced by whoever may write to its folder, but who takes the
/// right to write from a file means its text.
fn refuse_read_only(file: &Path, permissions: &fs::Permissions) -> io::Result<()> {
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    fs::OpenOptions::new().write(true).open(file).map(|_| ())
}

/// A rename within one folder happens at once.
fn replace(file: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut temporary = builder().tempfile_in(folder(file)).map_err(|error| unnamed(&error))?;
    temporary.as_file_mut().write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    // Else the name might outlive a failure of power, and the text not.
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

/// What the system said, without the name of a file that nobody asked for.
fn unnamed(error: &io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|named| named.source());
    let code = inner.and_then(|inner| inner.downcast_ref()).and_then(io::Error::raw_os_error);
    code.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
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
        save_to(&file, "one").unwrap();
        save_to(&file, "two").unwrap();
        assert_eq!(contents(&file), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_symbolic_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("out.yaml"), folder.path().join("link.yaml"));
        save_to(&file, "one").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        save_to(&link, "two").unwrap();
        assert!(link.is_symlink());
        assert_eq!(contents(&file), "two");
    }

    #[test]
    #[cfg(unix)]
    fn a_symbolic_link_may_lead_to_a_file_that_is_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.yaml");
        fs::create_dir(folder.path().join("sub")).unwrap();
        std::os::unix::fs::symlink("sub/out.yaml", &link).unwrap();
        save_to(&link, "one").unwrap();
        assert!(link.is_symlink());
        assert_eq!(contents(&folder.path().join("sub/out.yaml")), "one");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.yaml");
        std::os::unix::fs::symlink("link.yaml", &link).unwrap();
        assert_eq!(refusal(&link), "it is a symbolic link to itself");
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out.yaml");
        save_to(&file, "one").unwrap();
        let mut permissions = fs::metadata(&file).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).unwrap();
        assert_eq!(refusal(&file), "it is read-only");
        assert_eq!(contents(&file), "one");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refusal(folder.path()).to_lowercase().contains("directory"));
    }

    #[test]
    fn a_complaint_names_the_file_as_it_was_typed() {
        let folder = tempfile::tempdir().unwrap();
        let error = save(Path::new("no/out.yaml"), folder.path(), "").unwrap_err();
        assert_eq!(error.to_string(), "cannot write no/out.yaml");
        let CliError::Write { source, .. } = error else { panic!("{error}") };
        assert_eq!(source.kind(), io::ErrorKind::NotFound);
        assert!(!source.to_string().contains("tmp"), "{source}");
    }

    fn save_to(file: &Path, text: &str) -> Result<(), CliError> {
        save(file, Path::new("/"), text)
    }

    fn refusal(file: &Path) -> String {
        let error = save_to(file, "two").unwrap_err();
        std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
    }

    fn contents(file: &Path) -> String {
        io::read_to_string(fs::File::open(file).unwrap()).unwrap()
    }
}
