//! The short form of `ports`: `127.0.0.1:8000-8010:80/tcp`.

use std::net::IpAddr;

use thiserror::Error;

/// One port of a container, from the short form of `ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortPort {
    /// The address of the host to listen at; empty for every address.
    pub host_ip: String,
    /// The port of the host, or a range to choose from; empty for any.
    pub published: String,
    /// The port of the container.
    pub target: u32,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// Why a text is not the short form of `ports`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PortError {
    /// What stands before the ports is no address.
    #[error(
        "has `{address}` where an IP address belongs; write one such as `127.0.0.1` or `[::1]`"
    )]
    Address {
        /// As written.
        address: String,
    },
    /// Nothing after the last colon.
    #[error("has no container port; write it last, as in `8080:80`")]
    NoContainerPort,
    /// What stands after the last colon is no port.
    #[error(
        "has the container port `{port}`, which is neither a number up to 65535 nor a range such as `8000-8010`"
    )]
    ContainerPort {
        /// As written.
        port: String,
    },
    /// What stands before the container port is no port.
    #[error(
        "has the host port `{port}`, which is neither a number up to 65535 nor a range such as `8000-8010`"
    )]
    HostPort {
        /// As written.
        port: String,
    },
    /// Two ranges that cannot be paired.
    #[error("has ranges of different lengths: host ports {host} and container ports {container}")]
    Ranges {
        /// As written.
        host: String,
        /// As written.
        container: String,
    },
    /// What stands behind the slash is no protocol.
    #[error("has the protocol `{protocol}`; write `tcp`, `udp` or `sctp`")]
    Protocol {
        /// As written.
        protocol: String,
    },
}

/// Reads an entry of `ports` in its short form. A range of container ports
/// gives one element for each, in the order that Docker prints them in: by
/// their digits, so that 10 comes before 9.
///
/// ```
/// use compose_model::value::parse_ports;
///
/// let ports = parse_ports("8080:80")?;
/// assert_eq!((ports[0].published.as_str(), ports[0].target), ("8080", 80));
/// # Ok::<(), compose_model::value::PortError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports>
///
/// # Errors
///
/// Says which part of the entry is wrong.
pub fn parse_ports(spec: &str) -> Result<Vec<ShortPort>, PortError> {
    let parts = Parts::of(spec);
    let host_ip = host_ip(parts.address)?;
    let targets = container_range(parts.container)?;
    let published = host_range(parts.host)?;
    check_lengths(&parts, targets, published)?;
    let protocol = protocol(parts.protocol)?;
    let mut ports: Vec<_> = targets
        .ports()
        .map(|target| ShortPort {
            host_ip: host_ip.to_owned(),
            published: published.map_or_else(String::new, |range| range.paired(target, targets)),
            target: u32::from(target),
            protocol: protocol.clone(),
        })
        .collect();
    ports.sort_by_cached_key(|port| port.target.to_string());
    Ok(ports)
}

/// An entry, cut at its colons from the right, as an IPv6 address has some too.
struct Parts<'s> {
    address: &'s str,
    host: &'s str,
    container: &'s str,
    protocol: &'s str,
}

impl<'s> Parts<'s> {
    fn of(spec: &'s str) -> Self {
        let mut parts = spec.rsplitn(3, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (last, host, address) = (next(), next(), next());
        let mut last = last.split('/');
        let container = last.next().unwrap_or_default();
        let protocol = last.next().filter(|protocol| !protocol.is_empty()).unwrap_or("tcp");
        Self { address, host, container, protocol }
    }
}

/// Ports from the first to the last. As both have 16 bits, there are at most
/// 65536.
#[derive(Clone, Copy)]
struct Range {
    first: u16,
    last: u16,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let mut ends = text.split('-');
        let first = number(ends.next()?)?;
        let last = ends.next().map_or(Some(first), number)?;
        (first <= last).then_some(Self { first, last })
    }

    fn ports(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }

    fn length(self) -> u16 {
        self.last - self.first
    }

    /// What a container's port is published as: its partner if both sides are
    /// ranges; otherwise any port of the host's range.
    fn paired(self, target: u16, targets: Self) -> String {
        if self.length() == targets.length() {
            (self.first + (target - targets.first)).to_string()
        } else {
            format!("{}-{}", self.first, self.last)
        }
    }
}

fn number(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn host_ip(address: &str) -> Result<&str, PortError> {
    let bracketed = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let ip = bracketed.unwrap_or(address);
    if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
        return Err(PortError::Address { address: address.to_owned() });
    }
    Ok(ip)
}

fn container_range(port: &str) -> Result<Range, PortError> {
    if port.is_empty() {
        return Err(PortError::NoContainerPort);
    }
    Range::parse(port).ok_or_else(|| PortError::ContainerPort { port: port.to_owned() })
}

fn host_range(port: &str) -> Result<Option<Range>, PortError> {
    if port.is_empty() {
        return Ok(None);
    }
    let range = Range::parse(port).ok_or_else(|| PortError::HostPort { port: port.to_owned() })?;
    Ok(Some(range))
}

/// A single container port may be published anywhere in a range; other ranges
/// must be of the same length.
fn check_lengths(
    parts: &Parts<'_>,
    targets: Range,
    published: Option<Range>,
) -> Result<(), PortError> {
    let differ = published.is_some_and(|range| range.length() != targets.length());
    if differ && targets.length() > 0 {
        let (host, container) = (parts.host.to_owned(), parts.container.to_owned());
        return Err(PortError::Ranges { host, container });
    }
    Ok(())
}

fn protocol(text: &str) -> Result<String, PortError> {
    let protocol = text.to_lowercase();
    match protocol.as_str() {
        "tcp" | "udp" | "sctp" => Ok(protocol),
        _ => Err(PortError::Protocol { protocol: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_part_but_the_container_port_is_optional() {
        let cases = [
            ("80", "80/tcp"),
            ("080", "80/tcp"),
            ("80/", "80/tcp"),
            ("80/UDP", "80/udp"),
            (":80", "80/tcp"),
            ("8080:80", "8080:80/tcp"),
            ("10.0.0.1::80", "10.0.0.1::80/tcp"),
            ("[::1]:8080:80/sctp", "::1:8080:80/sctp"),
            ("::1:8080:80", "::1:8080:80/tcp"),
            ("[10.0.0.1]:1:2", "10.0.0.1:1:2/tcp"),
            ("8000-8002:80", "8000-8002:80/tcp"),
            ("8000-8000:80", "8000:80/tcp"),
            ("9-10", "10/tcp 9/tcp"),
            ("19-20:9-10", "20:10/tcp 19:9/tcp"),
        ];
        for (spec, expected) in cases {
            let printed: Vec<_> = parse_ports(spec).unwrap().iter().map(print).collect();
            assert_eq!(printed.join(" "), expected, "{spec}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let container = |port: &str| PortError::ContainerPort { port: port.into() };
        let cases = [
            ("", PortError::NoContainerPort),
            ("8080:", PortError::NoContainerPort),
            ("/tcp", PortError::NoContainerPort),
            ("web", container("web")),
            ("+80", container("+80")),
            ("65536", container("65536")),
            ("9-8", container("9-8")),
            ("9-", container("9-")),
            ("web:80", PortError::HostPort { port: "web".into() }),
            ("host:80:80", PortError::Address { address: "host".into() }),
            ("[::1:80:80", PortError::Address { address: "[::1".into() }),
            ("1-2:1-3", PortError::Ranges { host: "1-2".into(), container: "1-3".into() }),
            ("80/http", PortError::Protocol { protocol: "http".into() }),
        ];
        for (spec, error) in cases {
            assert_eq!(parse_ports(spec), Err(error), "{spec}");
        }
    }

    #[test]
    fn the_longest_range_is_every_port() {
        assert_eq!(parse_ports("0-65535:0-65535").unwrap().len(), 65536);
    }

    fn print(port: &ShortPort) -> String {
        let ShortPort { host_ip, published, target, protocol } = port;
        let ip = if host_ip.is_empty() { String::new() } else { format!("{host_ip}:") };
        let host = if published.is_empty() && ip.is_empty() { "" } else { ":" };
        format!("{ip}{published}{host}{target}/{protocol}")
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(spec in "[0-9a-f:./\\[\\]tcp-]{0,16}|\\PC*") {
            let _ = parse_ports(&spec);
        }

        #[test]
        fn printed_ports_parse_back(host in prop::option::of(0_u16..), target: u16, udp: bool) {
            let port = ShortPort {
                host_ip: if udp { "::1".into() } else { String::new() },
                published: host.map_or_else(String::new, |host| host.to_string()),
                target: target.into(),
                protocol: if udp { "udp".into() } else { "tcp".into() },
            };
            prop_assert_eq!(parse_ports(&print(&port)), Ok(vec![port]));
        }
    }
}
