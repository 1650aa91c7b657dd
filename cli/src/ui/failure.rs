//! Renders why a command stopped, when that has no place in a file.

use std::error::Error;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use compose_model::Diagnostic;

use crate::caller::Caller;
use crate::error::CliError;
use crate::ui::plain;

pub(super) const ERROR: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub(super) const HELP: Style = AnsiColor::BrightCyan.on_default().effects(Effects::BOLD);

/// What failed, why, and what to do about it.
pub(super) fn text(error: &CliError, caller: &Caller) -> String {
    let mut text =
        format!("{ERROR}error{ERROR:#}: {}\n", plain::text(&plain::short(&error.to_string())));
    for cause in causes(error) {
        text += &format!("  caused by: {}\n", plain::text(&plain::short(&cause.to_string())));
    }
    if let Some(help) = error.help(caller) {
        text += &format!("{HELP}help{HELP:#}: {}\n", plain::text(&plain::short(&help)));
    }
    text
}

/// The same for programs, if it is something to tell them.
pub(super) fn diagnostic(error: &CliError, caller: &Caller) -> Option<Diagnostic> {
    let mut message = error.to_string();
    for cause in causes(error) {
        message += &format!(": {cause}");
    }
    let diagnostic = Diagnostic::error(error.code()?, message);
    Some(Diagnostic { help: error.help(caller), ..diagnostic })
}

fn causes(error: &CliError) -> impl Iterator<Item = &dyn Error> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

#[cfg(test)]
mod tests {
    use std::io;

    use compose_model::LoadError;

    use super::*;

    #[test]
    fn a_missing_file_says_where_it_was_looked_for() {
        let error = LoadError::NotFound { directory: "/app".into() };
        insta::assert_snapshot!(shown(error.into()), @"
        error: no Compose file in /app or its parents
        help: looked for compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml; run in the project's folder or name the file with -f
        ");
    }

    #[test]
    fn an_unreadable_file_says_why() {
        let source = io::ErrorKind::PermissionDenied.into();
        let error = LoadError::Read { file: "a\u{1b}[31m.yaml".into(), named_by: None, source };
        insta::assert_snapshot!(shown(error.into()), @r"
        error: cannot read a\u{1b}[31m.yaml
          caused by: permission denied
        help: check that you may read it
        ");
    }

    #[test]
    fn an_option_says_what_is_wrong_with_it() {
        let error = LoadError::Option {
            option: "--project-name",
            value: "Web".to_owned(),
            reason: "must be lowercase".to_owned(),
        };
        insta::assert_snapshot!(shown(error.into()), @r#"
        error: --project-name "Web" must be lowercase
        help: set --project-name to another value
        "#);
    }

    #[test]
    fn an_unknown_service_suggests_the_nearest() {
        let error =
            LoadError::UnknownService { name: "wbe".to_owned(), nearest: Some("web".to_owned()) };
        insta::assert_snapshot!(shown(error.into()), @r#"
        error: there is no service "wbe"
        help: did you mean "web"?
        "#);
    }

    #[test]
    fn a_hint_names_the_program_as_it_was_run() {
        let error = LoadError::UnknownService { name: "db".to_owned(), nearest: None };
        insta::assert_snapshot!(shown(error.into()), @r#"
        error: there is no service "db"
        help: `docker ecs config --services` lists the services of the project
        "#);
    }

    #[test]
    fn programs_are_told_the_same() {
        let source = io::ErrorKind::PermissionDenied.into();
        let error =
            LoadError::Read { file: "a.yaml".into(), named_by: Some("COMPOSE_FILE"), source };
        let help = "check that you may read it";
        let expected = Diagnostic::error(
            "cli::file",
            "cannot read a.yaml, which COMPOSE_FILE names: permission denied",
        )
        .help(help);
        assert_eq!(diagnostic(&error.into(), &Caller::new("ecs-cli")), Some(expected));
    }

    fn shown(error: CliError) -> String {
        anstream::adapter::strip_str(&text(&error, &Caller::new("docker ecs"))).to_string()
    }
}
