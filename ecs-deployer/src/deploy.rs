//! Brings a definition from a file to a service, without a queue.

use std::cell::RefCell;
use std::future::Future;

use ecs_apply::rollout::{Cloud, Gate, News, register_only, roll_out};
use tokio::time::Instant;

use crate::exit::Exit;
use crate::log::{Entry, Log, news};
use crate::message::{Request, request};
use crate::queue::Message;
use crate::result::{About, Answer, Story, result};
use crate::settings::Settings;

/// Brings it there, and says how that went. A message that nobody sent says what is
/// wanted, so that it is read as any other.
pub async fn deploy<C: Cloud>(
    message: &Message,
    settings: &Settings,
    cloud: &C,
    log: &Log,
    stop: impl Future<Output = ()>,
) -> Exit {
    let about = About {
        key: message.id.clone(),
        cluster: settings.cluster.clone(),
        region: settings.place.region.clone(),
        commit_url: message.text("commit_url").map(str::to_owned),
        ..About::default()
    };
    let request = match request(message, settings) {
        Ok(request) => request,
        Err(poison) => {
            let told = result(Answer::Unusable(&poison.0), &about, &Story::default(), 0);
            log.tell(&told.entry());
            return told.exit;
        }
    };
    for remark in &request.remarks {
        log.tell(&Entry::warn("message.remark", format!("{}: {}", remark.at, remark.message)));
    }
    let service = Some(request.order.service.service.clone()).filter(|it| !it.is_empty());
    let about = About { service, ..about }.of(&request.order.definition);
    let mut teller = Teller { log, start: Instant::now(), story: RefCell::default() };
    tokio::select! {
        exit = work(cloud, &request, &about, &mut teller) => exit,
        () = stop => {
            let told = "asked to stop; what was begun goes on. Run the same again with the same \
                        --deployment-id to go on with it";
            log.tell(&Entry::warn("deploy.left", told));
            Exit::Stopped
        }
    }
}

async fn work<C: Cloud>(
    cloud: &C,
    request: &Request,
    about: &About,
    teller: &mut Teller<'_>,
) -> Exit {
    let order = &request.order;
    let told = match request.registers_only {
        true => {
            let answer = register_only(cloud, order, teller).await;
            result(Answer::Registered(&answer), about, &teller.story.borrow(), 0)
        }
        false => {
            let answer = roll_out(cloud, order, teller).await;
            result(Answer::Rollout(&answer), about, &teller.story.borrow(), 0)
        }
    };
    teller.log.tell(&told.entry());
    told.exit
}

struct Teller<'a> {
    log: &'a Log,
    start: Instant,
    story: RefCell<Story>,
}

impl Gate for Teller<'_> {
    fn may_update(&mut self) -> bool {
        true
    }

    async fn updated(&mut self, _: bool) {}

    fn tell(&mut self, told: News) {
        self.story.borrow_mut().hear(&told, self.start.elapsed());
        self.log.tell(&news(&told));
    }
}
