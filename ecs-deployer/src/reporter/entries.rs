//! What is written about messages, beside news of their rollouts.

use ecs_apply::AwsError;

use crate::decision::Fate;
use crate::log::{Entry, one_line, short};
use crate::result::Story;
use crate::worker::Early;

/// Which queue it is says much about why.
pub(super) fn not_received(queue: &str, error: &AwsError) -> Entry {
    let help = error.help();
    let help = help.map(|help| format!("\nto do: {help}")).unwrap_or_default();
    let told = one_line(&error.to_string()).into_owned();
    Entry::error("queue.failed", format!("no message can be fetched from {queue}: {told}{help}"))
}

pub(super) fn typed(key: &str) -> Entry {
    let told = format!("this is the order {key}: --deployment-id {key} goes on with it");
    Entry::info("deploy.order", told)
}

pub(super) fn typed_left(key: &str) -> Entry {
    let told = format!(
        "asked to stop; what was begun goes on. Run the same again with --deployment-id {key} to \
         watch it"
    );
    Entry::warn("deploy.left", told)
}

pub(super) fn early(early: Early) -> Entry {
    const EVENT: &str = "message.acknowledged_early";
    match early {
        Early::Asked => Entry::info(
            EVENT,
            "the message is removed now, because ECS_ACK is `started`: if this deployer is stopped, \
             nobody goes on with it",
        ),
        Early::Unmarked => Entry::info(
            EVENT,
            "the message is removed now, because whoever comes later could not see what became of \
             it: if this deployer is stopped, nobody goes on with it",
        ),
        Early::Own => Entry::warn(
            EVENT,
            "this deployer is what is being replaced: the message is removed now, and ECS will stop \
             this program before it knows how that ends. Look at the service",
        ),
    }
}

pub(super) fn not_held(error: &AwsError) -> Entry {
    let told = format!(
        "the message cannot be kept from others for longer: {}",
        one_line(&error.to_string())
    );
    Entry::warn("message.not_held", told).once_if(error.is_denied())
}

/// Nothing, where there is nothing to say.
pub(super) fn settled(fate: Fate, receives: u32) -> Option<Entry> {
    Some(match fate {
        Fate::Remove => Entry::info("message.removed", "the message is removed"),
        Fate::Bury => Entry::info(
            "message.put_away",
            "the message is in DEADLETTER_URL now, and removed here",
        ),
        Fate::GiveUp => Entry::error(
            "message.given_up",
            format!(
                "the message came {receives} times, cannot be used, and no queue puts it away: it \
                 is removed, and lost"
            ),
        ),
        Fate::Keep(time) => {
            let seconds = time.as_secs();
            let told = format!("the message stays in the queue, and comes again in {seconds} s");
            Entry::info("message.kept", told).with("seconds", seconds)
        }
        Fate::Leave => Entry::warn(
            "message.withdrawn",
            "somebody else may have the message by now: it is left to them",
        ),
        Fate::Poison | Fate::Gone => return None,
    })
}

pub(super) fn not_settled(error: &AwsError) -> Entry {
    let told = format!(
        "the queue could not be told what becomes of the message, so that it comes again: {}",
        one_line(&error.to_string())
    );
    Entry::warn("message.not_settled", told)
}

pub(super) fn not_about(error: &AwsError) -> Entry {
    let told = format!(
        "it is not known whether the queue puts messages away that cannot be used, so that this one \
         is not removed: {}",
        one_line(&error.to_string())
    );
    Entry::warn("message.unknown_policy", told).once_if(error.is_denied())
}

pub(super) fn lapsed() -> Entry {
    let told =
        "the message could not be kept until it was its turn: whoever gets it next works on it";
    Entry::warn("message.lapsed", told)
}

pub(super) fn left(story: &Story) -> Entry {
    const EVENT: &str = "message.left";
    let told = "asked to stop: the message is given back, and the next deployer goes on";
    let Some(deployment) = story.deployment() else { return Entry::info(EVENT, told) };
    let revision = story.revision().map_or("the new revision", short);
    let told = format!("{told}; until then, nobody watches {deployment} of {revision}");
    Entry::info(EVENT, told).with("deployment_id", deployment)
}
