//! `networks` of a project.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/06-networks.md>

use crate::form::mapping;
use crate::service::{Labels, Options};

mapping! {
    /// A network that services share.
    pub struct Network {
        /// Its name outside of the project.
        name: Option<String>,
        /// What makes it.
        driver: Option<String>,
        /// Options of the driver.
        driver_opts: Options,
        /// How addresses are given.
        ipam: Option<Box<Ipam>>,
        /// Whether it exists already.
        external: bool,
        /// Whether it has no way out.
        internal: bool,
        /// Whether other containers can join.
        attachable: bool,
        /// Its labels.
        labels: Labels,
        /// Whether it has IPv4 addresses.
        enable_ipv4: Option<bool>,
        /// Whether it has IPv6 addresses.
        enable_ipv6: Option<bool>,
    }
}

mapping! {
    /// How addresses are given.
    pub struct Ipam {
        /// What gives them.
        driver: Option<String>,
        /// From which pools.
        config: Vec<AddressPool>,
        /// Options of the driver.
        options: Options,
    }
}

mapping! {
    /// A pool of addresses.
    pub struct AddressPool {
        /// All of them.
        subnet: Option<String>,
        /// That of the gateway.
        gateway: Option<String>,
        /// Those for containers.
        ip_range: Option<String>,
        /// Those that are taken, by name.
        aux_addresses: Options,
    }
}
