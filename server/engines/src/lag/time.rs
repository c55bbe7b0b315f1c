//! How old the oldest unread event of a partition is.

use super::{ends::Ends, partition::Partition};
use weir_domain::{
    Timestamp,
    lag::{EventTime, TimeLag},
};

/// An event whose own time is so much before that of an event ahead of it was sent later than it says.
const TRAILS_US: i64 = 10 * 60 * 1_000_000;

/// `position`: where what is unread begins.
pub(super) fn of_position(p: &Partition, ends: Option<&Ends>, position: i64, now: Timestamp) -> TimeLag {
    let since = |at: Timestamp| u64::try_from(now.millis().saturating_sub(at.millis())).unwrap_or(0);
    let known = p.asked.filter(|(asked, _)| *asked == position).map(|(_, time)| time);
    if let Some(EventTime::Known { at, captured_at, latest_before }) = known {
        let trails = latest_before.is_some_and(|latest| latest.micros_since(at) > TRAILS_US);
        let from = if trails { captured_at } else { at };
        return TimeLag::Exact { ms: since(from), from_arrival: trails };
    }
    if let Some(at) = ends.and_then(|e| passed(e, position)) {
        return TimeLag::About { ms: u64::try_from(now.millis().saturating_sub(at)).unwrap_or(0) };
    }
    let why = match known {
        Some(EventTime::TapBehind) => "the tap itself has not come so far yet",
        Some(EventTime::NotStored) => {
            "what is unread lies in a gap of capture, or is from before it and before groups were observed"
        }
        Some(EventTime::NotCaptured) => "the channel is not captured, and the position is from before it was observed",
        Some(EventTime::Known { .. }) | None => "not asked for yet",
    };
    TimeLag::Unknown { why: why.to_owned() }
}

/// When the end passed a position, in ms, between the two observations around it.
fn passed(ends: &Ends, position: i64) -> Option<i64> {
    let after = ends.points.partition_point(|(_, end)| *end <= position);
    let (to_ms, to) = *ends.points.get(after)?;
    let (from_ms, from) = *ends.points.get(after.checked_sub(1)?)?;
    let part = (position - from) as f64 / (to - from).max(1) as f64;
    Some(from_ms + ((to_ms - from_ms) as f64 * part) as i64)
}
