//! Signing in and out, the first administrator, who is behind a session, and one's own account.

pub mod account;
pub mod ask;
mod back_off;
pub mod caller;
pub mod end_session;
pub(crate) mod hashing;
pub mod log_in;
pub mod log_out;
pub mod me;
pub(crate) mod names;
pub mod page;
pub mod password;
pub mod rename;
pub mod sessions;
pub mod set_up;
pub mod setup_token;
pub(crate) mod token;
mod visitor;

pub use caller::SessionRecheck;
pub use names::wrong_code;
pub use visitor::Visitor;

use crate::{audit::Auditor, stream::SignOuts, views::Views};
use std::sync::Arc;
use weir_domain::{
    CaseError, Clock, PersonId, Timestamp,
    access::{
        Accounts, Origin,
        people::{OwnAccount, People, Requests},
    },
    audit::Who,
};

/// A session ends this long after it was opened, used or not.
pub const SESSION_SECS: i64 = 24 * 3600;

/// Just opened. The token goes into a cookie and nowhere else: only its digest is kept.
#[derive(Clone)]
pub struct NewSession {
    pub token: String,
    pub expires: Timestamp,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub struct AccessCases(Arc<Parts>);

pub(crate) struct Parts {
    pub accounts: Arc<dyn Accounts>,
    pub people: Arc<dyn People>,
    pub own: Arc<dyn OwnAccount>,
    pub requests: Arc<dyn Requests>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
    pub sign_outs: Arc<SignOuts>,
    pub hashing: Arc<hashing::Hashing>,
    /// Of the whole installation.
    pub read_only: bool,
    pub auditor: Auditor,
}

/// Somebody as the audit log knows them before a session tells who they are.
pub(crate) fn not_yet(origin: &Origin, person: Option<PersonId>, login: Option<String>) -> Who {
    Who { person, login, via: None, remote: origin.remote.clone(), request_id: origin.request_id.clone() }
}

impl AccessCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// A turn to hash. Whoever is turned away is in the audit log.
    pub(crate) async fn turn(&self, use_case: &'static str, origin: &Origin) -> Result<hashing::Turn, CaseError> {
        let turn = self.0.hashing.turn().await;
        if let Err(CaseError::TooMany { .. }) = &turn {
            self.0.auditor.turned_away(origin, use_case, "too many at once").await;
        }
        turn
    }

    /// `None`: the person was deactivated meanwhile, or `password_hash`, which they were let in by, is not theirs any
    /// more.
    pub(crate) async fn open_session(
        &self,
        person: &PersonId,
        password_hash: &str,
    ) -> Result<Option<NewSession>, CaseError> {
        let now = self.0.clock.now();
        let expires = now.plus_secs(SESSION_SECS);
        let token = token::new()?;
        let opened = self.0.accounts.open_session(person, password_hash, &token::digest(&token), now, expires).await?;
        Ok(opened.then_some(NewSession { token, expires }))
    }
}
