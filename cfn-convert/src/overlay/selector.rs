//! Keys that reach into lists: `ContainerDefinitions[Name=web]`, `Statement[0]`.

/// Which item of a list is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selector<'a> {
    /// That with this number.
    Index(usize),
    /// That which holds this text under this key.
    Holds(&'a str, &'a str),
}

/// The list that a key names, and which of its items.
pub(super) fn parse(key: &str) -> Option<(&str, Selector<'_>)> {
    let (name, rest) = key.split_once('[')?;
    let inner = rest.strip_suffix(']')?;
    if let Ok(index) = inner.parse() {
        return Some((name, Selector::Index(index)));
    }
    let (key, value) = inner.split_once('=')?;
    Some((name, Selector::Holds(key.trim(), unquoted(value.trim()))))
}

fn unquoted(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// The key without what reaches into its list.
pub(super) fn name(key: &str) -> &str {
    parse(key).map_or(key, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_reach_into_lists() {
        let cases = [
            ("A", None),
            ("A[0]", Some(("A", Selector::Index(0)))),
            ("A[Name=web]", Some(("A", Selector::Holds("Name", "web")))),
            ("A[Name=\"web\"]", Some(("A", Selector::Holds("Name", "web")))),
            ("A[Name='web']", Some(("A", Selector::Holds("Name", "web")))),
            ("A[ Key = a=b ]", Some(("A", Selector::Holds("Key", "a=b")))),
            ("A[x]", None),
            ("A[0", None),
        ];
        for (key, expected) in cases {
            assert_eq!(parse(key), expected, "{key}");
        }
    }
}
