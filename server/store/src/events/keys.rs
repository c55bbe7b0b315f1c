//! What is stored of many keys at once: of each the newest event, and how many there are.
//!
//! Few keys are looked up in the segments of keys. With more, the packed rows of all spans are read once for all of them,
//! what was captured last first: a few million events a second.

use super::{
    fill::{open_blocks, row_shown, type_names},
    list::gaps_found,
    needle::{WithHashes, with_hash},
    reach::{Reach, reach},
    rows::{PackedRows, Row},
};
use crate::{Store, capture::key_hash, span::Base, timestamp::Ts};
use sqlx::PgConnection;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use weir_domain::{
    Timestamp,
    access::View,
    events::{EventFilter, FEW_KEYS, KeyStanding, KeysScanned, StoredKeys, TimeRange},
};

/// Spans read by one statement: some megabytes.
const SPANS: i64 = 512;
/// Reading ends after this, and looking at the keys' bytes after twice as long; what is left out is told.
const PATIENCE: Duration = Duration::from_secs(8);
/// Blocks of so many events are opened in one go: bounds memory.
const OPENED: usize = 512;
/// Events with one hash that are opened where another key has the same.
const SAME_HASH: usize = 2000;
/// PostgreSQL's word for a statement that took too long.
const CANCELLED: &str = "57014";

/// Of one hash. Another key that happens to have the same is counted with it, where the newest event is not its.
#[derive(Debug, Clone)]
struct Counted {
    events: u64,
    newest: Row,
}

/// The events of some hashes, as far as they were counted.
struct Counting<'c> {
    reach: &'c Reach,
    range: TimeRange,
    all: HashMap<i64, Option<Counted>>,
}

impl<'c> Counting<'c> {
    fn new(reach: &'c Reach, range: TimeRange, hashes: &[i64]) -> Self {
        Self { reach, range, all: hashes.iter().map(|hash| (*hash, None)).collect() }
    }

    fn add(&mut self, row: Row) {
        let Some(counted) = row.key_hash.and_then(|hash| self.all.get_mut(&hash)) else { return };
        if !self.range.contains(row.sort_time.0) || self.reach.types.as_ref().is_some_and(|t| !t.contains(&row.type_id))
        {
            return;
        }
        match counted {
            None => *counted = Some(Counted { events: 1, newest: row }),
            Some(counted) => {
                counted.events += 1;
                if row.order() > counted.newest.order() {
                    counted.newest = row;
                }
            }
        }
    }

    fn done(self) -> HashMap<i64, Counted> {
        self.all.into_iter().filter_map(|(hash, counted)| Some((hash, counted?))).collect()
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
    let from = range.from.unwrap_or(Timestamp(i64::MIN));
    let to = range.to.unwrap_or(Timestamp(i64::MAX));
    let buckets = sqlx::query_file!("queries/events/keys_buckets.sql", &partitions, Ts(to) as Ts, Ts(from) as Ts)
        .fetch_all(&mut *db)
        .await?;
    if hashes.len() <= FEW_KEYS {
        let mut counting = Counting::new(reach, range, hashes);
        // Unless they are in more spans than are worth looking up.
        if let Some(mut with_hashes) = WithHashes::of(db, reach, hashes, range).await? {
            while let Some(rows) = with_hashes.next(db).await? {
                rows.into_iter().for_each(|row| counting.add(row));
                if begun.elapsed() > PATIENCE {
                    (scanned.complete, scanned.captured_since) = (false, None);
                    return Ok(counting.done());
                }
            }
            scanned.events = buckets.iter().map(|b| u64::try_from(b.events).unwrap_or(0)).sum();
            return Ok(counting.done());
        }
    }
    let mut counting = Counting::new(reach, range, hashes);
    for bucket in buckets {
        let mut after = (i64::MIN, i64::MIN);
        loop {
            if begun.elapsed() > PATIENCE {
                // Those that were not looked at end no later.
                (scanned.complete, scanned.captured_since) = (false, Some(bucket.to_time.0));
                return Ok(counting.done());
            }
            let spans = sqlx::query_file!(
                "queries/events/all_spans.sql",
                bucket.bucket,
                &partitions,
                after.0,
                after.1,
                Ts(to) as Ts,
                Ts(from) as Ts,
                SPANS
            )
            .fetch_all(&mut *db)
            .await?;
            let Some(last) = spans.last() else { break };
            after = (last.partition_id, last.first_position);
            for s in spans {
                let base = Base { first: s.first_position, captured_at: s.captured_at.0 };
                let packed = PackedRows { partition: s.partition_id, base, block_bucket: s.block_bucket, rows: s.rows };
                packed.each(|row| counting.add(row))?;
            }
        }
        scanned.events += u64::try_from(bucket.events).unwrap_or(0);
    }
    Ok(counting.done())
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
        let mut newest: Vec<&Row> = counted.values().map(|c| &c.newest).collect();
        newest.sort_unstable_by_key(|row| row.block());
        let mut odd = Vec::new();
        for some in newest.chunks(OPENED) {
            if given_up(begun, scanned) {
                return Ok(Vec::new());
            }
            let rows: Vec<Row> = some.iter().copied().cloned().collect();
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
            let (key, range) = (&self.keys[i], self.range);
            let Some(mut rows) = with_hash(self.db, self.reach, key_hash(key), range, SAME_HASH).await? else {
                (scanned.complete, scanned.captured_since) = (false, None);
                continue;
            };
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
