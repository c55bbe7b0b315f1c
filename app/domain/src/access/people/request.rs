use super::{Acted, By};
use crate::{
    PersonId, RequestId, StoreError, Timestamp,
    access::{Permission, Role, View},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Somebody asks for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    pub person: PersonId,
    pub role: Role,
    /// What they could not do without it.
    pub permission: Option<Permission>,
    /// Where that was: a path without its query, which might hold a key.
    pub path: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestShown {
    pub id: RequestId,
    pub person: PersonId,
    pub name: String,
    pub login: String,
    pub role: Role,
    pub permission: Option<Permission>,
    pub path: String,
    pub reason: String,
    pub made_at: Timestamp,
    pub answer: Option<AnswerShown>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerShown {
    pub granted: bool,
    pub word: String,
    pub at: Timestamp,
    pub by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Gives the role in the same transaction.
    pub grant: bool,
    pub word: String,
}

/// Requests for access: one open request a person and role.
#[async_trait]
pub trait Requests: Send + Sync {
    async fn ask(&self, view: &View, new: &NewRequest, now: Timestamp) -> Acted<RequestId>;
    /// Open ones, oldest first, at most 200.
    async fn open(&self, view: &View) -> Result<Vec<RequestShown>, StoreError>;
    async fn count_open(&self, view: &View) -> Result<u32, StoreError>;
    /// A person's own, newest first, at most 20.
    async fn of(&self, view: &View, person: &PersonId) -> Result<Vec<RequestShown>, StoreError>;
    async fn answer(&self, view: &View, id: &RequestId, answer: &Answer, by: By<'_>) -> Acted;
}
