//! Why an event's bytes are not there.

use super::{given_up, rows};
use crate::{
    Store,
    capture::{PolicyRow, channel_policy},
};
use weir_domain::{ChannelId, EventId, SourceId, access::View, capture::Missing, events::Absence};

impl Store {
    pub(crate) async fn missing_of(&self, view: &View, id: EventId) -> sqlx::Result<Option<Missing>> {
        let mut db = self.by_index().await?;
        let place = sqlx::query!(
            "select c.id, c.source_id, c.name, c.policy, c.sampled_per_mille, c.payload_class, c.metadata_class, c.payload_limit,
                    c.budget_turn, c.erase_on_tombstone
             from partition p join channel c on c.id = p.channel_id where p.id = $1",
            id.partition.0
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(place) = place.filter(|p| view.channels().contains(ChannelId(p.id))) else { return Ok(None) };
        let Some((_, row)) = rows::one(&mut db, id).await? else { return Ok(None) };
        let there = match row.block() {
            None => false,
            Some((bucket, partition, first)) => {
                sqlx::query_scalar!(
                    r#"select exists (
                           select from block where bucket = $1 and partition_id = $2 and first_position = $3
                       ) as "there!""#,
                    bucket,
                    partition,
                    first
                )
                .fetch_one(&mut *db)
                .await?
            }
        };
        let given_up = if there { None } else { given_up::of(&mut db, id).await? };
        let gone = (!there).then_some(if given_up.is_some() { Absence::GivenUp } else { Absence::Expired });
        let absent = row.flags().absence().or(gone);
        Ok(Some(Missing {
            event: id,
            channel: ChannelId(place.id),
            channel_name: place.name,
            source: SourceId(place.source_id),
            given_up: given_up.filter(|_| absent == Some(Absence::GivenUp)),
            absent,
            policy: channel_policy(&PolicyRow {
                policy: &place.policy,
                per_mille: place.sampled_per_mille,
                days: (place.payload_class, place.metadata_class),
                payload_limit: place.payload_limit,
                turn: place.budget_turn,
                erase_on_tombstone: place.erase_on_tombstone,
            }),
        }))
    }
}
