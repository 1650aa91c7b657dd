//! `extra_hosts`: names of hosts and their addresses.

use indexmap::IndexMap;

use crate::form::{Form, Reader, Style};
use crate::tree::{Kind, Node, Trail};
use crate::value::{Value, check_host_name, clean_address, parse_host};

/// Names of hosts, each with its addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraHosts(pub IndexMap<String, Vec<String>>);

impl Form for ExtraHosts {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let mut hosts = Self::default();
        match &node.kind {
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    hosts.read_item(item, &at.index(index), reader);
                }
            }
            Kind::Map(map) => {
                for (name, node) in map.iter() {
                    hosts.read_entry(name, node, &at.key(name), reader);
                }
            }
            _ => return None,
        }
        Some(hosts)
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    fn print(&self, _: Style) -> Value {
        let pairs = |(name, addresses): (&String, &Vec<String>)| {
            addresses.iter().map(|address| format!("{name}={address}")).collect::<Vec<_>>()
        };
        let mut lines: Vec<String> = self.0.iter().flat_map(pairs).collect();
        lines.sort_unstable();
        Value::List(lines.into_iter().map(Value::String).collect())
    }
}

impl ExtraHosts {
    fn read_item(&mut self, item: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) {
        match parse_host(&item.scalar_text().unwrap_or_default()) {
            Ok((name, addresses)) => self.0.entry(name).or_default().extend(addresses),
            Err(error) => reader.refuse_with_help(
                item,
                at,
                &error.to_string(),
                "write `name=address`, for example `db=10.0.0.5`",
            ),
        }
    }

    fn read_entry(&mut self, name: &str, node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) {
        if let Err(error) = check_host_name(name) {
            reader.refuse(node, at, &error.to_string());
            return;
        }
        let one = std::slice::from_ref(node);
        let addresses =
            node.as_list().unwrap_or(one).iter().map(|address| {
                clean_address(&address.scalar_text().unwrap_or_default()).to_owned()
            });
        self.0.insert(name.to_owned(), addresses.collect());
    }
}
