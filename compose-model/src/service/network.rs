//! What a service says of the networks, services and models that it uses.

use super::{OptOut, Options};
use crate::form::mapping;

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
        required: OptOut,
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
