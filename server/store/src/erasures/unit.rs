//! One unit: looking into it, counting it, erasing in it.

use super::judge::{Found, Judge};
use crate::{
    Store,
    block::BadBlock,
    events::{
        BY_INDEX,
        blank::{Place, blank_block, blank_rows, places, zone_anew},
    },
    holds::Standing,
    pool::{begin, off_the_runtime},
    segments,
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::Timestamp;

/// A span and its block; one of them may be gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) partition: i64,
    pub(super) first: i64,
    /// Bucket of the span, of the block.
    pub(super) span: Option<i32>,
    pub(super) block: Option<i32>,
}

/// What is done to units, for one stretch of a walk.
pub(super) struct Task<'a> {
    pub(super) id: Uuid,
    pub(super) counts: bool,
    pub(super) judge: &'a Judge,
    pub(super) standing: &'a Standing,
    pub(super) channel: i64,
    /// The place that the walk has come to: it is moved by compare-and-set, so that of two only one goes on.
    pub(super) at: (i64, i64),
}

/// Enough of a block for the keys of most, and all of those that little flows into.
const BEGINNING: i32 = 16 * 1024;

/// The first bytes of a block.
pub(super) struct Beginning {
    bytes: Vec<u8>,
    /// That is all of it.
    whole: bool,
}

/// Those of the blocks of some units of a partition, by first position: one question for a stretch, because most blocks
/// hold nothing.
pub(super) async fn beginnings(store: &Store, partition: i64, units: &[Unit]) -> sqlx::Result<HashMap<i64, Beginning>> {
    let (buckets, firsts): (Vec<i32>, Vec<i64>) = units.iter().filter_map(|u| Some((u.block?, u.first))).unzip();
    if buckets.is_empty() {
        return Ok(HashMap::new());
    }
    let mut db = begin(store.capture_pool()).await?;
    sqlx::raw_sql(BY_INDEX).execute(&mut *db).await?;
    let rows = sqlx::query!(
        r#"select b.first_position, b.whole as "whole!",
                  case when b.whole then b.body else substring(b.body from 1 for $4) end as "bytes!"
           from unnest($1::integer[], $2::bigint[]) u (bucket, first_position) cross join lateral (
               select first_position, body, octet_length(body) <= $4 as whole from block
               where bucket = u.bucket and partition_id = $3 and first_position = u.first_position) b"#,
        &buckets,
        &firsts,
        partition,
        BEGINNING
    );
    let rows = rows.fetch_all(&mut *db).await?;
    Ok(rows.into_iter().map(|r| (r.first_position, Beginning { bytes: r.bytes, whole: r.whole })).collect())
}

/// Something that is to be counted or erased.
struct Hit {
    /// In the block, if its bytes are there.
    ordinal: Option<usize>,
    key: Option<i64>,
    place: Option<Place>,
    held: bool,
}

impl Task<'_> {
    /// A look without a lock: most units hold nothing.
    pub(super) async fn may_hold(
        &self,
        store: &Store,
        unit: &Unit,
        beginning: Option<&Beginning>,
    ) -> sqlx::Result<bool> {
        if matches!(self.judge, Judge::Events(_)) {
            return Ok(true);
        }
        let Some(bucket) = unit.block else {
            let Some(bucket) = unit.span else { return Ok(false) };
            let mut db = begin(store.capture_pool()).await?;
            sqlx::raw_sql(BY_INDEX).execute(&mut *db).await?;
            let rows = places(&mut db, bucket, unit.partition, unit.first).await?;
            return Ok(rows.iter().any(|p| self.judge.names(p)));
        };
        // It has gone meanwhile: what is left of the unit is looked at with its transaction.
        let Some(Beginning { bytes, whole }) = beginning else { return Ok(true) };
        if *whole || self.judge.by_keys() {
            match self.found(bytes) {
                Ok(found) => return Ok(!found.is_empty()),
                Err(BadBlock::TooShort) if !whole => {}
                // A block that can't be read is counted with its transaction.
                Err(_) => return Ok(true),
            }
        }
        let mut db = begin(store.capture_pool()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *db).await?;
        let Some(body) = body(&mut db, bucket, unit).await? else { return Ok(true) };
        drop(db);
        Ok(self.found(&body).map_or(true, |found| !found.is_empty()))
    }

    /// Unpacking and searching a block takes milliseconds.
    fn found(&self, body: &[u8]) -> Result<Vec<Found>, BadBlock> {
        off_the_runtime(|| self.judge.in_block(body))
    }

    /// Counts or erases what the unit holds, and moves on to it. False: somebody else is at this request.
    pub(super) async fn carry_out(&mut self, store: &Store, unit: &Unit) -> sqlx::Result<bool> {
        let mut tx = begin(store.capture_pool()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        if !self.counts {
            // Before any row is locked: who writes segments takes this first as well.
            segments::lock(&mut tx).await?;
        }
        if !self.reach(&mut tx, (unit.partition, unit.first)).await? {
            return Ok(false);
        }
        match self.in_unit(&mut tx, unit).await? {
            None => {
                // In words that name the block: whoever reads the log can look at it.
                tracing::warn!(
                    partition = unit.partition,
                    block = unit.first,
                    "an erasure passed a block that can't be read"
                );
                if !self.counts {
                    sqlx::query!("update erasure set unreadable = unreadable + 1 where id = $1", self.id)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            Some(hits) if self.counts => self.count(&mut tx, &hits).await?,
            Some(hits) => self.erase(&mut tx, unit, &hits).await?,
        }
        tx.commit().await?;
        Ok(true)
    }

    pub(super) async fn reach(&mut self, db: &mut PgConnection, to: (i64, i64)) -> sqlx::Result<bool> {
        let state = if self.counts { "counting" } else { "running" };
        let moved = sqlx::query!(
            "update erasure set at_partition = $4, at_position = $5
             where id = $1 and state = $6 and at_partition = $2 and at_position = $3",
            self.id,
            self.at.0,
            self.at.1,
            to.0,
            to.1,
            state
        );
        let moved = moved.execute(db).await?.rows_affected() == 1;
        if moved {
            self.at = to;
        }
        Ok(moved)
    }

    /// `None`: its block can't be read.
    async fn in_unit(&self, db: &mut PgConnection, unit: &Unit) -> sqlx::Result<Option<Vec<Hit>>> {
        let rows = match unit.span {
            Some(bucket) => places(db, bucket, unit.partition, unit.first).await?,
            None => Vec::new(),
        };
        let body = match unit.block {
            // Locked before it is read, where it may be rewritten: what is judged is what is rewritten.
            Some(bucket) if !self.counts => locked(db, bucket, unit).await?,
            Some(bucket) => body(db, bucket, unit).await?,
            None => None,
        };
        let mut hits: Vec<Hit> = Vec::new();
        if let Some(body) = &body {
            let Ok(found) = self.found(body) else { return Ok(None) };
            for Found { ordinal, key } in found {
                let place = rows.iter().find(|p| p.ordinal == ordinal).copied();
                hits.push(Hit { ordinal: Some(ordinal), key, place, held: self.held(place, key) });
            }
        }
        for place in rows.iter().filter(|p| self.judge.names(p)) {
            if hits.iter().any(|h| h.ordinal == Some(place.ordinal)) {
                continue;
            }
            let ordinal = match (self.judge, &body) {
                (Judge::Events(_), Some(body)) => match kept(body, place.ordinal) {
                    Ok(kept) => kept.then_some(place.ordinal),
                    Err(_) => return Ok(None),
                },
                // Its hash is a key's whose bytes say otherwise: two keys of one hash.
                (_, Some(_)) => continue,
                (_, None) => None,
            };
            hits.push(Hit { ordinal, key: None, place: Some(*place), held: self.held(Some(*place), place.key_hash) });
        }
        Ok(Some(hits))
    }

    fn held(&self, place: Option<Place>, key: Option<i64>) -> bool {
        self.standing.keeps(place.map(|p| (p.id, p.sort_time)), key.or_else(|| place.and_then(|p| p.key_hash)))
    }

    async fn count(&self, db: &mut PgConnection, hits: &[Hit]) -> sqlx::Result<()> {
        if hits.is_empty() {
            return Ok(());
        }
        let of = |wanted: &dyn Fn(&Hit) -> bool| {
            i64::try_from(hits.iter().filter(|h| wanted(h)).count()).unwrap_or(i64::MAX)
        };
        // Of a block that outlived its rows no time is known: it widens nothing.
        let times = || hits.iter().filter_map(|h| h.place.map(|p| p.sort_time));
        let (least, most) =
            (times().min().unwrap_or(Timestamp(i64::MAX)), times().max().unwrap_or(Timestamp(i64::MIN)));
        sqlx::query_file!(
            "queries/erasures/count.sql",
            self.id,
            self.channel,
            of(&|_| true),
            of(&|h| h.ordinal.is_none()),
            of(&|h| h.held),
            Ts(least) as Ts,
            Ts(most) as Ts
        )
        .execute(db)
        .await
        .map(drop)
    }

    async fn erase(&self, db: &mut PgConnection, unit: &Unit, hits: &[Hit]) -> sqlx::Result<()> {
        let free: Vec<&Hit> = hits.iter().filter(|h| !h.held).collect();
        let left = i64::try_from(hits.len() - free.len()).unwrap_or(i64::MAX);
        let positions: Vec<i64> = free.iter().filter_map(|h| h.place.map(|p| p.id.position.0)).collect();
        let ordinals: Vec<usize> = free.iter().filter_map(|h| h.ordinal).collect();
        let mut written = match unit.block.filter(|_| !ordinals.is_empty()) {
            Some(bucket) => blank_block(db, bucket, unit.partition, unit.first, |_| Ok(ordinals.clone()))
                .await?
                .map(|(body, _)| body),
            None => None,
        };
        if let Some(bucket) = unit.span.filter(|_| !positions.is_empty()) {
            blank_rows(db, bucket, unit.partition, unit.first, &positions).await?;
            if let (None, Some(of)) = (&written, unit.block) {
                written = body(db, of, unit).await?;
            }
            zone_anew(db, bucket, unit.partition, unit.first, written.as_deref()).await?;
        }
        if !positions.is_empty() || !ordinals.is_empty() {
            segments::forget(db, &[(unit.partition, unit.first)]).await?;
        }
        // The subject's own hash goes at the end of the walk; these are of keys that hold a value.
        let keys = free.iter().filter(|_| !self.judge.by_keys()).filter_map(|h| h.key).collect();
        self.note(db, unit, &positions, !ordinals.is_empty(), keys).await?;
        sqlx::query!(
            "update erasure set erased = erased + $2, left_held = left_held + $3 where id = $1",
            self.id,
            i64::try_from(free.len()).unwrap_or(i64::MAX),
            left
        )
        .execute(db)
        .await
        .map(drop)
    }

    /// Whose bytes this erasure took, whose keys the audit log is to forget, and which tables were written to.
    async fn note(
        &self,
        db: &mut PgConnection,
        unit: &Unit,
        positions: &[i64],
        block: bool,
        keys: Vec<i64>,
    ) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into erased_event (partition_id, position, erasure_id)
             select $1, p, $3 from unnest($2::bigint[]) p on conflict do nothing",
            unit.partition,
            positions,
            self.id
        )
        .execute(&mut *db)
        .await?;
        // Seams: empty until rules exist. A mark's value is a payload value.
        for table in [
            "delete from key_mark where partition_id = $1 and position = any($2)",
            "delete from failure_mark where partition_id = $1 and position = any($2)",
        ] {
            sqlx::query(table).bind(unit.partition).bind(positions).execute(&mut *db).await?;
        }
        sqlx::query!(
            "insert into erasure_key (erasure_id, key_hash) select $1, k from unnest($2::bigint[]) k on conflict do nothing",
            self.id,
            &keys
        )
        .execute(&mut *db)
        .await?;
        let written =
            [("metadata", unit.span.filter(|_| !positions.is_empty())), ("payload", unit.block.filter(|_| block))];
        for (part, bucket) in written.into_iter().filter_map(|(part, bucket)| Some((part, bucket?))) {
            sqlx::query!(
                "insert into erasure_bucket (erasure_id, part, bucket) values ($1, $2, $3) on conflict do nothing",
                self.id,
                part,
                bucket
            )
            .execute(&mut *db)
            .await?;
        }
        Ok(())
    }
}

/// Has the event at a place bytes that can be taken?
fn kept(body: &[u8], ordinal: usize) -> Result<bool, BadBlock> {
    let block = crate::block::Block::open(body)?;
    if ordinal >= block.events() {
        return Ok(false);
    }
    block.absent(ordinal).map(|absent| !absent)
}

async fn body(db: &mut PgConnection, bucket: i32, unit: &Unit) -> sqlx::Result<Option<Vec<u8>>> {
    let body = sqlx::query_scalar!(
        "select body from block where bucket = $1 and partition_id = $2 and first_position = $3",
        bucket,
        unit.partition,
        unit.first
    );
    body.fetch_optional(db).await
}

async fn locked(db: &mut PgConnection, bucket: i32, unit: &Unit) -> sqlx::Result<Option<Vec<u8>>> {
    let body = sqlx::query_scalar!(
        "select body from block where bucket = $1 and partition_id = $2 and first_position = $3 for update",
        bucket,
        unit.partition,
        unit.first
    );
    body.fetch_optional(db).await
}
