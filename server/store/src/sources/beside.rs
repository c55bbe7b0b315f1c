//! What reads of a broker beside its taps need: where a partition is, and how much may be read now.

use crate::{Store, error::failed};
use async_trait::async_trait;
use std::time::Duration;
use weir_domain::{
    ChannelId, PartitionId, SourceId, StoreError,
    access::View,
    capture::{AtBroker, Beside},
};

/// Where a partition is at its broker, by the row of a query that tells it; `$channel_off`: what else that query was asked.
macro_rules! at_broker {
    ($row:expr, $channel_off:expr) => {
        weir_domain::capture::AtBroker {
            source: weir_domain::SourceId($row.source_id),
            source_name: $row.source,
            of_file: $row.origin == "file",
            capture: $row.capture,
            stands_still: $row.still,
            channel_off: $channel_off,
            channel: $row.channel,
            number: $row.number,
            incarnation: weir_domain::capture::Incarnation($row.incarnation),
        }
    };
}
pub(crate) use at_broker;

/// A debt is never longer than this, whatever was read: a mistaken figure must not end reading for good.
const LONGEST_DEBT_S: f64 = 3_600.0;

#[async_trait]
impl Beside for Store {
    async fn at_broker(&self, view: &View, partition: PartitionId) -> Result<Option<AtBroker>, StoreError> {
        let row = sqlx::query!(
            r#"select c.id as channel_id, c.name as channel, c.source_id, s.name as source, s.origin, s.capture,
                      s.paused or s.orphan as "still!", c.policy = 'off' as "channel_off!", p.number, p.incarnation
               from partition p join channel c on c.id = p.channel_id join source s on s.id = c.source_id
               where p.id = $1"#,
            partition.0
        )
        .fetch_optional(self.pages())
        .await
        .map_err(failed)?;
        let visible = row.filter(|r| view.channels().contains(ChannelId(r.channel_id)));
        Ok(visible.map(|r| at_broker!(r, Some(r.channel_off))))
    }

    async fn wait(&self, source: SourceId) -> Result<Duration, StoreError> {
        let left = sqlx::query_scalar!(
            r#"select extract(epoch from paid_until - clock_timestamp())::float8 as "left!"
               from source_beside where source_id = $1"#,
            source.0
        )
        .fetch_optional(self.pages())
        .await
        .map_err(failed)?;
        Ok(Duration::from_secs_f64(left.unwrap_or(0.0).clamp(0.0, LONGEST_DEBT_S)))
    }

    async fn took(&self, source: SourceId, bytes: u64, bytes_per_s: u64) -> Result<(), StoreError> {
        let costs = (bytes as f64 / bytes_per_s.max(1) as f64).min(LONGEST_DEBT_S);
        sqlx::query!(
            "insert into source_beside as b (source_id, paid_until)
             values ($1, clock_timestamp() + $2::float8 * interval '1 second')
             on conflict (source_id) do update set
                 paid_until = greatest(b.paid_until, clock_timestamp()) + $2::float8 * interval '1 second'",
            source.0,
            costs
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
