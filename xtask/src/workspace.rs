//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, output};

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

    /// A program of this workspace, as it is shipped. [`build`](Self::build)
    /// first.
    pub(crate) fn release(&self, program: &str) -> PathBuf {
        self.target.join("release").join(program)
    }

    /// Builds a package as it is shipped.
    pub(crate) fn build(&self, package: &str) -> Result<()> {
        let arguments = ["build", "--quiet", "--release", "--package", package];
        crate::process::succeed(&mut cargo(&self.root, arguments))
    }
}
