use super::PeopleCases;
use weir_domain::{
    CaseError,
    access::{Caller, people::RequestShown},
    audit::About,
};

pub const NAME: &str = "people/requests";

impl PeopleCases {
    /// Requests for access that wait for an answer, oldest first, at most 200.
    pub async fn requests(&self, caller: &Caller) -> Result<Vec<RequestShown>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let open = self.0.requests.open(&sight.view).await?;
        sight.trail.saw(About::nothing().count(open.len() as u64)).await?;
        Ok(open)
    }
}
