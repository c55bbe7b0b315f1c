use super::{SourceDetail, SourceShown};
use crate::{SourceId, StoreError, Timestamp, access::View};
use async_trait::async_trait;

#[async_trait]
pub trait Sources: Send + Sync {
    /// Sources of the view's environment; figures count visible channels only. `may_pause` is left false (the use case sets it).
    async fn list(&self, view: &View, now: Timestamp) -> Result<Vec<SourceShown>, StoreError>;
    async fn detail(&self, view: &View, id: SourceId, now: Timestamp) -> Result<Option<SourceDetail>, StoreError>;
    /// `Ok(false)`: no such source (or not visible).
    async fn set_paused(&self, view: &View, id: SourceId, paused: bool, now: Timestamp) -> Result<bool, StoreError>;
}
