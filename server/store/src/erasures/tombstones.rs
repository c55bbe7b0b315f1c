//! Tombstones: where a channel's policy says so, an event without payload has the earlier ones of its key erased.
//!
//! Partitions are looked through span by span, behind a cursor of their own. What a tombstone is about is found by the
//! segments of keys and judged by the bytes; it becomes an erasure of events like any other that was approved, for one
//! channel one at a time. The cursor moves in the transaction that begins it, which the audit log is told of before.

use crate::{
    Store,
    access::first::uuid_v7,
    block::{BadBlock, Block},
    error::failed,
    events::{BY_INDEX, KEYS_PREFIX, blank::Place, blank::places, of_key, packed_bodies},
    holds::Standing,
    name::storable_text,
    pool::begin,
    segments,
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};
use uuid::Uuid;
use weir_domain::{
    ChannelId, ErasureId, EventId, SourceId, StoreError, Timestamp,
    audit::{About, AuditLog, Facts, Field, NewEntry, Object, Outcome, Who},
    erasures::{KeptSubject, MOST_EVENTS, Subject},
};

/// Channels read at once, and spans of each partition that one call looks through.
const CHANNELS: i64 = 100;
const SPANS: i64 = 128;
/// And of each channel: what is looked up of the earlier events of a key may take long.
const TOMBSTONES: u32 = 500;
/// One call of all channels; the next goes on where this one ended.
const WITHIN: Duration = Duration::from_secs(2);
/// The end of an erasure by a tombstone has the same.
const USE_CASE: &str = "erasures/approve";

/// What a stretch of a channel came to.
#[derive(Default)]
struct Batch {
    ids: BTreeSet<EventId>,
    /// Left because of a hold.
    held: BTreeSet<EventId>,
    /// Of each partition: the cursor that it was begun at, and where it is now.
    cursors: Vec<(i64, Option<i64>, i64)>,
    tombstones: u32,
}

/// A channel that erases on tombstones.
struct Erasing<'a> {
    id: i64,
    source: SourceId,
    name: &'a str,
    /// Who switched it on.
    by: &'a str,
}

/// The channel that a call ended at for want of time.
#[derive(Default)]
pub(crate) struct LookedAt(AtomicI64);

/// An event without payload, and its key.
struct Tombstone {
    place: Place,
    key: Vec<u8>,
}

impl Store {
    /// Nothing that is stored already erases anything.
    pub(crate) async fn begin_at_the_end(&self, db: &mut PgConnection, channel: ChannelId) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into tombstone_cursor (partition_id, position)
             select p.id, max(d.last_position) from partition p
             join partition_bucket d on d.partition_id = p.id and d.part = 'metadata'
             where p.channel_id = $1 group by p.id
             on conflict (partition_id) do update set position = greatest(tombstone_cursor.position, excluded.position)",
            channel.0
        )
        .execute(db)
        .await
        .map(drop)
    }

    /// How many erasures were begun.
    pub(super) async fn begin_erasures(
        &self,
        keep: &(dyn Fn(&ErasureId, &Subject) -> sqlx::Result<KeptSubject> + Sync),
        log: &dyn AuditLog,
        now: Timestamp,
    ) -> sqlx::Result<u32> {
        let until = Instant::now() + WITHIN;
        let mut last = self.caches().looked_at.0.swap(0, Ordering::Relaxed);
        let mut begun = 0;
        loop {
            let page = sqlx::query_file!("queries/erasures/tombstone_channels.sql", last, CHANNELS);
            let page = page.fetch_all(self.capture_pool()).await?;
            if page.is_empty() {
                return Ok(begun);
            }
            for row in page {
                let (source, name, by) = (SourceId(row.source_id), &row.name, &row.by);
                let channel = Erasing { id: row.id, source, name, by };
                let done = async {
                    let batch = self.look_through(channel.id, now, until).await.map_err(failed)?;
                    self.begin_one(&channel, &batch, keep, log, now).await
                };
                match done.await {
                    Ok(any) => begun += u32::from(any),
                    // What is wrong with one channel keeps no other waiting.
                    Err(error) => tracing::warn!(channel = row.id, %error, "its tombstones can't be looked for"),
                }
                last = row.id;
                if Instant::now() >= until {
                    self.caches().looked_at.0.store(last, Ordering::Relaxed);
                    return Ok(begun);
                }
            }
        }
    }

    async fn look_through(&self, channel: i64, now: Timestamp, until: Instant) -> sqlx::Result<Batch> {
        let mut tx = begin(self.capture_pool()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        let standing = Standing::read(&mut tx, channel, now).await?;
        let partitions = sqlx::query!(
            r#"select p.id, t.position as "position?" from partition p left join tombstone_cursor t on t.partition_id = p.id
               where p.channel_id = $1 order by p.id"#,
            channel
        );
        let (mut batch, mut ended) = (Batch::default(), false);
        for partition in partitions.fetch_all(&mut *tx).await? {
            let after = partition.position.unwrap_or(i64::MIN);
            let spans = sqlx::query_file!("queries/erasures/tombstone_stretch.sql", partition.id, after, SPANS);
            let mut reached = after;
            'spans: for span in spans.fetch_all(&mut *tx).await? {
                let block = span.block_bucket.map(|bucket| (bucket, partition.id, span.first));
                for tombstone in tombstones(&mut tx, (span.bucket, partition.id, span.first), after, block).await? {
                    batch.tombstones += 1;
                    // Otherwise the rest of it comes with the next: what is erased by then is not found again.
                    if !self.earlier(&mut tx, channel, &tombstone, &standing, &mut batch).await? {
                        break 'spans;
                    }
                    reached = tombstone.place.id.position.0;
                    ended = batch.tombstones >= TOMBSTONES || Instant::now() >= until;
                    if ended {
                        break 'spans;
                    }
                }
                reached = span.last;
                ended = Instant::now() >= until;
                if ended {
                    break;
                }
            }
            if reached != after {
                batch.cursors.push((partition.id, partition.position, reached));
            }
            if ended || batch.ids.len() >= MOST_EVENTS {
                break;
            }
        }
        Ok(batch)
    }

    /// Adds the events of a tombstone's key that came before it. False: there are more than one erasure may name.
    async fn earlier(
        &self,
        db: &mut PgConnection,
        channel: i64,
        tombstone: &Tombstone,
        standing: &Standing,
        batch: &mut Batch,
    ) -> sqlx::Result<bool> {
        let (of, Some(hash)) = (tombstone.place, tombstone.place.key_hash) else { return Ok(true) };
        let mut by_block: BTreeMap<(i32, i64, i64), Vec<Place>> = BTreeMap::new();
        let mut found = of_key(db, channel, hash).await?;
        let mut whole = true;
        while let Some(rows) = found.next(db).await? {
            by_block.clear();
            let mut earlier: Vec<Place> = Vec::new();
            for (place, block) in rows {
                let before = match place.id.partition == of.id.partition {
                    true => place.id.position < of.id.position,
                    false => place.sort_time < of.sort_time,
                };
                match block {
                    _ if !before => {}
                    Some(block) => by_block.entry(block).or_default().push(place),
                    None => earlier.push(place),
                }
            }
            for (block, places) in &by_block {
                earlier.extend(with_key(db, *block, places, &tombstone.key).await?);
            }
            for place in earlier {
                if standing.keeps(Some((place.id, place.sort_time)), Some(hash)) {
                    batch.held.insert(place.id);
                } else if batch.ids.len() < MOST_EVENTS || batch.ids.contains(&place.id) {
                    batch.ids.insert(place.id);
                } else {
                    whole = false;
                }
            }
            if !whole {
                break;
            }
        }
        Ok(whole)
    }

    /// With the cursors, by compare-and-set: of two that look through the same, one begins it.
    async fn begin_one(
        &self,
        channel: &Erasing<'_>,
        batch: &Batch,
        keep: &(dyn Fn(&ErasureId, &Subject) -> sqlx::Result<KeptSubject> + Sync),
        log: &dyn AuditLog,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let any = !batch.ids.is_empty() || !batch.held.is_empty();
        if batch.cursors.is_empty() && !any {
            return Ok(false);
        }
        let mut tx = begin(self.capture_pool()).await.map_err(failed)?;
        if !self.put(&mut tx, channel, batch, keep, now).await.map_err(failed)? {
            return Ok(false);
        }
        if any {
            log.append(&[entry(channel, batch, now)]).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(any)
    }

    /// False: another one did it, or the policy is another.
    async fn put(
        &self,
        db: &mut PgConnection,
        channel: &Erasing<'_>,
        batch: &Batch,
        keep: &(dyn Fn(&ErasureId, &Subject) -> sqlx::Result<KeptSubject> + Sync),
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        // Whoever fills content holds this: what is filled is there before an erasure runs, or sees that it does.
        segments::lock(db).await?;
        // The policy may have been taken back meanwhile.
        let on = sqlx::query_scalar!("select erase_on_tombstone from channel where id = $1 for share", channel.id);
        if on.fetch_optional(&mut *db).await? != Some(true) {
            return Ok(false);
        }
        for (partition, before, now_at) in &batch.cursors {
            let moved = sqlx::query!(
                "insert into tombstone_cursor as t (partition_id, position) values ($1, $3)
                 on conflict (partition_id) do update set position = excluded.position where t.position = $2",
                partition,
                *before as Option<i64>,
                now_at
            );
            if moved.execute(&mut *db).await?.rows_affected() == 0 {
                return Ok(false);
            }
        }
        if !batch.ids.is_empty() || !batch.held.is_empty() {
            let (id, name, by) = (uuid_v7(now, Uuid::new_v4()), channel.name, channel.by);
            let subject = Subject::Events(batch.ids.iter().copied().collect());
            let kept = keep(&ErasureId(id.to_string()), &subject)?;
            let reason = match batch.tombstones {
                1 => {
                    format!("A tombstone was captured on {name}, and its policy erases the earlier events of its key.")
                }
                n => format!(
                    "{n} tombstones were captured on {name}, and its policy erases the earlier events of their keys."
                ),
            };
            sqlx::query!(
                "insert into erasure (id, kind, subject, subject_key, channels, reason, state, asked_name, asked_at, ends_at,
                     decided_name, decided_at, left_held, by_tombstones)
                 values ($1, $2, $3, $4, $5, $6, 'running', 'Weir, for a tombstone', $7, $7, $8, $7, $9, $10)",
                id,
                kept.kind.as_str(),
                kept.bytes,
                kept.key_id,
                &[channel.id],
                storable_text(&reason).chars().take(500).collect::<String>(),
                Ts(now) as Ts,
                storable_text(&format!("{by}, by the policy of the channel")),
                i64::try_from(batch.held.len()).unwrap_or(i64::MAX),
                channel.id
            )
            .execute(db)
            .await?;
        }
        Ok(true)
    }
}

/// Before it is begun: one that can't be told of is not.
fn entry(channel: &Erasing<'_>, batch: &Batch, at: Timestamp) -> NewEntry {
    let object = Object::channel(ChannelId(channel.id), channel.source, channel.name);
    let held = i64::try_from(batch.held.len()).unwrap_or(i64::MAX);
    let facts = Facts::new().with(Field::Kind, "events").with(Field::Held, held);
    let about = About::object(object).change(Facts::new(), facts).count(batch.ids.len() as u64);
    let who = Who::weir();
    NewEntry { at, who, use_case: USE_CASE, outcome: Outcome::Began, reason: Some("by_tombstones"), about }
}

/// The events without payload of one span, behind a position, whose keys are stored.
async fn tombstones(
    db: &mut PgConnection,
    (bucket, partition, first): (i32, i64, i64),
    after: i64,
    block: Option<(i32, i64, i64)>,
) -> sqlx::Result<Vec<Tombstone>> {
    let mut found: Vec<Place> = places(db, bucket, partition, first).await?;
    found.retain(|p| p.tombstone && p.key_hash.is_some() && p.id.position.0 > after);
    let Some(block) = block.filter(|_| !found.is_empty()) else { return Ok(Vec::new()) };
    let keys = keys_of(db, block, &found).await?;
    Ok(found.into_iter().zip(keys).filter_map(|(place, key)| Some(Tombstone { place, key: key? })).collect())
}

/// Those of some events of a block that have this key.
async fn with_key(db: &mut PgConnection, block: (i32, i64, i64), of: &[Place], key: &[u8]) -> sqlx::Result<Vec<Place>> {
    let keys = keys_of(db, block, of).await?;
    Ok(of.iter().zip(keys).filter(|(_, k)| k.as_deref().is_none_or(|k| k == key)).map(|(place, _)| *place).collect())
}

/// The keys of some events of a block; `None`: it is not there, as the block may not be, or can't be read. What can't be read
/// stops nobody here, other than where a page is made of it.
async fn keys_of(db: &mut PgConnection, block: (i32, i64, i64), of: &[Place]) -> sqlx::Result<Vec<Option<Vec<u8>>>> {
    for most in [KEYS_PREFIX, i32::MAX] {
        let Some((partition, first, body)) = packed_bodies(db, block.0, &[block], most).await?.pop() else { break };
        match keys_in(&body, of) {
            Ok(keys) => return Ok(keys),
            Err(BadBlock::TooShort) if most == KEYS_PREFIX => {}
            Err(error) => {
                tracing::warn!(partition, position = first, %error, "a block can't be read, and no key in it");
                break;
            }
        }
    }
    Ok(vec![None; of.len()])
}

fn keys_in(body: &[u8], of: &[Place]) -> Result<Vec<Option<Vec<u8>>>, BadBlock> {
    let block = Block::open(body)?;
    let key = |place: &Place| match block.absent(place.ordinal)? {
        true => Ok(None),
        false => block.key(place.ordinal).map(|key| key.map(<[u8]>::to_vec)),
    };
    of.iter().map(key).collect()
}
