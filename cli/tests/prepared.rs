//! What prepares a task, run by a Docker engine as ECS would run it, and what the
//! application finds then.

mod engine;

use std::path::Path;
use std::process::Command;

use engine::Engine;
use serde_json::Value as Json;

/// Beside each file that is delivered the image has something of its own.
const IMAGE: &str = "mkdir -p /etc/app /srv/app/tls
    echo default > /etc/app/default.conf
    chown 7:8 /etc/app/default.conf
    chmod 0640 /etc/app/default.conf
    echo ca > /srv/app/tls/ca.pem
    echo hidden > /srv/app/tls/.hidden";

const EVERYTHING: &str =
    r#"{"user":"me","pass word/2":"sl\u00fc\n\"$HOME\"","count":1,"more":{"a":[true]}}"#;

/// Values of secrets, which the template does not have.
const VALUES: [(&str, &str); 4] = [
    ("DemopasswordSecret", "it's $(id) \"quoted\"\n\n"),
    ("DemoeverythingSecret", EVERYTHING),
    ("DemopartsSecret", r#"{"user":"you","password":"\\back slash"}"#),
    ("DemocertificateSecret", "-----BEGIN CERTIFICATE-----\n"),
];

fn compose(image: &str, helper: &str) -> String {
    format!(
        r#"
name: demo
x-aws-helper_image: {helper}
services:
  app:
    image: {image}
    user: "1000:1000"
    read_only: true
    secrets:
      - {{source: password, target: db, uid: "1000", gid: "1001", mode: 0400}}
      - {{source: everything, mode: 0440, gid: "1000"}}
      - parts
      - {{source: certificate, target: /srv/app/tls/server.pem}}
    configs:
      - {{source: inline, target: /etc/app/inline.conf, uid: "1000", mode: 0600}}
      - {{source: alone, target: /etc/alone/only.conf, x-aws-seed: false}}
    volumes:
      - ./start.sh:/opt/start.sh:ro
      - ./pages:/srv/pages
      - ./bytes.bin:/opt/bytes.bin
      - /var/cache/app
configs:
  inline: {{content: "text '$$HOME' $$(id) %s \\\n"}}
  alone: {{content: ""}}
secrets:
  password: {{environment: UNSET}}
  everything: {{environment: UNSET, x-aws-keys: "*"}}
  parts: {{environment: UNSET, x-aws-keys: [user, password]}}
  certificate: {{environment: UNSET}}
"#
    )
}

#[test]
fn an_application_finds_what_its_file_says() {
    let Some(mut engine) = Engine::find("prepared") else { return };
    let image =
        engine.image(&format!("{IMAGE}\nmkdir -p /var/cache/app && chown 1000 /var/cache/app"));
    let folder = tempfile::tempdir().expect("there is space for a project");
    project(folder.path(), &compose(&image, &engine.helper));
    let containers = containers(folder.path());
    let network = engine.task();
    let (application, helpers) = containers.split_last().expect("there is an application");
    for helper in helpers {
        engine.run(helper, &variables(helper), &network, None);
    }
    let found = engine.run(application, &[], &network, Some(LOOK));
    assert_eq!(found, FOUND);
}

/// Owners, modes and contents, as the application's own user sees them.
const LOOK: &str = r#"
tail -n 1 /etc/resolv.conf
find /run/secrets /etc/app /etc/alone /opt /srv -type f | sort | while IFS= read -r file; do
    stat -c '%n %u:%g %a' "$file"
    case $file in
    *.bin) od -An -tx1 "$file" ;;
    *.sh) "$file" ;;
    *) cat "$file" 2>&1 && echo '|' ;;
    esac
done
touch /run/secrets/new /srv/pages/new 2>&1
stat -c '%n %u:%g %a' /var/cache/app
echo kept > /var/cache/app/file && cat /var/cache/app/file
"#;

const FOUND: &str = r#"search eu-west-1.compute.internal demo.local
/etc/alone/only.conf 0:0 444
|
/etc/app/default.conf 7:8 640
cat: can't open '/etc/app/default.conf': Permission denied
/etc/app/inline.conf 1000:0 600
text '$HOME' $(id) %s \
|
/opt/bytes.bin 0:0 444
 00 ff 0a 0d 00
/opt/start.sh 0:0 755
started
/run/secrets/db 1000:1001 400
it's $(id) "quoted"

|
/run/secrets/everything/count 0:1000 440
1|
/run/secrets/everything/more 0:1000 440
{"a":[true]}|
/run/secrets/everything/pass word_2 0:1000 440
slü
"$HOME"|
/run/secrets/everything/user 0:1000 440
me|
/run/secrets/parts/password 0:0 444
\back slash|
/run/secrets/parts/user 0:0 444
you|
/srv/app/tls/.hidden 0:0 644
hidden
|
/srv/app/tls/ca.pem 0:0 644
ca
|
/srv/app/tls/server.pem 0:0 444
-----BEGIN CERTIFICATE-----
|
/srv/pages/deep/er.html 0:0 444
no end|
/srv/pages/index.html 0:0 444
<h1>Lunch</h1>
|
touch: /run/secrets/new: Read-only file system
touch: /srv/pages/new: Permission denied
/var/cache/app 1000:0 755
kept
"#;

fn project(folder: &Path, compose: &str) {
    let write = |name: &str, content: &[u8]| {
        let file = folder.join(name);
        write(&file, content);
        file
    };
    write("compose.yaml", compose.as_bytes());
    write("bytes.bin", &[0, 255, 10, 13, 0]);
    write("pages/index.html", b"<h1>Lunch</h1>\n");
    write("pages/deep/er.html", b"no end");
    let script = write("start.sh", b"#!/bin/sh\necho started\n");
    make_executable(&script);
}

fn write(file: &Path, content: &[u8]) {
    std::fs::create_dir_all(file.parent().expect("it has a folder")).expect("folders can be made");
    std::fs::write(file, content).expect("files can be written");
}

fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(file, mode).expect("modes can be set");
}

/// The containers of the task, of which the application is the last.
fn containers(folder: &Path) -> Vec<Json> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-cli"));
    let command = command.env_clear().current_dir(folder).args(["convert", "--format", "json"]);
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut template: Json = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let task = &mut template["Resources"]["AppTaskDefinition"]["Properties"];
    let mut containers = task["ContainerDefinitions"].take();
    resolve(&mut containers);
    containers.as_array().expect("they are a list").clone()
}

/// What CloudFormation does: here `Fn::Sub` has the region or secrets in it.
fn resolve(value: &mut Json) {
    match value {
        Json::Object(map) => {
            if let Some(text) = map.get("Fn::Sub").and_then(Json::as_str) {
                *value = text.replace("${AWS::Region}", "eu-west-1").into();
                return;
            }
            map.values_mut().for_each(resolve);
        }
        Json::Array(items) => items.iter_mut().for_each(resolve),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What ECS does: variables, and those whose values it fetches.
fn variables(container: &Json) -> Vec<(String, String)> {
    let list = |key: &str| container[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Json| value.as_str().map(str::to_owned).expect("it is text");
    let plain = list("Environment").into_iter().map(|it| (text(&it["Name"]), text(&it["Value"])));
    let secret = list("Secrets").into_iter().map(|it| (text(&it["Name"]), fetch(&it["ValueFrom"])));
    plain.chain(secret).collect()
}

/// `{"Ref": "Secret"}`, or `${Secret}:key::` for one key of it.
fn fetch(from: &Json) -> String {
    let value_of = |id: &str| {
        let found = VALUES.into_iter().find(|(known, _)| *known == id);
        found.expect("the test knows every secret").1.to_owned()
    };
    let Some(text) = from.as_str() else {
        return value_of(from["Ref"].as_str().expect("it refers to a secret"));
    };
    let (id, rest) = text.trim_start_matches("${").split_once("}:").expect("it has a key");
    let object: Json = serde_json::from_str(&value_of(id)).expect("it is JSON");
    object[rest.trim_end_matches(':')].as_str().expect("the value is text").to_owned()
}
