//! Paths as text: those of a container need not follow the rules of the
//! machine that this runs on.

/// Whether Windows would say that a path is absolute: on a drive, on a share,
/// or a device.
pub fn is_windows_absolute(path: &str) -> bool {
    let volume = windows_volume(path);
    let is_separator_at = |index| path.as_bytes().get(index).is_some_and(is_separator);
    volume > 0 && (is_separator_at(0) && is_separator_at(1) || is_separator_at(volume))
}

/// The shortest path that means the same, without looking at the file system:
/// `a//./b/..` is `a`, and nothing is `.`.
pub fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            ".." if rooted => {}
            _ => kept.push(part),
        }
    }
    match kept.join("/") {
        path if rooted => format!("/{path}"),
        path if path.is_empty() => ".".to_owned(),
        path => path,
    }
}

/// A path below another, clean. An absolute path below another loses its root.
pub fn join_path(base: &str, path: &str) -> String {
    match (base, path) {
        ("", "") => String::new(),
        ("", path) | (path, "") => clean_path(path),
        (base, path) => clean_path(&format!("{base}/{path}")),
    }
}

/// The way from one folder to a path, as both are written; the path itself if
/// nothing says how they are related.
pub fn relative_path(base: &str, path: &str) -> String {
    let (base, path) = (clean_path(base), clean_path(path));
    let same = components(&base).zip(components(&path)).take_while(|(a, b)| a == b).count();
    let up = components(&base).skip(same);
    if base.starts_with('/') != path.starts_with('/') || up.clone().any(|part| part == "..") {
        return path;
    }
    let way: Vec<_> = up.map(|_| "..").chain(components(&path).skip(same)).collect();
    clean_path(&way.join("/"))
}

fn components(clean: &str) -> impl Iterator<Item = &str> + Clone {
    clean.split('/').filter(|part| !matches!(*part, "" | "."))
}

fn is_separator(byte: &u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// The length of a path's drive, share or device, in bytes.
fn windows_volume(path: &str) -> usize {
    let bytes = path.as_bytes();
    if bytes.get(1) == Some(&b':') {
        return 2;
    }
    if has_prefix(bytes, br"\\.\UNC") {
        return share_end(bytes, br"\\.\UNC\".len());
    }
    if [br"\\.", br"\\?", br"\??"].iter().any(|prefix| has_prefix(bytes, *prefix)) {
        return device_end(bytes);
    }
    if is_share(bytes) { share_end(bytes, 2) } else { 0 }
}

fn is_share(bytes: &[u8]) -> bool {
    bytes.len() >= 2 && bytes[..2].iter().all(is_separator)
}

/// Whether a path begins with these elements, in any case and with separators
/// of either kind.
fn has_prefix(path: &[u8], prefix: &[u8]) -> bool {
    let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || is_separator(a) && is_separator(b);
    path.len() >= prefix.len()
        && path.iter().zip(prefix).all(same)
        && path.get(prefix.len()).is_none_or(is_separator)
}

/// Where the second element after the prefix begins: the share follows the host.
fn share_end(path: &[u8], prefix: usize) -> usize {
    let mut separators = (prefix..path.len()).filter(|index| is_separator(&path[*index]));
    separators.nth(1).unwrap_or(path.len())
}

/// The element after the prefix of a device belongs to it.
fn device_end(path: &[u8]) -> usize {
    let separator = path.iter().skip(4).position(is_separator);
    separator.map_or(path.len(), |index| index + 4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn drives_shares_and_devices_are_absolute() {
        let absolute = [
            "z:\\",
            "C:/x",
            r"\\host\share",
            "//host/share/x",
            r"\\.\pipe\engine",
            r"\\?\c:\x",
            r"\??\c:\x",
            r"\\.\unc\host\share\x",
            "//",
        ];
        for path in absolute {
            assert!(is_windows_absolute(path), "{path}");
        }
        for path in ["", "x", "c:", "c:x", "/", "/x", r"\x", "é:\\x", r"\??"] {
            assert!(!is_windows_absolute(path), "{path}");
        }
    }

    #[test]
    fn cleaning_removes_what_means_nothing() {
        let cases = [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//a//b/", "/a/b"),
            ("./a/./b", "a/b"),
            ("a/b/..", "a"),
            ("a/..", "."),
            ("a/../..", ".."),
            ("../../a", "../../a"),
            ("/../a", "/a"),
            ("/a/../../b", "/b"),
            ("...", "..."),
        ];
        for (path, clean) in cases {
            assert_eq!(clean_path(path), clean, "{path}");
        }
    }

    #[test]
    fn joining_ignores_what_is_empty() {
        let cases = [
            ("", "", ""),
            ("a", "", "a"),
            ("", "b/", "b"),
            ("/a", "b", "/a/b"),
            ("/a", "../b", "/b"),
            ("/a", "/b", "/a/b"),
        ];
        for (base, path, joined) in cases {
            assert_eq!(join_path(base, path), joined, "{base} and {path}");
        }
    }

    #[test]
    fn the_way_to_a_path_leads_up_and_down() {
        let cases = [
            ("/a", "/a", "."),
            ("/a", "/a/b/c", "b/c"),
            ("/a/b", "/a", ".."),
            ("/a/b", "/c", "../../c"),
            ("/", "/a", "a"),
            ("a", "b", "../b"),
            (".", "a/../b", "b"),
            ("..", "../a", "a"),
            ("/a", "b", "b"),
            ("../a", "b", "b"),
            ("..", "b", "b"),
        ];
        for (base, path, way) in cases {
            assert_eq!(relative_path(base, path), way, "{base} to {path}");
        }
    }

    proptest! {
        #[test]
        fn the_way_to_a_path_leads_there(base in "/[a./]{0,8}", path in "/[ab./]{0,8}") {
            let there = join_path(&base, &relative_path(&base, &path));
            prop_assert_eq!(there, clean_path(&path));
        }


        #[test]
        fn a_clean_path_stays_as_it_is(path in "[a./]{0,16}|\\PC*") {
            let clean = clean_path(&path);
            prop_assert_eq!(clean_path(&clean), clean);
        }

        #[test]
        fn any_text_is_absolute_or_not(path in "[a:/\\\\.?]{0,12}|\\PC*") {
            let _ = is_windows_absolute(&path);
        }
    }
}
