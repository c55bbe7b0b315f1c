use super::{AccessCases, token};
use weir_domain::CaseError;

pub const NAME: &str = "access/log_out";

impl AccessCases {
    /// Ends the session of this token; its streams end with it. `SignedOut` if it has ended already.
    pub async fn log_out(&self, session_token: &str) -> Result<(), CaseError> {
        let Some(caller) = self.caller(session_token, None, String::new()).await? else {
            return Err(CaseError::SignedOut);
        };
        self.0.views.authorise(&caller, NAME).await?;
        self.0.accounts.end_session(&token::digest(session_token)).await?;
        self.0.sign_outs.tell();
        Ok(())
    }
}
