//! `up --build`: images that Docker builds and pushes, and what is said where it cannot.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};
use testkit::emulator::{Emulator, engine_answers, shell_image};

use crate::account::{Moment, Project, Run};

/// The local registry asks nobody for an account: what is pushed is in this one.
const ACCOUNT: &str = "000000000000";

const UP: &str = "up --no-resolve --build";

/// A service that writes what is in a file of its image.
fn page(name: &str, image: &str) -> String {
    format!(
        "
name: {name}
x-aws-helper_image: {image}
services:
  web:
    platform: linux/{}
    build:
      context: .
      dockerfile_inline: |
        FROM {image}
        ARG GREETING
        COPY page /page
        RUN echo $$GREETING >> /page
        CMD [\"sh\", \"-c\", \"cat /page; exec sleep 600\"]
      args: {{GREETING: hello}}
",
        architecture()
    )
}

fn architecture() -> String {
    let output = docker(&["version", "--format", "{{.Server.Arch}}"]);
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn docker(arguments: &[&str]) -> Output {
    Command::new("docker").args(arguments).output().expect("docker starts")
}

/// A project, and what the engine keeps of it.
struct Shop {
    project: Project,
    name: String,
}

impl Shop {
    fn new(emulator: &Emulator, what: &str, compose: impl FnOnce(&str) -> String) -> Self {
        let name = format!("{what}{}", std::process::id());
        let mut project = Project::of(emulator.account_named(ACCOUNT), &compose(&name));
        fs::create_dir(project.path("tmp")).expect("the folder can be written");
        for name in ["PATH", "DOCKER_HOST"] {
            project.variables.extend(std::env::var_os(name).map(|value| (name, value)));
        }
        project.variables.push(("TMPDIR", project.path("tmp").into()));
        Self { project, name }
    }

    /// Runs the program where it finds Docker.
    fn run(&self, arguments: &str) -> Run {
        let run = self.project.run(arguments);
        let left = fs::read_dir(self.project.path("tmp")).expect("it is there").count();
        assert_eq!(left, 0, "nothing is left that lets into a registry");
        run
    }

    fn ecr(&self, operation: &str, body: &Json) -> Json {
        self.project.account.json("ecr", operation, body).json()
    }

    fn repository(&self) -> String {
        format!("{}/web", self.name)
    }

    /// The image that the stack has.
    fn image(&self) -> String {
        let answer = self.project.account.query(
            "cloudformation",
            "DescribeStacks",
            &[("StackName", &self.name)],
        );
        answer.text("ParameterValue")
    }

    /// Its digest, and that of the image with a tag.
    fn digests(&self, tag: &str) -> (String, String) {
        let image = self.image();
        let digest = image.split_once('@').expect("it is pinned").1.to_owned();
        let query = json!({
            "repositoryName": self.repository(),
            "imageIds": [{ "imageTag": tag }],
        });
        let answer = self.ecr("DescribeImages", &query);
        let tagged = answer["imageDetails"][0]["imageDigest"].as_str().unwrap_or_default();
        (digest, tagged.to_owned())
    }
}

impl Drop for Shop {
    /// Images with other names are those of other tests. A registry may have been reached
    /// by another address.
    fn drop(&mut self) {
        for name in [self.repository(), format!("*/{}", self.repository())] {
            let output =
                docker(&["image", "ls", "--quiet", "--filter", &format!("reference={name}")]);
            for id in String::from_utf8_lossy(&output.stdout).lines() {
                docker(&["image", "rm", "--force", id]);
            }
        }
    }
}

#[test]
fn an_image_is_built_pushed_pinned_and_left_alone_until_it_changes() {
    let test = "an_image_is_built_pushed_pinned_and_left_alone_until_it_changes";
    let (Some(emulator), Some(image)) = (Emulator::with_containers(test), shell_image(test)) else {
        return;
    };
    let shop = Shop::new(emulator, "page", |name| page(name, image));
    shop.project.write("page", "first\n");

    let made = shop.run(UP);
    assert_eq!(made.code, Some(0), "{made:?}");
    let first = shop.image();
    let address = format!("{}/{}", shop.project.account.address(), shop.repository());
    assert!(first.starts_with(&format!("{address}@sha256:")), "{first}");
    let (digest, now) = shop.digests(&format!("in-use.now.{}", shop.name));
    assert_eq!(digest, now);
    let logs = shop.run("logs");
    assert!(logs.output.contains("first") && logs.output.contains("hello"), "{logs:?}");

    for same in [UP, "up --no-resolve", "plan --no-resolve --build --exit-code"] {
        let again = shop.run(same);
        assert_eq!(again.code, Some(0), "{again:?}");
        let said = format!("{}{}", again.output, again.errors);
        assert!(said.contains("nothing to change") && !said.contains("pushing"), "{said}");
    }

    shop.project.write("page", "second\n");
    let changed = shop.run(UP);
    assert_eq!(changed.code, Some(0), "{changed:?}");
    assert_ne!(shop.image(), first);
    let (_, before) = shop.digests(&format!("in-use.before.{}", shop.name));
    assert_eq!(before, digest, "the image that the stack had is not expired yet");

    assert_eq!(shop.run("down").code, Some(0));
}

#[test]
fn a_repository_is_closed_scanned_and_tidied_up() {
    let test = "a_repository_is_closed_scanned_and_tidied_up";
    let Some(image) = shell_image(test) else { return };
    let shop = Shop::new(Emulator::lean(), "closed", |name| page(name, image));
    shop.project.write("page", "first\n");
    let made = shop.run(UP);
    assert_eq!(made.code, Some(0), "{made:?}");

    let name = json!({ "repositoryName": shop.repository() });
    let described =
        shop.ecr("DescribeRepositories", &json!({ "repositoryNames": [shop.repository()] }));
    let repository = &described["repositories"][0];
    assert_eq!(repository["imageTagMutability"], "IMMUTABLE_WITH_EXCLUSION");
    assert_eq!(repository["imageScanningConfiguration"]["scanOnPush"], true);
    assert_eq!(repository["encryptionConfiguration"]["encryptionType"], "AES256");
    let policy = shop.ecr("GetLifecyclePolicy", &name);
    assert!(policy["lifecyclePolicyText"].as_str().is_some_and(|it| it.contains("in-use")));
    let arn = &repository["repositoryArn"];
    let tags = shop.ecr("ListTagsForResource", &json!({ "resourceArn": arn }))["tags"].clone();
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let expected =
        [tag("com.docker.compose.project", &shop.name), tag("com.docker.compose.service", "web")];
    assert_eq!(tags.as_array().map(Vec::as_slice), Some(&expected[..]));
}

#[test]
fn a_build_that_fails_shows_why_and_deploys_nothing() {
    let test = "a_build_that_fails_shows_why_and_deploys_nothing";
    if !engine_answers() {
        // The other tests say so.
        return;
    }
    let _ = test;
    let shop = Shop::new(Emulator::lean(), "fails", |name| {
        format!(
            "
name: {name}
services:
  web: {{build: {{context: ., dockerfile_inline: \"FROM scratch\\nCOPY missing /\"}}}}
"
        )
    });
    let failed = shop.run(UP);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.errors.contains("COPY"), "{}", failed.errors);
    let last = "error: the image of `web` was not built, so nothing is deployed\n\
                help: what Docker said is above\n";
    assert!(failed.errors.ends_with(last), "{}", failed.errors);
    assert_eq!(shop.project.account.stack_status(&shop.name), "");
    let repositories = shop.ecr("DescribeRepositories", &json!({})).to_string();
    assert!(!repositories.contains(&shop.name), "{repositories}");
}

#[test]
fn a_run_that_was_killed_is_finished_by_the_next() {
    if !engine_answers() {
        return;
    }
    let cases = [
        ("ECR.CreateRepository", Moment::Before),
        ("ECR.CreateRepository", Moment::After),
        ("ECR.GetAuthorizationToken", Moment::Before),
        ("ECR.PutLifecyclePolicy", Moment::Before),
        ("ECR.PutImage", Moment::Before),
        ("ECR.PutImage", Moment::After),
    ];
    for (number, (call, moment)) in cases.into_iter().enumerate() {
        let shop = Shop::new(Emulator::lean(), &format!("killed{number}-"), file);
        shop.project.write("page", "first\n");
        assert!(shop.project.kill_at(call, 0, moment, UP), "{call} is made");
        // Only who is not killed can tidy up.
        fs::remove_dir_all(shop.project.path("tmp")).expect("it can be removed");
        fs::create_dir(shop.project.path("tmp")).expect("it can be made");
        let run = shop.run(UP);
        assert_eq!(run.code, Some(0), "killed {moment:?} {call}: {run:?}");
        let (digest, now) = shop.digests(&format!("in-use.now.{}", shop.name));
        assert_eq!(digest, now, "killed {moment:?} {call}");
        let name = json!({ "repositoryName": shop.repository() });
        assert!(shop.ecr("GetLifecyclePolicy", &name)["lifecyclePolicyText"].is_string());
    }
}

/// A service that has nothing but a file.
fn file(name: &str) -> String {
    format!(
        "
name: {name}
services:
  web: {{build: {{context: ., dockerfile_inline: \"FROM scratch\\nCOPY page /\"}}}}
"
    )
}

/// A project with a program that stands in for `docker`.
fn with_docker(script: &str) -> Project {
    let project = Project::new("name: shop\nservices: {web: {build: .}}");
    fs::create_dir(project.path("bin")).expect("the folder can be written");
    let script = format!("#!/bin/sh\necho \"$@\" >> {}\n{script}", project.path("calls").display());
    project.write("bin/docker", &script);
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.path("bin/docker"), mode).expect("modes can be set");
    project
}

fn run(project: &Project, path: &Path) -> Run {
    let mut command = project.command(UP, &project.account);
    Run::from(command.env("PATH", path).output().expect("the program runs"))
}

#[test]
fn who_has_no_docker_is_told_what_to_do() {
    let project = Project::new("name: shop\nservices: {web: {build: .}}");
    let told = run(&project, &project.path("no-programs"));
    let expected = "error: cannot run `docker`, which builds images
  caused by: No such file or directory (os error 2)
help: install Docker, or build elsewhere and name the image: `ecs-cli up --image SERVICE=IMAGE`
";
    assert_eq!((told.code, &told.errors[..]), (Some(2), expected));
}

#[test]
fn who_has_no_engine_is_told_what_to_do() {
    let project = with_docker("echo 'Cannot connect to the Docker daemon' >&2\nexit 1");
    let told = run(&project, &project.path("bin"));
    let expected = "error: no Docker engine answers: Cannot connect to the Docker daemon
help: start Docker, choose an engine with DOCKER_HOST or `docker context use`, or build elsewhere \
and name the image: `ecs-cli up --image SERVICE=IMAGE`
";
    assert_eq!((told.code, &told.errors[..]), (Some(2), expected));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what was called is no file of the project")]
fn a_push_that_fails_deploys_nothing() {
    let project = with_docker(
        "case \"$1 $2\" in
'image inspect') echo sha256:0123 ;;
'image push') echo denied >&2; exit 1 ;;
esac",
    );
    let told = run(&project, &project.path("bin"));
    assert_eq!(told.code, Some(3), "{told:?}");
    let expected = "error: the image of `web` was not pushed, so nothing is deployed\n";
    assert!(told.errors.contains(expected), "{}", told.errors);
    assert_eq!(project.account.stack_status("shop"), "");
    let calls = fs::read_to_string(project.path("calls")).expect("docker was called");
    let login = format!("login --username AWS --password-stdin {}\n", project.account.address());
    assert!(calls.contains(&login), "{calls}");
}

#[test]
fn who_interrupts_a_build_deploys_nothing() {
    // Docker may have been done just then.
    let project = with_docker(
        "case \"$1 $2\" in
build*) trap '' INT; echo building >&2; sleep 1 ;;
'image inspect') echo sha256:0123 ;;
esac",
    );
    let mut command = project.command(UP, &project.account);
    command.env("PATH", format!("{}:/usr/bin:/bin", project.path("bin").display()));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().expect("the program runs");
    let mut lines = BufReader::new(child.stderr.take().expect("it is a pipe")).lines();
    let is_building = lines.any(|line| line.is_ok_and(|line| line == "building"));
    assert!(is_building, "docker is called");
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    let told: Vec<String> = lines.map_while(Result::ok).collect();
    assert_eq!(
        told.first().map(String::as_str),
        Some("error: interrupted, so nothing is deployed")
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(project.account.stack_status("shop"), "");
}

#[test]
fn a_service_that_is_built_needs_an_image() {
    let project = Project::new("name: shop\nservices: {api: {build: .}, web: {build: .}}");
    let told = project.run("up --image api=acme/api:1");
    let expected = "error: no image of `web` is known: it is built
help: build and push with `ecs-cli up --build`, or name what is built already: `ecs-cli up --image \
web=IMAGE`
";
    assert_eq!((told.code, &told.errors[..]), (Some(2), expected));
    let planned = project.run("plan");
    assert_eq!(planned.code, Some(0), "{planned:?}");

    let named = project.run("up --no-resolve --image api=acme/api:1 --image web=acme/web:1");
    assert_eq!(named.code, Some(0), "{named:?}");
    let kept = project.run("up --no-resolve");
    assert!(kept.errors.contains("nothing to change"), "{kept:?}");
}
