use super::{LagCases, seen::Seen};
use weir_domain::{CaseError, GroupId, access::Caller, lag::GroupShown};

pub const NAME: &str = "lag/group";

/// What happened in the last days is told with it.
const TOLD_S: i64 = 7 * 86_400;

impl LagCases {
    /// One group on its visible channels; `Ok(None)`: there is none, or none to be seen.
    pub async fn group(&self, caller: &Caller, id: GroupId) -> Result<Option<GroupShown>, CaseError> {
        let now = self.0.clock.now();
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(Seen { mut group, channels, hidden_channels }) = self.seen(&sight, id).await? else { return Ok(None) };
        let (environment, source) = (group.environment, group.source);
        let sees = |channel: &str| sight.reaches_name(environment, source, channel);
        let mut happened = self.0.lag.lag_happened(&sight.view, id, (now.plus_secs(-TOLD_S), now)).await?;
        happened.retain(|h| h.channel.as_deref().is_none_or(sees));
        let mut resets = self.0.keeper.resets(&sight.view, id).await?;
        resets.retain(|r| sees(&r.channel));
        let members = group.members.iter_mut().flatten().chain(group.last_members.iter_mut().map(|(m, _)| m));
        members.for_each(|m| m.holds.retain(|(channel, _)| sees(channel)));
        Ok(Some(GroupShown { group, channels, hidden_channels, happened, resets, at: now }))
    }
}
