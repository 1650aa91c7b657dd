//! What holds for every project that can be converted, whatever is in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cfn_convert::{Format, Template, finish};
use compose_model::{Loaded, LocalSecret, Request, Severity, load, local_files};
use ecs_validate::{Checked, ClusterFacts, Facts, SubnetFacts, VpcFacts, check};
use proptest::prelude::*;
use serde_json::Value;

/// What a service may say, a key a line; keys are not repeated.
const KEYS: [&str; 44] = [
    "command: [serve, --quick]",
    "entrypoint: /start.sh",
    "environment: {A: '1', B: two}",
    "labels: {team: '${TEAM}', area: b}",
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
    "secrets: [token, password]",
    "configs: [{source: site, target: /etc/site/site.conf}]",
    "configs: [{source: page, target: /etc/page/index.html}, {source: site, target: /etc/page/site}]",
    "volumes: ['data:/data', '/scratch', 'my-data:/more:ro']",
    "volumes: ['./pages:/pages:ro', './page.html:/etc/first/page.html']",
    "deploy: {update_config: {parallelism: 1, order: stop-first}}",
    "deploy: {x-aws-autoscaling: {min: 1, max: 5, cpu: 50, memory: 50}}",
    "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1}]}}}",
    "logging: {driver: awsfirelens, options: {Name: null}}",
    "logging: {driver: none}",
    "x-aws-secrets: {TOKEN: token, PASSWORD: password}",
    "x-aws-role: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]}",
    "x-aws-policies: [arn:aws:iam::aws:policy/ReadOnlyAccess]",
    "x-aws-ephemeral_storage: 50",
    "x-aws-pull_credentials: arn:aws:secretsmanager:eu-west-1:123456789012:secret:r-AbCdEf",
    "depends_on: [base]",
    "extra_hosts: ['a:1.2.3.4']",
];

const RESOURCES: &str = "
networks: {front: , back: {internal: true}}
volumes: {data: , my-data: , mydata: {external: true}}
secrets: {token: {file: ./token.txt}, password: {environment: PASSWORD}, whole: {external: true}}
configs: {site: {content: 'listen 80'}, page: {file: ./page.html}, linked: {file: ./hard/link}, passed: {environment: PASSWORD}}
";

/// Its keys, and how they are merged over the template.
const OVERLAY: [&str; 2] = [
    "  Outputs: {Topic: {Value: {'Fn::Sub': '$${Topic} in $${AWS::Region}'}}}\n",
    "  Resources: {BaseTaskDefinition: {Properties: {'Tags[0]': null, 'Tags[1]': {Key: second}, \
     'ContainerDefinitions[Name=base]': {StartTimeout: 60, Ulimits: [{Name: core, HardLimit: 1}]}}}, \
     Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: shop, KmsMasterKeyId: key}}}\n",
];

/// Ways of a secret to the template, a key of a service each; none may lead there.
const WAYS: [&str; 15] = [
    "environment: [PASSWORD]",
    "environment: {PASSWORD: }",
    "environment: {URL: 'pg://u:${PASSWORD}@db'}",
    "environment: {URL: '${URL}'}",
    "env_file: token.txt",
    "env_file: derived.env",
    "label_file: token.txt",
    "labels: [a, 'b=${FAR:-none}']",
    "command: ['--password', '${PASSWORD}']",
    "volumes: ['./token.txt:/etc/site/token']",
    "volumes: ['./soft:/soft']",
    "volumes: ['./hard:/hard/:ro']",
    "volumes: ['./soft/link:/etc/site/link']",
    "configs: [{source: linked, target: /etc/site/linked}]",
    "configs: [{source: passed, target: /etc/site/passed}]",
];

/// Ways beside services.
const WAYS_ASIDE: [&str; 6] = [
    "name: 'shop-${PASSWORD}'",
    "volumes: {data: {name: 'data-${PASSWORD}'}, my-data: , mydata: {external: true}}",
    "networks: {front: {name: '${PASSWORD}'}, back: {internal: true}}",
    "secrets: {token: {file: ./token.txt, name: '${PASSWORD}'}, password: {environment: PASSWORD}, whole: {external: true}}",
    "x-aws-cloudformation: {Description: '${PASSWORD}'}",
    "x-aws-cloudformation: {Outputs: {Url: {Value: '${URL}'}}}",
];

/// What all secrets hold; must be found nowhere.
const SECRET: &str = "quite-a-secret";
const TOKEN: &str = "KEY=quite-a-secret-token";
const PASSWORD: &str = "quite-a-secret-password";
/// What is no secret, though it lies beside one, and must arrive.
const PAGE: &str = "<p>for everybody</p>";

/// Where the projects are, with a secret next to what is mounted.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("properties");
    fs::create_dir_all(folder.join("pages")).expect("a folder can be made");
    let files = [
        ("token.txt", TOKEN),
        (".env", "URL=pg://u:${PASSWORD}@db\nFAR=${URL}/x\n"),
        ("derived.env", "U=${PASSWORD}\n"),
        ("page.html", PAGE),
        ("pages/index.html", PAGE),
    ];
    for (file, content) in files {
        fs::write(folder.join(file), content).expect("a file can be written");
    }
    for name in ["soft", "hard"] {
        fs::create_dir_all(folder.join(name)).expect("a folder can be made");
        // It may be there from an earlier run.
        let _ = fs::remove_file(folder.join(name).join("link"));
    }
    let token = folder.join("token.txt");
    fs::hard_link(&token, folder.join("hard/link")).expect("a file can have two names");
    link(&token, &folder.join("soft/link"));
    folder
});

#[cfg(unix)]
fn link(file: &Path, link: &Path) {
    std::os::unix::fs::symlink(file, link).expect("a link can be made");
}

#[cfg(not(unix))]
fn link(file: &Path, link: &Path) {
    fs::hard_link(file, link).expect("a file can have two names");
}

#[derive(Debug, Clone)]
struct Service {
    name: String,
    keys: Vec<&'static str>,
    ports: Vec<String>,
}

impl Service {
    fn text(&self, reversed: bool) -> String {
        let key = |key: &&str| {
            let key = if reversed { backwards(key) } else { (*key).to_owned() };
            format!("    {key}\n")
        };
        let mut lines: Vec<String> = self.keys.iter().map(key).collect();
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

/// A line of YAML with the keys of all its mappings in another order.
fn backwards(line: &str) -> String {
    fn turned(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members: Vec<_> = members.into_iter().collect();
                members.into_iter().rev().map(|(key, value)| (key, turned(value))).collect()
            }
            Value::Array(items) => items.into_iter().map(turned).collect(),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
        }
    }
    // A mode is octal in YAML, and has no such form in JSON.
    if line.contains("mode:") {
        return line.to_owned();
    }
    let value: Value = serde_yaml::from_str(line).expect("a line is YAML");
    let members = value.as_object().expect("a line is a key").iter();
    let lines = members.map(|(key, value)| format!("{key}: {}", turned(value.clone())));
    lines.collect()
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
    let mut overlay: Vec<String> = OVERLAY.map(str::to_owned).into();
    if reversed {
        overlay =
            overlay.iter().rev().map(|line| format!("  {}\n", backwards(line.trim()))).collect();
    }
    let overlay = format!("x-aws-cloudformation:\n{}", overlay.concat());
    if reversed {
        format!("{overlay}{RESOURCES}{services}")
    } else {
        format!("{services}{RESOURCES}{overlay}")
    }
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
    Facts { vpc: known.then_some(vpc), ..Facts::none() }
}

/// What comes of a Compose file, and the codes of what is told.
fn converted(compose: String, known: bool) -> (Option<Template>, BTreeSet<&'static str>) {
    let loaded = loaded(compose);
    let files = local_files(&loaded);
    assert_eq!(files.secrets["token"], LocalSecret::Text(TOKEN.len() as u64));
    finished(&loaded, &Facts { files, ..facts(known) })
}

fn loaded(compose: String) -> Loaded {
    let request = Request {
        working_dir: FOLDER.clone(),
        files: vec!["-".into()],
        stdin: Some(compose),
        environment: [("PASSWORD", PASSWORD), ("TEAM", "a-team")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
        ..Request::default()
    };
    load(&request).expect("the generator writes good projects")
}

/// What comes of a project, and the codes of what is told.
fn finished(loaded: &Loaded, facts: &Facts) -> (Option<Template>, BTreeSet<&'static str>) {
    let Checked { project, mut diagnostics } = check(loaded, facts);
    let (template, told) = project.map(|project| finish(&project)).unwrap_or_default();
    diagnostics.extend(told);
    // No secret has a character that this form escapes.
    let told = format!("{diagnostics:?}");
    assert!(!told.contains(SECRET), "a message shows a secret: {told}");
    let refused = diagnostics.iter().any(|it| it.severity == Severity::Error);
    let codes = diagnostics.iter().map(|problem| problem.code).collect();
    (template.filter(|_| !refused), codes)
}

/// The template as both formats have it, if the project is accepted.
fn template(compose: String, known: bool) -> Option<(String, String)> {
    let template = converted(compose, known).0?;
    Some((template.render(Format::Yaml), template.render(Format::Json)))
}

/// Every id that a template refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("Ref", Value::String(id)) => drop(found.insert(id.clone())),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        found.extend(parts.first().and_then(Value::as_str).map(str::to_owned));
                    }
                    ("Fn::Sub", Value::String(text)) => found.extend(variables(text)),
                    ("Fn::Sub", Value::Array(parts)) => {
                        let text = parts[0].as_str().expect("the first part is the text");
                        let is_own = |id: &String| parts[1].get(id).is_some();
                        found.extend(variables(text).filter(|id| !is_own(id)));
                        references(&parts[1], found);
                    }
                    ("DependsOn", Value::String(id)) => drop(found.insert(id.clone())),
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

/// The ids in `${Vpc} and ${Role.Arn}`.
fn variables(text: &str) -> impl Iterator<Item = String> {
    let rest = text.split("${").skip(1).filter(|rest| !rest.starts_with('!'));
    rest.map(|rest| {
        let (name, _) = rest.split_once('}').expect("a variable has an end");
        name.split('.').next().unwrap_or(name).to_owned()
    })
}

#[test]
fn references_are_found_in_every_form() {
    let template = serde_json::json!([
        {"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}, {"DependsOn": "C"}, {"DependsOn": ["D"]},
        {"Fn::Sub": "${E.Arn} ${!no} ${F}"}, {"Fn::Sub": ["${own} ${G}", {"own": {"Ref": "H"}}]},
    ]);
    let mut found = BTreeSet::new();
    references(&template, &mut found);
    assert_eq!(found.into_iter().collect::<Vec<_>>().concat(), "ABCDEFGH");
}

/// What a refused project says about a template is nothing, so that there have to be
/// enough that are accepted.
fn accepted<T>(template: Option<T>) -> Result<T, TestCaseError> {
    template.ok_or_else(|| TestCaseError::reject("the project is refused"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_keys_changes_nothing(services in services(), known in prop::bool::ANY) {
        let one = template(compose(&services, false), known);
        let other = template(compose(&services, true), known);
        prop_assert_eq!(&one, &other);
        accepted(one)?;
    }

    #[test]
    fn every_reference_resolves_and_no_secret_shows(
        services in services(),
        known in prop::bool::ANY,
    ) {
        let (yaml, json) = accepted(template(compose(&services, false), known))?;
        prop_assert!(!yaml.contains(SECRET) && !json.contains(SECRET));
        let shows_page = services.iter().flat_map(|it| &it.keys).any(|key| key.contains("page"));
        prop_assert_eq!(json.contains("for everybody"), shows_page);
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_way_leads_a_secret_to_a_template(
        mut services in services(),
        way in prop::sample::select(WAYS.to_vec()),
        aside in prop::option::of(prop::sample::select(WAYS_ASIDE.to_vec())),
        known in prop::bool::ANY,
    ) {
        let compose = match aside {
            Some(line) => with_line(&compose(&services, false), line),
            None => {
                services[0].keys.retain(|key| name_of(key) != name_of(way));
                services[0].keys.push(way);
                compose(&services, false)
            }
        };
        let (template, told) = converted(compose, known);
        prop_assert!(template.is_none());
        prop_assert!(told.contains("ecs::exposed-secret"), "{told:?}");
    }
}

fn name_of(line: &str) -> &str {
    line.split(':').next().unwrap_or(line)
}

/// A Compose file with a line at its top level, in place of what has the same name.
fn with_line(compose: &str, line: &str) -> String {
    let mut kept = true;
    let others = compose.lines().filter(|other| {
        if !other.starts_with(' ') {
            kept = name_of(other) != name_of(line);
        }
        kept
    });
    others.chain([line]).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_secret_that_comes_from_nowhere_is_found_in_the_template() {
    let loaded = loaded(format!("x-aws-cluster: shop\nservices: {{a: {{image: b}}}}\n{RESOURCES}"));
    let cluster = ClusterFacts { name: "shop".to_owned(), arn: format!("arn:cluster/{PASSWORD}") };
    let known =
        |cluster| Facts { files: local_files(&loaded), cluster: Some(cluster), ..facts(true) };
    let (template, told) = finished(&loaded, &known(cluster));
    assert!(template.is_none() && told.contains("ecs::exposed-secret"), "{told:?}");
    let other = ClusterFacts { name: "shop".to_owned(), arn: "arn:cluster/shop".to_owned() };
    assert!(finished(&loaded, &known(other)).0.is_some());
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
