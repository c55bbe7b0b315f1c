use super::CaptureCases;
use weir_domain::{CaseError, SourceId, access::Caller, capture::CaptureList};

pub const NAME: &str = "capture/list";

impl CaptureCases {
    /// Visible channels with their policies and what they cost, of one source or of all; those that cost most first.
    pub async fn list(&self, caller: &Caller, source: Option<SourceId>) -> Result<CaptureList, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let mut channels = self.policies.captures(&sight.view, source, self.clock.now()).await?;
        channels.retain(|c| sight.view.channels().contains(c.channel));
        let hidden_channels = source.map_or(sight.view.channels().hidden(), |id| sight.hidden_of(id));
        Ok(CaptureList { channels, hidden_channels })
    }
}
