//! Slower with each failed log-in, per log-in name and per remote address. Counts live in the
//! database, so that several processes and restarts share them; it sees digests only.

use sha2::{Digest, Sha256};
use weir_domain::{CaseError, StoreError, Timestamp, access::Accounts};

/// Whose failures are counted.
pub(super) struct Subjects {
    login: [u8; 32],
    remote: [u8; 32],
}

impl Subjects {
    /// Unknown log-in names are counted like known ones: the wait must not tell them apart.
    pub fn new(login: &str, remote: &str) -> Self {
        Self { login: digest("login", login), remote: digest("remote", remote) }
    }

    pub async fn wait_or_go(&self, accounts: &dyn Accounts, now: Timestamp) -> Result<(), CaseError> {
        for subject in [&self.login, &self.remote] {
            if let Some(until) = accounts.log_in_wait(subject, now).await?.filter(|t| *t > now) {
                return Err(CaseError::TooMany { seconds: seconds(until.micros_since(now)) });
            }
        }
        Ok(())
    }

    pub async fn failed(&self, accounts: &dyn Accounts, now: Timestamp) -> Result<(), StoreError> {
        accounts.log_in_failed(&self.login, now).await?;
        accounts.log_in_failed(&self.remote, now).await?;
        Ok(())
    }

    pub async fn succeeded(&self, accounts: &dyn Accounts) -> Result<(), StoreError> {
        accounts.log_in_succeeded(&self.login).await?;
        accounts.log_in_succeeded(&self.remote).await
    }
}

/// The kind is part of what is hashed: no log-in name can stand for an address.
fn digest(kind: &str, subject: &str) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(subject).finalize().into()
}

/// Rounded up, so that a person who waits as told is not turned away again.
fn seconds(micros: i64) -> u32 {
    let up = micros.max(0).saturating_add(999_999) / 1_000_000;
    u32::try_from(up).unwrap_or(u32::MAX).max(1)
}
