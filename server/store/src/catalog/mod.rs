//! Names for ids, and what is known of a channel.

mod channel;

use crate::{Store, error::failed, name::storable};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, EnvironmentId, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    catalog::{Catalog, CatalogEntry, ChannelFacts, EnvironmentShown},
};

#[async_trait]
impl Catalog for Store {
    async fn entries(&self, _: &SystemView) -> Result<Vec<CatalogEntry>, StoreError> {
        let rows = sqlx::query!(
            r#"select c.id, c.name, s.id as source_id, s.name as source_name, s.kind, e.id as environment_id, e.name as environment_name
               from channel c join source s on s.id = c.source_id join environment e on e.id = s.environment_id
               order by c.id"#
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)?;
        Ok(rows
            .into_iter()
            .map(|r| CatalogEntry {
                channel: ChannelId(r.id),
                channel_name: r.name,
                source: SourceId(r.source_id),
                source_name: r.source_name,
                source_kind: r.kind,
                environment: EnvironmentId(r.environment_id),
                environment_name: r.environment_name,
            })
            .collect())
    }

    async fn environments(&self, _: &SystemView) -> Result<Vec<EnvironmentShown>, StoreError> {
        let rows = sqlx::query!("select id, name, production, colour from environment order by production desc, name")
            .fetch_all(self.pages())
            .await
            .map_err(failed)?;
        Ok(rows
            .into_iter()
            .map(|r| EnvironmentShown {
                id: EnvironmentId(r.id),
                name: r.name,
                production: r.production,
                colour: r.colour,
            })
            .collect())
    }

    async fn event_types(&self, view: &View, prefix: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let prefix = storable(prefix);
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        // `starts_with`, not LIKE: the prefix is a person's text.
        sqlx::query_scalar!(
            "select t.name from event_type t
             where starts_with(t.name, $1) and exists (
                 select from partition_type pt join partition p on p.id = pt.partition_id
                 where pt.type_id = t.id and p.channel_id = any($2))
             order by t.name limit $3",
            prefix,
            &channels,
            i64::from(limit)
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)
    }

    async fn key_exists(&self, view: &View, key: &[u8]) -> Result<bool, StoreError> {
        if !view.key() {
            return Ok(false);
        }
        self.key_is_stored(view, key).await.map_err(failed)
    }

    async fn channel(&self, view: &View, id: ChannelId, now: Timestamp) -> Result<Option<ChannelFacts>, StoreError> {
        self.facts_of_channel(view, id, now).await
    }
}
