use super::{LagCases, Reach, in_environment};
use crate::views::Sight;
use weir_domain::{
    CaseError, GroupId,
    lag::{Group, GroupOnChannel},
};

/// A group that the caller may see, on the channels that they may see.
pub(super) struct Seen {
    pub group: Group,
    pub channels: Vec<GroupOnChannel>,
    pub hidden_channels: u32,
}

impl LagCases {
    /// `None`: there is none, or none to be seen: one whose channels are all hidden, or that has none and is of a source
    /// that is not reached whole.
    pub(super) async fn seen(&self, sight: &Sight, id: GroupId) -> Result<Option<Seen>, CaseError> {
        let Some((group, mut channels)) = self.0.lag.lag_group(&sight.view, id, self.0.clock.now()).await? else {
            return Ok(None);
        };
        if !in_environment(sight, group.environment) {
            return Ok(None);
        }
        let mut reach = Reach::new(sight);
        let all = channels.len();
        channels.retain(|c| reach.sees(&c.standing));
        if channels.is_empty() && (all > 0 || !sight.reaches_whole_source(group.environment, group.source)) {
            return Ok(None);
        }
        let hidden_channels = u32::try_from(all - channels.len()).unwrap_or(u32::MAX);
        Ok(Some(Seen { group, channels, hidden_channels }))
    }
}

/// For what concerns all channels of a group.
pub(super) fn whole(group: &str, hidden_channels: u32) -> Result<(), CaseError> {
    if hidden_channels == 0 {
        return Ok(());
    }
    Err(CaseError::Conflict {
        what: format!("{group} has positions on channels that you may not see."),
        what_to_do: "Ask somebody who may see all of its channels.".to_owned(),
    })
}
