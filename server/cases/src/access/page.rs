use super::AccessCases;
use weir_domain::{CaseError, access::Caller};

pub const NAME: &str = "access/page";

impl AccessCases {
    /// A page that the server draws alone: for whoever is signed in. What it shows, its own use cases decide.
    pub async fn page(&self, caller: &Caller) -> Result<(), CaseError> {
        self.0.views.authorise(caller, NAME).await.map(drop)
    }
}
