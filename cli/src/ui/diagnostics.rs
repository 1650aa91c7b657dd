//! Renders diagnostics for people, as rustc does.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use compose_model::Severity;

use crate::ui::excerpt::Excerpt;
use crate::ui::failure::{ERROR, WARNING};
use crate::ui::located::{Located, Spot};
use crate::ui::plain;

/// How wide a line may get where no terminal says so.
const WIDTH: usize = 140;

/// Narrower than this, snippets would be cut to nothing.
const SMALLEST_WIDTH: usize = 60;

/// Columns farther apart than this go into separate snippets: no line could show
/// both.
const FAR: usize = 80;

/// So do places with this many bytes between them: whoever renders a snippet goes
/// through all of its lines, though it shows but a few.
const FAR_BYTES: usize = 4096;

/// Stands in a header between the place that a reader shall see and the one that
/// the renderer counted in what it was given. No text that is shown has it.
const SEEN: char = '\0';

/// Every diagnostic, and a line that counts them.
pub(super) fn text(located: &[Located<'_>], width: Option<usize>) -> String {
    let width = width.unwrap_or(WIDTH).max(SMALLEST_WIDTH);
    let renderer = Renderer::styled().term_width(width);
    let mut text = String::new();
    for located in located {
        text += &diagnostic(located, &renderer, width);
        text += "\n\n";
    }
    text.extend(summary(located));
    text
}

fn diagnostic(located: &Located<'_>, renderer: &Renderer, width: usize) -> String {
    let message = plain::text(&located.message);
    let help = located.help.as_deref().map(plain::text);
    let spots = together(&located.spots);
    let group = level(located.severity)
        .primary_title(message)
        .id(located.code)
        .elements(spots.iter().flat_map(|spots| elements(spots, width)))
        .elements(help.map(|help| Level::HELP.message(help)));
    seen(renderer.render(&[group]))
}

/// Headers without what the renderer counted.
fn seen(text: String) -> String {
    if !text.contains(SEEN) {
        return text;
    }
    let counted = |c: char| c == ':' || c.is_ascii_digit();
    let mut parts = text.split(SEEN);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(counted))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The labels that go into one snippet: those of a file, unless they are so far
/// apart that it could not show them both.
fn together<'a, 'b>(spots: &'b [Spot<'a>]) -> Vec<Vec<&'b Spot<'a>>> {
    let mut groups: Vec<Vec<&Spot<'_>>> = Vec::new();
    for spot in spots {
        let near = |other: &&Spot<'_>| {
            other.file == spot.file
                && other.start.column.abs_diff(spot.start.column) <= FAR
                && other.range.start.abs_diff(spot.range.start) <= FAR_BYTES
        };
        match groups.iter_mut().find(|group| group.iter().all(near)) {
            Some(group) => group.push(spot),
            None => groups.push(vec![spot]),
        }
    }
    groups
}

fn elements<'a>(spots: &[&Spot<'a>], width: usize) -> Vec<Element<'a>> {
    match snippet(spots, width) {
        Some(snippet) => vec![snippet.into()],
        None => spots.iter().flat_map(|spot| secret(spot)).collect(),
    }
}

/// A secret's place, without its text.
fn secret<'a>(spot: &Spot<'a>) -> Vec<Element<'a>> {
    let origin = Origin::path(plain::line(&spot.name).into_owned())
        .line(spot.start.line)
        .char_column(spot.start.column);
    let remark = plain::text(&spot.remark);
    if remark.is_empty() {
        return vec![origin.into()];
    }
    vec![origin.into(), Level::NOTE.message(remark.into_owned()).into()]
}

fn snippet<'a>(spots: &[&Spot<'a>], width: usize) -> Option<Snippet<'a, Annotation<'a>>> {
    let text = spots.first()?.text()?;
    let first = spots.iter().min_by_key(|spot| spot.range.start)?;
    let lines: Vec<_> = spots.iter().map(|spot| first_line(text, &spot.range)).collect();
    // Two bytes for a column, so that more is kept than the renderer will show.
    let excerpt = Excerpt::of(text, &lines, 2 * width, FAR_BYTES);
    let places = lines.iter().map(|line| excerpt.range(line));
    let annotations = spots.iter().zip(places).map(|(spot, place)| annotation(spot, place));
    let snippet = Snippet::source(plain::source(&excerpt.text).into_owned())
        .line_start(first.start.line)
        .annotations(annotations);
    let header = spots.iter().find(|spot| spot.primary).unwrap_or(first);
    Some(snippet.path(path(header, excerpt.is_cut)))
}

/// The renderer adds line and column, but counts in what is left of a line.
fn path(spot: &Spot<'_>, is_cut: bool) -> String {
    let name = plain::line(&spot.name);
    if !is_cut {
        return name.into_owned();
    }
    format!("{name}:{}:{}{SEEN}", spot.start.line, spot.start.column)
}

fn annotation<'a>(spot: &Spot<'a>, place: Range<usize>) -> Annotation<'a> {
    let kind = if spot.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let remark = Some(plain::text(&spot.remark)).filter(|remark| !remark.is_empty());
    kind.span(place).label(remark.map(Cow::into_owned))
}

/// Of a mapping over twenty lines, its first says enough.
fn first_line(text: &str, range: &Range<usize>) -> Range<usize> {
    let place = &text[range.clone()];
    let line = place.split('\n').next().unwrap_or(place);
    range.start..range.start + line.trim_end().len()
}

/// One line that says what came of it.
fn summary(located: &[Located<'_>]) -> Option<String> {
    let of = |severity| located.iter().filter(move |it| it.severity == severity);
    let errors = of(Severity::Error).count();
    let warnings = count(of(Severity::Warning).count(), "warning");
    let name = match errors {
        0 => names(of(Severity::Warning)),
        _ => names(of(Severity::Error)),
    };
    match (count(errors, "problem"), warnings) {
        (None, None) => None,
        (None, Some(warnings)) => {
            Some(format!("{WARNING}warning{WARNING:#}: {name} can be used, with {warnings}\n"))
        }
        (Some(problems), None) => {
            Some(format!("{ERROR}error{ERROR:#}: {name} was refused: {problems}\n"))
        }
        (Some(problems), Some(warnings)) => {
            Some(format!("{ERROR}error{ERROR:#}: {name} was refused: {problems}, {warnings}\n"))
        }
    }
}

fn count(number: usize, noun: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{number} {noun}s")),
    }
}

/// The file that it is about; the project, when it is about several.
fn names<'a>(located: impl Iterator<Item = &'a Located<'a>>) -> String {
    let names: BTreeSet<_> =
        located.filter_map(|it| it.spots.first()).map(|spot| spot.name.as_str()).collect();
    match names.first() {
        Some(name) if names.len() == 1 => plain::line(name).into_owned(),
        Some(_) | None => "the project".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use compose_model::{Diagnostic, Path, Span};

    use super::*;
    use crate::ui::sample::Files;

    const WEB: &str = "services:\n  web:\n    image: nginx\n    privileged: true\n";

    #[test]
    fn one_file() {
        let (files, file) = Files::one("/app/compose.yaml", WEB);
        let diagnostic = privileged().at(files.find(file, "true"), "asked for here");
        insta::assert_snapshot!(show(files, &[diagnostic.help("remove it")]), @"
        error[ecs::privileged]: Fargate runs no privileged containers
         --> compose.yaml:4:17
          |
        4 |     privileged: true
          |                 ^^^^ asked for here
          |
          = help: remove it

        error: compose.yaml was refused: 1 problem
        ");
    }

    #[test]
    fn two_labels_in_one_file() {
        let (files, file) = Files::one("compose.yaml", WEB);
        let diagnostic = privileged()
            .at(files.find(file, "privileged"), "asked for here")
            .at(files.find(file, "web"), "by this service");
        insta::assert_snapshot!(show(files, &[diagnostic]), @"
        error[ecs::privileged]: Fargate runs no privileged containers
         --> compose.yaml:4:5
          |
        2 |   web:
          |   --- by this service
        3 |     image: nginx
        4 |     privileged: true
          |     ^^^^^^^^^^ asked for here

        error: compose.yaml was refused: 1 problem
        ");
    }

    #[test]
    fn labels_in_two_files() {
        let (mut files, base) = Files::one("compose.yaml", WEB);
        let over = files.add("over.yaml", "services:\n  web:\n    image: !reset 1\n");
        let diagnostic = Diagnostic::warning("compose::conflict", "the image is set twice")
            .at(files.find(over, "!reset 1"), "overrides")
            .at(files.find(base, "nginx"), "what is set here");
        insta::assert_snapshot!(show(files, &[diagnostic]), @"
        warning[compose::conflict]: the image is set twice
         --> over.yaml:3:12
          |
        3 |     image: !reset 1
          |            ^^^^^^^^ overrides
          |
         ::: compose.yaml:3:12
          |
        3 |     image: nginx
          |            ----- what is set here

        warning: over.yaml can be used, with 1 warning
        ");
    }

    #[test]
    fn a_secret_is_pointed_at_but_not_printed() {
        let (mut files, base) = Files::one("compose.yaml", WEB);
        let secret = files.add_secret("/app/.env", "A=1\nPASSWORD='hunter2\n");
        let diagnostic = Diagnostic::error("compose::dotenv", "a quote is not closed")
            .at(files.find(secret, "'hunter2"), "opened here")
            .at(files.find(base, "web"), "read for this service")
            .help("close it");
        let text = show(files, &[diagnostic]);
        assert!(!text.contains("hunter2"));
        insta::assert_snapshot!(text, @"
        error[compose::dotenv]: a quote is not closed
         --> .env:2:10
          = note: opened here
          |
         ::: compose.yaml:2:3
          |
        2 |   web:
          |   --- read for this service
          |
          = help: close it

        error: .env was refused: 1 problem
        ");
    }

    #[test]
    fn carets_stand_under_what_they_point_at() {
        let (files, file) = Files::one("compose.yaml", "a:\tx\nbé: 漢字 y\nc: z\r\n");
        let note = |text| Diagnostic::error("test::caret", "here").at(files.find(file, text), text);
        let notes = [note("x"), note("y"), note("漢字"), note("z")];
        insta::assert_snapshot!(show(files, &notes), @"
        error[test::caret]: here
         --> compose.yaml:1:4
          |
        1 | a:    x
          |       ^ x

        error[test::caret]: here
         --> compose.yaml:2:5
          |
        2 | bé: 漢字 y
          |     ^^^^ 漢字

        error[test::caret]: here
         --> compose.yaml:2:8
          |
        2 | bé: 漢字 y
          |          ^ y

        error[test::caret]: here
         --> compose.yaml:3:4
          |
        3 | c: z
          |    ^ z

        error: compose.yaml was refused: 4 problems
        ");
    }

    #[test]
    fn a_place_of_several_lines_is_its_first() {
        let (files, file) = Files::one("compose.yaml", &WEB.replace('\n', "\r\n"));
        let whole = files.find(file, "web:\r\n    image: nginx\r\n    privileged: true\r\n");
        let diagnostic = Diagnostic::error("test::lines", "this service").at(whole, "all of it");
        insta::assert_snapshot!(show(files, &[diagnostic]), @"
        error[test::lines]: this service
         --> compose.yaml:2:3
          |
        2 |   web:
          |   ^^^^ all of it

        error: compose.yaml was refused: 1 problem
        ");
    }

    #[test]
    fn a_place_at_the_end_of_a_file_has_a_caret() {
        let (files, file) = Files::one("compose.yaml", "services: {");
        let mut end = files.find(file, "{");
        end.start = end.end;
        let diagnostic = Diagnostic::error("test::end", "not closed").at(end, "expected `}`");
        insta::assert_snapshot!(show(files, &[diagnostic]), @"
        error[test::end]: not closed
         --> compose.yaml:1:12
          |
        1 | services: {
          |            ^ expected `}`

        error: compose.yaml was refused: 1 problem
        ");
    }

    #[test]
    fn without_a_place_there_is_still_a_message() {
        let (files, _) = Files::one("compose.yaml", WEB);
        let nowhere = Path::root().key("networks");
        let diagnostics = [
            Diagnostic::error("test::bare", "nothing to point at"),
            Diagnostic::error("test::lost", "lost its place").at(nowhere, "here").help("search"),
        ];
        insta::assert_snapshot!(show(files, &diagnostics), @"
        error[test::bare]: nothing to point at

        error[test::lost]: lost its place
         |
         = help: search

        error: the project was refused: 2 problems
        ");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let long =
            format!("{{{}\"bad\": 1, {}}}", r#""key": "value", "#.repeat(400), "x".repeat(9000));
        let (files, file) = Files::one("compose.yaml", &long);
        let diagnostic =
            Diagnostic::error("test::long", "bad").at(files.find(file, "\"bad\""), "this key");
        let text = show(files, &[diagnostic]);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @r#"
        error[test::long]: bad
         --> compose.yaml:1:6402
          |
        1 | ... "value", "key": "value", "key": "value", "key": "value", "bad": 1, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
          |                                                              ^^^^^ this key

        error: compose.yaml was refused: 1 problem
        "#);
    }

    #[test]
    fn two_far_places_in_a_long_line_are_both_shown() {
        let long = format!("{{\"first\": 1, {}\"bad\": 1}}", r#""key": "value", "#.repeat(400));
        let (files, file) = Files::one("compose.yaml", &long);
        let diagnostic = Diagnostic::error("test::long", "bad")
            .at(files.find(file, "\"bad\""), "this key")
            .at(files.find(file, "\"first\""), "seen before");
        insta::assert_snapshot!(show(files, &[diagnostic]), @r#"
        error[test::long]: bad
         --> compose.yaml:1:6414
          |
        1 | ... "value", "key": "value", "key": "value", "key": "value", "bad": 1}
          |                                                              ^^^^^ this key
          |
         ::: compose.yaml:1:2
          |
        1 | {"first": 1, "key": "value", "key": "value", "key": "value", "key": "value", "key": "value", "key": "value", "key": "value", "key": "...
          |  ------- seen before

        error: compose.yaml was refused: 1 problem
        "#);
    }

    #[test]
    fn a_long_place_is_cut_in_the_middle() {
        let long = format!("a: {{{}}}", "x".repeat(9000));
        let (files, file) = Files::one("compose.yaml", &long);
        let diagnostic =
            Diagnostic::error("test::long", "bad").at(files.find(file, &long[3..]), "all this");
        insta::assert_snapshot!(show(files, &[diagnostic]), @"
        error[test::long]: bad
         --> compose.yaml:1:4
          |
        1 | a: {xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}
          |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ all this

        error: compose.yaml was refused: 1 problem
        ");
    }

    #[test]
    fn many_are_all_shown_in_the_order_of_the_file() {
        let (files, file) = Files::one("compose.yaml", &"key: value\n".repeat(2000));
        let at = |line: u32| {
            let span = Span { start: line * 11, end: line * 11 + 3, ..files.find(file, "key") };
            Diagnostic::error("test::many", format!("line {}", line + 1)).at(span, "")
        };
        let backwards: Vec<_> = (0..2000).rev().map(at).collect();
        let text = show(files, &backwards);
        let order: Vec<_> = text.lines().filter(|line| line.contains("--> ")).collect();
        assert_eq!(order.len(), 2000);
        assert_eq!(order[0].trim(), "--> compose.yaml:1:1");
        assert_eq!(order[1999].trim(), "--> compose.yaml:2000:1");
        assert!(text.ends_with("error: compose.yaml was refused: 2000 problems\n"));
    }

    #[test]
    fn many_in_one_line_take_no_longer_than_in_many_lines() {
        let (files, file) = Files::one("compose.yaml", &"key: ü ".repeat(100_000));
        let at = |word: u32| {
            let span = Span { start: word * 8, end: word * 8 + 3, ..files.find(file, "key") };
            Diagnostic::error("test::many", "bad").at(span, "")
        };
        // Going through the line for each would take longer than anyone waits.
        let many: Vec<_> = (0..100_000).step_by(50).map(at).collect();
        let text = show(files, &many);
        let last = text.lines().rfind(|line| line.contains("--> ")).unwrap_or_default();
        assert_eq!(last, " --> compose.yaml:1:699651");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn a_long_value_is_not_repeated() {
        let (files, _) = Files::one("compose.yaml", WEB);
        let value = "x".repeat(5 << 20);
        let diagnostic = Diagnostic::error("test::long", format!("`{value}` is no port"));
        let text = show(files, &[diagnostic.help(format!("write `{value}:80`"))]);
        assert!(text.len() < 1000, "{} bytes", text.len());
        assert!(text.contains("xxx` is no port\n") && text.contains("xxx:80`\n"), "{text}");
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let hostile = "a: \u{1b}[2J\u{9b}31m x\u{7f}\u{202e}\n";
        let (files, file) = Files::one("/app/\u{1b}]0;.yaml", hostile);
        let diagnostic = Diagnostic::error("test::hostile", "value \u{1b}[2J\u{9b}")
            .at(files.find(file, "x"), "\u{1b}[1m")
            .help("\u{7}");
        let text = show(files, &[diagnostic]);
        assert!(!text.contains(|c: char| c != '\n' && c.is_control()), "{text:?}");
        insta::assert_snapshot!(text, @r"
        error[test::hostile]: value \u{1b}[2J\u{9b}
         --> \u{1b}]0;.yaml:1:13
          |
        1 | a: ␛[2J·31m x␡�
          |             ^ \u{1b}[1m
          |
          = help: \u{7}

        error: \u{1b}]0;.yaml was refused: 1 problem
        ");
    }

    #[test]
    fn warnings_do_not_refuse() {
        let (files, file) = Files::one("compose.yaml", WEB);
        let warning = Diagnostic::warning("test::warning", "hm").at(files.find(file, "web"), "");
        let text = show(files, &[warning]);
        assert!(text.ends_with("warning: compose.yaml can be used, with 1 warning\n"), "{text}");
    }

    #[test]
    fn nothing_to_say_is_not_said() {
        assert_eq!(show(Files::default(), &[]), "");
    }

    fn privileged() -> Diagnostic {
        Diagnostic::error("ecs::privileged", "Fargate runs no privileged containers")
    }

    fn show(files: Files, diagnostics: &[Diagnostic]) -> String {
        let text = files.render(diagnostics, |located| text(located, None));
        anstream::adapter::strip_str(&text).to_string()
    }
}
