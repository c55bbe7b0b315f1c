use super::SearchesCases;
use weir_domain::{
    CaseError, SearchId,
    access::Caller,
    searches::{SearchChange, search_name},
};

pub const NAME: &str = "searches/rename";

impl SearchesCases {
    /// Gives one of the caller's own another name. `Ok(false)`: they have no such search.
    pub async fn rename(&self, caller: &Caller, id: &SearchId, name: &str) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.change(&sight, caller, id, SearchChange::Name(search_name(name)?)).await
    }
}
