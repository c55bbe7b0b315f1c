//! What is stored of many keys at once: of each the newest event, and how many there are.
//!
//! Few keys are looked up in the index of their hashes: a millisecond each for 5 million events. It tells of a stretch of
//! the table which hashes are not in it, and is mistaken now and then: for each of many keys some stretches are read in
//! vain. So with more keys the tables are read, once for all of them, a stretch at a time and what was captured last first:
//! 0.5 s for those 5 million.

use super::{
    by_key::with_hash,
    fill::{open_blocks, row_shown, type_names},
    list::gaps_found,
    reach::{Reach, reach},
    rows::Row,
};
use crate::{Store, capture::key_hash, timestamp::Ts};
use sqlx::PgConnection;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use weir_domain::{
    EventId, PartitionId, Position, Timestamp,
    access::View,
    events::{EventFilter, FEW_KEYS, KeyStanding, KeysScanned, StoredKeys, TimeRange},
};

/// Pages of a table that are read by one statement: 128 MB.
const STRETCH: i64 = 16 * 1024;
/// Reading ends after this, and looking at the keys' bytes after twice as long; what is left out is told.
const PATIENCE: Duration = Duration::from_secs(8);
/// No statement gets less.
const LEAST: Duration = Duration::from_millis(500);
/// Blocks of so many events are opened in one go: bounds memory.
const OPENED: usize = 512;
/// Events with one hash that are opened where another key has the same.
const SAME_HASH: i64 = 2000;
/// PostgreSQL's word for a statement that took too long.
const CANCELLED: &str = "57014";

/// Of one hash. Another key that happens to have the same is counted with it, where the newest event is not its.
#[derive(Debug, Clone, Copy)]
struct Counted {
    events: u64,
    time: Timestamp,
    newest: EventId,
    bucket: i32,
}

impl Counted {
    fn add(&mut self, other: Self) {
        let (events, order) = (self.events + other.events, |c: &Self| (c.time, c.newest));
        if order(&other) > order(self) {
            *self = other;
        }
        self.events = events;
    }
}

impl Store {
    pub(super) async fn keys_found(
        &self,
        view: &View,
        filter: &EventFilter,
        keys: &[Vec<u8>],
    ) -> sqlx::Result<StoredKeys> {
        let nothing = |scanned| StoredKeys { keys: vec![None; keys.len()], scanned };
        let complete = KeysScanned { complete: true, ..KeysScanned::default() };
        if !view.key() {
            return Ok(nothing(complete));
        }
        let _turn = self.search_turn().await?;
        let mut by_hash: HashMap<i64, Vec<usize>> = HashMap::with_capacity(keys.len());
        for (i, key) in keys.iter().enumerate() {
            by_hash.entry(key_hash(key)).or_default().push(i);
        }
        let hashes: Vec<i64> = by_hash.keys().copied().collect();

        let begun = Instant::now();
        let mut db = self.by_index().await?;
        let filter = EventFilter { key: None, query: None, ..filter.clone() };
        let Some(reach) = reach(&mut db, view, &filter).await? else { return Ok(nothing(complete)) };
        let mut scanned = complete;
        let counted = count(&mut db, &reach, &hashes, filter.range, begun, &mut scanned).await?;
        // A statement that was cancelled has ended its transaction.
        drop(db);

        let mut db = self.by_index().await?;
        let mut found =
            Finding { db: &mut db, reach: &reach, range: filter.range, keys, standings: vec![None; keys.len()] };
        let odd = found.newest(&by_hash, &counted, begun, &mut scanned).await?;
        found.one_by_one(odd, begun, &mut scanned).await?;
        let standings = found.standings;
        let (from, to) = (filter.range.from, filter.range.to);
        scanned.gaps = gaps_found(&mut db, &reach.all_ids(), from, to).await?;
        Ok(StoredKeys { keys: standings, scanned })
    }
}

/// Counts the events of each hash, for as long as there is patience.
async fn count(
    db: &mut PgConnection,
    reach: &Reach,
    hashes: &[i64],
    range: TimeRange,
    begun: Instant,
    scanned: &mut KeysScanned,
) -> sqlx::Result<HashMap<i64, Counted>> {
    let partitions = reach.ids();
    let from = Ts(range.from.unwrap_or(Timestamp(i64::MIN)));
    let to = Ts(range.to.unwrap_or(Timestamp(i64::MAX)));
    let buckets =
        sqlx::query_file!("queries/events/keys_buckets.sql", &partitions, to as Ts, from as Ts).fetch_all(&mut *db);
    let buckets = buckets.await?;
    let by_index = hashes.len() <= FEW_KEYS;
    // Of the ways there are, only this one for the statements to come.
    let way = match by_index {
        true => "set local enable_bitmapscan = on; set local enable_indexscan = off; set local enable_tidscan = off",
        false => "set local enable_bitmapscan = off; set local enable_indexscan = off; set local enable_tidscan = on",
    };
    sqlx::raw_sql(way).execute(&mut *db).await?;
    let mut all: HashMap<i64, Counted> = HashMap::new();
    for bucket in buckets {
        let mut end = bucket.pages;
        while end > 0 {
            let begin = if by_index { 0 } else { (end - STRETCH).max(0) };
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let rows = match left {
                Duration::ZERO => None,
                left => {
                    patience(db, left.max(LEAST)).await?;
                    let rows = sqlx::query_file!(
                        "queries/events/keys_counted.sql",
                        hashes,
                        &partitions,
                        bucket.bucket,
                        from as Ts,
                        to as Ts,
                        reach.types.as_deref() as Option<&[i32]>,
                        format!("({begin},0)"),
                        // What was written since counts too.
                        if end == bucket.pages { "(4294967295,0)".to_owned() } else { format!("({end},0)") },
                    );
                    unless_cancelled(rows.fetch_all(&mut *db).await)?
                }
            };
            let Some(rows) = rows else {
                // Those that were not looked at end no later.
                (scanned.complete, scanned.captured_since) = (false, Some(bucket.to_time.0));
                return Ok(all);
            };
            for row in rows {
                let [time, partition, position] = row.newest[..] else { continue };
                let one = Counted {
                    events: u64::try_from(row.events).unwrap_or(0),
                    time: Timestamp(time),
                    newest: EventId { partition: PartitionId(partition), position: Position(position) },
                    bucket: bucket.bucket,
                };
                all.entry(row.hash).and_modify(|c| c.add(one)).or_insert(one);
            }
            end = begin;
        }
        scanned.events += u64::try_from(bucket.events).unwrap_or(0);
    }
    Ok(all)
}

pub(super) async fn patience(db: &mut PgConnection, most: Duration) -> sqlx::Result<()> {
    let text = most.as_millis().to_string();
    sqlx::query_scalar!("select set_config('statement_timeout', $1, true)", text).fetch_one(db).await.map(drop)
}

pub(super) fn unless_cancelled<T>(done: sqlx::Result<T>) -> sqlx::Result<Option<T>> {
    match done {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(CANCELLED) => Ok(None),
        done => done.map(Some),
    }
}

/// Is it too late to look at more? Then what was not looked at may be anywhere.
fn given_up(begun: Instant, scanned: &mut KeysScanned) -> bool {
    let late = begun.elapsed() > 2 * PATIENCE;
    if late {
        (scanned.complete, scanned.captured_since) = (false, None);
    }
    late
}

/// From hashes to keys: bytes decide.
struct Finding<'f> {
    db: &'f mut PgConnection,
    reach: &'f Reach,
    range: TimeRange,
    keys: &'f [Vec<u8>],
    standings: Vec<Option<KeyStanding>>,
}

impl Finding<'_> {
    /// Takes the newest event of each hash for that of its key, if it has the key. Returns the keys of other hashes: two
    /// keys share one.
    async fn newest(
        &mut self,
        by_hash: &HashMap<i64, Vec<usize>>,
        counted: &HashMap<i64, Counted>,
        begun: Instant,
        scanned: &mut KeysScanned,
    ) -> sqlx::Result<Vec<usize>> {
        let mut of_bucket: HashMap<i32, Vec<EventId>> = HashMap::new();
        for one in counted.values() {
            of_bucket.entry(one.bucket).or_default().push(one.newest);
        }
        let mut odd = Vec::new();
        for (bucket, ids) in of_bucket {
            for some in ids.chunks(OPENED) {
                if given_up(begun, scanned) {
                    return Ok(Vec::new());
                }
                let (partitions, positions): (Vec<_>, Vec<_>) =
                    some.iter().map(|i| (i.partition.0, i.position.0)).unzip();
                let rows = sqlx::query_file_as!(Row, "queries/events/keys_newest.sql", bucket, &partitions, &positions)
                    .fetch_all(&mut *self.db)
                    .await?;
                let bytes = open_blocks(self.db, &rows, true, false, 0).await?;
                let names = type_names(self.db, &rows).await?;
                for row in &rows {
                    let Some(hash) = row.key_hash else { continue };
                    let (Some(of_hash), Some(one)) = (by_hash.get(&hash), counted.get(&hash)) else { continue };
                    let key = bytes.get(&row.id()).and_then(|b| b.key.as_deref());
                    match of_hash.as_slice() {
                        [only] if key.is_none_or(|key| key == self.keys[*only]) => {
                            self.standings[*only] = self.standing(*only, row, &names, one.events, key.is_none());
                        }
                        others => odd.extend(others),
                    }
                }
            }
        }
        Ok(odd)
    }

    fn standing(
        &self,
        of: usize,
        row: &Row,
        names: &HashMap<i32, String>,
        events: u64,
        by_hash: bool,
    ) -> Option<KeyStanding> {
        let place = self.reach.partitions.get(&row.partition())?;
        let key = (!by_hash).then(|| self.keys[of].clone());
        let newest = row_shown(row, *place, names.get(&row.type_id), key, None, by_hash);
        Some(KeyStanding { events, newest, by_hash })
    }

    /// The exact way, event by event.
    async fn one_by_one(&mut self, odd: Vec<usize>, begun: Instant, scanned: &mut KeysScanned) -> sqlx::Result<()> {
        for i in odd {
            if given_up(begun, scanned) {
                return Ok(());
            }
            let (key, range, latest) = (&self.keys[i], self.range, Timestamp(i64::MAX));
            let mut rows = with_hash(self.db, self.reach, key_hash(key), range, latest, SAME_HASH).await?;
            rows.retain(|r| {
                range.contains(r.sort_time.0) && self.reach.types.as_ref().is_none_or(|t| t.contains(&r.type_id))
            });
            rows.sort_unstable_by_key(|r| std::cmp::Reverse(r.order()));
            let (mut of_key, mut unknown) = (Vec::new(), Vec::new());
            for some in rows.chunks(OPENED) {
                let bytes = open_blocks(self.db, some, true, false, 0).await?;
                for row in some {
                    match bytes.get(&row.id()).and_then(|b| b.key.as_deref()) {
                        Some(bytes) if bytes == key.as_slice() => of_key.push(row.clone()),
                        Some(_) => {}
                        None => unknown.push(row.clone()),
                    }
                }
            }
            let by_hash = of_key.is_empty();
            let all = if by_hash { unknown } else { of_key };
            let Some(newest) = all.first() else { continue };
            let names = type_names(self.db, std::slice::from_ref(newest)).await?;
            self.standings[i] = self.standing(i, newest, &names, all.len() as u64, by_hash);
        }
        Ok(())
    }
}
