//! The part of a file that a snippet shows. A file may be a single line of a
//! million characters, and whoever renders a diagnostic must not go through all
//! of them.

use std::ops::Range;

/// Some lines of a file, cut where they are far from every place in question.
#[derive(Debug)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// Whether the first line lacks its beginning.
    pub(super) is_cut: bool,
    /// What was kept of the file, in its order.
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    file: Range<usize>,
    /// Where it stands in the excerpt.
    at: usize,
}

/// What stands where something is left out.
pub(super) const CUT: &str = "…";

impl Excerpt {
    /// The surroundings of places, up to so many bytes of their lines on either
    /// side of where each begins and ends. What lies between places that begin
    /// at most `near` apart is kept, with all of its lines.
    pub(super) fn of(text: &str, places: &[Range<usize>], reach: usize, near: usize) -> Self {
        let ends = places.iter().flat_map(|place| [place.start, place.end]);
        let mut around: Vec<_> = ends.map(|offset| surroundings(text, offset, reach)).collect();
        around.sort_by_key(|range| range.start);
        let mut excerpt = Self { text: String::new(), is_cut: false, kept: Vec::new() };
        for range in joined(around, near) {
            excerpt.keep(text, range);
        }
        excerpt.end(text);
        excerpt
    }

    /// Where a place of the file stands in the excerpt.
    pub(super) fn range(&self, place: &Range<usize>) -> Range<usize> {
        self.offset(place.start)..self.offset(place.end)
    }

    fn offset(&self, offset: usize) -> usize {
        let kept = self.kept.iter().rfind(|kept| kept.file.start <= offset);
        kept.map_or(0, |kept| kept.at + (offset.min(kept.file.end) - kept.file.start))
    }

    fn keep(&mut self, text: &str, file: Range<usize>) {
        if !is_line_start(text, file.start) {
            self.is_cut |= self.kept.is_empty();
            self.text += CUT;
        }
        self.kept.push(Kept { file: file.clone(), at: self.text.len() });
        self.text += &text[file];
    }

    fn end(&mut self, text: &str) {
        let rest = self.kept.last().map_or("", |kept| &text[kept.file.end..]);
        if !rest.is_empty() && !rest.starts_with(['\r', '\n']) {
            self.text += CUT;
        }
    }
}

fn is_line_start(text: &str, offset: usize) -> bool {
    offset == 0 || text.as_bytes()[offset - 1] == b'\n'
}

/// The line around an offset, as far as it is within reach.
fn surroundings(text: &str, offset: usize, reach: usize) -> Range<usize> {
    let first = text.floor_char_boundary(offset.saturating_sub(reach));
    let last = text.ceil_char_boundary(offset.saturating_add(reach));
    let start = text[first..offset].rfind('\n').map_or(first, |newline| first + newline + 1);
    let end = text[offset..last].find('\n').map_or(last, |newline| offset + newline);
    let line = &text[start..end];
    start..(start + line.strip_suffix('\r').unwrap_or(line).len()).max(offset)
}

/// Sorted ranges, with those that are near each other made one.
fn joined(ranges: Vec<Range<usize>>, near: usize) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(near) => {
                last.end = last.end.max(range.end);
            }
            Some(_) | None => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_at_the_end_of_a_file_has_a_line() {
        for (text, expected) in [("a: 1\r\n", ""), ("a: 1", "a: 1")] {
            let end = text.len()..text.len();
            assert_eq!(Excerpt::of(text, &[end], 100, 100).text, expected);
        }
    }

    #[test]
    fn short_lines_are_kept_whole() {
        let text = "a: 1\r\nb: 2\nc: 3\n";
        let excerpt = Excerpt::of(text, &[6..7, 11..12], 100, 100);
        assert_eq!((excerpt.text.as_str(), excerpt.is_cut), ("b: 2\nc: 3", false));
        assert_eq!(excerpt.range(&(11..12)), 5..6);
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let text = format!("{}bad{}", "ä".repeat(50), "ü".repeat(50));
        let excerpt = Excerpt::of(&text, std::slice::from_ref(&(100..103)), 5, 0);
        assert_eq!((excerpt.text.as_str(), excerpt.is_cut), ("…äääbadüüü…", true));
        assert_eq!(&excerpt.text[excerpt.range(&(100..103))], "bad");
    }

    #[test]
    fn a_long_place_is_cut_in_the_middle() {
        let text = format!("a: [{}]\n", "x".repeat(100));
        let excerpt = Excerpt::of(&text, std::slice::from_ref(&(3..105)), 4, 0);
        assert_eq!((excerpt.text.as_str(), excerpt.is_cut), ("a: [xxx…xxx]", false));
        assert_eq!(&excerpt.text[excerpt.range(&(3..105))], "[xxx…xxx]");
    }
}
