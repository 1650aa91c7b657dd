//! `${VARIABLES}` in values, and the types that values have once these are
//! filled in.

use std::borrow::Cow;

use indexmap::IndexSet;

use super::scalar;
use crate::diagnostic::Diagnostic;
use crate::form::boolean;
use crate::request::Environment;
use crate::source::Span;
use crate::template::{self, TemplateError, Variables};
use crate::tree::{Kind, Node, Text, Trail};

/// Fills in the variables of every value, and casts those that have a type.
pub(crate) fn interpolate(
    root: &mut Node,
    environment: &Environment,
    unset: &mut IndexSet<String>,
    problems: &mut Vec<Diagnostic>,
) {
    Interpolator { environment, unset, problems }.node(root, &Trail::ROOT);
}

/// One text outside of the tree, as it is filled in when it stands inside.
pub(crate) fn interpolate_text(
    text: &str,
    at: Span,
    environment: &Environment,
    unset: &mut IndexSet<String>,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    Interpolator { environment, unset, problems }.text(text, at, None).map(Cow::into_owned)
}

struct Interpolator<'e, 'p> {
    environment: &'e Environment,
    /// Variables that were told to be unset: each is told once.
    unset: &'p mut IndexSet<String>,
    problems: &'p mut Vec<Diagnostic>,
}

/// Looks variables up for one text.
struct Lookup<'i> {
    environment: &'i Environment,
    missing: Vec<String>,
}

impl<'i> Variables for Lookup<'i> {
    fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
        self.environment.get(name).map(|value| Cow::Borrowed(value.as_str()))
    }

    fn unset(&mut self, name: &str, _offset: usize) {
        self.missing.push(name.to_owned());
    }
}

impl Interpolator<'_, '_> {
    fn node(&mut self, node: &mut Node, at: &Trail<'_>) {
        match &mut node.kind {
            Kind::String(_) => self.string(node, at),
            Kind::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.node(item, &at.index(index));
                }
            }
            Kind::Map(map) => {
                for (key, value) in map.iter_mut() {
                    self.node(value, &at.key(key));
                }
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Uint(_)
            | Kind::Float(_)
            | Kind::Time(_) => {}
        }
    }

    fn string(&mut self, node: &mut Node, at: &Trail<'_>) {
        let Some(text) = node.as_str() else { return };
        if text.contains('$') {
            let filled = self.text(text, node.span, Some(at)).map(Text::from);
            node.kind = Kind::String(filled.unwrap_or_default());
        }
        if let Some(cast) = cast(at) {
            self.cast(node, cast, at);
        }
    }

    fn text<'t>(
        &mut self,
        text: &'t str,
        span: Span,
        at: Option<&Trail<'_>>,
    ) -> Option<Cow<'t, str>> {
        let mut lookup = Lookup { environment: self.environment, missing: Vec::new() };
        let filled = template::substitute(text, &mut lookup);
        for name in lookup.missing {
            self.tell_unset(name, span);
        }
        match filled {
            Ok(filled) => Some(filled),
            Err(error) => {
                self.problems.push(problem(&error, text, span, at));
                None
            }
        }
    }

    fn tell_unset(&mut self, name: String, span: Span) {
        if self.unset.insert(name.clone()) {
            self.problems.push(
                Diagnostic::warning(
                    "compose::unset-variable",
                    format!("the variable `{name}` is not set, and counts as empty"),
                )
                .at(span, "")
                .help(format!("set it in the environment or in `.env`, or write `${{{name}:-}}`")),
            );
        }
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
                let problem = Diagnostic::error(
                    "compose::value",
                    format!("`{}` must be {}, not `{text}`", at.path(), cast.expected()),
                )
                .at(node.span, "");
                self.problems.push(match unquoted_number(text, cast) {
                    Some(help) => problem.help(help),
                    None => problem,
                });
                // Something of the right kind, for the phases to come.
                node.kind = cast.placeholder();
            }
        }
    }
}

/// `"1_000"` or `"0x10"`: a number, if it were not quoted.
fn unquoted_number(text: &str, cast: Cast) -> Option<String> {
    let Cast::Int = cast else { return None };
    match scalar::integer(&text.replace('_', ""))? {
        Kind::Int(value) => Some(format!("write `{value}`")),
        _ => None,
    }
}

fn problem(error: &TemplateError, text: &str, span: Span, at: Option<&Trail<'_>>) -> Diagnostic {
    match error {
        TemplateError::Required { name, reason, .. } => {
            let problem = Diagnostic::error(
                "compose::required-variable",
                match reason.as_str() {
                    "" => format!("the variable `{name}` must be set"),
                    reason => format!("the variable `{name}` must be set: {reason}"),
                },
            );
            problem.at(span, "").help(format!("set `{name}` in the environment or in `.env`"))
        }
        TemplateError::Invalid { .. } | TemplateError::TooDeep { .. } => {
            let place = at.map_or_else(String::new, |at| format!(" in `{}`", at.path()));
            Diagnostic::error(
                "compose::interpolation",
                format!("`{text}`{place} is not a valid use of variables: {error}"),
            )
            .at(span, "")
            .help("write `${NAME}`, `${NAME:-default}` or `${NAME:?message}`; a `$` of its own is `$$`")
        }
    }
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
