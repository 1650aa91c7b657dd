//! Text of others, made harmless: a terminal obeys control characters, and some of them
//! hide or turn around what stands beside them.

use std::borrow::Cow;

/// Spells out what a terminal would obey, line breaks as well.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_active(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// The end of an ARN, which is what people call it: `web:42`.
pub fn short(arn: &str) -> &str {
    match arn.starts_with("arn:") {
        true => arn.rsplit('/').next().unwrap_or(arn),
        false => arn,
    }
}

/// Whether a terminal does more with a character than to show it.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(one_line("a\u{1b}[31m\r\n\u{202e}b"), r"a\u{1b}[31m\r\n\u{202e}b");
        assert!(matches!(one_line("größer → 世界"), Cow::Borrowed(_)));
    }

    #[test]
    fn people_know_the_end_of_an_arn() {
        assert_eq!(short("arn:aws:ecs:eu-west-1:1:task-definition/web:42"), "web:42");
        assert_eq!(short("ecs-svc/123"), "ecs-svc/123");
    }
}
