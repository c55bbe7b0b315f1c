//! Where partitions stand, told without storing events.

use crate::{name::storable_text, timestamp::Ts};
use sqlx::PgPool;
use weir_domain::{Position, Timestamp, capture::PartitionProgress};

pub(super) async fn report(pool: &PgPool, progress: &[PartitionProgress], at: Timestamp) -> sqlx::Result<()> {
    // In the order of their ids, so that two reports never wait for each other in a circle.
    let mut sorted: Vec<&PartitionProgress> = progress.iter().collect();
    sorted.sort_by_key(|p| p.partition);
    for some in sorted.chunks(1000) {
        let position = |f: fn(&PartitionProgress) -> Option<Position>| -> Vec<Option<i64>> {
            some.iter().map(|p| f(p).map(|p| p.0)).collect()
        };
        sqlx::query_file!(
            "queries/capture/report_progress.sql",
            &some.iter().map(|p| p.partition.0).collect::<Vec<_>>(),
            &position(|p| p.start) as &[Option<i64>],
            &position(|p| p.end) as &[Option<i64>],
            &some.iter().map(|p| p.held.as_ref().map(|h| Ts(h.since))).collect::<Vec<_>>() as &[Option<Ts>],
            &some
                .iter()
                .map(|p| p.held.as_ref().and_then(|h| h.transactional_id.as_deref()).map(storable_text))
                .collect::<Vec<_>>() as &[Option<String>],
            &some.iter().map(|p| p.error.as_deref().map(storable_text)).collect::<Vec<_>>() as &[Option<String>],
            Ts(at) as Ts
        )
        .execute(pool)
        .await?;
    }
    Ok(())
}
