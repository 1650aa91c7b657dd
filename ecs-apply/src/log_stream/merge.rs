//! Several sorted sources as one.

use std::collections::VecDeque;

use super::LogEntry;

/// Lines of several sources, each of which is sorted. A line goes out as soon as no
/// source can have an older one.
#[derive(Debug)]
pub(super) struct Merge {
    sources: Vec<Source>,
}

#[derive(Debug, Default)]
struct Source {
    lines: VecDeque<LogEntry>,
    is_done: bool,
}

impl Merge {
    /// As many sources, all of them empty.
    pub(super) fn new(sources: usize) -> Self {
        Self { sources: (0..sources).map(|_| Source::default()).collect() }
    }

    /// The source to read on from, if there is one to wait for.
    pub(super) fn wanted(&self) -> Option<usize> {
        self.sources.iter().position(|source| source.lines.is_empty() && !source.is_done)
    }

    /// Adds what a source had, and whether that was all.
    pub(super) fn add(&mut self, source: usize, mut lines: Vec<LogEntry>, is_done: bool) {
        lines.sort_by_key(|line| line.time);
        let source = &mut self.sources[source];
        source.lines.extend(lines);
        source.is_done = is_done;
    }

    /// All lines that are left.
    pub(super) fn rest(mut self) -> Vec<LogEntry> {
        for source in &mut self.sources {
            source.is_done = true;
        }
        self.ready()
    }

    /// The lines that are ready.
    pub(super) fn ready(&mut self) -> Vec<LogEntry> {
        let mut ready = Vec::new();
        while self.wanted().is_none() {
            let first = self.sources.iter_mut().filter(|source| !source.lines.is_empty());
            let first = first.min_by_key(|source| source.lines.front().map(|line| line.time));
            match first.and_then(|source| source.lines.pop_front()) {
                Some(line) => ready.push(line),
                None => break,
            }
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorted_pages_come_out_sorted_and_whole(
            sources in prop::collection::vec(prop::collection::vec(0..100i64, 0..30), 0..5),
            size in 1..7usize,
        ) {
            let mut expected: Vec<_> = sources.concat();
            expected.sort_unstable();
            let mut left: Vec<VecDeque<_>> = sources.into_iter().map(sorted).collect();
            let mut merge = Merge::new(left.len());
            let mut shown = Vec::new();
            while let Some(source) = merge.wanted() {
                let size = size.min(left[source].len());
                let page = left[source].drain(..size).map(line).collect();
                merge.add(source, page, left[source].is_empty());
                shown.extend(merge.ready());
            }
            shown.extend(merge.ready());
            let shown: Vec<_> = shown.iter().map(|line| line.time.as_second()).collect();
            prop_assert_eq!(shown, expected);
        }
    }

    fn sorted(mut times: Vec<i64>) -> VecDeque<i64> {
        times.sort_unstable();
        times.into()
    }

    fn line(time: i64) -> LogEntry {
        LogEntry {
            time: Timestamp::from_second(time).unwrap(),
            service: String::new(),
            container: String::new(),
            is_own: true,
            task: String::new(),
            message: String::new(),
            group: String::new(),
            id: String::new(),
        }
    }
}
