//! Secrets: of the project to Secrets Manager, of a service to files, and
//! `x-aws-secrets` to variables. Their values are never seen.

mod members;

use compose_model::service::FileReference;
use compose_model::{Diagnostic, LocalSecret, Path, Place, Project};
use indexmap::IndexMap;

use self::members::tell_of_missing;
use super::mounts::{Mounts, clean};
use super::tags::of_resource;
use crate::context::Context;
use crate::extensions::{SecretExtensions, is_secret_arn};
use crate::project::{Lookup, Secret, SecretSource};
use crate::service::{Ownership, SecretFile, SecretKeys, SecretRef, SecretVariable};

/// Where Docker puts secrets.
const FOLDER: &str = "/run/secrets";

/// What a parameter of a template holds, less the most that cutting between two
/// characters can cost.
const PARAMETER_BYTES: u64 = 4096 - 3;

/// What Secrets Manager keeps in one secret.
const SECRET_BYTES: u64 = 65_536;

/// Secrets that a container reads from files, besides what it has mounted.
pub(super) fn files(
    secrets: &[FileReference],
    mounts: &mut Mounts,
    at: &Path,
    cx: &mut Context<'_>,
) {
    for (index, secret) in secrets.iter().enumerate() {
        let at = at.key("secrets").index(index);
        let Some(source) = &secret.source else { continue };
        let target = secret.target.as_deref().unwrap_or(source);
        let target = clean(&if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("{FOLDER}/{target}")
        });
        let keys = keys(source, cx);
        let place = if secret.target.is_some() { at.key("target") } else { at.clone() };
        if let Some(problem) = wrong_target(&target, source, &keys, mounts) {
            cx.report(problem.at(place.clone(), ""));
            continue;
        }
        match keys {
            SecretKeys::Whole => mounts.places.file(&target, &place),
            SecretKeys::All | SecretKeys::Some(_) => mounts.places.keys(&target, &place),
        }
        let (secret, ownership) = (source.clone(), ownership(secret, &at, cx));
        mounts.secret_files.push(SecretFile { secret, keys, ownership, target });
    }
    mounts.secret_files.sort_by(|a, b| a.target.cmp(&b.target));
}

/// Why a secret cannot be at a path.
fn wrong_target(
    target: &str,
    source: &str,
    keys: &SecretKeys,
    mounts: &Mounts,
) -> Option<Diagnostic> {
    if target.rfind('/') == Some(0) {
        let message = format!("`{target}` is in no folder that could be mounted");
        let help = format!("write a name alone, for a file in `{FOLDER}`: `{source}`");
        return Some(Diagnostic::error("ecs::target-in-root", message).help(help));
    }
    if target == FOLDER && *keys == SecretKeys::Whole {
        let message = format!("`{FOLDER}` is the folder of all secrets");
        let help = format!("leave `target` out, or write a name: `target: {source}`");
        return Some(Diagnostic::error("ecs::same-target", message).help(help));
    }
    let (folder, _) = target.rsplit_once('/')?;
    let taken = mounts.others().find(|other| *other == folder)?;
    let message = format!("`{taken}` is mounted already");
    let help = "give the secret a folder of its own";
    Some(Diagnostic::error("ecs::file-in-volume", message).help(help))
}

fn keys(secret: &str, cx: &Context<'_>) -> SecretKeys {
    let Some(secret) = cx.project.secrets.get(secret) else { return SecretKeys::Whole };
    // What is wrong with the extension is told where the secret is lowered.
    SecretExtensions::read(&secret.extensions, &Path::root(), &mut Vec::new()).keys
}

/// Who may do what with a file that a service is given.
pub(super) fn ownership(file: &FileReference, at: &Path, cx: &mut Context<'_>) -> Ownership {
    for (key, whose, number) in [("uid", "user", &file.uid), ("gid", "group", &file.gid)] {
        let Some(text) = number.as_deref().filter(|text| text.parse::<u32>().is_err()) else {
            continue;
        };
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic());
        let message = format!("`{text}` is not the number of a {whose}");
        let help = if is_name {
            format!("look it up in the image: `docker run IMAGE id -{} {text}`", &key[..1])
        } else {
            format!("write a number: `{key}: \"1000\"`")
        };
        cx.report(Diagnostic::error("ecs::file-owner", message).at(at.key(key), "").help(help));
    }
    Ownership {
        uid: file.uid.clone(),
        gid: file.gid.clone(),
        mode: file.mode.map(|mode| format!("0{:o}", mode.0 & 0o7777)),
    }
}

/// Variables whose values are kept elsewhere: `x-aws-secrets`.
pub(super) fn variables(
    secrets: &IndexMap<String, String>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Vec<SecretVariable> {
    let at = at.key("x-aws-secrets");
    let mut variables = Vec::new();
    for (name, text) in secrets {
        if name.is_empty() || name.contains('=') {
            let message = format!("`{name}` can be no variable");
            cx.report(
                Diagnostic::error("ecs::variable-name", message)
                    .at(Place::Key(at.key(name)), "")
                    .help("write `NAME: SECRET`"),
            );
            continue;
        }
        let (text, key) = split_key(text);
        if let Some(source) = reference(text, &at.key(name), cx) {
            let key = key.map(str::to_owned);
            variables.push(SecretVariable { name: name.clone(), source, key });
        }
    }
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    variables
}

/// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY::` in its ARN and its key.
fn split_key(text: &str) -> (&str, Option<&str>) {
    let Some((before, "")) = text.split_once("::") else { return (text, None) };
    match before.rsplit_once(':') {
        Some((arn, key)) if before.matches(':').count() == 7 => (arn, Some(key)),
        Some(_) | None => (text, None),
    }
}

/// What a text in an extension refers to: a secret of the project by its key, or
/// an ARN. Nothing if it is neither, which has been told.
pub(super) fn reference(text: &str, at: &Path, cx: &mut Context<'_>) -> Option<SecretRef> {
    if is_secret_arn(text) {
        return Some(SecretRef::Arn(text.to_owned()));
    }
    if cx.project.secrets.contains_key(text) {
        return Some(SecretRef::Project(text.to_owned()));
    }
    let known = cx.project.secrets.keys().map(String::as_str);
    let help = match compose_model::nearest(text, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "name a secret of the project's `secrets`, or write an ARN".to_owned(),
    };
    // What stands there may be a secret itself.
    let message = if help.starts_with("did") {
        format!("there is no secret `{text}`")
    } else {
        "this names no secret".to_owned()
    };
    cx.report(Diagnostic::error("ecs::unknown-secret", message).at(at.clone(), "").help(help));
    None
}

/// Every secret of the project, and every config that exists already and that a
/// service has; sorted by name.
pub(crate) fn secrets(cx: &mut Context<'_>) -> Vec<Secret> {
    let project = cx.project;
    let mut secrets: Vec<Secret> =
        project.secrets.iter().map(|(name, secret)| lower(name, secret, cx)).collect();
    for (name, config) in &project.configs {
        if config.external && is_mounted(name, project) {
            let full_name = config.name.clone().unwrap_or_else(|| name.clone());
            secrets.push(Secret {
                name: config_key(name),
                source: SecretSource::Existing(existing(name, &full_name, cx)),
                full_name,
                tags: IndexMap::new(),
            });
        }
    }
    secrets.sort_by(|a, b| a.name.cmp(&b.name));
    keep_apart(&mut secrets, cx);
    secrets
}

/// Gives secrets of the project that have one name names of their own: each has its
/// own value, and Compose asks nobody for these names.
fn keep_apart(secrets: &mut [Secret], cx: &mut Context<'_>) {
    for index in 1..secrets.len() {
        let (before, rest) = secrets.split_at_mut(index);
        let secret = &mut rest[0];
        let own = |secret: &Secret| matches!(secret.source, SecretSource::Parameters { .. });
        let alike = |other: &&Secret| own(other) && other.full_name == secret.full_name;
        let Some(other) = before.iter().find(alike).filter(|_| own(secret)) else { continue };
        let (name, taken) = (&secret.name, &secret.full_name);
        let new = format!("{taken}_{name}");
        let message = format!("`{name}` is called `{new}`, since another secret is `{taken}`");
        let secrets = Path::root().key("secrets");
        cx.report(
            Diagnostic::warning("ecs::same-name", message)
                .at(secrets.key(name.as_str()).key("name"), "")
                .at(secrets.key(other.name.as_str()).key("name"), "the other one")
                .help("give it another `name`, or leave that out"),
        );
        secret.full_name = new;
    }
}

/// Whether a service has a config.
pub(super) fn is_mounted(config: &str, project: &Project) -> bool {
    let mut mounted = project.services.values().flat_map(|service| &service.configs);
    mounted.any(|mounted| mounted.source.as_deref() == Some(config))
}

/// What a config that exists already is called among the secrets, whose names
/// have no spaces.
pub(super) fn config_key(name: &str) -> String {
    format!("config {name}")
}

/// Whether this is what a config is called among the secrets.
pub(super) fn is_config(key: &str) -> bool {
    key.starts_with("config ")
}

fn lower(name: &str, secret: &compose_model::Secret, cx: &mut Context<'_>) -> Secret {
    let at = Path::root().key("secrets").key(name);
    let keys = SecretExtensions::read(&secret.extensions, &at, &mut cx.problems).keys;
    tell_of_missing(name, secret, &keys, &at, cx);
    let full_name = secret.name.clone().unwrap_or_else(|| name.to_owned());
    let source = if secret.external {
        SecretSource::Existing(existing(name, &full_name, cx))
    } else {
        SecretSource::Parameters { count: parameters(name, secret, &at, cx) }
    };
    let tags = of_resource(&secret.labels, &at, cx);
    Secret { name: name.to_owned(), full_name, source, tags }
}

fn existing(name: &str, full_name: &str, cx: &Context<'_>) -> Lookup {
    let secrets = &cx.facts.secrets;
    match secrets.get(full_name).or_else(|| secrets.get(name)) {
        Some(arn) => Lookup::Known(arn.clone()),
        None if is_secret_arn(full_name) => Lookup::Known(full_name.to_owned()),
        None => Lookup::Asked,
    }
}

/// The key that says where a secret's value is, and what it says.
fn value_of(secret: &compose_model::Secret, cx: &Context<'_>) -> Option<(&'static str, String)> {
    match (&secret.file, &secret.environment) {
        (Some(file), _) => Some(("file", format!("the file `{}`", cx.shown(file)))),
        (None, Some(variable)) => Some(("environment", format!("the variable `{variable}`"))),
        (None, None) => None,
    }
}

/// How many parameters the value of a secret needs.
fn parameters(
    name: &str,
    secret: &compose_model::Secret,
    at: &Path,
    cx: &mut Context<'_>,
) -> usize {
    let Some((key, from)) = value_of(secret, cx) else {
        let message = "the secret has no value";
        cx.report(Diagnostic::error("ecs::secret-without-value", message).at(at.clone(), "").help(
            "say where it is: `file: ./secret.txt`, `environment: NAME`, or `external: true`",
        ));
        return 1;
    };
    let at = at.key(key);
    match cx.facts.files.secrets.get(name).cloned() {
        None => 1,
        Some(LocalSecret::Text(bytes @ 1..=SECRET_BYTES)) => {
            usize::try_from(bytes.div_ceil(PARAMETER_BYTES)).unwrap_or(1)
        }
        Some(LocalSecret::Text(0)) => {
            cx.report(
                Diagnostic::error("ecs::empty-secret", format!("{from} is empty"))
                    .at(at, "Secrets Manager keeps no empty secrets")
                    .help("put a value there, or remove the secret"),
            );
            1
        }
        Some(LocalSecret::Text(bytes)) => {
            let message = format!("{from} has {bytes} bytes, more than a secret can have");
            cx.report(
                Diagnostic::error("ecs::large-secret", message)
                    .at(at, "the limit is 65,536 bytes")
                    .help("keep large files in S3, and only their keys in a secret"),
            );
            1
        }
        Some(LocalSecret::Missing) => {
            cx.report(
                Diagnostic::warning("ecs::missing-secret", format!("{from} is not there"))
                    .at(at, "")
                    .help("the template does not need it, but deploying does"),
            );
            1
        }
        Some(LocalSecret::Unreadable(why)) => {
            cx.report(
                Diagnostic::error("ecs::missing-secret", format!("{from} cannot be read"))
                    .at(at, why)
                    .help("make it readable"),
            );
            1
        }
        Some(LocalSecret::NoFile) => {
            let path = from.strip_prefix("the file ").unwrap_or(&from);
            cx.report(
                Diagnostic::error("ecs::missing-secret", format!("{path} is no file"))
                    .at(at, "a secret is one text")
                    .help("name a file, and declare a secret for each"),
            );
            1
        }
        Some(LocalSecret::Binary) => {
            cx.report(
                Diagnostic::error("ecs::binary-secret", format!("{from} holds no text"))
                    .at(at, "")
                    .help("keep it as base64, and decode it in the application"),
            );
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_variable_has_a_name() {
        check(
            "
services:
  web:
    image: nginx
    x-aws-secrets:
      '': token
#     ^^ error: `` can be no variable
#     help: write `NAME: SECRET`
secrets:
  token: {environment: TOKEN}
",
        );
    }

    #[test]
    fn secrets_with_one_name_are_two() {
        let text = "
services:
  web: {image: nginx, secrets: [one, two]}
secrets:
  one: {name: shared, environment: ONE}
#             ^^^^^^ the other one
  two: {name: shared, environment: TWO}
#             ^^^^^^ warning: `two` is called `shared_two`, since another secret is `shared`
#             help: give it another `name`, or leave that out
";
        check(text);
        let project = crate::check(&crate::testing::loaded(text), &crate::Facts::none()).project;
        let secrets = project.expect("it is good").secrets;
        let names: Vec<_> = secrets.iter().map(|secret| secret.full_name.as_str()).collect();
        assert_eq!(names, ["shared", "shared_two"]);
    }

    #[test]
    fn arns_of_other_things_are_no_secrets() {
        let account = "eu-west-1:123456789012";
        assert!(is_secret_arn(&format!("arn:aws:secretsmanager:{account}:secret:db-AbCdEf")));
        assert!(is_secret_arn(&format!("arn:aws-cn:ssm:{account}:parameter/db")));
        assert!(!is_secret_arn("arn:aws:s3:::bucket"));
        assert!(!is_secret_arn(&format!("arn:aws:secretsmanager:{account}")));
    }

    #[test]
    fn a_key_of_a_secret_is_split_off_its_arn() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        let cases = [
            (arn.to_owned(), None),
            (format!("{arn}:password::"), Some("password")),
            ("token".to_owned(), None),
            ("arn:aws:ssm:eu-west-1:123456789012:parameter/db".to_owned(), None),
        ];
        for (text, key) in cases {
            assert_eq!(split_key(&text).1, key, "{text}");
        }
        assert_eq!(split_key(&format!("{arn}:password::")).0, arn);
    }

    #[test]
    fn a_folder_is_no_secret() {
        let mut facts = crate::Facts::none();
        facts.files.secrets.insert("all".to_owned(), LocalSecret::NoFile);
        crate::testing::check_with(
            &facts,
            "
services:
  web: {image: nginx, secrets: [all]}
secrets:
  all: {file: ./all}
#             ^^^^^ error: `/srv/shop/all` is no file
#             help: name a file, and declare a secret for each
",
        );
    }

    #[test]
    fn a_secret_cannot_be_put_into_a_volume() {
        check(
            "
services:
  web:
    image: nginx
    volumes: [data:/data]
#   ^^^^^^^ warning: `web` is stopped before its new version starts
#   help: to let them overlap, add `deploy: {update_config: {order: start-first}}`
    secrets: [{source: token, target: /data/token}]
#                                     ^^^^^^^^^^^ error: `/data` is mounted already
#                                     help: give the secret a folder of its own
volumes:
  data:
secrets:
  token: {environment: TOKEN}
",
        );
    }
}
