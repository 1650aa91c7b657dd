//! Pushing what was built: into a repository for each service, once.

#![expect(clippy::disallowed_methods, reason = "Docker's settings are no files of the project")]

use std::fs;
use std::io;
use std::path::Path;

use ecs_apply::{Aws, Repository, registry_login};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::docker::Docker;
use super::error::BuildError;
use crate::error::CliError;

/// Settings of Docker that nobody else uses, with which one may push to a registry. They
/// are removed when this is dropped; those of the user are never touched.
pub(super) struct Door {
    settings: TempDir,
}

impl Door {
    /// Opens the door to the registry of the account.
    pub(super) async fn open(
        docker: &Docker,
        aws: &Aws,
        repository: &Repository,
    ) -> Result<Self, CliError> {
        let registry = repository.registry();
        let refused = |reason: String| BuildError::Login { registry: registry.to_owned(), reason };
        let login = registry_login(aws).await?;
        let login = login.ok_or_else(|| refused("AWS gives out no password".to_owned()))?;
        let settings = settings(docker.settings.as_deref(), registry)
            .map_err(|source| BuildError::Folder { source })?;
        let folder = settings.path();
        docker.login(folder, registry, &login.user, &login.password).await?.map_err(refused)?;
        Ok(Self { settings })
    }

    /// Pushes an image by its name. Whether it worked; Docker says why not.
    pub(super) async fn push(&self, docker: &Docker, image: &str) -> Result<bool, BuildError> {
        docker.push(self.settings.path(), image).await
    }
}

/// A folder with what leads to the same engine as the user's own settings, and nothing
/// else of them.
fn settings(own: Option<&Path>, registry: &str) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("ecs-cli-").tempdir()?;
    // Where nobody is known, Docker would take up the system's store of passwords.
    let mut config = json!({ "auths": { registry: {} } });
    if let Some(own) = own {
        if let Some(context) = current_context(own) {
            config["currentContext"] = context;
        }
        copy(&own.join("contexts"), &folder.path().join("contexts"))?;
    }
    fs::write(folder.path().join("config.json"), config.to_string())?;
    Ok(folder)
}

fn current_context(own: &Path) -> Option<Json> {
    let mut config: Json = serde_json::from_slice(&fs::read(own.join("config.json")).ok()?).ok()?;
    config.get_mut("currentContext").map(Json::take)
}

/// Copies a folder, if there is one.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_lead_to_the_same_engine_and_know_nobody() {
        let own = tempfile::tempdir().unwrap();
        let config = json!({
            "auths": {"docker.io": {"auth": "bWU6c2VjcmV0"}},
            "credsStore": "desktop",
            "currentContext": "colima",
        });
        fs::write(own.path().join("config.json"), config.to_string()).unwrap();
        fs::create_dir_all(own.path().join("contexts/meta/1")).unwrap();
        fs::write(own.path().join("contexts/meta/1/meta.json"), "{}").unwrap();
        let made = settings(Some(own.path()), "127.0.0.1:4566").unwrap();
        let read = fs::read(made.path().join("config.json")).unwrap();
        let expected = json!({ "auths": { "127.0.0.1:4566": {} }, "currentContext": "colima" });
        assert_eq!(serde_json::from_slice::<Json>(&read).unwrap(), expected);
        assert!(made.path().join("contexts/meta/1/meta.json").is_file());
    }

    #[test]
    fn nobody_needs_settings_of_their_own() {
        for own in [None, Some(Path::new("/no/such/folder"))] {
            let made = settings(own, "registry").unwrap();
            assert!(made.path().join("config.json").is_file());
        }
    }
}
