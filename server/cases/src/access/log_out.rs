use super::{AccessCases, token};
use weir_domain::{
    CaseError,
    access::Origin,
    audit::{About, Object},
};

pub const NAME: &str = "access/log_out";

impl AccessCases {
    /// Ends the session of this token; its streams end with it. `SignedOut` if it has ended already.
    pub async fn log_out(&self, session_token: &str, origin: Origin) -> Result<(), CaseError> {
        let Some(caller) = self.caller(session_token, None, origin).await? else {
            return Err(CaseError::SignedOut);
        };
        let sight = self.0.views.authorise(&caller, NAME).await?;
        let act = sight.trail.act(About::object(Object::person(&caller.person, &caller.login))).await?;
        act.done(self.0.accounts.end_session(&token::digest(session_token)).await).await?;
        self.0.sign_outs.tell();
        Ok(())
    }
}
