//! Finds the tools that cargo does not come with, or installs them below
//! `target`, so that nothing has to be set up by hand.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::process::{cargo, succeed};
use crate::workspace::Workspace;

/// A program that can be installed with cargo.
pub(crate) struct Tool {
    name: &'static str,
    /// What is installed; a later one that is already there does as well.
    version: &'static str,
}

pub(crate) const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
pub(crate) const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

impl Tool {
    /// The program to run, installed if need be.
    pub(crate) fn find(&self, workspace: &Workspace) -> Result<PathBuf> {
        let installed = workspace.tools().join("bin").join(self.name);
        let known = [PathBuf::from(self.name), installed.clone()];
        if let Some(program) = known.into_iter().find(|program| self.serves(program)) {
            return Ok(program);
        }
        println!("installing {} {}", self.name, self.version);
        let mut install = cargo(&workspace.root, ["install", self.name, "--locked", "--force"]);
        succeed(install.args(["--version", self.version, "--root"]).arg(workspace.tools()))?;
        Ok(installed)
    }

    fn serves(&self, program: &Path) -> bool {
        let output = Command::new(program).arg("--version").stderr(Stdio::null()).output();
        let Ok(output) = output else { return false };
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.split_whitespace().last().unwrap_or_default();
        numbers(version) >= numbers(self.version)
    }
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let cases =
            [("0.20.2", "0.20.2"), ("0.20.10", "0.20.2"), ("0.100.0", "0.20.2"), ("1.0", "0.9.9")];
        for (later, earlier) in cases {
            assert!(numbers(later) >= numbers(earlier), "{later} {earlier}");
        }
        assert!(numbers("") < numbers("0.20.2"));
    }
}
