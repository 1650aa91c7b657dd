//! Text from files and names, made harmless: a terminal obeys control
//! characters, and some of them hide or turn around what stands beside them.

use std::borrow::Cow;

use crate::ui::excerpt::CUT;

/// Spells out what a terminal would obey; lines and tabs stay.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_active(c) && !matches!(c, '\n' | '\t'))
}

/// Spells out what a terminal would obey, line breaks as well: a name is one
/// line.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_active)
}

/// Spells out what a terminal would obey, except for colours.
pub(super) fn with_colors(text: &str) -> String {
    colors(text, |sequence, shown| shown.push_str(sequence))
}

/// Takes colours out, and spells out what else a terminal would obey.
pub(super) fn without_colors(text: &str) -> String {
    colors(text, |_, _| {})
}

fn colors(text: &str, color: impl Fn(&str, &mut String)) -> String {
    let harmless = |text: &str, shown: &mut String| {
        shown.push_str(&escape(text, |c| is_active(c) && c != '\t'));
    };
    let mut shown = String::with_capacity(text.len());
    let mut pieces = text.split('\u{1b}');
    harmless(pieces.next().unwrap_or_default(), &mut shown);
    for piece in pieces {
        let length = color_length(piece);
        match length {
            0 => shown += "\\u{1b}",
            length => color(&format!("\u{1b}{}", &piece[..length]), &mut shown),
        }
        harmless(&piece[length..], &mut shown);
    }
    shown
}

/// How much of a text belongs to the escape sequence before it, if that is one for
/// colours and the like: `[1;31m`.
fn color_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix('[') else { return 0 };
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | ';' | ':'));
    end.filter(|end| rest[*end..].starts_with('m')).map_or(0, |end| end + 2)
}

/// Replaces what a terminal would obey and the renderer lets through, keeping
/// the place of every other byte: both characters take two.
pub(super) fn source(text: &str) -> Cow<'_, str> {
    let obeyed = |c| matches!(c, '\u{80}'..='\u{9f}');
    if text.contains(obeyed) { text.replace(obeyed, "\u{b7}").into() } else { text.into() }
}

/// The longest piece of a file that a sentence repeats, and the longest text.
const LONGEST_PIECE: usize = 200;
const LONGEST_TEXT: usize = 4000;

/// Shortens what a sentence repeats of a file, which may be all of it. Most of
/// that stands between backquotes, and no sentence of ours is long without them.
pub(super) fn short(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_PIECE {
        return text.into();
    }
    let pieces = text.split('`').map(|piece| up_to(piece, LONGEST_PIECE));
    let text = pieces.collect::<Vec<_>>().join("`");
    up_to(&text, LONGEST_TEXT).into_owned().into()
}

/// A text without its middle, if it is long: both ends may tell where it is from.
pub(super) fn up_to(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return text.into();
    }
    let start = text.floor_char_boundary(longest * 3 / 4);
    let end = text.ceil_char_boundary(text.len() - longest / 4);
    format!("{}{CUT}{}", &text[..start], &text[end..]).into()
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
    fn colours_pass_and_nothing_else_does() {
        let cases = [
            ("a\tb", "a\tb", "a\tb"),
            ("\u{1b}[31mred\u{1b}[m", "\u{1b}[31mred\u{1b}[m", "red"),
            ("\u{1b}[38;5;1m\u{1b}[2J", "\u{1b}[38;5;1m\\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{1b}", "\\u{1b}", "\\u{1b}"),
            ("\u{1b}[", "\\u{1b}[", "\\u{1b}["),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}31mx\r", "\\u{9b}31mx\\r", "\\u{9b}31mx\\r"),
        ];
        for (text, colored, colorless) in cases {
            assert_eq!(with_colors(text), colored, "{text:?}");
            assert_eq!(without_colors(text), colorless, "{text:?}");
        }
    }

    #[test]
    fn only_what_is_long_is_shortened() {
        let piece = format!("begin{}end", "ü".repeat(1000));
        let cut = format!("begin{}…{}end", "ü".repeat(72), "ü".repeat(23));
        assert_eq!(short("`web` is unknown"), "`web` is unknown");
        assert_eq!(short(&format!("`{piece}` is unknown")), format!("`{cut}` is unknown"));
        assert_eq!(short(&format!("not `{piece}`, but `a`")), format!("not `{cut}`, but `a`"));
        assert!(short(&"`ab`".repeat(1_000_000)).len() <= LONGEST_TEXT + CUT.len());
    }

    #[test]
    fn a_source_keeps_its_bytes_in_place() {
        assert_eq!(source("a\u{9b}31mü"), "a·31mü");
        assert_eq!(source("a\u{9b}31mü").len(), "a\u{9b}31mü".len());
    }
}
