//! Finding things in what AWS says.

/// A text, and the same in lower case: AWS does not always write a thing in one way.
#[derive(Debug, Clone)]
pub(super) struct Text<'a> {
    pub(super) raw: &'a str,
    lower: String,
}

impl<'a> Text<'a> {
    pub(super) fn new(raw: &'a str) -> Self {
        Self { raw, lower: raw.to_ascii_lowercase() }
    }

    /// Whether it has any of these, which are in lower case.
    pub(super) fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|it| self.lower.contains(it))
    }

    /// What stands behind a mark in lower case.
    pub(super) fn after(&self, mark: &str) -> Option<&'a str> {
        // Lower case takes as many bytes, because only ASCII is changed.
        self.lower.find(mark).map(|at| &self.raw[at + mark.len()..])
    }
}

/// What stands between two marks.
pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found).filter(|found| !found.is_empty())
}

/// What stands before the first of these characters, or everything.
pub(super) fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or(text)
}

/// The first word that begins like this, without what ends a sentence.
pub(super) fn word<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let at = text.find(start)?;
    let word = until(&text[at..], &[' ', '\n', '\t', '"', '\'', ',', ';', ')', ']']);
    Some(word.trim_end_matches(['.', ':']))
}

/// Enough of an id to tell it from others.
pub(super) fn short_id(id: &str) -> &str {
    let end = id.char_indices().nth(8).map_or(id.len(), |(at, _)| at);
    &id[..end]
}

/// What a handler of CloudFormation says, without what only AWS can use.
pub(super) fn core(reason: &str) -> &str {
    let (_, inner) =
        reason.rsplit_once("Resource handler returned message: ").unwrap_or(("", reason));
    let marks = ["\" (RequestToken", "\" (HandlerErrorCode"];
    let end = marks.iter().filter_map(|mark| inner.rfind(mark)).min().unwrap_or(inner.len());
    let inner = inner[..end].trim().trim_matches('"');
    let inner = inner.split(" (Service: ").next().unwrap_or(inner);
    let inner = inner.split(" (SDK Attempt Count").next().unwrap_or(inner);
    let inner = inner.split(" (HandlerErrorCode").next().unwrap_or(inner);
    inner.split(" Encoded authorization failure message").next().unwrap_or(inner).trim()
}

/// CloudFormation's own name for what went wrong: `AlreadyExists`.
pub(super) fn handler_code(reason: &str) -> Option<&str> {
    let (_, rest) = reason.rsplit_once("HandlerErrorCode: ")?;
    Some(until(rest, &[')', ',', ' ']))
}

/// A sentence without what ends it, so that another can follow.
pub(super) fn clause(text: &str) -> &str {
    text.trim().trim_end_matches(['.', ':', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_aws_can_use_is_left_out() {
        let cases = [
            (
                "Resource handler returned message: \"User: arn:aws:iam::1:user/ann is not authorized to perform: iam:CreateRole on resource: role shop (Service: Iam, Status Code: 403, Request ID: 2add31fc) (SDK Attempt Count: 1)\" (RequestToken: 23f5a4e5, HandlerErrorCode: AccessDenied)",
                "User: arn:aws:iam::1:user/ann is not authorized to perform: iam:CreateRole on resource: role shop",
                Some("AccessDenied"),
            ),
            (
                "Resource handler returned message: \"Exceeded attempts to wait\" (RequestToken: 9473, HandlerErrorCode: NotStabilized)",
                "Exceeded attempts to wait",
                Some("NotStabilized"),
            ),
            (
                "Resource of type 'AWS::IAM::Role' with identifier 'x' already exists. (HandlerErrorCode: AlreadyExists)",
                "Resource of type 'AWS::IAM::Role' with identifier 'x' already exists.",
                Some("AlreadyExists"),
            ),
            (
                "API: ec2:CreateSecurityGroup You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuU",
                "API: ec2:CreateSecurityGroup You are not authorized to perform this operation.",
                None,
            ),
            ("plain", "plain", None),
        ];
        for (reason, inner, code) in cases {
            assert_eq!(core(reason), inner);
            assert_eq!(handler_code(reason), code);
        }
    }

    #[test]
    fn words_lose_what_ends_a_sentence() {
        assert_eq!(word("read arn:aws:x:y.", "arn:"), Some("arn:aws:x:y"));
        assert_eq!(word("nothing", "arn:"), None);
        assert_eq!(between("a 'b' c", "'", "'"), Some("b"));
        assert_eq!(Text::new("Failed to Resolve ref x").after("resolve ref "), Some("x"));
    }
}
