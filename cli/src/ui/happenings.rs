//! What happened to a stack and its services, for people: a line each.

use ecs_apply::{Happening, Status};

use super::failure::ERROR;
use super::plain;

/// Lines for what happened, with colours. Names are padded to the widest so far.
pub(crate) fn happenings(happenings: &[Happening], width: &mut usize) -> String {
    let widest = happenings.iter().map(|one| one.name.chars().count()).max();
    *width = (*width).max(widest.unwrap_or_default());
    happenings.iter().map(|one| line(one, *width)).collect()
}

fn line(one: &Happening, width: usize) -> String {
    let status = one.status.as_ref().map(status).into_iter();
    let message = one.message.as_deref().map(|text| plain::line(text).into_owned());
    let text: Vec<_> = status.chain(message).collect();
    let name = plain::line(&one.name);
    format!("{:.0}  {name:width$}  {}\n", one.time, text.join("  "))
}

fn status(status: &Status) -> String {
    let text = plain::line(&status.0);
    if status.is_failure() { format!("{ERROR}{text}{ERROR:#}") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample_stack::{failure, steady};

    #[test]
    fn each_is_a_line_with_its_reason() {
        let mut width = 0;
        let shown = happenings(&[failure(), steady()], &mut width);
        assert!(shown.contains('\u{1b}'));
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown).to_string(), @r"
        1970-01-12T13:46:40Z  WebService  CREATE_FAILED  no\u{1b}[2J permission
        1970-01-12T13:46:41Z  web         has reached a steady state.
        ");
        assert_eq!(width, "WebService".len());
    }
}
