//! Answers as an author sees them.

use super::carets::{check as held, loaded};

#[track_caller]
fn check(marked: &str) {
    held(marked, super::check);
}

#[test]
fn what_cannot_be_done_is_refused_with_its_place() {
    check(
        "
services:
  web:
    image: nginx
    privileged: true
    devices: [/dev/kvm]
    runtime: kata
    ipc: host
    use_api_socket: true
    volumes_from: ['container:old']
    provider: {type: cloud}
    post_start:
    - command: ./warm-up
",
    );
}
