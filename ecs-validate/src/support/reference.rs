//! The reference: what becomes of every key, and every `x-aws-*` key, as Markdown.

use std::fmt::Write;

use super::answer::{Answer, Row, Why};
use super::table;
use crate::extensions::{KEYS, Key, Level};

const INTRODUCTION: &str = "\
# What becomes of every Compose key

Every key of the Compose Specification has one of four answers:

- **mapped**: ECS has the same;
- **adapted**: ECS has nearly the same, and a warning says where it differs;
- **no effect**: a warning says why, and the application runs all the same;
- **refused**: an error says why, since the application would not be what its file says.

A key without a value tells nothing. `…` behind a key stands for all keys below it.

This page is written from the table that the program works with:
`UPDATE_DOCS=1 cargo test -p ecs-validate the_page_is_not_stale`.
";

/// The answer to every key of a Compose file, as a page of Markdown.
pub fn compose_support() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut heading = "";
    let mut rows: Vec<&Row> = table::rows().collect();
    rows.sort_by_key(|row| (section(row.key), row.key));
    for row in rows {
        let (_, title) = section(row.key);
        if title != heading {
            heading = title;
            line(
                &mut page,
                format_args!(
                    "\n## {title}\n\n| Key | Answer | What becomes of it |\n|---|---|---|"
                ),
            );
        }
        add_row(&mut page, row);
    }
    add_extensions(&mut page);
    page
}

/// The section of the page that a key is in, and its position.
fn section(key: &str) -> (usize, &'static str) {
    const SECTIONS: [(&str, &str); 8] = [
        ("services.*.deploy", "`deploy` of a service"),
        ("services.*", "Services"),
        ("networks", "Networks"),
        ("volumes", "Volumes"),
        ("secrets", "Secrets"),
        ("configs", "Configs"),
        ("models", "Models"),
        ("", "The file itself"),
    ];
    // The project's own keys come first, and a service's before its `deploy`.
    const ORDER: [usize; 8] = [2, 1, 3, 4, 5, 6, 7, 0];
    let found = SECTIONS.iter().position(|(prefix, _)| key.starts_with(prefix)).unwrap_or(7);
    (ORDER[found], SECTIONS[found].1)
}

fn add_row(page: &mut String, row: &Row) {
    let below = if row.whole { " …" } else { "" };
    let key = short(row.key);
    line(page, format_args!("| `{key}`{below} | {} | {} |", name(&row.answer), text(&row.answer)));
    for (values, answer) in row.cases {
        let values = values.describe();
        line(page, format_args!("| `{key}`: {values} | {} | {} |", name(answer), text(answer)));
    }
}

/// A key without what its section says.
fn short(key: &str) -> &str {
    key.strip_prefix("services.*.").unwrap_or(key)
}

fn name(answer: &Answer) -> &'static str {
    match answer {
        Answer::Mapped(_) => "mapped",
        Answer::Adapted(_) => "adapted",
        Answer::NoEffect(_) => "no effect",
        Answer::Refused(_) => "refused",
    }
}

fn text(answer: &Answer) -> String {
    match answer {
        Answer::Mapped(to) | Answer::Adapted(to) => (*to).to_owned(),
        Answer::NoEffect(Why { why, instead }) | Answer::Refused(Why { why, instead }) => {
            match *instead {
                "" | "remove it" => (*why).to_owned(),
                instead => format!("{why}; *instead:* {instead}"),
            }
        }
    }
}

fn add_extensions(page: &mut String) {
    line(
        page,
        format_args!(
            "\n## Keys for ECS\n\nA key that begins with `x-aws-` and is not here, or stands elsewhere, is refused."
        ),
    );
    for level in Level::ALL {
        let pattern = level.pattern();
        match pattern {
            "" => line(page, format_args!("\n### At the top level of the file")),
            pattern => line(page, format_args!("\n### In `{pattern}`")),
        }
        KEYS.iter().filter(|key| key.level == level).for_each(|key| add_key(page, key));
    }
}

fn add_key(page: &mut String, key: &Key) {
    let Key { level: _, name, holds, means, example } = key;
    line(page, format_args!("\n`{name}` ({holds}): {means}.\n\n```yaml\n{example}\n```"));
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(page, "{text}").expect("a string takes all that is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_not_stale() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/compose-support.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(file, compose_support()).unwrap();
            return;
        }
        let kept = include_str!("../../../docs/compose-support.md");
        assert!(
            kept == compose_support(),
            "docs/compose-support.md is stale; rewrite it: \
             UPDATE_DOCS=1 cargo test -p ecs-validate the_page_is_not_stale"
        );
    }

    #[test]
    fn every_key_for_ecs_is_on_the_page() {
        let page = compose_support();
        for Key { name, example, .. } in KEYS {
            assert!(page.contains(&format!("\n`{name}` (")), "{name}");
            assert!(example.starts_with(&format!("{name}:")), "{name}");
        }
    }
}
