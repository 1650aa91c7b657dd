//! Reads the lines of a stack's containers, and goes on reading.

use std::time::Duration;

use jiff::Timestamp;

use super::LogEntry;
use super::merge::Merge;
use super::seen::Seen;
use super::tail::{Tail, Window, Windows};
use crate::aws::{Aws, AwsError};
use crate::log_event::{LogEvent, LogQuery};
use crate::log_sources::{LogSources, Streams, log_sources};
use crate::stack::Stack;

/// What to read of the logs of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// Only these services, if any are named.
    pub services: Vec<String>,
    /// Nothing older.
    pub since: Option<Timestamp>,
    /// Nothing newer.
    pub until: Option<Timestamp>,
    /// Of each service no more than so many lines of what is there.
    pub tail: Option<usize>,
    /// A filter pattern of CloudWatch.
    pub pattern: Option<String>,
    /// Whether to go on with what comes.
    pub follow: bool,
}

/// What there is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogNews {
    /// Lines, in order.
    Lines(Vec<LogEntry>),
    /// Not all services have as many lines as were asked for, since this moment;
    /// further back was not looked.
    SearchedFrom(Timestamp),
    /// The stack is gone, and so is what could be followed.
    StackGone,
}

/// How long to wait before asking again, and how much longer for each query: an
/// account may ask a few times in a second.
const PAUSE: Duration = Duration::from_secs(2);
const PAUSE_FOR_QUERY: Duration = Duration::from_millis(300);

/// After how many polls the stack itself is looked at again.
const STACK_EVERY: u32 = 10;

/// As many polls may get no answer, one after the other. Each is several tries.
const SILENCES: u32 = 3;

/// As many pages are read to find the last lines of those who write little.
const TAIL_PAGES: u32 = 50;

/// Shows what a stack's containers wrote, and, if that is asked for, what they are
/// going to write.
pub async fn read_logs<E: From<AwsError>>(
    aws: &Aws,
    stack: &Stack,
    sources: LogSources,
    request: &LogRequest,
    clock: fn() -> Timestamp,
    mut show: impl FnMut(LogNews) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = Reader::new(aws, sources, request);
    match request.tail {
        None => reader.start_at(request.since.unwrap_or(Timestamp::UNIX_EPOCH)),
        Some(count) => {
            let earliest = request.since.unwrap_or(Timestamp::UNIX_EPOCH);
            let windows = Windows::new(earliest, request.until, clock()).of_stack(stack.created);
            reader.tail(count, windows, clock, &mut show).await?;
            if !request.follow {
                return Ok(());
            }
        }
    }
    reader.pass(request.until, clock, &mut lines(&mut show)).await?;
    if !request.follow || reader.cursors.is_empty() {
        return Ok(());
    }
    reader.follow(stack.clone(), clock, &mut show).await
}

fn lines<E>(
    show: &mut impl FnMut(LogNews) -> Result<(), E>,
) -> impl FnMut(Vec<LogEntry>) -> Result<(), E> {
    move |lines| if lines.is_empty() { Ok(()) } else { show(LogNews::Lines(lines)) }
}

struct Reader<'a> {
    aws: &'a Aws,
    request: &'a LogRequest,
    sources: LogSources,
    cursors: Vec<Cursor>,
    /// Whether a log group is missing, as all are when the stack is gone.
    is_missing: bool,
}

/// How far some streams have been read.
struct Cursor {
    streams: Streams,
    seen: Seen,
}

impl<'a> Reader<'a> {
    fn new(aws: &'a Aws, sources: LogSources, request: &'a LogRequest) -> Self {
        Self { aws, request, sources, cursors: Vec::new(), is_missing: false }
    }

    /// Forgets what was read; nothing older than this is going to be.
    fn start_at(&mut self, from: Timestamp) {
        let streams = self.sources.streams().into_iter();
        self.cursors = streams.map(|streams| Cursor { streams, seen: Seen::new(from) }).collect();
    }

    /// The last lines of each service.
    async fn tail<E: From<AwsError>>(
        &mut self,
        count: usize,
        mut windows: Windows,
        clock: fn() -> Timestamp,
        show: &mut impl FnMut(LogNews) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut tail = Tail::new(count, self.sources.readable());
        let Some(first) = windows.next() else { return Ok(()) };
        let mut searched_from = first.from;
        self.start_at(first.from);
        let mut add = |lines| -> Result<(), E> {
            tail.add(lines);
            Ok(())
        };
        self.pass(first.until, clock, &mut add).await?;
        tail.close_window();
        let mut pages = 0;
        for window in windows {
            if tail.lacking().is_empty() || pages >= TAIL_PAGES {
                break;
            }
            pages += self.older(window, &mut tail, TAIL_PAGES - pages).await?;
            searched_from = window.from;
        }
        let is_short = pages >= TAIL_PAGES && !tail.lacking().is_empty();
        show(LogNews::Lines(tail.lines()))?;
        if is_short { show(LogNews::SearchedFrom(searched_from)) } else { Ok(()) }
    }

    /// Reads a window for those who lack lines, and counts the pages.
    async fn older(&self, window: Window, tail: &mut Tail, most: u32) -> Result<u32, AwsError> {
        let lacking = self.sources.clone().only(&tail.lacking());
        let mut pages = 0;
        for streams in lacking.streams() {
            let query = self.query(&streams, window.from, window.until);
            let mut next: Option<String> = None;
            while pages < most {
                pages += 1;
                let page = self.aws.log_page(&query, next.as_deref()).await?.unwrap_or_default();
                tail.add(page.events.into_iter().filter_map(|it| self.line(&query, it)).collect());
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
        }
        tail.close_window();
        Ok(pages)
    }

    /// Shows everything that was not shown yet.
    async fn pass<E: From<AwsError>>(
        &mut self,
        until: Option<Timestamp>,
        clock: fn() -> Timestamp,
        show: &mut impl FnMut(Vec<LogEntry>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut merge = Merge::new(self.cursors.len());
        let mut pages: Vec<Option<String>> = vec![None; self.cursors.len()];
        while let Some(source) = merge.wanted() {
            let (lines, next) = match self.page(source, until, pages[source].as_deref()).await {
                Ok(page) => page,
                // What was read counts as shown, and would not come again.
                Err(error) => {
                    show(merge.rest())?;
                    return Err(error.into());
                }
            };
            merge.add(source, lines, next.is_none());
            pages[source] = next;
            show(merge.ready())?;
        }
        let now = clock();
        for cursor in &mut self.cursors {
            cursor.seen.pass(now);
        }
        Ok(())
    }

    /// A page of some streams, without what was shown.
    async fn page(
        &mut self,
        source: usize,
        until: Option<Timestamp>,
        page: Option<&str>,
    ) -> Result<(Vec<LogEntry>, Option<String>), AwsError> {
        let cursor = &self.cursors[source];
        let query = self.query(&cursor.streams, cursor.seen.floor(), until);
        let found = self.aws.log_page(&query, page).await?;
        self.is_missing |= found.is_none();
        let found = found.unwrap_or_default();
        let mut lines: Vec<_> =
            found.events.into_iter().filter_map(|event| self.line(&query, event)).collect();
        let seen = &mut self.cursors[source].seen;
        lines.retain(|line| seen.admit(line.time, &line.id));
        Ok((lines, found.next))
    }

    fn query(&self, streams: &Streams, from: Timestamp, until: Option<Timestamp>) -> LogQuery {
        LogQuery {
            region: streams.region.clone(),
            group: streams.group.clone(),
            prefix: streams.prefix.clone(),
            from,
            until,
            pattern: self.request.pattern.clone(),
        }
    }

    /// Nothing, if it is of a container that nobody asked for.
    fn line(&self, query: &LogQuery, event: LogEvent) -> Option<LogEntry> {
        let (source, task) = self.sources.find(query, &event)?;
        Some(LogEntry {
            time: event.time,
            service: source.service.clone(),
            container: source.container.clone(),
            is_own: source.is_own,
            task,
            message: event.message,
            group: source.group.clone(),
            id: event.id,
        })
    }

    async fn follow<E: From<AwsError>>(
        &mut self,
        mut stack: Stack,
        clock: fn() -> Timestamp,
        show: &mut impl FnMut(LogNews) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut silences = 0;
        for poll in 1.. {
            let queries = u32::try_from(self.cursors.len()).unwrap_or(u32::MAX);
            tokio::time::sleep(PAUSE.max(PAUSE_FOR_QUERY.saturating_mul(queries))).await;
            // Before the last lines are read, so that there are no later ones.
            let is_due = poll % STACK_EVERY == 0 || std::mem::take(&mut self.is_missing);
            let is_gone = is_due && self.look_at(&mut stack).await?;
            match self.try_pass(clock, show).await? {
                Ok(()) => silences = 0,
                Err(error) if silences + 1 >= SILENCES => return Err(error.into()),
                Err(_) => silences += 1,
            }
            if is_gone {
                return show(LogNews::StackGone);
            }
        }
        Ok(())
    }

    /// As [`pass`](Self::pass), but no answer is no failure yet: nothing is lost.
    async fn try_pass<E: From<AwsError>>(
        &mut self,
        clock: fn() -> Timestamp,
        show: &mut impl FnMut(LogNews) -> Result<(), E>,
    ) -> Result<Result<(), AwsError>, E> {
        let mut refused = None;
        let mut show = lines(show);
        let mut show = |lines| show(lines).map_err(Stop::Show);
        match self.pass(None, clock, &mut show).await {
            Ok(()) => {}
            Err(Stop::Show(error)) => return Err(error),
            Err(Stop::Aws(error)) if error.is_unanswered() => refused = Some(error),
            Err(Stop::Aws(error)) => return Err(error.into()),
        }
        Ok(refused.map_or(Ok(()), Err))
    }

    /// Whether the stack is gone. No answer is none: the next look asks again.
    async fn look_at(&mut self, stack: &mut Stack) -> Result<bool, AwsError> {
        match self.compare(stack).await {
            Err(error) if error.is_unanswered() => Ok(false),
            answer => answer,
        }
    }

    /// If the stack was changed, its containers may log to other places from now on.
    async fn compare(&mut self, stack: &mut Stack) -> Result<bool, AwsError> {
        let now = self.aws.stack(&stack.id).await?.filter(|stack| !stack.status.is_deleted());
        let Some(now) = now else { return Ok(true) };
        if (&now.updated, &now.status) != (&stack.updated, &stack.status) {
            let sources = log_sources(self.aws, &now).await?.only(&self.request.services);
            self.turn_to(sources);
        }
        *stack = now;
        Ok(false)
    }

    /// Reads from other places, too. From one that is new, everything since the last
    /// look counts.
    fn turn_to(&mut self, sources: LogSources) {
        let known = std::mem::take(&mut self.cursors);
        let from = known.iter().map(|cursor| cursor.seen.floor()).min();
        // Containers that are removed may have something to say to the end.
        self.sources.join(sources);
        self.start_at(from.unwrap_or(Timestamp::UNIX_EPOCH));
        for Cursor { streams, seen } in &mut self.cursors {
            let group = |it: &&Cursor| it.streams.is_beside(streams);
            known.iter().filter(group).for_each(|it| seen.join(&it.seen));
        }
    }
}

/// Why a pass stopped.
enum Stop<E> {
    Aws(AwsError),
    Show(E),
}

impl<E> From<AwsError> for Stop<E> {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}
