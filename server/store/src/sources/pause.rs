use crate::{Store, timestamp::Ts};
use weir_domain::{SourceId, Timestamp, access::View};

impl Store {
    /// The tap reads the wish at least every 500 ms.
    pub(super) async fn pause_source(
        &self,
        view: &View,
        id: SourceId,
        paused: bool,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        if self.source_rows(view, Some(id)).await?.is_empty() {
            return Ok(false);
        }
        sqlx::query!(
            "update source set wish_at = case when paused = $2 then wish_at else $3 end, paused = $2 where id = $1",
            id.0,
            paused,
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await?;
        Ok(true)
    }
}
