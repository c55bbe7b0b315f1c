//! What is known of a position at which nothing is stored.

use super::rows;
use crate::{Store, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::{
    ChannelId, EventId, Position, SourceId,
    access::View,
    events::{Fate, Gone},
};

impl Store {
    pub(super) async fn what_became_of(&self, view: &View, id: EventId) -> sqlx::Result<Option<Gone>> {
        let mut db = self.by_index().await?;
        let place = sqlx::query!(
            r#"select c.id, c.source_id, c.name, p.number, p.closed_at as "closed_at: Ts", p.closed_reason
               from partition p join channel c on c.id = p.channel_id where p.id = $1"#,
            id.partition.0
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(place) = place.filter(|p| view.channels().contains(ChannelId(p.id))) else { return Ok(None) };
        let (partition, position) = (id.partition.0, id.position.0);
        let before = neighbour(&mut db, partition, position, true).await?;
        let after = neighbour(&mut db, partition, position, false).await?;
        let fate = match rows::one(&mut db, id).await? {
            Some(_) => Fate::Stored,
            None => fate(&mut db, partition, position).await?,
        };
        Ok(Some(Gone {
            event: id,
            source: SourceId(place.source_id),
            source_name: String::new(),
            channel: ChannelId(place.id),
            channel_name: place.name,
            partition_number: place.number,
            closed: place.closed_at.map(|at| (at.0, place.closed_reason.unwrap_or_default())),
            fate,
            before: before.map(Position),
            after: after.map(Position),
        }))
    }
}

/// A gap is exact, so it comes before a stretch that held events somewhere.
async fn fate(db: &mut PgConnection, partition: i64, position: i64) -> sqlx::Result<Fate> {
    let gap = sqlx::query!(
        r#"select reason, detail, from_position, to_position, found_at as "found_at: Ts" from gap
           where partition_id = $1 and from_position <= $2 and (to_position is null or to_position > $2)
           order by found_at limit 1"#,
        partition,
        position
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(gap) = gap {
        return Ok(Fate::Gap {
            reason: gap.reason,
            detail: gap.detail,
            from: Position(gap.from_position),
            to: gap.to_position.map(Position),
            found: gap.found_at.0,
        });
    }
    let dropped = sqlx::query!(
        r#"select class_days, first_position, last_position, min_time as "min_time: Ts", max_time as "max_time: Ts",
                  dropped_at as "dropped_at: Ts"
           from bucket_dropped where partition_id = $1 and $2 between first_position and last_position
           order by dropped_at limit 1"#,
        partition,
        position
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(d) = dropped {
        return Ok(Fate::Dropped {
            at: d.dropped_at.0,
            retention_days: u16::try_from(d.class_days).unwrap_or(0),
            first: Position(d.first_position),
            last: Position(d.last_position),
            from: d.min_time.0,
            to: d.max_time.0,
        });
    }
    let known = sqlx::query!(
        "select least((select min(first_position) from partition_bucket where partition_id = $1 and part = 'metadata'),
                      (select min(first_position) from bucket_dropped where partition_id = $1)) as first,
                greatest((select max(last_position) from partition_bucket where partition_id = $1 and part = 'metadata'),
                         (select max(last_position) from bucket_dropped where partition_id = $1),
                         (select next_position - 1 from partition_cursor where partition_id = $1)) as last",
        partition
    )
    .fetch_one(db)
    .await?;
    Ok(match (known.first, known.last) {
        (Some(first), _) if position < first => Fate::Before { first: Position(first) },
        (_, Some(last)) if position > last => Fate::Ahead { last: Position(last) },
        (Some(_), Some(_)) => Fate::Hole,
        _ => Fate::Unknown,
    })
}

/// The nearest position that is still stored, as far as the nearest spans tell.
async fn neighbour(db: &mut PgConnection, partition: i64, position: i64, before: bool) -> sqlx::Result<Option<i64>> {
    let spans = if before {
        let spans = sqlx::query_file!("queries/events/spans_before.sql", partition, position, 1_i64);
        spans.fetch_all(&mut *db).await?.into_iter().map(|s| (s.bucket, s.first_position, s.events)).collect::<Vec<_>>()
    } else {
        let spans = sqlx::query_file!("queries/events/spans_after.sql", partition, position, 1_i64);
        let after = spans.fetch_all(&mut *db).await?.into_iter().map(|s| (s.bucket, s.first_position, s.events));
        // Its own span may reach beyond it.
        let own = sqlx::query_file!("queries/events/spans_before.sql", partition, position, 1_i64);
        let own = own.fetch_all(&mut *db).await?.into_iter().map(|s| (s.bucket, s.first_position, s.events));
        own.chain(after).collect()
    };
    let mut nearest: Option<i64> = None;
    for (bucket, first, events) in spans {
        let span = rows::Span { partition, first, events: u32::try_from(events).unwrap_or(0) };
        rows::each_row(db, bucket, &[span], |_, row| {
            let at = row.position;
            let closer = match nearest {
                None => true,
                Some(n) => {
                    if before {
                        at > n
                    } else {
                        at < n
                    }
                }
            };
            if closer && at != position && (at < position) == before {
                nearest = Some(at);
            }
        })
        .await?;
    }
    Ok(nearest)
}
