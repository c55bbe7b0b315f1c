use super::ChannelFacts;
use crate::{
    ChannelId, EnvironmentId, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
};
use async_trait::async_trait;

/// One captured channel with its surroundings; the input of [`crate::access::VisibleChannels`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogEntry {
    pub channel: ChannelId,
    pub channel_name: String,
    pub source: SourceId,
    pub source_name: String,
    pub source_kind: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
}

#[async_trait]
pub trait Catalog: Send + Sync {
    /// Every channel: small, cached by the use cases for about a second and used to make views.
    async fn entries(&self, view: &SystemView) -> Result<Vec<CatalogEntry>, StoreError>;
    async fn environments(&self, view: &SystemView) -> Result<Vec<super::EnvironmentShown>, StoreError>;
    /// Event types seen in visible channels whose name begins with `prefix`, at most `limit`.
    async fn event_types(&self, view: &View, prefix: &str, limit: u32) -> Result<Vec<String>, StoreError>;
    /// True if an event with exactly this key is stored in a visible channel; `false` where the view may not see keys.
    async fn key_exists(&self, view: &View, key: &[u8]) -> Result<bool, StoreError>;
    /// `Ok(None)`: there is none, or none to be seen.
    async fn channel(&self, view: &View, id: ChannelId, now: Timestamp) -> Result<Option<ChannelFacts>, StoreError>;
}
