//! `cargo xtask properties`: which properties resources have, for who mistypes one in
//! an overlay.
//!
//! cfn-lint comes with the schemas of AWS. What an overlay is held against is written down
//! from them, far shorter: the names of properties, and what is a list or a mapping.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::lint::linter;
use crate::workspace::Workspace;

/// The region that has the most types.
const REGION: &str = "us-east-1";

/// Where the table is.
const TABLE: &str = "cfn-convert/src/overlay/properties.txt";

/// Where the sources say which types are made.
const SOURCES: &str = "cfn-convert/src/convert";

/// What authors add to a project, besides what is made for it.
const OTHERS: [&str; 38] = [
    "AWS::CertificateManager::Certificate",
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECR::Repository",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::SubscriptionFilter",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::ServiceDiscovery::Instance",
    "AWS::WAFv2::WebACLAssociation",
];

/// Writes the table.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let table = table(workspace)?;
    fs::write(workspace.root.join(TABLE), &table)?;
    println!("{TABLE} has {} bytes", table.len());
    Ok(())
}

/// Fails if the table is not what the pinned cfn-lint gives.
#[expect(clippy::disallowed_methods, reason = "the table is no file of a project")]
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let kept = fs::read_to_string(workspace.root.join(TABLE))?;
    ensure!(kept == table(workspace)?, "{TABLE} is stale: run `cargo xtask properties`");
    Ok(())
}

fn table(workspace: &Workspace) -> Result<String> {
    let schemas = schemas(&linter(workspace)?)?;
    let version = json(&schemas.join("version.json"))?;
    let time = version["schema_date"].as_str().context("the schemas have no date")?;
    let date = time.split('T').next().unwrap_or(time);
    let mut table = format!(
        "{date}\nWritten by `cargo xtask properties`, from the schemas of AWS of that day.\n"
    );
    let files = json(&schemas.join("providers").join(format!("{REGION}.json")))?;
    let mut types = made(&workspace.root.join(SOURCES))?;
    types.extend(OTHERS.map(str::to_owned));
    types.sort();
    for kind in types {
        let file = files[&kind].as_str().with_context(|| format!("AWS has no {kind}"))?;
        let schema = json(&schemas.join("resources").join(format!("{file}.json")))?;
        table.push_str(&paragraph(&kind, &schema).context(kind)?);
    }
    Ok(table)
}

/// Where cfn-lint has the schemas, whichever Python it runs on.
fn schemas(linter: &Path) -> Result<PathBuf> {
    let folder = linter.ancestors().nth(2).context("a linter lies in an environment")?.join("lib");
    for entry in folder.read_dir()? {
        let schemas = entry?.path().join("site-packages/cfnlint/data/schemas");
        if schemas.exists() {
            return Ok(schemas);
        }
    }
    bail!("cfn-lint has no schemas below {}", folder.display())
}

#[expect(clippy::disallowed_methods, reason = "a schema is no file of a project")]
fn json(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

/// The types that the sources name.
#[expect(clippy::disallowed_methods, reason = "sources are no files of a project")]
fn made(sources: &Path) -> Result<Vec<String>> {
    let mut types = Vec::new();
    for entry in sources.read_dir()? {
        let text = fs::read_to_string(entry?.path())?;
        let after = text.split("const TYPE: &'static str = \"").skip(1);
        types.extend(after.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    Ok(types)
}

/// A resource and the mappings below it.
fn paragraph(kind: &str, schema: &Value) -> Result<String> {
    let mut mappings = Mappings { schema, lines: BTreeMap::new() };
    let properties = mappings.properties(schema, "", &read_only(schema))?;
    let mut text = format!("\n{kind}{properties}\n");
    for (name, properties) in mappings.lines {
        writeln!(text, "{name}{properties}")?;
    }
    Ok(text)
}

/// What can only be asked for.
fn read_only(schema: &Value) -> Vec<&str> {
    let paths = schema["readOnlyProperties"].as_array().into_iter().flatten();
    paths.filter_map(|path| path.as_str()?.strip_prefix("/properties/")).collect()
}

/// The mappings below a resource, each by its name.
struct Mappings<'a> {
    schema: &'a Value,
    lines: BTreeMap<String, String>,
}

impl<'a> Mappings<'a> {
    /// The properties of a mapping in the notation of the table, each after a space.
    fn properties(&mut self, mapping: &'a Value, name: &str, hidden: &[&str]) -> Result<String> {
        let properties = mapping["properties"].as_object().context("it has no properties")?;
        let shown = properties.iter().filter(|(key, _)| !hidden.contains(&key.as_str()));
        let mut sorted: Vec<(&String, &Value)> = shown.collect();
        sorted.sort_by_key(|(key, _)| *key);
        let mut text = String::new();
        for (key, property) in sorted {
            let own_name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            write!(text, " {key}{}", self.notation(property, own_name)?)?;
        }
        Ok(text)
    }

    /// What a property holds: `[]` for a list, `:Name` for a mapping, `*` for
    /// anything, and nothing for a single value.
    fn notation(&mut self, property: &'a Value, name: String) -> Result<String> {
        if let Some(reference) = property["$ref"].as_str() {
            let path = reference.strip_prefix('#').context("a reference leads elsewhere")?;
            let definition = self.schema.pointer(path).context("a reference leads nowhere")?;
            let name = path.strip_prefix("/definitions/").map_or(name, str::to_owned);
            return self.notation(definition, name);
        }
        if property["type"] == "array" {
            let items = &property["items"];
            let items = if items.is_object() { self.notation(items, name)? } else { "*".into() };
            return Ok(format!("[]{items}"));
        }
        if is_closed(property) {
            self.mapping(property, &name)?;
            return Ok(format!(":{name}"));
        }
        Ok(if is_single(&property["type"]) { "" } else { "*" }.to_owned())
    }

    fn mapping(&mut self, mapping: &'a Value, name: &str) -> Result<()> {
        if !self.lines.contains_key(name) {
            // It may be in itself.
            self.lines.insert(name.to_owned(), String::new());
            let properties = self.properties(mapping, name, &[])?;
            self.lines.insert(name.to_owned(), properties);
        }
        Ok(())
    }
}

/// Whether AWS lists all that a mapping can have.
fn is_closed(property: &Value) -> bool {
    property["properties"].is_object() && property["additionalProperties"] == false
}

fn is_single(kind: &Value) -> bool {
    let is_single =
        |kind: &Value| ["boolean", "integer", "number", "string"].iter().any(|it| kind == it);
    is_single(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().all(is_single))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_becomes_a_line_for_every_mapping() {
        let schema = json!({
            "definitions": {
                "Tag": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {"Key": {"type": "string"}, "Below": {"$ref": "#/definitions/Tag"}},
                },
                "Arn": {"type": "string"},
            },
            "readOnlyProperties": ["/properties/Id"],
            "properties": {
                "Tags": {"type": "array", "items": {"$ref": "#/definitions/Tag"}},
                "Id": {"type": "string"},
                "Groups": {"type": "array", "items": {"type": "string"}},
                "Role": {"$ref": "#/definitions/Arn"},
                "Labels": {"type": "object", "patternProperties": {".*": {"type": "string"}}},
                "Open": {"type": "object", "properties": {"A": {"type": "string"}}},
                "Policy": {"type": ["object", "string"]},
                "Port": {"type": ["integer", "string"]},
                "Inline": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {"Rules": {"type": "array"}},
                },
            },
        });
        let expected = "\nAWS::A::B Groups[] Inline:Inline Labels* Open* Policy* Port Role Tags[]:Tag\n\
            Inline Rules[]*\nTag Below:Tag Key\n";
        assert_eq!(paragraph("AWS::A::B", &schema).unwrap(), expected);
    }
}
