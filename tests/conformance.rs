//! Agreement with Docker, project by project.

#[test]
fn nothing_yet() {}
