//! `ports`: what a service offers to everyone.

use crate::form::mapping;

mapping! {
    /// A port that a service offers to everyone.
    pub struct Port {
        /// What people call it.
        name: Option<String>,
        /// `host` or `ingress`.
        mode: Option<String>,
        /// The address on the host.
        host_ip: Option<String>,
        /// The port in the container.
        target: u32,
        /// The port on the host, or a range to choose one from.
        published: Option<String>,
        /// `tcp` or `udp`.
        protocol: Option<String>,
        /// What is spoken on it: `http`.
        app_protocol: Option<String>,
    }
}
