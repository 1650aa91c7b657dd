//! What whoever runs the program lets others roll out.

/// What may be rolled out. Empty lists allow everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Names of services.
    pub services: Globs,
    /// Names of families.
    pub families: Globs,
    /// Images of containers.
    pub images: Globs,
    /// ARNs of roles.
    pub roles: Globs,
    /// Accounts that images, roles, secrets and logs may belong to.
    pub accounts: Globs,
    /// Whether a service keeps its family.
    pub same_family: bool,
    /// Whether values that look like secrets are refused, and not just told.
    pub no_secrets: bool,
    /// Whether what runs already, and says the same, is left as it is.
    pub skip_unchanged: bool,
}

/// Names with `*` for any text in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Globs(Vec<String>);

impl Globs {
    /// A list with commas or white space between names.
    pub fn new(text: &str) -> Self {
        let names = text.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty());
        Self(names.map(str::to_owned).collect())
    }

    /// Whether a name is allowed.
    pub fn allow(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| fits(glob, name))
    }
}

fn fits(glob: &str, name: &str) -> bool {
    let Some((begin, rest)) = glob.split_once('*') else { return glob == name };
    let Some(mut left) = name.strip_prefix(begin) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let cases = [
            ("", "web", true),
            ("web", "web", true),
            ("web", "web2", false),
            ("api, web", "web", true),
            ("web-*", "web-1", true),
            ("web-*", "api-1", false),
            ("*-prod", "web-prod", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*b*b", "a-b", false),
            ("*.dkr.ecr.*.amazonaws.com/shop/*", "1.dkr.ecr.eu.amazonaws.com/shop/web:1", true),
            ("*", "", true),
            ("**", "any", true),
        ];
        for (globs, name, allowed) in cases {
            assert_eq!(Globs::new(globs).allow(name), allowed, "{globs} {name}");
        }
    }
}
