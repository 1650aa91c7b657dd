//! What has to be built of a project, in the order in which that is possible.

use compose_model::service::Build;
use compose_model::value::ImageReference;
use compose_model::{Loaded, Project, Service};
use indexmap::IndexMap;

use super::error::BuildError;

/// How `additional_contexts` says that a build begins with another's image.
pub(super) const SERVICE: &str = "service:";

/// An image that has to be built.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    /// The service that it is of.
    pub(crate) service: String,
    /// How it is built.
    pub(crate) build: Build,
    /// The secrets that the build reads, by the names that it knows.
    pub(crate) secrets: IndexMap<String, BuildSecret>,
    /// Other services that run the image, by its name.
    pub(crate) shared_with: Vec<String>,
}

/// Where the value of a secret is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum BuildSecret {
    /// In this file.
    File(String),
    /// It was the value of a variable.
    Value(String),
}

impl std::fmt::Debug for BuildSecret {
    /// Leaves out the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Value(_) => f.write_str("Value(…)"),
        }
    }
}

/// The images that have to be built of a project: those of services with `build`, except
/// where somebody names an image. What others begin with comes first.
pub(crate) fn wishes(
    loaded: &Loaded,
    is_given: &dyn Fn(&str) -> bool,
) -> Result<Vec<Wish>, BuildError> {
    let project = &loaded.project;
    let mut wishes = Vec::new();
    for service in in_order(project)? {
        if is_given(service) {
            continue;
        }
        let Some(build) = project.services[service].build.as_deref() else { continue };
        let name = image_name(&project.services[service]);
        let shares = |(other, it): (&String, &Service)| {
            let same = it.build.is_none() && name.is_some() && image_name(it) == name;
            (same && !is_given(other)).then(|| other.clone())
        };
        wishes.push(Wish {
            service: service.to_owned(),
            build: build.clone(),
            secrets: secrets(service, build, loaded)?,
            shared_with: project.services.iter().filter_map(shares).collect(),
        });
    }
    Ok(wishes)
}

/// Names that mean the same image are the same.
fn image_name(service: &Service) -> Option<String> {
    let image: ImageReference = service.image.as_deref()?.parse().ok()?;
    Some(image.canonical())
}

/// Services that are built, each after those that its build begins with.
fn in_order(project: &Project) -> Result<Vec<&str>, BuildError> {
    let mut order = Vec::new();
    for service in project.services.keys() {
        visit(project, service, &mut Vec::new(), &mut order)?;
    }
    Ok(order)
}

fn visit<'a>(
    project: &'a Project,
    service: &'a str,
    above: &mut Vec<&'a str>,
    order: &mut Vec<&'a str>,
) -> Result<(), BuildError> {
    if order.contains(&service) {
        return Ok(());
    }
    if let Some(start) = above.iter().position(|it| *it == service) {
        let services = above[start..].iter().map(|&it| it.to_owned()).collect();
        return Err(BuildError::Circle { services });
    }
    let Some(build) = project.services.get(service).and_then(|it| it.build.as_deref()) else {
        return Ok(());
    };
    above.push(service);
    for context in build.additional_contexts.0.values() {
        if let Some(base) = context.strip_prefix(SERVICE) {
            visit(project, base, above, order)?;
        }
    }
    above.pop();
    order.push(service);
    Ok(())
}

/// As Compose does it: a secret is known by its target, if it has one.
fn secrets(
    service: &str,
    build: &Build,
    loaded: &Loaded,
) -> Result<IndexMap<String, BuildSecret>, BuildError> {
    let mut secrets = IndexMap::new();
    for reference in &build.secrets {
        let key = reference.source.as_deref().unwrap_or_default();
        let id = reference.target.as_deref().unwrap_or(key);
        let secret = loaded.project.secrets.get(key);
        let source = secret.and_then(|secret| match (&secret.file, &secret.environment) {
            (Some(file), _) => Some(BuildSecret::File(file.clone())),
            (None, Some(name)) => loaded.environment.get(name).cloned().map(BuildSecret::Value),
            (None, None) => None,
        });
        let source = source.ok_or_else(|| BuildError::NoSecret {
            service: service.to_owned(),
            secret: key.to_owned(),
        })?;
        secrets.insert(id.to_owned(), source);
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use compose_model::{Request, load};

    use super::*;

    fn loaded(compose: &str) -> Loaded {
        let request = Request {
            working_dir: "/srv/shop".into(),
            files: vec!["-".into()],
            stdin: Some(compose.to_owned()),
            environment: [("TOKEN".to_owned(), "hunter2".to_owned())].into_iter().collect(),
            ..Request::default()
        };
        load(&request).expect("the project is good")
    }

    fn names(wishes: &[Wish]) -> Vec<String> {
        let name = |wish: &Wish| {
            [std::slice::from_ref(&wish.service), &wish.shared_with[..]].concat().join("=")
        };
        wishes.iter().map(name).collect()
    }

    #[test]
    fn what_others_begin_with_is_built_first() {
        let project = loaded(
            "
services:
  api: {build: {context: ., additional_contexts: {base: 'service:base', x: 'https://x.y/z'}}}
  base: {build: ./base}
  db: {image: postgres}
  web: {build: ., profiles: [later]}
",
        );
        assert_eq!(names(&wishes(&project, &|_| false).unwrap()), ["base", "api"]);
        assert_eq!(names(&wishes(&project, &|name| name == "base").unwrap()), ["api"]);
    }

    #[test]
    fn services_with_the_same_image_run_what_is_built() {
        let project = loaded(
            "
services:
  web: {build: ., image: shop/app}
  worker: {image: 'docker.io/shop/app:latest'}
  other: {image: 'shop/app:2'}
  named: {image: shop/app}
",
        );
        assert_eq!(names(&wishes(&project, &|name| name == "named").unwrap()), ["web=worker"]);
    }

    #[test]
    fn builds_that_begin_with_each_other_are_refused() {
        let project = loaded(
            "
services:
  a: {build: {context: ., additional_contexts: {x: 'service:b'}}}
  b: {build: {context: ., additional_contexts: {x: 'service:a'}}}
",
        );
        let error = wishes(&project, &|_| false).unwrap_err();
        assert_eq!(error.to_string(), "the builds of `a` and `b` begin with each other");
    }

    #[test]
    fn secrets_of_builds_have_values_that_do_not_show() {
        let project = |secret: &str| {
            loaded(&format!(
                "
services: {{web: {{build: {{context: ., secrets: [token, {{source: key, target: npm}}]}}}}}}
secrets: {{token: {secret}, key: {{file: ./key}}}}
"
            ))
        };
        let wish = &wishes(&project("{environment: TOKEN}"), &|_| false).unwrap()[0];
        let expected = [
            ("token".to_owned(), BuildSecret::Value("hunter2".to_owned())),
            ("npm".to_owned(), BuildSecret::File("/srv/shop/key".to_owned())),
        ];
        assert_eq!(wish.secrets, IndexMap::from(expected));
        assert!(!format!("{wish:?}").contains("hunter2"));
        for nowhere in ["{environment: UNSET}", "{external: true}"] {
            let error = wishes(&project(nowhere), &|_| false).unwrap_err();
            let expected = "the build of `web` reads the secret `token`, whose value is not here";
            assert_eq!(error.to_string(), expected);
        }
    }
}
