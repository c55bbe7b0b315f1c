//! What the engine works on next.

use crate::{Store, pool::begin, timestamp::Ts};
use uuid::Uuid;
use weir_domain::{
    ErasureId, Timestamp,
    erasures::{ErasureState, KeptSubject, SubjectKind, Walk},
};

impl Store {
    pub(super) async fn next_in_queue(&self, but: &[Uuid], now: Timestamp) -> sqlx::Result<Option<Walk>> {
        let mut tx = begin(self.capture_pool()).await?;
        sqlx::query!(
            "update erasure set state = 'expired', subject = null, subject_key = null, ended_at = $1
             where state in ('counting', 'waiting') and ends_at <= $1",
            Ts(now) as Ts
        )
        .execute(&mut *tx)
        .await?;
        let ended = sqlx::query_scalar!(
            r#"select exists (select from erasure where state in ('declined', 'withdrawn', 'expired') and not cleaned) as "any!""#
        )
        .fetch_one(&mut *tx)
        .await?;
        // People's requests come before those of tombstones, what was approved before what is only counted, and what has waited
        // long for its clean-up before everything, so that tombstones without end don't keep it from being done.
        let next = sqlx::query!(
            "select id, kind, state, subject, subject_key from erasure where state in ('counting', 'running', 'cleaning') and id <> all($1)
             order by case when state = 'cleaning' and walked_at < clock_timestamp() - interval '15 min' then 0
                           when by_tombstones is null and state = 'running' then 1
                           when by_tombstones is null and state = 'cleaning' then 2
                           when state = 'running' then 3 when state = 'counting' then 4 else 5 end, asked_at, id limit 1",
            but
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        if ended {
            self.forget_ended().await?;
        }
        let Some(row) = next else { return Ok(None) };
        let (Some(state), Some(kind)) = (ErasureState::parse(&row.state), SubjectKind::parse(&row.kind)) else {
            return Err(crate::error::corrupt("an erasure of a kind that this program does not know"));
        };
        let subject = row.subject.map(|bytes| KeptSubject { kind, key_id: row.subject_key, bytes });
        Ok(Some(Walk { id: ErasureId(row.id.to_string()), state, subject }))
    }

    /// The subjects of requests that ended undone leave the table's dead rows too.
    async fn forget_ended(&self) -> sqlx::Result<()> {
        self.rewrite(&["erasure"]).await?;
        sqlx::query!(
            "update erasure set cleaned = true where state in ('declined', 'withdrawn', 'expired') and not cleaned"
        )
        .execute(self.capture_pool())
        .await
        .map(drop)
    }
}
