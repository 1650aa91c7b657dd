//! What to type instead of what does not fit the table.

use std::fmt;

use super::{Object, Others, PROJECT, Rule, Words};
use crate::load::problem::nearest;
use crate::tree::{Kind, Map, Node, Trail};

/// What the author of an unknown key had in mind.
pub(super) enum Meant {
    /// A key that is known here.
    Key(&'static str),
    /// Something else, as a sentence.
    Other(String),
}

impl fmt::Display for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "did you mean `{key}`?"),
            Self::Other(sentence) => f.write_str(sentence),
        }
    }
}

/// How to say something where a value of another kind stands.
pub(super) fn wrong_kind(node: &Node, rule: &Rule, at: &Trail<'_>) -> Option<String> {
    if at.matches(&["version"]) {
        return Some("remove it: `version` has no meaning any more".to_owned());
    }
    let key = at.last().unwrap_or("it");
    match &node.kind {
        Kind::Null => Some(no_value(rule, at)),
        Kind::Map(_) if key == "<<" => Some(QUOTED_MERGE_KEY.to_owned()),
        Kind::Map(map) => match (rule.list, rule.string) {
            (Some(list), _) => Some(not_a_list(key, map, &list.items)),
            (None, Some(_)) => {
                not_a_string(map, at).or_else(|| Some(format!("write one text: `{key}: …`")))
            }
            (None, None) => None,
        },
        Kind::List(items) if rule.map.is_some() => Some(not_a_mapping(key, items, rule)),
        Kind::List(items) => not_one(key, items).filter(|_| rule.string.is_some()),
        Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => bare_value(node, rule, at),
        Kind::String(text) => one_item(key, text, rule)
            .or_else(|| missing_colon(text, rule))
            .or_else(|| shorthand(text, at))
            .or_else(|| keys_below(key, text, rule))
            .or_else(|| rule.boolean.then(|| truth(text)))
            .or_else(|| number(text).filter(|_| rule.number.is_some())),
        Kind::Time(_) => {
            rule.string?;
            Some("put quotes around it: a date without quotes is not text to YAML".to_owned())
        }
    }
}

/// A quoted `<<` is a key like any other.
const QUOTED_MERGE_KEY: &str =
    "remove the quotes around `<<`: between quotes it is a key like any other, and merges nothing";

/// A number or a boolean where neither fits.
fn bare_value(node: &Node, rule: &Rule, at: &Trail<'_>) -> Option<String> {
    let text = &node.scalar_text()?[..];
    let key = at.last().unwrap_or_default();
    if rule.boolean {
        return Some(truth(text));
    }
    let Some(words) = rule.string else {
        let other = || shorthand(text, at).or_else(|| keys_below(key, text, rule));
        return one_item(key, text, rule).or_else(other);
    };
    Some(match (words, node.as_bool()) {
        _ if at.matches(&["services", "*", "gpus"]) => {
            format!("write `gpus: [{{count: {text}}}]`, or `gpus: all`")
        }
        _ if at.matches(&["services", "*", "ports", "[]"]) => A_PORT.to_owned(),
        (Words::OneOf(words), _) => one_of_these(words),
        (Words::Matching { help, test, .. }, _) if !test(text) => help(text),
        (_, Some(value)) if key == "restart" => restart(value).to_owned(),
        (_, Some(_)) if unit(key) == Some("s") => "write a time such as `30s`".to_owned(),
        (_, Some(_)) if key.contains("mem") || key == "shm_size" => {
            "write a size such as `512m`".to_owned()
        }
        (_, Some(_)) if rule.number.is_some() && !is_option(at) => "write a number".to_owned(),
        (_, None) if unit(key).is_some() => {
            format!("write it with a unit: `{text}{}`", unit(key).unwrap_or_default())
        }
        (Words::Any | Words::Matching { .. }, _) => format!("put quotes around it: `\"{text}\"`"),
    })
}

/// Whether the value is for a driver, which takes any text.
fn is_option(at: &Trail<'_>) -> bool {
    let outer = at.parent().and_then(Trail::last);
    matches!(outer, Some("options" | "driver_opts"))
}

/// When to restart, for who thinks that the question is whether.
fn restart(value: bool) -> &'static str {
    match value {
        true => "write `restart: always`, `unless-stopped` or `on-failure`",
        false => "write `restart: \"no\"`, with quotes",
    }
}

/// One value where a mapping has a key that most likely means it.
fn shorthand(text: &str, at: &Trail<'_>) -> Option<String> {
    let key = at.last()?;
    let inner = match key {
        _ if at.matches(&["secrets", "*"]) || at.matches(&["configs", "*"]) => "file",
        _ if at.matches(&["networks", "*"]) => "driver",
        _ if at.matches(&["volumes", "*"]) => {
            return Some(match text.contains(['/', '.']) {
                true => format!(
                    "write `{key}: {{}}`; a folder is named where it is mounted, as in \
                     `- {text}:/path/in/container`"
                ),
                false => format!("write `{key}: {{driver: {text}}}`"),
            });
        }
        _ if at.matches(&["models", "*"]) => "model",
        _ if at.matches(&["services", "*"]) && !text.contains(' ') => "image",
        _ if at.matches(&["services", "*", "networks", "*"]) => "ipv4_address",
        "logging" | "ipam" => "driver",
        "provider" => "type",
        "healthcheck" => "test",
        "deploy" if text.parse::<u32>().is_ok() => "replicas",
        "restart_policy" => "condition",
        "credential_spec" => "file",
        _ => return None,
    };
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let text = match text {
        text if is_plain => text.to_owned(),
        text if text.contains('"') => format!("'{}'", text.replace('\'', "''")),
        text => format!("\"{text}\""),
    };
    Some(format!("write `{key}: {{{inner}: {text}}}`"))
}

const A_PORT: &str = "write a port such as `\"8080:80\"`, or remove the item";

/// Which boolean a word or a number stands for.
pub(crate) fn truth(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "enable" | "enabled" | "always" => "write `true`".to_owned(),
        "0" | "f" | "disable" | "disabled" | "never" | "none" => "write `false`".to_owned(),
        _ => "write `true` or `false`".to_owned(),
    }
}

/// The number that a text stands for: `500m` is half of one in Kubernetes, and
/// many countries write a comma before fractions.
pub(crate) fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let thousandths = text.strip_suffix('m').and_then(|digits| digits.parse::<u32>().ok());
    if let Some(thousandths) = thousandths {
        return Some(format!("write `{}`", f64::from(thousandths) / 1000.0));
    }
    let percent = text.strip_suffix('%').and_then(|digits| digits.trim().parse::<u32>().ok());
    if let Some(percent) = percent {
        return Some(format!("write `{}`", f64::from(percent) / 100.0));
    }
    let pointed = text.replace(',', ".");
    pointed.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(format!("write `{pointed}`"))
}

/// Infinity as it is written.
pub(super) fn special_number(value: f64) -> &'static str {
    match value {
        f64::INFINITY => ".inf",
        f64::NEG_INFINITY => "-.inf",
        _ => ".nan",
    }
}

/// The word that a mistyped one was meant to be, or all that are allowed.
pub(super) fn word(text: &str, words: &[&str]) -> String {
    match nearest(text, words.iter().copied()) {
        Some(word) => format!("write `{word}`"),
        None => one_of_these(words),
    }
}

fn one_of_these(words: &[&str]) -> String {
    match words {
        [word] => format!("write `{word}`"),
        [word, other] => format!("write `{word}` or `{other}`"),
        words => format!("write one of `{}`", words.join("`, `")),
    }
}

/// `database:` with nothing behind it.
fn no_value(rule: &Rule, at: &Trail<'_>) -> String {
    let Some(key) = at.last() else {
        return match at.matches(&["services", "*", "ports", "[]"]) {
            true => A_PORT.to_owned(),
            false => "give the item a value, or remove it".to_owned(),
        };
    };
    match rule.map {
        Some(map) if rule.list.is_none() => match map.required.first() {
            Some(needed) => format!("below `{key}`, {}", missing_key(needed, map)),
            None => format!("indent what belongs to `{key}` below it, or remove `{key}`"),
        },
        _ => format!("give `{key}` a value, or remove it"),
    }
}

/// One value where a list belongs, or lines that have no `- ` before them.
fn one_item(key: &str, text: &str, rule: &Rule) -> Option<String> {
    let list = rule.list?;
    if text.starts_with('-') {
        return Some("put a space behind each `-`".to_owned());
    }
    let items = items(key, text, rule.map.is_some());
    let quoted = items.join("\", \"");
    Some(match &items[..] {
        [item] if list.items.string.is_none() => {
            format!("put `- ` before each item of `{key}`, not only `{item}`")
        }
        [item] => format!("write a list: `{key}: [\"{item}\"]`, or `- \"{item}\"` on its own line"),
        [item, ..] if rule.map.is_some() && item.contains('=') => {
            let entry = item.replacen('=', ": ", 1);
            format!("put `- ` before each line, as in `- {item}`; or write each as `{entry}`")
        }
        items => {
            let shown = if items.len() > 4 { "…".to_owned() } else { format!("[\"{quoted}\"]") };
            format!("write a list: `{key}: {shown}`, or each on its own line behind `- `")
        }
    })
}

/// Lists whose items have no spaces.
const WORD_LISTS: [&str; 18] = [
    "cap_add",
    "cap_drop",
    "configs",
    "depends_on",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "env_file",
    "expose",
    "external_links",
    "group_add",
    "links",
    "ports",
    "profiles",
    "secrets",
    "volumes",
    "volumes_from",
];

/// The items that a text was meant to be, in which YAML has joined the lines.
fn items(key: &str, text: &str, entries: bool) -> Vec<String> {
    if !entries && !WORD_LISTS.contains(&key) {
        return vec![text.to_owned()];
    }
    let mut items: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        // A value may have spaces: only a name begins another entry.
        let begins = !entries || text.find('=').is_none() || is_entry(word);
        match items.last_mut() {
            Some(last) if !begins => {
                last.push(' ');
                last.push_str(word);
            }
            _ => items.push(word.to_owned()),
        }
    }
    let several = items.len() > 1;
    items
        .iter()
        .map(|item| if several { item.trim_end_matches(',') } else { item }.to_owned())
        .collect()
}

fn is_entry(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
    })
}

/// `image nginx`, below the name of a service.
fn missing_colon(text: &str, rule: &Rule) -> Option<String> {
    let map = rule.map?;
    let separator = |c: char| c.is_whitespace() || c == '=';
    let (first, rest) = text.split_once(separator).unwrap_or((text, ""));
    let rest = rest.trim_start_matches(separator);
    if map.rule(first).is_some() {
        return Some(match rest {
            "" => format!("put `:` behind `{first}`"),
            _ if rest.contains(char::is_whitespace) => {
                format!("put `:` and a space behind `{first}`, and behind the other keys below it")
            }
            _ => format!("write `{first}: {rest}`"),
        });
    }
    None
}

/// One value where keys belong.
fn keys_below(key: &str, text: &str, rule: &Rule) -> Option<String> {
    let map = rule.map?;
    match map.others {
        Others::Chosen { .. } => Some(format!("write `{text}:` below `{key}`, indented")),
        Others::Extensions | Others::None | Others::Any => {
            let names: Vec<&str> = map.usual_names().collect();
            if names.is_empty() {
                return Some(format!("write `NAME: VALUE` below `{key}`, indented"));
            }
            let more = if map.keys.len() > names.len() { " and others" } else { "" };
            Some(format!("what belongs below `{key}` is `{}`{more}", names.join("`, `")))
        }
    }
}

/// Keys where items belong: `80: 80`, where `80:80` was meant, or no `- `.
fn not_a_list(key: &str, map: &Map, item: &Rule) -> String {
    let Some((name, value)) = map.first() else { return format!("write `{key}: []`") };
    let known = item.map.is_some_and(|map| map.rule(name).is_some());
    match value.scalar_text() {
        Some(value) if !known && matches!(key, "ports" | "volumes" | "devices") => {
            format!("write a list: `- \"{name}:{value}\"` below `{key}`")
        }
        Some(value) if item.map.is_none() => {
            format!("write a list: `{key}: [\"{name}\", \"{value}\"]`")
        }
        _ => format!("put `- ` before each item of `{key}`"),
    }
}

/// `image: {{ value }}`, a value with a stray colon, or `- NAME: value`.
fn not_a_string(map: &Map, at: &Trail<'_>) -> Option<String> {
    let (name, value) = map.first()?;
    if name.starts_with('{') {
        return Some(template(name));
    }
    let list = at.parent().filter(|_| at.last().is_none()).and_then(Trail::last);
    if value.as_map().is_some() && matches!(list, Some("depends_on" | "networks" | "models")) {
        return Some(format!("remove the `- ` before each name, as in `{name}:`"));
    }
    if value.is_null() && map.len() == 1 {
        return Some(format!("remove the `:` behind `{name}`"));
    }
    let value = value.scalar_text().filter(|_| map.len() == 1)?;
    match list {
        Some(
            "environment"
            | "labels"
            | "args"
            | "annotations"
            | "sysctls"
            | "options"
            | "extra_hosts"
            | "additional_contexts",
        ) => Some(format!("write `- {name}={value}`, or remove the `- ` of every line")),
        Some("depends_on") => Some(format!("write `- {name}`")),
        Some(_) | None => Some(format!("for the text `{name}: {value}`, put quotes around it")),
    }
}

/// `{{ value }}`, for which other tools fill in something.
fn template(name: &str) -> String {
    let variable = name.trim_matches(|c: char| "{}. ".contains(c));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if variable.starts_with(|c: char| c.is_ascii_digit()) || !variable.chars().all(is_word) {
        return format!(
            "for a text, put quotes around it: `\"{{{name}}}\"`; Compose has no templates"
        );
    }
    format!(
        "for a variable write `${{{variable}}}`; for a text put quotes around it: `\"{{{name}}}\"`"
    )
}

/// Items where names belong.
fn not_a_mapping(key: &str, items: &[Node], rule: &Rule) -> String {
    match items {
        [item] if rule.string.is_some() && item.as_str().is_some() => {
            format!("write `{key}: {}`", item.as_str().unwrap_or_default())
        }
        [item, ..] => match item.scalar_text() {
            Some(name) if matches!(key, "secrets" | "configs") => {
                format!("write `{name}: {{file: ./{name}}}` below `{key}`, without `- `")
            }
            Some(name) => format!("write `{name}:` below `{key}`, without `- `"),
            None => format!("remove each `- ` below `{key}`"),
        },
        [] => format!("write `{key}: {{}}`"),
    }
}

/// Items where one text belongs.
fn not_one(key: &str, items: &[Node]) -> Option<String> {
    match items {
        [item] => Some(format!("write `{key}: {}`", item.scalar_text()?)),
        _ => Some(format!("write one text: `{key}: …`")),
    }
}

/// What a bare number most likely counts.
fn unit(key: &str) -> Option<&'static str> {
    match key {
        "interval" | "timeout" | "start_period" | "start_interval" | "stop_grace_period"
        | "delay" | "monitor" | "window" => Some("s"),
        "memory" => Some("M"),
        _ => None,
    }
}

/// How to add a key that must be there.
pub(super) fn missing_key(key: &str, object: &Object) -> String {
    match object.rule(key).and_then(|rule| rule.string) {
        Some(Words::OneOf([word, others @ ..])) => match others {
            [] => format!("add `{key}: {word}`"),
            others => format!("add `{key}: {word}`, or one of `{}`", others.join("`, `")),
        },
        _ if key == "capabilities" => "add `capabilities: [gpu]`".to_owned(),
        _ => format!("add `{key}: …`"),
    }
}

/// Whether a key that must be there is, with a slip of the finger.
pub(super) fn mistyped(map: &Map, object: &Object) -> bool {
    let mut unknown = map.keys().filter(|key| object.rule(key).is_none());
    let missing = |key: &str| object.required.contains(&key) && !map.contains_key(key);
    unknown.any(|key| nearest(key, object.names()).is_some_and(missing))
}

/// A name without what names cannot have.
pub(super) fn valid_name(name: &str) -> Option<String> {
    let valid = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let mapped: String = name.chars().map(valid).collect();
    let trimmed = mapped.trim_matches('-');
    (name.is_ascii() && !trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// What is to be typed for a text that was never meant to be a key.
pub(super) fn not_a_key(key: &str) -> Option<&'static str> {
    if key.starts_with("//") {
        return Some("begin comments with `#`");
    }
    let is_spaced = key.starts_with(|c: char| c.is_whitespace());
    is_spaced.then_some("type ordinary spaces before it: this is another kind of space")
}

/// What a key that is not known was meant to be.
pub(super) fn unknown_key(
    key: &str,
    value: &Node,
    object: &'static Object,
    at: &Trail<'_>,
) -> Option<Meant> {
    if key == "<<" {
        return Some(Meant::Other(QUOTED_MERGE_KEY.to_owned()));
    }
    if let Some(help) = not_a_key(key) {
        return Some(Meant::Other(help.to_owned()));
    }
    if let Some(known) = synonym(key, value, at) {
        return Some(Meant::Key(known));
    }
    if let Some(homes) =
        children_with(key, object).filter(|_| !at.matches(&[]) && !at.matches(&["services", "*"]))
    {
        return Some(Meant::Other(format!("`{key}` belongs under {homes}")));
    }
    for list in ["secrets", "configs"] {
        let item = at.matches(&["services", "*", list, "[]"]);
        if item && matches!(key, "file" | "environment" | "content" | "external") {
            let help = format!("`{key}` belongs under `{list}` at the top level of the file");
            return Some(Meant::Other(help));
        }
    }
    if let Some((home, _)) = home_of(key, at).filter(|(_, rule)| rule.admits(value)) {
        return Some(Meant::Other(format!("`{key}` belongs {home}")));
    }
    if let Some(known) = nearest(key, object.names()) {
        return Some(Meant::Key(known));
    }
    if at.matches(&[]) && looks_like_service(value) {
        let help = format!("a service belongs under `services`: indent `{key}` below it");
        return Some(Meant::Other(help));
    }
    if let Some((home, _)) = home_of(key, at) {
        return Some(Meant::Other(format!("`{key}` belongs {home}")));
    }
    if at.matches(&["services", "*"]) && looks_like_service(value) {
        let help = format!("a service stands directly under `services`: indent `{key}` less");
        return Some(Meant::Other(help));
    }
    matches!(object.others, Others::Extensions)
        .then(|| Meant::Other("keys of your own begin with `x-`".to_owned()))
}

pub(super) fn looks_like_service(value: &Node) -> bool {
    value.get("image").is_some() || value.get("build").is_some()
}

/// The mappings one or two levels below one that have a key, if they are few.
fn children_with(key: &str, object: &Object) -> Option<String> {
    let homes: Vec<String> = object.homes_of(key).into_iter().map(|(home, _)| home).collect();
    let few = matches!(homes.len(), 1..=2) && !COMMON.contains(&key);
    few.then(|| format!("`{}`", homes.join("` or `")))
}

/// Other names that people know for keys of a service.
fn synonym(key: &str, value: &Node, at: &Trail<'_>) -> Option<&'static str> {
    let service = at.matches(&["services", "*"]);
    let item = |list| at.matches(&["services", "*", list, "[]"]);
    let (mount, file) = (item("volumes"), item("secrets") || item("configs"));
    Some(match key {
        "env" | "env_vars" | "variables" if service => "environment",
        "cmd" | "args" | "run" | "exec" if service => "command",
        "network" if service => "networks",
        "mount" | "mounts" if service => "volumes",
        "hosts" if service => "extra_hosts",
        "restart_policy" | "restart-policy" if service && value.as_str().is_some() => "restart",
        "name" if service => "container_name",
        "memory" | "mem" | "memory_limit" if service => "mem_limit",
        "cpu" | "cpu_limit" if service => "cpus",
        "workdir" | "cwd" if service => "working_dir",
        "mem" => "memory",
        "name" if file => "source",
        "src" if mount || file => "source",
        "dst" | "dest" | "destination" | "path" if mount || file => "target",
        _ => return None,
    })
}

/// Where a key that stands in the wrong mapping belongs, and what it means there.
fn home_of(key: &str, at: &Trail<'_>) -> Option<(String, &'static Rule)> {
    let service = PROJECT.chosen("services")?;
    if at.matches(&["services", "*"]) {
        if COMMON.contains(&key) {
            return None;
        }
        if let [(home, rule)] = &service.homes_of(key)[..] {
            return Some((format!("under `{home}`"), rule));
        }
        let top = PROJECT.rule(key)?;
        return Some(("at the top level of the file: indent it less".to_owned(), top));
    }
    let rule = service.rule(key)?;
    let place =
        if at.matches(&[]) { "in a service" } else { "to the service itself: indent it less" };
    Some((place.to_owned(), rule))
}

/// Keys of so many mappings that none of them is their home.
const COMMON: [&str; 6] = ["name", "type", "target", "source", "path", "driver"];

impl Rule {
    /// Whether a value is of a kind that the rule allows.
    pub(super) fn admits(&self, value: &Node) -> bool {
        match &value.kind {
            Kind::Null => self.null,
            Kind::Bool(_) => self.boolean,
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => self.number.is_some(),
            Kind::String(_) | Kind::Time(_) => self.string.is_some(),
            Kind::List(_) => self.list.is_some(),
            Kind::Map(_) => self.map.is_some(),
        }
    }
}

impl Object {
    /// The mapping behind the names that users choose under a key.
    fn chosen(&self, key: &str) -> Option<&'static Self> {
        match self.rule(key)?.map?.others {
            Others::Chosen { rule, .. } => rule.map,
            Others::Extensions | Others::None | Others::Any => None,
        }
    }

    /// The mappings one or two levels below this one that have a key.
    fn homes_of(&self, key: &str) -> Vec<(String, &'static Rule)> {
        let mut homes = Vec::new();
        for (outer, map) in self.mappings() {
            homes.extend(map.rule(key).map(|rule| (outer.to_owned(), rule)));
            for (inner, map) in map.mappings() {
                homes.extend(map.rule(key).map(|rule| (format!("{outer}.{inner}"), rule)));
            }
        }
        homes
    }

    /// A few keys that show what the mapping is for.
    fn usual_names(&self) -> impl Iterator<Item = &'static str> {
        let service = ["image", "build", "command", "environment", "ports"];
        let is_service = service.iter().all(|key| self.rule(key).is_some());
        let first = self.names().filter(move |name| !is_service || service.contains(name));
        first.take(5)
    }

    fn mappings(&self) -> impl Iterator<Item = (&'static str, &'static Self)> {
        self.keys.iter().filter_map(|(name, rule)| {
            let map = rule.map.or_else(|| rule.list.and_then(|list| list.items.map));
            Some((*name, map?))
        })
    }
}
