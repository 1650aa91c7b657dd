//! Several works at the same time, on one thread.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Works that go on together.
pub struct Crew<'a, T> {
    works: Vec<Pin<Box<dyn Future<Output = T> + 'a>>>,
}

impl<T> std::fmt::Debug for Crew<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crew of {}", self.works.len())
    }
}

impl<T> Default for Crew<'_, T> {
    fn default() -> Self {
        Self { works: Vec::new() }
    }
}

impl<'a, T> Crew<'a, T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.works.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
    }

    /// Begins one more.
    pub fn begin(&mut self, work: impl Future<Output = T> + 'a) {
        self.works.push(Box::pin(work));
    }

    /// Waits until all have ended.
    pub async fn all(&mut self) {
        while !self.is_empty() {
            self.next().await;
        }
    }

    /// Waits for the first that ends; for ever, if there are none.
    pub async fn next(&mut self) -> T {
        poll_fn(|context| {
            for place in 0..self.works.len() {
                if let Poll::Ready(value) = self.works[place].as_mut().poll(context) {
                    drop(self.works.swap_remove(place));
                    return Poll::Ready(value);
                }
            }
            Poll::Pending
        })
        .await
    }
}
