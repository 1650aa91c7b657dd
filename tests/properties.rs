//! What holds for every project that can be converted, whatever is in it.

use std::collections::BTreeSet;

use cfn_convert::{Format, convert};
use compose_model::{LocalSecret, Request, load};
use ecs_validate::{Facts, SubnetFacts, VpcFacts, check};
use proptest::prelude::*;
use serde_json::Value;

/// What a service may say, a key a line; keys are not repeated.
const KEYS: [&str; 40] = [
    "command: [serve, --quick]",
    "entrypoint: /start.sh",
    "environment: {A: '1', B: two}",
    "labels: {team: a}",
    "user: '1000'",
    "working_dir: /srv",
    "init: true",
    "read_only: true",
    "tty: true",
    "stdin_open: true",
    "restart: always",
    "stop_grace_period: 10s",
    "cap_drop: [ALL]",
    "cap_add: [SYS_PTRACE]",
    "tmpfs: ['/run:size=16m']",
    "ulimits: {nofile: 1024}",
    "sysctls: {net.core.somaxconn: 1024}",
    "healthcheck: {test: 'true', interval: 30s}",
    "platform: linux/arm64",
    "cpus: 2",
    "mem_limit: 3g",
    "scale: 3",
    "expose: ['9000']",
    "dns: 1.1.1.1",
    "hostname: some-name",
    "networks: [front, back]",
    "secrets: [token, {source: whole, target: w.json, mode: 0400}]",
    "configs: [{source: site, target: /etc/site/site.conf}]",
    "volumes: ['data:/data', '/scratch', 'my-data:/more:ro']",
    "deploy: {update_config: {parallelism: 1, order: stop-first}}",
    "deploy: {x-aws-autoscaling: {min: 1, max: 5, cpu: 50, memory: 50}}",
    "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1}]}}}",
    "logging: {driver: awsfirelens, options: {Name: null}}",
    "logging: {driver: none}",
    "x-aws-secrets: {TOKEN: token}",
    "x-aws-policies: [arn:aws:iam::aws:policy/ReadOnlyAccess]",
    "x-aws-ephemeral_storage: 50",
    "x-aws-pull_credentials: arn:aws:secretsmanager:eu-west-1:123456789012:secret:r-AbCdEf",
    "depends_on: [base]",
    "extra_hosts: ['a:1.2.3.4']",
];

const RESOURCES: &str = "
networks: {front: , back: {internal: true}}
volumes: {data: , my-data: , mydata: {external: true}}
secrets: {token: {environment: TOKEN}, whole: {external: true}}
configs: {site: {content: 'listen 80'}}
";

/// Must be found nowhere.
const TOKEN: &str = "quite-a-secret-token";

#[derive(Debug, Clone)]
struct Service {
    name: String,
    keys: Vec<&'static str>,
    ports: Vec<String>,
}

impl Service {
    fn text(&self, reversed: bool) -> String {
        let mut lines: Vec<String> = self.keys.iter().map(|key| format!("    {key}\n")).collect();
        if !self.ports.is_empty() {
            lines.push(format!("    ports: [{}]\n", self.ports.join(", ")));
        }
        lines.push("    image: example/image:1\n".to_owned());
        if reversed {
            lines.reverse();
        }
        format!("  {}:\n{}", self.name, lines.concat())
    }
}

fn service(index: usize) -> impl Strategy<Value = Service> {
    let names = prop::sample::select(vec![("my", "app"), ("we", "b"), ("x", "9")]);
    let keys = prop::sample::subsequence(KEYS.to_vec(), 0..12);
    let ports = prop::collection::vec((1_u16..4, prop::bool::ANY), 0..3);
    (names, keys, ports).prop_map(move |(name, mut keys, ports)| {
        let mut seen = BTreeSet::new();
        keys.retain(|key| seen.insert(key.split(':').next().unwrap_or_default()));
        let port = |(number, (port, udp)): (usize, (u16, bool))| {
            let published = 1000 + 100 * index + number;
            format!("'{published}:{port}/{}'", if udp { "udp" } else { "tcp" })
        };
        let ports = ports.into_iter().enumerate().map(port).collect();
        // Names that differ in nothing but what ids leave out.
        let (first, last) = name;
        let between = ["", "-", "_", "."][index];
        Service { name: format!("{first}{between}{last}"), keys, ports }
    })
}

fn services() -> impl Strategy<Value = Vec<Service>> {
    (1_usize..5).prop_flat_map(|count| (0..count).map(service).collect::<Vec<_>>())
}

fn compose(services: &[Service], reversed: bool) -> String {
    let mut blocks: Vec<String> = services.iter().map(|service| service.text(reversed)).collect();
    blocks.push("  base:\n    image: example/base\n".to_owned());
    if reversed {
        blocks.reverse();
    }
    let services = format!("services:\n{}", blocks.concat());
    if reversed { format!("{RESOURCES}{services}") } else { format!("{services}{RESOURCES}") }
}

fn facts(known: bool) -> Facts {
    let subnet = |id: &str, zone: &str| SubnetFacts {
        id: id.to_owned(),
        zone: Some(zone.to_owned()),
        public: true,
    };
    let vpc = VpcFacts {
        id: "vpc-1".to_owned(),
        subnets: vec![subnet("subnet-1", "a"), subnet("subnet-2", "b"), subnet("subnet-3", "b")],
    };
    let mut facts = Facts { vpc: known.then_some(vpc), ..Facts::none() };
    facts.files.secrets.insert("token".to_owned(), LocalSecret::Text(TOKEN.len() as u64));
    facts
}

/// The template as both formats have it, if the project is accepted.
fn template(compose: String, known: bool) -> Option<(String, String)> {
    let request = Request {
        working_dir: "/srv/shop".into(),
        files: vec!["-".into()],
        stdin: Some(compose),
        environment: [("TOKEN".to_owned(), TOKEN.to_owned())].into_iter().collect(),
        ..Request::default()
    };
    let loaded = load(&request).expect("the generator writes good projects");
    let checked = check(&loaded, &facts(known));
    let told = format!("{:?}", checked.diagnostics);
    assert!(!told.contains(TOKEN), "a message shows a secret: {told}");
    let template = convert(&checked.project?);
    assert!(cfn_convert::limits(&template).len() < 100);
    Some((template.render(Format::Yaml), template.render(Format::Json)))
}

/// Every `Ref` and `Fn::GetAtt` in a template.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("Ref", Value::String(id)) => drop(found.insert(id.clone())),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        found.extend(parts.first().and_then(Value::as_str).map(str::to_owned));
                    }
                    ("DependsOn", Value::Array(ids)) => {
                        found.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_keys_changes_nothing(services in services(), known in prop::bool::ANY) {
        let one = template(compose(&services, false), known);
        let other = template(compose(&services, true), known);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn every_reference_resolves_and_no_secret_shows(
        services in services(),
        known in prop::bool::ANY,
    ) {
        let Some((yaml, json)) = template(compose(&services, false), known) else { return Ok(()) };
        prop_assert!(!yaml.contains(TOKEN) && !json.contains(TOKEN));
        let template: Value = serde_json::from_str(&json).expect("a template is JSON");
        let again: Value = serde_yaml::from_str(&yaml).expect("a template is YAML");
        prop_assert_eq!(&template, &again);
        let mut found = BTreeSet::new();
        references(&template, &mut found);
        for id in found {
            let known = id.starts_with("AWS::")
                || template["Resources"].get(&id).is_some()
                || template["Parameters"].get(&id).is_some();
            prop_assert!(known, "{id} is nowhere");
        }
    }
}

#[test]
fn most_generated_projects_are_accepted() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let accepted = (0..100)
        .filter(|_| {
            let tree = services().new_tree(&mut runner).expect("the generator works");
            template(compose(&tree.current(), false), true).is_some()
        })
        .count();
    assert!(accepted > 50, "only {accepted} of 100 are, so the properties say little");
}
