//! `docker ecs`: what Docker expects of a program named `docker-ecs` among its
//! plugins.
//!
//! <https://github.com/docker/cli/blob/master/docs/extend/cli_plugins.md>

use std::ffi::OsString;
use std::path::Path;

use serde::Serialize;

/// What Docker asks a plugin.
#[derive(Debug, PartialEq)]
pub(crate) enum Call {
    /// To introduce itself.
    Metadata,
    /// To run a command line. This is also every call by anyone but Docker.
    Command(Vec<OsString>),
}

/// What Docker shows of a plugin in `docker --help` and `docker info`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    schema_version: &'static str,
    vendor: &'static str,
    version: &'static str,
    short_description: &'static str,
}

/// Tells Docker's calls from those of a shell.
pub(crate) fn call(mut arguments: Vec<OsString>) -> Call {
    let first = arguments.get(1).and_then(|argument| argument.to_str());
    match first {
        Some("docker-cli-plugin-metadata") if is_plugin(&arguments) => Call::Metadata,
        Some("ecs") if is_plugin(&arguments) => {
            // Help texts show the program by this name.
            arguments.splice(..2, ["docker ecs".into()]);
            Call::Command(arguments)
        }
        Some(_) | None => Call::Command(arguments),
    }
}

/// The answer to [`Call::Metadata`].
pub(crate) fn metadata() -> String {
    let metadata = Metadata {
        schema_version: "0.1.0",
        vendor: "ecs-cli",
        version: env!("CARGO_PKG_VERSION"),
        short_description: "Run Compose files on Amazon ECS",
    };
    let json = serde_json::to_string_pretty(&metadata).expect("four strings are valid JSON");
    format!("{json}\n")
}

fn is_plugin(arguments: &[OsString]) -> bool {
    let program = arguments.first().and_then(|program| Path::new(program).file_stem());
    program.is_some_and(|name| name == "docker-ecs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_is_told_apart_by_the_name_it_calls() {
        let cases = [
            ("/usr/libexec/docker-ecs docker-cli-plugin-metadata", None),
            ("docker-ecs.exe docker-cli-plugin-metadata", None),
            ("ecs-cli docker-cli-plugin-metadata", Some("ecs-cli docker-cli-plugin-metadata")),
            ("docker-ecs config", Some("docker-ecs config")),
            ("docker-ecs", Some("docker-ecs")),
            ("ecs-cli ecs", Some("ecs-cli ecs")),
        ];
        for (typed, command) in cases {
            let expected = command.map_or(Call::Metadata, |command| Call::Command(words(command)));
            assert_eq!(call(words(typed)), expected, "{typed}");
        }
    }

    #[test]
    fn docker_repeats_the_name_of_the_plugin() {
        let expected = Call::Command(vec!["docker ecs".into(), "config".into(), "ecs".into()]);
        assert_eq!(call(words("/x/docker-ecs ecs config ecs")), expected);
    }

    #[test]
    fn metadata_is_what_docker_reads() {
        insta::assert_snapshot!(metadata(), @r#"
        {
          "SchemaVersion": "0.1.0",
          "Vendor": "ecs-cli",
          "Version": "0.1.0",
          "ShortDescription": "Run Compose files on Amazon ECS"
        }
        "#);
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }
}
