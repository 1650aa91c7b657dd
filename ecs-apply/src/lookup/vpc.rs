//! The VPC and its subnets.

use compose_model::{Diagnostic, Path};
use ecs_validate::{VpcFacts, Wanted};

use super::subnets::classify;
use super::trouble::{Found, Trouble, both, list, refused, titled};
use crate::aws::{Aws, AwsError};
use crate::network::{Subnet, Vpc};

const INSTEAD: &str = "or write what is known into a file for `--facts`";

/// The VPC, and those of its subnets that are wanted. `named` is its id, if that is
/// known: it is looked for otherwise.
pub(super) async fn vpc(aws: &Aws, wanted: &Wanted, named: Option<&str>) -> Found<VpcFacts> {
    match (named, &wanted.subnets[..]) {
        (Some(id), []) => whole(aws, id).await,
        (None, []) => whole(aws, &default_vpc(aws).await?).await,
        (named, chosen) => parts(aws, named, chosen).await,
    }
}

/// All subnets of a VPC.
async fn whole(aws: &Aws, id: &str) -> Found<VpcFacts> {
    let (subnets, tables) = tokio::join!(aws.subnets_of(id), aws.route_tables(id));
    let what = format!("what is in VPC `{id}`");
    let subnets = subnets.map_err(refused(what, at_vpc(), INSTEAD));
    let (subnets, tables) = both(subnets, tables.map_err(closed(at_vpc())))?;
    if subnets.is_empty() {
        return Err(empty(aws, id).await?.into());
    }
    Ok(VpcFacts { id: id.to_owned(), subnets: classify(subnets, &tables) })
}

/// Route tables that may not be looked at.
fn closed(at: Path) -> impl FnOnce(AwsError) -> Trouble {
    refused("which subnets are public", at, INSTEAD)
}

/// The subnets that are named, which say what VPC is meant if nothing else does.
async fn parts(aws: &Aws, named: Option<&str>, chosen: &[String]) -> Found<VpcFacts> {
    let subnets = async {
        let subnets = aws.subnets(chosen).await;
        subnets.map_err(refused("the subnets", at_subnets(), INSTEAD))
    };
    let tables = async |vpc: &str| aws.route_tables(vpc).await.map_err(closed(at_subnets()));
    let (id, subnets, tables) = match named {
        Some(id) => {
            let (subnets, tables) = tokio::join!(subnets, tables(id));
            let (subnets, tables) = both(subnets, tables)?;
            complain(aws, id, chosen, &subnets).await?;
            (id.to_owned(), subnets, tables)
        }
        None => {
            let subnets = subnets.await?;
            let id = subnets.first().map_or("", |subnet| &subnet.vpc).to_owned();
            complain(aws, &id, chosen, &subnets).await?;
            let tables = tables(&id).await?;
            (id, subnets, tables)
        }
    };
    Ok(VpcFacts { id, subnets: classify(subnets, &tables) })
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
    let known = aws.subnets_of(vpc).await;
    let known = known.map_err(refused("what subnets there are", at_subnets(), INSTEAD))?;
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
    let vpcs = aws.vpcs().await.map_err(refused("the default VPC", at_vpc(), INSTEAD))?;
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
    let vpcs = aws.vpcs().await.map_err(refused("what VPCs there are", at_vpc(), INSTEAD))?;
    let (message, help) = if vpcs.iter().any(|vpc| vpc.id == id) {
        let help = "give it subnets in two availability zones, or name another VPC".to_owned();
        (format!("VPC `{id}` has no subnets"), help)
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
