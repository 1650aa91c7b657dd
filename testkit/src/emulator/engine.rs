//! The Docker engine of this machine, if there is one, and an image for its containers.

use std::process::{Command, Stdio};

/// What containers with a shell are made of where images can be pulled.
const PUBLIC: &str = "public.ecr.aws/docker/library/busybox:stable";

/// What they are made of elsewhere: the machine's own busybox.
const STAND_IN: &str = "testkit-busybox:stable";

/// Makes the stand-in: one program, by the names of all that it can do.
const IMPORT: &str = "set -e
    busybox=$(command -v busybox)
    root=$(mktemp -d)
    trap 'rm -r \"$root\"' EXIT
    mkdir -m 1777 \"$root/tmp\"
    mkdir \"$root/bin\" \"$root/etc\"
    cp \"$busybox\" \"$root/bin/busybox\"
    for name in $(\"$busybox\" --list); do
        test \"$name\" = busybox || ln -s busybox \"$root/bin/$name\"
    done
    tar -C \"$root\" -c . | docker import --change 'ENV PATH=/bin' - \"$0\"";

/// The name of an image with a shell and the tools beside it. Nothing, with a line that
/// says so, where no engine answers or no image can be had.
pub fn shell_image(test: &str) -> Option<&'static str> {
    if !answers() {
        say_skipped(test, "no Docker engine answers");
        return None;
    }
    if succeeds(&["image", "inspect", PUBLIC]) || succeeds(&["pull", "--quiet", PUBLIC]) {
        return Some(PUBLIC);
    }
    if !succeeds(&["run", "--rm", STAND_IN, "true"]) {
        // Whether this has worked is seen when a container runs.
        let _ = Command::new("sh").args(["-c", IMPORT, STAND_IN]).output();
    }
    if succeeds(&["run", "--rm", STAND_IN, "true"]) {
        return Some(STAND_IN);
    }
    say_skipped(test, &format!("there is neither {PUBLIC} nor a static busybox"));
    None
}

/// Whether a Docker engine answers.
pub fn answers() -> bool {
    succeeds(&["version"])
}

fn succeeds(arguments: &[&str]) -> bool {
    let mut command = Command::new("docker");
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Says why a test did nothing.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn say_skipped(test: &str, why: &str) {
    eprintln!("{test} is skipped: {why}");
}
