//! What must not be read from a broker, by its position: what was erased, also after its row retired, and what was never to
//! be stored.

use super::rows::{Span, each_row};
use crate::Store;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use weir_domain::{
    ChannelId, PartitionId, Position,
    access::View,
    events::{Absence, KeptAway},
};

/// Spans of one look, at most; a range with more is halved.
const SPANS: i64 = 20_000;

impl Store {
    pub(super) async fn kept_away_of(
        &self,
        view: &View,
        partition: PartitionId,
        (from, to): (Position, Position),
    ) -> sqlx::Result<KeptAway> {
        let mut db = self.pages().acquire().await?;
        let place = sqlx::query!(
            r#"select p.channel_id, (select d.partition_id from backfill_partition d where d.of_partition = p.id) as filled
               from partition p where p.id = $1"#,
            partition.0
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(place) = place.filter(|p| view.channels().contains(ChannelId(p.channel_id))) else {
            return Ok(KeptAway::default());
        };
        let filled = place.filled.map(PartitionId);
        let mut positions = BTreeSet::new();
        for of in std::iter::once(partition).chain(filled) {
            withheld(&mut db, of, (from, to), &mut positions).await?;
        }
        let erased = sqlx::query_scalar!(
            "select position from erased_event where partition_id = any($1) and position >= $2 and position < $3",
            &std::iter::once(partition).chain(filled).map(|p| p.0).collect::<Vec<_>>(),
            from.0,
            to.0
        )
        .fetch_all(&mut *db)
        .await?;
        positions.extend(erased.into_iter().map(Position));
        Ok(KeptAway { positions, filled })
    }
}

/// By the rows that are there.
async fn withheld(
    db: &mut PgConnection,
    partition: PartitionId,
    (from, to): (Position, Position),
    into: &mut BTreeSet<Position>,
) -> sqlx::Result<()> {
    let mut ranges = vec![(from.0, to.0)];
    while let Some((from, to)) = ranges.pop() {
        let spans =
            sqlx::query_file!("queries/verify/spans.sql", partition.0, from, to, SPANS).fetch_all(&mut *db).await?;
        let middle = from + (to - from) / 2;
        if middle > from && i64::try_from(spans.len()).is_ok_and(|n| n >= SPANS) {
            ranges.extend([(middle, to), (from, middle)]);
            continue;
        }
        for of_bucket in spans.chunk_by(|a, b| a.bucket == b.bucket) {
            let Some(bucket) = of_bucket.first().map(|s| s.bucket) else { continue };
            let span =
                |first, events| Span { partition: partition.0, first, events: u32::try_from(events).unwrap_or(0) };
            let of_bucket: Vec<Span> = of_bucket.iter().map(|s| span(s.first_position, s.events)).collect();
            each_row(&mut *db, bucket, &of_bucket, |_, row| {
                let away = row.flags().absence().is_some_and(|why: Absence| !why.may_be_read_live());
                if away && (from..to).contains(&row.position) {
                    into.insert(Position(row.position));
                }
            })
            .await?;
        }
    }
    Ok(())
}
