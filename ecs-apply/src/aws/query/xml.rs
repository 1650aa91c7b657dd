//! Answers in XML. The SDK reads those of other services with the same reader.

use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

/// An element whose content has not been read yet.
pub(in crate::aws) type Element<'i, 'a> = ScopedDecoder<'i, 'a>;

/// What is not XML, or not what was expected.
pub(in crate::aws) type Wrong = XmlDecodeError;

/// Hands every child to a function, with its name.
pub(in crate::aws) fn each(
    element: &mut Element<'_, '_>,
    mut read: impl FnMut(&str, &mut Element<'_, '_>) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    while let Some(mut child) = element.next_tag() {
        let name = child.start_el().local().to_owned();
        read(&name, &mut child)?;
    }
    Ok(())
}

/// The text of an element that has no children.
pub(in crate::aws) fn text(element: &mut Element<'_, '_>) -> Result<String, Wrong> {
    Ok(try_data(element)?.trim().to_owned())
}

/// What stands below the list of this name, item by item.
pub(in crate::aws) fn items<T>(
    answer: &str,
    list: &str,
    mut read: impl FnMut(&mut Element<'_, '_>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let mut document = Document::new(answer);
    let mut root = document.root_element()?;
    let mut found = Vec::new();
    each(&mut root, |name, element| {
        if name == list {
            each(element, |_, item| {
                found.push(read(item)?);
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(found)
}

/// The tags of a `tagSet`.
pub(in crate::aws) fn tags(set: &mut Element<'_, '_>) -> Result<Vec<(String, String)>, Wrong> {
    let mut tags = Vec::new();
    each(set, |_, item| {
        let (mut key, mut value) = (String::new(), String::new());
        each(item, |name, element| {
            match name {
                "key" => key = text(element)?,
                "value" => value = text(element)?,
                _ => {}
            }
            Ok(())
        })?;
        tags.push((key, value));
        Ok(())
    })?;
    Ok(tags)
}

/// The tag that AWS's own pages show, if it says anything.
pub(in crate::aws) fn name_tag(tags: &[(String, String)]) -> Option<String> {
    let name = tags.iter().find(|(key, _)| key == "Name").map(|(_, value)| value.clone());
    name.filter(|name| !name.is_empty())
}

/// What to ask the next page with, if there is one.
pub(super) fn next_page(answer: &str) -> Option<String> {
    let mut document = Document::new(answer);
    let mut root = document.root_element().ok()?;
    let mut token = None;
    each(&mut root, |name, element| {
        if name == "nextToken" {
            token = Some(text(element)?);
        }
        Ok(())
    })
    .ok()?;
    token.filter(|token| !token.is_empty())
}

/// The code and the message of an error.
pub(super) fn error(answer: &str) -> Option<(String, String)> {
    let mut document = Document::new(answer);
    let (mut code, mut message) = (None, None);
    while let Some(start) = document.next_start_element() {
        let wanted = match start.local() {
            "Code" => &mut code,
            "Message" => &mut message,
            _ => continue,
        };
        *wanted = text(&mut document.scoped_to(start)).ok();
    }
    let message = message.filter(|it| !it.is_empty());
    Some((code?, message.unwrap_or_else(|| "it gave no reason".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_why() {
        let told = error(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized &amp; so on.</Message></Error></Errors><RequestID>6f2f</RequestID></Response>"#,
        );
        let told = told.unwrap();
        assert_eq!(told.0, "UnauthorizedOperation");
        assert_eq!(told.1, "You are not authorized & so on.");
        assert_eq!(error("<html>busy</html>"), None);
        assert_eq!(error("busy"), None);
    }

    #[test]
    fn the_last_page_has_no_next_one() {
        let page = |text: &str| next_page(&format!("<R><vpcSet/>{text}</R>"));
        assert_eq!(page("<nextToken>a&lt;b</nextToken>").as_deref(), Some("a<b"));
        assert_eq!(page("<nextToken/>"), None);
        assert_eq!(page(""), None);
    }
}
