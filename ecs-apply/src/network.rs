//! What EC2 keeps: networks and what is in them.

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its `Name` tag.
    pub name: Option<String>,
    /// Whether it is what AWS takes if nobody names another.
    pub default: bool,
}

/// A part of a network in one availability zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its `Name` tag.
    pub name: Option<String>,
    /// The network that it is part of.
    pub vpc: String,
    /// `eu-west-1a`
    pub zone: Option<String>,
    /// Whether it has no addresses but those of IPv6.
    pub ipv6_only: bool,
}

/// Where traffic of subnets goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteTable {
    /// Whether it is that of every subnet that has none of its own.
    pub main: bool,
    /// The subnets that it is for.
    pub subnets: Vec<String>,
    /// Where to, and through what.
    pub routes: Vec<Route>,
}

/// One line of a route table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// The addresses that it is for: `0.0.0.0/0`.
    pub destination: String,
    /// The gateway that takes the traffic, if it is one: `igw-…`, `local`.
    pub gateway: Option<String>,
    /// Whether what takes the traffic is there.
    pub active: bool,
}

/// A security group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its name, which no other of the VPC has.
    pub name: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}
