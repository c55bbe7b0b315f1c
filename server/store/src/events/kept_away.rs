//! What must not be read from a broker, by its position: what was erased, also after its row retired, and what is never to
//! be stored, by its row or else by the ceiling of its source.

use super::rows::{Span, each_row};
use crate::Store;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use weir_domain::{
    ChannelId, PartitionId, Position,
    access::View,
    events::{Absence, KeptAway, readable_at_broker},
};

/// Spans of one look, at most; a range with more is halved.
const SPANS: i64 = 20_000;

/// Of some positions: why their bytes are not there, if they are not. Those that have no row are not among them.
type Rows = BTreeMap<Position, Option<Absence>>;

impl Store {
    pub(super) async fn kept_away_of(
        &self,
        view: &View,
        partition: PartitionId,
        positions: &[Position],
    ) -> sqlx::Result<KeptAway> {
        let all = || KeptAway { positions: positions.iter().copied().collect(), filled: None };
        let mut db = self.pages().acquire().await?;
        let place = sqlx::query!(
            r#"select p.channel_id, s.capture as ceiling,
                      (select d.partition_id from backfill_partition d where d.of_partition = p.id) as filled
               from partition p join channel c on c.id = p.channel_id join source s on s.id = c.source_id where p.id = $1"#,
            partition.0
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(place) = place.filter(|p| view.channels().contains(ChannelId(p.channel_id))) else { return Ok(all()) };
        let filled = place.filled.map(PartitionId);
        let of: Vec<PartitionId> = std::iter::once(partition).chain(filled).collect();
        let mut rows = Rows::new();
        for of in &of {
            known(&mut db, *of, positions, &mut rows).await?;
        }
        let erased = sqlx::query_scalar!(
            "select position from erased_event where partition_id = any($1) and position = any($2)",
            &of.iter().map(|p| p.0).collect::<Vec<_>>(),
            &positions.iter().map(|p| p.0).collect::<Vec<_>>()
        )
        .fetch_all(&mut *db)
        .await?;
        let erased: BTreeSet<Position> = erased.into_iter().map(Position).collect();
        let away = |at: &Position| erased.contains(at) || !readable_at_broker(rows.get(at).copied(), &place.ceiling);
        Ok(KeptAway { positions: positions.iter().copied().filter(away).collect(), filled })
    }
}

/// By the rows that are there.
async fn known(
    db: &mut PgConnection,
    partition: PartitionId,
    positions: &[Position],
    into: &mut Rows,
) -> sqlx::Result<()> {
    let (Some(first), Some(last)) = (positions.first(), positions.last()) else { return Ok(()) };
    let mut ranges = vec![(first.0, last.0.saturating_add(1))];
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
                let position = Position(row.position);
                if positions.binary_search(&position).is_ok() {
                    into.insert(position, row.flags().absence());
                }
            })
            .await?;
        }
    }
    Ok(())
}
