use super::LinksCases;
use weir_domain::{CaseError, LinkId, access::Caller, links::SearchLink};

pub const NAME: &str = "links/open";

impl LinksCases {
    /// What a link stands for. It gives no right: the page that it leads to shows what the caller may see.
    pub async fn open(&self, caller: &Caller, id: &LinkId) -> Result<Option<SearchLink>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.links.open_link(&sight.view, id, self.0.clock.now()).await?)
    }
}
