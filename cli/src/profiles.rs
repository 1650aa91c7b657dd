//! `--profile` is Compose's, and who comes from AWS's own program means something else by
//! it: a command would go to another account than the one that was meant.

use std::fs;
use std::path::PathBuf;

use compose_model::{Environment, LoadError, Request};

/// What to tell somebody who named profiles that no service has and AWS has.
pub(crate) fn mistaken(request: &Request) -> Vec<String> {
    let profiles = request.profiles.iter().filter(|name| *name != "*");
    let known = written(&request.environment);
    let of_aws: Vec<&String> = profiles.filter(|name| known.contains(name)).collect();
    if of_aws.is_empty() {
        return Vec::new();
    }
    let project = match compose_model::load(request) {
        Ok(loaded) => Some(loaded.project),
        Err(LoadError::NotFound { .. }) => None,
        // Nobody knows which profiles its services have.
        Err(_) => return Vec::new(),
    };
    let services =
        || project.iter().flat_map(|it| it.services.values().chain(it.disabled.values()));
    let is_service_s = |name: &String| services().any(|it| it.profiles.contains(name));
    let others = of_aws.into_iter().filter(|name| !is_service_s(name));
    let sentence = |name: &String| {
        format!(
            "no service has the profile {name}; the one of that name in the AWS configuration is \
             chosen by --aws-profile {name}, and is not used now"
        )
    };
    others.map(sentence).collect()
}

/// The profiles in AWS's own files, those that can be read.
fn written(environment: &Environment) -> Vec<String> {
    let get = |name| environment.get(name).filter(|value| !value.is_empty());
    let home = get(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let file = |variable, name| {
        let usual = || home.map(|home| PathBuf::from(home).join(".aws").join(name));
        get(variable).map(PathBuf::from).or_else(usual)
    };
    let files =
        [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    let texts = files.into_iter().flatten().filter_map(read);
    texts.flat_map(|text| names(&text)).collect()
}

#[expect(clippy::disallowed_methods, reason = "AWS's files are no files of the project")]
fn read(file: PathBuf) -> Option<String> {
    fs::read_to_string(file).ok()
}

/// `[profile shop]` in one of the files, `[shop]` in the other.
fn names(text: &str) -> Vec<String> {
    let section = |line: &str| {
        let inside = line.trim().strip_prefix('[')?.split(']').next()?.trim();
        let name = inside.strip_prefix("profile ").unwrap_or(inside).trim();
        Some(name.trim_matches(['"', '\'']).to_owned())
    };
    text.lines().filter_map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_sections_of_files() {
        let text = "# [no]\n[default]\nregion = x\n[profile shop] # the shop's\n\
                    [ profile \"my team\" ]\n[sso-session login]\n";
        assert_eq!(names(text), ["default", "shop", "my team", "sso-session login"]);
    }
}
