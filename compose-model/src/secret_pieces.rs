//! What of a secret is a secret by itself: an env file or a JSON document has several,
//! and one line of a private key is too much already.

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use crate::dotenv;

/// What a piece needs to be looked for: `true`, `admin` and `5432` stand everywhere.
const SHORTEST: usize = 8;

/// What a piece of mere letters needs: `Europe/Berlin` is no password.
const LONG: usize = 16;

/// As much as a secret of AWS holds. A larger one is refused.
const MOST: usize = 64 << 10;

/// What database secrets of AWS tell that is none.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html>
const PUBLIC: [&str; 6] =
    ["engine", "host", "port", "dbname", "dbInstanceIdentifier", "dbClusterIdentifier"];

/// The values of variables, strings and numbers of JSON, and lines that a text consists of, without
/// the text itself.
///
/// Pieces of less than 8 bytes, or of letters alone and less than 16, are left out,
/// though they may be passwords: half of them stand in every project by chance, and
/// what holds one is refused. So are certificates, addresses without a password and
/// paths, which are no secrets even in the company of some.
pub(crate) fn pieces(text: &str) -> IndexSet<String> {
    if text.len() > MOST {
        return IndexSet::new();
    }
    let found = match serde_json::from_str(text) {
        Ok(document) => {
            let mut strings = Vec::new();
            collect(document, &mut strings);
            strings
        }
        Err(_) => variables(text).into_iter().chain(lines(text)).collect(),
    };
    let trimmed = found.into_iter().map(|piece| piece.trim().to_owned());
    trimmed.filter(|piece| is_private(piece) && piece != text.trim()).collect()
}

fn collect(value: Value, strings: &mut Vec<String>) {
    match value {
        Value::String(text) => strings.push(text),
        Value::Array(items) => items.into_iter().for_each(|item| collect(item, strings)),
        Value::Object(members) => {
            let private = members.into_iter().filter(|(key, _)| !PUBLIC.contains(&key.as_str()));
            private.for_each(|(_, member)| collect(member, strings));
        }
        Value::Number(number) => strings.push(number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// What an env file sets, as it is read and as it is written.
fn variables(text: &str) -> Vec<String> {
    let mut read = IndexMap::new();
    // Those before a mistake are read, and the others are taken as they are written.
    let _ = dotenv::parse(text, &mut read, &|_| None);
    let written = text.lines().filter_map(assigned);
    let bare = written.map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
    read.into_values().chain(bare).collect()
}

/// The value of a line `NAME=value`.
fn assigned(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_start().trim_start_matches("export ").trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    // Base64 ends so.
    let is_padding = value.trim().trim_matches('=').is_empty();
    (!name.is_empty() && name.chars().all(is_name) && !is_padding).then_some(value)
}

/// Lines that could be a password or a part of a key; those that any file of their
/// kind has are none.
fn lines(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_public = false;
    for line in text.lines().map(str::trim) {
        if let Some(armour) = line.strip_prefix("-----") {
            is_public = armour.starts_with("BEGIN") && !armour.contains("PRIVATE");
            continue;
        }
        let is_markup = line.starts_with(['#', '<', ';', '[', '{', '/']);
        let has_digit = line.contains(|c: char| c.is_ascii_digit());
        if !is_public && !is_markup && has_digit && assigned(line).is_none() {
            found.push(line.to_owned());
        }
    }
    found
}

/// Whether nobody writes such a piece but where it is meant.
fn is_private(piece: &str) -> bool {
    let is_word = |c: char| c.is_alphabetic() || c.is_whitespace() || "-_.:/".contains(c);
    let is_path = piece.starts_with(['/', '.']) && piece.chars().all(is_word);
    let is_host = |(scheme, rest): (&str, &str)| {
        scheme.chars().all(is_word)
            && !rest.contains(['@', '?'])
            && !rest.trim_end_matches('/').contains('/')
    };
    let is_address = piece.split_once("://").is_some_and(is_host);
    let is_long = piece.len() >= LONG || piece.contains(|c| !is_word(c));
    piece.len() >= SHORTEST && is_long && !is_path && !is_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_secret_consists_of_is_known() {
        let cases = [
            (
                "A=tok-77-xyz\n# B=com-ment-1\nexport C='quoted-1 x' # no\n",
                vec!["tok-77-xyz", "quoted-1 x"],
            ),
            ("A=\"es\\\"caped-1\"\n", vec!["es\"caped-1", "es\\\"caped-1"]),
            (r#"{"user": "bob", "in": [{"password": "zebra-quilt-91"}]}"#, vec!["zebra-quilt-91"]),
            (r#"{"host": "db-1.example.com", "password": "a1b2c3d4"}"#, vec!["a1b2c3d4"]),
            ("first-pass-1\nsecond-pass-2\n", vec!["first-pass-1", "second-pass-2"]),
            (
                "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN1\nBgkqh1kiG9w==\n-----END PRIVATE KEY-----\n",
                vec!["MIIEvQIBADAN1", "Bgkqh1kiG9w=="],
            ),
        ];
        for (text, expected) in cases {
            let found = pieces(text);
            for piece in expected {
                assert!(found.contains(piece), "{piece}: {found:?}");
            }
        }
    }

    #[test]
    fn what_stands_everywhere_is_not_looked_for() {
        let texts = [
            "ADMIN=true\nUSER=admin\nPORT=5432\nSHORT=a1b2c3\n",
            "TZ=Europe/Berlin\nHOST=http://localhost:3000/\nDIR=/var/lib/data\n",
            "[client]\n#!/bin/sh -e1\n<?xml version=\"1.0\"?>\nserver {\n",
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADAN1\n-----END CERTIFICATE-----\n",
            r#"{"engine": "postgres", "host": "db-1.example.com", "port": 5432, "a": true}"#,
            "the-only-line-1\n",
        ];
        for text in texts {
            assert_eq!(pieces(text), IndexSet::new(), "{text}");
        }
    }
}
