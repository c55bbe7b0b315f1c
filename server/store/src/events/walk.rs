//! Newest first over any set of partitions, reading only spans that can still hold something newer than what was found.
//!
//! Each (partition, bucket) of the directory is a list of spans ordered by their latest time. The walk always goes on
//! where the latest unread span may be, and ends when the page is full and every unread span ends before its last row.

use super::{
    look::Looking,
    reach::Reach,
    rows::{Row, Span, Window, of_spans},
};
use crate::timestamp::Ts;
use sqlx::PgConnection;
use std::{
    collections::{BTreeMap, BinaryHeap},
    time::{Duration, Instant},
};
use weir_domain::{
    EventId, PartitionId, Position, Timestamp,
    events::{PageCursor, TimeRange},
};

/// How far a call goes before it gives its answer as far as it is, and in what steps.
struct Pace {
    rows: u64,
    rounds: u32,
    time: Duration,
    /// Lists read in one round, at so many spans of each; and the most spans of each.
    lists: fn(i64) -> usize,
    spans: i64,
    /// No list is read on before each was read once: only then is there an end that the answer can stop at.
    evenly: bool,
}

const ROWS: Pace = Pace { rows: 100_000, rounds: 40, time: Duration::MAX, lists: |_| 64, spans: 64, evenly: false };
/// How long events are looked into before the answer is given as far as it is.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// Where a rare type is asked for: a few rounds meet what is not rare.
const FEW_ROUNDS: Pace = Pace { rounds: 4, ..ROWS };
/// Where events are looked into, a row costs what its bytes cost.
const INTO_EVENTS: Pace = Pace {
    rows: u64::MAX,
    rounds: u32::MAX,
    time: PATIENCE,
    lists: |spans| usize::try_from(256 / spans.max(1)).unwrap_or(0).max(1),
    spans: 32,
    evenly: true,
};
/// Where even that brings no progress (thousands of partitions, or times that are all mixed up), the end is here.
const FAR_TOO_MANY_ROUNDS: u32 = 400;
/// Directory rows that one call can overlook.
const DIRECTORY: i64 = 20_000;

#[derive(Debug)]
pub(super) struct Walked {
    /// In order; at most the limit.
    pub(super) rows: Vec<Row>,
    pub(super) looked_at: u64,
    /// Nothing older remains, or the page is full.
    pub(super) complete: bool,
    pub(super) next: Option<PageCursor>,
    /// Something newer than `next` may have been left out.
    pub(super) passed_over: bool,
}

/// A list of spans, as far as it was read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct List {
    /// No unread span ends later. First, because the heap is ordered by it.
    upper: Timestamp,
    bucket: i32,
    partition: i64,
    /// The spans below this are unread: (latest time, first position).
    below: (Timestamp, i64),
}

/// Everything at or before a time.
pub(super) const fn at_or_before(time: Timestamp) -> PageCursor {
    PageCursor { time, id: EventId { partition: PartitionId(i64::MAX), position: Position(i64::MAX) } }
}

/// One call's walk.
struct Walk<'r> {
    reach: &'r Reach,
    looking: Option<&'r mut Looking>,
    pace: &'static Pace,
    begun: Instant,
    before: PageCursor,
    from: Timestamp,
    /// One more than asked for tells whether there is a next page.
    wanted: usize,
    spans_each: i64,
    walked: Walked,
}

/// How far a walk that looks into no event goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Far {
    AsUsual,
    FewRounds,
}

/// The newest `limit` events in a range, before a place.
pub(super) async fn walk(
    db: &mut PgConnection,
    reach: &Reach,
    looking: Option<&mut Looking>,
    range: TimeRange,
    before: Option<PageCursor>,
    limit: usize,
    far: Far,
) -> sqlx::Result<Walked> {
    let end = at_or_before(range.to.map_or(Timestamp(i64::MAX), |t| t.plus_micros(-1)));
    let mut walk = Walk {
        reach,
        pace: match (looking.is_some(), far) {
            (true, _) => &INTO_EVENTS,
            (false, Far::AsUsual) => &ROWS,
            (false, Far::FewRounds) => &FEW_ROUNDS,
        },
        looking,
        begun: Instant::now(),
        before: before.map_or(end, |b| b.min(end)),
        from: range.from.unwrap_or(Timestamp(i64::MIN)),
        wanted: limit + 1,
        spans_each: 2,
        walked: Walked::default(),
    };
    if walk.from <= walk.before.time {
        walk.on(db).await?;
    }
    let mut walked = walk.walked;
    walked.finish(limit);
    Ok(walked)
}

impl Walk<'_> {
    async fn on(&mut self, db: &mut PgConnection) -> sqlx::Result<()> {
        let (mut lists, more_below) = self.lists(db).await?;
        let mut rounds = 0;
        while let Some(upper) = lists.peek().map(|l| l.upper).filter(|u| *u >= self.least()) {
            let Pace { rows, time, spans, evenly, .. } = *self.pace;
            let enough = self.walked.looked_at >= rows || rounds >= self.pace.rounds || self.begun.elapsed() >= time;
            if enough && (upper < self.before.time || rounds >= FAR_TOO_MANY_ROUNDS) {
                self.walked.stop_at(upper, self.before);
                return Ok(());
            }
            let mut some: BTreeMap<i32, Vec<List>> = BTreeMap::new();
            for _ in 0..(self.pace.lists)(self.spans_each) {
                if lists.peek().is_none_or(|l| l.upper < self.least()) {
                    break;
                }
                if let Some(list) = lists.pop() {
                    some.entry(list.bucket).or_default().push(list);
                }
            }
            for (bucket, some) in some {
                lists.extend(self.read_on(db, bucket, some).await?);
            }
            rounds += 1;
            let begun = lists.peek().is_none_or(|l| l.upper < self.before.time);
            if begun || !evenly {
                self.spans_each = (self.spans_each * 2).min(spans);
            }
        }
        if let Some(below) = more_below
            && self.walked.rows.len() < self.wanted
        {
            self.walked.stop_at(below, self.before);
        }
        Ok(())
    }

    /// An unread span that ends before this can't change the page any more.
    fn least(&self) -> Timestamp {
        self.walked.least(self.wanted, self.from)
    }

    /// The lists to walk, and the latest time that those left out may hold.
    async fn lists(&self, db: &mut PgConnection) -> sqlx::Result<(BinaryHeap<List>, Option<Timestamp>)> {
        let upto = self.before.time;
        let rows = sqlx::query_file!(
            "queries/events/directory.sql",
            &self.reach.ids(),
            Ts(upto) as Ts,
            Ts(self.from) as Ts,
            DIRECTORY
        )
        .fetch_all(db)
        .await?;
        let more = if rows.len() as i64 == DIRECTORY { rows.last().map(|r| r.max_time.0) } else { None };
        let lists = rows.into_iter().map(|r| List {
            upper: r.max_time.0.min(upto),
            bucket: r.bucket,
            partition: r.partition_id,
            // A span that ends later than `upto` begins before it only if it is long enough.
            below: (r.max_time.0.min(upto.plus_micros(r.longest_us)), i64::MAX),
        });
        Ok((lists.collect(), more))
    }

    /// Reads the next spans of some lists of one bucket, and the rows of those that can matter; gives back the lists
    /// that go on.
    async fn read_on(&mut self, db: &mut PgConnection, bucket: i32, mut lists: Vec<List>) -> sqlx::Result<Vec<List>> {
        let spans = sqlx::query_file!(
            "queries/events/spans.sql",
            bucket,
            &lists.iter().map(|l| l.partition).collect::<Vec<_>>(),
            &lists.iter().map(|l| Ts(l.below.0)).collect::<Vec<_>>() as &[Ts],
            &lists.iter().map(|l| l.below.1).collect::<Vec<_>>(),
            Ts(self.before.time) as Ts,
            Ts(self.from) as Ts,
            self.spans_each,
            self.looking.as_ref().is_some_and(|l| l.asks_numbers())
        )
        .fetch_all(&mut *db)
        .await?;
        let least = self.least();
        let mut read = vec![0_i64; lists.len()];
        let mut near = Vec::with_capacity(spans.len());
        for s in &spans {
            let Ok(n) = usize::try_from(s.n - 1) else { continue };
            let Some(list) = lists.get_mut(n) else { continue };
            read[n] += 1;
            // In no order: the one that ends first is where the list goes on.
            list.below = list.below.min((s.max_time.0, s.first_position));
            list.upper = list.upper.min(s.max_time.0);
            if s.max_time.0 < least {
                continue;
            }
            let events = u32::try_from(s.events).unwrap_or(0);
            if let Some(looking) = self.looking.as_mut().filter(|l| !l.may_match(s.zones.as_deref())) {
                looking.ruled_out += u64::from(events);
                continue;
            }
            near.push(Span { partition: list.partition, first: s.first_position, events });
            self.walked.looked_at += u64::from(events);
        }
        if !near.is_empty() {
            let window = Window { before: self.before, least };
            let found = match &mut self.looking {
                Some(looking) => looking.in_spans(db, self.reach, bucket, &near, &window).await?,
                None => of_spans(db, bucket, &near, &window, self.reach, Some(self.wanted)).await?,
            };
            self.walked.add(found, self.wanted);
        }
        Ok(lists.into_iter().zip(read).filter(|(_, read)| *read == self.spans_each).map(|(l, _)| l).collect())
    }
}

impl Default for Walked {
    /// Nothing found, and nothing left to look at.
    fn default() -> Self {
        Self { rows: Vec::new(), looked_at: 0, complete: true, next: None, passed_over: false }
    }
}

impl Walked {
    /// What ends before this can't change a page of `wanted` rows any more.
    pub(super) fn least(&self, wanted: usize, from: Timestamp) -> Timestamp {
        match self.rows.get(wanted - 1) {
            Some(last) => last.sort_time.0.max(from),
            None => from,
        }
    }

    /// The newest `wanted` of what was found before and now.
    pub(super) fn add(&mut self, found: Vec<Row>, wanted: usize) {
        self.rows.extend(found);
        self.rows.sort_unstable_by_key(|r| std::cmp::Reverse(r.order()));
        self.rows.truncate(wanted);
    }

    /// One more than asked for tells that there is a next page.
    pub(super) fn finish(&mut self, limit: usize) {
        if self.rows.len() > limit {
            self.rows.truncate(limit);
            self.complete = true;
            self.next = self.rows.last().map(Row::order);
        }
    }

    /// A bound was reached: what is certain stays, and the next page begins at `upper`.
    pub(super) fn stop_at(&mut self, upper: Timestamp, before: PageCursor) {
        self.complete = false;
        if upper < before.time {
            self.rows.retain(|r| r.sort_time.0 > upper);
            self.next = Some(at_or_before(upper));
        } else {
            // No time could be finished. What was found is shown, and the walk goes on below it rather than for ever
            // at the same place; `complete` says that something may be missing.
            self.passed_over = true;
            self.next = self.rows.last().map(Row::order).or(Some(at_or_before(before.time.plus_micros(-1))));
        }
    }
}
