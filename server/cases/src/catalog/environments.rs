use super::CatalogCases;
use weir_domain::{CaseError, access::Caller, catalog::EnvironmentShown};

pub const NAME: &str = "catalog/environments";

impl CatalogCases {
    /// What the environment switcher offers: those that a grant of the caller reaches.
    pub async fn environments(&self, caller: &Caller) -> Result<Vec<EnvironmentShown>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        Ok(sight.environments(self.views.all_environments().await?))
    }
}
