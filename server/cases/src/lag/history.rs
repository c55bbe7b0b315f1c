use super::{LagCases, seen::Seen};
use weir_domain::{CaseError, GroupId, Timestamp, access::Caller, lag::Chunk};

pub const NAME: &str = "lag/history";

impl LagCases {
    /// How a group stood on a visible channel over a while: whole observations where they are still kept, five-minute
    /// points before. `Ok(None)`: no such group or channel, or none to be seen.
    pub async fn history(
        &self,
        caller: &Caller,
        id: GroupId,
        channel: &str,
        range: (Timestamp, Timestamp),
    ) -> Result<Option<Vec<Chunk>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(Seen { channels, .. }) = self.seen(&sight, id).await? else { return Ok(None) };
        if !channels.iter().any(|c| c.standing.channel == channel) {
            return Ok(None);
        }
        Ok(Some(self.0.lag.lag_history(&sight.view, id, channel, range).await?))
    }
}
