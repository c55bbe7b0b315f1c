use super::ErasuresCases;
use weir_domain::{CaseError, ErasureId, access::Caller, erasures::Decision};

pub const NAME: &str = "erasures/withdraw";

impl ErasuresCases {
    /// Takes back what the caller asked for, before it is decided. `Ok(false)`: there is no such request.
    pub async fn withdraw(&self, caller: &Caller, id: &ErasureId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.decide(&sight, caller, id, Decision::Withdraw).await
    }
}
