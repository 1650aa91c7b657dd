//! A CloudFormation template, and how it is written.

mod data;
mod parameter;
mod serializer;
mod stack;
mod yaml;

use indexmap::IndexMap;

pub(crate) use self::data::is_function;
pub use self::data::{Data, Map, Text};
pub(crate) use self::parameter::{Parameter, ParameterType};
pub(crate) use self::stack::{Resource, Stack};

/// A finished template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub(crate) root: Map,
    pub(crate) inputs: Inputs,
}

/// Parameters that whoever deploys the template fills in by what they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// The parameters that hold the value of a secret, one after another: the
    /// secret's key in the Compose file to their names.
    pub secrets: IndexMap<String, Vec<String>>,
    /// The parameters that hold the image of a container that is built: the
    /// service's key in the Compose file to its name.
    pub images: IndexMap<String, String>,
}

/// How a template is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Yaml,
    /// For programs.
    Json,
}

impl Template {
    /// The text of the template, the same on every machine.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Yaml => yaml::yaml(&self.root),
            Format::Json => {
                let json = serde_json::to_string_pretty(&self.root);
                json.expect("data can be written as JSON") + "\n"
            }
        }
    }

    /// The whole of it as data.
    pub fn data(&self) -> &Map {
        &self.root
    }

    /// One of its sections, such as `Resources`: the names in it and what they
    /// stand for.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Data)> {
        self.root.get(name).and_then(Data::as_map).into_iter().flat_map(Map::iter)
    }

    /// Parameters that whoever deploys the template fills in by what they are
    /// for.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}
