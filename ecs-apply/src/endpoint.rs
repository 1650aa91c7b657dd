//! Where a service is reached, and whether what stands there is well.

use std::fmt;

/// A port that a load balancer listens at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// Its ARN.
    pub arn: String,
    /// The ARN of its load balancer.
    pub load_balancer: String,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP` or `TCP_UDP`.
    pub protocol: String,
    /// The port.
    pub port: i32,
    /// Where it sends traffic unless a rule says otherwise: ARNs of target groups.
    pub target_groups: Vec<String>,
}

/// What a load balancer sends traffic to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its address, or the id of a machine.
    pub id: String,
    /// `healthy`, `initial`, `unhealthy`, `draining`, …
    pub state: String,
    /// Why, in AWS's words.
    pub reason: Option<String>,
}

/// Where a service is reached from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The name of the load balancer in DNS.
    pub host: String,
    /// The port.
    pub port: i32,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP` or `TCP_UDP`.
    pub protocol: String,
    /// The ARN of the target group behind it.
    pub target_group: String,
    /// What stands behind it.
    pub targets: Vec<Target>,
}

impl Endpoint {
    /// An address for a browser, where that is one.
    pub fn url(&self) -> Option<String> {
        let (scheme, usual) = match self.protocol.as_str() {
            "HTTP" => ("http", 80),
            "HTTPS" => ("https", 443),
            _ => return None,
        };
        let Self { host, port, .. } = self;
        Some(match *port == usual {
            true => format!("{scheme}://{host}"),
            false => format!("{scheme}://{host}:{port}"),
        })
    }

    /// How many of its targets get traffic.
    pub fn healthy(&self) -> usize {
        self.targets.iter().filter(|target| target.state == "healthy").count()
    }
}

impl fmt::Display for Endpoint {
    /// `http://host:8080`, or `host:5432/tcp` as Docker writes ports.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.url() {
            Some(url) => f.write_str(&url),
            None => write!(f, "{}:{}/{}", self.host, self.port, self.protocol.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_written_as_one_types_it() {
        let cases = [
            ("HTTP", 80, "http://lb"),
            ("HTTP", 8080, "http://lb:8080"),
            ("HTTPS", 443, "https://lb"),
            ("HTTPS", 80, "https://lb:80"),
            ("TCP", 5432, "lb:5432/tcp"),
            ("TCP_UDP", 53, "lb:53/tcp_udp"),
        ];
        for (protocol, port, expected) in cases {
            let endpoint = Endpoint {
                host: "lb".to_owned(),
                port,
                protocol: protocol.to_owned(),
                target_group: String::new(),
                targets: Vec::new(),
            };
            assert_eq!(endpoint.to_string(), expected);
        }
    }
}
