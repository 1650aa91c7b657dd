//! Which subnets reach the internet by themselves.

use ecs_validate::SubnetFacts;

use crate::network::{Route, RouteTable, Subnet};

/// Sorts subnets by zone, and says of each whether it is public: whether the route
/// table that it has, or the main one of its VPC if it has none, sends traffic for
/// anywhere to an internet gateway. What the subnet is called and whether it gives
/// out addresses does not matter.
pub(super) fn classify(mut subnets: Vec<Subnet>, tables: &[RouteTable]) -> Vec<SubnetFacts> {
    subnets.sort_by(|a, b| (&a.zone, &a.id).cmp(&(&b.zone, &b.id)));
    let facts = subnets.into_iter().map(|subnet| {
        let public = is_public(&subnet.id, tables);
        SubnetFacts { id: subnet.id, zone: subnet.zone, public }
    });
    facts.collect()
}

/// Whether tasks and load balancers can be anywhere in a subnet that nobody chose:
/// Fargate has no tasks in Local Zones, whose names are longer, and a load balancer
/// needs IPv4.
pub(super) fn is_usual(subnet: &Subnet, region: &str) -> bool {
    let zone = subnet.zone.as_deref().and_then(|zone| zone.strip_prefix(region));
    zone.is_none_or(|letter| letter.len() == 1) && !subnet.ipv6_only
}

fn is_public(subnet: &str, tables: &[RouteTable]) -> bool {
    let own = tables.iter().find(|table| table.subnets.iter().any(|id| id == subnet));
    let table = own.or_else(|| tables.iter().find(|table| table.main));
    table.is_some_and(|table| table.routes.iter().any(leads_out))
}

fn leads_out(route: &Route) -> bool {
    let anywhere = matches!(route.destination.as_str(), "0.0.0.0/0" | "::/0");
    let gateway = route.gateway.as_deref().is_some_and(|gateway| gateway.starts_with("igw-"));
    route.active && anywhere && gateway
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(text: &str) -> Route {
        let mut words = text.split(' ');
        Route {
            destination: words.next().unwrap().to_owned(),
            gateway: words.next().filter(|word| *word != "-").map(str::to_owned),
            active: words.next() != Some("blackhole"),
        }
    }

    fn table(main: bool, subnets: &[&str], routes: &[&str]) -> RouteTable {
        RouteTable {
            main,
            subnets: subnets.iter().map(|id| (*id).to_owned()).collect(),
            routes: routes.iter().map(|text| route(text)).collect(),
        }
    }

    #[test]
    fn a_public_subnet_has_a_route_to_an_internet_gateway() {
        let local = "10.0.0.0/16 local";
        let closed = || table(true, &[], &[local]);
        let open = || table(true, &[], &[local, "0.0.0.0/0 igw-1"]);
        let cases = [
            ("no tables at all", vec![], false),
            ("the main table is closed", vec![closed()], false),
            ("the main table is open", vec![open()], true),
            (
                "its own table is open",
                vec![closed(), table(false, &["s"], &["0.0.0.0/0 igw-1"])],
                true,
            ),
            ("its own table is closed", vec![open(), table(false, &["s"], &[local])], false),
            (
                "the table of another is open",
                vec![closed(), table(false, &["t"], &["0.0.0.0/0 igw-1"])],
                false,
            ),
            ("the table of another is closed", vec![table(false, &["t"], &[local]), open()], true),
            (
                "the main table is its own, too",
                vec![table(true, &["s"], &["0.0.0.0/0 igw-1"])],
                true,
            ),
            ("over IPv6", vec![table(true, &[], &["::/0 igw-1"])], true),
            ("through a NAT gateway", vec![table(true, &[], &["0.0.0.0/0 -"])], false),
            ("out alone, over IPv6", vec![table(true, &[], &["::/0 eigw-1"])], false),
            ("through a VPN", vec![table(true, &[], &["0.0.0.0/0 vgw-1"])], false),
            ("to a few addresses", vec![table(true, &[], &["52.0.0.0/8 igw-1"])], false),
            ("the gateway is gone", vec![table(true, &[], &["0.0.0.0/0 igw-1 blackhole"])], false),
        ];
        for (case, tables, public) in cases {
            assert_eq!(is_public("s", &tables), public, "{case}");
        }
    }

    #[test]
    fn only_usual_subnets_are_taken_unasked() {
        let cases = [
            (Some("us-west-2a"), false, true),
            (Some("us-west-2a"), true, false),
            (Some("us-west-2-lax-1a"), false, false),
            (None, false, true),
        ];
        for (zone, ipv6_only, usual) in cases {
            let zone = zone.map(str::to_owned);
            let subnet = Subnet { zone, ipv6_only, ..Subnet::default() };
            assert_eq!(is_usual(&subnet, "us-west-2"), usual, "{subnet:?}");
        }
    }

    #[test]
    fn subnets_are_sorted_by_zone() {
        let subnet = |id: &str, zone: &str| Subnet {
            id: id.to_owned(),
            zone: Some(zone.to_owned()),
            ..Subnet::default()
        };
        let facts = classify(vec![subnet("s-3", "b"), subnet("s-1", "b"), subnet("s-2", "a")], &[]);
        let ids: Vec<_> = facts.iter().map(|subnet| &subnet.id[..]).collect();
        assert_eq!(ids, ["s-2", "s-1", "s-3"]);
    }
}
