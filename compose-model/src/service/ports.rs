//! `ports`: what a service offers to everyone.

use std::fmt;

use crate::form::mapping;
use crate::value::{PortError, ShortPort, parse_ports};

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

impl Port {
    /// Reads the short form, which may stand for a whole range of ports.
    ///
    /// ```
    /// use compose_model::service::Port;
    ///
    /// let ports = Port::parse("127.0.0.1:8000-8001:80-81/udp")?;
    /// assert_eq!(ports[1].target, 81);
    /// assert_eq!(ports[1].to_string(), "127.0.0.1:8001:81/udp");
    /// # Ok::<(), compose_model::value::PortError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Says which part of the entry is wrong.
    pub fn parse(spec: &str) -> Result<Vec<Self>, PortError> {
        Ok(parse_ports(spec)?.into_iter().map(Self::from).collect())
    }
}

impl From<ShortPort> for Port {
    fn from(ShortPort { host_ip, published, target, protocol }: ShortPort) -> Self {
        Self {
            mode: Some("ingress".to_owned()),
            host_ip: Some(host_ip).filter(|address| !address.is_empty()),
            target,
            published: Some(published).filter(|port| !port.is_empty()),
            protocol: Some(protocol),
            ..Self::default()
        }
    }
}

/// The short form, which has no place for `name`, `mode` and `app_protocol`.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host_ip {
            Some(address) if address.contains(':') => write!(f, "[{address}]:")?,
            Some(address) => write!(f, "{address}:")?,
            None => {}
        }
        match &self.published {
            Some(port) => write!(f, "{port}:")?,
            // An address needs the colon of a port even where any will do.
            None if self.host_ip.is_some() => f.write_str(":")?,
            None => {}
        }
        write!(f, "{}/{}", self.target, self.protocol.as_deref().unwrap_or("tcp"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ports_print_as_they_are_written() {
        for text in [
            "80/tcp",
            "8080:80/tcp",
            "127.0.0.1:8080:80/udp",
            "[::1]:8080:80/tcp",
            "127.0.0.1::80/tcp",
        ] {
            let ports = Port::parse(text).expect("the text is a port");
            assert_eq!(ports[0].to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(
            host in prop::option::of(prop::sample::select(vec!["0.0.0.0", "10.1.2.3", "::1"])),
            published in prop::option::of(1_u16..),
            target in 1_u16..,
            protocol in prop::sample::select(vec!["tcp", "udp", "sctp"]),
        ) {
            let port = Port::from(ShortPort {
                host_ip: host.unwrap_or_default().to_owned(),
                published: published.map(|port| port.to_string()).unwrap_or_default(),
                target: target.into(),
                protocol: protocol.to_owned(),
            });
            prop_assert_eq!(Port::parse(&port.to_string()).expect("a port was printed"), [port]);
        }
    }
}
