use super::LinksCases;
use weir_domain::{CaseError, access::Caller, links::LinkTemplate};

pub const NAME: &str = "links/templates";

impl LinksCases {
    /// All templates, by name.
    pub async fn templates(&self, caller: &Caller) -> Result<Vec<LinkTemplate>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.links.templates(&sight.view).await?)
    }
}
