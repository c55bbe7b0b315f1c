//! Figures of channels, as the pages share them.

use crate::{Store, timestamp::Ts};
use std::collections::HashMap;
use weir_domain::{
    ChannelId, GapId, PartitionId, Position, SourceId, Timestamp,
    access::View,
    capture::{GapReason, Held},
    sources::{GapShown, PartitionShown},
};

/// Values of a spark: events per minute of the last full hour.
pub(crate) const SPARK: usize = 60;

/// What the partitions of one channel add up to.
pub(crate) struct ChannelFigures {
    pub(crate) id: ChannelId,
    pub(crate) source: SourceId,
    pub(crate) name: String,
    /// Open ones.
    pub(crate) partitions: u32,
    /// Sum over partitions whose end and position are known; `None` if none is.
    pub(crate) behind: Option<u64>,
    pub(crate) last_event: Option<Timestamp>,
    pub(crate) gaps: u32,
    pub(crate) events_24h: u64,
    /// Events per minute of the last full hour, all of it; see [`known`].
    pub(crate) spark: Vec<u32>,
    /// The newest minutes of it in which the channel was captured.
    pub(crate) minutes: usize,
    /// Of the last full minute.
    pub(crate) events_last_minute: u64,
    pub(crate) broker_bytes_last_minute: u64,
    /// Anything captured in this minute, and before it.
    now: bool,
    before: bool,
}

/// A spark without the time before capture began: unknown is not 0.
pub(crate) fn known(mut spark: Vec<u32>, minutes: usize) -> Vec<u32> {
    spark.drain(..spark.len().saturating_sub(minutes));
    spark
}

impl ChannelFigures {
    /// Events of the last full minute; `None` before there was one.
    pub(crate) fn last_minute(&self) -> Option<u64> {
        (!begun_now([self])).then_some(self.events_last_minute)
    }
}

/// All that was captured of these is of this minute: the first full one is still to come, and 0 a second would be wrong.
pub(crate) fn begun_now<'a>(figures: impl IntoIterator<Item = &'a ChannelFigures>) -> bool {
    let mut now = false;
    figures.into_iter().inspect(|f| now |= f.now).all(|f| !f.before) && now
}

pub(crate) fn minute(at: Timestamp) -> i32 {
    i32::try_from(at.0.div_euclid(60_000_000)).unwrap_or(i32::MAX)
}

pub(crate) fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

pub(crate) fn small(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// Adds the known; unknown stays unknown only if nothing is known.
pub(crate) fn add(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    }
}

impl Store {
    /// Figures of the visible channels (of one source). Never counts events: sums what capture has counted.
    pub(crate) async fn channel_figures(
        &self,
        view: &View,
        source: Option<SourceId>,
        now: Timestamp,
    ) -> sqlx::Result<Vec<ChannelFigures>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let this_minute = minute(now);
        let yesterday = this_minute.saturating_sub(1440);
        let rows = sqlx::query_file!(
            "queries/sources/channels.sql",
            &channels,
            source.map(|s| s.0),
            yesterday.div_euclid(60) + 1,
            yesterday,
            this_minute
        )
        .fetch_all(self.pages())
        .await?;
        let first = this_minute.saturating_sub(SPARK as i32);
        let minutes = sqlx::query_file!("queries/sources/minutes.sql", &channels, first, this_minute)
            .fetch_all(self.pages())
            .await?;
        let mut by_channel: HashMap<i64, Vec<_>> = HashMap::new();
        for m in minutes {
            by_channel.entry(m.channel_id).or_default().push(m);
        }
        Ok(rows
            .into_iter()
            .map(|r| {
                let mut figures = ChannelFigures {
                    id: ChannelId(r.id),
                    source: SourceId(r.source_id),
                    name: r.name,
                    partitions: small(r.partitions),
                    behind: r.behind.map(count),
                    last_event: r.last_event.map(|t| t.0),
                    gaps: small(r.gaps),
                    events_24h: count(r.events_24h),
                    spark: vec![0; SPARK],
                    minutes: r.opened_at.map_or(0, |Ts(at)| usize::try_from(this_minute - minute(at)).unwrap_or(0)),
                    events_last_minute: 0,
                    broker_bytes_last_minute: 0,
                    now: r.now,
                    before: r.before,
                };
                for m in by_channel.get(&r.id).into_iter().flatten() {
                    if let Some(place) = usize::try_from(m.minute - first).ok().and_then(|i| figures.spark.get_mut(i)) {
                        *place = small(m.events);
                    }
                    if m.minute == this_minute - 1 {
                        figures.events_last_minute = count(m.events);
                        figures.broker_bytes_last_minute = count(m.broker_bytes);
                    }
                }
                let first = figures.spark.iter().position(|n| *n > 0).unwrap_or(SPARK);
                figures.minutes = figures.minutes.clamp(SPARK - first, SPARK);
                figures
            })
            .collect())
    }

    /// The newest gaps of visible channels (of one source).
    pub(crate) async fn newest_gaps(
        &self,
        view: &View,
        source: Option<SourceId>,
        most: i64,
    ) -> sqlx::Result<Vec<GapShown>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let rows = sqlx::query_file!("queries/sources/gaps.sql", &channels, source.map(|s| s.0), most)
            .fetch_all(self.pages())
            .await?;
        Ok(rows
            .into_iter()
            .map(|r| GapShown {
                id: GapId(r.id),
                channel: ChannelId(r.channel_id),
                channel_name: r.channel_name,
                partition_number: r.number,
                from: Position(r.from_position),
                to: r.to_position.map(Position),
                reason: reason(&r.reason),
                detail: r.detail,
                found_at: r.found_at.0,
            })
            .collect())
    }

    /// Incarnations by channel, and how many more there are than are listed.
    pub(crate) async fn partitions_shown(
        &self,
        channels: &[i64],
    ) -> sqlx::Result<(HashMap<ChannelId, Vec<PartitionShown>>, u32)> {
        let rows = sqlx::query_file!("queries/sources/partitions.sql", channels).fetch_all(self.pages()).await?;
        let more = rows.first().map_or(0, |r| small(r.all - rows.len() as i64));
        let mut by_channel: HashMap<ChannelId, Vec<PartitionShown>> = HashMap::new();
        for r in rows {
            let closed = r.closed_reason.as_deref().map(reason);
            let behind = match (r.end_position, r.next_position) {
                (Some(end), Some(next)) if closed.is_none() => Some(count(end.saturating_sub(next))),
                _ => None,
            };
            by_channel.entry(ChannelId(r.channel_id)).or_default().push(PartitionShown {
                id: PartitionId(r.id),
                number: r.number,
                next: r.next_position.map(Position),
                start: r.start_position.map(Position),
                end: r.end_position.map(Position),
                behind,
                held: r.held_since.map(|since| Held { since: since.0, transactional_id: r.held_by }),
                error: r.error,
                updated_at: r.updated_at.map(|Ts(t)| t),
                closed,
            });
        }
        Ok((by_channel, more))
    }
}

/// A reason of a newer program is shown as the one that claims least.
fn reason(text: &str) -> GapReason {
    GapReason::ALL.iter().copied().find(|r| r.as_str() == text).unwrap_or(GapReason::CaptureLimit)
}
