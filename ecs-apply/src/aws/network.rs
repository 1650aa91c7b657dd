//! EC2.

use super::query::{Element, Query, Wrong, each, items, name_tag, tags, text};
use super::{Aws, AwsError};
use crate::network::{Route, RouteTable, SecurityGroup, Subnet, Vpc};

impl Aws {
    /// All networks.
    pub async fn vpcs(&self) -> Result<Vec<Vpc>, AwsError> {
        self.pages(&Query::new("ec2:DescribeVpcs"), read_vpcs).await
    }

    /// The parts of a network.
    pub async fn subnets_of(&self, vpc: &str) -> Result<Vec<Subnet>, AwsError> {
        let query = Query::new("ec2:DescribeSubnets").filter("vpc-id", &[vpc.to_owned()]);
        self.pages(&query, read_subnets).await
    }

    /// The subnets with these ids, those that are there.
    pub async fn subnets(&self, ids: &[String]) -> Result<Vec<Subnet>, AwsError> {
        let query = Query::new("ec2:DescribeSubnets").filter("subnet-id", ids);
        self.pages(&query, read_subnets).await
    }

    /// The route tables of a network.
    pub async fn route_tables(&self, vpc: &str) -> Result<Vec<RouteTable>, AwsError> {
        let query = Query::new("ec2:DescribeRouteTables").filter("vpc-id", &[vpc.to_owned()]);
        self.pages(&query, read_route_tables).await
    }

    /// The security groups of a network.
    pub async fn security_groups(&self, vpc: &str) -> Result<Vec<SecurityGroup>, AwsError> {
        let query = Query::new("ec2:DescribeSecurityGroups").filter("vpc-id", &[vpc.to_owned()]);
        self.pages(&query, read_security_groups).await
    }
}

fn read_vpcs(answer: &str) -> Result<Vec<Vpc>, Wrong> {
    items(answer, "vpcSet", |item| {
        let mut vpc = Vpc::default();
        each(item, |name, element| {
            match name {
                "vpcId" => vpc.id = text(element)?,
                "isDefault" => vpc.default = text(element)? == "true",
                "tagSet" => vpc.name = name_tag(&tags(element)?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(vpc)
    })
}

fn read_subnets(answer: &str) -> Result<Vec<Subnet>, Wrong> {
    items(answer, "subnetSet", |item| {
        let mut subnet = Subnet::default();
        each(item, |name, element| {
            match name {
                "subnetId" => subnet.id = text(element)?,
                "vpcId" => subnet.vpc = text(element)?,
                "availabilityZone" => subnet.zone = Some(text(element)?),
                "ipv6Native" => subnet.ipv6_only = text(element)? == "true",
                "tagSet" => subnet.name = name_tag(&tags(element)?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(subnet)
    })
}

fn read_route_tables(answer: &str) -> Result<Vec<RouteTable>, Wrong> {
    items(answer, "routeTableSet", |item| {
        let mut table = RouteTable::default();
        each(item, |name, element| match name {
            "routeSet" => each(element, |_, route| {
                table.routes.push(read_route(route)?);
                Ok(())
            }),
            "associationSet" => {
                each(element, |_, association| read_association(association, &mut table))
            }
            _ => Ok(()),
        })?;
        Ok(table)
    })
}

fn read_route(item: &mut Element<'_, '_>) -> Result<Route, Wrong> {
    let mut route = Route { active: true, ..Route::default() };
    each(item, |name, element| {
        match name {
            "destinationCidrBlock" | "destinationIpv6CidrBlock" => {
                route.destination = text(element)?;
            }
            "gatewayId" => route.gateway = Some(text(element)?),
            "state" => route.active = text(element)? == "active",
            _ => {}
        }
        Ok(())
    })?;
    Ok(route)
}

/// An association that is being taken back counts until it is gone.
fn read_association(item: &mut Element<'_, '_>, table: &mut RouteTable) -> Result<(), Wrong> {
    each(item, |name, element| {
        match name {
            "main" => table.main |= text(element)? == "true",
            "subnetId" => table.subnets.push(text(element)?),
            _ => {}
        }
        Ok(())
    })
}

fn read_security_groups(answer: &str) -> Result<Vec<SecurityGroup>, Wrong> {
    items(answer, "securityGroupInfo", |item| {
        let mut group = SecurityGroup::default();
        each(item, |name, element| {
            match name {
                "groupId" => group.id = text(element)?,
                "groupName" => group.name = text(element)?,
                "tagSet" => group.tags = tags(element)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(group)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vpcs_are_read() {
        let answer = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>7a62c442-3484-4f42-9342-6942EXAMPLE</requestId>
    <vpcSet>
        <item>
            <vpcId>vpc-1</vpcId>
            <state>available</state>
            <cidrBlockAssociationSet><item><associationId>a</associationId></item></cidrBlockAssociationSet>
            <isDefault>true</isDefault>
        </item>
        <item>
            <vpcId>vpc-2</vpcId>
            <tagSet><item><key>Team</key><value>shop</value></item><item><key>Name</key><value>a &amp; b</value></item></tagSet>
            <isDefault>false</isDefault>
        </item>
    </vpcSet>
</DescribeVpcsResponse>"#;
        let vpc = |id: &str, name: Option<&str>, default| Vpc {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            default,
        };
        let expected = [vpc("vpc-1", None, true), vpc("vpc-2", Some("a & b"), false)];
        assert_eq!(read_vpcs(answer).unwrap(), expected);
        assert_eq!(read_vpcs("<R><vpcSet/></R>").unwrap(), []);
        assert!(read_vpcs("service unavailable").is_err());
    }

    #[test]
    fn subnets_are_read() {
        let answer = "<DescribeSubnetsResponse><subnetSet><item>\
            <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><state>available</state>\
            <availabilityZone>eu-west-1a</availabilityZone>\
            <availabilityZoneId>euw1-az2</availabilityZoneId><ipv6Native>true</ipv6Native>\
            <tagSet/></item></subnetSet></DescribeSubnetsResponse>";
        let expected = Subnet {
            id: "subnet-1".to_owned(),
            name: None,
            vpc: "vpc-1".to_owned(),
            zone: Some("eu-west-1a".to_owned()),
            ipv6_only: true,
        };
        assert_eq!(read_subnets(answer).unwrap(), [expected]);
    }

    #[test]
    fn route_tables_are_read() {
        let answer = "<DescribeRouteTablesResponse><routeTableSet><item>\
            <routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet>\
            <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock>\
              <gatewayId>local</gatewayId><state>active</state></item>\
            <item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock>\
              <gatewayId>igw-1</gatewayId><state>blackhole</state></item>\
            <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>\
              <natGatewayId>nat-1</natGatewayId><state>active</state></item></routeSet>\
            <associationSet><item><main>true</main></item>\
              <item><subnetId>subnet-1</subnetId><main>false</main>\
              <associationState><state>associated</state></associationState></item>\
            </associationSet></item></routeTableSet></DescribeRouteTablesResponse>";
        let route = |destination: &str, gateway: Option<&str>, active| Route {
            destination: destination.to_owned(),
            gateway: gateway.map(str::to_owned),
            active,
        };
        let expected = RouteTable {
            main: true,
            subnets: vec!["subnet-1".to_owned()],
            routes: vec![
                route("10.0.0.0/16", Some("local"), true),
                route("::/0", Some("igw-1"), false),
                route("0.0.0.0/0", None, true),
            ],
        };
        assert_eq!(read_route_tables(answer).unwrap(), [expected]);
    }

    #[test]
    fn security_groups_are_read() {
        let answer = "<DescribeSecurityGroupsResponse><securityGroupInfo><item>\
            <ownerId>123456789012</ownerId><groupId>sg-1</groupId><groupName>web</groupName>\
            <ipPermissions><item><groups><item><groupId>sg-9</groupId></item></groups></item>\
            </ipPermissions><tagSet><item><key>Name</key><value>front</value></item></tagSet>\
            </item></securityGroupInfo></DescribeSecurityGroupsResponse>";
        let expected = SecurityGroup {
            id: "sg-1".to_owned(),
            name: "web".to_owned(),
            tags: vec![("Name".to_owned(), "front".to_owned())],
        };
        assert_eq!(read_security_groups(answer).unwrap(), [expected]);
    }
}
