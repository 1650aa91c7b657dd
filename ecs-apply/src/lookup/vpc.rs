//! The VPC and its subnets.

use compose_model::{Diagnostic, Path};
use ecs_validate::VpcFacts;

use super::subnets::{classify, is_usual};
use super::trouble::{Found, Trouble, both, list, refused, titled};
use crate::aws::Aws;
use crate::network::{RouteTable, Subnet, Vpc};

/// Which VPC it is, and what is known of it by then.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) id: String,
    /// The subnets that `x-aws-subnets` lists, if they say which VPC it is.
    chosen: Option<Vec<Subnet>>,
}

impl Located {
    /// One of which somebody else says which it is.
    pub(super) fn named(id: &str) -> Self {
        Self { id: id.to_owned(), chosen: None }
    }
}

/// Finds out which VPC is meant if nothing names it: that of the subnets which are
/// chosen, or the account's default one.
pub(super) async fn locate(aws: &Aws, chosen: &[String]) -> Found<Located> {
    if chosen.is_empty() {
        return Ok(Located { id: default_vpc(aws).await?, chosen: None });
    }
    let subnets = subnets(aws, chosen).await?;
    let id = subnets.first().map_or("", |subnet| &subnet.vpc).to_owned();
    complain(aws, &id, chosen, &subnets).await?;
    Ok(Located { id, chosen: Some(subnets) })
}

/// What is in the VPC: its subnets, or those that are chosen.
pub(super) async fn contents(aws: &Aws, vpc: &Located, chosen: &[String]) -> Found<VpcFacts> {
    let Located { id, chosen: known } = vpc;
    let (subnets, tables) = tokio::join!(
        async {
            match (known, chosen) {
                (Some(known), _) => Ok(known.clone()),
                (None, []) => all_subnets(aws, id).await,
                (None, chosen) => subnets(aws, chosen).await,
            }
        },
        tables(aws, id)
    );
    let (subnets, tables) = both(subnets, tables)?;
    complain(aws, id, chosen, &subnets).await?;
    if subnets.is_empty() {
        return Err(empty(aws, id).await?.into());
    }
    Ok(VpcFacts { id: id.clone(), subnets: classify(subnets, &tables) })
}

async fn all_subnets(aws: &Aws, vpc: &str) -> Found<Vec<Subnet>> {
    let subnets = aws.subnets_of(vpc).await;
    let subnets = subnets.map_err(refused(format!("the subnets of `{vpc}`"), Some(at_vpc())))?;
    Ok(subnets.into_iter().filter(|subnet| is_usual(subnet, aws.region())).collect())
}

async fn subnets(aws: &Aws, chosen: &[String]) -> Found<Vec<Subnet>> {
    aws.subnets(chosen).await.map_err(refused("the subnets", Some(at_subnets())))
}

async fn tables(aws: &Aws, vpc: &str) -> Found<Vec<RouteTable>> {
    aws.route_tables(vpc).await.map_err(refused("which subnets are public", Some(at_vpc())))
}

/// Fails if a subnet is not there, or not in the VPC.
async fn complain(aws: &Aws, vpc: &str, chosen: &[String], found: &[Subnet]) -> Found<()> {
    let missing: Vec<&String> =
        chosen.iter().filter(|id| !found.iter().any(|subnet| subnet.id == **id)).collect();
    let elsewhere: Vec<&Subnet> = found.iter().filter(|subnet| subnet.vpc != vpc).collect();
    if missing.is_empty() && elsewhere.is_empty() {
        return Ok(());
    }
    let wrong = missing.iter().map(|id| format!("there is no subnet `{id}` in {}", aws.region()));
    let wrong = wrong.chain(
        elsewhere
            .iter()
            .map(|subnet| format!("`{}` is in VPC `{}`, not in `{vpc}`", subnet.id, subnet.vpc)),
    );
    let known = aws.subnets_of(vpc).await.unwrap_or_default();
    let known = list(known.iter().map(|subnet| titled(&subnet.id, subnet.name.as_deref())));
    let help = match known.as_str() {
        "" => "name subnets of this region and account".to_owned(),
        known => format!("VPC `{vpc}` has {known}"),
    };
    let problem = |message: String| {
        Diagnostic::error("lookup::subnet", message).at(at_subnets(), "").help(help.clone())
    };
    Err(Trouble::Told(wrong.map(problem).collect()))
}

async fn default_vpc(aws: &Aws) -> Found<String> {
    let vpcs = aws.vpcs().await.map_err(refused("the default VPC", Some(at_vpc())))?;
    if let Some(vpc) = vpcs.iter().find(|vpc| vpc.default) {
        return Ok(vpc.id.clone());
    }
    let message = format!("there is no default VPC in {}", aws.region());
    Err(Diagnostic::error("lookup::vpc", message)
        .at(at_vpc(), "no other is named here")
        .help(choice(&vpcs))
        .into())
}

/// Why a VPC has no subnets: most likely it is not there.
async fn empty(aws: &Aws, id: &str) -> Found<Diagnostic> {
    let vpcs = aws.vpcs().await.map_err(refused("what VPCs there are", Some(at_vpc())))?;
    let (message, help) = if vpcs.iter().any(|vpc| vpc.id == id) {
        let help = "give it subnets in two availability zones, or name another VPC".to_owned();
        (format!("VPC `{id}` has no subnets that tasks can be in"), help)
    } else {
        (format!("there is no VPC `{id}` in {}", aws.region()), choice(&vpcs))
    };
    Ok(Diagnostic::error("lookup::vpc", message).at(at_vpc(), "").help(help))
}

fn choice(vpcs: &[Vpc]) -> String {
    if vpcs.is_empty() {
        return "there is none at all: make one with `aws ec2 create-default-vpc`, or choose \
                another region"
            .to_owned();
    }
    let names = list(vpcs.iter().map(|vpc| titled(&vpc.id, vpc.name.as_deref())));
    format!("set `x-aws-vpc` to the id of one of these: {names}")
}

fn at_vpc() -> Path {
    Path::root().key("x-aws-vpc")
}

fn at_subnets() -> Path {
    Path::root().key("x-aws-subnets")
}
