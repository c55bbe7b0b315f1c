use super::TokenShown;
use crate::{
    PersonId, StoreError, Timestamp, TokenId,
    access::{Grant, Role, View},
};
use async_trait::async_trait;

/// A living token with the person it stands for, as both are now.
#[derive(Debug, Clone)]
pub struct TokenPerson {
    pub token: TokenId,
    pub token_name: String,
    pub token_roles: Vec<Role>,
    pub expires: Timestamp,
    pub person: PersonId,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
}

/// What is kept of a new token: never its text.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// A UUIDv7 that no token has.
    pub id: TokenId,
    pub person: PersonId,
    pub name: String,
    pub token_hash: [u8; 32],
    pub roles: Vec<Role>,
    pub made: Timestamp,
    pub expires: Timestamp,
}

/// What became of a new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    Made,
    /// The person has a living token of this name.
    NameTaken,
    /// They have as many living tokens as one may have.
    TooMany,
}

/// Tokens arrive as SHA-256 digests: the store never sees one that could be used.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// The token with this digest and its person: not expired, not revoked, not of somebody who was deactivated.
    /// It *makes* callers, so it takes no view. Touches `last_used` at most once a minute.
    async fn token(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<TokenPerson>, StoreError>;
    /// A person's tokens that were not revoked, expired ones too; the newest first, at most 200.
    async fn tokens_of(&self, view: &View, person: &PersonId) -> Result<Vec<TokenShown>, StoreError>;
    /// Keeps a token, unless its person has `most` living ones already. An expired one of the same name gives way.
    async fn keep_token(&self, view: &View, new: NewToken, most: u32) -> Result<Kept, StoreError>;
    /// Ends a token for good; `Ok(false)`: this person has no such token, or has ended it before.
    async fn revoke_token(
        &self,
        view: &View,
        person: &PersonId,
        id: &TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
