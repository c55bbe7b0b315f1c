//! People, sessions, the first administrator, log-in back-off.

mod back_off;
pub(crate) mod first;
pub(crate) mod people;
mod sessions;

pub(crate) use people::rights;

use crate::{Store, error::failed};
use async_trait::async_trait;
use weir_domain::{
    PersonId, StoreError, Timestamp,
    access::{Accounts, NewPerson, PersonCredentials, SessionPerson},
};

#[async_trait]
impl Accounts for Store {
    async fn credentials(&self, login: &str) -> Result<Option<PersonCredentials>, StoreError> {
        people::credentials(self.pages(), login).await.map_err(failed)
    }
    async fn open_session(
        &self,
        person: &PersonId,
        password_hash: &str,
        token_hash: &[u8; 32],
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        sessions::open(self.pages(), person, password_hash, token_hash, now, expires).await.map_err(failed)
    }
    async fn session(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<SessionPerson>, StoreError> {
        sessions::find(self.pages(), token_hash, now).await.map_err(failed)
    }
    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        sessions::end(self.pages(), token_hash).await.map_err(failed)
    }
    async fn nobody_yet(&self) -> Result<bool, StoreError> {
        first::nobody_yet(self.pages()).await.map_err(failed)
    }
    async fn put_setup_token(&self, token_hash: &[u8; 32], expires: Timestamp) -> Result<(), StoreError> {
        first::put_token(self.pages(), token_hash, expires).await.map_err(failed)
    }
    async fn create_first(
        &self,
        token_hash: &[u8; 32],
        person: NewPerson,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        first::create(self.pages(), token_hash, person, now).await.map_err(failed)
    }
    async fn log_in_failed(&self, subject: &[u8; 32], now: Timestamp) -> Result<Timestamp, StoreError> {
        back_off::failed_at(self.pages(), subject, now).await.map_err(failed)
    }
    async fn log_in_wait(&self, subject: &[u8; 32], now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        back_off::wait(self.pages(), subject, now).await.map_err(failed)
    }
    async fn log_in_succeeded(&self, subject: &[u8; 32]) -> Result<(), StoreError> {
        back_off::forget(self.pages(), subject).await.map_err(failed)
    }
}
