//! What is different in a resource, property by property.

use std::fmt::Display;

use serde_json::Value as Json;

use crate::plan::concealment::{self, Concealment};
use crate::plan::recreation;
use crate::stack::{Change, Recreation};

/// A value is shown up to this length.
const SHOWN: usize = 80;

/// More in one resource would not be read.
const MOST: usize = 20;

/// Something that is different in a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `ContainerDefinitions[web].Image`
    pub path: String,
    /// What is there now, in short and without secrets; nothing, if nothing is.
    pub before: Option<String>,
    /// What shall be there.
    pub after: Option<String>,
    /// Whether it needs a new resource.
    pub recreation: Recreation,
    /// What makes it change, if it is not written in the template itself.
    pub cause: Option<String>,
}

/// What is different between the two, and what CloudFormation says besides.
pub(super) fn differences(
    before: &Json,
    after: &Json,
    change: &Change,
    concealment: &Concealment<'_>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for part in ["Properties", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"] {
        let path = if part == "Properties" { "" } else { part };
        compare(Place::of(path), &before[part], &after[part], &mut found);
    }
    let mut differences: Vec<Difference> =
        found.into_iter().map(|it| difference(it, change, concealment)).collect();
    // What follows from others: the template says the same, but that is another
    // value now.
    for told in &change.properties {
        if !differences.iter().any(|it| property(&it.path) == told.name) {
            differences.push(Difference {
                path: told.name.clone(),
                before: None,
                after: None,
                recreation: told.recreation,
                cause: told.cause.clone(),
            });
        }
    }
    let more = differences.len().saturating_sub(MOST);
    differences.truncate(MOST);
    if more > 0 {
        differences.push(Difference {
            path: format!("and {more} more"),
            before: None,
            after: None,
            recreation: Recreation::Never,
            cause: None,
        });
    }
    differences
}

/// Where one side comes from a secret, the other is one, whatever it is called.
fn difference(found: Found<'_>, change: &Change, concealment: &Concealment<'_>) -> Difference {
    let Found { place: Place { path, is_secret }, before, after } = found;
    let is_given = |side: Option<&Json>| side.is_some_and(|it| concealment.is_given(it));
    let is_secret = is_secret || is_given(before) || is_given(after);
    let shown = |side: &Json| {
        short(&if is_secret { concealment::hide(side) } else { concealment.veil(side) })
    };
    Difference {
        recreation: recreation(change, property(&path)),
        path,
        before: before.map(shown),
        after: after.map(shown),
        cause: None,
    }
}

/// The first part of a path: `ContainerDefinitions`.
fn property(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// What is different at one place.
struct Found<'a> {
    place: Place,
    before: Option<&'a Json>,
    after: Option<&'a Json>,
}

/// Where something is, and whether what it is called makes it a secret.
#[derive(Clone)]
struct Place {
    path: String,
    is_secret: bool,
}

impl Place {
    fn of(path: &str) -> Self {
        Self { path: path.to_owned(), is_secret: false }
    }

    /// The entry of this name; of a variable, the value is as secret as its name says.
    fn entry(&self, key: &str, is_variable: bool) -> Self {
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let is_secret = concealment::is_secret_name(key) || is_variable && key == "Value";
        Self { path, is_secret: self.is_secret || is_secret }
    }

    /// The item of this name, or with this number.
    fn item(&self, name: impl Display) -> Self {
        Self { path: format!("{}[{name}]", self.path), is_secret: self.is_secret }
    }
}

fn compare<'a>(place: Place, before: &'a Json, after: &'a Json, found: &mut Vec<Found<'a>>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Json::Object(old), Json::Object(new)) if !is_function(before) && !is_function(after) => {
            let is_variable = [before, after].into_iter().any(concealment::is_named_secret);
            let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
            for key in keys {
                compare(place.entry(key, is_variable), &before[key], &after[key], found);
            }
        }
        (Json::Array(old), Json::Array(new)) => items(&place, old, new, found),
        _ => found.push(Found { place, before: present(before), after: present(after) }),
    }
}

/// Items that have names are compared with those of the same name, others with those
/// at the same place.
fn items<'a>(place: &Place, old: &'a [Json], new: &'a [Json], found: &mut Vec<Found<'a>>) {
    const MISSING: &Json = &Json::Null;
    let names = |items: &[Json]| items.iter().map(name).collect::<Option<Vec<_>>>();
    let (Some(olds), Some(news)) = (names(old), names(new)) else {
        for index in 0..old.len().max(new.len()) {
            let at = |items: &'a [Json]| items.get(index).unwrap_or(MISSING);
            compare(place.item(index), at(old), at(new), found);
        }
        return;
    };
    let added = news.iter().filter(|name| !olds.contains(name));
    for name in olds.iter().chain(added) {
        let of = |names: &[String], items: &'a [Json]| {
            let place = names.iter().position(|it| it == name);
            place.and_then(|place| items.get(place)).unwrap_or(MISSING)
        };
        compare(place.item(name), of(&olds, old), of(&news, new), found);
    }
}

/// What an item is known by.
fn name(item: &Json) -> Option<String> {
    let name = item.get("Name").or_else(|| item.get("Key"))?;
    name.as_str().map(ToOwned::to_owned)
}

fn is_function(value: &Json) -> bool {
    let only = value.as_object().filter(|it| it.len() == 1).and_then(|it| it.keys().next());
    only.is_some_and(|key| key == "Ref" || key.starts_with("Fn::"))
}

fn present(value: &Json) -> Option<&Json> {
    (!value.is_null()).then_some(value)
}

/// A value in one line. Functions are written as their short forms are.
fn short(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Object(entries) if is_function(value) => {
            let (name, argument) = entries.iter().next().expect("a function has one key");
            format!("!{} {}", name.trim_start_matches("Fn::"), short(argument))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            value.to_string()
        }
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::{ChangeKind, PropertyChange, Replacement};

    fn change(properties: Vec<PropertyChange>) -> Change {
        Change {
            kind: ChangeKind::Modify,
            logical_id: "Web".to_owned(),
            physical_id: None,
            resource: "AWS::ECS::TaskDefinition".to_owned(),
            replacement: Replacement::Yes,
            properties,
        }
    }

    fn told(before: Json, after: Json, properties: Vec<PropertyChange>) -> Vec<String> {
        let (before, after) = (json!({"Properties": before}), json!({"Properties": after}));
        let templates = [&Json::Null, &json!({"Parameters": {"Token": {"NoEcho": true}}})];
        let concealment = Concealment::of(templates, &["hunter2"]);
        let found = differences(&before, &after, &change(properties), &concealment);
        let side = |it: Option<String>| it.unwrap_or_else(|| "-".to_owned());
        let line = |it: Difference| {
            let cause = it.cause.map(|cause| format!(" by {cause}")).unwrap_or_default();
            format!("{}: {} > {}{cause}", it.path, side(it.before), side(it.after))
        };
        found.into_iter().map(line).collect()
    }

    #[test]
    fn items_are_compared_by_name() {
        let before = json!({"ContainerDefinitions": [
            {"Name": "init", "Image": "busybox"},
            {"Name": "web", "Image": "nginx:1", "Environment": [{"Name": "A", "Value": "1"}]},
        ]});
        let after = json!({"ContainerDefinitions": [
            {"Name": "web", "Image": "nginx:2", "Environment": [{"Name": "B", "Value": "2"}]},
        ]});
        let expected = [
            r#"ContainerDefinitions[init]: {"Image":"busybox","Name":"init"} > -"#,
            "ContainerDefinitions[web].Image: nginx:1 > nginx:2",
            r#"ContainerDefinitions[web].Environment[A]: {"Name":"A","Value":"1"} > -"#,
            r#"ContainerDefinitions[web].Environment[B]: - > {"Name":"B","Value":"2"}"#,
        ];
        let mut found = told(before, after, Vec::new());
        found.sort();
        let mut expected = expected.map(str::to_owned);
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn functions_are_values() {
        let before = json!({"Cluster": {"Ref": "Cluster"}, "Count": 1});
        let after = json!({"Cluster": {"Fn::GetAtt": ["Cluster", "Arn"]}, "Count": 1});
        assert_eq!(
            told(before, after, Vec::new()),
            [r#"Cluster: !Ref Cluster > !GetAtt ["Cluster","Arn"]"#]
        );
    }

    #[test]
    fn secrets_are_told_by_their_places_alone() {
        let before = json!({
            "SecretString": "gordonpass\n",
            "Environment": [
                {"Name": "DB_PASSWORD", "Value": "old"},
                {"Name": "GREETING", "Value": "I am hunter2"},
                {"Name": "KEY", "Value": "opensesame"},
            ],
            "Users": [{"Username": "a", "Password": "b"}],
            "Name": "shop",
        });
        let after = json!({
            "SecretString": {"Ref": "Token"},
            "Environment": [
                {"Name": "DB_PASSWORD", "Value": "new"},
                {"Name": "GREETING", "Value": "I am nobody"},
                {"Name": "KEY", "Value": {"Fn::Sub": "${Token}!"}},
            ],
            "Name": "shops",
        });
        let mut found = told(before, after, Vec::new());
        found.sort();
        let expected = [
            "Environment[DB_PASSWORD].Value: (not shown) > (not shown)",
            "Environment[GREETING].Value: (not shown) > I am nobody",
            "Environment[KEY].Value: (not shown) > (not shown)",
            "Name: shop > shops",
            "SecretString: (not shown) > !Ref Token",
            r#"Users: [{"Password":"(not shown)","Username":"a"}] > -"#,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_follows_from_another_resource_is_told() {
        let same = json!({"TaskDefinition": {"Ref": "WebTaskDefinition"}});
        let follows = PropertyChange {
            name: "TaskDefinition".to_owned(),
            recreation: Recreation::Never,
            cause: Some("WebTaskDefinition".to_owned()),
        };
        assert_eq!(
            told(same.clone(), same, vec![follows]),
            ["TaskDefinition: - > - by WebTaskDefinition"]
        );
    }
}
