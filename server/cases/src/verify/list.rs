use super::VerifyCases;
use weir_domain::{CaseError, SourceId, access::Caller, verify::ChannelVerified};

pub const NAME: &str = "verify/list";

impl VerifyCases {
    /// How far the visible channels of a source were compared with its broker; `Ok(None)`: no such source, or none to be
    /// seen.
    pub async fn list(&self, caller: &Caller, source: SourceId) -> Result<Option<Vec<ChannelVerified>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(shown) = self.0.sources.detail(&sight.view, source, self.0.clock.now()).await? else {
            return Ok(None);
        };
        if !sight.reaches_source(shown.source.environment, source) {
            return Ok(None);
        }
        let mut all = self.0.verifying.verified(&sight.view, Some(source)).await?;
        all.retain(|c| c.source == source && sight.view.channels().contains(c.channel));
        Ok(Some(all))
    }
}
