//! Takes one message, or all that there are.

use std::future::Future;
use std::time::Duration;

use ecs_apply::rollout::Cloud;

use crate::exit::Exit;
use crate::queue::Queue;
use crate::worker::{Desk, Herald, Seen, Witness, lasting};

/// Takes one message and works on it.
pub async fn once<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    stop: impl Future<Output = ()>,
) -> Exit {
    let mut stop = std::pin::pin!(stop);
    desk.witness.see(None, Seen::Asking);
    let received = tokio::select! {
        biased;
        () = &mut stop => return Exit::Stopped,
        received = desk.receive(1) => received,
    };
    match received {
        Ok(messages) => match messages.first() {
            Some(held) => desk.work(held, stop).await.exit,
            None => Exit::Empty,
        },
        Err(error) => Exit::from(&error),
    }
}

/// Takes messages until there is none. The first that was not carried out says how it
/// ends.
pub async fn drain<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    stop: impl Future<Output = ()>,
) -> Exit {
    let mut stop = std::pin::pin!(lasting(stop));
    let mut all = None;
    loop {
        let exit = once(desk, &mut stop).await;
        match exit {
            Exit::Empty => return all.unwrap_or(Exit::Empty),
            Exit::Stopped => return exit,
            // The next would meet the same.
            Exit::Denied | Exit::Unanswered => return exit,
            Exit::Done
            | Exit::Failed
            | Exit::Usage
            | Exit::Superseded
            | Exit::Unusable
            | Exit::NoTarget
            | Exit::NotRolledBack => {}
        }
        all = Some(all.filter(|all| *all != Exit::Done).unwrap_or(exit));
    }
}

/// How long a program that stays waits after an error before it asks again.
pub(crate) fn patience(errors: u32) -> Duration {
    let most = Duration::from_secs(1 << errors.min(6));
    most.mul_f64(0.5 + fastrand::f64() / 2.0)
}
