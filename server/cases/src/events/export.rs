use super::{EventsCases, Wanted, exported, filter};
use crate::{
    audit::Batch,
    export::{self, Part},
    stream::{Listener, Recheck},
    views::Sight,
};
use futures::stream::BoxStream;
use std::{collections::BTreeSet, mem, sync::Arc};
use weir_domain::{
    CaseError, Timestamp,
    access::Caller,
    audit::Field,
    events::{EventFilter, EventRow, HeaderShown, Masked, PageCursor, Scanned},
};

pub const NAME: &str = "events/export";

/// Events of one export, at most; it says where to go on.
pub const MOST_EXPORTED: u32 = 1_000_000;
/// Events held at once, if they are small; a few megabytes of others.
const AT_ONCE: u32 = 2000;

/// A part of an export. The end is always the last one, and only a whole export has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exported {
    Events(Vec<EventExported>),
    End(Completeness),
}

/// An event with all of it that may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventExported {
    /// With its whole key.
    pub row: EventRow,
    pub environment_name: String,
    pub ce_time: Option<Timestamp>,
    /// `None`: not there, or too large with the rest of the event.
    pub headers: Masked<Option<Vec<HeaderShown>>>,
    /// All of them, also those beyond what is shown; 0 where they are masked.
    pub headers_total: u32,
    pub payload: Masked<PayloadExported>,
}

/// A payload, as whole as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadExported {
    /// A tombstone.
    Null,
    /// A JSON document, byte by byte as it was sent.
    Json(String),
    Text(String),
    Bytes(Vec<u8>),
    /// The event is larger than what an export holds of one; its own page has it.
    TooLarge,
    /// Not in the store; the row says why.
    Absent,
}

/// How far an export came, and what it does not know of (invariant 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// Events in the export.
    pub matches: u64,
    /// What was looked at in all. Complete: neither a limit nor a bound left anything out.
    pub scanned: Scanned,
    pub hidden_channels: u32,
    /// So much lay at one time that the search went on below it without having seen all of it.
    pub passed_over: bool,
    /// Where to go on, if a limit was reached.
    pub next: Option<PageCursor>,
}

struct Export {
    cases: EventsCases,
    filter: EventFilter,
    batch: Batch,
    before: Option<PageCursor>,
    left: u32,
    /// In the next part.
    ending: Option<Completeness>,
    matches: u64,
    passed_over: bool,
    scanned: Scanned,
    silent: BTreeSet<String>,
}

impl EventsCases {
    /// All that [`EventsCases::list`] would show page by page, with key, headers and payload as far as they may be seen,
    /// newest first, in constant memory; at most `limit` of them. Ends with an error when the session ends or the
    /// permission goes (asked again through `recheck` at least every 30 s), or the database is away: what came before is
    /// then not all.
    pub async fn export(
        &self,
        caller: &Caller,
        wanted: Wanted,
        before: Option<PageCursor>,
        limit: u32,
        recheck: Arc<dyn Recheck>,
    ) -> Result<BoxStream<'static, Result<Exported, CaseError>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = wanted.resolved(&sight)?;
        let query = filter::checked(&sight, &filter).await?;
        let left = limit.clamp(1, MOST_EXPORTED);
        let about = filter::about(&sight, &filter, &query, []);
        let asked = about.shape.clone();
        let asked = if left < MOST_EXPORTED { asked.with(Field::Limit, left) } else { asked };
        let asked = if before.is_some() { asked.with(Field::Older, true) } else { asked };
        let silent = self.silent_sources(caller, &sight, &filter).await?.into_iter().collect();
        let batch = sight.trail.begin(about.shape(asked)).await?;
        let listener = Listener::new(caller.clone(), recheck, &self.0.sign_outs);
        let scanned = Scanned { complete: true, ..Scanned::default() };
        let (cases, ending) = (self.clone(), None);
        let export =
            Export { cases, filter, batch, before, left, ending, matches: 0, passed_over: false, scanned, silent };
        Ok(export::parts(export, listener))
    }
}

impl export::Export for Export {
    type Item = Exported;

    async fn part(&mut self, caller: &Caller) -> Result<Part<Exported>, CaseError> {
        if let Some(end) = self.ending.take() {
            self.batch.ending(if end.next.is_none() { "complete" } else { "as much as one export holds" });
            return Ok(Part::Last(Exported::End(end)));
        }
        let sight = self.cases.0.views.authorise(caller, NAME).await?;
        let query = filter::checked(&sight, &self.filter).await?;
        self.batch.before_more().await?;
        let limit = self.left.min(AT_ONCE);
        let rows = &self.cases.0.rows;
        let stretch = rows.list_whole(&sight.view, &self.filter, &query, self.before, limit).await?;
        filter::judged(&query)?;
        let mut events = stretch.events;
        events.retain(|e| sight.channel(e.row.channel).is_some());
        let keys: Vec<_> = events.iter().filter_map(|e| e.row.key_hash).collect();
        let events = exported::shown(events, &sight).await?;
        self.batch.shown(events.len() as u64, keys);
        self.matches += events.len() as u64;
        self.left = self.left.saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
        self.passed_over |= stretch.passed_over;
        self.add(stretch.scanned);
        self.before = stretch.next;
        if self.before.is_none() || self.left == 0 {
            self.scanned.unseen = filter::unseen(&sight, &query);
            self.ending = Some(self.end(caller, &sight).await?);
        }
        Ok(Part::More(Exported::Events(events)))
    }

    fn batch(&mut self) -> &mut Batch {
        &mut self.batch
    }
}

impl Export {
    fn add(&mut self, more: Scanned) {
        let all = &mut self.scanned;
        all.rows += more.rows;
        // Of the days that all pages lie in, so the last one tells of all.
        all.indexed = all.indexed.max(more.indexed);
        all.opened += more.opened;
        all.ruled_out += more.ruled_out;
        all.unjudged += more.unjudged;
        all.gaps = all.gaps.saturating_add(more.gaps);
        all.down_to = more.down_to;
    }

    async fn end(&mut self, caller: &Caller, sight: &Sight) -> Result<Completeness, CaseError> {
        // Those that were silent when it began may have been read on since, behind it.
        self.silent.extend(self.cases.silent_sources(caller, sight, &self.filter).await?);
        let mut scanned = mem::take(&mut self.scanned);
        scanned.silent_sources = mem::take(&mut self.silent).into_iter().collect();
        scanned.complete = self.before.is_none() && !self.passed_over;
        Ok(Completeness {
            matches: self.matches,
            scanned,
            hidden_channels: sight.view.channels().hidden(),
            passed_over: self.passed_over,
            next: self.before,
        })
    }
}
