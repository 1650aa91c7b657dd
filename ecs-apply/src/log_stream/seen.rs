//! What was shown already, as far as it can come again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

/// How late a line may be and is shown nevertheless. Fargate sends lines every few
/// seconds.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// How many lines are remembered. Where there are more in a minute, less than a minute
/// is asked for again.
const MOST: usize = 50_000;

/// What was shown already, as far as it can come again.
#[derive(Debug)]
pub(super) struct Seen {
    /// Older lines are not asked for, and not shown if they come.
    floor: Timestamp,
    /// All lines since then that were shown are in `ids`.
    kept_from: Timestamp,
    newest: Option<Timestamp>,
    ids: BTreeSet<(Timestamp, String)>,
    most: usize,
}

impl Seen {
    /// Nothing has been shown, and nothing older than `from` shall be.
    pub(super) fn new(from: Timestamp) -> Self {
        Self { floor: from, kept_from: from, newest: None, ids: BTreeSet::new(), most: MOST }
    }

    /// The first moment to ask for.
    pub(super) fn floor(&self) -> Timestamp {
        self.floor
    }

    /// Whether a line is to be shown, which it then is.
    pub(super) fn admit(&mut self, time: Timestamp, id: &str) -> bool {
        if time < self.floor || !self.ids.insert((time, id.to_owned())) {
            return false;
        }
        self.newest = self.newest.max(Some(time));
        if self.ids.len() > 2 * self.most {
            self.forget_before(self.newest.unwrap_or(time));
        }
        true
    }

    /// Everything was shown that there was: the next time, less is asked for. A line
    /// from the future does not keep others out, which is why the time now counts.
    pub(super) fn pass(&mut self, now: Timestamp) {
        if let Some(newest) = self.newest {
            self.forget_before(newest.min(now));
        }
        self.floor = self.kept_from;
    }

    /// Takes over what was shown elsewhere of the same group, which may come again
    /// here.
    pub(super) fn join(&mut self, other: &Self) {
        self.floor = self.floor.max(other.floor);
        self.kept_from = self.kept_from.max(other.kept_from);
        self.newest = self.newest.max(other.newest);
        self.ids.extend(other.ids.iter().cloned());
    }

    fn forget_before(&mut self, newest: Timestamp) {
        let settled = newest.checked_sub(OVERLAP).unwrap_or(newest);
        let surplus = self.ids.len().saturating_sub(self.most);
        let crowded = self.ids.iter().nth(surplus).filter(|_| surplus > 0).map(|(time, _)| *time);
        self.kept_from = self.kept_from.max(settled).max(crowded.unwrap_or(settled));
        self.ids = self.ids.split_off(&(self.kept_from, String::new()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line, and in which poll it can first be had.
    #[derive(Debug, Clone)]
    struct Line {
        time: i64,
        late: i64,
        id: String,
    }

    const POLL: i64 = 2;

    /// What is shown if CloudWatch is polled until everything has arrived.
    fn follow(lines: &[Line], most: usize) -> Vec<String> {
        let mut seen = Seen { most, ..Seen::new(at(0)) };
        let mut shown = Vec::new();
        let end = lines.iter().map(|line| line.time + line.late).max().unwrap_or_default();
        for now in (0..=end + 2 * POLL).step_by(POLL as usize) {
            let floor = seen.floor();
            let mut there: Vec<_> = lines
                .iter()
                .filter(|line| line.time + line.late <= now && at(line.time) >= floor)
                .collect();
            there.sort_by_key(|line| line.time);
            for line in there {
                if seen.admit(at(line.time), &line.id) {
                    shown.push(line.id.clone());
                }
            }
            seen.pass(at(now));
        }
        shown.sort();
        shown
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lines(latest: i64) -> impl Strategy<Value = Vec<Line>> {
        prop::collection::vec((0..300i64, 0..latest), 0..200).prop_map(|lines| {
            let numbered = lines.into_iter().enumerate();
            numbered.map(|(id, (time, late))| Line { time, late, id: format!("{id:03}") }).collect()
        })
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_doubled_that_comes_within_a_minute(lines in lines(55)) {
            let all: Vec<_> = lines.iter().map(|line| line.id.clone()).collect();
            prop_assert_eq!(follow(&lines, MOST), all);
        }

        #[test]
        fn nothing_is_doubled_however_late_it_comes(lines in lines(400), most in 1..50usize) {
            let mut shown = follow(&lines, most);
            let count = shown.len();
            shown.dedup();
            prop_assert_eq!(shown.len(), count);
        }
    }

    #[test]
    fn a_line_from_the_future_keeps_no_other_out() {
        let mut seen = Seen::new(at(0));
        assert!(seen.admit(at(7000), "future"));
        seen.pass(at(1000));
        assert!(seen.admit(at(1000), "now"));
        assert!(!seen.admit(at(7000), "future"));
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen = Seen { most: 10, ..Seen::new(at(0)) };
        for second in 0..1000 {
            assert!(seen.admit(at(second / 100), &second.to_string()));
        }
        assert!(seen.ids.len() <= 200, "{}", seen.ids.len());
        for second in 0..1000 {
            seen.admit(at(second), &second.to_string());
        }
        seen.pass(at(1000));
        assert!(seen.ids.len() <= 61, "{}", seen.ids.len());
    }
}
