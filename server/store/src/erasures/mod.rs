//! Erasure (decision 4): requests, and the walk over the store that counts what a subject is in and takes it out.
//!
//! The walk goes from unit to unit: a span with its block, or one of them alone where the other's retention has passed. It
//! reads blocks themselves and asks no index, so that nothing is left that an index does not know. What is done to a unit
//! is one transaction together with the place that the walk has come to: cut off anywhere, it goes on from there.

mod clean;
mod judge;
mod queue;
mod requests;
mod searches;
pub(crate) mod tombstones;
mod unit;
mod walk;

use crate::{Store, error::failed};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    ChannelId, ErasureId, EventId, PartitionId, StoreError, Timestamp,
    access::{SystemView, View},
    audit::AuditLog,
    erasures::{
        By, Decided, Decision, ErasedBy, Eraser, Erasure, ErasureDetail, ErasureRefused, Erasures, NewErasure, Subject,
        SubjectVault, Walk, Walked,
    },
};

/// Why a request ends before it is done.
enum Stop {
    Refused(ErasureRefused),
    Failed(sqlx::Error),
}

impl From<ErasureRefused> for Stop {
    fn from(why: ErasureRefused) -> Self {
        Self::Refused(why)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(e: sqlx::Error) -> Self {
        Self::Failed(e)
    }
}

fn decided<T>(done: Result<T, Stop>) -> Decided<T> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Refused(why)) => Ok(Err(why)),
        Err(Stop::Failed(e)) => Err(failed(e)),
    }
}

/// What is no id belongs to nothing.
fn uuid(id: &ErasureId) -> Option<Uuid> {
    Uuid::parse_str(&id.0).ok()
}

#[async_trait]
impl Erasures for Store {
    async fn erasures(&self, _: &View) -> Result<Vec<Erasure>, StoreError> {
        self.erasures_shown().await.map_err(failed)
    }
    async fn erasure(&self, _: &View, id: &ErasureId) -> Result<Option<ErasureDetail>, StoreError> {
        let Some(id) = uuid(id) else { return Ok(None) };
        self.erasure_shown(id).await.map_err(failed)
    }
    async fn channels_of(
        &self,
        _: &View,
        partitions: &[PartitionId],
    ) -> Result<Vec<(PartitionId, ChannelId)>, StoreError> {
        let ids: Vec<i64> = partitions.iter().map(|p| p.0).collect();
        let rows = sqlx::query!("select id, channel_id from partition where id = any($1)", &ids);
        let rows = rows.fetch_all(self.pages()).await.map_err(failed)?;
        Ok(rows.into_iter().map(|r| (PartitionId(r.id), ChannelId(r.channel_id))).collect())
    }
    async fn ask_erasure(&self, _: &View, new: &NewErasure, most: u32) -> Decided {
        decided(self.put_erasure(new, most).await)
    }
    async fn decide_erasure(&self, _: &View, id: &ErasureId, decision: &Decision, by: &By) -> Decided {
        let Some(id) = uuid(id) else { return Ok(Err(ErasureRefused::Absent)) };
        decided(self.decide(id, decision, by).await)
    }
    async fn erased_by(&self, view: &View, id: EventId) -> Result<Option<ErasedBy>, StoreError> {
        self.event_erased_by(view, id).await.map_err(failed)
    }
}

#[async_trait]
impl Eraser for Store {
    async fn begin_by_tombstones(
        &self,
        _: &SystemView,
        vault: &dyn SubjectVault,
        log: &dyn AuditLog,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        // The vault's words name no secret.
        let keep = |id: &ErasureId, subject: &Subject| {
            vault.keep(id, subject).map_err(|error| crate::error::corrupt(format!("a subject can't be kept: {error}")))
        };
        self.begin_erasures(&keep, log, now).await.map_err(failed)
    }
    async fn next_erasure(
        &self,
        _: &SystemView,
        but: &[ErasureId],
        now: Timestamp,
    ) -> Result<Option<Walk>, StoreError> {
        let but: Vec<Uuid> = but.iter().filter_map(uuid).collect();
        self.next_in_queue(&but, now).await.map_err(failed)
    }
    async fn walk_erasure(
        &self,
        _: &SystemView,
        walk: &Walk,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Walked, StoreError> {
        let Some(id) = uuid(&walk.id) else { return Ok(Walked::Lost) };
        self.walk_on(id, walk.state, subject, now).await.map_err(failed)
    }
    async fn clean_erasure(&self, _: &SystemView, id: &ErasureId) -> Result<Walked, StoreError> {
        let Some(id) = uuid(id) else { return Ok(Walked::Lost) };
        self.clean(id).await.map_err(failed)
    }
    async fn erasure_ended(
        &self,
        _: &SystemView,
        id: &ErasureId,
    ) -> Result<Option<(Erasure, Option<String>)>, StoreError> {
        let Some(id) = uuid(id) else { return Ok(None) };
        self.ended(id).await.map_err(failed)
    }
    async fn finish_erasure(&self, _: &SystemView, id: &ErasureId, now: Timestamp) -> Result<bool, StoreError> {
        let Some(id) = uuid(id) else { return Ok(false) };
        self.finish(id, now).await.map_err(failed)
    }
}
