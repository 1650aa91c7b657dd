//! What registries know of images: a digest, and the platforms that it is made for.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

mod address;
mod authorization;
mod challenge;
mod docker_config;
mod manifest;

use std::path::Path;

use compose_model::value::ImageReference;
use ecs_validate::ImageFacts;
use serde_json::Value as Json;

use self::authorization::{Authorizer, Permit};
use self::docker_config::DockerConfig;
use self::manifest::Manifest;
use crate::aws::{Aws, Http, Request, Response, pause};

/// Attempts at a question that gets no answer. Nothing depends on it, so nobody waits
/// for long.
const ATTEMPTS: u32 = 2;

/// Hops from one place to another that says where it went.
const HOPS: usize = 5;

/// Registries, and who asks them.
#[derive(Clone)]
pub(crate) struct Registries {
    http: Http,
    authorizer: Authorizer,
}

/// Why nothing is known of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegistryError {
    /// It is not there. The repository has these tags, if it is there itself.
    Missing(Vec<String>),
    /// It is not there, or not for everybody.
    LoginNeeded,
    /// Too much was asked.
    Busy,
    /// There was no answer, or none that makes sense.
    Unreachable(String),
}

impl Registries {
    /// Registries as those who are logged in with Docker see them, and those of the
    /// account.
    pub(crate) fn new(aws: &Aws, docker: Option<&Path>) -> Self {
        let config = docker.map(DockerConfig::read).unwrap_or_default();
        let http = aws.http().clone();
        Self { authorizer: Authorizer::new(aws.clone(), config), http }
    }

    /// What is known of an image by its tag.
    pub(crate) async fn image(&self, image: &ImageReference) -> Result<ImageFacts, RegistryError> {
        let tag = image.tag().unwrap_or("latest");
        let mut visit = Visit {
            registries: self,
            registry: image.registry().to_owned(),
            base: address::of(image.registry(), &image.repository()),
            repository: image.repository(),
            permit: None,
        };
        let answer = visit.ask("GET", &format!("manifests/{tag}"), manifest::ACCEPTED).await;
        match answer {
            Err(RegistryError::Missing(_)) => Err(RegistryError::Missing(visit.tags().await)),
            // Docker Hub counts what is read, but not who asks whether it is there.
            Err(RegistryError::Busy) => visit.digest_alone(tag).await,
            Err(other) => Err(other),
            Ok(answer) => visit.facts(&answer).await,
        }
    }
}

/// Questions about one repository.
struct Visit<'a> {
    registries: &'a Registries,
    registry: String,
    /// `https://registry-1.docker.io/v2/library/nginx/`
    base: String,
    repository: String,
    /// What lets in, as soon as somebody asked for it.
    permit: Option<Permit>,
}

impl Visit<'_> {
    async fn facts(&mut self, answer: &Response) -> Result<ImageFacts, RegistryError> {
        let Some(Manifest { digest, platforms, config }) = Manifest::read(&answer.body) else {
            return Err(RegistryError::Unreachable("it answered with no manifest".to_owned()));
        };
        let platforms = match config {
            Some(config) => self.platform(&config).await.into_iter().collect(),
            None => platforms,
        };
        Ok(ImageFacts { digest, platforms })
    }

    /// The platform of an image that is made for one, which only its settings tell.
    async fn platform(&mut self, config: &str) -> Option<String> {
        let answer = self.ask("GET", &format!("blobs/{config}"), "*/*").await.ok()?;
        manifest::platform(&serde_json::from_slice(&answer.body).ok()?)
    }

    async fn digest_alone(&mut self, tag: &str) -> Result<ImageFacts, RegistryError> {
        let path = format!("manifests/{tag}");
        let answer = self.ask("HEAD", &path, manifest::ACCEPTED).await;
        let digest =
            answer.ok().and_then(|it| it.header("docker-content-digest").map(str::to_owned));
        let digest = digest.ok_or(RegistryError::Busy)?;
        Ok(ImageFacts { digest, platforms: Vec::new() })
    }

    async fn tags(&mut self) -> Vec<String> {
        let answer = self.ask("GET", "tags/list?n=1000", "application/json").await;
        let body = answer.ok().and_then(|it| serde_json::from_slice::<Json>(&it.body).ok());
        let tags = body.as_ref().and_then(|body| body.get("tags")?.as_array());
        let tags = tags.into_iter().flatten();
        tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect()
    }

    /// Asks, and asks again with a permit if there is no way in without.
    async fn ask(
        &mut self,
        method: &'static str,
        path: &str,
        accept: &str,
    ) -> Result<Response, RegistryError> {
        let url = format!("{}{path}", self.base);
        let mut answer = self.send(method, &url, accept).await?;
        if answer.status == 401 && self.permit.is_none() {
            let challenges = challenge::of(&answer);
            let authorizer = &self.registries.authorizer;
            let permit = authorizer
                .permit(&self.registries.http, &challenges, &self.registry, &self.repository)
                .await?;
            self.permit = Some(permit);
            answer = self.send(method, &url, accept).await?;
        }
        match answer.status {
            200 => Ok(answer),
            401 | 403 => Err(RegistryError::LoginNeeded),
            404 => Err(RegistryError::Missing(Vec::new())),
            429 => Err(RegistryError::Busy),
            status => Err(RegistryError::Unreachable(format!("it answered with HTTP {status}"))),
        }
    }

    /// Follows to wherever a registry keeps things. A permit is for the registry alone.
    async fn send(
        &self,
        method: &'static str,
        url: &str,
        accept: &str,
    ) -> Result<Response, RegistryError> {
        let mut url = url.to_owned();
        let home = address::host(&url).to_owned();
        for _ in 0..HOPS {
            let mut request = Request::new(method, &url).header("accept", accept);
            if let Some(permit) = self.permit.as_ref().filter(|_| address::host(&url) == home) {
                request = request.header("authorization", permit.header());
            }
            let answer = send(&self.registries.http, &request).await?;
            match answer.header("location").filter(|_| (301..=308).contains(&answer.status)) {
                Some(next) => url = address::next(&url, next),
                None => return Ok(answer),
            }
        }
        Err(RegistryError::Unreachable("it leads from one place to another".to_owned()))
    }
}

/// Asks until there is an answer.
async fn send(http: &Http, request: &Request) -> Result<Response, RegistryError> {
    let mut attempt = 1;
    loop {
        let answer = http.send(request).await;
        let failed = answer.as_ref().map_or(true, |answer| answer.status >= 500);
        if !failed || attempt == ATTEMPTS {
            return answer.map_err(|error| RegistryError::Unreachable(error.to_string()));
        }
        tokio::time::sleep(pause(attempt - 1)).await;
        attempt += 1;
    }
}
