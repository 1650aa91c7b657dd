//! The grammar of `$VARIABLES` in Compose files and env files.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md>

use std::borrow::Cow;
use std::mem;

use thiserror::Error;

/// Where the values of variables come from, and who hears of missing ones.
pub trait Variables {
    /// The value of a variable, if it is set.
    fn get(&mut self, name: &str) -> Option<Cow<'_, str>>;

    /// Called where a variable without a default became the empty text because
    /// it is not set. The offset is that of its `$`, in bytes.
    fn unset(&mut self, name: &str, offset: usize);
}

/// Why a text is not a template, or has no result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// `${` that begins no variable.
    #[error("has a `${{` that begins no variable; write `${{NAME}}`, or `$$` for a plain `$`")]
    Invalid {
        /// Where the `$` stands, in bytes.
        offset: usize,
    },
    /// `${NAME` or `${NAME:-default`, on a line that has no brace to close it.
    #[error("has a `${{` that no `}}` closes; write `${{NAME}}`, or `$$` for a plain `$`")]
    Unclosed {
        /// Where the `$` stands, in bytes.
        offset: usize,
    },
    /// `${NAME:?}` or `${NAME?}`, without a value.
    #[error("needs a value for {name}{}{reason}", if reason.is_empty() { "" } else { ": " })]
    Required {
        /// The variable.
        name: String,
        /// What its author has to say about it; may be empty.
        reason: String,
        /// Where the `$` stands, in bytes.
        offset: usize,
    },
    /// Defaults inside defaults inside defaults.
    #[error("has variables nested more than {DEPTH_LIMIT} deep")]
    TooDeep {
        /// Where the `$` of the innermost variable stands, in bytes.
        offset: usize,
    },
    /// Values that are long, or used often.
    #[error("has variables whose values are longer than {LENGTH_LIMIT} bytes together")]
    TooLong {
        /// Where the `$` of the first variable that is too much stands, in bytes.
        offset: usize,
    },
}

impl TemplateError {
    /// Where the `$` stands that is to blame, in bytes.
    pub(crate) fn offset(&self) -> usize {
        let (Self::Invalid { offset }
        | Self::Unclosed { offset }
        | Self::Required { offset, .. }
        | Self::TooDeep { offset }
        | Self::TooLong { offset }) = self;
        *offset
    }
}

/// A variable that a template mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'t> {
    /// Its name.
    pub name: &'t str,
    /// `${NAME:-default}` or `${NAME-default}`.
    pub default: Option<&'t str>,
    /// `${NAME:+alternate}` or `${NAME+alternate}`.
    pub alternate: Option<&'t str>,
    /// `${NAME:?reason}` or `${NAME?reason}`.
    pub required: bool,
}

/// Replaces variables by their values. Values are taken as they are: what looks
/// like a variable inside one stays. The result is at most a mebibyte longer
/// than the template.
///
/// ```
/// use std::borrow::Cow;
/// use std::collections::HashMap;
///
/// use compose_model::template::{self, Variables};
///
/// struct Known(HashMap<&'static str, &'static str>);
///
/// impl Variables for Known {
///     fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
///         self.0.get(name).map(|value| Cow::Borrowed(*value))
///     }
///
///     fn unset(&mut self, _name: &str, _offset: usize) {}
/// }
///
/// let mut variables = Known(HashMap::from([("TAG", "1.27")]));
/// let image = template::substitute("nginx:${TAG:-latest}", &mut variables)?;
/// assert_eq!(image, "nginx:1.27");
/// # Ok::<(), template::TemplateError>(())
/// ```
///
/// # Errors
///
/// The first thing wrong, from left to right. What stands in a default that is
/// not used is never wrong.
pub fn substitute<'t>(
    text: &'t str,
    variables: &mut dyn Variables,
) -> Result<Cow<'t, str>, TemplateError> {
    if !text.contains('$') {
        return Ok(Cow::Borrowed(text));
    }
    let output = Output { text: String::with_capacity(text.len()), room: LENGTH_LIMIT };
    let mut expansion = Expansion { variables, output };
    expansion.expand(text, 0, 0)?;
    Ok(Cow::Owned(expansion.output.text))
}

/// Every variable that a template mentions, also in defaults and alternates.
/// One mentioned several times is there several times; Docker reports the last.
pub fn variables(text: &str) -> Vec<Mention<'_>> {
    let mut mentions = Vec::new();
    collect(text, 0, &mut mentions);
    mentions
}

/// The variable that begins at a `$`, or what was meant to be one.
pub(crate) fn mention(text: &str, offset: usize) -> &str {
    let text = &text[offset..];
    if !text.starts_with("${") {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = text[1..].find(|c| !is_name(c)).map_or(text.len(), |length| 1 + length);
        return &text[..end];
    }
    let mut depth = 0;
    for (index, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return &text[..=index],
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.lines().next().unwrap_or_default()
}

/// Far more than anyone writes by hand, and far less than fills the stack.
const DEPTH_LIMIT: usize = 100;

/// How long the values in one result may be together. Far more than a system
/// lets a variable have, and little enough that a small file that repeats its
/// own values cannot fill the memory.
const LENGTH_LIMIT: usize = 1024 * 1024;

struct Expansion<'v> {
    variables: &'v mut dyn Variables,
    output: Output,
}

struct Output {
    text: String,
    /// How long the values to come may be. The template's own text needs no
    /// limit, as each of its bytes is there once at most.
    room: usize,
}

impl Output {
    /// Appends the value of the variable at the offset.
    fn push_value(&mut self, value: &str, offset: usize) -> Result<(), TemplateError> {
        let room = self.room.checked_sub(value.len());
        self.room = room.ok_or(TemplateError::TooLong { offset })?;
        self.text.push_str(value);
        Ok(())
    }
}

impl Expansion<'_> {
    /// Appends what a template gives. The offset is where it starts in the
    /// outermost one.
    fn expand(&mut self, text: &str, start: usize, depth: usize) -> Result<(), TemplateError> {
        for (index, piece) in Pieces::of(text) {
            let offset = start + index;
            match piece {
                Piece::Text(text) => self.output.text.push_str(text),
                Piece::Variable(name) => self.plain(name, offset)?,
                Piece::Choice(choice) if depth < DEPTH_LIMIT => {
                    self.choose(&choice, offset, depth)?
                }
                Piece::Choice(_) => return Err(TemplateError::TooDeep { offset }),
                Piece::Invalid if is_unclosed(&text[index..]) => {
                    return Err(TemplateError::Unclosed { offset });
                }
                Piece::Invalid => return Err(TemplateError::Invalid { offset }),
            }
        }
        Ok(())
    }

    fn plain(&mut self, name: &str, offset: usize) -> Result<(), TemplateError> {
        match self.variables.get(name) {
            Some(value) => self.output.push_value(&value, offset)?,
            None => self.variables.unset(name, offset),
        }
        Ok(())
    }

    fn choose(
        &mut self,
        choice: &Choice<'_>,
        offset: usize,
        depth: usize,
    ) -> Result<(), TemplateError> {
        let value = self.variables.get(choice.name);
        let value = value.filter(|value| !(choice.empty_is_unset && value.is_empty()));
        let start = offset + choice.skipped;
        match (choice.operator, value) {
            (Operator::Default | Operator::Required, Some(value)) => {
                self.output.push_value(&value, offset)?;
            }
            (Operator::Alternate, None) => {}
            (Operator::Default, None) | (Operator::Alternate, Some(_)) => {
                let expanded = self.expand(choice.argument, start, depth + 1);
                expanded.map_err(|error| outermost(error, choice, offset))?;
            }
            (Operator::Required, None) => {
                let output = mem::take(&mut self.output.text);
                self.expand(choice.argument, start, depth + 1)?;
                let reason = mem::replace(&mut self.output.text, output);
                return Err(TemplateError::Required {
                    name: choice.name.to_owned(),
                    reason,
                    offset,
                });
            }
        }
        Ok(())
    }
}

/// A brace that is missing inside an argument without one of its own is missing
/// behind the argument: `${A:-${B}`.
fn outermost(error: TemplateError, choice: &Choice<'_>, offset: usize) -> TemplateError {
    let is_inside = matches!(error, TemplateError::Unclosed { .. }) && !choice.closed;
    if is_inside { TemplateError::Unclosed { offset } } else { error }
}

/// Line by line, as no variable spans lines. In each, Docker mentions first
/// those without an operator; then, from right to left, the others, each with
/// what its argument mentions. What stands behind the last brace comes last.
fn collect<'t>(text: &'t str, depth: usize, mentions: &mut Vec<Mention<'t>>) {
    if depth > DEPTH_LIMIT {
        return;
    }
    for line in text.split_inclusive('\n') {
        let (braced, rest) = line.split_at(line.rfind('}').map_or(0, |index| index + 1));
        let choices = plain_mentions(braced, mentions);
        for choice in choices.iter().rev() {
            mentions.push(choice.mention());
            if choice.operator != Operator::Required {
                collect(choice.argument, depth + 1, mentions);
            }
        }
        plain_mentions(rest, mentions);
    }
}

/// Adds the variables without an operator and gives the others.
fn plain_mentions<'t>(text: &'t str, mentions: &mut Vec<Mention<'t>>) -> Vec<Choice<'t>> {
    let mut choices = Vec::new();
    for (_, piece) in Pieces::of(text) {
        match piece {
            Piece::Variable(name) => {
                mentions.push(Mention { name, default: None, alternate: None, required: false });
            }
            Piece::Choice(choice) => choices.push(choice),
            Piece::Text(_) | Piece::Invalid => {}
        }
    }
    choices
}

/// What templates are made of.
enum Piece<'t> {
    /// Stands for itself; the `$` of `$$` too.
    Text(&'t str),
    /// `$NAME` or `${NAME}`.
    Variable(&'t str),
    /// `${NAME`, an operator, and what to do.
    Choice(Choice<'t>),
    /// `${`, but no variable.
    Invalid,
}

struct Choice<'t> {
    name: &'t str,
    operator: Operator,
    /// The operator has a colon.
    empty_is_unset: bool,
    argument: &'t str,
    /// How many bytes stand before the argument.
    skipped: usize,
    /// Whether a brace closes the argument that no other one opens in it.
    closed: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Default,
    Alternate,
    Required,
}

impl<'t> Choice<'t> {
    fn mention(&self) -> Mention<'t> {
        let argument = |operator| (self.operator == operator).then_some(self.argument);
        Mention {
            name: self.name,
            default: argument(Operator::Default),
            alternate: argument(Operator::Alternate),
            required: self.operator == Operator::Required,
        }
    }
}

/// The pieces of a template, each with its offset.
struct Pieces<'t> {
    text: &'t str,
    position: usize,
    /// From there to here no brace closes. Saves looking again and again.
    unclosed: usize,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, position: 0, unclosed: 0 }
    }

    /// A piece that begins with `$`, and its length.
    fn marked(&mut self, text: &'t str) -> (Piece<'t>, usize) {
        let after = &text[1..];
        let name = name(after);
        if !name.is_empty() {
            return (Piece::Variable(name), 1 + name.len());
        }
        match after.as_bytes().first() {
            Some(b'$') => (Piece::Text("$"), 2),
            Some(b'{') => self.braced(text).unwrap_or((Piece::Invalid, 2)),
            _ => (Piece::Text("$"), 1),
        }
    }

    fn braced(&mut self, text: &'t str) -> Option<(Piece<'t>, usize)> {
        let name = name(&text[2..]);
        if name.is_empty() {
            return None;
        }
        let after = &text[2 + name.len()..];
        if after.starts_with('}') {
            return Some((Piece::Variable(name), 3 + name.len()));
        }
        let (operator, empty_is_unset, length) = operator(after)?;
        let skipped = 2 + name.len() + length;
        let (argument, closed) = self.argument(&text[skipped..])?;
        let choice = Choice { name, operator, empty_is_unset, argument, skipped, closed };
        Some((Piece::Choice(choice), skipped + argument.len() + 1))
    }

    /// The argument, and whether its own brace closes it.
    fn argument(&mut self, text: &'t str) -> Option<(&'t str, bool)> {
        if self.position < self.unclosed {
            return None;
        }
        match closing_brace(text) {
            Ok((end, closed)) => Some((&text[..end], closed)),
            Err(end) => {
                self.unclosed = self.text.len() - text.len() + end;
                None
            }
        }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = (usize, Piece<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let (offset, rest) = (self.position, &self.text[self.position..]);
        let (piece, length) = match rest.find('$') {
            Some(0) => self.marked(rest),
            Some(length) => (Piece::Text(&rest[..length]), length),
            None if rest.is_empty() => return None,
            None => (Piece::Text(rest), rest.len()),
        };
        self.position += length;
        Some((offset, piece))
    }
}

/// Whether a `${` that is no variable has a name, and only lacks its brace.
fn is_unclosed(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    !name(&line[2..]).is_empty() && !line.contains('}')
}

/// The name that a text begins with; empty if none.
fn name(text: &str) -> &str {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let end = text.bytes().position(|byte| !is_word(byte)).unwrap_or(text.len());
    if text.starts_with(|first: char| first.is_ascii_digit()) { "" } else { &text[..end] }
}

fn operator(text: &str) -> Option<(Operator, bool, usize)> {
    let (text, colon) = text.strip_prefix(':').map_or((text, false), |rest| (rest, true));
    let operator = match text.as_bytes().first()? {
        b'-' => Operator::Default,
        b'+' => Operator::Alternate,
        b'?' => Operator::Required,
        _ => return None,
    };
    Some((operator, colon, 1 + usize::from(colon)))
}

/// Where the brace that ends an argument stands, and whether it is the argument's
/// own; or else where the line ends.
///
/// Braces nest, of variables or not, and as in Docker a byte behind an opening
/// one is never looked at. If they do not balance, the last of the line counts.
fn closing_brace(text: &str) -> Result<(usize, bool), usize> {
    let (mut depth, mut last, mut skip) = (1_usize, None, false);
    for (index, byte) in text.bytes().enumerate() {
        let skipped = mem::take(&mut skip);
        match byte {
            b'\n' => return last.ok_or(index),
            b'}' if !skipped && depth == 1 => return Ok((index, true)),
            b'}' => {
                depth -= usize::from(!skipped);
                last = Some((index, false));
            }
            b'{' if !skipped => (depth, skip) = (depth + 1, true),
            _ => {}
        }
    }
    last.ok_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Knows `A` and the empty `E`.
    #[derive(Default)]
    struct Known {
        unset: Vec<(String, usize)>,
    }

    impl Variables for Known {
        fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
            match name {
                "A" => Some(Cow::Borrowed("$a}")),
                "E" => Some(Cow::Borrowed("")),
                _ => None,
            }
        }

        fn unset(&mut self, name: &str, offset: usize) {
            self.unset.push((name.to_owned(), offset));
        }
    }

    fn run(text: &str) -> Result<String, TemplateError> {
        substitute(text, &mut Known::default()).map(Cow::into_owned)
    }

    #[test]
    fn variables_become_their_values() {
        let cases = [
            ("", ""),
            ("a", "a"),
            ("$A-${A}", "$a}-$a}"),
            ("$a$E.", "."),
            ("$Ab.$1 $ $", ".$1 $ $"),
            ("$$A $$$A $${A}", "$A $$a} ${A}"),
            ("é$A", "é$a}"),
        ];
        for (text, expected) in cases {
            assert_eq!(run(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn an_operator_decides_what_unset_and_empty_mean() {
        let cases = [
            ("${N-d}${N:-d}", "dd"),
            ("${E-d}|${E:-d}", "|d"),
            ("${A-d}${A:-d}", "$a}$a}"),
            ("${N+d}|${N:+d}", "|"),
            ("${E+d}|${E:+d}", "d|"),
            ("${A+d}${A:+d}", "dd"),
            ("${A?d}${A:?d}${E?d}", "$a}$a}"),
            ("${N-}|${N:-}", "|"),
        ];
        for (text, expected) in cases {
            assert_eq!(run(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn braces_in_arguments_nest() {
        let cases = [
            ("${N:-${M:-${A}}}", "$a}"),
            ("${N:-${M-x}y} ${N-z}", "xy z"),
            ("${N-{\"a\":1}}}", "{\"a\":1}}"),
            ("${N-?a:-b+c}", "?a:-b+c"),
            ("${N-{}} ${N-a}}", "{}} a"),
            ("${N-{}", "{"),
            ("${N-{}}", "{}"),
            ("${N-{a}", "{a"),
            ("${A-${N!}}", "$a}"),
            ("${N-a}\n${N-b}", "a\nb"),
        ];
        for (text, expected) in cases {
            assert_eq!(run(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_found_where_it_is() {
        let invalid = |offset| TemplateError::Invalid { offset };
        let unclosed = |offset| TemplateError::Unclosed { offset };
        let required = |name: &str, reason: &str, offset| TemplateError::Required {
            name: name.into(),
            reason: reason.into(),
            offset,
        };
        let cases = [
            ("a${", invalid(1)),
            ("${ A", invalid(0)),
            ("$$${A", unclosed(2)),
            ("é${A\n}", unclosed(2)),
            ("${A:", unclosed(0)),
            ("${A/b $E", unclosed(0)),
            ("${A/b $E}", invalid(0)),
            ("${N-a${M:-b", unclosed(0)),
            ("${N-${M}", unclosed(0)),
            ("a${N:-${M:-${O}}", unclosed(1)),
            ("${}", invalid(0)),
            ("${1}", invalid(0)),
            ("${A.b}", invalid(0)),
            ("${A:}", invalid(0)),
            ("${A::-b}", invalid(0)),
            ("${N-a\n}", unclosed(0)),
            ("${N:-é${M-${ }}}", invalid(11)),
            (" ${N?}", required("N", "", 1)),
            ("${E:?set ${A}}", required("E", "set $a}", 0)),
            ("${N-a${M?b}}", required("M", "b", 5)),
        ];
        for (text, error) in cases {
            assert_eq!(run(text), Err(error), "{text}");
        }
    }

    #[test]
    fn only_variables_without_an_operator_are_missed() {
        let mut known = Known::default();
        substitute("$N ${A+${M}} ${O-} ${O+} $E ${P-$Q}", &mut known).unwrap();
        let names = [("N", 0), ("M", 7), ("Q", 32)].map(|(name, offset)| (name.to_owned(), offset));
        assert_eq!(known.unset, names);
    }

    #[test]
    fn text_without_variables_is_not_copied() {
        let result = substitute("no variables", &mut Known::default());
        assert!(matches!(result, Ok(Cow::Borrowed("no variables"))));
    }

    #[test]
    fn mentions_are_found_in_arguments_too() {
        let cases = [
            ("$A ${b} $$c", "A b"),
            ("${A:-b}${C+d}", "C+d A-b"),
            ("${A-$B${C-d}} $E", "A-$B${C-d} B C-d E"),
            ("${A?$B}", "A?"),
            ("${ $A\n$B", "A B"),
            ("${A-\n${A-b}", "A-b"),
        ];
        for (text, expected) in cases {
            let mentions: Vec<_> = variables(text).iter().map(print).collect();
            assert_eq!(mentions.join(" "), expected, "{text}");
        }
    }

    fn print(mention: &Mention<'_>) -> String {
        let Mention { name, default, alternate, required } = mention;
        let default = default.map_or_else(String::new, |text| format!("-{text}"));
        let alternate = alternate.map_or_else(String::new, |text| format!("+{text}"));
        format!("{name}{default}{alternate}{}", if *required { "?" } else { "" })
    }

    #[test]
    fn hostile_templates_are_refused_quickly() {
        let nested = format!("{}{}", "${a:-".repeat(20_000), "}".repeat(20_000));
        assert!(matches!(run(&nested), Err(TemplateError::TooDeep { offset: 500 })));
        let texts = ["${a:-".repeat(20_000), "${a:-{".repeat(20_000) + "}", nested];
        let wide = ["${a-b}".repeat(20_000), "${a-{".repeat(10_000) + &"}".repeat(10_000)];
        for text in texts.iter().chain(&wide) {
            let _ = run(text);
            assert!(variables(text).len() <= 20_000);
        }
    }

    /// Gives every variable as many bytes as its name says.
    struct Long;

    impl Variables for Long {
        fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
            let length = name.strip_prefix('N')?.parse().ok()?;
            Some(Cow::Owned("x".repeat(length)))
        }

        fn unset(&mut self, _name: &str, _offset: usize) {}
    }

    #[test]
    fn values_may_be_a_mebibyte_together() {
        let rest = "a".repeat(LENGTH_LIMIT);
        let cases = [
            ("$N1048576".to_owned(), Ok(LENGTH_LIMIT)),
            ("$N1048577".to_owned(), Err(0)),
            ("$N1048575 $N1 $N0 $U".to_owned(), Ok(LENGTH_LIMIT + 3)),
            ("$N1048575 $N1 $N1".to_owned(), Err(14)),
            ("${N1048576+$N1048576}".to_owned(), Ok(LENGTH_LIMIT)),
            ("é${U-${U-$N1048576 ${N1-a}}}".to_owned(), Err(20)),
            ("$N1048576${U?a$N1}".to_owned(), Err(14)),
            ("$N2097152".repeat(100_000), Err(0)),
            (format!("$N1048576 {rest}"), Ok(LENGTH_LIMIT * 2 + 1)),
            (format!("${{U-{rest}$N1048577}}"), Err(4 + LENGTH_LIMIT)),
            (format!("$${rest}{rest}"), Ok(LENGTH_LIMIT * 2 + 1)),
        ];
        for (text, expected) in cases {
            let length = substitute(&text, &mut Long).map(|result| result.len());
            let expected = expected.map_err(|offset| TemplateError::TooLong { offset });
            assert_eq!(length, expected, "{}", &text[..text.len().min(40)]);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_expanded_or_refused(text in "[$ {}A-E:?+\n-]{0,24}|\\PC*") {
            let _ = (run(&text), variables(&text));
        }

        #[test]
        fn doubled_dollars_come_back(text in "[$ {}A-E:?+-]{0,24}|\\PC*") {
            prop_assert_eq!(run(&text.replace('$', "$$")), Ok(text));
        }
    }
}
