//! Security groups of external networks.

use compose_model::Diagnostic;
use ecs_validate::Named;
use indexmap::IndexMap;

use super::trouble::{Found, Trouble, list, quoted, refused};
use crate::aws::Aws;
use crate::network::SecurityGroup;

/// What tools of Docker, and ours, call a network outside of its project.
const NETWORK: &str = "com.docker.compose.network";

/// The groups of these networks, by their names.
pub(super) async fn security_groups(
    aws: &Aws,
    vpc: &str,
    networks: &[Named],
) -> Found<IndexMap<String, String>> {
    let Some(first) = networks.first() else { return Ok(IndexMap::new()) };
    let known = aws.security_groups(vpc).await;
    let known =
        known.map_err(refused("the security groups of networks", Some(first.at.clone())))?;
    // Every VPC has a group: one that has none is not there, which is told.
    if known.is_empty() {
        return Ok(IndexMap::new());
    }
    let mut found = IndexMap::new();
    let mut problems = Vec::new();
    for Named { name, at } in networks {
        match &with_name(name, &known)[..] {
            [group] => {
                found.insert(name.clone(), group.id.clone());
            }
            several => problems.push(not_one(name, vpc, several, &known).at(at.clone(), "")),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Trouble::Told(problems)) }
}

/// The groups that a name means: the one that has it, or else those that are tagged
/// with it.
fn with_name<'a>(name: &str, known: &'a [SecurityGroup]) -> Vec<&'a SecurityGroup> {
    let tagged = |group: &SecurityGroup, key: &str| {
        group.tags.iter().any(|(known, value)| known == key && value == name)
    };
    let tests: [&dyn Fn(&SecurityGroup) -> bool; 3] =
        [&|group| group.name == name, &|group| tagged(group, NETWORK), &|group| {
            tagged(group, "Name")
        }];
    let found = tests.into_iter().map(|test| known.iter().filter(|group| test(group)).collect());
    found.into_iter().find(|found: &Vec<_>| !found.is_empty()).unwrap_or_default()
}

fn not_one(name: &str, vpc: &str, found: &[&SecurityGroup], known: &[SecurityGroup]) -> Diagnostic {
    if found.is_empty() {
        let names = list(known.iter().map(|group| quoted(&group.name)));
        let message = format!("there is no security group `{name}` in `{vpc}`");
        return Diagnostic::error("lookup::security-group", message).help(format!(
            "write the name, the id or the `Name` tag of one that there is behind `name`: {names}"
        ));
    }
    let ids = list(found.iter().map(|group| quoted(&group.id)));
    let message = format!("`{name}` can mean {} security groups", found.len());
    Diagnostic::error("lookup::security-group", message)
        .help(format!("write the id of one of them behind `name`: {ids}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_known_by_its_name_or_its_tags() {
        let group = |id: &str, name: &str, tag: (&str, &str)| SecurityGroup {
            id: id.to_owned(),
            name: name.to_owned(),
            tags: vec![(tag.0.to_owned(), tag.1.to_owned())],
        };
        let known = [
            group("sg-1", "web", ("Name", "db")),
            group("sg-2", "db", ("Name", "cache")),
            group("sg-3", "stack-1", (NETWORK, "shop_default")),
            group("sg-4", "stack-2", ("Name", "shop_default")),
            group("sg-5", "stack-3", ("Name", "cache")),
        ];
        let cases = [
            ("web", vec!["sg-1"]),
            ("db", vec!["sg-2"]),
            ("shop_default", vec!["sg-3"]),
            ("cache", vec!["sg-2", "sg-5"]),
            ("nothing", vec![]),
        ];
        for (name, expected) in cases {
            let ids: Vec<_> = with_name(name, &known).iter().map(|it| &it.id[..]).collect();
            assert_eq!(ids, expected, "{name}");
        }
    }
}
