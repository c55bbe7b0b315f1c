use super::SearchesCases;
use weir_domain::{CaseError, access::Caller, searches::SavedSearch};

pub const NAME: &str = "searches/list";

impl SearchesCases {
    /// The caller's own and what others share, each by name.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<SavedSearch>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.searches.searches_of(&sight.view, &caller.person).await?)
    }
}
