//! A template that still grows.

use std::collections::HashMap;

use serde::Serialize;

use super::data::{Data, Map, Text};
use super::parameter::Parameter;
use super::serializer::data;
use super::{Inputs, Template};
use crate::logical_id::LogicalId;
use crate::value::{Handle, Known, Value};

/// Something that AWS makes.
pub(crate) trait Resource: Serialize {
    /// `AWS::Logs::LogGroup`
    const TYPE: &'static str;
    /// Whether it stays when the stack is deleted, or when it is replaced.
    const RETAINED: bool = false;
}

/// A template that still grows. It lends out [`Handle`]s of what it has taken, and
/// nothing else makes one.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    description: String,
    metadata: Map,
    parameters: Map,
    resources: Vec<(LogicalId, Entry)>,
    outputs: Map,
    positions: HashMap<LogicalId, usize>,
    asked: HashMap<LogicalId, Known>,
    inputs: Inputs,
}

#[derive(Debug)]
struct Entry {
    kind: &'static str,
    retained: bool,
    depends_on: Vec<LogicalId>,
    properties: Data,
}

impl Stack {
    /// One without resources.
    pub(crate) fn new(description: String) -> Self {
        Self { description, ..Self::default() }
    }

    /// Takes a resource.
    pub(crate) fn add<R: Resource>(&mut self, id: LogicalId, resource: &R) -> Handle<R> {
        let id = self.free(id);
        let entry = Entry {
            kind: R::TYPE,
            retained: R::RETAINED,
            depends_on: Vec::new(),
            properties: data(resource),
        };
        self.positions.insert(id.clone(), self.resources.len());
        self.resources.push((id.clone(), entry));
        Handle::new(Known::new(id))
    }

    /// Makes a resource wait for others that it does not refer to.
    pub(crate) fn wait<'a, R>(
        &mut self,
        handle: &Handle<R>,
        others: impl IntoIterator<Item = &'a Known>,
    ) {
        let position = self.positions[handle.known().id()];
        let depends_on = &mut self.resources[position].1.depends_on;
        for other in others {
            if !depends_on.contains(other.id()) {
                depends_on.push(other.id().clone());
            }
        }
    }

    /// Asks for a value when the template is deployed; once, however often it is
    /// needed.
    pub(crate) fn ask(&mut self, id: LogicalId, parameter: impl FnOnce() -> Parameter) -> Known {
        if let Some(known) = self.asked.get(&id) {
            return known.clone();
        }
        let free = self.free(id.clone());
        self.parameters.push(free.as_str(), data(&parameter()));
        // Parameters share their names with resources.
        self.positions.insert(free.clone(), usize::MAX);
        let known = Known::new(free);
        self.asked.insert(id, known.clone());
        known
    }

    /// Says something about the template itself.
    pub(crate) fn note(&mut self, key: &'static str, value: &str) {
        self.metadata.push(key, value.into());
    }

    /// Tells something about the deployed stack.
    pub(crate) fn tell(&mut self, key: &'static str, description: &str, value: &Value<String>) {
        let mut output = Map::with_capacity(2);
        output.push("Description", description.into());
        output.push("Value", data(value));
        self.outputs.push(key, Data::Map(output));
    }

    /// What somebody has to fill in.
    pub(crate) fn inputs(&mut self) -> &mut Inputs {
        &mut self.inputs
    }

    /// The template.
    pub(crate) fn finish(self) -> Template {
        let mut resources = Map::with_capacity(self.resources.len());
        for (id, entry) in self.resources {
            resources.push(id.as_str(), Data::Map(entry.finish()));
        }
        let mut root = Map::with_capacity(6);
        root.push("AWSTemplateFormatVersion", "2010-09-09".into());
        root.push("Description", self.description.as_str().into());
        root.push_present("Metadata", Data::Map(self.metadata));
        root.push_present("Parameters", Data::Map(self.parameters));
        root.push("Resources", Data::Map(resources));
        root.push_present("Outputs", Data::Map(self.outputs));
        Template { root, inputs: self.inputs }
    }

    /// The id, or the id with a number if it is taken. Names of one kind never
    /// meet, but those of two kinds may: the second scaling policy of `web` and
    /// the first of `webMemory`.
    fn free(&self, id: LogicalId) -> LogicalId {
        let taken = |id: &LogicalId| self.positions.contains_key(id);
        if !taken(&id) {
            return id;
        }
        let mut numbered = (2..).map(|number| LogicalId::new(&format!("{id}{number}")));
        numbered.find(|id| !taken(id)).expect("there is no end of numbers")
    }
}

impl Entry {
    fn finish(self) -> Map {
        let mut map = Map::with_capacity(5);
        map.push("Type", Data::Text(Text::const_new(self.kind)));
        let depends_on = self.depends_on.iter().map(|id| id.as_str().into()).collect();
        map.push_present("DependsOn", Data::List(depends_on));
        if self.retained {
            map.push("DeletionPolicy", "Retain".into());
            map.push("UpdateReplacePolicy", "Retain".into());
        }
        map.push_present("Properties", self.properties);
        map
    }
}
