//! YAML text to trees: anchors and merge keys are resolved here, and hostile
//! input ends here.

mod flow;

use indexmap::IndexMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marked, StrInput, Tag as YamlTag};

use self::flow::Moved;
use super::scalar::{self, ScalarError};
use super::{problem, syntax};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span};
use crate::tree::{Kind, Map, Node, Text};

/// Deeper than any Compose file, shallow enough for every walk's stack.
const MAX_DEPTH: usize = 256;

/// Up to this many nodes, nearly all may come from aliases; see [`Budget`].
const ALIAS_RATIO_LOW: f64 = 400_000.0;
const ALIAS_RATIO_HIGH: f64 = 4_000_000.0;

/// Several times what a project of ten thousand services has.
const MAX_NODES: usize = 4_000_000;

/// A project of ten thousand services with an anchor each keeps half as many.
const MAX_ANCHORED: usize = 2_000_000;

/// One YAML document of a file.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// The paths that `!reset` and `!override` clear in what was merged before.
    pub(crate) cleared: Vec<Vec<Text>>,
}

/// What was read of a file.
pub(crate) struct Reading {
    pub(crate) documents: Vec<Parsed>,
    /// Whether a problem ended it. What was read before is still good.
    pub(crate) stopped: bool,
}

/// The documents of a file. A problem that ends the reading comes last.
pub(crate) fn parse(sources: &Sources, file: FileId, problems: &mut Vec<Diagnostic>) -> Reading {
    let text = sources.get(file).text.as_str();
    if let Some(quoted) = flow::quote(text) {
        return documents(text, Some(&quoted), file, problems).0;
    }
    let told = problems.len();
    let (reading, refused) = documents(text, None, file, problems);
    if refused.is_some_and(|info| info.contains("invalid indentation"))
        && let Some(moved) = flow::indent(text)
    {
        let mut others = Vec::new();
        let (moved, refused) = documents(text, Some(&moved), file, &mut others);
        if refused.is_none() {
            problems.truncate(told);
            problems.append(&mut others);
            return moved;
        }
    }
    reading
}

/// The documents of a text, and what the parser said if it gave up.
fn documents(
    text: &str,
    moved: Option<&Moved>,
    file: FileId,
    problems: &mut Vec<Diagnostic>,
) -> (Reading, Option<String>) {
    let mut builder = Builder {
        parser: Parser::new_from_str(moved.map_or(text, |moved| &moved.text)),
        offsets: Offsets::new(text, moved),
        file,
        anchors: IndexMap::default(),
        path: Vec::new(),
        in_list: 0,
        depth: 0,
        cleared: Vec::new(),
        budget: Budget::default(),
        stopped: false,
        end: 0,
        problems,
        refused: None,
    };
    let mut documents = Vec::new();
    while let Some(document) = builder.document() {
        documents.push(document);
    }
    (Reading { documents, stopped: builder.stopped }, builder.refused)
}

/// Reading cannot go on; the problem has been told.
struct Stop;

/// What an anchor names.
enum Anchor {
    /// Its value is still being read.
    Open,
    /// A value with the tag `!reset`.
    Reset,
    Value {
        node: Node,
        size: usize,
        cleared: Vec<Vec<Text>>,
    },
}

struct Builder<'a, 'p> {
    parser: Parser<'a, StrInput<'a>>,
    offsets: Offsets<'a>,
    file: FileId,
    anchors: IndexMap<usize, Anchor>,
    path: Vec<Text>,
    /// How many lists the walk is in: a path inside one clears nothing.
    in_list: usize,
    depth: usize,
    cleared: Vec<Vec<Text>>,
    budget: Budget,
    stopped: bool,
    /// Where the last event ended, in characters.
    end: usize,
    problems: &'p mut Vec<Diagnostic>,
    /// What the parser said when it gave up.
    refused: Option<String>,
}

/// An entry of a mapping before merge keys are resolved.
enum Entry {
    Plain(Text, Node),
    /// `key: !reset …`
    Reset(Text),
    /// `<<: …`
    Merge(Vec<Map>),
}

impl<'a> Builder<'a, '_> {
    fn document(&mut self) -> Option<Parsed> {
        loop {
            match self.next().ok()?.0 {
                Event::DocumentStart(_) => break,
                Event::StreamEnd => return None,
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                // Values stand only inside documents.
                Event::Alias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd => return None,
            }
        }
        self.path.clear();
        self.cleared.clear();
        let (event, at) = self.next().ok()?;
        let root = self.node(event, at).ok()?;
        // A tag on the whole document has nothing to clear.
        let root = root.unwrap_or_else(|| Node::null(self.span(at)));
        Some(Parsed { root, cleared: std::mem::take(&mut self.cleared) })
    }

    fn next(&mut self) -> Result<(Event<'a>, Marked), Stop> {
        match self.parser.next_event() {
            Some(Ok(event)) => {
                self.end = event.1.end.index();
                Ok(event)
            }
            Some(Err(error)) => {
                let at = self.offsets.byte(error.marker().index()) as usize;
                let problem = syntax::problem(error.info(), at, self.file, self.offsets.original);
                self.refused = Some(error.info().to_owned());
                Err(self.stop(problem))
            }
            None => Err(Stop),
        }
    }

    fn stop(&mut self, problem: Diagnostic) -> Stop {
        self.problems.push(problem);
        self.stopped = true;
        Stop
    }

    /// The value that an event begins; nothing for one with the tag `!reset`.
    fn node(&mut self, event: Event<'a>, at: Marked) -> Result<Option<Node>, Stop> {
        if self.depth == MAX_DEPTH {
            let span = self.span(at);
            return Err(self.stop(problem::too_deep(span)));
        }
        self.depth += 1;
        let node = self.tagged_node(event, at);
        self.depth -= 1;
        node
    }

    fn tagged_node(&mut self, event: Event<'a>, at: Marked) -> Result<Option<Node>, Stop> {
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(anchor, tag)
            | Event::MappingStart(anchor, tag) => (*anchor, tag.as_deref().cloned()),
            _ => (0, None),
        };
        // An alias clears what its anchor does, the anchor's own place first.
        let (depth, cleared, size) = (self.path.len(), self.cleared.len(), self.budget.nodes);
        let compose = tag.as_ref().and_then(compose_tag);
        if let Some(tag) = tag.as_ref().filter(|tag| is_intrinsic(tag)) {
            let span = self.span(at);
            self.problems.push(problem::dropped_tag(&tag.suffix, span));
        }
        if compose.is_some() && self.in_list == 0 {
            self.cleared.push(self.path.clone());
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor::Open);
        }
        let node = self.untagged_node(event, tag.filter(|_| compose.is_none()), at)?;
        let node = node.filter(|_| compose != Some(ComposeTag::Reset));
        if anchor != 0 {
            let cleared = self.cleared[cleared..].iter().map(|path| path[depth..].to_vec());
            let (size, cleared) = (self.budget.nodes - size, cleared.collect());
            if !self.budget.keep(size) {
                let span = self.span(at);
                self.problems.push(problem::too_many_anchors(span));
                return Err(Stop);
            }
            let anchored = match &node {
                Some(node) => Anchor::Value { node: node.clone(), size, cleared },
                None => Anchor::Reset,
            };
            self.anchors.insert(anchor, anchored);
        }
        Ok(node)
    }

    fn untagged_node(
        &mut self,
        event: Event<'a>,
        tag: Option<YamlTag>,
        at: Marked,
    ) -> Result<Option<Node>, Stop> {
        self.budget.nodes += 1;
        if self.budget.nodes > MAX_NODES {
            let span = self.span(at);
            self.problems.push(problem::too_many_values(span, MAX_NODES));
            return Err(Stop);
        }
        match event {
            Event::Scalar(text, style, ..) => Ok(self.scalar(&text, style, tag.as_ref(), at)),
            Event::SequenceStart(..) => self.list(at).map(Some),
            Event::MappingStart(..) => self.mapping(at).map(Some),
            Event::Alias(anchor) => self.alias(anchor, at),
            // The parser closes only what it opened.
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Err(Stop),
        }
    }

    /// Nothing for a scalar that its tag does not fit, which has been told.
    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&YamlTag>,
        at: Marked,
    ) -> Option<Node> {
        let span = self.span(at);
        let text = self.as_written(text, style, span);
        match scalar::resolve(text, style == ScalarStyle::Plain, tag) {
            Ok(kind) => Some(Node::new(kind, span)),
            Err(ScalarError { expected }) => {
                self.problems.push(
                    Diagnostic::error(
                        "yaml::tag",
                        format!("`{text}` cannot be read as {expected}"),
                    )
                    .at(span, "")
                    .help("remove the tag, or write a value that fits it"),
                );
                None
            }
        }
    }

    /// A block at the end of a file without a last line break has none either;
    /// the parser adds one.
    fn as_written<'t>(&self, text: &'t str, style: ScalarStyle, span: Span) -> &'t str {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let file = self.offsets.original;
        if block && span.end as usize >= file.len() && !file.ends_with('\n') {
            text.strip_suffix('\n').unwrap_or(text)
        } else {
            text
        }
    }

    fn list(&mut self, at: Marked) -> Result<Node, Stop> {
        self.in_list += 1;
        let mut items = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.extend(self.node(event, at)?);
        }
        self.in_list -= 1;
        let span = self.opening(at, items.first().map(|first| first.span));
        Ok(Node::list(items, span))
    }

    fn mapping(&mut self, at: Marked) -> Result<Node, Stop> {
        let mut map = Map::default();
        let mut merges = Vec::new();
        // Keys that leave nothing in the map; those too may stand only once.
        let mut others: IndexMap<Text, Span> = IndexMap::new();
        let mut first = None;
        loop {
            let (event, key_at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let (key, span) = self.key(event, key_at)?;
            first.get_or_insert(span);
            let other = others.get(&key).copied();
            if let Some(earlier) = map.get(&key).map(|node| node.key).or(other) {
                self.problems.push(problem::duplicate_key(&key, span, earlier));
            }
            match self.entry(key, span)? {
                Entry::Plain(key, node) => drop(map.insert(key, node)),
                Entry::Merge(maps) => {
                    merges.extend(maps);
                    others.insert(MERGE_KEY, span);
                }
                Entry::Reset(key) => drop(others.insert(key, span)),
            }
        }
        for (key, node) in merges.into_iter().flatten() {
            map.entry(key).or_insert(node);
        }
        let span = self.opening(at, first);
        Ok(Node::map(map, span))
    }

    /// A key, and where it stands. One that is not text is told, and kept as text.
    fn key(&mut self, event: Event<'a>, at: Marked) -> Result<(Text, Span), Stop> {
        let event = self.without_compose_tag(event, at);
        let plain = matches!(&event, Event::Scalar(_, ScalarStyle::Plain, ..));
        let in_list = std::mem::replace(&mut self.in_list, 1);
        let node = self.node(event, at)?;
        self.in_list = in_list;
        let span = self.span(at);
        let key = match node.map(|node| node.kind) {
            Some(Kind::String(text)) if plain && text == "<<" => MERGE_KEY,
            Some(Kind::String(text)) => text,
            Some(Kind::Map(_) | Kind::List(_)) => {
                // An empty collection may end before the place of its key.
                let end = self.offsets.byte(self.end).max(span.end);
                let span = Span { end, ..span };
                self.problems.push(problem::collection_key(span));
                return Ok((self.offsets.slice(span).into(), span));
            }
            Some(_) | None => {
                let text = self.offsets.slice(span);
                self.problems.push(problem::non_string_key(text, span));
                text.into()
            }
        };
        Ok((key, span))
    }

    /// Docker reads `!reset key: value` as if the tag were not there.
    fn without_compose_tag(&mut self, event: Event<'a>, at: Marked) -> Event<'a> {
        match event {
            Event::Scalar(text, style, anchor, Some(tag)) if compose_tag(&tag).is_some() => {
                let span = self.span(at);
                self.problems.push(problem::tagged_key(&tag.suffix, &text, span));
                Event::Scalar(text, style, anchor, None)
            }
            event => event,
        }
    }

    fn entry(&mut self, key: Text, span: Span) -> Result<Entry, Stop> {
        let (event, at) = self.next()?;
        if key == MERGE_KEY {
            return match self.node(event, at)? {
                Some(node) => Ok(Entry::Merge(self.merged(node, at))),
                None => Ok(Entry::Reset(key)),
            };
        }
        self.path.push(key.clone());
        let node = self.node(event, at)?;
        self.path.pop();
        Ok(match node {
            Some(mut node) => {
                node.key = span;
                if node.is_null() && node.span.start == node.span.end {
                    node.span = span;
                }
                Entry::Plain(key, node)
            }
            None => Entry::Reset(key),
        })
    }

    /// The mappings that `<<` asks for, the strongest first.
    fn merged(&mut self, node: Node, at: Marked) -> Vec<Map> {
        let (span, at) = (node.span, self.span(at));
        let (nodes, listed) = match node.kind {
            Kind::List(items) => (items, true),
            kind => (vec![Node::new(kind, span)], false),
        };
        let mut maps = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.kind {
                Kind::Map(map) => maps.push(*map),
                _ => {
                    let at = if listed { node.span } else { at };
                    self.problems.push(problem::merge_of_scalar(&node, at));
                }
            }
        }
        maps
    }

    fn alias(&mut self, anchor: usize, at: Marked) -> Result<Option<Node>, Stop> {
        let span = self.span(at);
        let clears = self.in_list == 0;
        match self.anchors.get(&anchor) {
            Some(Anchor::Value { node, size, cleared }) => {
                if !self.budget.spend(*size) {
                    return Err(self.stop(problem::alias_bomb(span)));
                }
                for relative in cleared.iter().filter(|_| clears) {
                    self.cleared.push(self.path.iter().chain(relative).cloned().collect());
                }
                Ok(Some(node.clone()))
            }
            Some(Anchor::Reset) => {
                self.cleared.extend(clears.then(|| self.path.clone()));
                Ok(None)
            }
            Some(Anchor::Open) | None => {
                let alias = self.offsets.slice(span);
                Err(self.stop(problem::recursive_alias(alias, span)))
            }
        }
    }

    fn span(&mut self, at: Marked) -> Span {
        let start = self.offsets.byte(at.start.index());
        let end = self.offsets.byte(at.end.index());
        Span { file: self.file, start, end: end.max(start) }
    }

    /// A collection is shown by its bracket, or by its first key or item.
    fn opening(&mut self, at: Marked, first: Option<Span>) -> Span {
        let span = self.span(at);
        match self.offsets.original.as_bytes().get(span.start as usize) {
            Some(b'{' | b'[') => Span { end: span.start + 1, ..span },
            Some(_) | None => first.unwrap_or(span),
        }
    }
}

/// Stands for a plain `<<`; a quoted one is an ordinary key.
const MERGE_KEY: Text = Text::const_new("\0<<");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ComposeTag {
    Reset,
    Override,
}

/// The short forms of CloudFormation's functions.
const INTRINSICS: [&str; 16] = [
    "And",
    "Base64",
    "Cidr",
    "Condition",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Ref",
    "Select",
    "Sub",
];

fn is_intrinsic(tag: &YamlTag) -> bool {
    tag.handle == "!" && (INTRINSICS.contains(&tag.suffix.as_str()) || tag.suffix == "Split")
}

fn compose_tag(tag: &YamlTag) -> Option<ComposeTag> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "reset") => Some(ComposeTag::Reset),
        ("!", "override") => Some(ComposeTag::Override),
        _ => None,
    }
}

/// How much of a document comes from aliases. A few hundred thousand nodes may,
/// as that is what large files with anchors need; beyond it the share must
/// shrink, so that a few lines cannot grow to gigabytes.
#[derive(Debug, Default)]
struct Budget {
    nodes: usize,
    aliased: usize,
    /// Nodes that anchors keep: those inside of each other keep theirs again.
    anchored: usize,
}

impl Budget {
    fn keep(&mut self, size: usize) -> bool {
        self.anchored = self.anchored.saturating_add(size);
        self.anchored <= MAX_ANCHORED
    }

    fn spend(&mut self, size: usize) -> bool {
        self.nodes = self.nodes.saturating_add(size);
        self.aliased = self.aliased.saturating_add(size);
        let (nodes, aliased) = (self.nodes as f64, self.aliased as f64);
        let excess = (nodes - ALIAS_RATIO_LOW) / (ALIAS_RATIO_HIGH - ALIAS_RATIO_LOW);
        let allowed = 0.99 - 0.89 * excess.clamp(0.0, 1.0);
        self.aliased <= 100 || self.nodes <= 1000 || aliased <= nodes * allowed
    }
}

/// Turns the parser's counts of characters into bytes. Events come nearly in
/// order, so a cursor that walks both ways stays close to them.
struct Offsets<'a> {
    /// The text that is parsed.
    text: &'a str,
    /// The text that it was made from, which places are shown in.
    original: &'a str,
    moved: Option<&'a Moved>,
    ascii: bool,
    characters: usize,
    bytes: usize,
}

impl<'a> Offsets<'a> {
    fn new(original: &'a str, moved: Option<&'a Moved>) -> Self {
        let text = moved.map_or(original, |moved| moved.text.as_str());
        Self { text, original, moved, ascii: text.is_ascii(), characters: 0, bytes: 0 }
    }

    /// The byte of the original text that a character begins at.
    fn byte(&mut self, character: usize) -> u32 {
        let byte = if self.ascii { character.min(self.text.len()) } else { self.walk(character) };
        let byte = self.moved.map_or(byte, |moved| moved.original(byte));
        u32::try_from(byte).expect("files are much smaller than 4 GiB")
    }

    fn walk(&mut self, character: usize) -> usize {
        let bytes = self.text.as_bytes();
        let begins = |at: usize| bytes.get(at).is_none_or(|byte| byte & 0xC0 != 0x80);
        while self.characters < character && self.bytes < bytes.len() {
            self.bytes += 1;
            self.characters += usize::from(begins(self.bytes));
        }
        while self.characters > character {
            self.characters -= usize::from(begins(self.bytes));
            self.bytes -= 1;
        }
        while !begins(self.bytes) {
            self.bytes -= 1;
        }
        self.bytes
    }

    fn slice(&self, span: Span) -> &'a str {
        self.original.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn an_alias_overrides_as_its_anchor_does() {
        let text = "\
services: {web: {image: nginx, ports: ['80']}}
---
x-ports: &ports !override ['81']
services: {web: {ports: *ports}}
";
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(text.to_owned()),
            ..Request::default()
        };
        let ports = &crate::load(&request).unwrap().project.services["web"].ports;
        assert_eq!(ports.iter().map(|port| port.target).collect::<Vec<_>>(), [81]);
    }

    #[test]
    fn offsets_walk_both_ways() {
        let mut offsets = Offsets::new("aüb€c", None);
        let bytes = [0, 1, 3, 4, 7, 8];
        for order in [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]] {
            for character in order {
                assert_eq!(offsets.byte(character), bytes[character], "character {character}");
            }
        }
    }
}
