//! What the program does when it is disturbed, and everywhere that it can be.

use std::collections::BTreeMap;

use testkit::proxy::Proxy;

use crate::account::{Project, SHOP, for_each};

/// What is done again and again until something happens is disturbed as often as this.
const OFTEN: usize = 3;

pub(crate) const UP: &str = "up --no-resolve";

/// What the program does, and where it begins.
pub(crate) struct Story {
    begin: fn(&Project),
    pub(crate) arguments: &'static str,
}

pub(crate) const MADE: Story = Story { begin: |_| {}, arguments: UP };
pub(crate) const CHANGED: Story = Story { begin: changed, arguments: UP };
pub(crate) const REMOVED: Story = Story { begin: up, arguments: "down" };

fn up(project: &Project) {
    let run = project.run(UP);
    assert_eq!(run.code, Some(0), "{run:?}");
}

fn changed(project: &Project) {
    up(project);
    project.write("compose.yaml", &SHOP.replace("acme/web:1", "acme/web:2"));
}

impl Story {
    /// A project at its beginning.
    pub(crate) fn project(&self) -> Project {
        let project = Project::new(SHOP);
        project.write("token", "hunter2");
        (self.begin)(&project);
        project
    }

    /// What is left when nobody disturbs it.
    pub(crate) fn undisturbed(&self) -> Vec<String> {
        let project = self.project();
        let run = project.run(self.arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        left(&project)
    }

    /// Every call that it makes.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let project = self.project();
        let proxy = Proxy::before(&project.account);
        let run = project.run_through(&proxy, self.arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut cases = Vec::new();
        for (place, call) in proxy.calls().into_iter().map(|call| call.name).enumerate() {
            let skip = seen.entry(call.clone()).or_default();
            if *skip < OFTEN {
                cases.push(Case { call, skip: *skip, place });
            }
            *skip += 1;
        }
        cases
    }
}

/// A call that something happens to.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) call: String,
    /// How often it was made before.
    pub(crate) skip: usize,
    /// How many calls were made before.
    pub(crate) place: usize,
}

/// Does something for every call of a story.
pub(crate) fn everywhere(story: &Story, what: impl Fn(&Case) + Sync) {
    for_each(&story.cases(), |_, case| what(case));
}

/// Does something for one call in so many, or for all of them if `FAULTS` is `all`: what
/// is much the same everywhere takes minutes.
pub(crate) fn here_and_there(one_in: usize, story: &Story, what: impl Fn(&Case) + Sync) {
    let chosen: Vec<Case> = story.cases().into_iter().filter(|it| is_chosen(it, one_in)).collect();
    for_each(&chosen, |_, case| what(case));
}

/// Whether a call is one in so many, or all are asked for.
#[expect(clippy::disallowed_methods, reason = "how much is tested concerns the tests only")]
pub(crate) fn is_chosen(case: &Case, one_in: usize) -> bool {
    let all = std::env::var("FAULTS").is_ok_and(|which| which == "all");
    all || case.place.is_multiple_of(one_in)
}

/// What an account holds, and how its stack is.
pub(crate) fn left(project: &Project) -> Vec<String> {
    let mut found = project.inventory();
    found.push(project.account.stack_status("shop"));
    found
}
