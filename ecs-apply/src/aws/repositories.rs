//! Repositories of ECR, and the images in them.

use aws_config::SdkConfig;
use aws_sdk_ecr::types as sdk;
use aws_types::service_config::ServiceConfigKey;
use indexmap::IndexMap;

use super::error::failed;
use super::{Aws, AwsError};
use crate::repository::{IN_USE, Repository};

/// What manifests are asked for as they are, and not made into something older.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

impl Aws {
    /// The repository of this name.
    pub(crate) async fn repository(&self, name: &str) -> Result<Option<Repository>, AwsError> {
        let request = self.ecr.describe_repositories().repository_names(name);
        match request.send().await.map_err(failed("ecr:DescribeRepositories")) {
            Ok(answer) => Ok(answer.repositories().first().map(|found| self.to_repository(found))),
            Err(error) if error.code() == Some("RepositoryNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a repository. Images are scanned when they arrive and encrypted where they
    /// lie, and their tags never come to mean something else, except those that say
    /// which images stacks need.
    pub(crate) async fn create_repository(
        &self,
        name: &str,
        tags: &IndexMap<String, String>,
    ) -> Result<Repository, AwsError> {
        const ACTION: &str = "ecr:CreateRepository";
        let scanning = sdk::ImageScanningConfiguration::builder().scan_on_push(true).build();
        let encryption = sdk::EncryptionConfiguration::builder()
            .encryption_type(sdk::EncryptionType::Aes256)
            .build()
            .expect("the type is given");
        let exception = sdk::ImageTagMutabilityExclusionFilter::builder()
            .filter_type(sdk::ImageTagMutabilityExclusionFilterType::Wildcard)
            .filter(format!("{IN_USE}*"))
            .build()
            .expect("type and filter are given");
        let answer = self
            .ecr
            .create_repository()
            .repository_name(name)
            .image_scanning_configuration(scanning)
            .encryption_configuration(encryption)
            .image_tag_mutability(sdk::ImageTagMutability::ImmutableWithExclusion)
            .image_tag_mutability_exclusion_filters(exception)
            .set_tags(Some(tags.iter().map(|(key, value)| tag(key, value)).collect()))
            .send()
            .await
            .map_err(failed(ACTION))?;
        let made = answer.repository().map(|made| self.to_repository(made));
        made.ok_or_else(|| AwsError::NoAnswer {
            action: ACTION,
            reason: "it does not say what was made".to_owned(),
        })
    }

    /// The digest of the image with a tag, if the repository has it.
    pub async fn image_digest(
        &self,
        repository: &Repository,
        tag: &str,
    ) -> Result<Option<String>, AwsError> {
        let image = sdk::ImageIdentifier::builder().image_tag(tag).build();
        let request = self.ecr.describe_images().repository_name(&repository.name).image_ids(image);
        match request.send().await.map_err(failed("ecr:DescribeImages")) {
            Ok(answer) => {
                let found = answer.image_details().first();
                Ok(found.and_then(|image| image.image_digest().map(str::to_owned)))
            }
            Err(error) if error.code() == Some("ImageNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The tags of a repository.
    pub(crate) async fn repository_tags(
        &self,
        repository: &Repository,
    ) -> Result<IndexMap<String, String>, AwsError> {
        let request = self.ecr.list_tags_for_resource().resource_arn(&repository.arn);
        let answer = request.send().await.map_err(failed("ecr:ListTagsForResource"))?;
        let tags = answer.tags().iter();
        Ok(tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
    }

    /// Whether something says which images of a repository are expired.
    pub(crate) async fn has_lifecycle_policy(
        &self,
        repository: &Repository,
    ) -> Result<bool, AwsError> {
        let request = self.ecr.get_lifecycle_policy().repository_name(&repository.name);
        match request.send().await.map_err(failed("ecr:GetLifecyclePolicy")) {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("LifecyclePolicyNotFoundException") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says which images of a repository are expired.
    pub(crate) async fn put_lifecycle_policy(
        &self,
        repository: &Repository,
        policy: &str,
    ) -> Result<(), AwsError> {
        let request = self
            .ecr
            .put_lifecycle_policy()
            .repository_name(&repository.name)
            .lifecycle_policy_text(policy);
        request.send().await.map_err(failed("ecr:PutLifecyclePolicy")).map(|_| ())
    }

    /// Gives an image one more tag, which may have been that of another. An image that is
    /// not there any more gets none.
    pub(crate) async fn tag_image(
        &self,
        repository: &Repository,
        digest: &str,
        tag: &str,
    ) -> Result<(), AwsError> {
        let image = sdk::ImageIdentifier::builder().image_digest(digest).build();
        let request = self.ecr.batch_get_image().repository_name(&repository.name);
        let request = request.image_ids(image).set_accepted_media_types(Some(
            MANIFESTS.iter().map(|&manifest| manifest.to_owned()).collect(),
        ));
        let answer = request.send().await.map_err(failed("ecr:BatchGetImage"))?;
        let Some(image) = answer.images().first() else { return Ok(()) };
        let request = self
            .ecr
            .put_image()
            .repository_name(&repository.name)
            .set_image_manifest(image.image_manifest().map(str::to_owned))
            .set_image_manifest_media_type(image.image_manifest_media_type().map(str::to_owned))
            .image_digest(digest)
            .image_tag(tag);
        match request.send().await.map_err(failed("ecr:PutImage")) {
            // It has the tag already.
            Err(error) if error.code() == Some("ImageAlreadyExistsException") => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    fn to_repository(&self, found: &sdk::Repository) -> Repository {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Repository {
            name: text(found.repository_name()),
            address: address(found.repository_uri().unwrap_or_default(), self.stand_in()),
            arn: text(found.repository_arn()),
        }
    }

    /// The address that is asked instead of ECR, found as the SDK finds it.
    fn stand_in(&self) -> Option<String> {
        let own = endpoint_of_ecr(&self.config);
        own.or_else(|| self.config.endpoint_url().map(str::to_owned))
    }
}

fn tag(key: &str, value: &str) -> sdk::Tag {
    sdk::Tag::builder().key(key).value(value).build().expect("key and value are given")
}

fn endpoint_of_ecr(config: &SdkConfig) -> Option<String> {
    if config.get_origin("endpoint_url").is_client_config() {
        return None;
    }
    let key = ServiceConfigKey::builder()
        .service_id("ECR")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .expect("all parts are given");
    config.service_config()?.load_config(key)
}

/// Where the images of a repository are. What stands in for ECR calls its repositories
/// as ECR does, and has them itself; another door to ECR itself leads to no registry.
fn address(uri: &str, stand_in: Option<String>) -> String {
    let stand_in = stand_in.as_deref().map(host).filter(|host| !is_of_amazon(host));
    match (stand_in, uri.split_once('/')) {
        (Some(host), Some((_, name))) => format!("{host}/{name}"),
        (Some(_), None) | (None, _) => uri.to_owned(),
    }
}

/// The host and the port of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn is_of_amazon(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn what_stands_in_for_ecr_has_the_images_itself() {
        let uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web";
        let cases = [
            (None, uri),
            (Some("http://127.0.0.1:4566"), "127.0.0.1:4566/shop/web"),
            (Some("http://localhost:4566/"), "localhost:4566/shop/web"),
            (Some("https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com"), uri),
            (Some("https://ecr.eu-west-1.api.aws"), uri),
        ];
        for (stand_in, expected) in cases {
            assert_eq!(address(uri, stand_in.map(str::to_owned)), expected, "{stand_in:?}");
        }
    }
}
