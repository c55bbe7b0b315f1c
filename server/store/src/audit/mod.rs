//! The audit log: append-only tables by month. Triggers refuse to change or delete an entry; whole months go.

mod append;
pub(crate) mod months;
mod read;

use crate::{Store, error::failed};
use async_trait::async_trait;
use weir_domain::{
    StoreError,
    access::AuditView,
    audit::{AuditFilter, AuditLog, AuditPage, Entry, EntryId, NewEntry},
    events::KeyHash,
};

#[async_trait]
impl AuditLog for Store {
    async fn append(&self, entries: &[NewEntry]) -> Result<Vec<EntryId>, StoreError> {
        let mut made = 0;
        loop {
            match append::append(self, entries).await {
                // The first entry of a month that upkeep has not made, or did not get to make.
                Err(e) if months::is_missing(&e) && made < 2 => {
                    made += 1;
                    months::make_for(self, entries).await.map_err(failed)?;
                }
                done => return done.map_err(failed),
            }
        }
    }

    fn key_hash(&self, key: &[u8]) -> KeyHash {
        KeyHash(crate::capture::key_hash(key))
    }

    async fn entries(
        &self,
        _: &AuditView,
        filter: &AuditFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        self.audit_entries(filter, before, limit).await.map_err(failed)
    }

    async fn entry(&self, _: &AuditView, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.audit_entry(id).await.map_err(failed)
    }
}
