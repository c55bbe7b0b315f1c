use super::{AccessCases, token};
use weir_domain::CaseError;

/// How long the first administrator has to follow the link.
pub const SETUP_SECS: i64 = 15 * 60;

impl AccessCases {
    /// A fresh one-time token for the link that is printed at start; an earlier one ends.
    /// `Ok(None)`: somebody has an account already. Called by the server's start, never by a request.
    pub async fn new_setup_token(&self) -> Result<Option<String>, CaseError> {
        if !self.0.accounts.nobody_yet().await? {
            return Ok(None);
        }
        let token = token::new()?;
        let expires = self.0.clock.now().plus_secs(SETUP_SECS);
        self.0.accounts.put_setup_token(&token::digest(&token), expires).await?;
        Ok(Some(token))
    }
}
