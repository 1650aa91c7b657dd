//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, output, succeed};

/// How a program is built.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Build {
    /// As tests build it, so that it is often there already.
    Quick,
    /// As it is shipped, which takes many times as long.
    Shipped,
}

/// The directories of this workspace.
pub(crate) struct Workspace {
    /// Holds the sources.
    pub(crate) root: PathBuf,
    /// Holds everything that is built.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, which knows about every way to configure them.
    pub(crate) fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata =
            output(&mut cargo(here, ["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let directory = |key: &str| -> Result<PathBuf> {
            let path = metadata[key].as_str();
            Ok(path.with_context(|| format!("cargo metadata has no {key}"))?.into())
        };
        Ok(Self { root: directory("workspace_root")?, target: directory("target_directory")? })
    }

    /// Tools that are installed for this workspace only.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Builds a program of this workspace, which is the package of its name too, and says
    /// where it is.
    pub(crate) fn build(&self, program: &str, build: Build) -> Result<PathBuf> {
        // Tests ask for features of some crates that the program does not need. Without
        // them all that depends on those, which the SDK is, would be built once more.
        let (arguments, folder): (&[&str], &str) = match build {
            Build::Quick => (&["--bins", "--tests"], "debug"),
            Build::Shipped => (&["--release"], "release"),
        };
        let mut command = cargo(&self.root, ["build", "--package", program]);
        succeed(command.args(arguments))?;
        Ok(self.target.join(folder).join(program))
    }
}
