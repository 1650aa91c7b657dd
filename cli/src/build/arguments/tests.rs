use compose_model::{Request, load};

use super::super::wish::wishes;
use super::*;

const BUILDX: &str = "buildx build --load --tag=shop/web:1 --platform=linux/amd64";
const CLASSIC: &str = "build --tag=shop/web:1 --platform=linux/amd64";

/// What becomes of a `build` with these lines below `context: .`.
fn called(builder: Builder, lines: &str) -> Result<Invocation, BuildError> {
    let context = if lines.starts_with("context:") { "" } else { "context: .\n" };
    let lines = format!("{context}{lines}");
    let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
    let compose = format!(
        "
name: shop
services:
  base: {{build: ./base}}
  web:
    build:
{lines}
secrets:
  token: {{environment: TOKEN}}
  npm: {{file: './a,b'}}
"
    );
    let environment = [("TOKEN", "hunter2"), ("CI", "true"), ("HTTP_PROXY", "http://proxy")];
    let environment: Environment =
        environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let request = Request {
        working_dir: "/srv/shop".into(),
        files: vec!["-".into()],
        stdin: Some(compose),
        environment: environment.clone(),
        ..Request::default()
    };
    let loaded = load(&request).expect("the project is good");
    let wishes = wishes(&loaded, &|_| false)?;
    let target = Target {
        builder,
        name: "shop/web:1",
        platform: "linux/amd64",
        inherited: &environment,
        images: &[("base".to_owned(), "shop/base:1".to_owned())].into(),
    };
    let wish = wishes.iter().find(|wish| wish.service == "web").expect("it is built");
    invocation(wish, &target)
}

/// What comes between what is always there.
fn words(builder: Builder, lines: &str) -> String {
    let called = match called(builder, lines) {
        Ok(called) => called.arguments.join(" "),
        Err(error) => return error.to_string(),
    };
    let always = if builder == Builder::Buildx { BUILDX } else { CLASSIC };
    let rest = called.strip_prefix(always).expect("every build begins like this");
    let rest = rest.strip_suffix(" /srv/shop").expect("and ends with its context");
    rest.trim().replace("--file=/srv/shop/Dockerfile", "").trim().to_owned()
}

#[test]
fn every_key_has_arguments() {
    let cases = [
        ("", ""),
        ("dockerfile: web/Dockerfile", "--file=/srv/shop/web/Dockerfile"),
        ("dockerfile: /srv/Dockerfile", "--file=/srv/Dockerfile"),
        ("dockerfile_inline: FROM scratch", "--file=-"),
        ("args: {MODE: fast}", "--build-arg=MODE"),
        ("args: [CI, UNSET]", "--build-arg=CI"),
        ("target: slim", "--target=slim"),
        ("labels: {a: b c, d: ''}", "--label=a=b c --label=d="),
        ("cache_from: [shop/web:latest]", "--cache-from=shop/web:latest"),
        ("no_cache: true", "--no-cache"),
        ("pull: true", "--pull"),
        ("network: host", "--network=host"),
        ("shm_size: 64m", "--shm-size=67108864"),
        ("extra_hosts: ['a=10.0.0.1', 'a=::1']", "--add-host=a:10.0.0.1 --add-host=a:::1"),
        ("tags: [shop/web:2]", "--tag=shop/web:2"),
        ("ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}", "--ulimit=nproc=5 --ulimit=nofile=1:2"),
        ("platforms: [linux/amd64, linux/arm64]", ""),
        ("platforms: [linux/amd64/v2]", ""),
    ];
    for (lines, expected) in cases {
        assert_eq!(words(Builder::Buildx, lines), expected, "{lines}");
        assert_eq!(words(Builder::Classic, lines), expected, "{lines}");
    }
}

#[test]
fn some_keys_are_for_one_builder_alone() {
    let cases = [
        ("cache_from: ['type=gha']", "--cache-from=type=gha"),
        ("cache_to: ['type=gha', 'type=inline']", "--cache-to=type=gha --cache-to=type=inline"),
        ("no_cache_filter: [slim]", "--no-cache-filter=slim"),
        ("entitlements: [network.host]", "--allow=network.host"),
        ("privileged: true", "--allow=security.insecure"),
        ("provenance: mode=max", "--provenance=mode=max"),
        ("sbom: true", "--sbom=true"),
        ("ssh: [default, 'git=./key']", "--ssh=default --ssh=git=/srv/shop/key"),
        (
            "additional_contexts: {base: 'service:base', src: ./src}",
            "--build-context=base=docker-image://shop/base:1 --build-context=src=/srv/shop/src",
        ),
        ("secrets: [token]", "--secret=id=token,env=ECS_CLI_BUILD_SECRET_0"),
        ("secrets: [{source: npm, target: x}]", r#"--secret=id=x,"src=/srv/shop/a,b""#),
    ];
    for (lines, expected) in cases {
        assert_eq!(words(Builder::Buildx, lines), expected, "{lines}");
        let key = lines.split(':').next().expect("it is a key");
        let refused = format!(
            "the build of `web` has `{key}`, and Docker's builder `buildx` is not installed"
        );
        assert_eq!(words(Builder::Classic, lines), refused, "{lines}");
    }
    assert_eq!(words(Builder::Classic, "isolation: hyperv"), "--isolation=hyperv");
    assert_eq!(words(Builder::Buildx, "isolation: hyperv"), "");
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let told = words(Builder::Classic, "secrets: [token]\nssh: [default]\nsbom: true\ntarget: x");
    let expected = "the build of `web` has `sbom`, `ssh` and `secrets`, \
                    and Docker's builder `buildx` is not installed";
    assert_eq!(told, expected);
}

#[test]
fn values_are_in_the_environment_and_not_among_the_arguments() {
    let lines = "args: {PASSWORD: s3cret}\nsecrets: [token]";
    let called = called(Builder::Buildx, lines).unwrap_or_default();
    let arguments = called.arguments.join(" ");
    assert!(!arguments.contains("s3cret") && !arguments.contains("hunter2"), "{arguments}");
    let variables: Vec<(&str, &str)> =
        called.environment.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    let expected = [
        ("PASSWORD", "s3cret"),
        ("ECS_CLI_BUILD_SECRET_0", "hunter2"),
        ("BUILDX_NO_DEFAULT_ATTESTATIONS", "1"),
    ];
    assert_eq!(variables, expected);
}

#[test]
fn docker_itself_does_not_hear_arguments_of_builds() {
    let cases = [
        ("args: {PATH: /opt}", "--build-arg=PATH=/opt"),
        ("args: {DOCKER_HOST: tcp://x}", "--build-arg=DOCKER_HOST=tcp://x"),
        ("args: {http_proxy: http://x}", "--build-arg=http_proxy=http://x"),
        // It hears the same already.
        ("args: {HTTP_PROXY: http://proxy}", "--build-arg=HTTP_PROXY"),
        ("args: {GOOGLE_KEY: x}", "--build-arg=GOOGLE_KEY"),
    ];
    for (lines, expected) in cases {
        assert_eq!(words(Builder::Buildx, lines), expected, "{lines}");
    }
}

#[test]
fn instructions_may_be_in_the_compose_file() {
    let called = called(Builder::Classic, "dockerfile_inline: FROM scratch").unwrap_or_default();
    assert_eq!(called.input.as_deref(), Some("FROM scratch"));
}

#[test]
fn instructions_of_a_remote_context_are_found_there() {
    let remote = "https://github.com/shop/web.git#main:app";
    let lines = format!("context: '{remote}'\ndockerfile: docker/Dockerfile");
    let called = called(Builder::Classic, &lines).unwrap_or_default();
    let end = &called.arguments[called.arguments.len() - 2..];
    assert_eq!(end, ["--file=docker/Dockerfile", remote]);
}

#[test]
fn the_older_builder_is_asked_for_where_somebody_asks_for_the_newer_one() {
    let variables = |inherited: &[(&str, &str)]| {
        let inherited = inherited.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let inherited = inherited.collect();
        let target = Target {
            builder: Builder::Classic,
            name: "web",
            platform: "linux/amd64",
            inherited: &inherited,
            images: &IndexMap::new(),
        };
        Line::new(&target).invocation.environment
    };
    assert_eq!(variables(&[]), []);
    let expected = [("DOCKER_BUILDKIT".to_owned(), "0".to_owned())];
    assert_eq!(variables(&[("DOCKER_BUILDKIT", "1")]), expected);
}

#[test]
fn an_image_has_to_run_where_its_tasks_do() {
    let told = words(Builder::Buildx, "platforms: [linux/arm64, linux/arm/v7]");
    assert_eq!(
        told,
        "`web` is built for linux/arm64 and linux/arm/v7, but its tasks run on linux/amd64"
    );
}
