//! What runs before, and what is kept after.

use ecs_deployer::exit::Exit;
use serde_json::json;

use crate::office::{Office, WEB};
use crate::world::Moment;

fn rehearsing(exit: i32) -> Office {
    let mut office = Office::open();
    office.settings.terms.rehearsal = Some(json!({"containerOverrides": []}));
    office.world.with(|state| state.ecs.run_exit = exit);
    office.world.send("web", WEB);
    office
}

#[tokio::test(start_paused = true)]
async fn what_runs_before_has_to_end_well() {
    let office = rehearsing(0);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    let office = rehearsing(1);
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    assert!(office.told().contains("exit code 1"), "{}", office.told());
    assert_eq!(office.world.begun(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_runs_before_runs_once() {
    for place in 3..7 {
        let office = rehearsing(0);
        office.world.with(|state| state.kill = Some((place, Moment::After)));
        assert_eq!(office.once().await, None);
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
        office.world.with(|state| assert_eq!(state.ecs.runs.len(), 1));
        assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn old_revisions_are_retired_but_never_what_is_needed() {
    let mut office = Office::open();
    office.settings.keep_revisions = Some(2);
    for number in 2..7 {
        office.world.send("web", &WEB.replace(":2", &format!(":{number}")));
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
    }
    let active = |office: &Office| {
        office.world.with(|state| {
            let active = state.ecs.revisions.iter().filter(|it| it.is_active);
            active.map(|it| it.arn.rsplit(':').next().unwrap().to_owned()).collect::<Vec<_>>()
        })
    };
    assert_eq!(active(&office), ["5", "6"]);
    office.settings.keep_revisions = Some(0);
    office.world.deny("ecs:DeregisterTaskDefinition");
    office.world.send("web", &WEB.replace(":2", ":7"));
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!(office.said().contains("NotRetired"), "{}", office.said());
}
