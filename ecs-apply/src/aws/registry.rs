//! ECR.

use aws_config::Region;

use super::error::failed;
use super::{Aws, AwsError};

impl Aws {
    /// What the registries of a region let in with: a name and a password, already in
    /// base64.
    pub(crate) async fn registry_login(&self, region: &str) -> Result<Option<String>, AwsError> {
        let config = aws_sdk_ecr::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        let request = aws_sdk_ecr::Client::from_conf(config).get_authorization_token();
        let answer = request.send().await.map_err(failed("ecr:GetAuthorizationToken"))?;
        let first = answer.authorization_data().first();
        Ok(first.and_then(|it| it.authorization_token().map(str::to_owned)))
    }
}
