//! The only file that touches the file system.
#![expect(clippy::disallowed_methods, reason = "this is where files are read")]

use std::fs;
use std::io::{self, Error, ErrorKind};
use std::path::Path;
use std::string::FromUtf8Error;

use thiserror::Error as ThisError;

/// The largest file that is read: larger than any project, small enough for any
/// machine's memory.
pub const MAX_BYTES: u64 = 32 << 20;

/// The text of a file, without a byte order mark.
pub(crate) fn read(path: &str) -> io::Result<String> {
    let size = fs::metadata(path)?;
    if size.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    let bytes = if size.is_file() {
        too_large(size.len())?;
        fs::read(path)?
    } else {
        read_stream(path)?
    };
    let text = String::from_utf8(bytes).map_err(|error| NotText::of(&error))?;
    Ok(strip_mark(text))
}

/// Why bytes are no text, and the text that comes before the first wrong one.
#[derive(Debug, ThisError)]
#[error("it is not UTF-8 text")]
struct NotText {
    before: String,
}

impl NotText {
    fn of(error: &FromUtf8Error) -> Error {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let before = strip_mark(String::from_utf8_lossy(valid).into_owned());
        Error::new(ErrorKind::InvalidData, Self { before })
    }
}

/// Whether a file could be read, but what it holds is refused.
pub(crate) fn is_content(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::FileTooLarge)
}

/// What could be read of a file before something that is refused.
pub(crate) fn before(error: &Error) -> &str {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<NotText>());
    inner.map_or("", |error| &error.before)
}

/// A pipe tells its size only by ending.
fn read_stream(path: &str) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    too_large(bytes.len() as u64)?;
    Ok(bytes)
}

fn too_large(bytes: u64) -> io::Result<()> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let message = format!("it is larger than {} MiB ({MAX_BYTES} bytes)", MAX_BYTES >> 20);
    Err(Error::new(ErrorKind::FileTooLarge, message))
}

/// A text that was read elsewhere, as [`read`] would give it.
pub(crate) fn accept(text: &str) -> io::Result<String> {
    too_large(text.len() as u64)?;
    Ok(strip_mark(text.to_owned()))
}

fn strip_mark(mut text: String) -> String {
    if text.starts_with('\u{FEFF}') {
        text.drain(..'\u{FEFF}'.len_utf8());
    }
    text
}

pub(crate) fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

pub(crate) fn is_folder(path: &str) -> bool {
    Path::new(path).is_dir()
}

pub(crate) fn is_file(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_dir())
}

/// Where the first symbolic link on the way to a file leads: the part of the
/// path up to the link, and what stands for it.
pub(crate) fn first_link(path: &str) -> Option<(String, String)> {
    let link = Path::new(path)
        .ancestors()
        .filter(|part| part.is_symlink())
        .last()
        .and_then(Path::to_str)?;
    let target = fs::canonicalize(link).ok()?;
    Some((link.to_owned(), target.to_str()?.to_owned()))
}
