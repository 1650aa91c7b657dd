//! What helpers run is run here: with the shell of this machine, and with busybox
//! where there is one, since that is what helpers have.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "these files are of the test, not of a project")]

#[expect(dead_code, reason = "other tests use the rest")]
mod projects;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cfn_convert::{Data, Template, convert};
use ecs_validate::{
    Container, EcsProject, File, Mount, MountSource, Ownership, SecretFile, SecretKeys,
    SecretSource, Service,
};
use projects::{container, plain, secret, service};

/// A helper's line and what it was given.
struct Helper {
    line: String,
    variables: BTreeMap<String, String>,
}

/// A shell, and where its commands are found.
struct Shell {
    program: PathBuf,
    path: Option<PathBuf>,
}

/// The shells of this machine. Busybox has all commands in itself, and nothing else
/// is found while it runs.
fn shells(folder: &Path) -> Vec<Shell> {
    let mut shells = vec![Shell { program: "sh".into(), path: None }];
    let tools = folder.join("busybox");
    fs::create_dir_all(&tools).unwrap();
    let install = Command::new("busybox").arg("--install").arg("-s").arg(&tools).status();
    if install.is_ok_and(|status| status.success()) {
        shells.push(Shell { program: tools.join("sh"), path: Some(tools) });
    }
    shells
}

impl Helper {
    /// Of a container whose name ends in a purpose.
    fn of(template: &Template, purpose: &str) -> Self {
        let definitions = template.section("Resources").filter_map(|(_, resource)| {
            resource.get("Properties")?.get("ContainerDefinitions")?.as_list()
        });
        let name = format!("_{purpose}_InitContainer");
        let is_it = |it: &&Data| it.get("Name").unwrap().as_str().unwrap().ends_with(&name);
        let helper = definitions.flatten().find(is_it).unwrap();
        let line = helper.get("Command").unwrap().as_list().unwrap()[0].as_str().unwrap();
        let environment = helper.get("Environment").and_then(Data::as_list).unwrap_or_default();
        let text = |it: &Data, key| it.get(key).unwrap().as_str().unwrap().to_owned();
        let variables = environment.iter().map(|it| (text(it, "Name"), text(it, "Value")));
        Self { line: line.to_owned(), variables: variables.collect() }
    }

    /// Runs it with `/to` in another place.
    fn run(&self, shell: &Shell, to: &Path) -> Output {
        let line = self.line.replace("/to/", &format!("{}/", to.display()));
        let mut command = Command::new(&shell.program);
        command.args(["-c", &line]).envs(&self.variables);
        if let Some(path) = &shell.path {
            command.env("PATH", path);
        }
        command.output().unwrap()
    }
}

/// Runs a helper in every shell, and looks at the files that it leaves.
fn with_files(helper: &Helper, look: impl Fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    for (number, shell) in shells(folder.path()).iter().enumerate() {
        let to = folder.path().join(number.to_string());
        let output = helper.run(shell, &to);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", shell.program.display());
        look(&to);
    }
}

/// What every shell says when a helper fails.
fn complaint(helper: &Helper) -> String {
    let folder = tempfile::tempdir().unwrap();
    let shells = shells(folder.path());
    let mut said = shells.iter().enumerate().map(|(number, shell)| {
        let output = helper.run(shell, &folder.path().join(number.to_string()));
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    });
    let first = said.next().unwrap();
    said.for_each(|other| assert_eq!(first, other));
    first
}

fn project(container: Container) -> EcsProject {
    let service = Service { containers: vec![container], ..service("web") };
    EcsProject { services: vec![service], secrets: vec![secret("token", 1)], ..plain() }
}

fn with_secret(target: &str, keys: SecretKeys, ownership: Ownership) -> EcsProject {
    let file =
        SecretFile { secret: "token".to_owned(), target: target.to_owned(), keys, ownership };
    project(Container { secret_files: vec![file], ..container("web") })
}

fn secrets(project: &EcsProject, values: &[&str]) -> Helper {
    let mut helper = Helper::of(&convert(project), "Secrets");
    let named = values.iter().enumerate();
    helper.variables = named.map(|(at, it)| (format!("SECRET_{}", at + 1), (*it).into())).collect();
    helper
}

/// The files of a secret whose keys are all wanted.
fn split(json: &str) -> BTreeMap<String, String> {
    let project = with_secret("/run/secrets/token", SecretKeys::All, Ownership::default());
    let found = std::cell::RefCell::new(Vec::new());
    with_files(&secrets(&project, &[json]), |to| {
        let files = fs::read_dir(to.join("run/secrets/token")).unwrap().map(Result::unwrap);
        let read = |path: PathBuf| String::from_utf8(fs::read(path).unwrap()).unwrap();
        let files = files.map(|it| (it.file_name().into_string().unwrap(), read(it.path())));
        found.borrow_mut().push(files.collect::<BTreeMap<_, _>>());
    });
    let found = found.into_inner();
    assert!(found.iter().all(|other| *other == found[0]), "{found:#?}");
    found[0].clone()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

const AWKWARD: &str = "it's $HOME `id` $(id) \"\\n\" %s ${a} \\ ü \n last line\n";

#[test]
fn a_secret_is_written_as_it_is() {
    let project = with_secret("/run/secrets/a b'c", SecretKeys::Whole, Ownership::default());
    with_files(&secrets(&project, &[AWKWARD]), |to| {
        let file = to.join("run/secrets/a b'c");
        assert_eq!(fs::read_to_string(&file).unwrap(), AWKWARD);
        assert_eq!(mode(&file), 0o444);
    });
}

#[test]
fn a_secret_has_the_owner_and_the_mode_that_are_asked_for() {
    let own = |flag: &str| {
        let output = Command::new("id").arg(flag).output().unwrap();
        Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
    };
    let ownership = Ownership { uid: own("-u"), gid: own("-g"), mode: Some("0400".to_owned()) };
    let project = with_secret("/run/secrets/token", SecretKeys::Whole, ownership);
    with_files(&secrets(&project, &["value"]), |to| {
        assert_eq!(mode(&to.join("run/secrets/token")), 0o400);
    });
}

#[test]
fn every_key_of_a_secret_is_a_file() {
    let files = split(
        r#" { "user" : "admin", "empty": "", "port":5432, "ratio": -1.5e3, "on":true ,"none":null,
            "nested": {"a": [1, "}", {"b": "\""}]}, "list": [1, 2], ".hidden": "x", "a b": "y",
            "../up": "z", "it's": "quoted", "last":false}
        "#,
    );
    let expected = [
        ("user", "admin"),
        ("empty", ""),
        ("port", "5432"),
        ("ratio", "-1.5e3"),
        ("on", "true"),
        ("none", "null"),
        ("nested", r#"{"a": [1, "}", {"b": "\""}]}"#),
        ("list", "[1, 2]"),
        (".hidden", "x"),
        ("a b", "y"),
        (".._up", "z"),
        ("it's", "quoted"),
        ("last", "false"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(files, BTreeMap::from(expected));
}

#[test]
fn escapes_of_json_are_taken_back() {
    let files = split(
        r#"{"lines":"a\nb\r\n\tc\b\f","quotes":"\"\\\/","wide":"\u00e9\u20AC\ud83e\udd80","lone":"\ud83ex","raw":"ü🦀","percent":"%s %d $HOME"}"#,
    );
    assert_eq!(files["lines"], "a\nb\r\n\tc\u{8}\u{c}");
    assert_eq!(files["quotes"], "\"\\/");
    assert_eq!(files["wide"], "é€🦀");
    assert_eq!(files["lone"], "\u{fffd}x");
    assert_eq!(files["raw"], "ü🦀");
    assert_eq!(files["percent"], "%s %d $HOME");
}

#[test]
fn an_object_without_keys_is_an_empty_folder() {
    assert_eq!(split("{}"), BTreeMap::new());
}

#[test]
fn a_large_secret_is_split() {
    let value = "0123456789abcdef\n".repeat(3000);
    let json = serde_json::to_string(&BTreeMap::from([("large", &value)])).unwrap();
    assert_eq!(split(&json)["large"], value);
}

#[test]
fn a_secret_that_is_no_object_says_so() {
    let project = with_secret("/run/secrets/token", SecretKeys::All, Ownership::default());
    for json in ["", "plain", "[1]", "{\"a\" 1}", "{\"a\":1", "{\"a\"}", "{a:1}", "{\"a\":}"] {
        let said = complaint(&secrets(&project, &[json]));
        assert_eq!(said, "The secret cannot be split: it is no JSON object\n", "{json}");
    }
    let cut = complaint(&secrets(&project, &[r#"{"a":"b"#]));
    assert_eq!(cut, "The secret cannot be split: a text in it has no end\n");
}

#[test]
fn chosen_keys_are_taken_apart_by_ecs() {
    let keys = SecretKeys::Some(vec!["user".to_owned(), "a/b".to_owned()]);
    let project = with_secret("/run/secrets/token", keys, Ownership::default());
    with_files(&secrets(&project, &["admin", "x"]), |to| {
        let folder = to.join("run/secrets/token");
        assert_eq!(fs::read_to_string(folder.join("user")).unwrap(), "admin");
        assert_eq!(fs::read_to_string(folder.join("a_b")).unwrap(), "x");
    });
}

#[test]
fn chosen_keys_of_a_stored_parameter_are_taken_apart_by_the_helper() {
    let keys = SecretKeys::Some(vec!["user".to_owned(), "a:b".to_owned()]);
    let mut project = with_secret("/run/secrets/token", keys, Ownership::default());
    let arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/token";
    let arn = ecs_validate::Lookup::Known(arn.to_owned());
    project.secrets[0].source = SecretSource::Existing(arn);
    with_files(&secrets(&project, &[r#"{"user":"admin","a:b":"x","other":"no"}"#]), |to| {
        let folder = to.join("run/secrets/token");
        assert_eq!(fs::read_to_string(folder.join("user")).unwrap(), "admin");
        assert_eq!(fs::read_to_string(folder.join("a:b")).unwrap(), "x");
        assert!(!folder.join("other").exists());
        assert_eq!(mode(&folder.join("user")), 0o444);
    });
    let lacking = complaint(&secrets(&project, &[r#"{"a:b":"x"}"#]));
    assert_eq!(lacking, "The secret cannot be split: it lacks the key user\n");
}

#[test]
fn files_are_written_as_they_are() {
    let bytes: Vec<u8> = (0..=255).collect();
    let file = |path: &str, content: &[u8]| File {
        path: path.to_owned(),
        content: content.to_vec(),
        ownership: Ownership { mode: Some("0755".to_owned()), ..Ownership::default() },
    };
    let files = vec![
        file("text.conf", AWKWARD.as_bytes()),
        file("deep/er/it's bytes", &bytes),
        file("empty", b""),
        file("one", b"\xff"),
        file("two", b"\xff\xfe"),
        file("deep/again", b""),
    ];
    let mount = Mount {
        target: "/etc/my app".to_owned(),
        source: MountSource::Files { files, seeded: false },
        read_only: true,
    };
    let project = project(Container { mounts: vec![mount], ..container("web") });
    let helper = Helper::of(&convert(&project), "Files");
    // Each folder once, though files of the first are before and behind the second.
    let made: Vec<&str> = helper.line.lines().filter(|it| it.starts_with("mkdir ")).collect();
    assert_eq!(
        made,
        [
            "mkdir -p '/to/etc/my app'",
            "mkdir -p '/to/etc/my app/deep/er'",
            "mkdir -p '/to/etc/my app/deep'"
        ]
    );
    with_files(&helper, |to| {
        let folder = to.join("etc/my app");
        assert_eq!(fs::read(folder.join("text.conf")).unwrap(), AWKWARD.as_bytes());
        assert_eq!(fs::read(folder.join("deep/er/it's bytes")).unwrap(), bytes);
        assert_eq!(fs::read(folder.join("empty")).unwrap(), b"");
        assert_eq!(fs::read(folder.join("one")).unwrap(), b"\xff");
        assert_eq!(fs::read(folder.join("two")).unwrap(), b"\xff\xfe");
        assert_eq!(mode(&folder.join("empty")), 0o755);
    });
}

#[test]
fn a_folder_is_seeded_with_what_the_image_has() {
    let image = tempfile::tempdir().unwrap();
    fs::create_dir(image.path().join("conf.d")).unwrap();
    fs::write(image.path().join("conf.d/default.conf"), "default").unwrap();
    fs::write(image.path().join(".hidden"), "hidden").unwrap();
    let mount = |target: String| Mount {
        target,
        source: MountSource::Files { files: Vec::new(), seeded: true },
        read_only: true,
    };
    let target = image.path().display().to_string();
    let mounts = vec![mount(target.clone()), mount("/nowhere/at/all".to_owned())];
    let project = project(Container { mounts, ..container("web") });
    let mut helper = Helper::of(&convert(&project), "Seed");
    // ECS makes the folders that it mounts.
    helper.line = format!("mkdir -p '/to{target}'\n{}", helper.line);
    with_files(&helper, |to| {
        let folder = to.join(target.trim_start_matches('/'));
        assert_eq!(fs::read_to_string(folder.join("conf.d/default.conf")).unwrap(), "default");
        assert_eq!(fs::read_to_string(folder.join(".hidden")).unwrap(), "hidden");
    });
}
