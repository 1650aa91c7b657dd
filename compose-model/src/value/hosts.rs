//! Entries of `extra_hosts`: `somehost=10.0.0.5`.

use thiserror::Error;

/// Why an entry of `extra_hosts` is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HostError {
    /// A name alone.
    #[error("has no address; write `name=address`")]
    MissingAddress,
    /// A name that the engine would split differently.
    #[error("has the host name `{name}`, but a host name has no `:` or `=` and is not empty")]
    Name {
        /// The name as written.
        name: String,
    },
}

/// Splits an entry of a list of `extra_hosts` into the host's name and its
/// addresses, without the brackets that these may have.
///
/// ```
/// use compose_model::value::parse_host;
///
/// let (name, addresses) = parse_host("db=[::1],10.0.0.5")?;
/// assert_eq!((name.as_str(), addresses), ("db", vec!["::1".into(), "10.0.0.5".into()]));
/// # Ok::<(), compose_model::value::HostError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extra_hosts>
///
/// # Errors
///
/// The entry has no address, or no usable name.
pub fn parse_host(entry: &str) -> Result<(String, Vec<String>), HostError> {
    let cut = entry.split_once('=').or_else(|| entry.split_once(':'));
    let (name, addresses) = cut.ok_or(HostError::MissingAddress)?;
    check_host_name(name)?;
    let addresses = addresses.split(',').map(|address| clean_address(address).to_owned());
    Ok((name.to_owned(), addresses.collect()))
}

/// An address without the brackets that IPv6 may be written in.
pub fn clean_address(address: &str) -> &str {
    let inside = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.filter(|inside| !inside.is_empty()).unwrap_or(address)
}

/// Refuses what cannot be the name of a host in `extra_hosts`.
///
/// # Errors
///
/// The name is empty, or has a separator in it.
pub fn check_host_name(name: &str) -> Result<(), HostError> {
    if name.is_empty() || name.contains([':', '=']) {
        return Err(HostError::Name { name: name.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_equals_sign_or_else_colon_separates() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("a=1.2.3.4", "a", &["1.2.3.4"]),
            ("a:1.2.3.4", "a", &["1.2.3.4"]),
            ("a:::1", "a", &["::1"]),
            ("a=[::1],[1.2.3.4]", "a", &["::1", "1.2.3.4"]),
            ("a=", "a", &[""]),
            ("a=b=c", "a", &["b=c"]),
            ("a=[]", "a", &["[]"]),
        ];
        for (entry, name, addresses) in cases {
            let (found, list) = parse_host(entry).unwrap();
            assert_eq!(
                (found.as_str(), list.as_slice()),
                (*name, &strings(addresses)[..]),
                "{entry}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let name = |name: &str| HostError::Name { name: name.into() };
        let cases = [
            ("", HostError::MissingAddress),
            ("a", HostError::MissingAddress),
            (":1.2.3.4", name("")),
            ("=::1", name("")),
            ("a:b=::1", name("a:b")),
        ];
        for (entry, error) in cases {
            assert_eq!(parse_host(entry), Err(error), "{entry}");
        }
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    proptest! {
        #[test]
        fn what_was_parsed_reads_the_same_again(entry in "[a-z:=,\\[\\]0-9.]{0,12}|\\PC*") {
            if let Ok((name, addresses)) = parse_host(&entry) {
                let cleaned = addresses.iter().all(|address| address == clean_address(address));
                let again = parse_host(&format!("{name}={}", addresses.join(",")));
                prop_assert!(!cleaned || again == Ok((name, addresses)));
            }
        }
    }
}
