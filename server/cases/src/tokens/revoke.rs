use super::TokensCases;
use weir_domain::{
    CaseError, TokenId,
    access::Caller,
    audit::{About, Object},
};

pub const NAME: &str = "tokens/revoke";

impl TokensCases {
    /// Ends one of the caller's own tokens at once; streams opened with it end with it.
    /// `Ok(false)`: they have no such token, or ended it before.
    pub async fn revoke(&self, caller: &Caller, id: &TokenId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let own = self.0.tokens.tokens_of(&sight.view, &caller.person).await?;
        let Some(token) = own.iter().find(|t| t.id == *id) else { return Ok(false) };
        let act = sight.trail.act(About::object(Object::token(&id.0, &token.name))).await?;
        let done = self.0.tokens.revoke_token(&sight.view, &caller.person, id, self.0.clock.now()).await;
        let done = act.done(done).await?;
        if done {
            tracing::info!(use_case = NAME, token = id.0, person = %caller.person.0, request = %caller.origin.request_id);
            self.0.sign_outs.tell();
        }
        Ok(done)
    }
}
