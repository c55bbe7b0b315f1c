//! Signing in and out, the first administrator, and who is behind a session.

mod back_off;
pub mod caller;
mod hashing;
pub mod log_in;
pub mod log_out;
pub mod me;
mod names;
pub mod set_up;
pub mod setup_token;
mod token;

pub use caller::SessionRecheck;
pub use names::wrong_code;

use crate::{stream::SignOuts, views::Views};
use std::sync::Arc;
use weir_domain::{CaseError, Clock, PersonId, Timestamp, access::Accounts};

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

struct Parts {
    accounts: Arc<dyn Accounts>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
    sign_outs: Arc<SignOuts>,
    hashing: hashing::Hashing,
}

impl AccessCases {
    pub(crate) fn new(
        accounts: Arc<dyn Accounts>,
        views: Arc<Views>,
        clock: Arc<dyn Clock>,
        sign_outs: Arc<SignOuts>,
    ) -> Self {
        Self(Arc::new(Parts { accounts, views, clock, sign_outs, hashing: hashing::Hashing::default() }))
    }

    async fn open_session(&self, person: &PersonId) -> Result<NewSession, CaseError> {
        let now = self.0.clock.now();
        let expires = now.plus_secs(SESSION_SECS);
        let token = token::new()?;
        self.0.accounts.open_session(person, &token::digest(&token), now, expires).await?;
        Ok(NewSession { token, expires })
    }
}
