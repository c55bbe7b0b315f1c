//! Tombstones: where a channel's policy says so, an event without payload has the earlier ones of its key erased.
//!
//! Partitions are looked through span by span, behind a cursor of their own. What a tombstone is about is found by the
//! segments of keys and judged by the bytes; it becomes an erasure of events like any other that was approved, for one
//! channel one at a time. The cursor moves in the transaction that begins it.

use crate::{
    Store,
    block::{BadBlock, Block},
    error::corrupt,
    events::{BY_INDEX, blank::Place, blank::places, of_key},
    holds::Standing,
    name::storable_text,
    pool::begin,
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::{Builder, Uuid};
use weir_domain::{
    ChannelId, ErasureId, EventId, Timestamp,
    erasures::{KeptSubject, MOST_EVENTS, Subject},
};

/// Channels and spans of each partition that one call looks through.
const CHANNELS: i64 = 100;
const SPANS: i64 = 128;
/// Enough of a block for the keys of most.
const KEYS: i32 = 16 * 1024;

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
        now: Timestamp,
    ) -> sqlx::Result<u32> {
        let channels = sqlx::query_file!("queries/erasures/tombstone_channels.sql", CHANNELS);
        let mut begun = 0;
        for channel in channels.fetch_all(self.capture_pool()).await? {
            let batch = self.look_through(channel.id, now).await?;
            begun += u32::from(self.begin_one(channel.id, (&channel.name, &channel.by), &batch, keep, now).await?);
        }
        Ok(begun)
    }

    async fn look_through(&self, channel: i64, now: Timestamp) -> sqlx::Result<Batch> {
        let mut tx = begin(self.capture_pool()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        let standing = Standing::read(&mut tx, channel, now).await?;
        let partitions = sqlx::query!(
            r#"select p.id, t.position as "position?" from partition p left join tombstone_cursor t on t.partition_id = p.id
               where p.channel_id = $1 order by p.id"#,
            channel
        );
        let mut batch = Batch::default();
        for partition in partitions.fetch_all(&mut *tx).await? {
            let after = partition.position.unwrap_or(i64::MIN);
            let spans = sqlx::query_file!("queries/erasures/tombstone_spans.sql", partition.id, after, SPANS);
            let mut reached = after;
            for span in spans.fetch_all(&mut *tx).await? {
                let block = span.block_bucket.map(|bucket| (bucket, partition.id, span.first));
                let found = tombstones(&mut tx, (span.bucket, partition.id, span.first), block).await?;
                let mut whole = true;
                for tombstone in found {
                    whole &= self.earlier(&mut tx, channel, &tombstone, &standing, &mut batch).await?;
                    batch.tombstones += 1;
                }
                if !whole {
                    // The rest of it comes with the next: what is erased by then is not found again.
                    break;
                }
                reached = span.last;
            }
            if reached != after {
                batch.cursors.push((partition.id, partition.position, reached));
            }
            if batch.ids.len() >= MOST_EVENTS {
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
        channel: i64,
        (name, by): (&str, &str),
        batch: &Batch,
        keep: &(dyn Fn(&ErasureId, &Subject) -> sqlx::Result<KeptSubject> + Sync),
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        let any = !batch.ids.is_empty() || !batch.held.is_empty();
        if batch.cursors.is_empty() && !any {
            return Ok(false);
        }
        let mut tx = begin(self.capture_pool()).await?;
        // The policy may have been taken back meanwhile.
        let on = sqlx::query_scalar!("select erase_on_tombstone from channel where id = $1 for share", channel);
        if on.fetch_optional(&mut *tx).await? != Some(true) {
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
            if moved.execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
        }
        if any {
            let id = new_id(now);
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
                &[channel],
                storable_text(&reason).chars().take(500).collect::<String>(),
                Ts(now) as Ts,
                storable_text(&format!("{by}, by the policy of the channel")),
                i64::try_from(batch.held.len()).unwrap_or(i64::MAX),
                channel
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(any)
    }
}

/// UUIDv7, of a given time.
fn new_id(now: Timestamp) -> Uuid {
    let [a, b, c, d, e, f, .., g, h, i, j] = Uuid::new_v4().into_bytes();
    let millis = u64::try_from(now.0.div_euclid(1000)).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &[a, b, c, d, e, f, g, h, i, j]).into_uuid()
}

/// The events without payload of one span whose keys are stored.
async fn tombstones(
    db: &mut PgConnection,
    (bucket, partition, first): (i32, i64, i64),
    block: Option<(i32, i64, i64)>,
) -> sqlx::Result<Vec<Tombstone>> {
    let mut found: Vec<Place> = places(db, bucket, partition, first).await?;
    found.retain(|p| p.tombstone && p.key_hash.is_some());
    let Some(block) = block.filter(|_| !found.is_empty()) else { return Ok(Vec::new()) };
    let keys = keys_of(db, block, &found).await?;
    Ok(found.into_iter().zip(keys).filter_map(|(place, key)| Some(Tombstone { place, key: key? })).collect())
}

/// Those of some events of a block that have this key.
async fn with_key(db: &mut PgConnection, block: (i32, i64, i64), of: &[Place], key: &[u8]) -> sqlx::Result<Vec<Place>> {
    let keys = keys_of(db, block, of).await?;
    Ok(of.iter().zip(keys).filter(|(_, k)| k.as_deref().is_none_or(|k| k == key)).map(|(place, _)| *place).collect())
}

/// The keys of some events of a block; `None`: it is not there, as the block may not be.
async fn keys_of(
    db: &mut PgConnection,
    (bucket, partition, first): (i32, i64, i64),
    of: &[Place],
) -> sqlx::Result<Vec<Option<Vec<u8>>>> {
    for most in [KEYS, i32::MAX] {
        let body = sqlx::query_scalar!(
            r#"select case when octet_length(body) > $4::integer then substring(body from 1 for $4) else body end as "body!"
               from block where bucket = $1 and partition_id = $2 and first_position = $3"#,
            bucket,
            partition,
            first,
            most
        );
        let Some(body) = body.fetch_optional(&mut *db).await? else { break };
        match keys_in(&body, of) {
            Ok(keys) => return Ok(keys),
            Err(BadBlock::TooShort) if most == KEYS => {}
            Err(error) => return Err(corrupt(format!("block {partition}-{first}: {error}"))),
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
