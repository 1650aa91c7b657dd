//! Finds things in a project's tree by their names.

use compose_model::value::Value;
use compose_model::{LoadError, nearest};

/// What one of the project's mappings holds.
pub(super) fn entries<'a>(
    project: &'a Value,
    section: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let section = project.get(section).and_then(Value::as_map);
    section.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The names in one of the project's mappings.
pub(super) fn keys<'a>(project: &'a Value, section: &str) -> impl Iterator<Item = &'a str> {
    entries(project, section).map(|(name, _)| name)
}

/// What a list holds.
pub(super) fn items(list: &Value) -> &[Value] {
    list.as_list().unwrap_or_default()
}

/// Refuses a name that is none of the project's services.
pub(super) fn check(typed: &[String], project: &Value) -> Result<(), LoadError> {
    match typed.iter().find(|name| keys(project, "services").all(|service| service != *name)) {
        None => Ok(()),
        Some(name) => Err(unknown_service(name, project)),
    }
}

/// What the loader says of an unknown service, where it is not asked.
pub(super) fn unknown_service(name: &str, project: &Value) -> LoadError {
    LoadError::UnknownService {
        name: name.to_owned(),
        nearest: nearest(name, keys(project, "services")).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::map;
    use super::*;

    #[test]
    fn a_misspelt_service_suggests_the_nearest() {
        let project = map([("services", map([("web", Value::Null), ("worker", Value::Null)]))]);
        let cases = [("wbe", Some("web")), ("worke", Some("worker")), ("database", None)];
        for (typed, expected) in cases {
            let error = check(&["web".to_owned(), typed.to_owned()], &project).unwrap_err();
            let LoadError::UnknownService { name, nearest } = error else {
                panic!("{typed} was refused for another reason")
            };
            assert_eq!((name.as_str(), nearest.as_deref()), (typed, expected));
        }
    }
}
