use super::{GrantShown, RequestShown};
use crate::{
    PersonId, SessionId, StoreError, Timestamp,
    access::{Role, View},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What a person sees of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountShown {
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub grants: Vec<GrantShown>,
    /// What they asked for, newest first.
    pub asked: Vec<RequestShown>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionShown {
    pub id: SessionId,
    pub made_at: Timestamp,
    /// Exact to a minute.
    pub last_seen: Timestamp,
    pub expires: Timestamp,
    /// The one that asks.
    pub present: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSessions {
    One(SessionId),
    AllBut(SessionId),
}

/// One's own account.
#[async_trait]
pub trait OwnAccount: Send + Sync {
    /// The PHC string that the present password is checked against; `None` if there is none.
    async fn password_hash(&self, view: &View, person: &PersonId) -> Result<Option<String>, StoreError>;
    /// Sets a password in place of `from` and ends every session but `keep`; `false` if it is not `from` any more.
    async fn set_password(
        &self,
        view: &View,
        person: &PersonId,
        from: &str,
        to: &str,
        keep: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    async fn rename(&self, view: &View, person: &PersonId, name: &str, now: Timestamp) -> Result<(), StoreError>;
    /// Those that live, newest first, at most 100.
    async fn sessions(
        &self,
        view: &View,
        person: &PersonId,
        present: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Vec<SessionShown>, StoreError>;
    /// How many living sessions of this person ended by it.
    async fn end_sessions(
        &self,
        view: &View,
        person: &PersonId,
        which: EndSessions,
        now: Timestamp,
    ) -> Result<u64, StoreError>;
}
