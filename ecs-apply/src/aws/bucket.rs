//! S3, and who is asking.

use aws_config::SdkConfig;
use aws_sdk_s3::operation::head_bucket::HeadBucketError;
use aws_sdk_s3::types as sdk;
use aws_smithy_runtime_api::http::StatusCode;

use super::error::failed;
use super::{Aws, AwsError};

/// After this many days nobody reads a template any more.
const DAYS: i32 = 7;

/// Whoever answers in place of AWS has one host for all buckets.
pub(super) fn client(config: &SdkConfig) -> aws_sdk_s3::Client {
    let path_style = config.endpoint_url().is_some();
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(path_style).build();
    aws_sdk_s3::Client::from_conf(config)
}

impl Aws {
    /// The number of the account.
    pub async fn account(&self) -> Result<String, AwsError> {
        let answer = self.sts.get_caller_identity().send().await;
        let answer = answer.map_err(failed("sts:GetCallerIdentity"))?;
        Ok(answer.account.unwrap_or_default())
    }

    /// Whether this account has a bucket of this name. One of another account is an
    /// error: whoever made it would read what is put there.
    pub async fn has_bucket(&self, bucket: &str, account: &str) -> Result<bool, AwsError> {
        let request = self.s3.head_bucket().bucket(bucket).expected_bucket_owner(account);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(HeadBucketError::is_not_found) => {
                Ok(false)
            }
            Err(error) => Err(failed("s3:ListBucket")(error)),
        }
    }

    /// Makes a bucket. One that is there already and our own is no error.
    pub async fn create_bucket(&self, bucket: &str) -> Result<(), AwsError> {
        // The oldest region has no name here.
        let place = (self.region != "us-east-1").then(|| {
            sdk::CreateBucketConfiguration::builder()
                .location_constraint(self.region.as_str().into())
                .build()
        });
        let request = self.s3.create_bucket().bucket(bucket);
        let answer = request.set_create_bucket_configuration(place).send().await;
        match answer.map_err(failed("s3:CreateBucket")) {
            Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Encrypts a bucket, closes it to everybody else, and has it emptied by itself.
    pub async fn close_bucket(&self, bucket: &str, account: &str) -> Result<(), AwsError> {
        let block = sdk::PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        let request = self.s3.put_public_access_block().bucket(bucket);
        let request = request.expected_bucket_owner(account);
        let answer = request.public_access_block_configuration(block).send().await;
        answer.map_err(failed("s3:PutBucketPublicAccessBlock"))?;
        let request = self.s3.put_bucket_encryption().bucket(bucket);
        let request = request.expected_bucket_owner(account);
        let answer = request.server_side_encryption_configuration(encryption()).send().await;
        answer.map_err(failed("s3:PutEncryptionConfiguration"))?;
        let request = self.s3.put_bucket_lifecycle_configuration().bucket(bucket);
        let request = request.expected_bucket_owner(account);
        let answer = request.lifecycle_configuration(expiry()).send().await;
        answer.map_err(failed("s3:PutLifecycleConfiguration"))?;
        Ok(())
    }

    /// Whether there is an object of this name. Who may not look is told that there is
    /// none, and puts it there.
    pub async fn has_object(
        &self,
        bucket: &str,
        account: &str,
        key: &str,
    ) -> Result<bool, AwsError> {
        let request = self.s3.head_object().bucket(bucket).key(key);
        match request.expected_bucket_owner(account).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.raw_response().is_some_and(|it| is_hidden(it.status())) => {
                Ok(false)
            }
            Err(error) => Err(failed("s3:GetObject")(error)),
        }
    }

    /// Stores a text, and gives the address that CloudFormation reads it at.
    pub async fn put_object(
        &self,
        bucket: &str,
        account: &str,
        key: &str,
        text: &str,
    ) -> Result<String, AwsError> {
        let request = self.s3.put_object().bucket(bucket).key(key).expected_bucket_owner(account);
        let body = text.as_bytes().to_vec().into();
        request.body(body).send().await.map_err(failed("s3:PutObject"))?;
        Ok(self.object_url(bucket, key))
    }

    /// The address that CloudFormation reads an object at.
    pub fn object_url(&self, bucket: &str, key: &str) -> String {
        match self.config.endpoint_url() {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None => {
                let suffix = if self.region.starts_with("cn-") { ".cn" } else { "" };
                format!("https://{bucket}.s3.{}.amazonaws.com{suffix}/{key}", self.region)
            }
        }
    }
}

/// An answer to `HEAD` has no body that says why.
fn is_hidden(status: StatusCode) -> bool {
    matches!(status.as_u16(), 403 | 404)
}

fn encryption() -> sdk::ServerSideEncryptionConfiguration {
    let default = sdk::ServerSideEncryptionByDefault::builder()
        .sse_algorithm(sdk::ServerSideEncryption::Aes256)
        .build()
        .expect("the algorithm is given");
    let rule = sdk::ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .build();
    sdk::ServerSideEncryptionConfiguration::builder().rules(rule).build().expect("there is a rule")
}

fn expiry() -> sdk::BucketLifecycleConfiguration {
    let rule = sdk::LifecycleRule::builder()
        .id("templates")
        .status(sdk::ExpirationStatus::Enabled)
        .filter(sdk::LifecycleRuleFilter::builder().prefix("").build())
        .expiration(sdk::LifecycleExpiration::builder().days(DAYS).build())
        .build()
        .expect("the status is given");
    sdk::BucketLifecycleConfiguration::builder().rules(rule).build().expect("there is a rule")
}
