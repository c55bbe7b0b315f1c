use crate::timestamp::Ts;
use sqlx::PgConnection;
use std::collections::HashSet;
use weir_domain::{EventId, PartitionId, Position, Timestamp, events::TimeRange};

/// The holds that stand, as far as they may keep something in one channel.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    ranges: Vec<TimeRange>,
    keys: HashSet<i64>,
    events: HashSet<EventId>,
}

impl Standing {
    pub(crate) async fn read(db: &mut PgConnection, channel: i64, now: Timestamp) -> sqlx::Result<Self> {
        let mut standing = Self::default();
        let holds = sqlx::query!(
            r#"select kind, from_time as "from: Ts", to_time as "to: Ts", key_hash from hold
               where ended_at is null and ends_at > $2 and (kind = 'key' or channel_id = $1)"#,
            channel,
            Ts(now) as Ts
        );
        for hold in holds.fetch_all(&mut *db).await? {
            match hold.kind.as_str() {
                "channel" => {
                    standing.ranges.push(TimeRange { from: hold.from.map(|t| t.0), to: hold.to.map(|t| t.0) });
                }
                _ => standing.keys.extend(hold.key_hash),
            }
        }
        let events = sqlx::query!(
            "select e.partition_id, e.position from hold_event e
             join hold h on h.id = e.hold_id join partition p on p.id = e.partition_id
             where h.ended_at is null and h.ends_at > $2 and p.channel_id = $1",
            channel,
            Ts(now) as Ts
        );
        let events = events.fetch_all(db).await?.into_iter();
        standing.events = events
            .map(|e| EventId { partition: PartitionId(e.partition_id), position: Position(e.position) })
            .collect();
        Ok(standing)
    }

    /// Does one keep this event? Of a block that outlived its rows no place is known: a hold of its channel keeps it.
    pub(crate) fn keeps(&self, place: Option<(EventId, Timestamp)>, key: Option<i64>) -> bool {
        let by_place = match place {
            Some((id, time)) => self.events.contains(&id) || self.ranges.iter().any(|r| r.contains(time)),
            None => !self.ranges.is_empty(),
        };
        by_place || key.is_some_and(|key| self.keys.contains(&key))
    }

    /// Names of holds that stand now and may keep something in some channels.
    pub(crate) async fn names(db: &mut PgConnection, channels: &[i64]) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar!(
            "select h.name from hold h
             where h.ended_at is null and h.ends_at > now()
               and (h.kind = 'key' or h.channel_id = any($1)
                    or exists (select from hold_event e join partition p on p.id = e.partition_id
                               where e.hold_id = h.id and p.channel_id = any($1)))
             order by h.made_at",
            channels
        )
        .fetch_all(db)
        .await
    }
}
