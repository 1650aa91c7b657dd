//! `docker ecs`: what Docker expects of a program named `docker-ecs` among its
//! plugins.
//!
//! <https://github.com/docker/cli/blob/master/docs/extend/cli_plugins.md>

use std::ffi::OsString;
use std::path::{Path, PathBuf};

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

/// The program's name in help and hints, when Docker runs it.
const PLUGIN: &str = "docker ecs";

/// Docker's own options that take a value. It hands them on for plugins that talk to an
/// engine, which this program does where it builds images.
const WITH_VALUE: [&str; 7] =
    ["config", "context", "host", "log-level", "tlscacert", "tlscert", "tlskey"];

/// Docker's own options that are on or off.
const SWITCHES: [&str; 3] = ["debug", "tls", "tlsverify"];

/// The short names of some of [`WITH_VALUE`] and [`SWITCHES`].
const SHORT_WITH_VALUE: &str = "cHl";
const SHORT_SWITCHES: &str = "D";

/// Tells Docker's calls from those of a shell.
pub(crate) fn call(mut arguments: Vec<OsString>) -> Call {
    if !is_plugin(&arguments) {
        return Call::Command(arguments);
    }
    if arguments.get(1).is_some_and(|first| first == "docker-cli-plugin-metadata") {
        return Call::Metadata;
    }
    if let Some(name) = name_of_plugin(&arguments) {
        // Help texts show the program by this name.
        arguments.splice(..=name, [PLUGIN.into()]);
    }
    Call::Command(arguments)
}

/// What a user types to run the program.
pub(crate) fn program(arguments: &[OsString]) -> &'static str {
    if is_plugin(arguments) { PLUGIN } else { "ecs-cli" }
}

/// The folder of settings that Docker was told to use, and other options of its own:
/// they lead to the engine that the user means.
pub(crate) fn docker_options(arguments: &[OsString]) -> (Option<PathBuf>, Vec<OsString>) {
    let end = name_of_plugin(arguments).filter(|_| is_plugin(arguments)).unwrap_or(1);
    let mut options = arguments[..end].iter().skip(1);
    let (mut settings, mut others) = (None, Vec::new());
    while let Some(option) = options.next() {
        match option.to_str().and_then(|option| option.strip_prefix("--config")) {
            Some("") => settings = options.next().map(PathBuf::from),
            Some(rest) if rest.starts_with('=') => settings = Some(PathBuf::from(&rest[1..])),
            Some(_) | None => others.push(option.clone()),
        }
    }
    (settings, others)
}

/// Where Docker names the plugin, after options of its own.
fn name_of_plugin(arguments: &[OsString]) -> Option<usize> {
    let mut position = 1;
    loop {
        match arguments.get(position)?.to_str()? {
            "ecs" => return Some(position),
            option => position += words(option)?,
        }
    }
}

/// How many words one of Docker's own options takes.
fn words(option: &str) -> Option<usize> {
    match option.strip_prefix("--") {
        Some(long) => words_of_long(long),
        None => words_of_short(option.strip_prefix('-')?),
    }
}

fn words_of_long(option: &str) -> Option<usize> {
    let (name, value) = match option.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (option, None),
    };
    match value {
        None if WITH_VALUE.contains(&name) => Some(2),
        _ => (WITH_VALUE.contains(&name) || SWITCHES.contains(&name)).then_some(1),
    }
}

/// Several may share one dash: `-Dl debug`, `-Dldebug`.
fn words_of_short(options: &str) -> Option<usize> {
    let rest = options.trim_start_matches(|c| SHORT_SWITCHES.contains(c));
    match rest.chars().next() {
        None => (!options.is_empty()).then_some(1),
        Some('=') => (rest.len() < options.len()).then_some(1),
        Some(c) if SHORT_WITH_VALUE.contains(c) => Some(if rest.len() == 1 { 2 } else { 1 }),
        Some(_) => None,
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
            let expected =
                command.map_or(Call::Metadata, |command| Call::Command(typed_words(command)));
            assert_eq!(call(typed_words(typed)), expected, "{typed}");
        }
    }

    #[test]
    fn docker_repeats_the_name_of_the_plugin() {
        let expected = Call::Command(vec!["docker ecs".into(), "config".into(), "ecs".into()]);
        assert_eq!(call(typed_words("/x/docker-ecs ecs config ecs")), expected);
    }

    #[test]
    fn options_of_docker_itself_are_passed_over() {
        let cases = [
            ("--debug ecs config", true),
            ("--debug=false --tls ecs config", true),
            ("--context default ecs config", true),
            ("-c ecs ecs config", true),
            ("-l debug -H unix:///x.sock ecs config", true),
            ("-Dl debug ecs config", true),
            ("-Dldebug -l=info ecs config", true),
            ("--host=tcp://x --tlscacert a --tlscert b --tlskey c --tlsverify ecs config", true),
            ("--config /x ecs config", true),
            ("--nonsense ecs config", false),
            ("-x ecs config", false),
            ("- ecs config", false),
            ("config ecs", false),
            ("--context ecs", false),
        ];
        for (typed, is_docker) in cases {
            let given = typed_words(&format!("/x/docker-ecs {typed}"));
            let command =
                if is_docker { vec![PLUGIN.into(), "config".into()] } else { given.clone() };
            assert_eq!(call(given), Call::Command(command), "{typed}");
        }
    }

    #[test]
    fn options_of_docker_itself_lead_to_its_engine() {
        let cases = [
            ("/x/docker-ecs ecs up -c a", None, ""),
            ("/x/docker-ecs -c colima --debug ecs up", None, "-c colima --debug"),
            ("/x/docker-ecs --config /a -H tcp://x ecs up", Some("/a"), "-H tcp://x"),
            ("/x/docker-ecs --config=/a ecs up --config /b", Some("/a"), ""),
            ("docker-ecs up", None, ""),
            ("ecs-cli up", None, ""),
        ];
        for (typed, settings, options) in cases {
            let options: Vec<OsString> = options.split_whitespace().map(OsString::from).collect();
            let expected = (settings.map(PathBuf::from), options);
            assert_eq!(docker_options(&typed_words(typed)), expected, "{typed}");
        }
    }

    #[test]
    fn a_shell_may_not_use_options_of_docker() {
        let typed = typed_words("ecs-cli --debug ecs config");
        assert_eq!(call(typed.clone()), Call::Command(typed));
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

    fn typed_words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }
}
