//! What holds for the sources themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Whoever wants to know what is asked of AWS has few places to look.
#[test]
fn the_sdk_is_named_in_few_places() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the workspace");
    let places = ["ecs-apply/src/aws", "ecs-deployer/src/aws", "ecs-deployer/src/sqs"];
    let places = places.map(|place| root.join(place));
    let mut found = Vec::new();
    for member in
        ["compose-model", "ecs-validate", "cfn-convert", "ecs-apply", "ecs-deployer", "cli"]
    {
        sources(&root.join(member).join("src"), &mut found);
    }
    assert!(found.len() > 100, "{} files", found.len());
    let is_elsewhere = |file: &PathBuf| {
        let is_at =
            |place: &PathBuf| file.starts_with(place) || *file == place.with_extension("rs");
        !places.iter().any(is_at)
    };
    let offenders: Vec<PathBuf> =
        found.into_iter().filter(is_elsewhere).filter(|file| names_the_sdk(file)).collect();
    assert_eq!(offenders, [""; 0].map(PathBuf::from));
}

/// Who writes a policy reads a page, and not our sources.
#[test]
fn every_permission_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the workspace");
    let mut found = Vec::new();
    sources(&root.join("ecs-apply/src/aws"), &mut found);
    let texts: Vec<String> = found.iter().map(|file| read(file)).collect();
    let needed: BTreeSet<&str> = texts.iter().flat_map(|text| permissions(text)).collect();
    assert!(needed.len() > 30, "{needed:?}");
    let page = read(&root.join("docs/permissions.md"));
    let missing: Vec<&str> = needed.into_iter().filter(|name| !page.contains(name)).collect();
    assert_eq!(missing, [""; 0]);
}

/// Texts such as `"ecs:DescribeServices"`.
fn permissions(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').filter(|text| {
        let is_word = |part: &str| part.bytes().all(|it| it.is_ascii_alphanumeric());
        text.split_once(':').is_some_and(|(service, action)| {
            let begins_right = action.starts_with(|it: char| it.is_ascii_uppercase());
            service != "tag"
                && !service.is_empty()
                && is_word(service)
                && service.bytes().all(|it| !it.is_ascii_uppercase())
                && begins_right
                && is_word(action)
        })
    })
}

fn names_the_sdk(file: &Path) -> bool {
    read(file).contains("aws_sdk_")
}

#[expect(clippy::disallowed_methods, reason = "sources are no files of a project")]
fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("sources can be read")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}
