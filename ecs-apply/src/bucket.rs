//! Templates that are too large for a request wait in a bucket of our own.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::aws::{Aws, AwsError};

/// A bucket is found by everybody some seconds after it was made.
const PAUSES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// Where a template waits for CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTemplate {
    /// The bucket: one for each account and region.
    pub bucket: String,
    /// Its address, which CloudFormation reads it at.
    pub url: String,
}

/// Puts a template into the bucket of this account and region, which is made if need
/// be: encrypted, closed to everybody else, and emptied by itself.
///
/// A template is named after what it says, so that storing it twice is storing it
/// once, and nobody's template is taken away from under him.
pub async fn store(aws: &Aws, stack: &str, template: &str) -> Result<StoredTemplate, AwsError> {
    let account = aws.account().await?;
    let bucket = format!("ecs-cli-templates-{account}-{}", aws.region());
    let digest = Sha256::digest(template);
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let key = format!("{stack}/{digest}");
    // Whoever put it there has closed the bucket first.
    if aws.has_object(&bucket, &account, &key).await? {
        let url = aws.object_url(&bucket, &key);
        return Ok(StoredTemplate { bucket, url });
    }
    if !aws.has_bucket(&bucket, &account).await? {
        aws.create_bucket(&bucket).await?;
    }
    // A run that was cut short may have left it open.
    aws.close_bucket(&bucket, &account).await?;
    for _ in 0..PAUSES {
        match aws.put_object(&bucket, &account, &key, template).await {
            Err(error) if error.code() == Some("NoSuchBucket") => tokio::time::sleep(PAUSE).await,
            answer => return answer.map(|url| StoredTemplate { bucket, url }),
        }
    }
    aws.put_object(&bucket, &account, &key, template)
        .await
        .map(|url| StoredTemplate { bucket, url })
}
