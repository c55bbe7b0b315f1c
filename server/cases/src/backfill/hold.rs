use super::{BackfillCases, about};
use weir_domain::{CaseError, ChannelId, SourceId, access::Caller, backfill::FillState};

pub const PAUSE: &str = "backfill/pause";
pub const STOP: &str = "backfill/stop";

impl BackfillCases {
    /// Lets the filling of a channel stand still within a second. Its source; `Ok(None)`: no such channel, or none to be
    /// seen.
    pub async fn pause(&self, caller: &Caller, channel: ChannelId) -> Result<Option<SourceId>, CaseError> {
        self.hold(caller, PAUSE, channel, FillState::Paused).await
    }

    /// Ends it; what was filled stays.
    pub async fn stop(&self, caller: &Caller, channel: ChannelId) -> Result<Option<SourceId>, CaseError> {
        self.hold(caller, STOP, channel, FillState::Stopped).await
    }

    async fn hold(
        &self,
        caller: &Caller,
        name: &'static str,
        channel: ChannelId,
        to: FillState,
    ) -> Result<Option<SourceId>, CaseError> {
        let sight = self.0.views.authorise(caller, name).await?;
        let Some((source, about)) = about(&sight, channel) else { return Ok(None) };
        let act = sight.trail.act(about).await?;
        let held = self.0.backfills.hold(&sight.view, channel, to, self.0.clock.now()).await;
        act.done(super::held(held).map(|()| Some(source))).await
    }
}
