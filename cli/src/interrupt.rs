//! Ctrl-C, from the beginning to the end of a command.
//!
//! Once anybody in a program has listened for it, the system no longer ends the program
//! by itself. So one listens all the time: where nobody wants to know, the command ends,
//! which is safe at any moment, as being killed is.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

thread_local! {
    /// How many want to know. All of a command runs on one thread.
    static LISTENERS: Cell<usize> = const { Cell::new(0) };
    static HEARD: Rc<Notify> = Rc::default();
}

/// Somebody who wants to know, as long as this is there.
struct Listener;

impl Listener {
    fn new() -> Self {
        LISTENERS.set(LISTENERS.get() + 1);
        Self
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        LISTENERS.set(LISTENERS.get() - 1);
    }
}

/// Ends when somebody types Ctrl-C.
pub(crate) async fn interrupted() {
    let _listener = Listener::new();
    let heard = HEARD.with(Rc::clone);
    heard.notified().await;
}

/// Ends when somebody types Ctrl-C and nobody wants to know; tells those who do.
pub(crate) async fn unheard() {
    let mut next = Box::pin(tokio::signal::ctrl_c());
    loop {
        if next.await.is_err() {
            return std::future::pending().await;
        }
        // Before anything is done about this one, so that no other is missed.
        next = Box::pin(tokio::signal::ctrl_c());
        if LISTENERS.get() == 0 {
            return;
        }
        HEARD.with(|heard| heard.notify_waiters());
    }
}
