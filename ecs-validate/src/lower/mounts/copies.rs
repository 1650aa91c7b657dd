//! What is told of files that are delivered as copies, and of those that are not.

use compose_model::{Diagnostic, LeftOut, LocalFile, Path, Why, may_hold_secrets};

use super::delivered::shows_secret;
use crate::context::Context;

/// What becomes of changes in a copy.
pub(super) const RENEWED: &str = "changes in it need a new deployment";

/// Tells that what is mounted is a copy, and what is not in it.
pub(super) fn copied(source: &str, left_out: &[LeftOut], cx: &Context<'_>) -> Diagnostic {
    let shown = cx.shown(source);
    let without = without(left_out);
    let mut message = format!("`{shown}` is delivered as a copy{without}");
    let is_outside = cx.is_outside(source);
    if is_outside {
        message += ", and lies outside of the project's folder";
    }
    let help = match withheld(left_out) {
        _ if is_outside || may_hold_secrets(source.as_ref()) => PUBLIC.to_owned(),
        Some(withheld) => instead(withheld, &inside(&shown, &withheld.path)),
        None => "declare it under `configs` to say so, or keep data in a named volume".to_owned(),
    };
    Diagnostic::warning("ecs::copied-mount", message).help(help)
}

/// Tells of a config that is no file of the project, or that is not all of a folder;
/// nothing of others, whose declaration says that they are copies.
pub(super) fn copied_config(
    file: &str,
    left_out: &[LeftOut],
    cx: &Context<'_>,
) -> Option<Diagnostic> {
    if cx.is_outside(file) || withheld(left_out).is_some() {
        return Some(copied(file, left_out, cx));
    }
    let told = copied(file, left_out, cx).help("copy it into the image, if a task needs it");
    (!left_out.is_empty()).then_some(told)
}

/// What a service may need of that which is not in a copy.
fn withheld(left_out: &[LeftOut]) -> Option<&LeftOut> {
    left_out.iter().find(|it| match it.why {
        Why::Variables | Why::Private => true,
        Why::OfTool => false,
    })
}

/// How a service gets what is withheld from it.
fn instead(withheld: &LeftOut, shown: &str) -> String {
    match withheld.why {
        Why::Private | Why::OfTool => {
            format!("declare what the service needs of `{shown}` under `secrets`; {OF_AWS}")
        }
        Why::Variables => format!(
            "declare its secret variables under `secrets`, with `x-aws-secrets` at the service; \
             what `env_file` or a mount of `{shown}` itself gives it, everyone can read who may \
             read the stack's template"
        ),
    }
}

const OF_AWS: &str = "rights in AWS come from `x-aws-policies`";

const PUBLIC: &str = "everyone who may read the stack's template can read it; declare what others \
                      may not read under `secrets`, with `file:`";

/// ` without `a` and `b``
fn without(left_out: &[LeftOut]) -> String {
    const MOST: usize = 4;
    let named: Vec<String> = left_out.iter().take(MOST).map(|it| format!("`{it}`")).collect();
    let more = left_out.len() - named.len();
    match (named.split_last(), more) {
        (None, _) => String::new(),
        (Some((last, [])), 0) => format!(" without {last}"),
        (Some((last, others)), 0) => format!(" without {} and {last}", others.join(", ")),
        (Some(_), more) => format!(" without {} and {more} more like these", named.join(", ")),
    }
}

/// A path in a folder, as its author would write it.
pub(super) fn inside(folder: &str, path: &str) -> String {
    format!("{}/{path}", folder.trim_end_matches('/'))
}

/// Refuses a mount of what cannot be delivered, and says why.
pub(super) fn refuse(
    source: &str,
    target: &str,
    found: Option<LocalFile>,
    at: &Path,
    cx: &mut Context<'_>,
) {
    let shown = cx.shown(source);
    if let Some(LocalFile::Secret(key)) = &found
        && !shown.ends_with(".sock")
    {
        cx.report(shows_secret(&shown, key, "mounts").at(at.clone(), ""));
        return;
    }
    let (code, message, help) = why_not(&shown, target, found);
    cx.report(Diagnostic::error(code, message).at(at.clone(), "").help(help));
}

fn why_not(source: &str, target: &str, found: Option<LocalFile>) -> (&'static str, String, String) {
    let volume = format!("keep its data in a named volume: `data:{target}`");
    match found {
        _ if source.ends_with(".sock") => (
            "ecs::socket",
            format!("a task has no host whose `{source}` it could use"),
            "remove the mount; what asks Docker about containers has to ask ECS".to_owned(),
        ),
        Some(LocalFile::TooLarge) => (
            "ecs::large-mount",
            format!("`{source}` is too large to be delivered with a task definition"),
            format!("copy it into the image, or {volume}"),
        ),
        Some(LocalFile::Private) => (
            "ecs::private-mount",
            format!("`{source}` would be copied into the template, where others can read it"),
            format!(
                "declare each file that the service needs under `secrets`, with `file:`, and \
                 list it there at the service; {OF_AWS}"
            ),
        ),
        Some(LocalFile::Link(None)) => (
            "ecs::host-path",
            format!("`{source}` is a link that leads out of the project's folder"),
            format!("put what it leads to into the project, or {volume}"),
        ),
        Some(LocalFile::Link(Some(path))) => (
            "ecs::host-path",
            format!("`{}` is a link that leads out of {}", inside(source, &path), whole(source)),
            "put what it leads to in its place, or mount the other files by name".to_owned(),
        ),
        Some(LocalFile::Special(Some(path))) => (
            "ecs::host-path",
            format!(
                "`{}` is a pipe, a socket or a device, which no copy has",
                inside(source, &path)
            ),
            "move it to another folder, or mount the other files by name".to_owned(),
        ),
        Some(LocalFile::Unreadable(why)) => {
            ("ecs::unreadable-mount", format!("`{source}` cannot be read: {why}"), volume)
        }
        Some(
            LocalFile::Outside
            | LocalFile::Special(None)
            | LocalFile::Missing
            | LocalFile::Secret(_)
            | LocalFile::File(_)
            | LocalFile::Folder(_),
        )
        | None => (
            "ecs::host-path",
            format!("a task has no host whose `{source}` it could see"),
            format!("copy it into the image, or {volume}"),
        ),
    }
}

/// What a link in a folder leads out of.
fn whole(source: &str) -> String {
    if source.starts_with("./") { "the project's folder".to_owned() } else { format!("`{source}`") }
}

#[cfg(test)]
mod tests {
    use compose_model::{Content, Folder, LeftOut, LocalFile, Why};

    use crate::facts::Facts;
    use crate::testing::check_with;

    /// A world in which these are at their paths.
    fn world(files: impl IntoIterator<Item = (&'static str, LocalFile)>) -> Facts {
        let mut facts = Facts::none();
        facts.files.directory = "/srv/shop".into();
        let files = files.into_iter().map(|(path, file)| (path.to_owned(), file));
        facts.files.mounted.extend(files);
        facts
    }

    fn folder(left_out: &[(&str, Why)]) -> LocalFile {
        let left_out = left_out.iter().map(|&(path, why)| LeftOut { path: path.to_owned(), why });
        LocalFile::Folder(Folder { files: Vec::new(), left_out: left_out.collect() })
    }

    #[test]
    fn what_is_not_delivered_is_told_with_its_reason() {
        let inner = || Some("in/x".to_owned());
        let facts = world([
            ("/srv/shop/link", LocalFile::Link(None)),
            ("/srv/shop/links", LocalFile::Link(inner())),
            ("/srv/links", LocalFile::Link(inner())),
            ("/srv/shop/pipes", LocalFile::Special(inner())),
            ("/srv/.aws", LocalFile::Private),
        ]);
        check_with(
            &facts,
            "
services:
  web:
    image: nginx
    volumes:
      - './link:/a'
#       ^^^^^^^^^^^ error: `./link` is a link that leads out of the project's folder
#       help: put what it leads to into the project, or keep its data in a named volume: `data:/a`
      - './links:/b'
#       ^^^^^^^^^^^^ error: `./links/in/x` is a link that leads out of the project's folder
#       help: put what it leads to in its place, or mount the other files by name
      - '../links:/c'
#       ^^^^^^^^^^^^^ error: `/srv/links/in/x` is a link that leads out of `/srv/links`
#       help: put what it leads to in its place, or mount the other files by name
      - './pipes:/d'
#       ^^^^^^^^^^^^ error: `./pipes/in/x` is a pipe, a socket or a device, which no copy has
#       help: move it to another folder, or mount the other files by name
      - '../.aws:/root/.aws:ro'
#       ^^^^^^^^^^^^^^^^^^^^^^^ error: `/srv/.aws` would be copied into the template, where others can read it
#       help: declare each file that the service needs under `secrets`, with `file:`, and list it there at the service; rights in AWS come from `x-aws-policies`
",
        );
    }

    #[test]
    fn what_a_copy_has_not_is_told_by_name() {
        let many = ["a/.env", "b/.env", "c/.env", "d/.env", "e/.env"];
        let many = many.map(|path| (path, Why::Variables));
        let facts = world([
            ("/srv/shop", folder(&[(".env", Why::Variables), (".git", Why::OfTool)])),
            ("/srv/shop/sub", folder(&[(".env", Why::OfTool), (".git", Why::OfTool)])),
            ("/srv/shop/own", folder(&[(".kube", Why::Private)])),
            ("/srv/shop/.env", LocalFile::File(Content { bytes: Vec::new(), executable: false })),
            ("/srv/shop/many", folder(&many)),
        ]);
        check_with(
            &facts,
            "
services:
  web:
    image: nginx
    volumes:
      - '.:/app'
#       ^^^^^^^^ warning: `./` is delivered as a copy without `.env` and `.git`
#       help: declare its secret variables under `secrets`, with `x-aws-secrets` at the service; what `env_file` or a mount of `./.env` itself gives it, everyone can read who may read the stack's template
      - './sub:/sub'
#       ^^^^^^^^^^^^ warning: `./sub` is delivered as a copy without `.env` and `.git`
#       help: declare it under `configs` to say so, or keep data in a named volume
      - './own:/own'
#       ^^^^^^^^^^^^ warning: `./own` is delivered as a copy without `.kube`
#       help: declare what the service needs of `./own/.kube` under `secrets`; rights in AWS come from `x-aws-policies`
      - './many:/many'
#       ^^^^^^^^^^^^^^ warning: `./many` is delivered as a copy without `a/.env`, `b/.env`, `c/.env`, `d/.env` and 1 more like these
#       help: declare its secret variables under `secrets`, with `x-aws-secrets` at the service; what `env_file` or a mount of `./many/a/.env` itself gives it, everyone can read who may read the stack's template
      - './.env:/run/x/.env'
#       ^^^^^^^^^^^^^^^^^^^^ warning: `./.env` is delivered as a copy
#       help: everyone who may read the stack's template can read it; declare what others may not read under `secrets`, with `file:`
    configs: [{source: sub, target: /etc/sub}]
configs:
  sub:
    file: ./sub
#         ^^^^^ warning: `./sub` is delivered as a copy without `.env` and `.git`
#         help: copy it into the image, if a task needs it
",
        );
    }

    #[test]
    fn what_lies_outside_of_the_project_is_told_with_who_can_read_it() {
        let content = Content { bytes: b"a".to_vec(), executable: false };
        let file = LocalFile::File(content);
        check_with(
            &world([("/srv/x.conf", file.clone()), ("/srv/y.conf", file)]),
            "
services:
  web:
    image: nginx
    volumes: ['../x.conf:/run/x/x.conf']
#             ^^^^^^^^^^^^^^^^^^^^^^^^^ warning: `/srv/x.conf` is delivered as a copy, and lies outside of the project's folder
#             help: everyone who may read the stack's template can read it; declare what others may not read under `secrets`, with `file:`
    configs: [{source: y, target: /run/y/y.conf}]
configs:
  y:
    file: ../y.conf
#         ^^^^^^^^^ warning: `/srv/y.conf` is delivered as a copy, and lies outside of the project's folder
#         help: everyone who may read the stack's template can read it; declare what others may not read under `secrets`, with `file:`
",
        );
    }
}
