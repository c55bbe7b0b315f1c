//! Sources and how capture stands: figures of partitions, summed over the channels a view reaches.

mod beside;
mod detail;
pub(crate) mod figures;
mod list;
mod made;
mod pause;

pub(crate) use beside::at_broker;

use crate::{Store, error::failed};
use async_trait::async_trait;
use weir_domain::{
    SourceId, StoreError, Timestamp,
    access::View,
    sources::{SourceDetail, SourceShown, Sources},
};

#[async_trait]
impl Sources for Store {
    async fn list(&self, view: &View, now: Timestamp) -> Result<Vec<SourceShown>, StoreError> {
        self.sources_shown(view, None, now).await.map_err(failed)
    }
    async fn detail(&self, view: &View, id: SourceId, now: Timestamp) -> Result<Option<SourceDetail>, StoreError> {
        self.source_detail(view, id, now).await.map_err(failed)
    }
    async fn set_paused(&self, view: &View, id: SourceId, paused: bool, now: Timestamp) -> Result<bool, StoreError> {
        self.pause_source(view, id, paused, now).await.map_err(failed)
    }
}
