//! What a variable holds may be a secret, so no problem repeats it: where a
//! place in a file uses variables, messages show their names instead.

use indexmap::{IndexMap, IndexSet};

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::template;

/// The values that variables had, by name. Included files may have their own.
pub(crate) type Used = IndexMap<String, IndexSet<String>>;

/// Shorter values keep nothing secret, and are part of too many words.
const SHORT: usize = 4;

/// Puts the names of variables where problems show what they hold.
pub(crate) fn conceal(problems: &mut [Diagnostic], document: &Document, used: &Used) {
    for problem in problems {
        for (value, name) in values(problem, document, used) {
            let texts = [Some(&mut problem.message), problem.help.as_mut()];
            let labels = problem.labels.iter_mut().map(|label| &mut label.text);
            for text in texts.into_iter().flatten().chain(labels) {
                *text = without(text, &value, &name);
            }
        }
    }
}

/// The values of the variables at a problem's places, the longest first, since
/// one may be part of another.
fn values(problem: &Diagnostic, document: &Document, used: &Used) -> Vec<(String, String)> {
    let spans = problem.labels.iter().filter_map(|label| document.span(&label.place));
    let snippets = spans.map(|span| document.sources().snippet(span));
    let mut values = Vec::new();
    for mention in snippets.filter(|text| text.contains('$')).flat_map(template::variables) {
        let known = used.get(mention.name).into_iter().flatten();
        // A help may repeat the parts alone.
        let parts = known.flat_map(|value| {
            let parts = value.split([' ', ',', '\n', '\t']).map(str::to_owned);
            std::iter::once(value.clone()).chain(parts)
        });
        let long = parts.filter(|value| value.len() >= SHORT);
        values.extend(long.map(|value| (value, format!("${{{}}}", mention.name))));
    }
    values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    values
}

/// A sentence with a value replaced wherever it is quoted.
fn without(text: &str, value: &str, name: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        1 => part.replace(value, name),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_quoted_is_replaced() {
        let text = "the port `hunter2:80` has the host port `hunter2`, not hunter2";
        let expected = "the port `${P}:80` has the host port `${P}`, not hunter2";
        assert_eq!(without(text, "hunter2", "${P}"), expected);
    }
}
