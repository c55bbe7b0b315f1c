use super::{AuditFilter, AuditPage, Entry, EntryId, NewEntry};
use crate::{StoreError, access::AuditView, events::KeyHash};
use async_trait::async_trait;

/// The log of acts and views. Nothing in it is ever changed; whole months go when their retention has passed.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Writes all of them or none, in this order; durable when it returns. Their numbers.
    async fn append(&self, entries: &[NewEntry]) -> Result<Vec<EntryId>, StoreError>;
    /// What the store keeps of a key: the same for an event's row and here.
    fn key_hash(&self, key: &[u8]) -> KeyHash;
    /// Newest first, those before the entry `before`, at most `limit` (<= 500).
    async fn entries(
        &self,
        view: &AuditView,
        filter: &AuditFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<AuditPage, StoreError>;
    async fn entry(&self, view: &AuditView, id: EntryId) -> Result<Option<Entry>, StoreError>;
}
