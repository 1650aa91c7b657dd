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
    decode(bytes)
}

/// A text without the mark that says how it is written. The editors and shells of
/// Windows write UTF-16, which YAML allows.
fn decode(bytes: Vec<u8>) -> io::Result<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xFF, 0xFE]) => u16::from_le_bytes,
        Some([0xFE, 0xFF]) => u16::from_be_bytes,
        Some(_) | None => {
            let text = String::from_utf8(bytes).map_err(|error| NotText::of(&error))?;
            return Ok(strip_mark(text));
        }
    };
    let (pairs, rest) = bytes[2..].as_chunks::<2>();
    let text: Result<String, _> =
        char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    let whole = rest.is_empty().then_some(text).and_then(Result::ok);
    whole.ok_or_else(|| Error::new(ErrorKind::InvalidData, NotText { before: String::new() }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_how_a_text_is_written() {
        let utf_16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{FEFF}a: \u{20AC}".encode_utf16().flat_map(unit).collect()
        };
        let texts = [
            "a: \u{20AC}".as_bytes().to_vec(),
            "\u{FEFF}a: \u{20AC}".as_bytes().to_vec(),
            utf_16(u16::to_le_bytes),
            utf_16(u16::to_be_bytes),
        ];
        for bytes in texts {
            assert_eq!(decode(bytes).expect("it is text"), "a: \u{20AC}");
        }
        for bytes in [vec![0xFF, 0xFE, b'a'], vec![0xFE, 0xFF, 0xD8, 0x00], vec![b'a', 0xFF]] {
            assert!(decode(bytes).is_err());
        }
    }
}
