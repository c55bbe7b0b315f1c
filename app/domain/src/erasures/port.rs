use super::{ErasedBy, Erasure, ErasureDetail, ErasureState, Subject, SubjectKind};
use crate::{
    ChannelId, ErasureId, EventId, PartitionId, PersonId, StoreError, Timestamp,
    access::{SystemView, View},
    audit::AuditLog,
    events::KeyHash,
    sources::VaultError,
};
use async_trait::async_trait;
use std::fmt;

/// A subject as it is kept: sealed, or plain where the configuration has no key for that.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptSubject {
    pub kind: SubjectKind,
    /// Which key sealed it; `None`: it is plain.
    pub key_id: Option<String>,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for KeptSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptSubject").field("kind", &self.kind).field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Seals subjects, each bound to its request.
pub trait SubjectVault: Send + Sync {
    fn keep(&self, id: &ErasureId, subject: &Subject) -> Result<KeptSubject, VaultError>;
    fn take(&self, id: &ErasureId, kept: &KeptSubject) -> Result<Subject, VaultError>;
}

/// Who acts, with the name that stays.
#[derive(Debug, Clone)]
pub struct By {
    pub person: PersonId,
    pub name: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct NewErasure {
    pub id: ErasureId,
    pub subject: KeptSubject,
    pub channels: Option<Vec<ChannelId>>,
    pub reason: String,
    pub by: By,
    pub ends_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Decline(String),
    Withdraw,
}

/// Why a request is not taken, or not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureRefused {
    TooMany,
    Absent,
    /// It is no longer, or not yet, to be decided.
    State(ErasureState),
    /// Who asked does not approve or decline.
    Own,
    /// Only who asked withdraws.
    NotOwn,
    /// There is nothing to erase.
    Nothing,
    /// So many of its events are held, by holds of these names.
    Held(u64, Vec<String>),
}

pub type Decided<T = ()> = Result<Result<T, ErasureRefused>, StoreError>;

/// Requests, as people see and decide them.
#[async_trait]
pub trait Erasures: Send + Sync {
    /// Newest first, at most [`super::MOST_SHOWN`].
    async fn erasures(&self, view: &View) -> Result<Vec<Erasure>, StoreError>;
    async fn erasure(&self, view: &View, id: &ErasureId) -> Result<Option<ErasureDetail>, StoreError>;
    /// Which channel each partition belongs to; unknown ones are left out.
    async fn channels_of(
        &self,
        view: &View,
        partitions: &[PartitionId],
    ) -> Result<Vec<(PartitionId, ChannelId)>, StoreError>;
    /// At most `most` may be open.
    async fn ask_erasure(&self, view: &View, new: &NewErasure, most: u32) -> Decided;
    async fn decide_erasure(&self, view: &View, id: &ErasureId, decision: &Decision, by: &By) -> Decided;
    /// Which erasure took an event's bytes; `None`: none, or the event can't be seen.
    async fn erased_by(&self, view: &View, id: EventId) -> Result<Option<ErasedBy>, StoreError>;
}

/// A request that the engine works on: counting, running or cleaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    pub id: ErasureId,
    pub state: ErasureState,
    /// `None` while cleaning.
    pub subject: Option<KeptSubject>,
}

/// What one stretch of work came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walked {
    /// There is more to walk.
    More,
    /// The request is in its next state.
    Through,
    /// Older transactions may still see what was there, or its clean-up comes with the next one: look again in a while.
    Waits,
    /// Another process is at it, or somebody ended it.
    Lost,
}

/// The engine's side. Every stretch is one that may be cut off anywhere: what it did is kept with how far it came.
#[async_trait]
pub trait Eraser: Send + Sync {
    /// Looks through what was captured since in channels that erase on tombstones, and begins an erasure of the earlier
    /// events of their keys, for each channel one at a time. Each is in `log` before it is begun. How many were begun.
    async fn begin_by_tombstones(
        &self,
        view: &SystemView,
        vault: &dyn SubjectVault,
        log: &dyn AuditLog,
        now: Timestamp,
    ) -> Result<u32, StoreError>;
    /// Ends what nobody decided in time and forgets its subject; then the oldest request there is something to do for, what
    /// was approved first, `but` for some.
    async fn next_erasure(
        &self,
        view: &SystemView,
        but: &[ErasureId],
        now: Timestamp,
    ) -> Result<Option<Walk>, StoreError>;
    /// Counts or erases a stretch of the store; at the end on to the next state.
    async fn walk_erasure(
        &self,
        view: &SystemView,
        walk: &Walk,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Walked, StoreError>;
    /// Has the database give up what its tables held before, as soon as no older transaction can see it. Those that tombstones
    /// began are done together, and wait for one another for some minutes at most.
    async fn clean_erasure(&self, view: &SystemView, id: &ErasureId) -> Result<Walked, StoreError>;
    /// What the audit log is told before it is done: who approved, their log-in name if they are still there, and counts.
    async fn erasure_ended(
        &self,
        view: &SystemView,
        id: &ErasureId,
    ) -> Result<Option<(Erasure, Option<String>)>, StoreError>;
    /// From cleaned to done. `Ok(false)`: it was already.
    async fn finish_erasure(&self, view: &SystemView, id: &ErasureId, now: Timestamp) -> Result<bool, StoreError>;
}

impl Subject {
    /// Hash of the subject as a key, by the store's own function.
    pub fn as_key(&self, hash: impl Fn(&[u8]) -> KeyHash) -> Option<KeyHash> {
        match self {
            Self::Key(key) => Some(hash(key)),
            Self::Value(value) => Some(hash(value.as_bytes())),
            Self::Events(_) => None,
        }
    }
}
