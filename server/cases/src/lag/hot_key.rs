use super::{LagCases, seen::Seen};
use weir_domain::{
    CaseError, ChannelId, GroupId,
    access::{Caller, Permission},
    audit::{About, Object},
    events::{Capped, Masked},
    lag::{HotKeyShown, hot_key, hot_partition},
};

pub const NAME: &str = "lag/hot_key";

/// Bytes of a key that are told.
const SHOWN: usize = 1024;

impl LagCases {
    /// Which key brings a partition of a group's channel more than its share; `Ok(None)`: no partition takes more than that,
    /// or none to be seen. Who may not see keys is told its share alone.
    pub async fn hot_key(
        &self,
        caller: &Caller,
        id: GroupId,
        channel: ChannelId,
    ) -> Result<Option<HotKeyShown>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let nothing = || async { sight.trail.saw(About::nothing().count(0)).await.map(|()| None) };
        let Some(Seen { channels, .. }) = self.seen(&sight, id).await? else { return nothing().await };
        let on = channels.into_iter().find(|c| c.channel_id == Some(channel));
        let hot = on.as_ref().and_then(|on| hot_partition(&on.partitions));
        // It may be read by name and not be visible: of another environment than the one that was chosen.
        let visible = sight.view.channels().contains(channel);
        let (Some(on), Some(partition), true) = (on, hot, visible) else { return nothing().await };
        let newest = self.0.lag.newest_keys(&sight.view, channel, partition.partition).await?;
        let found = hot_key(&newest);
        let about = About::object(Object::channel(channel, on.standing.source, &on.standing.channel));
        let mut shown = HotKeyShown { partition, newest, key: None };
        let Some(found) = found else {
            sight.trail.saw(about.count(0)).await?;
            return Ok(Some(shown));
        };
        if !sight.view.key() {
            sight.trail.saw(about.count(found.events)).await?;
            shown.key = Some((found, crate::events::masked(false, Permission::EventsKey, || None)));
            return Ok(Some(shown));
        }
        // Its bytes, as long as they are stored.
        let event = self.0.rows.event(&sight.view, found.newest).await?;
        let hash = event.as_ref().and_then(|e| e.row.key_hash);
        let key = event.and_then(|e| e.raw.map_or(e.row.key, |raw| raw.key));
        let key: Option<Capped> = key.map(|key| crate::events::key_text(&key, SHOWN));
        sight.trail.saw(about.count(found.events).keys(hash)).await?;
        shown.key = Some((found, Masked::Shown(key)));
        Ok(Some(shown))
    }
}
