//! Storing content behind rows that are there: the batch's block is written anew with what the broker has of its events.

use super::lacking::lacks;
use crate::{
    Store,
    block::{Filled, Place, fill},
    capture::key_hash,
    events::{
        BY_INDEX,
        blank::{no_zones, zones_of},
        damaged,
    },
    maintenance::{
        bucket::{Bucket, Part},
        make,
    },
    pool::{begin, off_the_runtime},
    segments,
    span::{self, Base, SpanRow, pack},
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use weir_domain::{
    Timestamp,
    backfill::{ContentDone, ContentRead, ContentStored, ContentWaits},
    events::KeyHash,
    verify::{Bytes, ReadAt, StoredAt, difference},
};

/// A span under its row's lock.
struct Locked {
    bucket: i32,
    first: i64,
    last: i64,
    captured_at: Timestamp,
    block_bucket: Option<i32>,
    rows: Vec<SpanRow>,
    /// As it was packed: what segments know of it is of these.
    body: Option<Vec<u8>>,
}

/// The payload buckets that take what is filled, by the buckets of its rows.
struct Targets {
    by_rows: BTreeMap<i32, Bucket>,
    usual: Bucket,
}

impl Targets {
    fn of(&self, rows: i32) -> Bucket {
        self.by_rows.get(&rows).copied().unwrap_or(self.usual)
    }
}

impl Store {
    /// What is filled is kept from now on, for as long as what comes now, but for no longer than its rows, as far as there is
    /// a class that short: nobody comes to content without rows. `None`: there is no such partition.
    async fn targets(&self, read: &ContentRead) -> sqlx::Result<Option<Targets>> {
        let rows = sqlx::query!(
            r#"select c.payload_class, d.bucket as "bucket?" from partition p join channel c on c.id = p.channel_id
               left join partition_bucket d on d.partition_id = p.id and d.part = 'metadata'
                   and d.first_position < $3 and d.last_position >= $2
               where p.id = $1"#,
            read.partition.0,
            read.from.0,
            read.next.0
        )
        .fetch_all(self.capture_pool())
        .await?;
        let Some(class) = rows.first().map(|r| r.payload_class) else { return Ok(None) };
        let usual = Bucket::of(Part::Payload, class, read.at);
        let by_rows = rows.iter().filter_map(|r| Bucket::known(Part::Metadata.as_str(), r.bucket?));
        let by_rows: BTreeMap<i32, Bucket> =
            by_rows.map(|of| (of.id, usual.no_later_than(of.ends(), read.at))).collect();
        let mut connection = self.capture_pool().acquire().await?;
        let wanted: BTreeSet<i32> = by_rows.values().chain([&usual]).map(|b| b.id).collect();
        for id in wanted {
            make::make(&mut connection, Bucket { part: Part::Payload, id }).await?;
        }
        Ok(Some(Targets { by_rows, usual }))
    }

    pub(super) async fn refilled(&self, read: &ContentRead) -> sqlx::Result<ContentStored> {
        let Some(targets) = self.targets(read).await? else { return Ok(ContentStored::Moved) };
        let mut tx = begin(self.capture_pool()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        // Before any row is locked, as erasures do: none of them is at work while content is stored.
        segments::lock(&mut tx).await?;
        let moved = sqlx::query_file!(
            "queries/backfill/content_moved.sql",
            read.partition.0,
            read.expected.0,
            read.next.0,
            Ts(read.asked_at) as Ts
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(moved) = moved else { return Ok(ContentStored::Moved) };
        let waits = [
            (moved.lowered, ContentWaits::Lowered),
            (moved.erases, ContentWaits::Erases),
            (moved.erasing, ContentWaits::Erasure),
            (moved.erased_since, ContentWaits::ErasedSince),
            (moved.off, ContentWaits::Off),
            (moved.still, ContentWaits::StandsStill),
            (moved.over_budget || moved.full, ContentWaits::OverBudget),
            (moved.above_limit, ContentWaits::AboveLimit),
        ];
        if let Some((_, why)) = waits.into_iter().find(|(stands, _)| *stands) {
            return Ok(ContentStored::Waits(why));
        }
        let spans = sqlx::query_file!(
            "queries/verify/spans.sql",
            read.partition.0,
            read.from.0,
            read.next.0,
            // As many as there are positions: none is left out.
            read.next.0.saturating_sub(read.from.0)
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut done = ContentDone::default();
        for span in spans {
            let Some(locked) = lock(&mut tx, span.bucket, read.partition.0, span.first_position).await? else {
                continue;
            };
            refill(&mut tx, read, &targets, locked, &mut done).await?;
        }
        // What stood in its way does no longer.
        sqlx::query!(
            "update content_fill set reason = null where channel_id = $1 and reason is not null",
            read.channel.0
        )
        .execute(&mut *tx)
        .await?;
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        sqlx::query!(
            "update content_fill_partition set events = events + $2, raw_bytes = raw_bytes + $3, gone = gone + $4, other = other + $5,
                 unreadable = unreadable + $6
             where partition_id = $1",
            read.partition.0,
            count(done.events),
            count(done.raw_bytes),
            count(done.gone),
            count(done.other),
            count(done.unreadable)
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(ContentStored::Stored(done))
    }
}

async fn lock(db: &mut PgConnection, bucket: i32, partition: i64, first: i64) -> sqlx::Result<Option<Locked>> {
    let span = sqlx::query!(
        r#"select last_position, captured_at as "captured_at: Ts", block_bucket, rows from event_span
           where bucket = $1 and partition_id = $2 and first_position = $3 for update"#,
        bucket,
        partition,
        first
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(span) = span else { return Ok(None) };
    let captured_at = span.captured_at.0;
    let mut rows = Vec::new();
    if span::each(Base { first, captured_at }, &span.rows, |_, row| rows.push(row)).is_none() {
        tracing::warn!(partition, span = first, "content can't be filled: the rows of a span can't be read");
        return Ok(None);
    }
    let body = match span.block_bucket {
        Some(of) => {
            sqlx::query_scalar!(
                "select body from block where bucket = $1 and partition_id = $2 and first_position = $3 for update",
                of,
                partition,
                first
            )
            .fetch_optional(db)
            .await?
        }
        None => None,
    };
    let block_bucket = span.block_bucket.filter(|_| body.is_some());
    Ok(Some(Locked { bucket, first, last: span.last_position, captured_at, block_bucket, rows, body }))
}

/// What comes to each of a span's rows.
struct Judged<'r> {
    places: Vec<Place<'r>>,
    rows: Vec<SpanRow>,
    done: ContentDone,
}

/// Looks at each row of a span; those that lack content and whose record is theirs get it.
fn judge<'r>(read: &'r ContentRead, span: &Locked) -> Judged<'r> {
    let kept = span.body.is_some();
    let mut judged = Judged { places: Vec::new(), rows: Vec::new(), done: ContentDone::default() };
    for row in &span.rows {
        let asked = (read.from.0..read.next.0).contains(&row.position) && read.times.hold(row.sort_time);
        let lacking = lacks(row, kept);
        let record = match asked && lacking {
            true => read
                .records
                .binary_search_by_key(&row.position, |r| r.position.0)
                .ok()
                .and_then(|at| read.records.get(at)),
            false => None,
        };
        let other = record.is_some_and(|record| is_other(row, record));
        let (place, row) = match record.filter(|_| !other) {
            Some(record) => {
                judged.done.events += 1;
                judged.done.raw_bytes += u64::try_from(row.size).unwrap_or(0);
                let key_hash = record.raw.key.as_deref().map(key_hash);
                (Place::New(&record.raw), SpanRow { key_hash, flags: row.flags.filled(), ..*row })
            }
            None if kept && !lacking => (Place::AsBefore, *row),
            None => (Place::Empty { erased: row.flags.blank() }, SpanRow { flags: row.flags.not_filled(), ..*row }),
        };
        judged.done.gone += u64::from(asked && lacking && record.is_none());
        judged.done.other += u64::from(other);
        judged.places.push(place);
        judged.rows.push(row);
    }
    judged
}

/// Has the broker something else at this position than what was captured from it?
fn is_other(row: &SpanRow, record: &ReadAt) -> bool {
    let stored = StoredAt {
        position: record.position,
        time_kind: row.flags.time_kind(),
        broker_ms: row.broker_ms,
        size: u64::try_from(row.size).unwrap_or(0),
        tombstone: row.flags.tombstone(),
        key_hash: row.key_hash.map(KeyHash),
        bytes: Bytes::NotKept,
    };
    // Of what was withheld no key is known; a null one of what was kept has to be null again.
    let key = row.flags.never_kept() || row.key_hash.is_some() || record.raw.key.is_none();
    !key || difference(&stored, record, &|key| KeyHash(key_hash(key))).is_some()
}

async fn refill(
    db: &mut PgConnection,
    read: &ContentRead,
    targets: &Targets,
    span: Locked,
    done: &mut ContentDone,
) -> sqlx::Result<()> {
    let (partition, first) = (read.partition.0, span.first);
    let judged = judge(read, &span);
    if judged.done.events == 0 {
        add(done, judged.done);
        return Ok(());
    }
    let parts = match off_the_runtime(|| fill(span.body.as_deref(), &judged.places)) {
        Ok(parts) => parts,
        Err(error) => {
            // One bad block keeps nobody waiting: whoever opens its events is told.
            tracing::warn!(error = %damaged(partition, first, &error), "content can't be filled beside it");
            done.unreadable += judged.done.events;
            return Ok(());
        }
    };
    add(done, judged.done);
    let had_keys = span.rows.iter().any(|row| row.key_hash.is_some());
    let same_keys = span.rows.iter().map(|r| r.key_hash).eq(judged.rows.iter().map(|r| r.key_hash));
    // Segments are asked for what they say and for what is in none. Of a span without keys they know types alone, which
    // stay; everything else they know of it has to go with what it was known of.
    if span.body.is_some() || (had_keys && !(same_keys && parts.len() == 1)) {
        segments::forget(db, &[(partition, first)]).await?;
    }
    let keeps_its_place = same_keys && parts.len() == 1;
    let bucket = span.block_bucket.unwrap_or_else(|| targets.of(span.bucket).id);
    let before = span.body.as_ref().map_or(0, Vec::len);
    let mut written =
        Written { bucket, before, events: judged.done.events, raw: judged.done.raw_bytes, ..Written::default() };
    if span.body.is_some() {
        sqlx::query!(
            "delete from block where bucket = $1 and partition_id = $2 and first_position = $3",
            bucket,
            partition,
            first
        )
        .execute(&mut *db)
        .await?;
    }
    if parts.len() > 1 {
        sqlx::query!(
            "delete from event_span where bucket = $1 and partition_id = $2 and first_position = $3",
            span.bucket,
            partition,
            first
        )
        .execute(&mut *db)
        .await?;
    }
    let (mut rest, of) = (judged.rows.as_slice(), parts.len());
    for (n, part) in parts.into_iter().enumerate() {
        let (rows, after) = rest.split_at(part.events.min(rest.len()));
        rest = after;
        let Some(last) = (if n + 1 == of { Some(span.last) } else { rows.last().map(|r| r.position) }) else {
            continue;
        };
        put(db, partition, &span, (rows, last), part, (of > 1, keeps_its_place), &mut written).await?;
    }
    written.list(db, partition).await
}

fn add(sum: &mut ContentDone, of_span: ContentDone) {
    sum.events += of_span.events;
    sum.raw_bytes += of_span.raw_bytes;
    sum.gone += of_span.gone;
    sum.other += of_span.other;
}

/// What was written of one span, for the directory.
#[derive(Default)]
struct Written {
    bucket: i32,
    /// Bytes of the block that was there.
    before: usize,
    stored: usize,
    events: u64,
    raw: u64,
    first: Option<i64>,
    last: i64,
    times: Option<(Timestamp, Timestamp)>,
    longest_us: i64,
}

impl Written {
    fn add(&mut self, (first, last): (i64, i64), (min, max): (Timestamp, Timestamp), stored: usize) {
        self.stored += stored;
        (self.first, self.last) = (self.first.or(Some(first)), last);
        let (least, most) = self.times.unwrap_or((min, max));
        self.times = Some((least.min(min), most.max(max)));
        self.longest_us = self.longest_us.max(max.micros_since(min));
    }

    async fn list(&self, db: &mut PgConnection, partition: i64) -> sqlx::Result<()> {
        let (Some(first), Some((min, max))) = (self.first, self.times) else { return Ok(()) };
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let bytes = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        sqlx::query_file!(
            "queries/backfill/listed.sql",
            partition,
            self.bucket,
            first,
            self.last,
            Ts(min) as Ts,
            Ts(max) as Ts,
            self.longest_us,
            count(self.events),
            count(self.raw),
            bytes(self.stored) - bytes(self.before)
        )
        .execute(db)
        .await
        .map(drop)
    }
}

/// One batch's row and block. `split`: its row has to be made; otherwise it is there, and `keeps_its_place` in the
/// segments of keys.
async fn put(
    db: &mut PgConnection,
    partition: i64,
    span: &Locked,
    (rows, last): (&[SpanRow], i64),
    part: Filled,
    (split, keeps_its_place): (bool, bool),
    written: &mut Written,
) -> sqlx::Result<()> {
    let Some(first) = rows.first().map(|row| row.position) else { return Ok(()) };
    let base = Base { first, captured_at: span.captured_at };
    let packed = pack(base, rows);
    let zones = match &part.block {
        Some(block) => zones_of(&block.body).map_err(|e| damaged(partition, first, &e))?,
        None => no_zones(),
    };
    let times = rows.iter().map(|row| row.sort_time);
    let (min, max) = (times.clone().min().unwrap_or(span.captured_at), times.max().unwrap_or(span.captured_at));
    let block_bucket = part.block.as_ref().map(|_| written.bucket);
    match split {
        true => {
            sqlx::query!(
                "insert into event_span (partition_id, first_position, last_position, min_time, max_time, bucket, events, zones,
                                         captured_at, block_bucket, rows)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                partition,
                first,
                last,
                Ts(min) as Ts,
                Ts(max) as Ts,
                span.bucket,
                i32::try_from(rows.len()).unwrap_or(i32::MAX),
                zones,
                Ts(span.captured_at) as Ts,
                block_bucket,
                packed
            )
            .execute(&mut *db)
            .await?;
        }
        false => {
            sqlx::query!(
                "update event_span set zones = $4, block_bucket = $5, rows = $6, keys_in = case when $7 then keys_in end
                 where bucket = $1 and partition_id = $2 and first_position = $3",
                span.bucket,
                partition,
                first,
                zones,
                block_bucket,
                packed,
                keeps_its_place
            )
            .execute(&mut *db)
            .await?;
        }
    }
    let Some(block) = part.block else { return Ok(()) };
    written.add((first, last), (min, max), block.body.len());
    sqlx::query!(
        "insert into block (partition_id, first_position, last_position, bucket, raw_bytes, body) values ($1, $2, $3, $4, $5, $6)",
        partition,
        first,
        last,
        written.bucket,
        i32::try_from(block.raw).unwrap_or(i32::MAX),
        block.body
    )
    .execute(db)
    .await
    .map(drop)
}
