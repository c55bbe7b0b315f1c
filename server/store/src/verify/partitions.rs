use crate::{Store, sources::at_broker, timestamp::Ts};
use weir_domain::{ChannelId, PartitionId, Position, SourceId, Timestamp, access::View, verify::Candidate};

impl Store {
    pub(super) async fn comparable(
        &self,
        now: Timestamp,
        source: Option<SourceId>,
        channels: Option<&[i64]>,
        (after, most): (PartitionId, u32),
    ) -> sqlx::Result<Vec<Candidate>> {
        let day_ago = i32::try_from(now.plus_secs(-86_400).0.div_euclid(3_600_000_000)).unwrap_or(i32::MAX);
        let rows = sqlx::query_file!(
            "queries/verify/candidates.sql",
            Ts(now) as Ts,
            day_ago,
            source.map(|s| s.0),
            channels as Option<&[i64]>,
            after.0,
            i64::from(most)
        )
        .fetch_all(self.pages())
        .await?;
        let bytes = |n: i64| u64::try_from(n).unwrap_or(0);
        let made = rows.into_iter().map(|r| Candidate {
            partition: PartitionId(r.partition),
            channel: ChannelId(r.channel_id),
            at: at_broker!(r, Some(r.channel_off)),
            first: Position(r.first),
            next: Position(r.next),
            captured_bytes: bytes(r.captured),
            read_bytes: bytes(r.day_bytes.unwrap_or(0)),
            verified: r.verified_at.map(|t| t.0),
        });
        Ok(made.collect())
    }

    pub(super) async fn open_partitions_of(&self, channel: ChannelId, most: u32) -> sqlx::Result<Vec<Candidate>> {
        let rows = sqlx::query_file!("queries/verify/open_partitions.sql", channel.0, i64::from(most));
        let made = rows.fetch_all(self.pages()).await?.into_iter().map(|r| Candidate {
            partition: PartitionId(r.partition),
            channel: ChannelId(r.channel_id),
            at: at_broker!(r, Some(r.channel_off)),
            first: Position(r.first),
            next: Position(r.next),
            captured_bytes: 0,
            read_bytes: 0,
            verified: None,
        });
        Ok(made.collect())
    }

    /// By spans: the first that reaches that far.
    pub(super) async fn position_since(
        &self,
        view: &View,
        partition: PartitionId,
        since: Timestamp,
    ) -> sqlx::Result<Option<Position>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let first = sqlx::query_scalar!(
            "select min(s.first_position) from event_span s join partition p on p.id = s.partition_id
             where s.partition_id = $1 and s.max_time >= $2 and p.channel_id = any($3)",
            partition.0,
            Ts(since) as Ts,
            &channels
        )
        .fetch_one(self.pages())
        .await?;
        Ok(first.map(Position))
    }

    /// By spans: behind the last that begins before it, unless that is the last of all.
    pub(super) async fn position_behind(
        &self,
        view: &View,
        partition: PartitionId,
        until: Timestamp,
    ) -> sqlx::Result<Option<Position>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let row = sqlx::query!(
            "select max(s.last_position) filter (where s.min_time < $2) as earlier, min(s.first_position) as first,
                    max(s.last_position) as last
             from event_span s join partition p on p.id = s.partition_id
             where s.partition_id = $1 and p.channel_id = any($3)",
            partition.0,
            Ts(until) as Ts,
            &channels
        )
        .fetch_one(self.pages())
        .await?;
        Ok(match (row.earlier, row.first) {
            (Some(earlier), _) if Some(earlier) == row.last => None,
            (Some(earlier), _) => Some(Position(earlier.saturating_add(1))),
            (None, first) => first.map(Position),
        })
    }
}
