//! Brings a definition from a file to a service, without a queue.

use std::future::Future;
use std::time::Duration;

use ecs_apply::rollout::{Cloud, Gate, News};

use crate::decision::Decision;
use crate::ear::Ear;
use crate::exit::Exit;
use crate::message::request;
use crate::metrics::tallied;
use crate::queue::Message;
use crate::result::Answer;
use crate::settings::Settings;
use crate::worker::{Done, Herald, Seen, Witness, Work};

/// Who is told what happens, and who tells what happens in AWS.
#[derive(Debug)]
pub struct Company<'a, W> {
    /// Who writes down what happens, and tells others how it ended.
    pub reporter: &'a W,
    /// Where AWS says that something has happened, if it does.
    pub ear: Option<Ear>,
}

/// Brings it there, and says how that went. A message that nobody sent says what is
/// wanted, so that it is read as any other.
pub fn deploy<C: Cloud, W: Witness + Herald>(
    message: &Message,
    settings: &Settings,
    cloud: &C,
    company: Company<'_, W>,
    stop: impl Future<Output = ()>,
) -> impl Future<Output = Exit> {
    tallied(async move {
        let Company { reporter, ear } = company;
        reporter.see(Some(message), Seen::Typed);
        let request = match request(message, settings) {
            Ok(request) => request,
            Err(poison) => {
                reporter.see(Some(message), Seen::Poison(&poison));
                let answer = Answer::Unusable(&poison.0);
                return ended(message, answer, Decision::POISON, reporter).await;
            }
        };
        reporter.see(Some(message), Seen::Read(&request));
        let mut teller = Teller { message, reporter, ear };
        let work = async {
            // Nobody who is told holds the work up.
            let work = Work::on(cloud, &request, &mut teller);
            let work = tokio::join!(work, reporter.begin(message)).0;
            ended(message, work.answer(), work.decide(1), reporter).await
        };
        tokio::select! {
            exit = work => exit,
            () = stop => {
                reporter.see(Some(message), Seen::Left);
                Exit::Stopped
            }
        }
    })
}

/// There is no message that anything could become of.
async fn ended<H: Herald>(
    message: &Message,
    answer: Answer<'_>,
    decision: Decision,
    herald: &H,
) -> Exit {
    herald.announce(&Done { message, answer, decision, fate: None }).await;
    decision.exit
}

struct Teller<'a, W> {
    message: &'a Message,
    reporter: &'a W,
    ear: Option<Ear>,
}

impl<W: Witness> Gate for Teller<'_, W> {
    fn may_update(&mut self) -> bool {
        true
    }

    async fn updated(&mut self, _: bool) {}

    async fn pause(&mut self, time: Duration) {
        match &mut self.ear {
            None => tokio::time::sleep(time).await,
            Some(ear) => ear.pause(time).await,
        }
    }

    fn tell(&mut self, news: News) {
        self.reporter.see(Some(self.message), Seen::News(news));
    }
}
