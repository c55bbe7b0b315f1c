use super::{LagCases, Reach};
use weir_domain::{CaseError, GroupId, access::Caller, lag::GroupShown};

pub const NAME: &str = "lag/group";

/// What happened in the last days is told with it.
const TOLD_S: i64 = 7 * 86_400;

impl LagCases {
    /// One group on its visible channels; `Ok(None)`: there is none, or none to be seen.
    pub async fn group(&self, caller: &Caller, id: GroupId) -> Result<Option<GroupShown>, CaseError> {
        let now = self.0.clock.now();
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some((mut group, mut channels)) = self.0.lag.lag_group(&sight.view, id, now).await? else {
            return Ok(None);
        };
        let mut reach = Reach::new(&sight);
        let all = channels.len();
        channels.retain(|c| reach.sees(&c.standing));
        // One that has no positions yet is seen by who sees all of its source.
        let whole = || sight.reaches_whole_source(group.environment, group.source);
        if channels.is_empty() && !whole() {
            return Ok(None);
        }
        let hidden_channels = u32::try_from(all - channels.len()).unwrap_or(u32::MAX);
        let (environment, source) = (group.environment, group.source);
        let sees = |channel: &str| sight.reaches_name(environment, source, channel);
        let mut happened = self.0.lag.lag_happened(&sight.view, id, (now.plus_secs(-TOLD_S), now)).await?;
        happened.retain(|h| h.channel.as_deref().is_none_or(sees));
        let members = group.members.iter_mut().flatten().chain(group.last_members.iter_mut().map(|(m, _)| m));
        members.for_each(|m| m.holds.retain(|(channel, _)| sees(channel)));
        Ok(Some(GroupShown { group, channels, hidden_channels, happened, at: now }))
    }
}
