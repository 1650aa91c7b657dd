//! Volumes of the project to file systems.

use std::collections::BTreeMap;

use compose_model::service::Labels;
use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use super::project::last_part;
use super::tags::of_resource;
use crate::context::Context;
use crate::project::{AccessPoint, FileSystem, FileSystemSettings, Lookup, PosixUser, Volume};

/// The permissions of a folder that has to be made, if none are said.
const PERMISSIONS: &str = "0755";

const OPTIONS: [&str; 10] = [
    "backup_policy",
    "gid",
    "kms_key_id",
    "lifecycle_policy",
    "performance_mode",
    "permissions",
    "provisioned_throughput",
    "root_directory",
    "throughput_mode",
    "uid",
];

const LIFECYCLES: [&str; 9] = [
    "AFTER_1_DAY",
    "AFTER_7_DAYS",
    "AFTER_14_DAYS",
    "AFTER_30_DAYS",
    "AFTER_60_DAYS",
    "AFTER_90_DAYS",
    "AFTER_180_DAYS",
    "AFTER_270_DAYS",
    "AFTER_365_DAYS",
];

/// Every volume of the project, sorted by name.
pub(crate) fn volumes(cx: &mut Context<'_>) -> Vec<Volume> {
    let project = cx.project;
    let mut volumes: Vec<Volume> =
        project.volumes.iter().map(|(name, volume)| lower(name, volume, cx)).collect();
    volumes.sort_by(|a, b| a.name.cmp(&b.name));
    refuse_one_name(&volumes, cx);
    volumes
}

/// Volumes with one name are one volume to Docker, and would be two file systems.
fn refuse_one_name(volumes: &[Volume], cx: &mut Context<'_>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let new = |volume: &&Volume| matches!(volume.file_system, FileSystem::New(_));
    for Volume { name, full_name, .. } in volumes.iter().filter(new) {
        let Some(other) = first.get(full_name.as_str()) else {
            first.insert(full_name, name);
            continue;
        };
        let message = format!("`{other}` and `{name}` are one volume, `{full_name}`");
        let at = Path::root().key("volumes");
        cx.report(
            Diagnostic::error("ecs::same-name", message)
                .at(at.key(name.as_str()).key("name"), "")
                .at(at.key(*other).key("name"), "the other one")
                .help(format!("mount `{other}` wherever `{name}` is, and remove `{name}`")),
        );
    }
}

fn lower(name: &str, volume: &compose_model::Volume, cx: &mut Context<'_>) -> Volume {
    let at = Path::root().key("volumes").key(name);
    let full_name = volume.name.clone().unwrap_or_else(|| name.to_owned());
    let options = Options::read(volume, &at, cx);
    let known = cx.facts.file_systems.get(&full_name).cloned();
    let new = known.is_none() && !volume.external;
    let (settings, access_point) = (settings(&options, cx), access_point(&options, new, cx));
    let file_system = match (known, volume.external) {
        (Some(id), _) => FileSystem::Existing(Lookup::Known(id)),
        (None, true) => FileSystem::Existing(named(&full_name)),
        (None, false) => FileSystem::New(settings),
    };
    let tags = tags(&volume.labels, &at, cx);
    let has_mount_targets = has_mount_targets(&full_name, &file_system, &at, cx);
    Volume {
        name: name.to_owned(),
        full_name,
        file_system,
        has_mount_targets,
        // Who mounts it is settled when all services are known.
        networks: Vec::new(),
        access_point,
        tags,
    }
}

/// Labels as tags, of which EFS takes none without a value.
fn tags(labels: &Labels, at: &Path, cx: &mut Context<'_>) -> IndexMap<String, String> {
    let mut tags = of_resource(labels, at, cx);
    tags.retain(|name, value| {
        if value.is_empty() {
            let message = format!("EFS takes no tag without a value, so `{name}` is left out");
            cx.report(
                Diagnostic::warning("ecs::empty-tag", message)
                    .at(at.key("labels").key(name.as_str()), "")
                    .help("give it a value"),
            );
        }
        !value.is_empty()
    });
    tags
}

/// Whether a file system of others has mount targets. EFS makes no second one in a
/// zone, so those of a file system in use must be known.
fn has_mount_targets(
    full_name: &str,
    file_system: &FileSystem,
    at: &Path,
    cx: &mut Context<'_>,
) -> bool {
    let FileSystem::Existing(known) = file_system else { return false };
    let mounted = cx.facts.mounted_file_systems.as_ref();
    let listed = match known {
        Lookup::Known(id) => mounted.is_some_and(|mounted| mounted.contains(id)),
        Lookup::Asked => false,
    };
    if mounted.is_none() {
        let message = format!("the file system `{full_name}` gets mount targets");
        cx.report(
            Diagnostic::warning("ecs::mount-targets", message)
                .at(at.clone(), "which fails if it has some in the VPC")
                .help("list its id under `mounted_file_systems` of `--facts` if it does, or look it up with `ecs-cli lookup`"),
        );
    }
    listed
}

/// `fs-0123`, or the ARN that ends with it.
fn named(name: &str) -> Lookup {
    let id = last_part(name);
    if id.starts_with("fs-") { Lookup::Known(id) } else { Lookup::Asked }
}

/// The options of a volume, by names with underscores.
struct Options {
    at: Path,
    /// The value, and the name as the file writes it.
    values: IndexMap<&'static str, (String, String)>,
}

impl Options {
    /// Takes both `root-directory` and `root_directory`: an older tool's
    /// documentation had one, and its code the other.
    fn read(volume: &compose_model::Volume, at: &Path, cx: &mut Context<'_>) -> Self {
        let at = at.key("driver_opts");
        let mut values = IndexMap::new();
        // The table of answers says that the driver has no effect.
        let local = volume.driver.as_deref().is_none_or(|driver| matches!(driver, "local" | "efs"));
        for (name, value) in &volume.driver_opts.0 {
            let plain = name.replace('-', "_");
            match OPTIONS.into_iter().find(|option| *option == plain) {
                Some(option) => {
                    let value = as_written(option, value.trim(), &at.key(name.as_str()), cx);
                    values.insert(option, (value, name.clone()));
                }
                None if local => refuse_option(name, &plain, &at, cx),
                None => pass_over(name, &at, cx),
            }
        }
        Self { at, values }
    }

    fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|(value, _)| value.clone())
    }

    fn at(&self, name: &str) -> Path {
        let written = self.values.get(name).map_or(name, |(_, written)| written.as_str());
        self.at.key(written)
    }

    /// A value that is one of a few words, in the way in which AWS writes it.
    fn word(&self, name: &str, words: &[&str], cx: &mut Context<'_>) -> Option<String> {
        let value = self.get(name)?;
        let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
        if let Some(word) = words.iter().find(|word| plain(word) == plain(&value)) {
            return Some((*word).to_owned());
        }
        let help = match compose_model::nearest(&value, words.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("write one of {}", quoted(words)),
        };
        let message = format!("EFS has no {} `{value}`", name.replace('_', " "));
        cx.report(
            Diagnostic::error("ecs::volume-option", message).at(self.at(name), "").help(help),
        );
        None
    }

    /// A value that must look like something.
    fn matching(
        &self,
        name: &str,
        expected: &str,
        test: impl Fn(&str) -> bool,
        cx: &mut Context<'_>,
    ) -> Option<String> {
        let value = self.get(name)?;
        if test(&value) {
            return Some(value);
        }
        let message = format!("`{value}` is not {expected}");
        cx.report(
            Diagnostic::error("ecs::volume-option", message)
                .at(self.at(name), "")
                .help(format!("write {expected}")),
        );
        None
    }
}

/// Without quotes, YAML makes the number 493 of permissions like `0755`.
fn as_written(option: &str, value: &str, at: &Path, cx: &Context<'_>) -> String {
    let span = cx.document.locate(at).filter(|_| option == "permissions");
    let written = span.map(|span| cx.document.sources().snippet(span)).unwrap_or_default();
    let number = i64::from_str_radix(written, 8).map(|number| number.to_string());
    let octal = written.starts_with('0') && number.is_ok_and(|number| number == value);
    if octal { written.to_owned() } else { value.to_owned() }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Where Docker would keep the data, which is EFS's business here.
fn pass_over(name: &str, at: &Path, cx: &mut Context<'_>) {
    let message = format!("`{name}` has no effect: the volume becomes a file system of EFS");
    cx.report(
        Diagnostic::warning("ecs::volume-option", message)
            .at(at.key(name), "")
            .help("copy data that is there already into the file system"),
    );
}

fn refuse_option(name: &str, plain: &str, at: &Path, cx: &mut Context<'_>) {
    if matches!(plain, "type" | "o" | "device" | "size") {
        return pass_over(name, at, cx);
    }
    let help = match compose_model::nearest(plain, OPTIONS) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the options are {}", quoted(&OPTIONS)),
    };
    let message = format!("a file system of EFS has no option `{name}`");
    cx.report(Diagnostic::error("ecs::volume-option", message).at(at.key(name), "").help(help));
}

/// `1234abcd-…`, `mrk-…`, `alias/data`, or an ARN.
fn is_key(text: &str) -> bool {
    let id = text.strip_prefix("mrk-").unwrap_or(text);
    let hex = id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    hex || text.starts_with("alias/") || (text.starts_with("arn:") && text.contains(":kms:"))
}

fn settings(options: &Options, cx: &mut Context<'_>) -> FileSystemSettings {
    let throughput = options.matching(
        "provisioned_throughput",
        "a number of MiB for each second, from 1 to 3414",
        |text| text.parse().is_ok_and(|value: f64| (1.0..=3414.0).contains(&value)),
        cx,
    );
    let settings = FileSystemSettings {
        backup_policy: options.word("backup_policy", &["ENABLED", "DISABLED"], cx),
        lifecycle_policy: options.word("lifecycle_policy", &LIFECYCLES, cx),
        performance_mode: options.word("performance_mode", &["generalPurpose", "maxIO"], cx),
        throughput_mode: options.word(
            "throughput_mode",
            &["bursting", "elastic", "provisioned"],
            cx,
        ),
        provisioned_throughput: throughput.and_then(|text| text.parse().ok()),
        kms_key_id: options.matching(
            "kms_key_id",
            "the id, the ARN or the alias of a key",
            is_key,
            cx,
        ),
    };
    let provisioned = settings.throughput_mode.as_deref() == Some("provisioned");
    if provisioned && options.get("provisioned_throughput").is_none() {
        cx.report(
            Diagnostic::error("ecs::volume-option", "provisioned throughput needs an amount")
                .at(options.at("throughput_mode"), "")
                .help("add `provisioned_throughput: 64`, in MiB for each second"),
        );
    }
    if !provisioned && settings.provisioned_throughput.is_some() {
        cx.report(
            Diagnostic::error("ecs::volume-option", "only provisioned throughput has an amount")
                .at(options.at("provisioned_throughput"), "")
                .help("add `throughput_mode: provisioned`"),
        );
    }
    settings
}

/// In a new file system nobody but AWS can make the folder that is entered, so it
/// is given to `root` if no user is named.
fn access_point(options: &Options, new: bool, cx: &mut Context<'_>) -> AccessPoint {
    let number = |text: &str| text.parse::<u32>().is_ok();
    let uid = options.matching("uid", "the number of a user", number, cx);
    let gid = options.matching("gid", "the number of a group", number, cx);
    let root_directory = options.matching(
        "root_directory",
        "a path from `/`, with four folders at most",
        |text| text.starts_with('/') && text.len() <= 100 && text.matches('/').count() <= 4,
        cx,
    );
    let octal = |text: &str| {
        (3..=4).contains(&text.len()) && text.bytes().all(|digit| matches!(digit, b'0'..=b'7'))
    };
    let permissions =
        options.matching("permissions", "the octal digits of permissions, like `0755`", octal, cx);
    let user = match (uid, gid) {
        (Some(uid), gid) => {
            let gid = gid.unwrap_or_else(|| uid.clone());
            Some(PosixUser { uid, gid })
        }
        (None, Some(_)) => {
            cx.report(
                Diagnostic::error("ecs::volume-option", "a group alone is not enough")
                    .at(options.at("gid"), "")
                    .help("add `uid`"),
            );
            None
        }
        (None, None) => None,
    };
    let root = || PosixUser { uid: "0".to_owned(), gid: "0".to_owned() };
    let folder = root_directory.as_deref().filter(|folder| *folder != "/");
    let owner = match &user {
        Some(user) => root_directory.is_some().then(|| user.clone()),
        None => folder.filter(|_| new).map(|_| root()),
    };
    if user.as_ref().is_some_and(|user| user.uid != "0") && root_directory.is_none() {
        cx.report(
            Diagnostic::warning(
                "ecs::volume-option",
                "only `root` may write into a new file system",
            )
            .at(options.at("uid"), "this user finds it read-only")
            .help("add `root_directory: /data`: the folder is made, and given to the user"),
        );
    }
    if owner.is_none() && permissions.is_some() {
        cx.report(
            Diagnostic::warning("ecs::volume-option", "permissions are for a folder that is made")
                .at(options.at("permissions"), "without effect")
                .help("add `root_directory` and `uid`, or remove it"),
        );
    }
    AccessPoint {
        owner: owner.map(|user| (user, permissions.unwrap_or_else(|| PERMISSIONS.to_owned()))),
        user,
        root_directory,
    }
}

#[cfg(test)]
mod tests {
    use super::is_key;
    use crate::context::Context;
    use crate::facts::Facts;
    use crate::project::AccessPoint;
    use crate::testing::{check, loaded};

    fn owner(facts: &Facts, options: &str) -> Option<(String, String, String)> {
        let text = format!(
            "services: {web}\nvolumes: {{data: {{name: data, driver_opts: {{{options}}}}}}}\n",
            web = "{web: {image: nginx, volumes: ['data:/data']}}",
        );
        let loaded = loaded(&text);
        let volume = super::volumes(&mut Context::new(&loaded, facts)).remove(0);
        let AccessPoint { user, owner, root_directory: _ } = volume.access_point;
        assert_eq!(user, None, "{options}");
        owner.map(|(owner, permissions)| (owner.uid, owner.gid, permissions))
    }

    #[test]
    fn permissions_without_quotes_are_taken_as_they_are_written() {
        let text = "
services: {web: {image: nginx, volumes: ['data:/data:ro']}}
volumes: {data: {driver_opts: {uid: 0, root_directory: /d, permissions: 0755}}}
";
        let project = crate::check(&loaded(text), &Facts::none()).project;
        let owner = project.expect("it is good").volumes.remove(0).access_point.owner;
        assert_eq!(owner.map(|(_, permissions)| permissions).as_deref(), Some("0755"));
    }

    #[test]
    fn a_key_is_one_of_kms() {
        for key in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "alias/data",
            "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert!(is_key(key), "{key}");
        }
        assert!(!is_key("foo") && !is_key("arn:aws:s3:::bucket"));
    }

    #[test]
    fn volumes_with_one_name_are_one() {
        check(
            "
services: {web: {image: nginx, volumes: ['one:/a:ro', 'two:/b:ro']}}
volumes:
  one: {name: shared}
#             ^^^^^^ the other one
  two: {name: shared}
#             ^^^^^^ error: `one` and `two` are one volume, `shared`
#             help: mount `one` wherever `two` is, and remove `two`
",
        );
    }

    #[test]
    fn a_folder_of_a_new_file_system_is_made() {
        let root = |permissions: &str| Some(("0".into(), "0".into(), permissions.into()));
        let none = Facts::none();
        assert_eq!(owner(&none, "root_directory: /app"), root("0755"));
        assert_eq!(owner(&none, "root_directory: /app, permissions: '1777'"), root("1777"));
        assert_eq!(owner(&none, "root_directory: /"), None);
        let mut known = Facts::none();
        known.file_systems.insert("data".to_owned(), "fs-0123456789abcdef0".to_owned());
        assert_eq!(owner(&known, "root_directory: /app"), None);
    }

    #[test]
    fn a_user_needs_a_folder_that_it_may_write_into() {
        check(
            "
services:
  web:
    image: nginx
    volumes: [data:/data]
#   ^^^^^^^ warning: `web` is stopped before its new version starts
#   help: to let them overlap, add `deploy: {update_config: {order: start-first}}`
volumes:
  data:
    driver_opts:
      uid: 70
#          ^^ warning: only `root` may write into a new file system
#          help: add `root_directory: /data`: the folder is made, and given to the user
",
        );
    }
}
