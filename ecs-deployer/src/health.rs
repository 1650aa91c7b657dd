//! Whether the program works, for whoever would start it anew if it did not.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::http::{self, Page};
use crate::metrics::Metrics;

/// Whether the program works. A clone tells of the same.
#[derive(Debug, Clone)]
pub struct Health {
    state: Arc<Mutex<State>>,
}

/// How long the program may be silent. Whatever it waits for, it says in less that it is
/// at work: while it watches a deployment, it looks every 30 s at least, and while the
/// queue gives no answer, a call ends before that.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Debug)]
struct State {
    seen: Instant,
    /// Nothing, before a queue was asked for the first time.
    receives: Option<bool>,
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

impl Health {
    /// A program that begins now.
    pub fn new() -> Self {
        let state = State { seen: Instant::now(), receives: None };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// It is still at work.
    pub fn alive(&self) {
        self.state().seen = Instant::now();
    }

    /// The queue answered, or not.
    pub fn received(&self, good: bool) {
        let mut state = self.state();
        state.seen = Instant::now();
        state.receives = Some(good);
    }

    fn page(&self, path: &str) -> Option<Page> {
        let State { seen, receives } = *self.state();
        match path {
            "/healthz" => {
                let silent = seen.elapsed();
                let good = silent < PATIENCE;
                let text = if good {
                    "alive".to_owned()
                } else {
                    format!("silent for {} s", silent.as_secs())
                };
                Some(Page::is(good, text + "\n"))
            }
            "/readyz" => {
                let text = match receives {
                    Some(true) => "the queue answers\n",
                    Some(false) => "the queue does not answer\n",
                    None => "the queue has not been asked yet\n",
                };
                Some(Page::is(receives == Some(true), text))
            }
            _ => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins to answer, where that is wanted. The two may share a place.
///
/// # Errors
///
/// If a place cannot be listened at; the message names it.
pub async fn listen(
    (health_at, health): (Option<SocketAddr>, &Health),
    (metrics_at, metrics): (Option<SocketAddr>, &Metrics),
) -> Result<(), String> {
    if let Some(place) = health_at {
        let health = health.clone();
        let metrics = metrics.clone();
        let both = metrics_at == health_at;
        let of_metrics =
            move |path: &str| (both && path == "/metrics").then(|| metrics_page(&metrics));
        serve(place, move |path| health.page(path).or_else(|| of_metrics(path)))
            .await
            .map_err(closed("HEALTH_ADDR", place))?;
    }
    if let Some(place) = metrics_at.filter(|_| metrics_at != health_at) {
        let metrics = metrics.clone();
        serve(place, move |path| (path == "/metrics").then(|| metrics_page(&metrics)))
            .await
            .map_err(closed("METRICS_ADDR", place))?;
    }
    Ok(())
}

fn closed(name: &str, place: SocketAddr) -> impl Fn(io::Error) -> String {
    move |error| format!("{name}: {place} cannot be listened at: {error}")
}

async fn serve<F>(place: SocketAddr, page: F) -> io::Result<()>
where
    F: Fn(&str) -> Option<Page> + Send + Sync + 'static,
{
    let listener = TcpListener::bind(place).await?;
    tokio::spawn(http::serve(listener, page));
    Ok(())
}

fn metrics_page(metrics: &Metrics) -> Page {
    Page::is(true, metrics.text())
}

/// Asks a daemon on this machine whether it is well.
///
/// # Errors
///
/// In what way it is not.
pub async fn check(place: SocketAddr) -> Result<(), String> {
    match http::ask(place, "/healthz").await {
        Ok(Page { status: 200, .. }) => Ok(()),
        Ok(Page { status, .. }) => {
            Err(format!("the daemon at {place} is not well: it answers with {status}"))
        }
        Err(error) => Err(format!("no daemon answers at {place}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(health: &Health, path: &str) -> Option<u16> {
        health.page(path).map(|page| page.status)
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_for_three_minutes_is_not_well() {
        let health = Health::new();
        assert_eq!(status(&health, "/healthz"), Some(200));
        tokio::time::advance(Duration::from_secs(179)).await;
        assert_eq!(status(&health, "/healthz"), Some(200));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(status(&health, "/healthz"), Some(503));
        health.alive();
        assert_eq!(status(&health, "/healthz"), Some(200));
    }

    #[tokio::test]
    async fn who_cannot_receive_is_not_ready() {
        let health = Health::new();
        assert_eq!(status(&health, "/readyz"), Some(503));
        health.received(true);
        assert_eq!(status(&health, "/readyz"), Some(200));
        health.received(false);
        assert_eq!(
            (status(&health, "/readyz"), status(&health, "/healthz")),
            (Some(503), Some(200))
        );
        assert_eq!(status(&health, "/"), None);
    }

    async fn free() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    #[tokio::test]
    async fn the_two_may_share_a_place() {
        let (place, other) = (free().await, free().await);
        let (health, metrics) = (Health::new(), Metrics::default());
        listen((Some(place), &health), (Some(place), &metrics)).await.unwrap();
        assert_eq!(check(place).await, Ok(()));
        assert_eq!(http::ask(place, "/metrics").await.unwrap().status, 200);
        listen((None, &health), (Some(other), &metrics)).await.unwrap();
        assert_eq!(http::ask(other, "/metrics").await.unwrap().status, 200);
        assert!(check(other).await.unwrap_err().contains("404"));
        assert!(listen((Some(place), &health), (None, &metrics)).await.is_err());
    }

    #[tokio::test]
    async fn nobody_there_is_not_well() {
        let place = free().await;
        assert!(check(place).await.unwrap_err().starts_with("no daemon answers at"));
    }
}
