//! Digests of images.

use std::collections::BTreeMap;

use compose_model::value::ImageReference;
use compose_model::{Diagnostic, Path, nearest};
use ecs_validate::{ImageFacts, WantedImage};
use indexmap::IndexMap;

use super::together::together;
use super::trouble::{list, quoted};
use crate::registry::{Registries, RegistryError};

/// What is known of images, by their names; and what is wrong with others. That a
/// registry says nothing is a warning: a deployment does not depend on it.
pub(super) async fn images(
    registries: &Registries,
    wanted: &[WantedImage],
) -> (IndexMap<String, ImageFacts>, Vec<Diagnostic>) {
    let named = wanted.iter().filter_map(|image| Some((image, image.name.parse().ok()?)));
    let named: Vec<(&WantedImage, ImageReference)> = named.collect();
    let question = |reference: &ImageReference| {
        let (registries, reference) = (registries.clone(), reference.clone());
        async move { registries.image(&reference).await }
    };
    let answers = together(named.iter().map(|(_, reference)| question(reference))).await;
    let mut found = IndexMap::new();
    let mut problems = Vec::new();
    let mut silent: BTreeMap<(String, String), Silent<'_>> = BTreeMap::new();
    for ((image, reference), answer) in named.into_iter().zip(answers) {
        let registry = reference.registry().to_owned();
        match answer {
            Ok(facts) => {
                found.insert(image.name.clone(), facts);
            }
            Err(RegistryError::Missing(tags)) => {
                problems.push(missing(image, &reference, &tags));
            }
            Err(error) => {
                let (reason, help) = explain(&error, &registry);
                let entry =
                    silent.entry((registry, reason)).or_insert(Silent { help, at: Vec::new() });
                entry.at.extend(&image.at);
            }
        }
    }
    problems.extend(silent.into_iter().map(|((_, reason), silent)| unresolved(&reason, silent)));
    (found, problems)
}

/// Images of which a registry says nothing, for one reason.
struct Silent<'a> {
    help: String,
    at: Vec<&'a Path>,
}

fn unresolved(reason: &str, Silent { help, at }: Silent<'_>) -> Diagnostic {
    let images =
        if at.len() == 1 { "this image keeps its tag" } else { "these images keep their tags" };
    let problem = Diagnostic::warning("lookup::image", format!("{reason}, so {images}"));
    at.into_iter().fold(problem, |problem, at| problem.at(at.clone(), "")).help(help)
}

/// Why a registry says nothing, and what to do.
fn explain(error: &RegistryError, registry: &str) -> (String, String) {
    const WITHOUT: &str = "or do not ask for digests: `--no-resolve`";
    match error {
        RegistryError::LoginNeeded | RegistryError::Missing(_) => (
            format!("`{registry}` knows no such image, or hides it from who is not logged in"),
            format!("check the name, log in with `docker login {registry}`, {WITHOUT}"),
        ),
        RegistryError::Busy => (
            format!("`{registry}` answers no more questions for a while"),
            format!("log in with `docker login {registry}`, which may be asked more, {WITHOUT}"),
        ),
        RegistryError::Unreachable(reason) => (
            format!("`{registry}` cannot be asked: {reason}"),
            format!("run the command again, {WITHOUT}"),
        ),
    }
}

/// An image that somebody has to make or to name otherwise.
fn missing(image: &WantedImage, reference: &ImageReference, tags: &[String]) -> Diagnostic {
    let registry = reference.registry();
    let name = &image.name;
    let problem = if image.built {
        let message = format!("there is no image `{name}` yet");
        let help =
            "build and push it before tasks start: `docker compose build --push`, or `up --build`";
        Diagnostic::warning("lookup::image", message).help(help)
    } else {
        let message = format!("there is no image `{name}`");
        Diagnostic::error("lookup::image", message).help(choice(reference, tags))
    };
    let label = format!("`{registry}` has none");
    image.at.iter().fold(problem, |problem, at| problem.at(at.clone(), label.clone()))
}

fn choice(reference: &ImageReference, tags: &[String]) -> String {
    let tag = reference.tag().unwrap_or("latest");
    match (nearest(tag, tags.iter().map(String::as_str)), tags) {
        (Some(nearest), _) => format!("did you mean the tag `{nearest}`?"),
        (None, []) => "check the name of the repository, and its tag".to_owned(),
        (None, tags) => format!("its tags are {}", list(tags.iter().map(quoted))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str, built: bool) -> WantedImage {
        let at = vec![Path::root().key("services").key("web").key("image")];
        WantedImage { name: name.to_owned(), built, at }
    }

    #[test]
    fn an_image_that_is_not_there_is_an_error_unless_it_is_built() {
        let told = |built, tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let wanted = image("shop/web:lastest", built);
            let problem = missing(&wanted, &wanted.name.parse().unwrap(), &tags);
            format!("{:?}: {}; {}", problem.severity, problem.message, problem.help.unwrap())
        };
        assert_eq!(
            told(false, &["1.27", "latest"]),
            "Error: there is no image `shop/web:lastest`; did you mean the tag `latest`?"
        );
        assert_eq!(
            told(false, &["production"]),
            "Error: there is no image `shop/web:lastest`; its tags are `production`"
        );
        assert_eq!(
            told(true, &[]),
            "Warning: there is no image `shop/web:lastest` yet; \
             build and push it before tasks start: `docker compose build --push`, or `up --build`"
        );
    }
}
