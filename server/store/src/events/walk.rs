//! Newest first over any set of partitions, reading only spans that can still hold something newer than what was found.
//!
//! Each (partition, bucket) of the directory is a list of spans ordered by their latest time. The walk always goes on
//! where the latest unread span may be, and ends when the page is full and every unread span ends before its last row.

use super::{reach::Reach, rows::Row};
use crate::{Store, timestamp::Ts};
use std::collections::{BTreeMap, BinaryHeap};
use weir_domain::{
    EventId, PartitionId, Position, Timestamp,
    events::{PageCursor, TimeRange},
};

/// Rows looked at before a call gives its answer as far as it is,
const ENOUGH_ROWS: u64 = 100_000;
/// and how often it asks for more.
const ENOUGH_ROUNDS: u32 = 40;
/// Where even that brings no progress (thousands of partitions, or times that are all mixed up), the end is here.
const FAR_TOO_MUCH: u32 = 10;
/// Lists read in one round.
const LISTS: usize = 64;
/// Directory rows that one call can overlook.
const DIRECTORY: i64 = 20_000;

pub(super) struct Walked {
    /// In order; at most the limit.
    pub(super) rows: Vec<Row>,
    pub(super) looked_at: u64,
    /// Nothing older remains, or the page is full.
    pub(super) complete: bool,
    pub(super) next: Option<PageCursor>,
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

impl Store {
    pub(super) async fn walk(
        &self,
        reach: &Reach,
        range: TimeRange,
        before: Option<PageCursor>,
        limit: usize,
    ) -> sqlx::Result<Walked> {
        let end = range.to.map_or(Timestamp(i64::MAX), |t| t.plus_micros(-1));
        let before = before.map_or(at_or_before(end), |b| b.min(at_or_before(end)));
        let from = range.from.unwrap_or(Timestamp(i64::MIN));
        let mut walked = Walked { rows: Vec::new(), looked_at: 0, complete: true, next: None };
        if from > before.time {
            return Ok(walked);
        }
        let (mut lists, more_below) = self.lists(reach, before.time, from).await?;
        // One more than asked for tells whether there is a next page.
        let wanted = limit + 1;
        let (mut rounds, mut spans_each) = (0, 2);
        loop {
            // An unread span that ends before the last row found can't change the page any more.
            let least = if walked.rows.len() >= wanted { walked.rows[wanted - 1].sort_time.0 } else { from };
            let Some(upper) = lists.peek().map(|l| l.upper).filter(|u| *u >= least) else { break };
            let enough = walked.looked_at >= ENOUGH_ROWS || rounds >= ENOUGH_ROUNDS;
            if enough && (upper < before.time || rounds >= ENOUGH_ROUNDS * FAR_TOO_MUCH) {
                walked.stop_at(upper, before);
                break;
            }
            let mut some = Vec::new();
            while some.len() < LISTS && lists.peek().is_some_and(|l| l.upper >= least) {
                some.extend(lists.pop());
            }
            for list in self.read_on(reach, some, before, from, least, spans_each, wanted, &mut walked).await? {
                lists.push(list);
            }
            rounds += 1;
            spans_each = (spans_each * 2).min(64);
        }
        if let Some(below) = more_below
            && walked.complete
            && walked.rows.len() < wanted
        {
            walked.stop_at(below, before);
        }
        if walked.rows.len() > limit {
            walked.rows.truncate(limit);
            walked.complete = true;
            walked.next = walked.rows.last().map(Row::order);
        }
        Ok(walked)
    }

    /// The lists to walk, and the latest time that those left out may hold.
    async fn lists(
        &self,
        reach: &Reach,
        upto: Timestamp,
        from: Timestamp,
    ) -> sqlx::Result<(BinaryHeap<List>, Option<Timestamp>)> {
        let rows =
            sqlx::query_file!("queries/events/directory.sql", &reach.ids(), Ts(upto) as Ts, Ts(from) as Ts, DIRECTORY)
                .fetch_all(self.pages())
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

    /// Reads the next spans of some lists, and the rows of those that can matter; gives back the lists that go on.
    #[expect(clippy::too_many_arguments, reason = "the state of one walk, taken apart so that its borrows stay simple")]
    async fn read_on(
        &self,
        reach: &Reach,
        lists: Vec<List>,
        before: PageCursor,
        from: Timestamp,
        least: Timestamp,
        spans_each: i64,
        wanted: usize,
        walked: &mut Walked,
    ) -> sqlx::Result<Vec<List>> {
        let mut by_bucket: BTreeMap<i32, Vec<List>> = BTreeMap::new();
        for list in lists {
            by_bucket.entry(list.bucket).or_default().push(list);
        }
        let mut go_on = Vec::new();
        for (bucket, mut lists) in by_bucket {
            let spans = sqlx::query_file!(
                "queries/events/spans.sql",
                bucket,
                &lists.iter().map(|l| l.partition).collect::<Vec<_>>(),
                &lists.iter().map(|l| Ts(l.below.0)).collect::<Vec<_>>() as &[Ts],
                &lists.iter().map(|l| l.below.1).collect::<Vec<_>>(),
                Ts(before.time) as Ts,
                Ts(from) as Ts,
                spans_each
            )
            .fetch_all(self.pages())
            .await?;
            let mut read = vec![0_i64; lists.len()];
            let (mut partitions, mut firsts, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
            for s in &spans {
                let n = usize::try_from(s.n - 1).unwrap_or(0);
                read[n] += 1;
                lists[n].below = (s.max_time.0, s.first_position);
                lists[n].upper = s.max_time.0.min(before.time);
                if s.max_time.0 >= least {
                    partitions.push(lists[n].partition);
                    firsts.push(s.first_position);
                    lasts.push(s.last_position);
                    walked.looked_at += u64::try_from(s.events).unwrap_or(0);
                }
            }
            if !partitions.is_empty() {
                let rows = sqlx::query_file_as!(
                    Row,
                    "queries/events/of_spans.sql",
                    bucket,
                    &partitions,
                    &firsts,
                    &lasts,
                    Ts(before.time) as Ts,
                    before.id.partition.0,
                    before.id.position.0,
                    Ts(from.max(least)) as Ts,
                    reach.type_id,
                    reach.key_hash(),
                    wanted as i64
                )
                .fetch_all(self.pages())
                .await?;
                walked.rows.extend(rows);
                walked.rows.sort_unstable_by_key(|r| std::cmp::Reverse(r.order()));
                walked.rows.truncate(wanted);
            }
            let lists = lists.into_iter().zip(read).filter(|(_, read)| *read == spans_each);
            go_on.extend(lists.map(|(l, _)| l));
        }
        Ok(go_on)
    }
}

impl Walked {
    /// A bound was reached: what is certain stays, and the next page begins at `upper`.
    fn stop_at(&mut self, upper: Timestamp, before: PageCursor) {
        self.complete = false;
        if upper < before.time {
            self.rows.retain(|r| r.sort_time.0 > upper);
            self.next = Some(at_or_before(upper));
        } else {
            // No time could be finished. What was found is shown, and the walk goes on below it rather than for ever
            // at the same place; `complete` says that something may be missing.
            self.next = self.rows.last().map(Row::order).or(Some(at_or_before(before.time.plus_micros(-1))));
        }
    }
}
