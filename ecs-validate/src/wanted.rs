//! What a project refers to and does not bring along.

use compose_model::{Loaded, Path, Step};

use crate::check::lower;
use crate::context::Context;
use crate::extensions::ProjectExtensions;
use crate::facts::{Facts, LoadBalancerKind};
use crate::project::{
    Cluster, EcsProject, FileSystem, LoadBalancerSource, Lookup, SecretSource, SecurityGroup,
    Subnets, Volume,
};

/// What a project refers to and does not bring along, for whoever looks it up:
/// the answers are its [`Facts`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The project's name, which is a tag of what outlives its stacks.
    pub project: String,
    /// The id of the VPC that `x-aws-vpc` names. If nothing names one, it is that of
    /// the subnets or of the load balancer, or the account's default one.
    pub vpc: Option<String>,
    /// The ids that `x-aws-subnets` lists, each once; those of the VPC if there are
    /// none.
    pub subnets: Vec<String>,
    /// The name or ARN of the cluster that `x-aws-cluster` names.
    pub cluster: Option<String>,
    /// The name or ARN of the load balancer that `x-aws-loadbalancer` names, if a
    /// port is published.
    pub load_balancer: Option<String>,
    /// Whether the stack has a network load balancer of its own.
    pub network_load_balancer: bool,
    /// External networks that are used and whose names are no ids.
    pub security_groups: Vec<Named>,
    /// Every volume.
    pub volumes: Vec<WantedVolume>,
    /// External secrets that are used and whose names are no ARNs.
    pub secrets: Vec<Named>,
    /// Images that have no digest.
    pub images: Vec<WantedImage>,
}

/// Something that exists, by its name outside of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Where the project speaks of it.
    pub at: Path,
}

/// A volume, which may exist already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedVolume {
    /// Its key.
    pub key: String,
    /// Its name outside of the project.
    pub name: String,
    /// What is known of its file system.
    pub source: WantedFileSystem,
    /// Where the project speaks of it.
    pub at: Path,
}

/// What is known of a volume's file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedFileSystem {
    /// It exists, and this is its id.
    Id(String),
    /// It exists, and has the volume's name.
    Named,
    /// It is made, unless one is there from an earlier run.
    Made,
}

/// An image of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedImage {
    /// As the Compose file writes it.
    pub name: String,
    /// Whether every service that has it can also be built.
    pub built: bool,
    /// Where the project has it.
    pub at: Vec<Path>,
}

/// What has to be looked up for a project. What is wrong with it is told by
/// [`check`](crate::check).
///
/// The project is lowered as if nothing was known: what is asked for then is what is
/// wanted, so that both can never differ.
pub fn wanted(loaded: &Loaded) -> Wanted {
    let facts = Facts::none();
    let mut cx = Context::new(loaded, &facts);
    let lowered = lower(&mut cx);
    let extensions =
        ProjectExtensions::read(&cx.project.extensions, &Path::root(), &mut Vec::new());
    let (named, network_load_balancer) = match &lowered.load_balancer {
        None => (false, false),
        Some(balancer) => match balancer.source {
            LoadBalancerSource::Existing { .. } => (true, false),
            LoadBalancerSource::New | LoadBalancerSource::NewWithoutSecurityGroup => {
                (false, balancer.kind == LoadBalancerKind::Network)
            }
        },
    };
    Wanted {
        vpc: known(&lowered.vpc),
        subnets: subnets(&lowered.subnets),
        cluster: cluster(&lowered.cluster),
        load_balancer: extensions.load_balancer.filter(|_| named),
        network_load_balancer,
        security_groups: security_groups(&lowered),
        volumes: lowered.volumes.iter().map(volume).collect(),
        secrets: secrets(&lowered),
        images: images(&cx),
        project: lowered.name,
    }
}

fn known(lookup: &Lookup) -> Option<String> {
    match lookup {
        Lookup::Known(id) => Some(id.clone()),
        Lookup::Asked => None,
    }
}

fn subnets(subnets: &Subnets) -> Vec<String> {
    let Subnets::Known { tasks, load_balancer, .. } = subnets else { return Vec::new() };
    let mut ids: Vec<String> = Vec::new();
    for id in tasks.iter().map(|subnet| &subnet.id).chain(load_balancer) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

fn cluster(cluster: &Cluster) -> Option<String> {
    match cluster {
        Cluster::New => None,
        Cluster::Existing { reference, .. } => Some(reference.clone()),
    }
}

fn security_groups(project: &EcsProject) -> Vec<Named> {
    let asked = SecurityGroup::Existing(Lookup::Asked);
    let networks = project.networks.iter().filter(|network| network.security_group == asked);
    let at = |key: &String| Path::root().key("networks").key(key);
    let named =
        networks.map(|network| Named { name: network.full_name.clone(), at: at(&network.name) });
    named.collect()
}

fn secrets(project: &EcsProject) -> Vec<Named> {
    let asked = SecretSource::Existing(Lookup::Asked);
    let secrets = project.secrets.iter().filter(|secret| secret.source == asked);
    let at = |key: &String| Path::root().key("secrets").key(key);
    secrets.map(|secret| Named { name: secret.full_name.clone(), at: at(&secret.name) }).collect()
}

fn volume(volume: &Volume) -> WantedVolume {
    WantedVolume {
        key: volume.name.clone(),
        name: volume.full_name.clone(),
        source: match &volume.file_system {
            FileSystem::New(_) => WantedFileSystem::Made,
            FileSystem::Existing(Lookup::Known(id)) => WantedFileSystem::Id(id.clone()),
            FileSystem::Existing(Lookup::Asked) => WantedFileSystem::Named,
        },
        at: Path::root().key("volumes").key(&volume.name),
    }
}

fn images(cx: &Context<'_>) -> Vec<WantedImage> {
    let mut images: Vec<WantedImage> = Vec::new();
    for (name, at) in &cx.images {
        let built = is_built(at, cx);
        match images.iter_mut().find(|image| image.name == *name) {
            Some(image) => {
                image.built &= built;
                image.at.push(at.clone());
            }
            None => images.push(WantedImage { name: name.clone(), built, at: vec![at.clone()] }),
        }
    }
    images
}

/// Whether the image at a place is that of a service with a `build`.
fn is_built(at: &Path, cx: &Context<'_>) -> bool {
    let [Step::Key(_), Step::Key(service), Step::Key(_)] = at.steps() else { return false };
    cx.project.services.get(service).is_some_and(|service| service.build.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::loaded;

    fn names(named: &[Named]) -> Vec<String> {
        named.iter().map(|it| format!("{} at {}", it.name, it.at)).collect()
    }

    #[test]
    fn all_that_exists_already_is_wanted() {
        let wanted = wanted(&loaded(
            "
x-aws-vpc: vpc-1
x-aws-subnets: {tasks: [subnet-1, subnet-2], loadbalancer: [subnet-2, subnet-3]}
x-aws-cluster: shared
x-aws-loadbalancer: front
services:
  web:
    image: nginx
    ports: [80]
    networks: [inside, group]
    secrets: [token, arn]
    volumes: ['mine:/mine', 'theirs:/theirs', 'known:/known']
networks:
  inside: {external: true, name: backend}
  group: {external: true, name: sg-0123}
  unused: {external: true}
volumes:
  mine:
  theirs: {external: true, name: archive}
  known: {external: true, name: fs-0123}
secrets:
  token: {external: true, name: shop/token}
  arn: {external: true, name: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf'}
  unused: {external: true}
",
        ));
        assert_eq!(wanted.vpc.as_deref(), Some("vpc-1"));
        assert_eq!(wanted.subnets, ["subnet-1", "subnet-2", "subnet-3"]);
        assert_eq!(wanted.cluster.as_deref(), Some("shared"));
        assert_eq!(wanted.load_balancer.as_deref(), Some("front"));
        assert!(!wanted.network_load_balancer);
        assert_eq!(names(&wanted.security_groups), ["backend at networks.inside"]);
        assert_eq!(names(&wanted.secrets), ["shop/token at secrets.token"]);
        let volumes: Vec<_> =
            wanted.volumes.iter().map(|it| (&it.name[..], it.source.clone())).collect();
        let expected = [
            ("fs-0123", WantedFileSystem::Id("fs-0123".to_owned())),
            ("shop_mine", WantedFileSystem::Made),
            ("archive", WantedFileSystem::Named),
        ];
        assert_eq!(volumes, expected);
    }

    #[test]
    fn a_project_that_needs_nothing_wants_nothing() {
        let wanted = wanted(&loaded(
            "x-aws-loadbalancer: front\nservices: {web: {build: .}, db: {build: .}}",
        ));
        assert_eq!(wanted, Wanted { project: "shop".to_owned(), ..Wanted::default() });
    }

    #[test]
    fn an_image_is_wanted_once_and_without_a_digest() {
        let wanted = wanted(&loaded(&format!(
            "
services:
  a: {{image: nginx}}
  b: {{image: nginx, pre_start: [{{command: x, image: tools, per_replica: true}}]}}
  c: {{image: shop/web, build: .}}
  d: {{image: 'nginx@sha256:{digest}'}}
  e: {{image: 'NO image'}}
",
            digest = "0".repeat(64)
        )));
        let images: Vec<_> = wanted
            .images
            .iter()
            .map(|image| {
                let at: Vec<_> = image.at.iter().map(Path::to_string).collect();
                (&image.name[..], image.built, at.join(" "))
            })
            .collect();
        let expected = [
            ("nginx", false, "services.a.image services.b.image".to_owned()),
            ("tools", false, "services.b.pre_start[0].image".to_owned()),
            ("shop/web", true, "services.c.image".to_owned()),
        ];
        assert_eq!(images, expected);
    }

    #[test]
    fn a_network_load_balancer_of_the_stack_is_told_apart() {
        let balanced = |ports: &str| {
            let text = format!("services: {{web: {{image: nginx, ports: [{ports}]}}}}");
            wanted(&loaded(&text)).network_load_balancer
        };
        assert!(!balanced("80"));
        assert!(balanced("5432"));
        assert!(!balanced(""));
    }
}
