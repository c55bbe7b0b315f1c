//! In order over any set of partitions, reading only spans that can still hold something that comes before what was found.
//!
//! Each (partition, bucket) of the directory is a list of spans ordered by their latest time. Newest first, the walk always
//! goes on where the latest unread span may be, and ends when the page is full and every unread span ends before its last
//! row. Oldest first it goes through the same lists the other way: an unread span begins no earlier than its list's last
//! one ends, less the longest span there is.

use super::{
    look::Looking,
    order::Order,
    reach::Reach,
    rows::{Row, Span, Window, of_spans},
    whole,
};
use crate::timestamp::Ts;
use sqlx::PgConnection;
use std::{
    collections::{BTreeMap, BinaryHeap},
    time::{Duration, Instant},
};
use weir_domain::{
    Timestamp,
    events::{PageCursor, TimeRange},
};

/// How far a call goes before it gives its answer as far as it is, and in what steps.
struct Pace {
    rows: u64,
    rounds: u32,
    /// Rounds don't end it while one in so many rows is a match; 0: they do.
    unless_one_in: u64,
    time: Duration,
    /// Lists read in one round, at so many spans of each; and the most spans of each.
    lists: fn(i64) -> usize,
    spans: i64,
    /// No list is read on before each was read once: only then is there an end that the answer can stop at.
    evenly: bool,
}

const ROWS: Pace =
    Pace { rows: 100_000, rounds: 40, unless_one_in: 0, time: Duration::MAX, lists: |_| 64, spans: 64, evenly: false };
/// How long events are looked into before the answer is given as far as it is.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// Where a rare type is asked for: a few rounds meet what is not rare, and then it goes on as long as that stays so.
const FEW_ROUNDS: Pace = Pace { rounds: 4, unless_one_in: 50, ..ROWS };
/// Where events are looked into, a row costs what its bytes cost.
const INTO_EVENTS: Pace = Pace {
    rows: u64::MAX,
    rounds: u32::MAX,
    unless_one_in: 0,
    time: PATIENCE,
    lists: |spans| usize::try_from(256 / spans.max(1)).unwrap_or(0).max(1),
    spans: 32,
    evenly: true,
};
/// Where even that brings no progress (thousands of partitions, or times that are all mixed up), the end is here.
const FAR_TOO_MANY_ROUNDS: u32 = 400;
/// Directory rows that one call can overlook.
const DIRECTORY: i64 = 20_000;

/// What a page has room for. A walk goes no further than it takes to fill it: what is found behind that would be looked into
/// again for the next page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) rows: usize,
    /// Of the events themselves; none of a page that shows rows.
    pub(super) bytes: u64,
}

impl Room {
    pub(super) const fn of_rows(rows: usize) -> Self {
        Self { rows, bytes: u64::MAX }
    }

    /// How many of these a page takes: one at least, if there is one.
    fn fitting(&self, rows: &[Row]) -> usize {
        let mut bytes = 0_u64;
        let fits = |row: &&Row| {
            bytes = bytes.saturating_add(whole::weight(row));
            bytes <= self.bytes
        };
        rows.iter().take(self.rows).take_while(fits).count().max(1)
    }
}

#[derive(Debug)]
pub(super) struct Walked {
    /// In order; no more than there is room for.
    pub(super) rows: Vec<Row>,
    pub(super) looked_at: u64,
    /// Nothing remains, or the page is full.
    pub(super) complete: bool,
    pub(super) next: Option<PageCursor>,
    /// Something that comes before `next` may have been left out.
    pub(super) passed_over: bool,
}

/// A list of spans, as far as it was read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct List {
    /// No unread span holds anything sooner ([`Order::soon`]). First, because the heap is ordered by it.
    soonest: i64,
    bucket: i32,
    partition: i64,
    /// Where the unread ones begin: (latest time, first position).
    at: (Timestamp, i64),
    longest_us: i64,
}

/// One call's walk.
struct Walk<'r> {
    reach: &'r Reach,
    looking: Option<&'r mut Looking>,
    pace: &'static Pace,
    begun: Instant,
    order: Order,
    /// What is found comes behind this,
    edge: PageCursor,
    /// and no later than at this time.
    far: Timestamp,
    room: Room,
    spans_each: i64,
    walked: Walked,
}

/// How far a walk that looks into no event goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Far {
    AsUsual,
    FewRounds,
}

/// The first events in a range, behind a place.
pub(super) async fn walk(
    db: &mut PgConnection,
    reach: &Reach,
    looking: Option<&mut Looking>,
    (range, order): (TimeRange, Order),
    after: Option<PageCursor>,
    room: Room,
    how_far: Far,
) -> sqlx::Result<Walked> {
    let (edge, far) = order.ends(range, after);
    let mut walk = Walk {
        reach,
        pace: match (looking.is_some(), how_far) {
            (true, _) => &INTO_EVENTS,
            (false, Far::AsUsual) => &ROWS,
            (false, Far::FewRounds) => &FEW_ROUNDS,
        },
        looking,
        begun: Instant::now(),
        order,
        edge,
        far,
        room,
        spans_each: 2,
        walked: Walked::default(),
    };
    if order.soon(far) <= order.soon(edge.time) {
        walk.on(db).await?;
    }
    let mut walked = walk.walked;
    walked.finish(room);
    Ok(walked)
}

impl Walk<'_> {
    async fn on(&mut self, db: &mut PgConnection) -> sqlx::Result<()> {
        let (mut lists, left_out) = self.lists(db).await?;
        let mut rounds = 0;
        let edge = self.order.soon(self.edge.time);
        while let Some(soonest) = lists.peek().map(|l| l.soonest).filter(|s| *s >= self.least()) {
            let Pace { rows, time, spans, evenly, .. } = *self.pace;
            let often = self.walked.rows.len() as u64 * self.pace.unless_one_in > self.walked.looked_at;
            let enough =
                self.walked.looked_at >= rows || (rounds >= self.pace.rounds && !often) || self.begun.elapsed() >= time;
            if enough && (soonest < edge || rounds >= FAR_TOO_MANY_ROUNDS) {
                self.walked.stop_at(self.order, soonest, self.edge);
                return Ok(());
            }
            let mut some: BTreeMap<i32, Vec<List>> = BTreeMap::new();
            for _ in 0..(self.pace.lists)(self.spans_each) {
                if lists.peek().is_none_or(|l| l.soonest < self.least()) {
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
            let begun = lists.peek().is_none_or(|l| l.soonest < edge);
            if begun || !evenly {
                self.spans_each = (self.spans_each * 2).min(spans);
            }
        }
        if let Some(left_out) = left_out
            && !self.walked.is_full(self.room)
        {
            self.walked.stop_at(self.order, left_out, self.edge);
        }
        Ok(())
    }

    /// An unread span that holds nothing so soon can't change the page any more.
    fn least(&self) -> i64 {
        self.walked.least(self.order, self.room, self.far)
    }

    /// The lists to walk, and the soonest that those left out may hold.
    async fn lists(&self, db: &mut PgConnection) -> sqlx::Result<(BinaryHeap<List>, Option<i64>)> {
        let (edge, ids) = (self.edge.time, self.reach.ids());
        let soonest = |at: Timestamp| self.order.soon(at).min(self.order.soon(edge));
        let lists: Vec<List> = match self.order {
            Order::NewestFirst => {
                let rows = sqlx::query_file!(
                    "queries/events/directory.sql",
                    &ids,
                    Ts(edge) as Ts,
                    Ts(self.far) as Ts,
                    DIRECTORY
                )
                .fetch_all(db)
                .await?;
                let lists = rows.into_iter().map(|r| List {
                    soonest: soonest(r.max_time.0),
                    bucket: r.bucket,
                    partition: r.partition_id,
                    // A span that ends later than the edge begins before it only if it is long enough.
                    at: (r.max_time.0.min(edge.plus_micros(r.longest_us)), i64::MAX),
                    longest_us: r.longest_us,
                });
                lists.collect()
            }
            Order::OldestFirst => {
                let rows = sqlx::query_file!(
                    "queries/events/directory_oldest.sql",
                    &ids,
                    Ts(self.far) as Ts,
                    Ts(edge) as Ts,
                    DIRECTORY
                )
                .fetch_all(db)
                .await?;
                let lists = rows.into_iter().map(|r| List {
                    soonest: soonest(r.min_time.0),
                    bucket: r.bucket,
                    partition: r.partition_id,
                    at: (edge, -1),
                    longest_us: r.longest_us,
                });
                lists.collect()
            }
        };
        let left_out = lists.last().filter(|_| lists.len() as i64 == DIRECTORY).map(|l| l.soonest);
        Ok((lists.into_iter().collect(), left_out))
    }

    /// Reads the next spans of some lists of one bucket, and the rows of those that can matter; gives back the lists
    /// that go on.
    async fn read_on(&mut self, db: &mut PgConnection, bucket: i32, mut lists: Vec<List>) -> sqlx::Result<Vec<List>> {
        let partitions: Vec<i64> = lists.iter().map(|l| l.partition).collect();
        let at: Vec<Ts> = lists.iter().map(|l| Ts(l.at.0)).collect();
        let firsts: Vec<i64> = lists.iter().map(|l| l.at.1).collect();
        let zones = self.looking.as_ref().is_some_and(|l| l.asks_numbers());
        let (edge, far, each) = (Ts(self.edge.time), Ts(self.far), self.spans_each);
        let spans: Vec<SpanRead> = match self.order {
            Order::NewestFirst => {
                sqlx::query_file_as!(
                    SpanRead,
                    "queries/events/spans.sql",
                    bucket,
                    &partitions,
                    &at as &[Ts],
                    &firsts,
                    edge as Ts,
                    far as Ts,
                    each,
                    zones
                )
                .fetch_all(&mut *db)
                .await?
            }
            Order::OldestFirst => {
                // One that begins in time ends no later than this.
                let last: Vec<Ts> = lists.iter().map(|l| Ts(self.far.plus_micros(l.longest_us))).collect();
                sqlx::query_file_as!(
                    SpanRead,
                    "queries/events/spans_oldest.sql",
                    bucket,
                    &partitions,
                    &at as &[Ts],
                    &firsts,
                    &last as &[Ts],
                    far as Ts,
                    edge as Ts,
                    each,
                    zones
                )
                .fetch_all(&mut *db)
                .await?
            }
        };
        let least = self.least();
        let mut read = vec![0_i64; lists.len()];
        let mut near = Vec::with_capacity(spans.len());
        for s in &spans {
            let Ok(n) = usize::try_from(s.n - 1) else { continue };
            let Some(list) = lists.get_mut(n) else { continue };
            read[n] += 1;
            // In no order: the last one is where the list goes on.
            let at = (s.max_time.0, s.first_position);
            let soonest = match self.order {
                Order::NewestFirst => {
                    list.at = list.at.min(at);
                    at.0
                }
                Order::OldestFirst => {
                    list.at = list.at.max(at);
                    at.0.plus_micros(-list.longest_us)
                }
            };
            list.soonest = list.soonest.min(self.order.soon(soonest));
            if self.order == Order::NewestFirst && self.order.soon(s.max_time.0) < least {
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
            let window = Window { order: self.order, edge: self.edge, far: self.order.time(least) };
            let found = match &mut self.looking {
                Some(looking) => looking.in_spans(db, self.reach, bucket, &near, &window).await?,
                None => of_spans(db, bucket, &near, &window, self.reach, Some(self.room.rows + 1)).await?,
            };
            self.walked.add(self.order, found, self.room);
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
    /// One more than there is room for tells that there is a next page.
    fn is_full(&self, room: Room) -> bool {
        self.rows.len() > room.fitting(&self.rows)
    }

    /// What holds nothing so soon can't change the page any more.
    pub(super) fn least(&self, order: Order, room: Room, far: Timestamp) -> i64 {
        let far = order.soon(far);
        let last = self.rows.last().filter(|_| self.is_full(room));
        last.map_or(far, |last| order.soon(last.sort_time.0).max(far))
    }

    /// The first of what was found before and now, and one more than there is room for.
    pub(super) fn add(&mut self, order: Order, found: Vec<Row>, room: Room) {
        self.rows.extend(found);
        order.sort(&mut self.rows);
        self.rows.truncate(room.fitting(&self.rows) + 1);
    }

    pub(super) fn finish(&mut self, room: Room) {
        let fitting = room.fitting(&self.rows);
        if self.rows.len() > fitting {
            self.rows.truncate(fitting);
            self.complete = true;
            self.next = self.rows.last().map(Row::order);
        }
    }

    /// A bound was reached: what is certain stays, and the next page begins where something unread may be.
    pub(super) fn stop_at(&mut self, order: Order, soonest: i64, edge: PageCursor) {
        self.complete = false;
        if soonest < order.soon(edge.time) {
            self.rows.retain(|r| order.soon(r.sort_time.0) > soonest);
            self.next = Some(order.before_all_at(order.time(soonest)));
        } else {
            // No time could be finished. What was found is shown, and the walk goes on behind it rather than for ever
            // at the same place; `complete` says that something may be missing.
            self.passed_over = true;
            self.next = self.rows.last().map(Row::order).or(Some(order.behind_all_at(edge.time)));
        }
    }
}

/// A span as a list has it.
struct SpanRead {
    n: i64,
    first_position: i64,
    max_time: Ts,
    events: i32,
    zones: Option<Vec<u8>>,
}
