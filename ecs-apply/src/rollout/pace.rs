//! How often a rollout is looked at.

use std::time::Duration;

/// What is asked for is asked for so often, where it is known that nothing came of it.
pub(super) const TRIES: u32 = 4;

/// Waits after a try; longer each time.
pub(super) async fn pause_after(tries: u32) {
    let seconds = f64::from(2_u32.pow(tries)) * (0.5 + fastrand::f64() / 2.0);
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

/// Often as long as something happens, and seldom when nothing does.
#[derive(Debug, Default)]
pub(super) struct Pace {
    waited: Duration,
}

impl Pace {
    /// How long to wait until the next look.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.pause();
        self.waited += pause;
        // Many that began at once shall not ask at once.
        pause.mul_f64(0.9 + fastrand::f64() / 5.0)
    }

    fn pause(&self) -> Duration {
        Duration::from_secs(match self.waited.as_secs() {
            0..15 => 1,
            15..60 => 2,
            _ => 5,
        })
    }

    /// Something happened.
    pub(super) fn hurry(&mut self) {
        self.waited = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_nothing_happens_the_less_it_is_looked() {
        let mut pace = Pace::default();
        let (mut spent, mut looks) = (Duration::ZERO, 0);
        while spent < Duration::from_secs(300) {
            spent += pace.pause();
            pace.next();
            looks += 1;
        }
        assert_eq!(looks, 15 + 23 + 48);
        pace.hurry();
        assert_eq!(pace.pause(), Duration::from_secs(1));
    }
}
