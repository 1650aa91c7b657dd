//! What a service says of the networks, services and models that it uses.

use super::Options;
use crate::form::{Form, Reader, Style, mapping};
use crate::tree::{Node, Trail};
use crate::value::Value;

mapping! {
    /// A service in a network.
    pub struct ServiceNetwork {
        /// More names for the service there.
        aliases: Vec<String>,
        /// Options of the driver.
        driver_opts: Options,
        /// Which network's gateway is the default.
        gw_priority: i64,
        /// The name of the interface in the container.
        interface_name: Option<String>,
        /// A fixed IPv4 address.
        ipv4_address: Option<String>,
        /// A fixed IPv6 address.
        ipv6_address: Option<String>,
        /// Link-local addresses.
        link_local_ips: Vec<String>,
        /// A fixed MAC address.
        mac_address: Option<String>,
        /// In which order networks are joined.
        priority: i64,
    }
}

mapping! {
    /// A service that comes first.
    pub struct Dependency {
        /// `service_started`, `service_healthy` or `service_completed_successfully`.
        condition: Option<String>,
        /// Whether to restart when it was updated.
        restart: bool,
        /// Whether it must be there.
        required: Needed,
    }
}

/// Whether something must be there; always printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed(pub bool);

impl Default for Needed {
    fn default() -> Self {
        Self(true)
    }
}

impl Form for Needed {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        bool::read(node, at, reader).map(Self)
    }

    fn print(&self, _: Style) -> Value {
        Value::Bool(self.0)
    }
}

mapping! {
    /// How a service is told of a model.
    pub struct ModelReference {
        /// The variable for the model's address.
        endpoint_var: Option<String>,
        /// The variable for the model's name.
        model_var: Option<String>,
    }
}
