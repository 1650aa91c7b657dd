//! Text from files and names, made harmless: a terminal obeys control
//! characters, and some of them hide or turn around what stands beside them.

use std::borrow::Cow;

/// Spells out what a terminal would obey; lines and tabs stay.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_active(c) && !matches!(c, '\n' | '\t'))
}

/// Spells out what a terminal would obey, line breaks as well: a name is one
/// line.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_active)
}

/// Replaces what a terminal would obey and the renderer lets through, keeping
/// the place of every other byte: both characters take two.
pub(super) fn source(text: &str) -> Cow<'_, str> {
    let obeyed = |c| matches!(c, '\u{80}'..='\u{9f}');
    if text.contains(obeyed) { text.replace(obeyed, "\u{b7}").into() } else { text.into() }
}

fn escape(text: &str, hostile: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if !text.contains(hostile) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hostile(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    escaped.into()
}

/// Control characters, and those that turn the direction of writing.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(text("a\u{1b}[2J\tb\nc\u{9b}31m"), "a\\u{1b}[2J\tb\nc\\u{9b}31m");
        assert_eq!(line("a\nb\u{202e}"), "a\\nb\\u{202e}");
        assert_eq!(line("grün 漢字"), "grün 漢字");
    }

    #[test]
    fn a_source_keeps_its_bytes_in_place() {
        assert_eq!(source("a\u{9b}31mü"), "a·31mü");
        assert_eq!(source("a\u{9b}31mü").len(), "a\u{9b}31mü".len());
    }
}
