use super::CaptureCases;
use weir_domain::{
    CaseError, ChannelId,
    access::{Caller, Permission},
    capture::CaptureDetail,
};

pub const NAME: &str = "capture/detail";

impl CaptureCases {
    /// One channel's policy and cost; `Ok(None)` if there is none, or none to be seen.
    pub async fn detail(&self, caller: &Caller, channel: ChannelId) -> Result<Option<CaptureDetail>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        if !sight.view.channels().contains(channel) {
            return Ok(None);
        }
        let found = self.policies.capture_of(&sight.view, channel, self.clock.now()).await?;
        let may_edit = caller.may(Permission::CaptureEdit);
        Ok(found.map(|capture| CaptureDetail { capture, may_edit }))
    }
}
