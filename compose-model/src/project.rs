//! A whole application.

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use crate::form::{Form, Reader, Style, sorted};
use crate::network::Network;
use crate::secret::{Config, Model, Secret};
use crate::service::Service;
use crate::tree::{Node, Trail};
use crate::value::{Extensions, Value};
use crate::volume::Volume;

/// A whole application.
///
/// <https://github.com/compose-spec/compose-spec/blob/main/spec.md>
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// What its resources are named after.
    pub name: String,
    /// What runs, by name.
    pub services: IndexMap<String, Service>,
    /// Services that no active profile has, or that were not selected.
    pub disabled: IndexMap<String, Service>,
    /// What connects services.
    pub networks: IndexMap<String, Network>,
    /// What keeps data.
    pub volumes: IndexMap<String, Volume>,
    /// What only some services may read.
    pub secrets: IndexMap<String, Secret>,
    /// Files that services are given.
    pub configs: IndexMap<String, Config>,
    /// Language models that services use.
    pub models: IndexMap<String, Model>,
    /// Keys of the author's own, `x-*`.
    pub extensions: Extensions,
}

impl Project {
    /// The project as a canonical Compose file.
    pub fn value(&self) -> Value {
        let style = Style { extensions: true };
        let mut value = self.print(style);
        if let Value::Map(map) = &mut value
            && !self.models.is_absent()
        {
            map.insert("models".to_owned(), self.models.print(style));
        }
        self.with_extensions(value)
    }

    /// The project as Docker prints it in JSON: without `models`, and without
    /// `x-*` keys but those of the project itself.
    pub fn json_value(&self) -> Value {
        self.with_extensions(self.print(Style { extensions: false }))
    }

    fn print(&self, style: Style) -> Value {
        let mut map = IndexMap::new();
        map.insert("name".to_owned(), Value::String(self.name.clone()));
        map.insert("services".to_owned(), self.services.print(style));
        let resources = [
            ("networks", printed(&self.networks, style)),
            ("volumes", printed(&self.volumes, style)),
            ("secrets", printed(&self.secrets, style)),
            ("configs", printed(&self.configs, style)),
        ];
        for (key, printed) in resources {
            map.extend(printed.map(|printed| (key.to_owned(), printed)));
        }
        Value::Map(map)
    }

    fn with_extensions(&self, mut value: Value) -> Value {
        if let Value::Map(map) = &mut value {
            map.extend(sorted(&self.extensions));
        }
        value
    }

    pub(crate) fn read(model: &Node, name: &str, reader: &mut Reader<'_>) -> Self {
        let mut project = Self { name: name.to_owned(), ..Self::default() };
        let at = Trail::ROOT;
        for (key, node) in model.as_map().into_iter().flatten() {
            let at = at.key(key);
            match key.as_str() {
                "services" => project.services = resources(node, &at, reader),
                "networks" => project.networks = resources(node, &at, reader),
                "volumes" => project.volumes = resources(node, &at, reader),
                "secrets" => project.secrets = resources(node, &at, reader),
                "configs" => project.configs = resources(node, &at, reader),
                "models" => project.models = resources(node, &at, reader),
                key if key.starts_with("x-") => {
                    project.extensions.insert(key, node.value());
                }
                _ => {}
            }
        }
        project
    }
}

fn printed<T: Form>(resources: &IndexMap<String, T>, style: Style) -> Option<Value> {
    (!resources.is_absent()).then(|| resources.print(style))
}

/// Named resources. One without a value has all defaults.
fn resources<T: Form + Default>(
    node: &Node,
    at: &Trail<'_>,
    reader: &mut Reader<'_>,
) -> IndexMap<String, T> {
    let entries = node.as_map().into_iter().flatten();
    let read = |(key, node): (&crate::tree::Text, &Node)| {
        (key.to_string(), T::read(node, &at.key(key), reader).unwrap_or_default())
    };
    entries.map(read).collect()
}

impl Serialize for Project {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}
