use super::ErasuresCases;
use weir_domain::{CaseError, ErasureId, access::Caller, erasures::Decision};

pub const NAME: &str = "erasures/approve";

impl ErasuresCases {
    /// Has it carried out: somebody else than who asked, once it is counted. `Ok(false)`: there is no such request.
    pub async fn approve(&self, caller: &Caller, id: &ErasureId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.decide(&sight, caller, id, Decision::Approve).await
    }
}
