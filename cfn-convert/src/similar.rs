//! `ecs::similar-names`: names that differ in nothing that a logical id can have.
//!
//! Which of them gets which id depends on the names alone, but what was deployed
//! before the other came has the plain one. CloudFormation knows resources by their
//! ids, and would hand those of the one to the other.

use std::collections::BTreeMap;

use compose_model::{Diagnostic, Path, Place};
use ecs_validate::{EcsProject, FileSystem, SecretSource, Volume};

use crate::convert::Names;
use crate::logical_id::{self, plain};

/// Every pair of volumes, services or secrets that one id would fit.
pub(crate) fn similar(project: &EcsProject) -> Vec<Diagnostic> {
    let names = Names::of(project);
    let volumes = project.volumes.iter().map(|it| [it.name.as_str(); 2]);
    let services = project.services.iter().map(|it| [it.name.as_str(); 2]);
    let is_kept = |source: &SecretSource| matches!(source, SecretSource::Parameters { .. });
    let secrets = project.secrets.iter().filter(|it| is_kept(&it.source));
    let secrets = secrets.map(|it| [it.name.as_str(), it.full_name.as_str()]);
    let is_new = |it: &&Volume| matches!(it.file_system, FileSystem::New(_));
    let new: Vec<_> = project.volumes.iter().filter(is_new).map(|it| it.name.as_str()).collect();
    // What exists anyway keeps its data, whatever it is called here.
    let at_risk = pairs(volumes).filter(|pair| pair.iter().any(|it| new.contains(&it[0])));
    let of_volumes = at_risk.map(|pair| problem(pair, &VOLUMES, &names.volumes));
    let of_services = pairs(services).map(|pair| problem(pair, &SERVICES, &names.services));
    let of_secrets = pairs(secrets).map(|pair| problem(pair, &SECRETS, &names.secrets));
    of_volumes.chain(of_services).chain(of_secrets).collect()
}

/// What is to be said of a section.
struct Section {
    key: &'static str,
    suffix: &'static str,
    /// What happens to one that was deployed before it met the other.
    danger: &'static str,
}

const VOLUMES: Section =
    Section { key: "volumes", suffix: "Filesystem", danger: "its data could go to the other one" };

const SERVICES: Section = Section {
    key: "services",
    suffix: "Service",
    danger: "its resources could go to the other one",
};

const SECRETS: Section = Section {
    key: "secrets",
    suffix: "Secret",
    danger: "it is made anew, and a value that was rotated since is lost",
};

/// A key of the Compose file, and the name that its id is made of.
type Named<'a> = [&'a str; 2];

/// Each name with the first that is like it.
fn pairs<'a>(names: impl Iterator<Item = Named<'a>>) -> impl Iterator<Item = [Named<'a>; 2]> {
    let mut first: BTreeMap<String, Named<'_>> = BTreeMap::new();
    let mut pairs = Vec::new();
    for named in names {
        let plain = plain(named[1]);
        match first.get(&plain) {
            Some(other) => pairs.push([*other, named]),
            None => {
                first.insert(plain, named);
            }
        }
    }
    pairs.into_iter()
}

fn problem(pair: [Named<'_>; 2], section: &Section, names: &logical_id::Names<'_>) -> Diagnostic {
    let Section { key, suffix, danger } = section;
    let [one, other] = pair;
    let at = |[key_of, _]: Named<'_>| Path::root().key(*key).key(key_of);
    let text = |[_, name]: Named<'_>| format!("it is `{}` in the template", names.id(name, suffix));
    let message = format!("`{}` and `{}` differ in nothing that an id can have", one[0], other[0]);
    let help = format!(
        "rename one of them: if either was deployed without the other, {danger}; what is \
         deployed already keeps its name"
    );
    Diagnostic::warning("ecs::similar-names", message)
        .at(Place::Key(at(other)), text(other))
        .at(Place::Key(at(one)), text(one))
        .help(help)
}

#[cfg(test)]
mod tests {
    use compose_model::{Request, load};
    use ecs_validate::{Facts, check};

    use super::*;

    fn told(compose: &str) -> Vec<String> {
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(compose.to_owned()),
            ..Request::default()
        };
        let loaded = load(&request).expect("the project is good");
        let project = check(&loaded, &Facts::none()).project.expect("ECS can run it");
        let (_, problems) = crate::finish(&project);
        let similar = problems.iter().filter(|problem| problem.code == "ecs::similar-names");
        let labels = similar.flat_map(|problem| &problem.labels);
        labels
            .map(|label| match &label.place {
                Place::Key(at) | Place::Path(at) => format!("{at}: {}", label.text),
                Place::Span(_) => label.text.clone(),
            })
            .collect()
    }

    #[test]
    fn names_that_one_id_would_fit_are_told_at_both_places() {
        let found = told(
            "
services:
  myapp: {image: 'example/b', volumes: ['da:/a', 'd-a:/b']}
  my-app: {image: 'example/a', secrets: [to-ken, token]}
volumes: {da: , d-a: }
secrets: {to-ken: {environment: A}, token: {environment: B}}
",
        );
        let expected = [
            "volumes.da: it is `DaFilesystem` in the template",
            "volumes.d-a: it is `Da5803CCF7Filesystem` in the template",
            "services.myapp: it is `MyappService` in the template",
            "services.my-app: it is `Myapp4C9A75CCService` in the template",
            "secrets.token: it is `ShoptokenDDAC1CA6Secret` in the template",
            "secrets.to-ken: it is `Shoptoken3AA200EFSecret` in the template",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn other_names_and_volumes_that_exist_are_fine() {
        let found = told(
            "
services: {web: {image: 'example/a', volumes: ['da:/a', 'd-a:/b', 'web:/c']}}
volumes: {da: {external: true, name: fs-12345678}, d-a: {external: true, name: fs-87654321}, web: }
",
        );
        assert_eq!(found, [""; 0]);
    }
}
