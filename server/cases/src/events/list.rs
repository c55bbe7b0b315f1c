use super::{EventsCases, Wanted, filter, row};
use crate::{sources::visible_sources, views::Sight};
use weir_domain::{
    CaseError,
    access::Caller,
    audit::Field,
    capture::SourceState,
    events::{EventFilter, EventPage, PageCursor},
};

pub const NAME: &str = "events/list";

/// Rows of one page, at most.
pub const MOST_ROWS: u32 = 200;

impl EventsCases {
    /// Newest first, strictly older than `before`; `limit` is clamped to 1..=200. Says how far it
    /// looked, and which sources may have more than has been captured.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: EventFilter,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<EventPage, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.page(caller, &sight, filter, before, limit).await
    }

    /// The same for a program, which may call sources and channels by name.
    pub async fn list_wanted(
        &self,
        caller: &Caller,
        wanted: Wanted,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<EventPage, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = wanted.resolved(&sight)?;
        self.page(caller, &sight, filter, before, limit).await
    }

    async fn page(
        &self,
        caller: &Caller,
        sight: &Sight,
        filter: EventFilter,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<EventPage, CaseError> {
        let query = filter::checked(sight, &filter).await?;
        let limit = limit.clamp(1, MOST_ROWS);
        let (rows, mut scanned, next) = self.0.rows.list(&sight.view, &filter, &query, before, limit).await?;
        filter::judged(&query)?;
        scanned.unseen = filter::unseen(sight, &query);
        scanned.silent_sources = self.silent_sources(caller, sight, &filter).await?;
        let shown: Vec<_> =
            rows.iter().filter_map(|r| Some((row::shown(r, sight, row::KEY_IN_LIST)?, r.key_hash))).collect();
        let about = filter::about(sight, &filter, &query, shown.iter().filter_map(|(_, key)| *key));
        let paged = about.shape.clone().with(Field::Limit, limit);
        let paged = if before.is_some() { paged.with(Field::Older, true) } else { paged };
        sight.trail.saw(about.shape(paged).count(shown.len() as u64)).await?;
        Ok(EventPage {
            rows: shown.into_iter().map(|(row, _)| row).collect(),
            scanned,
            next,
            hidden_channels: sight.view.channels().hidden(),
        })
    }

    /// Names of sources inside the filter whose capture stands still: the page is "at least".
    pub(super) async fn silent_sources(
        &self,
        caller: &Caller,
        sight: &Sight,
        filter: &EventFilter,
    ) -> Result<Vec<String>, CaseError> {
        let of_channel = match filter.channel {
            Some(channel) => match sight.channel(channel) {
                Some(entry) => Some(entry.source),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let sources = visible_sources(&*self.0.sources, sight, caller, self.0.clock.now()).await?;
        let silent = sources.into_iter().filter(|s| {
            s.state != SourceState::Up
                && filter.source.is_none_or(|id| id == s.id)
                && of_channel.is_none_or(|id| id == s.id)
        });
        Ok(silent.map(|s| s.name).collect())
    }
}
