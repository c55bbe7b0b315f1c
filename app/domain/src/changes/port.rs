use super::{ChangeKind, ChangeShown};
use crate::{
    ChannelId, EnvironmentId, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    events::TimeRange,
};
use async_trait::async_trait;

/// A change to be written. Texts are cut to what the feed keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    pub at: Timestamp,
    pub kind: ChangeKind,
    pub environment: Option<EnvironmentId>,
    pub source: Option<SourceId>,
    pub channel: Option<ChannelId>,
    pub subject: Option<String>,
    pub title: String,
    pub detail: String,
    pub link: Option<String>,
    pub actor: Option<String>,
    /// Written once whoever finds it: the second of the same name is passed over.
    pub once: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    pub kind: Option<ChangeKind>,
    pub source: Option<SourceId>,
    pub channel: Option<ChannelId>,
    /// Part of the title, the detail or the subject, whatever its case.
    pub text: Option<String>,
    pub range: TimeRange,
}

/// Strictly older than this one: changes are ordered by (time, id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeCursor {
    pub at: Timestamp,
    pub id: i64,
}

#[async_trait]
pub trait Changes: Send + Sync {
    /// Newest first, at most `limit`; those of hidden channels and of other environments are left out. The use case
    /// leaves out sources that the caller must not know of.
    async fn list(
        &self,
        view: &View,
        filter: &ChangeFilter,
        before: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<Vec<ChangeShown>, StoreError>;
    /// Appends; `None` if one of that name is there already.
    async fn append(&self, change: &NewChange) -> Result<Option<i64>, StoreError>;
}

/// Derives changes from what the catalog holds (decision 6: an engine writes the feed, never a tap).
#[async_trait]
pub trait Observer: Send + Sync {
    /// Looks once and writes what changed since the last look, in one transaction; how many were written. Harmless
    /// when two look at once.
    async fn observe(&self, view: &SystemView, now: Timestamp) -> Result<u32, StoreError>;
}
