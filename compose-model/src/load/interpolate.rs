//! `${VARIABLES}` in values, and the types that values have once these are
//! filled in.

use std::borrow::Cow;
use std::cell::OnceCell;

use indexmap::IndexSet;

use super::conceal::Used;
use super::damage::Damage;
use super::scalar;
use crate::diagnostic::Diagnostic;
use crate::form::boolean;
use crate::request::Environment;
use crate::schema;
use crate::source::Span;
use crate::template::{self, TemplateError, Variables};
use crate::tree::{Kind, Node, Text, Trail};

/// Fills in the variables of one file's values.
pub(crate) struct Interpolator<'e, 'p> {
    pub(crate) environment: &'e Environment,
    /// The file, in which variables are pointed at.
    pub(crate) source: &'e str,
    /// Variables that were told to be unset: each is told once.
    pub(crate) unset: &'p mut IndexSet<String>,
    pub(crate) damage: &'p mut Damage,
    /// What variables held where they were used.
    pub(crate) used: &'p mut Used,
    /// How much text they have made.
    pub(crate) filled_in: &'p mut usize,
    pub(crate) problems: &'p mut Vec<Diagnostic>,
}

/// More text than variables make in any project, and little enough to hold.
const MAX_FILLED_IN: usize = 64 << 20;

/// One text outside of the tree, as it is filled in when it stands inside;
/// nothing if it cannot be.
pub(crate) fn filled_in(text: &str, environment: &Environment) -> Option<String> {
    let mut lookup = Lookup { environment, missing: Vec::new(), used: &mut Used::new() };
    template::substitute(text, &mut lookup).ok().map(Cow::into_owned)
}

/// Where the variables of a value stand in the file: quotes, escapes and folded
/// lines move what follows them.
struct Places<'t> {
    text: &'t str,
    written: &'t str,
    span: Span,
    /// Every `$` of both, once a variable is not where it stands in the value.
    dollars: OnceCell<[Vec<usize>; 2]>,
}

/// In a longer value, a variable that is hard to find is not looked for.
const LONG: usize = 64 << 10;

impl Places<'_> {
    /// The place of a variable, or the whole value if it cannot be told.
    fn find(&self, variable: &str, offset: usize) -> Span {
        let straight =
            [offset, offset + 1].into_iter().find(|start| self.is_there(variable, *start));
        let found = straight
            .or_else(|| self.by_dollar(offset).filter(|start| self.is_there(variable, *start)))
            .or_else(|| self.by_name(variable, offset));
        match found {
            Some(start) => {
                let start = self.span.start + start as u32;
                Span { start, end: start + variable.len() as u32, ..self.span }
            }
            None => self.span,
        }
    }

    fn is_there(&self, variable: &str, start: usize) -> bool {
        self.written.get(start..).is_some_and(|rest| rest.starts_with(variable))
    }

    /// It has as many `$` before it where it is written as in the value.
    fn by_dollar(&self, offset: usize) -> Option<usize> {
        let find = |text: &str| text.match_indices('$').map(|(start, _)| start).collect();
        let [text, written] = self.dollars.get_or_init(|| [self.text, self.written].map(find));
        written.get(text.binary_search(&offset).ok()?).copied()
    }

    /// For a value with a `$` that is written in another way, or that has one in
    /// a comment.
    fn by_name(&self, variable: &str, offset: usize) -> Option<usize> {
        if self.text.len() > LONG {
            return None;
        }
        let earlier = self.text[..offset].matches(variable).count();
        self.written.match_indices(variable).nth(earlier).map(|(start, _)| start)
    }
}

/// Looks variables up for one text.
struct Lookup<'i, 'u> {
    environment: &'i Environment,
    used: &'u mut Used,
    /// With the offset of each in the text.
    missing: Vec<(String, usize)>,
}

impl Variables for Lookup<'_, '_> {
    fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.environment.get(name)?;
        if !self.used.get(name).is_some_and(|known| known.contains(value)) {
            self.used.entry(name.to_owned()).or_default().insert(value.clone());
        }
        Some(Cow::Borrowed(value.as_str()))
    }

    fn unset(&mut self, name: &str, offset: usize) {
        self.missing.push((name.to_owned(), offset));
    }
}

impl<'e> Interpolator<'e, '_> {
    /// Fills in the variables of every value, and casts those that have a type.
    /// What cannot be filled in is told and taken out.
    pub(crate) fn fill_in(&mut self, root: &mut Node) {
        self.node(root, &Trail::ROOT);
    }

    /// Whether a value could be filled in.
    fn node(&mut self, node: &mut Node, at: &Trail<'_>) -> bool {
        match &mut node.kind {
            Kind::String(_) => return self.string(node, at),
            Kind::List(items) => {
                let mut index = 0;
                items.retain_mut(|item| {
                    index += 1;
                    self.node(item, &at.index(index - 1))
                });
            }
            Kind::Map(map) => map.retain(|key, value| self.node(value, &at.key(key))),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Uint(_)
            | Kind::Float(_)
            | Kind::Time(_) => {}
        }
        true
    }

    fn string(&mut self, node: &mut Node, at: &Trail<'_>) -> bool {
        let Some(text) = node.as_str() else { return true };
        if text.contains('$') {
            match self.text(text, node.span, at).map(Text::from) {
                Some(filled) => node.kind = Kind::String(filled),
                None => {
                    self.damage.at(at);
                    return false;
                }
            }
        }
        if let Some(cast) = cast(at) {
            self.cast(node, cast, at);
        }
        true
    }

    fn text<'t>(&mut self, text: &'t str, span: Span, at: &Trail<'_>) -> Option<Cow<'t, str>> {
        let mut lookup =
            Lookup { environment: self.environment, missing: Vec::new(), used: self.used };
        let filled = template::substitute(text, &mut lookup);
        let missing = lookup.missing;
        let places = self.places(text, span);
        for (name, offset) in missing {
            // Before its place is looked for: one text may mention it very often.
            if self.unset.insert(name.clone()) {
                let span = places.find(template::mention(text, offset), offset);
                self.tell_unset(&name, span, is_of_others(at));
            }
        }
        match filled {
            Ok(filled) => {
                let before = *self.filled_in;
                *self.filled_in += filled.len();
                if *self.filled_in <= MAX_FILLED_IN {
                    return Some(filled);
                }
                // Told once; what comes after it is taken out as well.
                if before <= MAX_FILLED_IN {
                    let message = "variables make more text than a project can have";
                    let problem = Diagnostic::error("compose::interpolation", message);
                    self.problems.push(problem.at(span, "this is too much"));
                }
                None
            }
            Err(error) => {
                self.refuse(&error, text, span);
                None
            }
        }
    }

    fn refuse(&mut self, error: &TemplateError, text: &str, span: Span) {
        let offset = error.offset();
        let mention = template::mention(text, offset);
        let at = self.places(text, span).find(mention, offset);
        self.problems.push(problem(error, mention).at(at, ""));
    }

    fn places<'t>(&self, text: &'t str, span: Span) -> Places<'t>
    where
        'e: 't,
    {
        let written = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        Places { text, written, span, dollars: OnceCell::new() }
    }

    /// What others read may have variables of its own.
    fn tell_unset(&mut self, name: &str, span: Span, of_others: bool) {
        let other = if of_others {
            format!("; to keep it as it is, write `$${{{name}}}`")
        } else {
            String::new()
        };
        self.problems.push(
            Diagnostic::warning(
                "compose::unset-variable",
                format!("the variable `{name}` is not set, and counts as empty"),
            )
            .at(span, "")
            .help(format!(
                "set it in the environment or in `.env`, or write `${{{name}:-}}`{other}"
            )),
        );
    }

    fn cast(&mut self, node: &mut Node, cast: Cast, at: &Trail<'_>) {
        let text = node.as_str().unwrap_or_default();
        let value = match cast {
            Cast::Bool => boolean(text, node.span, self.problems).map(Kind::Bool),
            Cast::Int => text.parse().ok().map(Kind::Int),
            Cast::Float => text.parse().ok().map(Kind::Float),
        };
        match value {
            Some(kind) => node.kind = kind,
            None => {
                let message = format!("`{}` must be {}, not `{text}`", at.path(), cast.expected());
                let problem = Diagnostic::error("compose::value", message).at(node.span, "");
                let help = limit(text, at).unwrap_or_else(|| cast.help(text));
                self.problems.push(problem.help(help));
                self.damage.at(at);
                // Something of the right kind, for the phases to come.
                node.kind = cast.placeholder();
            }
        }
    }
}

/// Whether a value is one of an extension at the top level.
fn is_of_others(at: &Trail<'_>) -> bool {
    at.outermost().0.is_some_and(|key| key.starts_with("x-"))
}

/// `1024:2048` and `unlimited`, as the Docker command line has limits.
fn limit(text: &str, at: &Trail<'_>) -> Option<String> {
    if !at.matches(&["services", "*", "ulimits", "*"]) {
        return None;
    }
    if text == "unlimited" {
        return Some("write `-1`".to_owned());
    }
    let (soft, hard) = text.split_once(':')?;
    let (soft, hard): (i64, i64) = (soft.trim().parse().ok()?, hard.trim().parse().ok()?);
    Some(format!("write `{{soft: {soft}, hard: {hard}}}`"))
}

/// `"1_000"` or `"0x10"`: a number, if it were not quoted.
fn unquoted_number(text: &str) -> Option<String> {
    match scalar::integer(&text.replace(['_', ','], ""))? {
        Kind::Int(value) => Some(format!("write `{value}`")),
        _ => None,
    }
}

fn problem(error: &TemplateError, mention: &str) -> Diagnostic {
    match error {
        TemplateError::Required { name, reason, .. } => {
            let message = match reason.as_str() {
                "" => format!("the variable `{name}` must be set"),
                reason => format!("the variable `{name}` must be set: {reason}"),
            };
            Diagnostic::error("compose::required-variable", message)
                .help(format!("set `{name}` in the environment or in `.env`"))
        }
        TemplateError::Unclosed { .. } => unclosed(mention),
        TemplateError::Invalid { .. } if !mention.contains('}') => unclosed(mention),
        // No default begins with a colon; names of CloudFormation have two.
        TemplateError::Invalid { .. } if mention.contains("::") => {
            Diagnostic::error("compose::interpolation", format!("`{mention}` is not a variable"))
                .help(format!("to leave it to CloudFormation, write `${mention}`"))
        }
        TemplateError::Invalid { .. } => {
            Diagnostic::error("compose::interpolation", format!("`{mention}` is not a variable"))
                .help(match meant(mention) {
                    Some(variable) => format!("write `{variable}`; a `$` of its own is `$$`"),
                    None => "write `${NAME}`, `${NAME:-default}` or `${NAME:?message}`; \
                     a `$` of its own is `$$`"
                        .to_owned(),
                })
        }
        TemplateError::TooDeep { .. } => {
            Diagnostic::error("compose::interpolation", format!("this value {error}"))
                .help("give the inner variables their own defaults")
        }
        TemplateError::TooLong { .. } => {
            Diagnostic::error("compose::interpolation", format!("this value {error}"))
                .help("use fewer variables, or shorter values")
        }
    }
}

/// The variable that somebody tried to write: `${ NAME }`, `${{NAME}}`,
/// `${NAME:default}` or `${my.name}`.
fn meant(mention: &str) -> Option<String> {
    let inside = mention.trim_start_matches(['$', '{']).trim_end_matches('}').trim();
    let (name, default) = match inside.split_once(':') {
        Some((name, default)) => (name, format!(":-{}", default.trim_start_matches(['=', '-']))),
        None => (inside, String::new()),
    };
    let variable = format!("${{{}{default}}}", name.replace('.', "_"));
    let mentions = template::variables(&variable);
    let is_one = mentions.first().is_some_and(|first| variable[2..].starts_with(first.name));
    is_one.then_some(variable)
}

/// `${NAME`, `${A:-${B}` and a `${` that was not to be a variable.
fn unclosed(mention: &str) -> Diagnostic {
    let closed = format!("{mention}}}");
    let is_variable = template::variables(&closed).first().is_some_and(|first| {
        let simple = closed.len() == first.name.len() + "${}".len();
        simple || first.default.is_some() || first.alternate.is_some()
    });
    let help = match is_variable {
        true => format!("write `{closed}`; a `$` of its own is `$$`"),
        false => "write `${NAME}`; a `$` of its own is `$$`".to_owned(),
    };
    let message = format!("`{mention}` has no closing `}}`");
    Diagnostic::error("compose::interpolation", message).help(help)
}

/// The type of a value that may be written as a string.
#[derive(Clone, Copy)]
enum Cast {
    Bool,
    Int,
    Float,
}

impl Cast {
    fn expected(self) -> &'static str {
        match self {
            Self::Bool => "`true` or `false`",
            Self::Int => "a whole number",
            Self::Float => "a number",
        }
    }

    /// What to type instead of a text that is something else.
    fn help(self, text: &str) -> String {
        let (meant, example) = match self {
            Self::Bool => return schema::truth(text),
            Self::Int => (unquoted_number(text), "1"),
            Self::Float => (schema::number(text), "0.5"),
        };
        meant.unwrap_or_else(|| format!("write a number such as `{example}`"))
    }

    fn placeholder(self) -> Kind {
        match self {
            Self::Bool => Kind::Bool(false),
            Self::Int => Kind::Int(1),
            Self::Float => Kind::Float(1.0),
        }
    }
}

fn cast(at: &Trail<'_>) -> Option<Cast> {
    let last = at.last()?;
    let service = || at.matches(&["services", "*", last]);
    let below = |key: &str| at.matches(&["services", "*", key, last]);
    let deploy = |key: &str| at.matches(&["services", "*", "deploy", key, last]);
    let (cast, fits) = match last {
        "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime"
        | "cpu_shares" | "oom_score_adj" | "pids_limit" | "scale" => (Cast::Int, service()),
        "cpu_percent" | "cpus" => (Cast::Float, service()),
        "init" | "oom_kill_disable" | "privileged" | "stdin_open" | "tty" => {
            (Cast::Bool, service())
        }
        "read_only" => {
            (Cast::Bool, service() || at.matches(&["services", "*", "volumes", "[]", last]))
        }
        "nocopy" => (Cast::Bool, at.matches(&["services", "*", "volumes", "[]", "volume", last])),
        "required" | "restart" => {
            (Cast::Bool, at.matches(&["services", "*", "depends_on", "*", last]))
        }
        "replicas" => (Cast::Int, below("deploy")),
        "parallelism" => (Cast::Int, deploy("update_config") || deploy("rollback_config")),
        "max_failure_ratio" => (Cast::Float, deploy("update_config") || deploy("rollback_config")),
        "max_attempts" => (Cast::Int, deploy("restart_policy")),
        "max_replicas_per_node" => (Cast::Int, deploy("placement")),
        "retries" => (Cast::Int, below("healthcheck")),
        "disable" => (Cast::Bool, below("healthcheck")),
        "target" => (Cast::Int, at.matches(&["services", "*", "ports", "[]", last])),
        "hard" | "soft" if at.matches(&["services", "*", "ulimits", "*", last]) => {
            (Cast::Int, true)
        }
        "external" => {
            (Cast::Bool, resource(at, last, &["networks", "volumes", "secrets", "configs"]))
        }
        "internal" | "attachable" | "enable_ipv4" | "enable_ipv6" => {
            (Cast::Bool, resource(at, last, &["networks"]))
        }
        _ => (Cast::Int, at.matches(&["services", "*", "ulimits", "*"])),
    };
    fits.then_some(cast)
}

/// Whether this is a key of a resource of one of these kinds.
fn resource(at: &Trail<'_>, last: &str, kinds: &[&str]) -> bool {
    kinds.iter().any(|kind| at.matches(&[kind, "*", last]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Sources};

    #[test]
    fn a_variable_of_others_can_be_kept() {
        let help = |compose: &str| {
            let request = crate::Request {
                working_dir: "/srv/shop".into(),
                files: vec!["-".into()],
                stdin: Some(format!("services: {{web: {{image: nginx}}}}\n{compose}\n")),
                ..crate::Request::default()
            };
            let told = crate::load(&request).expect("it is a project").warnings.remove(0);
            told.help.expect("it has a help")
        };
        let usual = "set it in the environment or in `.env`, or write `${Vpc:-}`";
        assert_eq!(help("name: 'a${Vpc}'"), usual);
        let kept = format!("{usual}; to keep it as it is, write `$${{Vpc}}`");
        assert_eq!(help("x-aws-cloudformation: {Description: 'in ${Vpc}'}"), kept);
    }

    #[test]
    fn a_name_of_cloudformation_is_left_to_it() {
        let told = problem(&TemplateError::Invalid { offset: 0 }, "${AWS::StackName}");
        let expected = "to leave it to CloudFormation, write `$${AWS::StackName}`";
        assert_eq!(told.help.as_deref(), Some(expected));
    }

    #[test]
    fn a_variable_is_found_where_it_is_written() {
        let cases = [
            // What is written, the value, and the variable with its offset there.
            ("$A b", "$A b", "$A", 0),
            ("\"x $A\"", "x $A", "$A", 2),
            ("|\n    x\n    $A $AB $B\n", "x\n$A $AB $B\n", "$B", 9),
            ("'it''s $$A and $A'", "it's $$A and $A", "$A", 13),
            ("\"\\x24A ${A:-}\"", "$A ${A:-}", "${A:-}", 3),
        ];
        for (written, text, variable, offset) in cases {
            assert_eq!(template::mention(text, offset), variable);
            let found = find(written, text, offset);
            let last = written.rfind(variable).map(|start| start..start + variable.len());
            let expected = if written.starts_with('$') { Some(0..2) } else { last };
            assert_eq!(Some(found), expected, "{written}");
        }
    }

    fn find(written: &str, text: &str, offset: usize) -> std::ops::Range<usize> {
        let mut sources = Sources::default();
        let file = sources.add(Source { name: "a".into(), text: written.into(), secret: false });
        let span = Span { file, start: 0, end: written.len() as u32 };
        let places = Places { text, written, span, dollars: OnceCell::new() };
        let found = places.find(template::mention(text, offset), offset);
        found.start as usize..found.end as usize
    }
}
