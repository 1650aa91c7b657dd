//! Repositories for images that are built: one for each service, which is made when it
//! is first needed.

use std::fmt;

use indexmap::IndexMap;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::aws::{Aws, AwsError, decode_base64};
use crate::deploy::PROJECT_TAG;
use crate::roster::SERVICE_TAG;

/// What names of repositories may have at most.
const MOST: usize = 256;

/// How many images a repository keeps, besides those that stacks need.
const KEPT: u32 = 50;

/// What the tags of images begin with that a stack needs.
pub(crate) const IN_USE: &str = "in-use";

/// Where the images of a service are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its name: `shop/web`.
    pub name: String,
    /// What names of its images begin with:
    /// `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web`.
    pub address: String,
    /// Its ARN.
    pub arn: String,
}

/// What a registry lets in.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryLogin {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for RegistryLogin {
    /// Leaves out the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryLogin").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Repository {
    /// The host, and the port if there is one.
    pub fn registry(&self) -> &str {
        self.address.split('/').next().unwrap_or_default()
    }

    /// The image with this tag.
    pub fn tagged(&self, tag: &str) -> String {
        format!("{}:{tag}", self.address)
    }

    /// The image with this digest, which is the same for ever.
    pub fn pinned(&self, digest: &str) -> String {
        format!("{}@{digest}", self.address)
    }

    /// The digest of a reference to an image of this repository.
    pub fn digest_of<'a>(&self, reference: &'a str) -> Option<&'a str> {
        reference.strip_prefix(&self.address)?.strip_prefix('@')
    }
}

/// The repository of a service, which is made if it is not there.
///
/// It belongs to the account and not to a stack: the images of a stack have to be there
/// before it is, and after it is gone they are what it can be made from again.
pub async fn repository(aws: &Aws, project: &str, service: &str) -> Result<Repository, AwsError> {
    let name = repository_name(project, service);
    if let Some(found) = aws.repository(&name).await? {
        return Ok(found);
    }
    match aws.create_repository(&name, &tags(project, service)).await {
        Err(error) if error.code() == Some("RepositoryAlreadyExistsException") => {
            // Somebody else was quicker.
            aws.repository(&name).await?.ok_or(error)
        }
        answer => answer,
    }
}

/// Who lets whom in, for `docker login`.
pub async fn registry_login(aws: &Aws) -> Result<Option<RegistryLogin>, AwsError> {
    let token = aws.registry_login(aws.region()).await?;
    let text = token.and_then(|token| decode_base64(&token));
    Ok(text.and_then(|text| {
        let (user, password) = text.split_once(':')?;
        Some(RegistryLogin { user: user.to_owned(), password: password.to_owned() })
    }))
}

/// Sees to it that the images that a stack has and will have are not expired, and that
/// others are. A repository that somebody else made follows their rules alone.
///
/// Which of both the stack has in the end is not known yet: an update may be rolled
/// back. So both are held until the next update.
pub async fn hold(
    aws: &Aws,
    repository: &Repository,
    project: &str,
    stack: &str,
    digests: &Held<'_>,
) -> Result<(), AwsError> {
    let tags = aws.repository_tags(repository).await?;
    if tags.get(PROJECT_TAG).map(String::as_str) != Some(project) {
        return Ok(());
    }
    if !aws.has_lifecycle_policy(repository).await? {
        aws.put_lifecycle_policy(repository, &lifecycle_policy()).await?;
    }
    for (role, digest) in [("before", digests.before), ("now", Some(digests.now))] {
        if let Some(digest) = digest {
            aws.tag_image(repository, digest, &mark(role, stack)).await?;
        }
    }
    Ok(())
}

/// The digests of images that a stack needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// The one that it has, if that is of this repository.
    pub before: Option<&'a str>,
    /// The one that it will have.
    pub now: &'a str,
}

/// The tag of an image that a stack needs. Tags are shorter than names of stacks may be.
fn mark(role: &str, stack: &str) -> String {
    let stack = if stack.len() <= 100 { stack.to_owned() } else { short(stack, 100) };
    format!("{IN_USE}.{role}.{stack}")
}

/// What the repository of a service is called: letters and digits in small, with single
/// signs between them. A name that loses something gets eight digits of its own hash,
/// which no other name has.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
pub fn repository_name(project: &str, service: &str) -> String {
    let name = format!("{}/{}", segment(project), segment(service));
    if name.len() <= MOST { name } else { short(&name, MOST) }
}

fn segment(name: &str) -> String {
    let mut segment = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            segment.push(character.to_ascii_lowercase());
        } else if segment.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            segment.push(if matches!(character, '.' | '_') { character } else { '-' });
        }
    }
    let kept = segment.trim_end_matches(['.', '_', '-']);
    if kept == name {
        return segment;
    }
    let between = if kept.is_empty() { "" } else { "-" };
    format!("{kept}{between}{}", hash(name))
}

/// The beginning of a name that is too long, and its hash.
fn short(name: &str, most: usize) -> String {
    let hash = hash(name);
    let kept: String = name.chars().take(most - hash.len() - 1).collect();
    format!("{}-{hash}", kept.trim_end_matches(['.', '_', '-', '/']))
}

fn hash(name: &str) -> String {
    Sha256::digest(name).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn tags(project: &str, service: &str) -> IndexMap<String, String> {
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    [tag(PROJECT_TAG, project), tag(SERVICE_TAG, service)].into()
}

/// The first rule expires next to nothing. What it is about is safe from the second:
/// only one rule decides about an image.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html>
fn lifecycle_policy() -> String {
    let expire = json!({ "type": "expire" });
    let held = json!({
        "tagStatus": "tagged",
        "tagPrefixList": [IN_USE],
        "countType": "imageCountMoreThan",
        "countNumber": 1000,
    });
    let others = json!({
        "tagStatus": "any",
        "countType": "imageCountMoreThan",
        "countNumber": KEPT,
    });
    let rule = |priority: u32, description: &str, selection: serde_json::Value| {
        json!({
            "rulePriority": priority,
            "description": description,
            "selection": selection,
            "action": expire,
        })
    };
    let rules = [rule(1, "Keep what stacks need", held), rule(2, "Keep the newest", others)];
    json!({ "rules": rules }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_have_names_that_ecr_allows() {
        let cases = [
            ("shop", "web", "shop/web"),
            ("my_shop-2", "api.v2", "my_shop-2/api.v2"),
            ("shop", "Web", "shop/web-29751047"),
            ("shop", "web--api", "shop/web-api-e2cdab84"),
            ("shop", "_web_", "shop/web-04a784d2"),
            ("shop", "_", "shop/d2e2adf7"),
            ("shop-", "web", "shop-3f992105/web"),
        ];
        for (project, service, expected) in cases {
            assert_eq!(repository_name(project, service), expected, "{project} {service}");
        }
        let long = repository_name("shop", &"w".repeat(300));
        assert!(long.len() <= MOST && long != repository_name("shop", &"w".repeat(301)), "{long}");
    }

    #[test]
    fn marks_are_short_enough_for_tags() {
        assert_eq!(mark("now", "shop"), "in-use.now.shop");
        assert!(mark("before", &"s".repeat(128)).len() <= 128);
    }

    #[test]
    fn what_stacks_need_is_decided_about_first() {
        let policy: serde_json::Value = serde_json::from_str(&lifecycle_policy()).unwrap();
        let prefix = policy["rules"][0]["selection"]["tagPrefixList"][0].as_str().unwrap();
        assert!(mark("now", "shop").starts_with(prefix) && policy["rules"][0]["rulePriority"] == 1);
        assert_eq!(policy["rules"][1]["selection"]["tagStatus"], "any");
    }

    #[test]
    fn images_are_named_by_tag_or_digest() {
        let repository = Repository {
            name: "shop/web".to_owned(),
            address: "127.0.0.1:4566/shop/web".to_owned(),
            arn: String::new(),
        };
        assert_eq!(repository.registry(), "127.0.0.1:4566");
        assert_eq!(repository.tagged("1"), "127.0.0.1:4566/shop/web:1");
        let pinned = repository.pinned("sha256:0");
        assert_eq!(pinned, "127.0.0.1:4566/shop/web@sha256:0");
        assert_eq!(repository.digest_of(&pinned), Some("sha256:0"));
        assert_eq!(repository.digest_of("127.0.0.1:4566/shop/web-2@sha256:0"), None);
    }
}
