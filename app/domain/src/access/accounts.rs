use super::{Grant, Role};
use crate::{PersonId, SessionId, StoreError, Timestamp};
use async_trait::async_trait;

/// What a log-in needs to know about a person who has a password. `password_hash` is a PHC string (argon2id).
#[derive(Clone)]
pub struct PersonCredentials {
    pub person: PersonId,
    pub password_hash: String,
    pub active: bool,
}

/// The person behind a living session.
#[derive(Debug, Clone)]
pub struct SessionPerson {
    pub session: SessionId,
    pub person: PersonId,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
    pub expires: Timestamp,
}

pub struct NewPerson {
    pub login: String,
    pub name: String,
    pub password_hash: String,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
}

/// People, sessions, set-up tokens, log-in back-off. These calls *make* callers, so they take no view.
/// Tokens arrive as SHA-256 digests: the store never sees one that could be used.
#[async_trait]
pub trait Accounts: Send + Sync {
    async fn credentials(&self, login: &str) -> Result<Option<PersonCredentials>, StoreError>;
    /// `false`: the person was deactivated meanwhile, or `password_hash`, which they were let in by, is not theirs any
    /// more.
    async fn open_session(
        &self,
        person: &PersonId,
        password_hash: &str,
        token_hash: &[u8; 32],
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError>;
    /// The person of a session that is not expired, ended, or of a deactivated person. Touches `last_seen` at most once a minute.
    async fn session(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<SessionPerson>, StoreError>;
    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError>;

    /// True while nobody has an account.
    async fn nobody_yet(&self) -> Result<bool, StoreError>;
    /// Keeps the digest of a one-time set-up token, replacing an earlier one.
    async fn put_setup_token(&self, token_hash: &[u8; 32], expires: Timestamp) -> Result<(), StoreError>;
    /// Uses the token up and creates the first administrator in one transaction;
    /// `Ok(None)` if the token is unknown, used, expired, or somebody exists already.
    async fn create_first(
        &self,
        token_hash: &[u8; 32],
        person: NewPerson,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError>;

    /// Counts a failed log-in for a subject (a digest of the login name, or of the address) and
    /// returns the earliest time of the next permitted attempt.
    async fn log_in_failed(&self, subject: &[u8; 32], now: Timestamp) -> Result<Timestamp, StoreError>;
    /// The earliest time of the next permitted attempt, if the subject must wait.
    async fn log_in_wait(&self, subject: &[u8; 32], now: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    async fn log_in_succeeded(&self, subject: &[u8; 32]) -> Result<(), StoreError>;
}
