//! Passwords: argon2id at OWASP's parameters, few at once, never on a thread that serves requests.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;
use weir_domain::CaseError;

/// OWASP Password Storage Cheat Sheet: m=19 MiB, t=2, p=1.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// At once: a flood of log-ins may take two threads and 38 MB, no more.
const AT_ONCE: usize = 2;
/// Waiting or at work; who comes beyond is asked to come again.
const QUEUE: usize = 32;

/// Of a password that nobody knows (32 random bytes), at the parameters above: what an unknown
/// log-in name is checked against, so that it takes as long as a known one.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$HvKVywRf5Vj8SLRHBfYxsw$GICOOraU/lvEg9WEPctXPDJtoDXUAJv6dm1NHxX1rZ0";

pub(crate) struct Hashing {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { running: Arc::new(Semaphore::new(AT_ONCE)), queue: Arc::new(Semaphore::new(QUEUE)) }
    }
}

/// A turn at hashing. Taken before the back-off is asked, so that attempts sent at once can't all
/// pass it before the first has been counted. Held by a task of its own until the work is done: a
/// client that hangs up must not free a place that is still taken.
pub(crate) struct Turn {
    _queued: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Hashing {
    pub async fn turn(&self) -> Result<Turn, CaseError> {
        let queued = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| CaseError::TooMany { seconds: 2 })?;
        let running =
            Arc::clone(&self.running).acquire_owned().await.map_err(|e| CaseError::Internal(e.to_string()))?;
        Ok(Turn { _queued: queued, _running: running })
    }
}

impl Turn {
    /// A PHC string with a random salt.
    pub async fn hash(&self, password: &str) -> Result<String, CaseError> {
        let password = password.to_owned();
        blocking(move || {
            let hash = hasher()?.hash_password(password.as_bytes()).map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// `None` for an unknown person: the same work, and always `false`.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, CaseError> {
        let password = password.to_owned();
        blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
            let hash = PasswordHash::new(&hash).map_err(|e| failed_text(&e.to_string()))?;
            Ok(hasher()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }
}

fn hasher() -> Result<Argon2<'static>, CaseError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| failed_text(&e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs to its end even if the client hangs up: what was tried gets counted, and its turn is kept.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, CaseError>> + Send + 'static,
) -> Result<T, CaseError> {
    tokio::spawn(work.in_current_span()).await.map_err(|e| failed_text(&e.to_string()))?
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CaseError> + Send + 'static,
) -> Result<T, CaseError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| failed_text(&e.to_string()))?
}

fn failed(e: argon2::password_hash::Error) -> CaseError {
    failed_text(&e.to_string())
}

fn failed_text(e: &str) -> CaseError {
    CaseError::Internal(format!("password hashing: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_itself_only() {
        let hashing = Hashing::default();
        let turn = hashing.turn().await.unwrap();
        let hash = turn.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, turn.hash("correct horse battery").await.unwrap(), "the salt is random");
        assert!(turn.verify("correct horse battery", Some(hash.clone())).await.unwrap());
        assert!(!turn.verify("correct horse batterz", Some(hash)).await.unwrap());
        assert!(turn.verify("x", Some("not a hash".into())).await.is_err());
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody_and_never_passes() {
        let hashing = Hashing::default();
        let turn = hashing.turn().await.unwrap();
        let somebody = turn.hash("correct horse battery").await.unwrap();
        let cost = |phc: &str| phc.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(NOBODYS), cost(&somebody));
        let lengths = |phc: &str| phc.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths(NOBODYS), lengths(&somebody));
        assert!(!turn.verify("", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let hashing = Hashing::default();
        let mut waiting: Vec<_> = (0..QUEUE).map(|_| Box::pin(hashing.turn())).collect();
        let mut turns = Vec::new();
        for turn in &mut waiting {
            if let std::task::Poll::Ready(turn) = futures::poll!(turn.as_mut()) {
                turns.push(turn.unwrap());
            }
        }
        assert_eq!(turns.len(), AT_ONCE);
        assert!(matches!(hashing.turn().await, Err(CaseError::TooMany { .. })));
        turns.clear();
        drop(waiting);
        assert!(hashing.turn().await.is_ok());
    }
}
