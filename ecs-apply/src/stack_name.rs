//! The name of a project's stack.

/// The name that a project's stack has if nobody chooses another: the project's own,
/// as CloudFormation can write it. Docker's tool did the same.
pub fn stack_name(project: &str) -> String {
    let name: String =
        project.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name
    } else {
        format!("project-{}", name.trim_start_matches('-'))
    }
}

#[cfg(test)]
mod tests {
    use super::stack_name;

    #[test]
    fn a_stack_is_named_as_cloudformation_allows() {
        let cases = [
            ("shop", "shop"),
            ("my_shop-2", "my-shop-2"),
            ("2048", "project-2048"),
            ("_x", "project-x"),
        ];
        for (project, expected) in cases {
            assert_eq!(stack_name(project), expected, "{project}");
        }
    }
}
