//! The last lines of each service, without reading all of them.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::LogEntry;

/// How far back is looked at first, and how much further each time after that.
const FIRST: SignedDuration = SignedDuration::from_mins(15);
const WIDER: i32 = 4;

/// Stretches of time, from the newest back to the beginning.
#[derive(Debug)]
pub(super) struct Windows {
    earliest: Timestamp,
    /// When the stack was made. What is older is all one stretch: there is seldom
    /// anything.
    made: Timestamp,
    width: SignedDuration,
    until: Option<Timestamp>,
    from: Timestamp,
    is_first: bool,
}

/// A stretch of time; without an end, up to what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) until: Option<Timestamp>,
}

impl Windows {
    /// From `until` back to the earliest moment that counts. `now` need not be exact:
    /// without `until`, the first window has no end.
    pub(super) fn new(earliest: Timestamp, until: Option<Timestamp>, now: Timestamp) -> Self {
        let from = until.unwrap_or(now);
        Self { earliest, made: earliest, width: FIRST, until, from, is_first: true }
    }

    /// Of a stack that was made then.
    pub(super) fn of_stack(self, made: Option<Timestamp>) -> Self {
        Self { made: made.unwrap_or(self.earliest), ..self }
    }
}

impl Iterator for Windows {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        if !self.is_first {
            if self.from <= self.earliest {
                return None;
            }
            self.until = self.from.checked_sub(SignedDuration::from_millis(1)).ok();
        }
        let from = self.from.checked_sub(self.width).unwrap_or(self.earliest);
        let is_old = self.from <= self.made && !self.is_first;
        self.from = if is_old { self.earliest } else { from.max(self.earliest) };
        self.width = self.width.saturating_mul(WIDER);
        self.is_first = false;
        Some(Window { from: self.from, until: self.until })
    }
}

/// The last lines of each service.
#[derive(Debug)]
pub(super) struct Tail {
    count: usize,
    kept: BTreeMap<String, VecDeque<LogEntry>>,
    window: BTreeMap<String, VecDeque<LogEntry>>,
}

impl Tail {
    /// So many lines of each of these services.
    pub(super) fn new(count: usize, services: Vec<String>) -> Self {
        let kept = services.into_iter().map(|name| (name, VecDeque::new())).collect();
        Self { count, kept, window: BTreeMap::new() }
    }

    /// Takes lines of the window that is being read, in their order.
    pub(super) fn add(&mut self, lines: Vec<LogEntry>) {
        for line in lines {
            let kept = self.kept.get(&line.service).map_or(0, VecDeque::len);
            let window = self.window.entry(line.service.clone()).or_default();
            window.push_back(line);
            if window.len() + kept > self.count {
                window.pop_front();
            }
        }
    }

    /// The window is read; its lines are older than all before.
    pub(super) fn close_window(&mut self) {
        for (service, mut window) in std::mem::take(&mut self.window) {
            let kept = self.kept.entry(service).or_default();
            window.append(kept);
            *kept = window;
        }
    }

    /// The services that have fewer lines than they may have.
    pub(super) fn lacking(&self) -> Vec<String> {
        let lacking = self.kept.iter().filter(|(_, lines)| lines.len() < self.count);
        lacking.map(|(service, _)| service.clone()).collect()
    }

    /// What was found, in order.
    pub(super) fn lines(self) -> Vec<LogEntry> {
        let mut lines: Vec<_> = self.kept.into_values().flatten().collect();
        lines.sort_by_key(|line| line.time);
        lines
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_widen_until_they_reach_the_beginning() {
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).unwrap();
        let windows: Vec<_> = Windows::new(at(0), None, at(100)).map(minutes).collect();
        assert_eq!(windows, [(85, None), (25, Some(84)), (0, Some(24))]);
        let windows: Vec<_> = Windows::new(at(95), Some(at(100)), at(500)).map(minutes).collect();
        assert_eq!(windows, [(95, Some(100))]);
        let young = Windows::new(at(0), None, at(100)).of_stack(Some(at(90)));
        assert_eq!(young.map(minutes).collect::<Vec<_>>(), [(85, None), (0, Some(84))]);
        let year: Vec<_> = Windows::new(at(0), None, at(365 * 24 * 60)).collect();
        assert!(year.len() < 10, "{}", year.len());
    }

    fn minutes(window: Window) -> (i64, Option<i64>) {
        (window.from.as_second() / 60, window.until.map(|it| it.as_second() / 60))
    }

    proptest! {
        #[test]
        fn each_service_has_its_last_lines(
            times in prop::collection::vec((0..3u8, 0..10_000i64), 0..100),
            count in 0..10usize,
        ) {
            let services = ["0", "1", "2"].map(ToOwned::to_owned);
            let mut all: Vec<_> = times.into_iter().map(|(service, time)| line(service, time)).collect();
            all.sort_by_key(|line| line.time);
            let mut tail = Tail::new(count, services.to_vec());
            let at = |second| Timestamp::from_second(second).unwrap();
            for window in Windows::new(at(0), None, at(10_000)) {
                if tail.lacking().is_empty() {
                    break;
                }
                let inside = |it: &&LogEntry| it.time >= window.from && window.until.is_none_or(|end| it.time <= end);
                let page: Vec<_> = all.iter().filter(inside).cloned().collect();
                for some in page.chunks(7) {
                    tail.add(some.to_vec());
                }
                tail.close_window();
            }
            let found = tail.lines();
            for service in services {
                let times = |lines: &[LogEntry]| -> Vec<_> {
                    lines.iter().filter(|it| it.service == service).map(|it| it.time).collect()
                };
                let expected = times(&all);
                let expected = &expected[expected.len().saturating_sub(count)..];
                prop_assert_eq!(times(&found), expected);
            }
        }
    }

    fn line(service: u8, time: i64) -> LogEntry {
        LogEntry {
            time: Timestamp::from_second(time).unwrap(),
            service: service.to_string(),
            container: String::new(),
            is_own: true,
            task: String::new(),
            message: String::new(),
            group: String::new(),
            id: String::new(),
        }
    }
}
