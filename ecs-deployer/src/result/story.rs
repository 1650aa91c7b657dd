//! What is remembered of a rollout's news, for its result.

use std::time::Duration;

use ecs_apply::rollout::{News, Phase, Standing};

/// What is remembered of a rollout's news.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Story {
    pub(super) deployment: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) previous: Option<String>,
    /// When parts ended, counted from the beginning.
    updated: Option<Duration>,
    running: Option<Duration>,
    rolling_back: Option<Duration>,
    end: Duration,
}

impl Story {
    /// Takes news in; `after` is how long ago it all began.
    pub fn hear(&mut self, news: &News, after: Duration) {
        self.end = after;
        match news {
            News::Found { runs, standing } => {
                self.previous = Some(runs.clone()).filter(|it| !it.is_empty());
                if let Standing::Begun(begun) = standing {
                    self.deployment = Some(begun.deployment.clone());
                    self.revision = Some(begun.revision.clone());
                    self.updated = Some(after);
                }
            }
            News::Registered { revision } => self.revision = Some(revision.clone()),
            News::Updated { revision, deployment } => {
                self.revision = Some(revision.clone());
                self.deployment = Some(deployment.clone());
                self.updated = Some(after);
            }
            News::Progress { phase, .. } => self.progress(*phase, after),
            News::GivesWay { .. } | News::RollingBack { .. } => self.rolling_back = Some(after),
            News::Doubt(_)
            | News::Unmarked
            | News::Rehearsing { .. }
            | News::Stage(_)
            | News::NoCourse(_)
            | News::Paused(_)
            | News::Said(_)
            | News::Blind(_)
            | News::Crossed { .. }
            | News::Retired { .. }
            | News::NotRetired(_) => {}
        }
    }

    fn progress(&mut self, phase: Phase, after: Duration) {
        let runs = match phase {
            Phase::Created | Phase::Started | Phase::Paused => false,
            Phase::Running | Phase::Live | Phase::Draining | Phase::Done => true,
        };
        // What goes back runs, too.
        if runs && self.rolling_back.is_none() {
            self.running.get_or_insert(after);
        }
    }

    /// It is over.
    pub fn end(&mut self, after: Duration) {
        self.end = after;
    }

    /// The deployment that was begun, or found.
    pub fn deployment(&self) -> Option<&str> {
        self.deployment.as_deref()
    }

    /// The revision that was made, or found.
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// How long it took.
    pub fn total(&self) -> Duration {
        self.end
    }

    /// How long each part took, as far as it came.
    pub fn phases(&self) -> Vec<(&'static str, Duration)> {
        let forward = self.rolling_back.unwrap_or(self.end);
        let Some(updated) = self.updated else { return vec![("prepare", forward)] };
        let mut phases = vec![("prepare", updated)];
        let running = self.running.unwrap_or(forward);
        phases.push(("start", running.saturating_sub(updated)));
        phases.extend(self.running.map(|it| ("complete", forward.saturating_sub(it))));
        phases.extend(self.rolling_back.map(|it| ("rollback", self.end.saturating_sub(it))));
        phases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(phase: Phase) -> News {
        News::Progress { phase, running: 1, desired: 1, failed: 0 }
    }

    fn told(news: &[(u64, News)], end: u64) -> Vec<(&'static str, u64)> {
        let mut story = Story::default();
        for (after, news) in news {
            story.hear(news, Duration::from_secs(*after));
        }
        story.end(Duration::from_secs(end));
        story.phases().into_iter().map(|(name, time)| (name, time.as_secs())).collect()
    }

    #[test]
    fn a_story_knows_how_long_its_parts_took() {
        let updated =
            News::Updated { revision: "web:2".to_owned(), deployment: "ecs-svc/1".to_owned() };
        let back = News::RollingBack { to: "web:1".to_owned() };
        assert_eq!(told(&[], 1), [("prepare", 1)]);
        assert_eq!(told(&[(1, updated.clone())], 9), [("prepare", 1), ("start", 8)]);
        assert_eq!(
            told(
                &[
                    (1, updated.clone()),
                    (2, progress(Phase::Started)),
                    (4, progress(Phase::Running)),
                    (9, progress(Phase::Done)),
                ],
                9
            ),
            [("prepare", 1), ("start", 3), ("complete", 5)]
        );
        assert_eq!(
            told(&[(1, updated), (5, back), (7, progress(Phase::Running))], 8),
            [("prepare", 1), ("start", 4), ("rollback", 3)]
        );
    }
}
