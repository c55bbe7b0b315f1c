//! Filling the content of what was stored without it.

use super::{BackfillCases, about};
use weir_domain::{
    CaseError, ChannelId, SourceId, Timestamp,
    access::{Caller, Permission},
    audit::{Facts, Field},
    backfill::{
        ContentFill, ContentNotBegun, ContentWanted, FillState, LEAST_BYTES_PER_S, Lacking, MOST_BYTES_PER_S, Times,
    },
    events::TimeRange,
};

pub const NAME: &str = "backfill/content";
pub const FILL: &str = "backfill/fill_content";
pub const PAUSE: &str = "backfill/pause_content";
pub const STOP: &str = "backfill/stop_content";

/// How the content of a channel stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentStanding {
    pub channel: ChannelId,
    pub name: String,
    pub source: SourceId,
    /// What is filled, or was last.
    pub fill: Option<ContentFill>,
    /// What lacks content in the range that was asked for.
    pub lacking: Option<(Times, Lacking)>,
    /// May the caller begin, pause and stop a filling?
    pub may_edit: bool,
}

/// Both ends, in their order, and none of them in the future: what comes then is not there to be looked at.
fn times(range: TimeRange, now: Timestamp) -> Result<Times, CaseError> {
    let wrong = |what: &str| CaseError::Invalid {
        what: what.into(),
        what_to_do: "Give the time of the first event, and one after the last: 2026-11-22T08:00:00Z, or -2h and now."
            .into(),
    };
    match (range.from, range.to.map(|to| to.min(now))) {
        (Some(from), Some(_)) if from >= now => Err(wrong("The range has not begun yet.")),
        (Some(from), Some(to)) if from < to => Ok(Times { from, to }),
        (Some(_), Some(_)) => Err(wrong("The range ends before it begins.")),
        _ => Err(wrong("The range has no beginning or no end.")),
    }
}

impl BackfillCases {
    /// How the filling of a channel's content stands and, of a range, how much lacks it; `Ok(None)`: no such channel, or
    /// none to be seen.
    pub async fn content(
        &self,
        caller: &Caller,
        channel: ChannelId,
        range: Option<TimeRange>,
    ) -> Result<Option<ContentStanding>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(entry) = sight.channel(channel) else { return Ok(None) };
        let (source, name) = (entry.source, entry.channel_name.clone());
        let fills = self.0.contents.content_fills(&sight.view, source).await?;
        let lacking = match range.map(|range| times(range, self.0.clock.now())).transpose()? {
            None => None,
            Some(times) => self.0.contents.lacking(&sight.view, channel, times).await?.map(|found| (times, found)),
        };
        Ok(Some(ContentStanding {
            channel,
            name,
            source,
            fill: fills.into_iter().find(|f| f.channel == channel),
            lacking,
            may_edit: caller.may(Permission::CaptureEdit),
        }))
    }

    /// Begins to fill the content of a range, goes on with it, or changes its rate. `Ok(None)`: no such channel, or none to
    /// be seen.
    pub async fn fill_content(
        &self,
        caller: &Caller,
        channel: ChannelId,
        range: TimeRange,
        bytes_per_s: u64,
    ) -> Result<Option<()>, CaseError> {
        let sight = self.0.views.authorise(caller, FILL).await?;
        let Some((source, about)) = about(&sight, channel) else { return Ok(None) };
        let now = self.0.clock.now();
        let mut times = times(range, now)?;
        // A range up to a time to come is the one that was begun so: it goes on.
        if range.to.is_some_and(|to| to > now) {
            let fills = self.0.contents.content_fills(&sight.view, source).await?;
            let of = fills.into_iter().find(|f| f.channel == channel && f.state != FillState::Done);
            times = of.map(|f| f.times).filter(|begun| begun.from == times.from).unwrap_or(times);
        }
        if !(LEAST_BYTES_PER_S..=MOST_BYTES_PER_S).contains(&bytes_per_s) {
            return Err(super::no_rate(bytes_per_s));
        }
        let facts = Facts::new()
            .with(Field::Rate, i64::try_from(bytes_per_s).unwrap_or(i64::MAX))
            .with(Field::From, times.from.rfc3339())
            .with(Field::To, times.to.rfc3339());
        let act = sight.trail.act(about.change(Facts::new(), facts)).await?;
        let contents = &self.0.contents;
        let begun = match contents.lacking(&sight.view, channel, times).await {
            Ok(Some(found)) if found.whole && found.events == 0 => Ok(Err(ContentNotBegun::Nothing)),
            Ok(None) => Ok(Err(ContentNotBegun::Absent)),
            Ok(Some(found)) => {
                let wanted = ContentWanted { times, bytes_per_s, lacking: found.whole.then_some(found.events) };
                contents.begin_content(&sight.view, channel, &wanted, &caller.person, now).await
            }
            Err(error) => Err(error),
        };
        act.told(begun, refused).await?;
        Ok(Some(()))
    }

    /// Lets it stand still within a second. `Ok(None)`: no such channel, or none to be seen.
    pub async fn pause_content(&self, caller: &Caller, channel: ChannelId) -> Result<Option<()>, CaseError> {
        self.hold_content(caller, PAUSE, channel, FillState::Paused).await
    }

    /// Ends it; what was filled stays.
    pub async fn stop_content(&self, caller: &Caller, channel: ChannelId) -> Result<Option<()>, CaseError> {
        self.hold_content(caller, STOP, channel, FillState::Stopped).await
    }

    async fn hold_content(
        &self,
        caller: &Caller,
        name: &'static str,
        channel: ChannelId,
        to: FillState,
    ) -> Result<Option<()>, CaseError> {
        let sight = self.0.views.authorise(caller, name).await?;
        let Some((_, about)) = about(&sight, channel) else { return Ok(None) };
        let act = sight.trail.act(about).await?;
        let held = self.0.contents.hold_content(&sight.view, channel, to, self.0.clock.now()).await;
        act.done(super::held(held)).await?;
        Ok(Some(()))
    }
}

fn refused(why: ContentNotBegun) -> CaseError {
    let (what, what_to_do) = match why {
        ContentNotBegun::Erases => (
            "Tombstones of this channel erase, and what they erased would come back.",
            "Only a channel whose tombstones erase nothing can be filled.",
        ),
        ContentNotBegun::Busy => (
            "Another range of this channel is being filled.",
            "Wait for its end, or stop it first. What was filled stays.",
        ),
        ContentNotBegun::Absent | ContentNotBegun::Nothing => {
            ("All that is stored of this range has its content, or must not have it.", "There is nothing to fill.")
        }
    };
    CaseError::Conflict { what: what.into(), what_to_do: what_to_do.into() }
}
