use super::{EventsCases, filter, row};
use crate::{sources::visible_sources, views::Sight};
use weir_domain::{
    CaseError,
    access::Caller,
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
        filter::checked(&sight.view, &filter)?;
        let limit = limit.clamp(1, MOST_ROWS);
        let (rows, mut scanned, next) = self.0.rows.list(&sight.view, &filter, before, limit).await?;
        scanned.silent_sources = self.silent_sources(caller, &sight, &filter).await?;
        Ok(EventPage {
            rows: rows.iter().filter_map(|r| row::shown(r, &sight, row::KEY_IN_LIST)).collect(),
            scanned,
            next,
            hidden_channels: sight.view.channels().hidden(),
        })
    }

    /// Names of sources inside the filter whose capture stands still: the page is "at least".
    async fn silent_sources(
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
