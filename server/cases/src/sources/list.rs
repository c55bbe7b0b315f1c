use super::{SourcesCases, visible_sources};
use weir_domain::{CaseError, access::Caller, sources::SourceList};

pub const NAME: &str = "sources/list";

impl SourcesCases {
    /// Sources of the chosen environment that the caller's grants reach.
    pub async fn list(&self, caller: &Caller) -> Result<SourceList, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let sources = visible_sources(&*self.sources, &sight, caller, self.clock.now()).await?;
        Ok(SourceList { sources, hidden_channels: sight.view.channels().hidden() })
    }
}
