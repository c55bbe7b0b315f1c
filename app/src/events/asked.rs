//! From what the address says to what the use case is asked: names become ids, ranges absolute.

use super::{Listed, Place, resolve::resolve};
use crate::{Failure, RequestContext};
use weir_domain::{
    CaseError, ChannelId, SourceId, Timestamp,
    access::Caller,
    catalog::Completion,
    events::{EventFilter, EventPage, TimeRange},
};

/// Rows of a page.
const ROWS: u32 = 100;

/// What a place asks, and of whom.
pub(crate) struct Asked {
    pub caller: Caller,
    pub filter: EventFilter,
    /// When it was asked: relative ranges count from here.
    pub at: Timestamp,
    source: Option<Completion>,
    channel: Option<Completion>,
    /// The channels that one name stands for; the filter holds none of them.
    pub choices: Vec<Completion>,
}

pub(crate) async fn question(ctx: &RequestContext, place: &Place) -> Result<Asked, Failure> {
    let caller = ctx.caller_in(place.environment())?;
    let at = ctx.cases.events.now();
    let range = ctx.told(place.range(at))?;
    let source = ctx.told(source(ctx, &caller, place.source.as_deref()).await)?;
    let named = ctx.told(channel(ctx, &caller, place.channel.as_deref(), source.id).await)?;
    let filter = EventFilter {
        source: source.id,
        channel: named.id,
        event_type: place.event_type.clone(),
        key: place.key.clone(),
        range,
        query: place.q.clone(),
        oldest_first: false,
    };
    Ok(Asked { caller, filter, at, source: source.hit, channel: named.hit, choices: named.choices })
}

pub(super) async fn list(ctx: &RequestContext, place: &Place) -> Result<Listed, Failure> {
    let Asked { caller, filter, at, source, channel, choices } = question(ctx, place).await?;
    let page = if choices.is_empty() {
        ctx.told(ctx.cases.events.list(&caller, filter.clone(), place.before, ROWS).await)?
    } else {
        EventPage { rows: Vec::new(), scanned: Default::default(), next: None, hidden_channels: 0 }
    };
    Ok(Listed { page, filter, at, source, channel, choices })
}

impl Place {
    /// The range that is asked for at `now`.
    ///
    /// # Errors
    /// `Invalid` if it is none.
    pub fn range(&self, now: Timestamp) -> Result<TimeRange, CaseError> {
        resolve(self.from.as_deref(), self.to.as_deref(), now).map_err(|problem| {
            let (what, what_to_do) = problem.words();
            CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() }
        })
    }
}

/// The id that a text of the filter stands for: `#3`. Everything else is a name, numbers too: a topic may be called `3`.
fn numbered<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.strip_prefix('#')?.parse().ok()
}

/// What a text in the filter turned out to name.
struct Named<T> {
    id: Option<T>,
    hit: Option<Completion>,
    choices: Vec<Completion>,
}

async fn source(ctx: &RequestContext, caller: &Caller, text: Option<&str>) -> Result<Named<SourceId>, CaseError> {
    let Some(text) = text else { return Ok(Named { id: None, hit: None, choices: Vec::new() }) };
    let id = numbered::<SourceId>(text);
    let mut hits = ctx.cases.catalog.complete(caller, &format!("source:{text}")).await?.lines;
    hits.retain(|h| if id.is_some() { h.source == id } else { h.text == text });
    match (hits.into_iter().next(), id) {
        (Some(hit), _) => Ok(Named { id: hit.source, hit: Some(hit), choices: Vec::new() }),
        (None, Some(id)) => Ok(Named { id: Some(id), hit: None, choices: Vec::new() }),
        (None, None) => Err(unknown("source", text)),
    }
}

async fn channel(
    ctx: &RequestContext,
    caller: &Caller,
    text: Option<&str>,
    source: Option<SourceId>,
) -> Result<Named<ChannelId>, CaseError> {
    let Some(text) = text else { return Ok(Named { id: None, hit: None, choices: Vec::new() }) };
    let id = numbered::<ChannelId>(text);
    let mut hits = ctx.cases.catalog.complete(caller, &format!("channel:{text}")).await?.lines;
    hits.retain(|h| if id.is_some() { h.channel == id } else { h.text == text });
    if source.is_some() {
        hits.retain(|h| h.source == source);
    }
    match (hits.len(), id) {
        // Several sources have a channel of this name.
        (2.., None) => Ok(Named { id: None, hit: None, choices: hits }),
        (0, None) => Err(unknown("channel", text)),
        (0, Some(id)) => Ok(Named { id: Some(id), hit: None, choices: hits }),
        _ => {
            let hit = hits.pop();
            Ok(Named { id: hit.as_ref().and_then(|h| h.channel), hit, choices: Vec::new() })
        }
    }
}

fn unknown(what: &str, name: &str) -> CaseError {
    CaseError::Invalid {
        what: format!("No {what} that you may see is named {}.", super::visible::plain(name)),
        what_to_do: "Check the spelling, or choose one from the list.".into(),
    }
}
