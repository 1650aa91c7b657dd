//! The YAML parser's complaints in plain words: what is wrong, where the
//! mistake is rather than where the parser noticed it, and what to type.

mod lines;
mod quotes;

use std::ops::Range;

use self::lines::{Line, Lines};
use self::quotes::Scan;
use super::problem::{nearest, too_deep};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Why the parser stopped at a byte of a text. `info` is what it said itself.
pub(crate) fn problem(info: &str, at: usize, file: FileId, text: &str) -> Diagnostic {
    let scene = Scene { text, at: at.min(text.len()), lines: Lines(text) };
    let span =
        |range: Range<usize>| Span { file, start: range.start as u32, end: range.end as u32 };
    if info.contains("recursion limit") {
        return too_deep(span(scene.character()));
    }
    let (code, told) = match scene.template() {
        Some(told) => (TEMPLATE, told),
        None => ("yaml::syntax", scene.told(info)),
    };
    let Told { message, range, also, help } = told;
    let mut problem = Diagnostic::error(code, message).at(span(range), "");
    if let Some((range, remark)) = also {
        problem = problem.at(span(range), remark);
    }
    problem.help = help;
    problem
}

/// The first character that no YAML has, which Docker looks for in comments too.
pub(crate) fn control_character(text: &str, file: FileId) -> Option<Diagnostic> {
    let is_control = |c: char| {
        matches!(c, '\0'..' ' | '\u{fffe}' | '\u{ffff}') && !matches!(c, '\t' | '\n' | '\r')
    };
    let (start, found) = text.char_indices().find(|(_, c)| is_control(*c))?;
    let at = Span { file, start: start as u32, end: (start + found.len_utf8()) as u32 };
    let code = u32::from(found);
    let message = format!("YAML allows no control characters, and this is U+{code:04X}");
    let help = match u8::try_from(code) {
        Ok(code) => format!("remove it, or write `\\x{code:02x}` between double quotes"),
        Err(_) => "remove it".to_owned(),
    };
    Some(Diagnostic::error("yaml::syntax", message).at(at, "").help(help))
}

/// The code of what is YAML only once another tool has filled it in. Nothing
/// else that is wrong with such a file is of interest.
pub(crate) const TEMPLATE: &str = "yaml::template";

/// What to tell.
struct Told {
    message: String,
    range: Range<usize>,
    also: Option<(Range<usize>, &'static str)>,
    help: Option<String>,
}

fn told(message: impl Into<String>, range: Range<usize>, help: impl Into<String>) -> Told {
    Told { message: message.into(), range, also: None, help: Some(help.into()) }
}

/// The text, and where the parser stopped.
struct Scene<'t> {
    text: &'t str,
    at: usize,
    lines: Lines<'t>,
}

impl<'t> Scene<'t> {
    /// The first explanation that fits.
    fn told(&self, info: &str) -> Told {
        let known = self.conflict().or_else(|| self.tab()).or_else(|| self.explained(info));
        known.unwrap_or_else(|| Told {
            message: format!("this is not YAML: {info}"),
            range: self.character(),
            also: None,
            help: None,
        })
    }

    fn explained(&self, info: &str) -> Option<Told> {
        let has = |words: &[&str]| words.iter().any(|word| info.contains(word));
        let scan = Scan::new(self.text, self.at);
        if has(&["invalid trailing content"]) {
            return Some(self.after_quote(&scan));
        }
        if has(&["escape", "hexadecimal"]) {
            return self.escape();
        }
        if has(&["quoted scalar"]) {
            return Some(self.unclosed_quote(self.at));
        }
        if has(&["unexpected character", "cannot start with '-'"]) {
            return Some(self.reserved());
        }
        if has(&["anchor"]) {
            return Some(self.anchor(info));
        }
        if has(&["expected comment or line break"]) {
            let line = self.line();
            let help = "begin the text on the next line, indented deeper than its key";
            return Some(told("a text cannot begin behind its `|` or `>`", line.content(), help));
        }
        if has(&["block scalar"]) {
            return Some(self.block_scalar());
        }
        if let Some(bracket) = scan.brackets.last() {
            return Some(self.in_brackets(*bracket, scan.brackets.len()));
        }
        if has(&["misplaced bracket", "',' or"]) {
            return Some(told("this bracket closes nothing", self.character(), "remove it"));
        }
        if has(&["mapping values", "simple key", "':' indicator"]) {
            return self.colon();
        }
        let out_of_line =
            ["expected key", "'-' indicator", "sequence entries", "indentation", "document"];
        has(&out_of_line).then(|| self.out_of_line())
    }

    /// What Git leaves in a file for its author to decide.
    fn conflict(&self) -> Option<Told> {
        let marked = |line: &Line<'_>| {
            line.text.starts_with("<<<<<<< ") || line.text.starts_with(">>>>>>> ")
        };
        let line = self.lines.iter().find(marked)?;
        let help =
            "keep one of the two sides, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`";
        Some(told("a merge conflict was not resolved", line.range(), help))
    }

    /// A statement of a template, or `{{ value }}` with more behind it: neither is
    /// YAML, so that one of them ended the reading if it stands above.
    fn template(&self) -> Option<Told> {
        let end = self.line().start;
        let mut lines = self.lines.iter().take_while(|line| line.start <= end);
        let range = lines.find_map(|line| self.template_in(&line))?;
        let help = "for a variable write `${NAME}`; if a tool such as Helm or Jinja makes the file, \
                    give Compose what the tool has made";
        Some(told("this is a template, and Compose fills in only `${NAME}`", range, help))
    }

    fn template_in(&self, line: &Line<'t>) -> Option<Range<usize>> {
        let marks = [("{{", "}}"), ("{%", "%}"), ("<%", "%>")];
        let range = line.entry();
        let entry = &self.text[range.clone()];
        let value = entry.find(": ").map_or(0, |colon| colon + 2);
        marks.iter().find_map(|(open, close)| {
            let start = [0, value].into_iter().find(|start| entry[*start..].starts_with(open))?;
            let end = start + entry[start..].find(close)? + close.len();
            let is_yaml = (start > 0 && end == entry.len()) || self.is_in_block(line);
            (!is_yaml).then_some(range.start + start..range.start + end)
        })
    }

    /// Whether a line is part of a block of text, where all is allowed.
    fn is_in_block(&self, line: &Line<'t>) -> bool {
        let mut above = self.lines.before(line).filter(|line| !line.is_blank());
        let key = above.find(|above| above.indent() < line.indent());
        key.is_some_and(|key| {
            key.text.trim_end().trim_end_matches(['-', '+']).ends_with(['|', '>'])
        })
    }

    fn tab(&self) -> Option<Told> {
        let here = self.line();
        let next = self.lines.after(&here).find(|line| !line.is_blank());
        let tab = [Some(here), next].into_iter().flatten().find_map(|line| {
            let indent = line.text.len() - line.text.trim_start().len();
            let tab = line.text[..indent].find('\t')?;
            Some(line.start + tab..line.start + indent)
        })?;
        Some(told(
            "a line is indented with a tab",
            tab,
            "indent with spaces: YAML allows no tabs there",
        ))
    }

    /// `"one" two`
    fn after_quote(&self, scan: &Scan) -> Told {
        let opening = scan.quoted.as_ref().map(|quoted| quoted.start);
        if let (Some(quoted), Some(start)) = (&scan.quoted, opening)
            && self.text[quoted.clone()].contains('\n')
        {
            return self.unclosed_quote(start);
        }
        let line = self.line();
        let rest = self.at..line.content_end().max(self.at);
        if !scan.brackets.is_empty() {
            return told("a comma is missing", self.character(), "write `, ` before this");
        }
        if self.text[rest.clone()].trim() == "," {
            return told("a comma stands behind a value", rest, "remove it: a line needs none");
        }
        let start = opening.map_or(self.at, |start| start.min(self.at));
        let whole = quotes::requoted(&self.text[start..rest.end]);
        let help = format!("quote all of it, or nothing: `{whole}`");
        told("something follows the closing quote", rest, help)
    }

    fn unclosed_quote(&self, start: usize) -> Told {
        let line = self.lines.at(start);
        let range = start..line.content_end().max(start);
        let quote = &self.text[range.clone()];
        let quote = &quote[..quote.chars().next().map_or(0, char::len_utf8)];
        let inside = &self.text[range.start + quote.len()..range.end];
        let closed = !inside.contains(|c| ",[]{}".contains(c) || quote.contains(c));
        Told {
            message: "a quote is opened and never closed".into(),
            help: closed.then(|| format!("close it: `{quote}{inside}{quote}`")),
            also: None,
            range,
        }
    }

    fn escape(&self) -> Option<Told> {
        let (start, length) = quotes::bad_escape(&self.text[self.at..])?;
        let range = self.at + start..self.at + start + length;
        let escape = &self.text[range.clone()];
        let message = format!("`{escape}` means nothing between double quotes");
        let help = "use single quotes, where `\\` is an ordinary character, or write `\\\\`";
        let digits = match escape.as_bytes() {
            [_, b'x', ..] => 2,
            [_, b'u', ..] => 4,
            [_, b'U', ..] => 8,
            _ => return Some(told(message, range, help)),
        };
        let message = format!("`{escape}` needs {digits} hexadecimal digits");
        Some(told(
            message,
            range,
            format!("for a plain `\\` {help}; for a character add the digits"),
        ))
    }

    /// `@value`, and other characters that YAML keeps for itself.
    fn reserved(&self) -> Told {
        let range = self.value(self.at);
        let value = &self.text[range.clone()];
        let first = value.chars().next().unwrap_or_default();
        let help = format!("put quotes around it: `{}`", quotes::quoted(value));
        told(format!("a value cannot begin with `{first}`"), range, help)
    }

    /// `*name` where nothing is called so.
    fn anchor(&self, info: &str) -> Told {
        let range = self.value(self.at);
        let value = &self.text[range.clone()];
        let name = value.trim_start_matches(['*', '&']);
        if !info.contains("unknown anchor") || name.contains(['*', '.', '/', ' ']) {
            let help = format!("for a text, put quotes around it: `{}`", quotes::quoted(value));
            return told(format!("`{value}` is not the name of an anchor"), range, help);
        }
        let is_named = |rest: &str| rest.split_whitespace().next() == Some(name);
        if self.text[self.at..].split('&').skip(1).any(is_named) {
            let message = format!("`&{name}` stands below this place");
            return told(message, range, format!("move what `&{name}` names above this line"));
        }
        let anchors = self.text[..self.at]
            .split('&')
            .skip(1)
            .filter_map(|rest| rest.split_whitespace().next());
        let help = match nearest(name, anchors) {
            Some(known) => format!("did you mean `*{known}`?"),
            None => format!("write `&{name}` before the value that is meant, above this place"),
        };
        told(format!("no anchor is called `{name}`"), range, help)
    }

    fn block_scalar(&self) -> Told {
        let line = self.line();
        told(
            "this line does not fit the block of text that it stands in",
            line.content(),
            "indent every line of the text alike, deeper than its key",
        )
    }

    fn in_brackets(&self, opening: usize, depth: usize) -> Told {
        let bracket = &self.text[opening..=opening];
        let closing = if bracket == "[" { "]" } else { "}" };
        let line = self.line();
        let before = &self.text[opening..self.at];
        if depth == 1 && !before.contains('\n') && self.at < line.content_end() {
            let help = "separate entries by `, `, and quote a value that contains `: ` or brackets";
            return told(
                format!("this does not fit between `{bracket}` and `{closing}`"),
                self.character(),
                help,
            );
        }
        if let Some(range) = self.no_comma(opening) {
            return told(
                "a comma is missing behind this",
                range,
                "write `,` at the end of the line",
            );
        }
        // What looks like a comment may stand before it.
        let end = self.lines.at(opening).content_end().max(opening + 1);
        told(
            format!("a `{bracket}` is never closed"),
            opening..end,
            format!("write `{closing}` where it ends"),
        )
    }

    /// What stands above a line that is still between brackets, and has no comma.
    fn no_comma(&self, opening: usize) -> Option<Range<usize>> {
        let line = self.line();
        let above = self.lines.before(&line).find(|above| !above.is_blank())?;
        let inside = line.indent() > self.lines.at(opening).indent();
        let entry = &self.text[above.entry()];
        let ends = entry.ends_with([',', '[', '{']) || above.start <= opening;
        let begins = self.text[line.entry()].starts_with([']', '}']);
        (inside && !ends && !begins).then(|| above.content())
    }

    /// `a: b: c`, or a line that the parser took for a part of the one above.
    fn colon(&self) -> Option<Told> {
        let line = self.line();
        let entry = line.entry();
        if let Some(colon) =
            self.text[entry.clone()].find(": ").filter(|colon| entry.start + colon < self.at)
        {
            let value = self.value(entry.start + colon + 2);
            let help =
                format!("put quotes around it: `{}`", quotes::quoted(&self.text[value.clone()]));
            return Some(told("a value with `: ` in it needs quotes", value, help));
        }
        let above = self.unfinished(&line)?;
        let range = above.entry();
        if let Some(key) = self.opens_block(&above) {
            let message = format!("this line belongs to the text of `{key}`");
            return Some(told(message, range, format!("indent the text deeper than `{key}:`")));
        }
        let entry = &self.text[range.clone()];
        if self.has_colon(&above) || entry.starts_with(['"', '\'']) {
            return Some(self.too_deep(&line, &above));
        }
        Some(match entry.split_once(':') {
            Some((key, value)) if !value.starts_with("//") => {
                told("a space is missing after `:`", range, format!("write `{key}: {value}`"))
            }
            Some(_) | None if self.is_beside_item(&above) => {
                told("a `- ` is missing before this item", range, format!("write `- {entry}`"))
            }
            Some(_) | None => {
                told(format!("`{entry}` has no `:`"), range, format!("write `{}`", keyed(entry)))
            }
        })
    }

    /// The key of the line above, if a block of text is to begin behind it.
    fn opens_block(&self, line: &Line<'t>) -> Option<&'t str> {
        let above = self.lines.before(line).find(|above| !above.is_blank())?;
        let (key, mark) = self.text[above.entry()].split_once(": ")?;
        let is_mark = matches!(mark.trim_end_matches(['-', '+']), "|" | ">");
        (is_mark && above.column() >= line.column()).then_some(key)
    }

    /// Whether the line above is an item, and begins in the same column.
    fn is_beside_item(&self, line: &Line<'t>) -> bool {
        let above = self.lines.before(line).find(|above| !above.is_blank());
        above.is_some_and(|above| above.is_item() && above.indent() == line.indent())
    }

    /// The line above that was to be a key: the first of those without a colon,
    /// as YAML reads deeper ones as a part of it.
    fn unfinished(&self, line: &Line<'t>) -> Option<Line<'t>> {
        let mut above = self.lines.before(line).filter(|line| !line.is_blank());
        let mut found = above.next()?;
        for line in above {
            let deeper = line.indent() < found.indent();
            let alike = line.indent() == found.indent() && !line.is_item() && !found.is_item();
            if self.has_colon(&found) || self.has_colon(&line) || !(deeper || alike) {
                break;
            }
            found = line;
        }
        Some(found)
    }

    fn has_colon(&self, line: &Line<'t>) -> bool {
        let entry = &self.text[line.entry()];
        entry.contains(": ") || entry.ends_with(':')
    }

    fn too_deep(&self, line: &Line<'t>, above: &Line<'t>) -> Told {
        let entry = line.entry();
        let key = self.text[entry.clone()].split(':').next().unwrap_or_default();
        let column = above.column();
        Told {
            message: format!("`{key}` is indented too deep"),
            range: entry.start..entry.start + key.len(),
            also: Some((above.entry(), "this has a value already")),
            help: Some(format!("indent it by {}, like the line above", spaces(column))),
        }
    }

    /// A line that begins in no column that a line above began.
    fn out_of_line(&self) -> Told {
        let line = self.line();
        let open = self.lines.open_columns(&line);
        let indent = line.indent();
        if open.contains(&indent) {
            return self.wrong_entry(&line);
        }
        let above = self.lines.before(&line).find(|line| !line.is_blank());
        if let Some(above) = above.filter(|above| above.column() < indent)
            && self.text[above.entry()].contains(": ")
        {
            return self.too_deep(&line, &above);
        }
        let range = line.content();
        let fitting: Vec<String> = [
            open.iter().filter(|column| **column < indent).max(),
            open.iter().filter(|column| **column > indent).min(),
        ]
        .into_iter()
        .flatten()
        .map(usize::to_string)
        .collect();
        let help = format!("indent it by {} spaces, not {indent}", fitting.join(" or "));
        told("this line is indented like none above it", range, help)
    }

    fn wrong_entry(&self, line: &Line<'t>) -> Told {
        let range = line.content();
        if line.text[line.indent()..].starts_with("- ") {
            let above = self.lines.before(line).find(|line| !line.is_blank());
            if let Some(above) = above.filter(|above| above.is_item()) {
                let help = format!("indent it by {}, like the item above", spaces(above.indent()));
                return told("a list item is indented too deep", range, help);
            }
            let help = "remove the `- `, or indent it deeper than the key that it belongs to";
            return told("a list item stands among keys", range, help);
        }
        if self.text[range.clone()].contains(": ") || self.text[range.clone()].ends_with(':') {
            let help = "put `- ` before it, or indent it like the keys that it belongs with";
            return told("a key stands among the items of a list", range, help);
        }
        let text = &self.text[range.clone()];
        told(
            format!("`{text}` has no `:`"),
            range.clone(),
            format!("write `{}`, or remove it", keyed(text)),
        )
    }

    fn line(&self) -> Line<'t> {
        self.lines.at(self.at)
    }

    fn character(&self) -> Range<usize> {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        self.at..self.at + length
    }

    /// A plain value, up to the end of its line.
    fn value(&self, start: usize) -> Range<usize> {
        let line = self.lines.at(start);
        let end = line.content_end().max(start);
        let in_brackets = !Scan::new(self.text, start).brackets.is_empty();
        let value = &self.text[start..end];
        let length = if in_brackets { value.find([',', ']', '}']) } else { None };
        let value = &value[..length.unwrap_or(value.len())];
        start..start + value.trim_end().len()
    }
}

/// A key that lacks its colon, with one: `image nginx`, `image=nginx`.
fn keyed(entry: &str) -> String {
    let separator = |c: char| c.is_whitespace() || c == '=';
    match entry.split_once(separator) {
        Some((key, value)) => format!("{key}: {}", value.trim_start_matches(separator)),
        None => format!("{entry}:"),
    }
}

fn spaces(count: usize) -> String {
    match count {
        0 => "nothing".to_owned(),
        1 => "one space".to_owned(),
        count => format!("{count} spaces"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::diagnostic::Place;
    use crate::load::parse;
    use crate::source::{Source, Sources};

    proptest! {
        #[test]
        fn every_place_is_one_of_the_text(text in "(( {0,6}|\t)(- )?[a-zäß]{0,3}(: ?)?([&*!|>@%\"'{\\[]?[a-z\\\\ü#:,'\" ]{0,6}[\"'\\]}]?)?\r?\n){0,6}") {
            prop_assert!(places_are_of(&text));
        }
    }

    #[test]
    fn a_bracket_behind_what_looks_like_a_comment_has_a_place() {
        let text = "ports: [\"9a: {image:b  #x:, command:  \":b\",  check: {interval: soo c::d]}\n";
        assert!(places_are_of(&format!("{text}  \nn}}\n")));
    }

    fn places_are_of(text: &str) -> bool {
        let mut sources = Sources::default();
        let source = Source { name: "-".into(), text: text.to_owned(), secret: false };
        let file = sources.add(source);
        let mut problems = Vec::new();
        parse(&sources, file, &mut problems);
        problems.iter().flat_map(|problem| &problem.labels).all(|label| {
            let Place::Span(span) = label.place else { panic!("a place in the text") };
            text.get(span.start as usize..span.end as usize).is_some()
        })
    }
}
