//! What a registry wants to see before it answers.
//!
//! <https://distribution.github.io/distribution/spec/auth/token/>

use crate::aws::Response;

/// One way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A name and a password.
    Basic,
    /// A token from elsewhere.
    Bearer {
        /// Where tokens are given out.
        realm: String,
        /// For whom.
        service: Option<String>,
        /// For what.
        scope: Option<String>,
    },
}

/// All that an answer accepts.
pub(super) fn of(answer: &Response) -> Vec<Challenge> {
    answer.headers("www-authenticate").flat_map(parse).collect()
}

/// Reads `Bearer realm="https://…",service="…",scope="…"`. A header may have several
/// challenges; a word that no `=` follows begins one.
fn parse(header: &str) -> Vec<Challenge> {
    let mut challenges = Vec::new();
    let mut rest = header.trim_start();
    while !rest.is_empty() {
        let end = rest.find([' ', ',']).unwrap_or(rest.len());
        let scheme = &rest[..end];
        let (parameters, behind) = parameters(&rest[end..]);
        let value = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        if scheme.eq_ignore_ascii_case("basic") {
            challenges.push(Challenge::Basic);
        } else if let (true, Some(realm)) = (scheme.eq_ignore_ascii_case("bearer"), value("realm"))
        {
            let (service, scope) = (value("service"), value("scope"));
            challenges.push(Challenge::Bearer { realm, service, scope });
        }
        rest = behind;
    }
    challenges
}

/// `name="value"` until something else comes, and what that is.
fn parameters(mut rest: &str) -> (Vec<(&str, String)>, &str) {
    let mut parameters = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',', '\t']);
        let name = rest.split(|char: char| !is_token(char)).next().unwrap_or_default();
        let Some(value) = rest[name.len()..].strip_prefix('=').filter(|_| !name.is_empty()) else {
            // What is no word at all is passed over, so that there is an end.
            let junk =
                if name.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { 0 };
            return (parameters, &rest[junk..]);
        };
        let (value, behind) = self::value(value);
        parameters.push((name, value));
        rest = behind;
    }
}

fn is_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.')
}

/// A word, or a text between quotes.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, char)| char)),
            char => value.push(char),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.map(str::to_owned),
        }
    }

    #[test]
    fn a_registry_says_where_tokens_are() {
        let hub = "https://auth.docker.io/token";
        let scope = "repository:library/nginx:pull,push";
        let cases = [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push""#,
                vec![bearer(hub, Some("registry.docker.io"), Some(scope))],
            ),
            (r#"bearer realm="https://auth.docker.io/token""#, vec![bearer(hub, None, None)]),
            (
                r#"Bearer realm=https://a/b, service=c"#,
                vec![bearer("https://a/b", Some("c"), None)],
            ),
            (
                r#"Basic realm="https://1234.dkr.ecr/",service="ecr.amazonaws.com""#,
                vec![Challenge::Basic],
            ),
            ("Basic", vec![Challenge::Basic]),
            (
                r#"Basic realm="a \" b", Bearer realm="https://a/b",scope="""#,
                vec![Challenge::Basic, bearer("https://a/b", None, Some(""))],
            ),
            (r#"Negotiate, Basic realm="x""#, vec![Challenge::Basic]),
            (r#"Bearer service="x""#, vec![]),
            ("", vec![]),
            (r#"=,"",é Basic"#, vec![Challenge::Basic]),
        ];
        for (header, expected) in cases {
            assert_eq!(parse(header), expected, "{header}");
        }
    }
}
