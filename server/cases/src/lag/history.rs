use super::{LagCases, seen::Seen};
use crate::views::Sight;
use weir_domain::{
    CaseError, GroupId, Timestamp,
    access::Caller,
    lag::{Thinned, Thinning, Trend},
};

pub const NAME: &str = "lag/history";

impl LagCases {
    /// How a group stood on a visible channel over a while: whole observations where they are still kept, five-minute
    /// points before. At most so many observations, and positions in all of them; those between are left out evenly.
    /// `Ok(None)`: no such group or channel, or none to be seen.
    pub async fn history(
        &self,
        caller: &Caller,
        id: GroupId,
        channel: &str,
        range: (Timestamp, Timestamp),
        (most, most_places): (usize, usize),
    ) -> Result<Option<Thinned>, CaseError> {
        let Some(sight) = self.past(caller, id, channel).await? else { return Ok(None) };
        let mut thinning = Thinning::new(most, most_places);
        self.0.lag.lag_history(&sight.view, id, channel, range, &mut |chunk| thinning.count(chunk)).await?;
        let mut picking = match thinning.counted() {
            Ok(whole) => return Ok(Some(whole)),
            Err(picking) => picking,
        };
        self.0.lag.lag_history(&sight.view, id, channel, range, &mut |chunk| picking.pick(chunk)).await?;
        Ok(Some(picking.picked()))
    }

    /// The same as it is drawn.
    pub async fn trend(
        &self,
        caller: &Caller,
        id: GroupId,
        channel: &str,
        range: (Timestamp, Timestamp),
    ) -> Result<Option<Trend>, CaseError> {
        let Some(sight) = self.past(caller, id, channel).await? else { return Ok(None) };
        let mut trend = Trend::new(range.0, range.1);
        self.0.lag.lag_history(&sight.view, id, channel, range, &mut |chunk| trend.add(&chunk)).await?;
        Ok(Some(trend))
    }

    async fn past(&self, caller: &Caller, id: GroupId, channel: &str) -> Result<Option<Sight>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(Seen { channels, .. }) = self.seen(&sight, id).await? else { return Ok(None) };
        Ok(channels.iter().any(|c| c.standing.channel == channel).then_some(sight))
    }
}
