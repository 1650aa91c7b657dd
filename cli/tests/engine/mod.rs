//! A Docker engine, if one answers, for tests that run what ECS would run.

use std::process::{Command, Output};

use serde_json::Value as Json;

/// The image of helpers that users have unless they name another.
const PUBLIC: &str = "public.ecr.aws/docker/library/busybox:stable";

/// An engine, and what a test has made in it.
pub(crate) struct Engine {
    /// What names of this run begin with.
    pub(crate) prefix: String,
    /// The image of helpers: the one that users have, or one that is like it.
    pub(crate) helper: String,
    made: Vec<[String; 3]>,
}

impl Engine {
    /// Nothing, with a line that says why, if there is no engine or no image.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let Ok(true) = docker(&["version"]).map(|output| output.status.success()) else {
            skip(test, "no Docker engine answers");
            return None;
        };
        let prefix = format!("ecs-cli-{test}-{}", std::process::id());
        let mut engine = Self { prefix, helper: PUBLIC.to_owned(), made: Vec::new() };
        if !succeeds(&["image", "inspect", PUBLIC]) && !succeeds(&["pull", "--quiet", PUBLIC]) {
            engine.helper = engine.name("helper");
            if !engine.import_busybox() {
                skip(test, &format!("there is neither {PUBLIC} nor a static busybox"));
                return None;
            }
        }
        Some(engine)
    }

    /// A name that no other run uses.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix).to_lowercase()
    }

    /// Runs `docker`, which has to succeed, and gives what it wrote.
    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        let output = docker(arguments).expect("docker starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "docker {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// An image that has run a line of the shell, as a user who is not root.
    pub(crate) fn image(&mut self, line: &str) -> String {
        let (image, container) = (self.name("image"), self.name("builder"));
        self.made.push(["container", "rm", &container].map(str::to_owned));
        self.made.push(["image", "rm", &image].map(str::to_owned));
        self.docker(&["run", "--name", &container, &self.helper, "sh", "-c", line]);
        self.docker(&["commit", "--change", "USER 1000", &container, &image]);
        image
    }

    /// Something that the others share their network and name servers with, as the
    /// containers of a task do.
    pub(crate) fn task(&mut self) -> String {
        let name = self.name("task");
        self.made.push(["container", "rm", &name].map(str::to_owned));
        let helper = self.helper.clone();
        self.docker(&["run", "--detach", "--init", "--name", &name, &helper, "sleep", "600"]);
        name
    }

    /// Runs a container of a task definition to its end, and gives what it wrote. A
    /// command may stand in for its own.
    pub(crate) fn run(
        &mut self,
        definition: &Json,
        variables: &[(String, String)],
        network: &str,
        command: Option<&str>,
    ) -> String {
        let container = format!("--network=container:{network}");
        let mut arguments = vec!["run".to_owned(), "--rm".to_owned(), container];
        let text = |key: &str| definition[key].as_str().map(str::to_owned);
        arguments.extend(text("User").map(|user| format!("--user={user}")));
        if definition["ReadonlyRootFilesystem"] == true {
            arguments.push("--read-only".to_owned());
        }
        for (name, value) in variables {
            arguments.push(format!("--env={name}={value}"));
        }
        for mount in definition["MountPoints"].as_array().into_iter().flatten() {
            arguments.push(self.mount(mount));
        }
        let words = |key: &str| {
            let words = definition[key].as_array().into_iter().flatten();
            words.map(|word| word.as_str().expect("it is text").to_owned()).collect::<Vec<_>>()
        };
        let (entry, mut rest) = match command {
            Some(line) => ("sh".to_owned(), vec!["-c".to_owned(), line.to_owned()]),
            None => {
                let mut entry = words("EntryPoint");
                let first = entry.remove(0);
                (first, entry.into_iter().chain(words("Command")).collect())
            }
        };
        arguments.push(format!("--entrypoint={entry}"));
        arguments.extend(text("Image"));
        arguments.append(&mut rest);
        self.docker(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The space of a task is an empty folder of `root`, as ECS makes it.
    fn mount(&mut self, mount: &Json) -> String {
        let text = |key: &str| mount[key].as_str().expect("it is text");
        let volume = self.name(text("SourceVolume"));
        let removal = ["volume", "rm", &volume].map(str::to_owned);
        if !self.made.contains(&removal) {
            self.made.push(removal);
        }
        let read_only = if mount["ReadOnly"] == true { ",readonly" } else { "" };
        let target = text("ContainerPath");
        format!("--mount=type=volume,volume-nocopy,source={volume},target={target}{read_only}")
    }

    /// What the public image is: one program, by the names of all that it can do.
    fn import_busybox(&mut self) -> bool {
        self.made.push(["image", "rm", &self.helper].map(str::to_owned));
        let line = "set -e
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
        let mut command = Command::new("sh");
        let output = command.args(["-c", line, &self.helper]).output();
        output.is_ok_and(|output| output.status.success())
            && succeeds(&["run", "--rm", &self.helper, "sh", "-c", "true"])
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What was made of other things goes before them. What was never made cannot be
        // removed, and need not be.
        for [kind, verb, name] in self.made.iter().rev() {
            let _ = docker(&[kind, verb, "--force", name]);
        }
    }
}

fn docker(arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("docker").args(arguments).output()
}

fn succeeds(arguments: &[&str]) -> bool {
    docker(arguments).is_ok_and(|output| output.status.success())
}

#[expect(clippy::print_stderr, reason = "who reads the log shall know what was not tested")]
fn skip(test: &str, why: &str) {
    eprintln!("{test} is skipped: {why}");
}
