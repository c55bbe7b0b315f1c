use super::{EventsCases, Wanted, filter, masked, row, text};
use crate::views::Sight;
use weir_domain::{
    CaseError,
    access::{Caller, Permission},
    events::{Breakdown, ChannelShare, EventFilter},
};

pub const NAME: &str = "events/breakdown";

/// Bins of a histogram, at most, and values of each kind.
const BINS: usize = 80;
const TOP: usize = 8;

impl EventsCases {
    /// How what a filter finds is spread: over time, and over types, channels and keys. What is counted one by one is the
    /// newest, and how far that went is told.
    pub async fn breakdown(&self, caller: &Caller, filter: EventFilter) -> Result<Breakdown, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.broken_down(&sight, filter).await
    }

    /// The same for a program, which may call sources and channels by name.
    pub async fn breakdown_wanted(&self, caller: &Caller, wanted: Wanted) -> Result<Breakdown, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = wanted.resolved(&sight)?;
        self.broken_down(&sight, filter).await
    }

    async fn broken_down(&self, sight: &Sight, filter: EventFilter) -> Result<Breakdown, CaseError> {
        let query = filter::checked(sight, &filter).await?;
        let stored = self.0.rows.breakdown(&sight.view, &filter, &query, BINS, TOP).await?;
        let channels = stored.channels.iter().filter_map(|(id, events)| {
            let entry = sight.channel(*id)?;
            let (name, source) = (entry.channel_name.clone(), entry.source_name.clone());
            Some(ChannelShare { channel: *id, name, source, events: *events })
        });
        let keys = stored.keys.iter().filter(|(row, _)| sight.channel(row.channel).is_some());
        let about = filter::about(sight, &filter, &query, keys.clone().filter_map(|(row, _)| row.key_hash));
        sight.trail.saw(about.count(stored.counted)).await?;
        Ok(Breakdown {
            bins: stored.bins,
            found: stored.found,
            counted: stored.counted,
            down_to: stored.down_to,
            channels: channels.collect(),
            keys: masked(sight.view.key(), Permission::EventsKey, || {
                keys.map(|(row, n)| (row.key.as_ref().map(|k| text::key(k, row::KEY_IN_LIST)), *n)).collect()
            }),
            unseen: filter::unseen(sight, &query),
            hidden_channels: sight.view.channels().hidden(),
            all: stored.all,
            types: stored.types,
        })
    }
}
