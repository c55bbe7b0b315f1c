use super::TokensCases;
use weir_domain::{CaseError, access::Caller, tokens::TokenShown};

pub const NAME: &str = "tokens/list";

impl TokensCases {
    /// The caller's own tokens that they did not revoke, newest first; never a token's text.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<TokenShown>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.tokens.tokens_of(&sight.view, &caller.person).await?)
    }
}
