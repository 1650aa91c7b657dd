//! What holds for every project.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod projects;

use std::collections::{BTreeSet, HashSet};

use cfn_convert::{Data, Format, Template, convert, limits};
use ecs_validate::{
    Container, ContainerPort, EcsProject, File, Image, ListenerProtocol, LoadBalancer,
    LoadBalancerKind, LoadBalancerSource, Mount, MountSource, Ownership, Publication, Scaling,
    SecretFile, SecretKeys, SecretRef, SecretVariable, Service,
};
use projects::{container, everything, known, network, plain, publication, secret, service};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Names that lose characters, and so may meet.
const NAMES: [&str; 8] = ["web", "Web", "we-b", "we_b", "w.eb", "webMemory", "__", "1"];
const NETWORKS: [&str; 4] = ["default", "de-fault", "a", "a8"];
const SECRETS: [&str; 3] = ["key", "k_ey", "keyValue"];

fn text() -> impl Strategy<Value = String> {
    let usual = "[a-zA-Z0-9 :#'\"${}!&*@%|>~?,\\[\\]\\\\\n\t=./_-]{0,24}";
    prop_oneof![
        usual,
        any::<String>().prop_filter("no zero bytes", |text| !text.contains('\0')),
        select(&["yes", "0400", "1:30", "2020-01-01", "null", "~", "", "a\n", "${A}", "0x1"][..])
            .prop_map(str::to_owned),
    ]
}

fn project() -> impl Strategy<Value = EcsProject> {
    let services = subsequence(&NAMES[..], 0..=NAMES.len())
        .prop_flat_map(|names| names.into_iter().map(any_service).collect::<Vec<_>>());
    let balancer = prop_oneof![
        Just(LoadBalancerSource::New),
        Just(LoadBalancerSource::NewWithoutSecurityGroup)
    ];
    (services, any::<bool>(), balancer, any::<bool>()).prop_map(
        |(services, is_known, source, application)| {
            let kind =
                if application { LoadBalancerKind::Application } else { LoadBalancerKind::Network };
            let project = EcsProject {
                networks: NETWORKS.map(network).to_vec(),
                volumes: everything().volumes,
                secrets: SECRETS.map(|name| secret(name, name.len() - 2)).to_vec(),
                load_balancer: Some(LoadBalancer { kind, source }),
                services,
                ..plain()
            };
            if is_known { known(project) } else { project }
        },
    )
}

fn any_service(name: &'static str) -> impl Strategy<Value = Service> {
    let publications = vec(any_publication(name), 0..4);
    let depends_on = subsequence(&NAMES[..], 0..3);
    let networks = subsequence(&NETWORKS[..], 0..=4);
    let percent = || proptest::option::of(1_u8..100);
    let scaling = (percent(), percent()).prop_map(|(cpu, memory)| Scaling::Automatic {
        min: 1,
        max: 3,
        cpu,
        memory,
    });
    let scaling = prop_oneof![Just(Scaling::Fixed(1)), scaling];
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    (any_container(name), publications, depends_on, networks, scaling).prop_map(
        move |(container, publications, depends_on, networks, scaling)| Service {
            containers: vec![container],
            publications,
            depends_on: owned(depends_on),
            networks: owned(networks),
            scaling,
            ..service(name)
        },
    )
}

fn any_publication(name: &'static str) -> impl Strategy<Value = Publication> {
    let protocol = select(vec![
        ListenerProtocol::Http,
        ListenerProtocol::Tcp,
        ListenerProtocol::Udp,
        ListenerProtocol::TcpUdp,
    ]);
    let port = || prop_oneof![80_u16..83, any::<u16>()];
    (protocol, port(), port(), any::<bool>(), select(&NETWORKS[..])).prop_map(
        move |(protocol, target, listener, is_published, network)| Publication {
            listener,
            published: is_published.then_some(listener),
            network: network.to_owned(),
            ..publication(name, target, protocol)
        },
    )
}

fn any_container(name: &'static str) -> impl Strategy<Value = Container> {
    let keys = prop_oneof![
        Just(SecretKeys::Whole),
        Just(SecretKeys::All),
        vec(text(), 1..3).prop_map(SecretKeys::Some)
    ];
    let secrets = vec((select(&SECRETS[..]), text(), keys), 0..3);
    let mounts = vec(any_mount(), 0..3);
    let environment = vec((text(), text()), 0..4);
    (secrets, mounts, environment, vec(text(), 0..3), any::<bool>(), any::<u16>()).prop_map(
        move |(secrets, mounts, environment, command, is_built, port)| Container {
            image: if is_built { Image::Built } else { container(name).image },
            secret_variables: secrets.iter().map(|(key, name, _)| variable(key, name)).collect(),
            secret_files: secrets.into_iter().map(secret_file).collect(),
            mounts,
            environment: environment.into_iter().collect(),
            command: Some(command),
            ports: vec![ContainerPort { port, udp: is_built }],
            ..container(name)
        },
    )
}

fn variable(key: &str, name: &str) -> SecretVariable {
    let source = SecretRef::Project(key.to_owned());
    SecretVariable { name: name.to_owned(), source, key: Some(name.to_owned()) }
}

fn secret_file((secret, name, keys): (&str, String, SecretKeys)) -> SecretFile {
    let target = format!("/run/secrets/{name}");
    SecretFile { secret: secret.to_owned(), target, keys, ownership: Ownership::default() }
}

fn any_mount() -> impl Strategy<Value = Mount> {
    let content = vec(any::<u8>(), 0..16);
    let file = (text(), content).prop_map(|(path, content)| File {
        path,
        content,
        ownership: Ownership::default(),
    });
    let files = (vec(file, 0..3), any::<bool>())
        .prop_map(|(files, seeded)| MountSource::Files { files, seeded });
    let source = prop_oneof![
        Just(MountSource::Scratch),
        select(&["data", "shared_files", "none"][..])
            .prop_map(|name| MountSource::Volume(name.to_owned())),
        files
    ];
    (text(), source, any::<bool>()).prop_map(|(target, source, read_only)| Mount {
        target: format!("/{target}"),
        source,
        read_only,
    })
}

/// Whatever a template refers to, without what CloudFormation knows by itself.
fn references(template: &Template) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for section in ["Resources", "Outputs"] {
        template.section(section).for_each(|(_, data)| collect(data, &mut found));
    }
    found.retain(|id| !id.starts_with("AWS::"));
    found
}

fn collect(data: &Data, found: &mut BTreeSet<String>) {
    for item in data.as_list().unwrap_or_default() {
        collect(item, found);
    }
    for (key, value) in data.as_map().into_iter().flat_map(|map| map.iter()) {
        let text = |data: &Data| data.as_str().unwrap().to_owned();
        match key {
            "Ref" => drop(found.insert(text(value))),
            "Fn::GetAtt" => drop(found.insert(text(&value.as_list().unwrap()[0]))),
            // Those of containers are mappings.
            "DependsOn" => found.extend(
                value.as_list().unwrap().iter().filter_map(Data::as_str).map(str::to_owned),
            ),
            "Fn::Sub" => {
                let pieces = value.as_str().unwrap().split("${").skip(1);
                let names = pieces.map(|piece| piece.split(['}', '.']).next().unwrap().to_owned());
                found.extend(names);
            }
            _ => {}
        }
        collect(value, found);
    }
}

fn ids(template: &Template) -> Vec<&str> {
    let sections = ["Parameters", "Resources"];
    sections.iter().flat_map(|section| template.section(section)).map(|(id, _)| id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_reference_resolves(project in project()) {
        let template = convert(&project);
        let ids: HashSet<String> = ids(&template).into_iter().map(str::to_owned).collect();
        for reference in references(&template) {
            prop_assert!(ids.contains(&reference), "{reference}");
        }
    }

    #[test]
    fn no_id_is_given_twice_and_each_is_one_that_cloudformation_takes(project in project()) {
        let template = convert(&project);
        let mut seen = HashSet::new();
        for id in ids(&template) {
            prop_assert!(seen.insert(id), "{id} is given twice");
            prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
            prop_assert!((1..=255).contains(&id.len()), "{id}");
        }
    }

    #[test]
    fn yaml_and_json_say_the_same(project in project()) {
        let template = convert(&project);
        let yaml = template.render(Format::Yaml);
        let json = template.render(Format::Json);
        let from_yaml: serde_json::Value = serde_yaml::from_str(&yaml).unwrap();
        let from_json: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(from_yaml, from_json);
    }

    #[test]
    fn a_template_is_the_same_every_time(project in project()) {
        let again = convert(&project.clone()).render(Format::Yaml);
        prop_assert_eq!(convert(&project).render(Format::Yaml), again);
    }

    #[test]
    fn limits_are_counted_whatever_there_is(project in project()) {
        let _problems = limits(&convert(&project));
    }
}

#[test]
fn every_variant_says_the_same_in_yaml_and_json() {
    for (name, project) in projects::all() {
        let template = convert(&project);
        let yaml: serde_json::Value = serde_yaml::from_str(&template.render(Format::Yaml)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&template.render(Format::Json)).unwrap();
        assert_eq!(yaml, json, "{name}");
    }
}

#[test]
fn a_new_service_changes_no_other_resource() {
    let two = EcsProject { services: vec![service("db"), service("web")], ..plain() };
    let three =
        EcsProject { services: vec![service("db"), service("queue"), service("web")], ..plain() };
    let (two, three) = (convert(&two), convert(&three));
    for (id, resource) in two.section("Resources") {
        let same = three.section("Resources").find(|(other, _)| *other == id);
        assert_eq!(same.map(|(_, data)| data), Some(resource), "{id}");
    }
}
