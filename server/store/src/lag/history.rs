use super::chunk;
use crate::{Store, error::failed, timestamp::Ts};
use futures::TryStreamExt as _;
use weir_domain::{GroupId, StoreError, Timestamp, lag::Chunk};

impl Store {
    /// One row is unpacked at a time, and no more are read than the connection holds.
    pub(super) async fn history_of(
        &self,
        group: GroupId,
        channel: &str,
        (from, to): (Timestamp, Timestamp),
        take: &mut (dyn FnMut(Chunk) + Send),
    ) -> Result<(), StoreError> {
        // Five-minute points up to where the whole observations begin.
        let mut rows = sqlx::query!(
            r#"with pair as (select id from group_channel where group_id = $1 and channel = $2),
                    raw as (select o.began_at, o.packed from lag_observed o, pair
                            where o.pair_id = pair.id and o.until >= $3 and o.began_at <= $4)
               select began_at as "began_at!: Ts", packed as "packed!", true as "raw!", null::timestamptz as "whole_from: Ts"
               from raw
               union all
               select r.began_at, r.packed, false, (select min(began_at) from raw) from lag_rolled r, pair
               where r.pair_id = pair.id and r.until >= $3 and r.began_at <= $4
               order by 3, 1"#,
            group.0,
            channel,
            Ts(from) as Ts,
            Ts(to) as Ts
        )
        .fetch(self.pages());
        while let Some(r) = rows.try_next().await.map_err(failed)? {
            let Some(mut chunk) = chunk::unpack(&r.packed, r.began_at.0) else {
                tracing::warn!(group = group.0, channel, "observations of a group are damaged; left out");
                continue;
            };
            let whole_from = r.whole_from.map(|w| w.0);
            chunk.ticks.retain(|t| t.at >= from && t.at <= to && whole_from.is_none_or(|whole| t.at < whole));
            if !chunk.ticks.is_empty() {
                take(chunk);
            }
        }
        Ok(())
    }
}
