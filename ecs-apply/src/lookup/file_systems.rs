//! File systems of volumes: external ones, and those that an earlier stack of the
//! project left behind.

use std::collections::{BTreeMap, BTreeSet};

use compose_model::{Diagnostic, Path};
use ecs_validate::{Wanted, WantedFileSystem, WantedVolume};
use indexmap::IndexMap;
use jiff::Timestamp;

use super::stack::Own;
use super::together::together;
use super::trouble::{Found, Trouble, list, refused, titled};
use crate::aws::{Aws, AwsError};
use crate::file_system::{FileSystem, MountTarget};

/// What was found of volumes.
#[derive(Debug, Default)]
pub(super) struct Storage {
    /// Names of volumes to ids.
    pub(super) ids: IndexMap<String, String>,
    /// The doors of all file systems that are there already.
    pub(super) doors: Vec<Doors>,
}

/// The mount targets of a file system.
#[derive(Debug)]
pub(super) struct Doors {
    file_system: String,
    targets: Vec<MountTarget>,
    /// The volume that it is for.
    at: Path,
}

/// The file systems of the volumes that have one already.
pub(super) async fn storage(
    aws: &Aws,
    wanted: &Wanted,
    own: &Own,
    stack_name: &str,
) -> Found<Storage> {
    let Some(first) = wanted.volumes.first() else { return Ok(Storage::default()) };
    let by_id = |volume: &WantedVolume| match &volume.source {
        WantedFileSystem::Id(id) => Some(id.clone()),
        WantedFileSystem::Named | WantedFileSystem::Made => None,
    };
    let mut known = Vec::new();
    if wanted.volumes.iter().any(|volume| by_id(volume).is_none()) {
        let all = aws.file_systems().await;
        let all = all.map_err(refused("file systems", Some(first.at.clone())))?;
        let kept = without_owners(aws, wanted, all, own, stack_name).await;
        known = kept.map_err(refused("whose file systems are", Some(first.at.clone())))?;
    }
    let (mut storage, mut problems) = (Storage::default(), Vec::new());
    let mut to_enter: IndexMap<String, Path> = IndexMap::new();
    for volume in &wanted.volumes {
        let id = match by_id(volume) {
            Some(id) => Some(id),
            None => match find(volume, &wanted.project, &known, aws.region()) {
                Ok(found) => found.map(|file_system| file_system.id.clone()).inspect(|id| {
                    storage.ids.insert(volume.name.clone(), id.clone());
                }),
                Err(problem) => {
                    problems.push(problem.at(volume.at.clone(), ""));
                    None
                }
            },
        };
        if let Some(id) = id {
            to_enter.entry(id).or_insert_with(|| volume.at.clone());
        }
    }
    storage.doors = doors(aws, to_enter, &mut problems).await?;
    if problems.is_empty() { Ok(storage) } else { Err(Trouble::Told(problems)) }
}

/// The file system of a volume, if it is there already.
fn find<'a>(
    volume: &WantedVolume,
    project: &str,
    known: &'a [Known],
    region: &str,
) -> Result<Option<&'a FileSystem>, Diagnostic> {
    let external = match volume.source {
        WantedFileSystem::Made => false,
        WantedFileSystem::Id(_) | WantedFileSystem::Named => true,
    };
    let fits = |known: &&Known| match external {
        true => known.file_system.name.as_deref() == Some(&volume.name),
        false => known.is_left && known.file_system.is_of(project, &volume.key),
    };
    let found: Vec<&FileSystem> =
        known.iter().filter(fits).map(|known| &known.file_system).collect();
    match &found[..] {
        [] if external => Err(missing(&volume.name, region, known)),
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => Err(ambiguous(&volume.name, external, several)),
    }
}

/// A file system, and whether it outlived the stack that made it.
#[derive(Debug)]
struct Known {
    file_system: FileSystem,
    is_left: bool,
}

/// Says of each file system whether a stack of this name has left it behind. What a stack
/// retained keeps the tags of that stack, so those who made one are asked whether somebody
/// is at work on them; what the one has that is to be updated is known already.
async fn without_owners(
    aws: &Aws,
    wanted: &Wanted,
    all: Vec<FileSystem>,
    own: &Own,
    stack_name: &str,
) -> Result<Vec<Known>, AwsError> {
    let is_made = |it: &FileSystem| {
        wanted.volumes.iter().any(|volume| it.is_of(&wanted.project, &volume.key))
    };
    let stacks: BTreeSet<&str> = all
        .iter()
        .filter(|it| is_made(it) && it.is_of_stack(stack_name) && !own.has(&it.id))
        .filter_map(FileSystem::stack)
        .collect();
    let question = |arn: &&str| {
        let (aws, arn) = (aws.clone(), (*arn).to_owned());
        async move { at_work_since(&aws, &arn).await }
    };
    let answers = together(stacks.iter().map(question)).await;
    let answers: Result<Vec<Option<Timestamp>>, AwsError> = answers.into_iter().collect();
    let makers: BTreeMap<String, Option<Timestamp>> =
        stacks.into_iter().map(str::to_owned).zip(answers?).collect();
    let known = all.into_iter().map(|file_system| {
        let since = file_system.stack().and_then(|stack| makers.get(stack).copied().flatten());
        // What another stack of the project has left may be in use by a third.
        let is_left = file_system.is_of_stack(stack_name) && !keeps(own, since, &file_system);
        Known { file_system, is_left }
    });
    Ok(known.collect())
}

/// Whether a stack has a file system, or may have it soon, or gives up what it has just
/// made. If that counted as left behind, everybody who looks while a stack is being made
/// would find something else, and nobody could join.
fn keeps(own: &Own, at_work_since: Option<Timestamp>, file_system: &FileSystem) -> bool {
    // EFS may count in whole seconds.
    let is_new = |since: Timestamp| {
        file_system.created.is_some_and(|created| created.as_second() >= since.as_second())
    };
    own.has(&file_system.id) || at_work_since.is_some_and(is_new)
}

/// Since when somebody is at work on the stack with this ARN, if somebody is.
async fn at_work_since(aws: &Aws, arn: &str) -> Result<Option<Timestamp>, AwsError> {
    let busy = aws.stack(arn).await?.filter(|stack| stack.status.is_under_way());
    Ok(busy.and_then(|it| it.updated.or(it.created)))
}

/// The mount targets of file systems, each with the volume that needs it.
async fn doors(
    aws: &Aws,
    file_systems: IndexMap<String, Path>,
    problems: &mut Vec<Diagnostic>,
) -> Found<Vec<Doors>> {
    let question = |id: &String| {
        let (aws, id) = (aws.clone(), id.clone());
        async move { aws.mount_targets(&id).await }
    };
    let answers = together(file_systems.keys().map(question)).await;
    let mut doors = Vec::new();
    for ((file_system, at), answer) in file_systems.into_iter().zip(answers) {
        let what = format!("the mount targets of `{file_system}`");
        match answer.map_err(refused(what, Some(at.clone()))) {
            Ok(Some(targets)) => doors.push(Doors { file_system, targets, at }),
            Ok(None) => {
                let message =
                    format!("there is no file system `{file_system}` in {}", aws.region());
                let problem = Diagnostic::error("lookup::file-system", message).at(at, "");
                problems.push(problem.help("name one of this region and account"));
            }
            Err(Trouble::Told(told)) => problems.extend(told),
            Err(fatal @ Trouble::Fatal(_)) => return Err(fatal),
        }
    }
    Ok(doors)
}

/// The file systems that have mount targets in the VPC, those of the stack itself
/// left out: it would otherwise take them away.
pub(super) fn mounted(doors: &[Doors], vpc: &str, own: &Own) -> Found<Vec<String>> {
    let (mut mounted, mut problems) = (Vec::new(), Vec::new());
    for Doors { file_system, targets, at } in doors {
        if targets.iter().any(|target| own.has(&target.id)) {
            continue;
        }
        if targets.iter().any(|target| target.vpc == vpc) {
            mounted.push(file_system.clone());
        } else if let Some(target) = targets.first() {
            let message =
                format!("`{file_system}` is mounted in `{}`, and tasks run in `{vpc}`", target.vpc);
            problems.push(
                Diagnostic::error("lookup::file-system", message)
                    .at(at.clone(), "a file system has mount targets in one VPC alone")
                    .help(format!("set `x-aws-vpc: {}`, or remove them there", target.vpc)),
            );
        }
    }
    if problems.is_empty() { Ok(mounted) } else { Err(Trouble::Told(problems)) }
}

fn missing(name: &str, region: &str, known: &[Known]) -> Diagnostic {
    let names = known.iter().map(|known| &known.file_system);
    let names = list(names.map(|it| titled(&it.id, it.name.as_deref())));
    let help = match names.as_str() {
        "" => "remove `external`, for one of the project's own".to_owned(),
        names => format!("write the `Name` tag or the id of one behind `name`: {names}"),
    };
    let message = format!("there is no file system `{name}` in {region}");
    Diagnostic::error("lookup::file-system", message).help(help)
}

fn ambiguous(name: &str, external: bool, found: &[&FileSystem]) -> Diagnostic {
    let ids = list(found.iter().map(|file_system| titled(&file_system.id, None)));
    let (message, help) = if external {
        let message = format!("{} file systems have the name `{name}`", found.len());
        (message, format!("write the id of one of them behind `name`: {ids}"))
    } else {
        let message =
            format!("earlier stacks left {} file systems for `{name}`: {ids}", found.len());
        let help = "write `external: true` and the id of the one that is meant behind `name`";
        (message, help.to_owned())
    };
    Diagnostic::error("lookup::file-system", message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::PROJECT_TAG;
    use crate::file_system::VOLUME_TAG;

    fn known(id: &str, name: &str, tags: &[(&str, &str)], is_left: bool) -> Known {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let (id, name) = (id.to_owned(), Some(name.to_owned()));
        let file_system = FileSystem { id, name, created: None, tags: tags.collect() };
        Known { file_system, is_left }
    }

    fn volume(name: &str, source: WantedFileSystem) -> WantedVolume {
        WantedVolume { key: "data".to_owned(), name: name.to_owned(), source, at: Path::root() }
    }

    fn found(volume: &WantedVolume, known: &[Known]) -> Result<Option<String>, String> {
        match find(volume, "shop", known, "eu-west-1") {
            Ok(found) => Ok(found.map(|file_system| file_system.id.clone())),
            Err(problem) => Err(problem.message),
        }
    }

    #[test]
    fn a_volume_finds_what_an_earlier_stack_left() {
        let mine = [(PROJECT_TAG, "shop"), (VOLUME_TAG, "data")];
        let others = [(PROJECT_TAG, "other"), (VOLUME_TAG, "data")];
        let volume = volume("shop_data", WantedFileSystem::Made);
        let left = || known("fs-1", "shop_data", &mine, true);
        assert_eq!(found(&volume, &[left()]), Ok(Some("fs-1".to_owned())));
        assert_eq!(found(&volume, &[known("fs-1", "shop_data", &mine, false)]), Ok(None));
        assert_eq!(found(&volume, &[known("fs-1", "shop_data", &others, true)]), Ok(None));
        let two = found(&volume, &[left(), known("fs-2", "shop_data", &mine, true)]);
        let message = "earlier stacks left 2 file systems for `shop_data`: `fs-1`, `fs-2`";
        assert_eq!(two, Err(message.to_owned()));
    }

    #[test]
    fn an_external_volume_is_known_by_its_name() {
        let volume = volume("archive", WantedFileSystem::Named);
        let archive = |id: &str| known(id, "archive", &[], false);
        let other = || known("fs-0", "other", &[], true);
        assert_eq!(found(&volume, &[other(), archive("fs-1")]), Ok(Some("fs-1".to_owned())));
        let none = "there is no file system `archive` in eu-west-1";
        assert_eq!(found(&volume, &[other()]), Err(none.to_owned()));
        let two = "2 file systems have the name `archive`";
        assert_eq!(found(&volume, &[archive("fs-1"), archive("fs-2")]), Err(two.to_owned()));
    }

    #[test]
    fn doors_of_the_stack_itself_are_made_by_it() {
        let doors = |file_system: &str, targets: &[(&str, &str)]| Doors {
            file_system: file_system.to_owned(),
            targets: targets
                .iter()
                .map(|(id, vpc)| MountTarget { id: (*id).to_owned(), vpc: (*vpc).to_owned() })
                .collect(),
            at: Path::root(),
        };
        let own = Own::of(["fsmt-1"]);
        let all = [
            doors("fs-1", &[("fsmt-1", "vpc-1")]),
            doors("fs-2", &[("fsmt-2", "vpc-1")]),
            doors("fs-3", &[]),
        ];
        assert_eq!(mounted(&all, "vpc-1", &own).unwrap(), ["fs-2"]);
        let Err(Trouble::Told(told)) = mounted(&all, "vpc-2", &own) else { panic!() };
        assert_eq!(told[0].message, "`fs-2` is mounted in `vpc-1`, and tasks run in `vpc-2`");
    }

    #[test]
    fn what_a_stack_is_making_or_taking_back_is_not_left_behind() {
        let made = |id: &str, time: &str| FileSystem {
            id: id.to_owned(),
            created: Some(time.parse().unwrap()),
            ..FileSystem::default()
        };
        let since = Some("2026-01-01T10:00:00.7Z".parse().unwrap());
        let own = Own::of(["fs-1"]);
        assert!(keeps(&own, since, &made("fs-1", "2025-01-01T00:00:00Z")));
        assert!(keeps(&own, since, &made("fs-2", "2026-01-01T10:00:00Z")));
        // It was left by an earlier update.
        assert!(!keeps(&own, since, &made("fs-2", "2026-01-01T09:59:59Z")));
        assert!(!keeps(&own, None, &made("fs-2", "2026-01-01T10:00:00Z")));
    }
}
