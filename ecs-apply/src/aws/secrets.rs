//! Secrets Manager. Values are never asked for.

use super::error::failed;
use super::{Aws, AwsError};
use crate::secret::Secret;

impl Aws {
    /// The secret of this name.
    pub async fn secret(&self, name: &str) -> Result<Option<Secret>, AwsError> {
        let answer = self.secrets.describe_secret().secret_id(name).send().await;
        match answer.map_err(failed("secretsmanager:DescribeSecret")) {
            Ok(answer) => Ok(answer.arn().map(|arn| Secret {
                arn: arn.to_owned(),
                deleted: answer.deleted_date().is_some(),
            })),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of all secrets.
    pub async fn secrets(&self) -> Result<Vec<String>, AwsError> {
        let mut pages = self.secrets.list_secrets().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("secretsmanager:ListSecrets"))?;
            let secrets = page.secret_list().iter();
            names.extend(secrets.filter_map(|secret| secret.name().map(str::to_owned)));
        }
        Ok(names)
    }
}
