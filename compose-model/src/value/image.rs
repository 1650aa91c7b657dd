//! The name of an image: `registry.example/shop/web:1.2`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of an image. Prints as it was written; what Docker takes it to mean
/// is [`canonical`](Self::canonical).
///
/// ```
/// use compose_model::value::ImageReference;
///
/// let image: ImageReference = "nginx:1.27".parse()?;
/// assert_eq!(image.to_string(), "nginx:1.27");
/// assert_eq!(image.canonical(), "docker.io/library/nginx:1.27");
/// # Ok::<(), compose_model::value::ImageError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#image>
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageReference {
    registry: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// Why a text is not an [`ImageReference`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImageError {
    /// Nothing at all.
    #[error("is empty; name an image, such as `nginx:1.27`")]
    Empty,
    /// 64 hexadecimal digits.
    #[error("is the id of an image; name its repository, as in `nginx:1.27`")]
    Identifier,
    /// What stands before the first slash is no host.
    #[error("has the registry `{registry}`, which is not a host name with an optional port")]
    Registry {
        /// As written.
        registry: String,
    },
    /// Capitals, which only registries and tags may have.
    #[error("has capital letters in its repository; write `{lowercase}`")]
    Uppercase {
        /// The repository without them.
        lowercase: String,
    },
    /// Some other character that a repository cannot have, or not there.
    #[error(
        "has the repository `{repository}`, but one is made of lowercase letters and digits, with `/`, `-`, `_` or `.` between them"
    )]
    Repository {
        /// As written.
        repository: String,
    },
    /// The registry and the repository together have more than 255 characters.
    #[error("is longer than 255 characters without its tag and digest")]
    TooLong,
    /// What stands behind the colon is no tag.
    #[error(
        "has the tag `{tag}`, but one is made of up to 128 letters, digits, `_`, `.` and `-`, and begins with neither of the last two"
    )]
    Tag {
        /// As written.
        tag: String,
    },
    /// What stands behind the `@` is no digest.
    #[error("has the digest `{digest}`, but one is `sha256:` and 64 lowercase hexadecimal digits")]
    Digest {
        /// As written.
        digest: String,
    },
}

impl ImageReference {
    /// The host that the image is pulled from; `docker.io` unless written.
    pub fn registry(&self) -> &str {
        match self.registry.as_deref() {
            None | Some(LEGACY_REGISTRY) => DEFAULT_REGISTRY,
            Some(registry) => registry,
        }
    }

    /// The path at its registry, such as `library/nginx`.
    pub fn repository(&self) -> String {
        if self.registry() == DEFAULT_REGISTRY && !self.repository.contains('/') {
            format!("{OFFICIAL}{}", self.repository)
        } else {
            self.repository.clone()
        }
    }

    /// The tag, if one was written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest with its algorithm, if one was written.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The shortest form that means the same: no `docker.io`, no `library`.
    pub fn familiar(&self) -> String {
        let repository = self.repository();
        if self.registry() != DEFAULT_REGISTRY {
            return format!("{}/{repository}{}", self.registry(), self.suffix());
        }
        let official = repository.strip_prefix(OFFICIAL).filter(|name| !name.contains('/'));
        format!("{}{}", official.unwrap_or(&repository), self.suffix())
    }

    /// The form that leaves nothing to defaults, not even the tag `latest`.
    pub fn canonical(&self) -> String {
        let unversioned = self.tag.is_none() && self.digest.is_none();
        let suffix = if unversioned { ":latest".to_owned() } else { self.suffix() };
        format!("{}/{}{suffix}", self.registry(), self.repository())
    }

    /// The same image at one immutable version.
    ///
    /// # Errors
    ///
    /// The digest is none.
    pub fn with_digest(self, digest: &str) -> Result<Self, ImageError> {
        check_digest(digest)?;
        Ok(Self { digest: Some(digest.to_owned()), ..self })
    }

    fn suffix(&self) -> String {
        let tag = self.tag.iter().flat_map(|tag| [":", tag]);
        tag.chain(self.digest.iter().flat_map(|digest| ["@", digest])).collect()
    }
}

impl FromStr for ImageReference {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Self, ImageError> {
        if text.is_empty() {
            return Err(ImageError::Empty);
        }
        if text.len() == 64 && text.bytes().all(is_lowercase_hex) {
            return Err(ImageError::Identifier);
        }
        let (name, digest) = cut(text, '@');
        let (registry, name) = split_registry(name);
        let (repository, tag) = cut(name, ':');
        let image = Self {
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        image.check()?;
        Ok(image)
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        write!(f, "{}{}", self.repository, self.suffix())
    }
}

const DEFAULT_REGISTRY: &str = "docker.io";
const LEGACY_REGISTRY: &str = "index.docker.io";
const OFFICIAL: &str = "library/";
const NAME_LIMIT: usize = 255;
const TAG_LIMIT: usize = 128;

fn cut(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// A first element with a dot, a port or a capital is a registry, and so is
/// `localhost`; others belong to the repository.
fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((first, rest)) if is_registry(first) => (Some(first), rest),
        _ => (None, name),
    }
}

fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first
}

impl ImageReference {
    fn check(&self) -> Result<(), ImageError> {
        self.registry.as_deref().map_or(Ok(()), check_registry)?;
        check_repository(&self.repository)?;
        if self.registry().len() + 1 + self.repository().len() > NAME_LIMIT {
            return Err(ImageError::TooLong);
        }
        self.tag.as_deref().map_or(Ok(()), check_tag)?;
        self.digest.as_deref().map_or(Ok(()), check_digest)
    }
}

fn check_registry(registry: &str) -> Result<(), ImageError> {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !registry.ends_with(']') => (host, Some(port)),
        _ => (registry, None),
    };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let valid = address.map_or_else(|| is_domain(host), is_address);
    if valid && port.is_none_or(is_number) {
        return Ok(());
    }
    Err(ImageError::Registry { registry: registry.to_owned() })
}

fn is_domain(host: &str) -> bool {
    host.split('.').all(|label| {
        label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !(label.is_empty() || label.starts_with('-') || label.ends_with('-'))
    })
}

fn is_address(address: &str) -> bool {
    !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_repository(repository: &str) -> Result<(), ImageError> {
    let lowercase = repository.to_lowercase();
    if lowercase != repository {
        return Err(ImageError::Uppercase { lowercase });
    }
    if repository.split('/').all(is_path_component) {
        return Ok(());
    }
    Err(ImageError::Repository { repository: repository.to_owned() })
}

/// Letters and digits, held together by one dot, one or two underscores, or any
/// number of dashes.
fn is_path_component(component: &str) -> bool {
    let is_word = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    component.starts_with(is_word)
        && component.ends_with(is_word)
        && component.split(is_word).all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

fn check_tag(tag: &str) -> Result<(), ImageError> {
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let valid = tag.starts_with(is_word)
        && tag.len() <= TAG_LIMIT
        && tag.chars().all(|char| is_word(char) || matches!(char, '.' | '-'));
    if valid { Ok(()) } else { Err(ImageError::Tag { tag: tag.to_owned() }) }
}

fn check_digest(digest: &str) -> Result<(), ImageError> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or_default();
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => 0,
    };
    if length > 0 && hex.len() == length && hex.bytes().all(is_lowercase_hex) {
        return Ok(());
    }
    Err(ImageError::Digest { digest: digest.to_owned() })
}

fn is_lowercase_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn short_names_mean_docker_hub() {
        let cases = [
            ("nginx", "nginx", "docker.io/library/nginx:latest"),
            ("shop/web:1", "shop/web:1", "docker.io/shop/web:1"),
            ("docker.io/nginx", "nginx", "docker.io/library/nginx:latest"),
            ("index.docker.io/library/nginx", "nginx", "docker.io/library/nginx:latest"),
            ("docker.io/library/a/b", "library/a/b", "docker.io/library/a/b:latest"),
            ("localhost/web", "localhost/web", "localhost/web:latest"),
            ("host:5000/web:2", "host:5000/web:2", "host:5000/web:2"),
            ("[::1]:5000/web", "[::1]:5000/web", "[::1]:5000/web:latest"),
            ("Host/web", "Host/web", "Host/web:latest"),
            ("r.example/a__b/c-d.e", "r.example/a__b/c-d.e", "r.example/a__b/c-d.e:latest"),
        ];
        for (text, familiar, canonical) in cases {
            let image: ImageReference = text.parse().unwrap();
            assert_eq!(image.familiar(), familiar, "{text}");
            assert_eq!(image.canonical(), canonical, "{text}");
            assert_eq!(image.to_string(), text);
        }
    }

    #[test]
    fn a_digest_replaces_the_default_tag_but_no_other() {
        let image = |text: &str| text.parse::<ImageReference>().unwrap();
        assert_eq!(
            image(&format!("nginx@{DIGEST}")).canonical(),
            format!("docker.io/library/nginx@{DIGEST}")
        );
        let pinned = image("nginx:1.27").with_digest(DIGEST).unwrap();
        assert_eq!(pinned.to_string(), format!("nginx:1.27@{DIGEST}"));
        assert_eq!((pinned.tag(), pinned.digest()), (Some("1.27"), Some(DIGEST)));
        assert!(image("nginx").with_digest("sha256:12").is_err());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let repository =
            |repository: &str| ImageError::Repository { repository: repository.into() };
        let registry = |registry: &str| ImageError::Registry { registry: registry.into() };
        let cases = [
            ("", ImageError::Empty),
            (&DIGEST[7..], ImageError::Identifier),
            ("Nginx", ImageError::Uppercase { lowercase: "nginx".into() }),
            ("a b", repository("a b")),
            ("a//b", repository("a//b")),
            ("a..b", repository("a..b")),
            ("a___b", repository("a___b")),
            ("a.-b", repository("a.-b")),
            ("-a", repository("-a")),
            (":1", repository("")),
            ("nginx:", ImageError::Tag { tag: String::new() }),
            ("nginx:-1", ImageError::Tag { tag: "-1".into() }),
            ("nginx:a:b", ImageError::Tag { tag: "a:b".into() }),
            ("-r.example/a", registry("-r.example")),
            ("r.example:x/a", registry("r.example:x")),
            ("[g::]/a", registry("[g::]")),
            ("a@sha256:12", ImageError::Digest { digest: "sha256:12".into() }),
            ("a@", ImageError::Digest { digest: String::new() }),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<ImageReference>(), Err(error), "{text}");
        }
        assert_eq!("a".repeat(300).parse::<ImageReference>(), Err(ImageError::TooLong));
    }

    proptest! {
        #[test]
        fn what_was_parsed_prints_as_it_was(text in "[a-zA-Z0-9:./@_-]{0,20}|\\PC*") {
            if let Ok(image) = text.parse::<ImageReference>() {
                prop_assert_eq!(image.to_string(), text);
            }
        }

        #[test]
        fn every_form_means_the_same(text in "([a-z]{1,3}[.:/]){0,2}[a-z]{1,4}(:[0-9.]{1,3})?") {
            if let Ok(image) = text.parse::<ImageReference>() {
                let canonical: ImageReference = image.canonical().parse().unwrap();
                let familiar: ImageReference = image.familiar().parse().unwrap();
                prop_assert_eq!(canonical.canonical(), image.canonical());
                prop_assert_eq!(familiar.canonical(), image.canonical());
            }
        }
    }
}
