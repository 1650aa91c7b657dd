//! What holds for the sources themselves.

use std::fs;
use std::path::{Path, PathBuf};

/// Whoever wants to know what is asked of AWS has one place to look.
#[test]
fn the_sdk_is_named_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the workspace");
    let place = root.join("ecs-apply/src/aws");
    let mut found = Vec::new();
    for member in ["compose-model", "ecs-validate", "cfn-convert", "ecs-apply", "cli"] {
        sources(&root.join(member).join("src"), &mut found);
    }
    assert!(found.len() > 100, "{} files", found.len());
    let is_elsewhere =
        |file: &PathBuf| !file.starts_with(&place) && *file != place.with_extension("rs");
    let offenders: Vec<PathBuf> =
        found.into_iter().filter(is_elsewhere).filter(|file| names_the_sdk(file)).collect();
    assert_eq!(offenders, [""; 0].map(PathBuf::from));
}

#[expect(clippy::disallowed_methods, reason = "sources are no files of a project")]
fn names_the_sdk(file: &Path) -> bool {
    fs::read_to_string(file).expect("sources can be read").contains("aws_sdk_")
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
