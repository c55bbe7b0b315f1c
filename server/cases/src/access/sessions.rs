use super::AccessCases;
use weir_domain::{
    CaseError,
    access::{Caller, people::SessionShown},
};

pub const NAME: &str = "access/sessions";

impl AccessCases {
    /// Where one is signed in, newest first.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<SessionShown>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.own.sessions(&sight.view, &caller.person, caller.session, self.0.clock.now()).await?)
    }
}
