use crate::{Store, error::failed, name::storable};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, EnvironmentId, InstanceId, PartitionId, SourceId, StoreError, Timestamp,
    access::SystemView,
    capture::{
        Fence, GapReason, Keeping, NewIncarnation, OpenPartition, Opened, PartitionProgress, SourceReport, TapCatalog,
        WantedEnvironment, WantedSource,
    },
};

#[async_trait]
impl TapCatalog for Store {
    async fn put_sources(
        &self,
        environments: &[WantedEnvironment],
        sources: &[WantedSource],
    ) -> Result<Vec<(String, SourceId, EnvironmentId)>, StoreError> {
        super::sources::put(self.capture_pool(), environments, sources).await
    }

    async fn find_sources(&self, _: &SystemView, names: &[String]) -> Result<Vec<(String, SourceId)>, StoreError> {
        super::sources::find(self.capture_pool(), names).await.map_err(failed)
    }

    async fn put_channel(&self, source: SourceId, name: &str) -> Result<ChannelId, StoreError> {
        let name = storable(name);
        let find = || {
            sqlx::query_scalar!("select id from channel where source_id = $1 and name = $2", source.0, name)
                .fetch_optional(self.capture_pool())
        };
        if let Some(id) = find().await.map_err(failed)? {
            return Ok(ChannelId(id));
        }
        sqlx::query!("insert into channel (source_id, name) values ($1, $2) on conflict do nothing", source.0, name)
            .execute(self.capture_pool())
            .await
            .map_err(failed)?;
        let id = find().await.map_err(failed)?;
        id.map(ChannelId).ok_or_else(|| StoreError::Conflict("the channel was removed while it was added".into()))
    }

    async fn open_partitions(&self, _: &SystemView, channel: ChannelId) -> Result<Vec<OpenPartition>, StoreError> {
        super::partitions::of_channel(self.capture_pool(), channel).await.map_err(failed)
    }

    async fn open_partitions_of(
        &self,
        _: &SystemView,
        source: SourceId,
    ) -> Result<Vec<(String, OpenPartition)>, StoreError> {
        super::partitions::of_source(self.capture_pool(), source).await.map_err(failed)
    }

    async fn begun(&self, _: &SystemView, source: SourceId) -> Result<Option<String>, StoreError> {
        let begun = sqlx::query_scalar!("select begun from source where id = $1", source.0);
        Ok(begun.fetch_optional(self.capture_pool()).await.map_err(failed)?.flatten())
    }

    async fn set_begun(&self, source: SourceId, policy: &str) -> Result<(), StoreError> {
        sqlx::query!("update source set begun = $2 where id = $1 and begun is distinct from $2", source.0, policy)
            .execute(self.capture_pool())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn open_incarnation(&self, new: &NewIncarnation) -> Result<Option<Opened>, StoreError> {
        super::partitions::open(self.capture_pool(), new).await
    }

    async fn close_partition(
        &self,
        partition: PartitionId,
        reason: GapReason,
        fence: Fence,
    ) -> Result<bool, StoreError> {
        super::partitions::close_gone(self.capture_pool(), partition, reason, fence).await.map_err(failed)
    }

    async fn close_unmade(&self, partition: PartitionId, fence: Fence) -> Result<bool, StoreError> {
        super::partitions::close_unmade(self.capture_pool(), partition, fence).await.map_err(failed)
    }

    async fn report_progress(&self, progress: &[PartitionProgress], at: Timestamp) -> Result<(), StoreError> {
        super::progress::report(self.capture_pool(), progress, at).await.map_err(failed)
    }

    async fn report_source(&self, report: &SourceReport) -> Result<(), StoreError> {
        super::sources::report(self.capture_pool(), report).await.map_err(failed)
    }

    async fn paused(&self, _: &SystemView, source: SourceId) -> Result<bool, StoreError> {
        // A source that is not there stands still too.
        let wish = sqlx::query_scalar!(r#"select paused or orphan as "still!" from source where id = $1"#, source.0);
        Ok(wish.fetch_optional(self.capture_pool()).await.map_err(failed)?.unwrap_or(true))
    }

    async fn keeping(&self, _: &SystemView, partition: PartitionId) -> Result<Keeping, StoreError> {
        let classes = self.classes(partition).await.map_err(failed)?;
        classes.map(|c| c.keeping).ok_or_else(|| StoreError::Internal(format!("there is no partition {partition}")))
    }

    async fn channels_off(&self, _: &SystemView, source: SourceId) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar!("select name from channel where source_id = $1 and policy = 'off'", source.0)
            .fetch_all(self.capture_pool())
            .await
            .map_err(failed)
    }

    async fn instance(&self) -> Result<InstanceId, StoreError> {
        sqlx::query!("insert into instance (one_row) values (true) on conflict do nothing")
            .execute(self.capture_pool())
            .await
            .map_err(failed)?;
        let id = sqlx::query_scalar!("select id from instance").fetch_one(self.capture_pool()).await.map_err(failed)?;
        Ok(InstanceId(id.to_string()))
    }
}

impl Store {
    /// Gives this installation another identity; the old one is somebody else's.
    ///
    /// # Errors
    /// `Unavailable` if the database is away.
    pub async fn renew_instance(&self) -> Result<InstanceId, StoreError> {
        let id = sqlx::query_scalar!(
            "insert into instance (one_row) values (true) on conflict (one_row) do update set id = gen_random_uuid()
             returning id"
        )
        .fetch_one(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(InstanceId(id.to_string()))
    }
}
