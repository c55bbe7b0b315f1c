//! What the rules look at.

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use std::collections::HashMap;
use weir_domain::{
    EnvironmentId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::SystemView,
    capture::SourceState,
    lag::Standing,
    monitors::{SourceHealth, TapBehind, Watched},
};

#[async_trait]
impl Watched for Store {
    async fn standings(&self, _: &SystemView, now: Timestamp) -> Result<Vec<Standing>, StoreError> {
        let all = self.all_listed(self.capture_pool(), None, None, false, now).await?;
        Ok(all.into_iter().map(|listed| listed.standing).collect())
    }
    async fn sources(&self, _: &SystemView) -> Result<Vec<SourceHealth>, StoreError> {
        self.sources_health().await.map_err(failed)
    }
}

impl Store {
    async fn sources_health(&self) -> sqlx::Result<Vec<SourceHealth>> {
        let rows = sqlx::query_file!("queries/monitors/sources.sql").fetch_all(self.capture_pool()).await?;
        let behind = sqlx::query_file!("queries/monitors/taps_behind.sql").fetch_all(self.capture_pool()).await?;
        let mut taps: HashMap<i64, Vec<TapBehind>> = HashMap::new();
        for r in behind {
            let one =
                TapBehind { partition: PartitionId(r.partition_id), next: Position(r.next), end: Position(r.end) };
            taps.entry(r.source_id).or_default().push(one);
        }
        let shown = rows.into_iter().map(|r| {
            // The wish is gone and the tap has not woken yet: as of the wish, for its own word is of before.
            let (state, since) = match SourceState::parse(&r.state) {
                SourceState::Paused if r.wanted => (SourceState::Starting, r.wish_at),
                state => (state, r.since),
            };
            SourceHealth {
                source: SourceId(r.id),
                name: r.name,
                environment: EnvironmentId(r.environment_id),
                environment_name: r.environment_name,
                wanted: r.wanted,
                state: if r.wanted { state } else { SourceState::Paused },
                since: since.map(|Ts(t)| t),
                reason: r.reason,
                reported_at: r.reported_at.map(|Ts(t)| t),
                behind: taps.remove(&r.id).unwrap_or_default(),
                has_groups: r.has_groups,
                lag_observed_at: r.lag_observed_at.map(|Ts(t)| t),
                lag_failed: r.lag_failed,
            }
        });
        Ok(shown.collect())
    }
}
