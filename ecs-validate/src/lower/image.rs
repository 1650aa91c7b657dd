//! `image` and `build` to what a container is made of.

use compose_model::value::{ImageError, ImageReference};
use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::facts::ImageFacts;
use crate::service::{Image, Platform};

/// The image of a service. One that is built and has a name is expected under that
/// name; one without waits for a parameter.
pub(super) fn image(
    image: Option<&str>,
    platform: Platform,
    at: &Path,
    cx: &mut Context<'_>,
) -> Image {
    // A service without either is run by a provider, and refused for that.
    image.map_or(Image::Built, |image| Image::Reference(reference(image, platform, at, cx)))
}

/// An image by its name, with its digest if that is known. `at` is the place of
/// what has it as `image`.
pub(super) fn reference(text: &str, platform: Platform, at: &Path, cx: &mut Context<'_>) -> String {
    let reference = match text.parse::<ImageReference>() {
        Ok(reference) => reference,
        Err(error) => {
            cx.report(refused(text, &error).at(at.key("image"), ""));
            return text.to_owned();
        }
    };
    if reference.digest().is_none() {
        cx.images.push((text.to_owned(), at.key("image")));
    }
    match known(text, &reference, cx) {
        Some(facts) => pinned(text, reference, facts, platform, at, cx),
        None => text.to_owned(),
    }
}

/// What is known of an image, by this name or another one of it: `nginx:1.27` is
/// `docker.io/library/nginx:1.27`.
fn known<'f>(text: &str, reference: &ImageReference, cx: &Context<'f>) -> Option<&'f ImageFacts> {
    let images = &cx.facts.images;
    let same = |name: &String| {
        let other = name.parse::<ImageReference>();
        other.is_ok_and(|other| other.canonical() == reference.canonical())
    };
    let by_other_name = || images.iter().find(|(name, _)| same(name)).map(|(_, facts)| facts);
    images.get(text).or_else(by_other_name)
}

/// The error of a name says after its semicolon what to type, but knows no more than
/// the part that is wrong.
fn refused(text: &str, error: &ImageError) -> Diagnostic {
    let told = error.to_string();
    let (wrong, help) = told.split_once("; ").unwrap_or((&told, ""));
    let help = match (error, lower_case(text)) {
        (ImageError::Uppercase { .. }, Some(name)) => format!("write `{name}`"),
        (ImageError::Uppercase { .. }, None) => EXAMPLE.to_owned(),
        _ if help.is_empty() => EXAMPLE.to_owned(),
        _ => help.to_owned(),
    };
    Diagnostic::error("ecs::image", format!("`{text}` {wrong}")).help(help)
}

const EXAMPLE: &str = "name it as `nginx:1.27`";

/// A name that differs in capitals and spaces alone, if there is one.
fn lower_case(text: &str) -> Option<String> {
    let name_ends = text.find('@').unwrap_or(text.len());
    let path = text[..name_ends].rfind('/').map_or(0, |slash| slash + 1);
    let name_ends = text[path..name_ends].find(':').map_or(name_ends, |colon| path + colon);
    let (name, tag) = text.split_at(name_ends);
    let name = name.trim().to_lowercase().replace(' ', "-") + tag;
    name.parse::<ImageReference>().is_ok().then_some(name)
}

fn pinned(
    text: &str,
    reference: ImageReference,
    facts: &ImageFacts,
    platform: Platform,
    at: &Path,
    cx: &mut Context<'_>,
) -> String {
    let known = !facts.platforms.is_empty();
    if known && !facts.platforms.iter().any(|made_for| covers(made_for, platform)) {
        cx.report(other_platform(text, facts, platform).at(at.key("image"), ""));
    }
    if reference.digest().is_some() {
        return text.to_owned();
    }
    let Ok(pinned) = reference.with_digest(&facts.digest) else {
        let message = format!("what is known of `{text}` has no digest, but `{}`", facts.digest);
        cx.report(
            Diagnostic::error("ecs::image-digest", message)
                .at(at.key("image"), "")
                .help("write it in the facts like `sha256:` and 64 digits, or leave the image out"),
        );
        return text.to_owned();
    };
    pinned.to_string()
}

fn covers(made_for: &str, platform: Platform) -> bool {
    let wanted = platform.to_string();
    let mut wanted = wanted.split('/');
    let mut parts = made_for.split('/');
    let system = parts.next().unwrap_or_default();
    wanted.next().is_some_and(|wanted| system.starts_with(wanted)) && parts.next() == wanted.next()
}

fn other_platform(text: &str, facts: &ImageFacts, platform: Platform) -> Diagnostic {
    let made_for = facts.platforms.join("`, `");
    let message = format!("`{text}` is not made for `{platform}`");
    Diagnostic::error("ecs::image-platform", message)
        .help(format!("it is made for `{made_for}`: choose one of them with `platform`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::{check, check_with, services_with};

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn facts(platforms: &[&str]) -> Facts {
        let platforms = platforms.iter().map(|platform| (*platform).to_owned()).collect();
        let image = ImageFacts { digest: DIGEST.to_owned(), platforms };
        Facts { images: [("nginx:1.27".to_owned(), image)].into_iter().collect(), ..Facts::none() }
    }

    fn image_of(facts: &Facts, text: &str) -> Image {
        services_with(facts, text).0.remove(0).containers.remove(0).image
    }

    #[test]
    fn an_image_is_known_by_its_other_names() {
        let text = "services: {web: {image: docker.io/library/nginx:1.27}}";
        let (services, _) = services_with(&facts(&["linux/amd64"]), text);
        let image = services[0].containers[0].image.clone();
        let pinned = format!("docker.io/library/nginx:1.27@{DIGEST}");
        assert_eq!(image, Image::Reference(pinned));
    }

    #[test]
    fn a_known_image_is_pinned_and_keeps_its_tag() {
        let text = "services: {web: {image: 'nginx:1.27'}}";
        let pinned = Image::Reference(format!("nginx:1.27@{DIGEST}"));
        assert_eq!(image_of(&facts(&[]), text), pinned);
        assert_eq!(image_of(&Facts::none(), text), Image::Reference("nginx:1.27".to_owned()));
    }

    #[test]
    fn a_build_without_a_name_is_left_to_a_parameter() {
        let built = "services: {web: {build: .}}";
        assert_eq!(image_of(&Facts::none(), built), Image::Built);
        let named = "services: {web: {build: ., image: shop/web}}";
        assert_eq!(image_of(&Facts::none(), named), Image::Reference("shop/web".to_owned()));
    }

    #[test]
    fn an_image_must_have_a_name_that_registries_know() {
        check(
            "
services:
  web:
    image: Shop Web
#          ^^^^^^^^ error: `Shop Web` has capital letters in its repository
#          help: write `shop-web`
  app:
    image: MyOrg/App:1.0-RC
#          ^^^^^^^^^^^^^^^^ error: `MyOrg/App:1.0-RC` has capital letters in its repository
#          help: write `myorg/app:1.0-RC`
  other:
    image: In_-valid:1
#          ^^^^^^^^^^^ error: `In_-valid:1` has capital letters in its repository
#          help: name it as `nginx:1.27`
",
        );
    }

    #[test]
    fn an_image_must_be_made_for_its_platform() {
        check_with(
            &facts(&["linux/amd64", "linux/arm/v7"]),
            "
services:
  web:
    image: nginx:1.27
#          ^^^^^^^^^^ error: `nginx:1.27` is not made for `linux/arm64`
#          help: it is made for `linux/amd64`, `linux/arm/v7`: choose one of them with `platform`
    platform: linux/arm64
",
        );
    }
}
