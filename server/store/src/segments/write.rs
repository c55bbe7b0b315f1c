//! Writing segments: what was stored since is gathered once there is enough of it, or once its bucket's time is over.

use super::{
    layout::{Builder, Built, MOST_SPANS},
    open::Kind,
    type_hash,
};
use crate::{
    Store,
    block::each_event,
    events::{Span, damaged, packed_bodies, packed_rows},
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};
use weir_domain::{
    Timestamp,
    capture::Indexed,
    search::{Decoded, Decoder, event_words},
};

/// A segment is written of so many events or bytes of payload at least, and of twice as many at most, but of one span.
const EVENTS: i64 = 65_536;
const BYTES: i64 = 40 << 20;
/// Or of so many spans, however small.
const SPANS: i64 = MOST_SPANS as i64 / 2;
/// Spans or blocks read by one statement.
const ROWS_AT_ONCE: usize = 256;
const BLOCKS_AT_ONCE: usize = 16;
/// Advisory lock ("segm") of whoever writes segments or takes spans out of them: what is gathered must not be erased
/// meanwhile.
const LOCK: i64 = 0x7365_676d;

struct Due {
    bucket: i32,
    over: bool,
    spans: i64,
    amount: i64,
}

impl Due {
    const fn is_enough(&self, amount: i64) -> bool {
        self.over || self.amount >= amount || self.spans >= SPANS
    }
}

/// A span or a block that is in no segment yet.
struct Open {
    partition: i64,
    first: i64,
    amount: i64,
}

impl Store {
    /// Writes one segment of each kind, where there is enough for one.
    pub(crate) async fn write_segments(&self, now: Timestamp) -> sqlx::Result<Indexed> {
        let mut done = Indexed::default();
        for kind in [Kind::Keys, Kind::Words] {
            let (due, amount) = self.due(kind, now).await?;
            for due in due.into_iter().filter(|d| d.is_enough(amount)) {
                let spans = self.write_segment(kind, due.bucket, 2 * amount).await?;
                if spans > 0 {
                    done.spans += spans;
                    done.more = true;
                    break;
                }
            }
        }
        Ok(done)
    }

    async fn due(&self, kind: Kind, now: Timestamp) -> sqlx::Result<(Vec<Due>, i64)> {
        let (pool, most, now) = (self.capture_pool(), SPANS, Ts(now));
        Ok(match kind {
            Kind::Keys => {
                let rows = sqlx::query_file!("queries/segments/due_keys.sql", now as Ts, most).fetch_all(pool).await?;
                let due =
                    rows.into_iter().map(|r| Due { bucket: r.bucket, over: r.over, spans: r.spans, amount: r.amount });
                (due.collect(), EVENTS)
            }
            Kind::Words => {
                let rows = sqlx::query_file!("queries/segments/due_words.sql", now as Ts, most).fetch_all(pool).await?;
                let due =
                    rows.into_iter().map(|r| Due { bucket: r.bucket, over: r.over, spans: r.spans, amount: r.amount });
                (due.collect(), BYTES)
            }
        })
    }

    /// How many spans the segment is of.
    async fn write_segment(&self, kind: Kind, bucket: i32, most: i64) -> sqlx::Result<u32> {
        let mut tx = crate::pool::begin(self.capture_pool()).await?;
        lock(&mut tx).await?;
        let mut taken = open(&mut tx, kind, bucket).await?;
        let mut sum = 0;
        let fits = taken.iter().take_while(|s| {
            sum += s.amount;
            sum <= most
        });
        taken.truncate(fits.count().max(1));
        let built = match kind {
            Kind::Keys => keys(&mut tx, bucket, &taken).await?,
            Kind::Words => words(&mut tx, bucket, &taken, self.decoder()).await?,
        };
        let Some(built) = built.finish() else { return Ok(0) };
        store(&mut tx, kind, bucket, &built).await?;
        tx.commit().await?;
        Ok(u32::try_from(built.spans.len()).unwrap_or(u32::MAX))
    }
}

/// To be taken before any row is locked by whoever changes what segments are of: see [`forget`].
pub(crate) async fn lock(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(db).await.map(drop)
}

async fn open(db: &mut PgConnection, kind: Kind, bucket: i32) -> sqlx::Result<Vec<Open>> {
    let open = |partition, first, amount: i32| Open { partition, first, amount: i64::from(amount) };
    Ok(match kind {
        Kind::Keys => sqlx::query!(
            "select partition_id, first_position, events from event_span where bucket = $1 and keys_in is null
             order by partition_id, first_position limit $2",
            bucket,
            MOST_SPANS as i64
        )
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|r| open(r.partition_id, r.first_position, r.events))
        .collect(),
        Kind::Words => sqlx::query!(
            "select partition_id, first_position, raw_bytes from block where bucket = $1 and words_in is null
             order by partition_id, first_position limit $2",
            bucket,
            MOST_SPANS as i64
        )
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|r| open(r.partition_id, r.first_position, r.raw_bytes))
        .collect(),
    })
}

/// Hashes of keys and numbers of types are spread evenly already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// What came lately: most words of a block are those of the event before, and a look at this is nearer than one at a set.
struct Again(Vec<u64>);

impl Default for Again {
    fn default() -> Self {
        let mut again = Self(vec![0; 1 << (64 - Self::SHIFT)]);
        again.forget();
        again
    }
}

impl Again {
    const SHIFT: u32 = 52;

    fn is_new(&mut self, hash: u64) -> bool {
        // The shift leaves as many places as there are.
        match self.0.get_mut((hash >> Self::SHIFT) as usize) {
            Some(last) => std::mem::replace(last, hash) != hash,
            None => true,
        }
    }

    fn forget(&mut self) {
        // In each place what belongs into another one.
        self.0.iter_mut().enumerate().for_each(|(n, last)| *last = !((n as u64) << Self::SHIFT));
    }
}

async fn keys(db: &mut PgConnection, bucket: i32, taken: &[Open]) -> sqlx::Result<Builder> {
    let (mut builder, mut hashes) = (Builder::default(), Hashes::default());
    for some in taken.chunks(ROWS_AT_ONCE) {
        let spans: Vec<Span> =
            some.iter().map(|s| Span { partition: s.partition, first: s.first, events: 0 }).collect();
        for packed in packed_rows(db, bucket, &spans).await? {
            let (partition, first) = (packed.partition, packed.base.first);
            let read = packed.each(|row| {
                hashes.extend(row.key_hash.map(|h| h as u64));
                hashes.insert(type_hash(row.type_id));
            });
            if let Err(error) = read {
                // It stays open: whoever looks into it is told.
                tracing::warn!(%error, "the keys of a span can't be read");
                hashes.clear();
                continue;
            }
            builder.span(partition, first, hashes.drain());
        }
    }
    Ok(builder)
}

/// As payloads were sent, and as they read.
async fn words(
    db: &mut PgConnection,
    bucket: i32,
    taken: &[Open],
    decoder: Option<Arc<dyn Decoder>>,
) -> sqlx::Result<Builder> {
    let mut builder = Builder::default();
    for some in taken.chunks(BLOCKS_AT_ONCE) {
        let wanted: Vec<_> = some.iter().map(|s| (bucket, s.partition, s.first)).collect();
        let bodies = packed_bodies(db, bucket, &wanted, i32::MAX).await?;
        let decoder = decoder.clone();
        let gathered = tokio::task::spawn_blocking(move || {
            let (mut hashes, mut memory, mut all) = (Hashes::default(), Vec::new(), Vec::new());
            let mut again = Again::default();
            for (partition, first, body) in bodies {
                let read = each_event(
                    &body,
                    std::mem::take(&mut memory),
                    |count| 0..count,
                    |_, look, headers| {
                        if let Some(look) = look {
                            let mut add = |hash| {
                                if again.is_new(hash) {
                                    hashes.insert(hash);
                                }
                            };
                            event_words(look.key, headers, look.payload, &mut add);
                            if let (Some(payload), Some(decoder)) = (look.payload, &decoder)
                                && let Decoded::As(bytes) = decoder.decode(payload, headers)
                            {
                                event_words(None, &[], Some(&bytes), &mut add);
                            }
                        }
                    },
                );
                match read {
                    Ok(given_back) => memory = given_back,
                    // It stays open: whoever looks into it is told.
                    Err(e) => {
                        tracing::warn!(error = %damaged(partition, first, &e), "the words of a block can't be read");
                        hashes.clear();
                        again.forget();
                        continue;
                    }
                }
                all.push((partition, first, hashes.drain().collect::<Vec<_>>()));
                again.forget();
            }
            all
        });
        for (partition, first, hashes) in gathered.await.map_err(|e| sqlx::Error::Decode(Box::new(e)))? {
            builder.span(partition, first, hashes);
        }
    }
    Ok(builder)
}

async fn store(db: &mut PgConnection, kind: Kind, bucket: i32, built: &Built) -> sqlx::Result<()> {
    let (partitions, firsts): (Vec<i64>, Vec<i64>) = built.spans.iter().copied().unzip();
    let times = sqlx::query_file!("queries/segments/times.sql", &partitions, &firsts).fetch_one(&mut *db).await?;
    // Nobody comes to blocks without rows, whatever their times are.
    let first = times.first.unwrap_or(Ts(Timestamp(i64::MIN)));
    let last = times.last.unwrap_or(first);
    let spans = i32::try_from(built.spans.len()).unwrap_or(i32::MAX);
    let [hash, slot, span] =
        [built.shape.hash, built.shape.slot, built.shape.span].map(|n| i16::try_from(n).unwrap_or(i16::MAX));
    match kind {
        Kind::Keys => {
            let segment = sqlx::query_scalar!(
                r#"insert into key_segment (bucket, segment, min_time, max_time, spans, events, hash_bits, slot_bits, span_bits,
                                            places, slots, entries)
                   select $1, coalesce(max(segment), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
                   from key_segment where bucket = $1
                   returning segment"#,
                bucket, first as Ts, last as Ts, spans, times.events, hash, slot, span, built.places, built.slots, built.entries
            )
            .fetch_one(&mut *db)
            .await?;
            sqlx::query!(
                "update event_span s set keys_in = $2 from unnest($3::bigint[], $4::bigint[]) as w(partition_id, first_position)
                 where s.bucket = $1 and s.partition_id = w.partition_id and s.first_position = w.first_position",
                bucket, segment, &partitions, &firsts
            )
            .execute(db)
            .await?;
        }
        Kind::Words => {
            let segment = sqlx::query_scalar!(
                r#"insert into word_segment (bucket, segment, min_time, max_time, spans, events, hash_bits, slot_bits, span_bits,
                                             places, slots, entries)
                   select $1, coalesce(max(segment), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
                   from word_segment where bucket = $1
                   returning segment"#,
                bucket, first as Ts, last as Ts, spans, times.events, hash, slot, span, built.places, built.slots, built.entries
            )
            .fetch_one(&mut *db)
            .await?;
            sqlx::query!(
                "update block s set words_in = $2 from unnest($3::bigint[], $4::bigint[]) as w(partition_id, first_position)
                 where s.bucket = $1 and s.partition_id = w.partition_id and s.first_position = w.first_position",
                bucket, segment, &partitions, &firsts
            )
            .execute(db)
            .await?;
        }
    }
    Ok(())
}

/// Takes out of the segments what spans held, which are being changed in this transaction: the segments they are in go, and
/// all their spans are open again until they are gathered anew. Spans by partition and first position. To be called with
/// the [`lock`] held.
pub(crate) async fn forget(db: &mut PgConnection, spans: &[(i64, i64)]) -> sqlx::Result<()> {
    let (partitions, firsts): (Vec<i64>, Vec<i64>) = spans.iter().copied().unzip();
    sqlx::query_file!("queries/segments/forget_keys.sql", &partitions, &firsts).execute(&mut *db).await?;
    sqlx::query_file!("queries/segments/forget_words.sql", &partitions, &firsts).execute(db).await?;
    Ok(())
}
