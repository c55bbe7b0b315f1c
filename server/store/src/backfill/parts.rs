use crate::{Store, sources::at_broker, timestamp::Ts};
use std::collections::HashMap;
use weir_domain::{
    ChannelId, PartitionId, Position, SourceId,
    access::View,
    backfill::{Backfill, BackfillWork, FillPart, FillState, Filling},
    capture::Cursor,
};

/// A part, and what is filled of it.
struct Part {
    filling: Filling,
    events: u64,
    raw_bytes: u64,
}

impl Store {
    async fn parts(&self, channels: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Part>>> {
        let rows = sqlx::query_file!("queries/backfill/parts.sql", channels).fetch_all(self.pages()).await?;
        let mut parts: HashMap<i64, Vec<Part>> = HashMap::new();
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        for r in rows {
            let at = at_broker!(r, None);
            let filling = Filling {
                partition: PartitionId(r.partition_id),
                at,
                cursor: r.cursor.map(Cursor),
                from: r.from_position.map(Position),
                done: Position(r.next_position.or(r.from_position).unwrap_or(0)),
                to: Position(r.to_position),
            };
            let part = Part { filling, events: number(r.events), raw_bytes: number(r.raw_bytes) };
            parts.entry(r.channel_id).or_default().push(part);
        }
        Ok(parts)
    }

    pub(super) async fn listed_backfills(&self, view: &View, source: SourceId) -> sqlx::Result<Vec<Backfill>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let rows = sqlx::query!(
            r#"select f.channel_id, f.state, f.bytes_per_s, f.asked_at as "asked_at: Ts", f.changed_at as "changed_at: Ts",
                      f.reason, c.name, c.source_id, p.name as "by?"
               from backfill f join channel c on c.id = f.channel_id left join person p on p.id = f.asked_by
               where c.source_id = $1 and c.id = any($2) order by c.name, c.id"#,
            source.0,
            &channels
        )
        .fetch_all(self.pages())
        .await?;
        let mut parts = self.parts(&rows.iter().map(|r| r.channel_id).collect::<Vec<_>>()).await?;
        let listed = rows.into_iter().map(|r| {
            let parts = parts.remove(&r.channel_id).unwrap_or_default();
            Backfill {
                channel: ChannelId(r.channel_id),
                name: r.name,
                source: SourceId(r.source_id),
                state: FillState::parse(&r.state),
                bytes_per_s: u64::try_from(r.bytes_per_s).unwrap_or(0),
                asked_by: r.by,
                asked_at: r.asked_at.0,
                changed_at: r.changed_at.0,
                reason: r.reason,
                events: parts.iter().map(|p| p.events).sum(),
                raw_bytes: parts.iter().map(|p| p.raw_bytes).sum(),
                parts: parts
                    .into_iter()
                    .map(|p| FillPart {
                        number: p.filling.at.number,
                        from: p.filling.from,
                        done: p.filling.done,
                        to: p.filling.to,
                    })
                    .collect(),
            }
        });
        Ok(listed.collect())
    }

    pub(super) async fn running_backfills(&self) -> sqlx::Result<Vec<BackfillWork>> {
        let rows = sqlx::query!(
            "select channel_id, bytes_per_s from backfill where state = 'running' order by asked_at, channel_id"
        )
        .fetch_all(self.pages())
        .await?;
        let mut parts = self.parts(&rows.iter().map(|r| r.channel_id).collect::<Vec<_>>()).await?;
        let work = rows.into_iter().map(|r| BackfillWork {
            channel: ChannelId(r.channel_id),
            bytes_per_s: u64::try_from(r.bytes_per_s).unwrap_or(1),
            parts: parts
                .remove(&r.channel_id)
                .unwrap_or_default()
                .into_iter()
                .map(|p| p.filling)
                .filter(|f| f.done < f.to)
                .collect(),
        });
        Ok(work.collect())
    }
}
