//! The change feed.

mod list;
mod observe;
mod partitions;
mod sources;
mod write;

pub(crate) use write::append;

use crate::{Store, error::failed};
use async_trait::async_trait;
use weir_domain::{
    StoreError, Timestamp,
    access::{SystemView, View},
    changes::{ChangeCursor, ChangeFilter, ChangeShown, Changes, NewChange, Observer},
};

#[async_trait]
impl Changes for Store {
    async fn list(
        &self,
        view: &View,
        filter: &ChangeFilter,
        before: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<Vec<ChangeShown>, StoreError> {
        list::list(self.pages(), view, filter, before, limit).await.map_err(failed)
    }

    async fn append(&self, change: &NewChange) -> Result<Option<i64>, StoreError> {
        let mut connection = self.pages().acquire().await.map_err(failed)?;
        write::append(&mut connection, change).await.map_err(failed)
    }
}

#[async_trait]
impl Observer for Store {
    async fn observe(&self, _: &SystemView, now: Timestamp) -> Result<u32, StoreError> {
        observe::observe(self.capture_pool(), now).await.map_err(failed)
    }
}
