//! Where events travel, by name.

use super::reach::Place;
use sqlx::PgConnection;
use std::collections::HashMap;
use weir_domain::{ChannelId, PartitionId, search::NameField};

/// Names of channels, and of their sources and environments.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(HashMap<ChannelId, [String; 3]>);

impl Names {
    /// Of all channels that some partitions are of.
    pub(super) async fn read(db: &mut PgConnection, places: &HashMap<PartitionId, Place>) -> sqlx::Result<Self> {
        let mut channels: Vec<i64> = places.values().map(|p| p.channel.0).collect();
        channels.sort_unstable();
        channels.dedup();
        let rows = sqlx::query!(
            "select c.id, c.name, s.name as source, e.name as environment
             from channel c join source s on s.id = c.source_id join environment e on e.id = s.environment_id
             where c.id = any($1)",
            &channels
        )
        .fetch_all(db)
        .await?;
        Ok(Self(rows.into_iter().map(|r| (ChannelId(r.id), [r.name, r.source, r.environment])).collect()))
    }

    /// Channel, source and environment; empty where they were not read.
    pub(super) fn of(&self, channel: ChannelId) -> [&str; 3] {
        self.0.get(&channel).map_or([""; 3], |names| names.each_ref().map(String::as_str))
    }

    /// The one that a field asks for; `None` for an event's type, which is no name of a place.
    pub(super) fn field(&self, channel: ChannelId, field: NameField) -> Option<&str> {
        let [name, source, environment] = self.of(channel);
        match field {
            NameField::Channel => Some(name),
            NameField::Source => Some(source),
            NameField::Environment => Some(environment),
            NameField::Type => None,
        }
    }
}
