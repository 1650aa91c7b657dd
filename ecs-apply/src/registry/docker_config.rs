//! Where Docker keeps who is logged in.
//!
//! <https://docs.docker.com/reference/cli/docker/login/#credential-stores>

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use crate::aws::decode_base64;

/// Docker Hub, as it is called there.
const HUB: &str = "https://index.docker.io/v1/";

/// Somebody may have to be asked for a password.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(20);

/// Who is logged in where, as far as Docker knows. It may hold passwords, so it has no
/// `Debug`.
#[derive(Clone, Default)]
pub(super) struct DockerConfig(Json);

/// What somebody is known by. It is never shown, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// A name and a password.
    Password(String, String),
    /// What tokens are given out for.
    Identity(String),
}

impl DockerConfig {
    /// What the folder says; nothing, if it says nothing that makes sense.
    pub(super) fn read(folder: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "it is no file of the project")]
        let text = fs::read(folder.join("config.json"));
        let json = text.ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self(json.unwrap_or_default())
    }

    /// Who is known at a registry. Programs that keep passwords may have to be asked.
    pub(super) async fn login(&self, registry: &str) -> Option<Login> {
        let server = if registry == "docker.io" { HUB } else { registry };
        let Some(helper) = self.helper(server) else { return self.written(server) };
        let (program, server) = (format!("docker-credential-{helper}"), server.to_owned());
        let asked = tokio::task::spawn_blocking(move || ask(&program, &server)).await;
        asked.ok().flatten()
    }

    /// The program that keeps the passwords of a registry.
    fn helper(&self, server: &str) -> Option<String> {
        let own = self.0.get("credHelpers").and_then(|helpers| helpers.get(server));
        let helper = own.or_else(|| self.0.get("credsStore"))?.as_str()?;
        // It becomes the name of a program.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (!helper.is_empty() && helper.bytes().all(plain)).then(|| helper.to_owned())
    }

    /// What is written into the file itself.
    fn written(&self, server: &str) -> Option<Login> {
        let logins = self.0.get("auths")?.as_object()?;
        let entry = logins.iter().find(|(key, _)| host(key) == host(server))?.1;
        let text = |key: &str| entry.get(key).and_then(Json::as_str).filter(|it| !it.is_empty());
        if let Some(token) = text("identitytoken") {
            return Some(Login::Identity(token.to_owned()));
        }
        let both = decode_base64(text("auth")?)?;
        let (user, password) = both.split_once(':')?;
        Some(Login::Password(user.to_owned(), password.trim_end_matches('\0').to_owned()))
    }
}

/// Older files have addresses where newer ones have hosts.
fn host(server: &str) -> &str {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn ask(program: &str, server: &str) -> Option<Login> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(server.as_bytes()).ok()?;
    let output = finish(child)?;
    let json: Json = serde_json::from_slice(&output).ok()?;
    let text = |key: &str| json.get(key)?.as_str().map(str::to_owned);
    let (user, secret) = (text("Username")?, text("Secret")?);
    Some(if user == "<token>" { Login::Identity(secret) } else { Login::Password(user, secret) })
}

/// What a program writes, unless it fails or takes too long.
fn finish(mut child: Child) -> Option<Vec<u8>> {
    for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
        if child.try_wait().ok()?.is_some() {
            let output = child.wait_with_output().ok()?;
            return output.status.success().then_some(output.stdout);
        }
        std::thread::sleep(GLANCE);
    }
    child.kill().ok()?;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(config: &Json, registry: &str) -> Option<String> {
        let config = DockerConfig(config.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(config.login(registry)).map(|login| match login {
            Login::Password(user, password) => format!("{user}/{password}"),
            Login::Identity(token) => format!("token {token}"),
        })
    }

    #[test]
    fn logins_are_found_by_host() {
        let config = serde_json::json!({"auths": {
            "https://index.docker.io/v1/": {"auth": "bWU6c2VjcmV0"},
            "ghcr.io": {"auth": "eW91OmE6Yg=="},
            "https://old.example/v2/": {"auth": "bWU6c2VjcmV0"},
            "azure.example": {"auth": "eDp5", "identitytoken": "abc"},
            "broken.example": {"auth": "?"},
            "empty.example": {},
        }});
        let cases = [
            ("docker.io", Some("me/secret")),
            ("ghcr.io", Some("you/a:b")),
            ("old.example", Some("me/secret")),
            ("azure.example", Some("token abc")),
            ("broken.example", None),
            ("empty.example", None),
            ("other.example", None),
        ];
        for (registry, expected) in cases {
            assert_eq!(login(&config, registry).as_deref(), expected, "{registry}");
        }
        assert_eq!(login(&Json::Null, "docker.io"), None);
    }

    #[test]
    fn programs_that_keep_passwords_may_be_missing() {
        let config = serde_json::json!({
            "credsStore": "no-such-program-anywhere",
            "credHelpers": {"ghcr.io": "../../bin/sh"},
        });
        assert_eq!(login(&config, "docker.io"), None);
        assert_eq!(login(&config, "ghcr.io"), None);
    }
}
