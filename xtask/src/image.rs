//! The deployer as an image: a static program, the certificates that it trusts, and
//! nothing else. Pulls nothing, and needs an engine only to load the image into.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process::{answers, cargo, output, succeed};
use crate::workspace::Workspace;

const PROGRAM: &str = "ecs-deployer";
const TAG: &str = "ecs-deployer:latest";

/// Where systems keep the certificates that they trust.
const CERTIFICATES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// How a program is linked that needs no library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linking {
    /// With musl, which is made for that.
    Musl,
    /// With the system's own C library.
    Glibc,
}

impl Linking {
    /// What somebody typed.
    pub(crate) fn named(text: &str) -> Option<Self> {
        match text {
            "musl" => Some(Self::Musl),
            "glibc" => Some(Self::Glibc),
            _ => None,
        }
    }

    /// The best that this machine has.
    pub(crate) fn best(workspace: &Workspace) -> Result<Self> {
        Ok(if has_musl(workspace)? { Self::Musl } else { Self::Glibc })
    }

    fn target(self) -> String {
        let library = match self {
            Self::Musl => "musl",
            Self::Glibc => "gnu",
        };
        format!("{}-unknown-linux-{library}", std::env::consts::ARCH)
    }

    /// What all crates are compiled with.
    fn flags(self) -> &'static str {
        match self {
            Self::Musl => "",
            Self::Glibc => "-C target-feature=+crt-static",
        }
    }

    /// What is loaded for every deployment shall be small. The system's library is
    /// larger by itself.
    fn largest(self) -> u64 {
        match self {
            Self::Musl => 7_000_000,
            Self::Glibc => 8_000_000,
        }
    }
}

/// A program that may be loaded anywhere has a list of what is to be moved then. Packed, it
/// is a fiftieth of its size, which is a twelfth of the program.
const LINKER: &str = "link-arg=-Wl,-z,pack-relative-relocs";

/// Builds the image, loads it where an engine answers, and says what it is called there.
pub(crate) fn image(
    workspace: &Workspace,
    linking: Option<Linking>,
) -> Result<Option<&'static str>> {
    let linking = match linking {
        Some(linking) => linking,
        None => Linking::best(workspace)?,
    };
    let program = program(workspace, linking)?;
    let (size, largest) = (fs::metadata(&program)?.len(), linking.largest());
    println!("{} has {size} bytes", program.display());
    ensure!(size <= largest, "that is more than {largest}");
    let context = context(workspace, &program)?;
    println!("{} has all that belongs to the image", context.display());
    if !answers("docker", "info") {
        println!("no engine answers; where one does: docker build -t {TAG} {}", context.display());
        return Ok(None);
    }
    succeed(Command::new("docker").args(["build", "--tag", TAG]).arg(&context))?;
    let size = output(Command::new("docker").args(["image", "inspect", "-f", "{{.Size}}", TAG]))?;
    println!("{TAG} has {} bytes", size.trim());
    Ok(Some(TAG))
}

/// Builds the program that goes into the image, and says where it is.
pub(crate) fn program(workspace: &Workspace, linking: Linking) -> Result<PathBuf> {
    let target = linking.target();
    println!("building for {target}, which takes minutes");
    let variable = target.to_ascii_uppercase().replace('-', "_");
    let mut command = cargo(&workspace.root, ["rustc", "--package", PROGRAM, "--bin", PROGRAM]);
    command.args(["--profile", "small", "--target", &target]);
    command.env(format!("CARGO_TARGET_{variable}_RUSTFLAGS"), linking.flags());
    if linking == Linking::Musl && !answers("musl-gcc", "--version") {
        // What is compiled needs no header that differs.
        command.env(format!("CC_{}", target.replace('-', "_")), "cc");
    }
    succeed(command.args(["--", "-C", LINKER]))?;
    Ok(workspace.target.join(target).join("small").join(PROGRAM))
}

/// Whether the compiler can use musl; it is asked to learn it, where rustup is.
fn has_musl(workspace: &Workspace) -> Result<bool> {
    let target = Linking::Musl.target();
    let here = |program: &str| {
        let mut command = Command::new(program);
        // Which compiler it is depends on the folder.
        command.current_dir(&workspace.root);
        command
    };
    let folder = output(here("rustc").args(["--print", "target-libdir", "--target", &target]))?;
    if Path::new(folder.trim()).exists() {
        return Ok(true);
    }
    let mut rustup = here("rustup");
    rustup.args(["target", "add", &target]).stdout(Stdio::null());
    Ok(rustup.status().is_ok_and(|status| status.success()))
}

/// The file of certificates that this machine trusts.
pub(crate) fn certificates() -> Result<&'static str> {
    let found = CERTIFICATES.into_iter().find(|file| Path::new(file).exists());
    found.with_context(|| format!("there are no certificates in {}", CERTIFICATES.join(", ")))
}

/// Everything that the Dockerfile wants, in a folder of its own.
fn context(workspace: &Workspace, program: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("image");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let dockerfile = workspace.root.join(PROGRAM).join("Dockerfile");
    let all = [
        (Path::new(certificates()?), "ca-certificates.crt"),
        (program, PROGRAM),
        (&dockerfile, "Dockerfile"),
    ];
    for (from, to) in all {
        fs::copy(from, folder.join(to))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(folder)
}
