//! Scenarios.

#[test]
fn nothing_yet() {}
