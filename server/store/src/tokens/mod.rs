//! Personal tokens.

mod find;
mod keep;
mod list;

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use sqlx::PgPool;
use uuid::Uuid;
use weir_domain::{
    PersonId, StoreError, Timestamp, TokenId,
    access::{Role, View},
    tokens::{Kept, NewToken, TokenPerson, TokenShown, Tokens},
};

#[async_trait]
impl Tokens for Store {
    async fn token(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<TokenPerson>, StoreError> {
        find::find(self.pages(), token_hash, now).await.map_err(failed)
    }
    async fn tokens_of(&self, _: &View, person: &PersonId) -> Result<Vec<TokenShown>, StoreError> {
        list::of(self.pages(), person).await.map_err(failed)
    }
    async fn keep_token(&self, _: &View, new: NewToken, most: u32) -> Result<Kept, StoreError> {
        keep::keep(self.pages(), &new, most).await.map_err(failed)
    }
    async fn revoke_token(
        &self,
        _: &View,
        person: &PersonId,
        id: &TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        revoke(self.pages(), person, id, now).await.map_err(failed)
    }
}

async fn revoke(pool: &PgPool, person: &PersonId, id: &TokenId, now: Timestamp) -> sqlx::Result<bool> {
    // What is no id is nobody's token.
    let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(false) };
    let done = sqlx::query!(
        "update api_token set revoked_at = $3 where id = $1 and person_id = $2 and revoked_at is null",
        id,
        uuid(&person.0)?,
        Ts(now) as Ts
    );
    Ok(done.execute(pool).await?.rows_affected() == 1)
}

fn uuid(id: &str) -> sqlx::Result<Uuid> {
    Uuid::parse_str(id).map_err(|e| sqlx::Error::Decode(e.into()))
}

/// A role that this program does not know gives nothing.
fn roles(names: &[String]) -> Vec<Role> {
    names.iter().filter_map(|r| Role::parse(r)).collect()
}
