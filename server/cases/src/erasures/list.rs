use super::ErasuresCases;
use weir_domain::{CaseError, access::Caller, erasures::Erasure};

pub const NAME: &str = "erasures/list";

impl ErasuresCases {
    /// Requests, newest first, without what they are to erase. Of their channels only the number is for people.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Erasure>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.erasures.erasures(&sight.view).await?)
    }
}
