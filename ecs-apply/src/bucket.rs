//! Templates that are too large for a request wait in a bucket of our own.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::aws::{Aws, AwsError};

/// A bucket is found by everybody some seconds after it was made.
const PAUSES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// Puts a template into the bucket of this account and region, which is made if need
/// be: encrypted, closed to everybody else, and emptied by itself. Gives the address
/// that CloudFormation reads it at.
///
/// A template is named after what it says, so that storing it twice is storing it
/// once, and nobody's template is taken away from under him.
pub(crate) async fn store(aws: &Aws, stack: &str, template: &str) -> Result<String, AwsError> {
    let account = aws.account().await?;
    let bucket = name(aws, &account);
    let digest = Sha256::digest(template);
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let key = format!("{stack}/{digest}");
    // Whoever put it there has closed the bucket first.
    if aws.has_object(&bucket, &account, &key).await? {
        return Ok(aws.object_url(&bucket, &key));
    }
    if !aws.has_bucket(&bucket, &account).await? {
        aws.create_bucket(&bucket).await?;
    }
    // A run that was cut short may have left it open.
    aws.close_bucket(&bucket, &account).await?;
    for _ in 0..PAUSES {
        match aws.put_object(&bucket, &account, &key, template).await {
            Err(error) if error.code() == Some("NoSuchBucket") => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
    aws.put_object(&bucket, &account, &key, template).await
}

/// Whether somebody has made the bucket already.
pub(crate) async fn is_ready(aws: &Aws) -> Result<bool, AwsError> {
    let account = aws.account().await?;
    aws.has_bucket(&name(aws, &account), &account).await
}

fn name(aws: &Aws, account: &str) -> String {
    format!("ecs-cli-templates-{account}-{}", aws.region())
}
