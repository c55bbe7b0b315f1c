use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};
use weir_domain::{
    StoreError,
    access::AuditView,
    audit::{AuditFilter, AuditLog, AuditPage, Entry, EntryId, NewEntry, Outcome},
    events::KeyHash,
};

/// The log in memory.
#[derive(Default)]
pub struct FakeAudit {
    entries: Mutex<Vec<NewEntry>>,
    /// What is read, whoever asks and whatever for; page by page.
    pub old: Mutex<Vec<Entry>>,
    pub asked: Mutex<Vec<AuditFilter>>,
    pub away: AtomicBool,
}

/// As the store does it.
pub fn key_hash(key: &[u8]) -> KeyHash {
    let digest: [u8; 32] = Sha256::digest(key).into();
    let [first, ..] = digest.as_chunks::<8>().0 else { panic!("32 bytes") };
    KeyHash(i64::from_be_bytes(*first))
}

impl FakeAudit {
    /// What was written since the last call of this.
    pub fn take(&self) -> Vec<NewEntry> {
        std::mem::take(&mut self.entries.lock().unwrap())
    }
    /// The same in short.
    pub fn taken(&self) -> Vec<(&'static str, Outcome)> {
        self.take().into_iter().map(|e| (e.use_case, e.outcome)).collect()
    }
}

#[async_trait]
impl AuditLog for FakeAudit {
    async fn append(&self, new: &[NewEntry]) -> Result<Vec<EntryId>, StoreError> {
        // As long as a real one takes: whoever waits for it lets others run.
        tokio::task::yield_now().await;
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("away".into()));
        }
        let mut entries = self.entries.lock().unwrap();
        let first = entries.len() as i64;
        entries.extend_from_slice(new);
        Ok((first..entries.len() as i64).map(EntryId).collect())
    }
    fn key_hash(&self, key: &[u8]) -> KeyHash {
        key_hash(key)
    }
    async fn entries(
        &self,
        _: &AuditView,
        filter: &AuditFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        self.asked.lock().unwrap().push(filter.clone());
        let old = self.old.lock().unwrap();
        let mut entries: Vec<_> = old.iter().filter(|e| before.is_none_or(|b| e.id < b)).cloned().collect();
        entries.sort_unstable_by_key(|e| std::cmp::Reverse(e.id));
        let more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        Ok(AuditPage { next: entries.last().filter(|_| more).map(|e| e.id), entries })
    }
    async fn entry(&self, _: &AuditView, id: EntryId) -> Result<Option<Entry>, StoreError> {
        Ok(self.old.lock().unwrap().iter().find(|e| e.id == id).cloned())
    }
}
