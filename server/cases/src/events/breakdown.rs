use super::{EventsCases, Wanted, filter, masked, row, text};
use crate::views::Sight;
use weir_domain::{
    CaseError,
    access::{Caller, Permission},
    events::{Breakdown, ChannelShare, EventFilter, FieldValues},
    search::Path,
};

pub const NAME: &str = "events/breakdown";

/// Bins of a histogram, at most, and values of each kind.
const BINS: usize = 80;
const TOP: usize = 8;

impl EventsCases {
    /// How what a filter finds is spread: over time, and over types, channels and keys. What is counted one by one is the
    /// newest, and how far that went is told.
    /// `field` is a path into the payloads, as the query language writes it, whose values are counted as well.
    pub async fn breakdown(
        &self,
        caller: &Caller,
        filter: EventFilter,
        field: Option<&str>,
    ) -> Result<Breakdown, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.broken_down(caller, &sight, filter, field).await
    }

    /// The same for a program, which may call sources and channels by name.
    pub async fn breakdown_wanted(
        &self,
        caller: &Caller,
        wanted: Wanted,
        field: Option<&str>,
    ) -> Result<Breakdown, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = wanted.resolved(&sight)?;
        self.broken_down(caller, &sight, filter, field).await
    }

    async fn broken_down(
        &self,
        caller: &Caller,
        sight: &Sight,
        filter: EventFilter,
        field: Option<&str>,
    ) -> Result<Breakdown, CaseError> {
        let query = filter::checked(sight, &filter).await?;
        let path = match field {
            None => None,
            Some(_) if !sight.view.payload() => {
                let about = filter::about(sight, &filter, &query, []);
                return Err(sight.trail.refuse(Permission::EventsPayload, about).await);
            }
            Some(text) => Some(Path::parse(text).ok_or_else(|| CaseError::Invalid {
                what: "The field is no path into payloads.".into(),
                what_to_do: "Write it as in a query: data.amount, data.items.sku or payload.type.".into(),
            })?),
        };
        let stored = self.0.rows.breakdown(&sight.view, &filter, &query, path.as_ref(), BINS, TOP).await?;
        filter::judged(&query)?;
        let silent_sources = self.silent_sources(caller, sight, &filter).await?;
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
            unjudged: stored.unjudged,
            down_to: stored.down_to,
            channels: channels.collect(),
            keys: masked(sight.view.key(), Permission::EventsKey, || {
                keys.map(|(row, n)| (row.key.as_ref().map(|k| text::key(k, row::KEY_IN_LIST)), *n)).collect()
            }),
            field: field.map(|path| FieldValues {
                path: path.trim().to_owned(),
                values: stored.values,
                read: stored.read,
            }),
            unseen: filter::unseen(sight, &query),
            gaps: stored.gaps,
            silent_sources,
            hidden_channels: sight.view.channels().hidden(),
            all: stored.all,
            types: stored.types,
        })
    }
}
