//! How registries let us in: as nobody, as who is logged in with Docker, or as who is
//! known to AWS.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::challenge::Challenge;
use super::docker_config::{DockerConfig, Login};
use super::{RegistryError, address, send};
use crate::aws::{Aws, Http, Request, encode_base64, encoded};

/// What a registry is shown. It is never shown to people, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Permit(String);

impl Permit {
    /// What to write into `Authorization`.
    pub(super) fn header(&self) -> &str {
        &self.0
    }

    fn basic(user: &str, password: &str) -> Self {
        Self(format!("Basic {}", encode_base64(&format!("{user}:{password}"))))
    }
}

/// Finds what lets in.
#[derive(Clone)]
pub(super) struct Authorizer {
    aws: Aws,
    docker: DockerConfig,
    /// What ECR gives out is for all repositories of a region.
    ecr: Arc<Mutex<HashMap<String, Option<Permit>>>>,
}

impl Authorizer {
    pub(super) fn new(aws: Aws, docker: DockerConfig) -> Self {
        Self { aws, docker, ecr: Arc::default() }
    }

    /// What answers one of these challenges.
    pub(super) async fn permit(
        &self,
        http: &Http,
        challenges: &[Challenge],
        registry: &str,
        repository: &str,
    ) -> Result<Permit, RegistryError> {
        let bearer = challenges.iter().find_map(|challenge| match challenge {
            Challenge::Bearer { realm, service, scope } => Some((realm, service, scope)),
            Challenge::Basic => None,
        });
        let Some((realm, service, scope)) = bearer else {
            return self.basic(challenges, registry).await.ok_or(RegistryError::LoginNeeded);
        };
        let scope = scope.clone().unwrap_or_else(|| format!("repository:{repository}:pull"));
        let mut asked = format!("scope={}", encoded(&scope));
        if let Some(service) = service {
            asked = format!("service={}&{asked}", encoded(service));
        }
        // Passwords go to nobody who could not keep them.
        let secure =
            realm.starts_with("https://") || address::of(registry, "").starts_with("http:");
        let login = if secure { self.docker.login(registry).await } else { None };
        token(http, realm, &asked, login).await
    }

    async fn basic(&self, challenges: &[Challenge], registry: &str) -> Option<Permit> {
        if !challenges.contains(&Challenge::Basic) {
            return None;
        }
        if let Some(permit) = self.of_ecr(registry).await {
            return Some(permit);
        }
        match self.docker.login(registry).await? {
            Login::Password(user, password) => Some(Permit::basic(&user, &password)),
            Login::Identity(_) => None,
        }
    }

    /// What ECR gives out to who is known to AWS. What Docker remembers of that holds
    /// for twelve hours alone, so it comes second.
    async fn of_ecr(&self, registry: &str) -> Option<Permit> {
        let region = ecr_region(registry)?;
        let mut known = self.ecr.lock().await;
        if let Some(permit) = known.get(region) {
            return permit.clone();
        }
        let login = self.aws.registry_login(region).await.ok().flatten();
        let permit = login.map(|login| Permit(format!("Basic {login}")));
        known.insert(region.to_owned(), permit.clone());
        permit
    }
}

/// The region of `111122223333.dkr.ecr.eu-west-1.amazonaws.com`.
fn ecr_region(registry: &str) -> Option<&str> {
    let (account, rest) = registry.split_once('.')?;
    let rest = rest.strip_prefix("dkr.ecr.").or_else(|| rest.strip_prefix("dkr.ecr-fips."))?;
    let (region, domain) = rest.split_once('.')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && domain.starts_with("amazonaws.")).then_some(region)
}

/// Asks for a token, as nobody if nobody is logged in.
///
/// <https://distribution.github.io/distribution/spec/auth/oauth/>
async fn token(
    http: &Http,
    realm: &str,
    asked: &str,
    login: Option<Login>,
) -> Result<Permit, RegistryError> {
    let joint = if realm.contains('?') { '&' } else { '?' };
    let get = || Request::new("GET", &format!("{realm}{joint}{asked}"));
    let request = match login {
        None => get(),
        Some(Login::Password(user, password)) => {
            get().header("authorization", Permit::basic(&user, &password).0)
        }
        Some(Login::Identity(token)) => {
            let form = format!(
                "grant_type=refresh_token&client_id=ecs-cli&refresh_token={}&{asked}",
                encoded(&token)
            );
            Request::new("POST", realm).form(form)
        }
    };
    let answer = send(http, &request).await?;
    match answer.status {
        200 => {}
        429 => return Err(RegistryError::Busy),
        400..=499 => return Err(RegistryError::LoginNeeded),
        status => {
            let reason = format!("asked for a token, it answered with HTTP {status}");
            return Err(RegistryError::Unreachable(reason));
        }
    }
    let json: Option<Json> = serde_json::from_slice(&answer.body).ok();
    let text = |key: &str| json.as_ref()?.get(key)?.as_str().filter(|it| !it.is_empty());
    let token = text("token").or_else(|| text("access_token"));
    let none = || RegistryError::Unreachable("asked for a token, it gave none".to_owned());
    token.map(|token| Permit(format!("Bearer {token}"))).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_of_ecr_have_a_region() {
        let cases = [
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("1234.dkr.ecr.eu-west-1.amazonaws.com", None),
            ("111122223333.dkr.ecr.eu-west-1.example.com", None),
            ("public.ecr.aws", None),
            ("docker.io", None),
        ];
        for (registry, region) in cases {
            assert_eq!(ecr_region(registry), region, "{registry}");
        }
    }
}
