use super::SearchesCases;
use weir_domain::{CaseError, SearchId, access::Caller, searches::SearchChange};

pub const NAME: &str = "searches/share";

impl SearchesCases {
    /// Shows one of the caller's own to everybody who is signed in, or to them alone again. `Ok(false)`: they have no such
    /// search.
    pub async fn share(&self, caller: &Caller, id: &SearchId, shared: bool) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.change(&sight, caller, id, SearchChange::Shared(shared)).await
    }
}
