//! How old the oldest unread event of a partition is: the domain's rule over what the store and observing know.

use super::{ends::Ends, partition::Partition};
use weir_domain::{
    Timestamp,
    lag::{EventTime, Held, Stand, TimeLag, time_lag},
};

/// Capture has passed the end and met no event: what lies between are marks of transactions, and what they took back.
pub(super) fn nothing(p: &Partition, unread: Option<i64>) -> bool {
    match (p.asked, unread, p.end) {
        (Some((asked, EventTime::Nothing { up_to })), Some(position), Some(end)) => asked == position && up_to >= end,
        _ => false,
    }
}

/// `position`: where what is unread begins. `arrival_times`: the broker stamps events when they arrive.
pub(super) fn of_position(
    p: &Partition,
    ends: Option<&Ends>,
    position: i64,
    arrival_times: bool,
    now: Timestamp,
) -> TimeLag {
    let stand = Stand { next: p.next, start: ends.and_then(|e| e.start), end: p.end };
    let known = p.asked.filter(|(asked, _)| *asked == position).map(|(_, time)| time);
    let held = match known {
        Some(EventTime::Known { at, captured_at, latest_before }) => {
            Held::Event { at, captured_at, newest_before: latest_before, stamped_on_arrival: arrival_times }
        }
        // Up to where capture has come there is nothing, and what lies behind it is not captured yet.
        Some(EventTime::TapBehind | EventTime::Nothing { .. }) => Held::Behind,
        Some(EventTime::NotStored | EventTime::NotCaptured) | None => Held::No,
    };
    let seen: Vec<(Timestamp, i64)> = match held {
        Held::No => {
            let points = ends.iter().flat_map(|e| &e.points);
            points.map(|(ms, end)| (Timestamp::from_millis(*ms), *end)).collect()
        }
        Held::Event { .. } | Held::Behind => Vec::new(),
    };
    time_lag(&stand, &held, &seen, now)
}
