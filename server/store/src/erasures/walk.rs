//! From unit to unit, in the order of partitions and positions.

use super::{
    judge::Judge,
    unit::{Task, Unit, beginnings},
};
use crate::{Store, capture::key_hash, events::BY_INDEX, holds::Standing, pool::begin};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::{
    EventId, Timestamp,
    erasures::{ErasureState, Subject, Walked},
    events::KeyHash,
};

/// Units of one stretch.
const STRETCH: i64 = 128;

impl Store {
    /// A stretch of the walk of a request in `state`; at its end the request goes on to its next state.
    pub(super) async fn walk_on(
        &self,
        id: Uuid,
        state: ErasureState,
        subject: &Subject,
        now: Timestamp,
    ) -> sqlx::Result<Walked> {
        let counts = match state {
            ErasureState::Counting => true,
            ErasureState::Running => false,
            _ => return Ok(Walked::Lost),
        };
        let judge = Judge::of(subject, self.decoder())
            .ok_or_else(|| crate::error::corrupt("a subject that can't be looked for"))?;
        let mut tx = begin(self.capture_pool()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        let at = sqlx::query!(
            "select at_partition, at_position, channels from erasure where id = $1 and state = $2",
            id,
            state.as_str()
        );
        let Some(at) = at.fetch_optional(&mut *tx).await? else { return Ok(Walked::Lost) };
        let Some((partition, channel)) = partition_at(&mut tx, at.at_partition, at.channels.as_deref()).await? else {
            drop(tx);
            let hash = subject.as_key(|key| KeyHash(key_hash(key)));
            return match counts {
                true => self.counted(id, subject).await,
                false => self.walked(id, subject, hash).await,
            };
        };
        let after = if partition == at.at_partition { at.at_position } else { i64::MIN };
        // Named events need no look at what lies before, between and behind them.
        let after = match judge.next_named(partition, after) {
            None => after,
            Some(Some(next)) if next.partition.0 == partition => after.max(unit_of(&mut tx, next).await?),
            Some(next) => {
                let to = next.map_or((i64::MAX, i64::MAX), |next| (next.partition.0, i64::MIN));
                drop(tx);
                let standing = Standing::default();
                let at = (at.at_partition, at.at_position);
                let mut task = Task { id, counts, judge: &judge, standing: &standing, channel, at };
                let mut db = self.capture_pool().acquire().await?;
                return Ok(if task.reach(&mut db, to).await? { Walked::More } else { Walked::Lost });
            }
        };
        let units = units(&mut tx, partition, after).await?;
        let standing = Standing::read(&mut tx, channel, now).await?;
        drop(tx);
        let mut task =
            Task { id, counts, judge: &judge, standing: &standing, channel, at: (at.at_partition, at.at_position) };
        let seen = match judge {
            // They are known by their place.
            Judge::Events(_) => HashMap::new(),
            _ => beginnings(self, partition, &units).await?,
        };
        for (n, unit) in units.iter().enumerate() {
            let next = units.get(n + 1).map(|u| u.first);
            let beginning = seen.get(&unit.first);
            if !judge.may_be_in(partition, unit.first, next) || !task.may_hold(self, unit, beginning).await? {
                continue;
            }
            if !task.carry_out(self, unit).await? {
                return Ok(Walked::Lost);
            }
        }
        let to = match units.last() {
            Some(last) if units.len() as i64 == STRETCH => (partition, last.first),
            // The partition is through.
            _ => (partition.saturating_add(1), i64::MIN),
        };
        let mut db = self.capture_pool().acquire().await?;
        Ok(if task.reach(&mut db, to).await? { Walked::More } else { Walked::Lost })
    }
}

/// The first partition from a number on that the request is about and of which something is stored: (id, channel).
async fn partition_at(db: &mut PgConnection, from: i64, of: Option<&[i64]>) -> sqlx::Result<Option<(i64, i64)>> {
    let found = sqlx::query!(
        "select p.id, p.channel_id from partition p
         where p.id >= $1 and ($2::bigint[] is null or p.channel_id = any($2))
           and exists (select from partition_bucket d where d.partition_id = p.id)
         order by p.id limit 1",
        from,
        of as Option<&[i64]>
    );
    Ok(found.fetch_optional(db).await?.map(|r| (r.id, r.channel_id)))
}

/// Right before the unit that an event is in.
async fn unit_of(db: &mut PgConnection, id: EventId) -> sqlx::Result<i64> {
    let first = sqlx::query_scalar!(
        "select max(s.first_position) from partition_bucket d cross join lateral (
             select s.first_position from event_span s
             where s.bucket = d.bucket and s.partition_id = $1 and s.first_position <= $2
             order by s.first_position desc limit 1) s
         where d.partition_id = $1 and d.part = 'metadata' and d.first_position <= $2",
        id.partition.0,
        id.position.0
    );
    Ok(first.fetch_one(db).await?.map_or(i64::MIN, |first| first.saturating_sub(1)))
}

/// The next units of a partition behind a position: spans and blocks side by side, as far as the directory knows their
/// buckets.
async fn units(db: &mut PgConnection, partition: i64, after: i64) -> sqlx::Result<Vec<Unit>> {
    let rows = sqlx::query_file!("queries/erasures/units.sql", partition, after, STRETCH).fetch_all(db).await?;
    Ok(rows.into_iter().map(|r| Unit { partition, first: r.first, span: r.span, block: r.block }).collect())
}
