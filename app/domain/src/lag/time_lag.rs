//! How old the oldest unread event of a partition is: exact where the store holds it, between two observations of the end
//! where it does not, and unknown rather than guessed.

use super::TimeLag;
use crate::Timestamp;

/// An event whose own time is so much older than that of one before it was sent late on purpose (a back-fill); so much
/// newer than its arrival, by a wrong clock. It is counted from its arrival then.
pub const TRAILS: i64 = 600_000_000;

/// Where a group stands in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stand {
    /// Next position to be read; `None`: not committed.
    pub next: Option<i64>,
    pub start: Option<i64>,
    pub end: Option<i64>,
}

impl Stand {
    /// Position from which the oldest event is searched that is unread and not deleted. `None`: nothing is unread, or that is
    /// not known.
    pub fn oldest(&self) -> Option<i64> {
        let next = self.next?.max(self.start.unwrap_or(i64::MIN));
        (next < self.end?).then_some(next)
    }
}

/// What the store knows of the first event at or after [`Stand::oldest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It lies in a range without gap from that position on.
    Event {
        /// Its own time, as the broker keeps it.
        at: Timestamp,
        captured_at: Timestamp,
        /// The newest own time of all events before it, as far as known.
        newest_before: Option<Timestamp>,
        /// The broker stamps events when they arrive (`LogAppendTime`).
        stamped_on_arrival: bool,
    },
    /// Capture has not come so far yet.
    Behind,
    /// The position lies in a gap, before capture began, or in a channel that is not captured.
    No,
}

/// How old the oldest unread event is. `ends`: when the partition's end was seen where, in any order.
pub fn time_lag(place: &Stand, held: &Held, ends: &[(Timestamp, i64)], now: Timestamp) -> TimeLag {
    let unknown = |why: &str| TimeLag::Unknown { why: why.into() };
    let Some(next) = place.next else { return unknown("it has no position yet") };
    let Some(end) = place.end else { return unknown("the partition's end is not known") };
    if next >= end {
        return TimeLag::None;
    }
    let Some(oldest) = place.oldest() else { return unknown("all that it has not read is deleted") };
    match *held {
        Held::Event { at, captured_at, newest_before, stamped_on_arrival } => {
            let trails = newest_before.is_some_and(|n| n.micros_since(at) > TRAILS);
            let leads = at.micros_since(captured_at) > TRAILS;
            let from_arrival = !stamped_on_arrival && (trails || leads);
            // It can't have been written after it was captured, whatever a clock says.
            let since = if from_arrival { captured_at } else { at.min(captured_at) };
            TimeLag::Exact { ms: millis(since, now), from_arrival }
        }
        Held::Behind => unknown("capture has not come that far yet"),
        Held::No => match between(oldest, end, ends, now) {
            Some(at) => TimeLag::About { ms: millis(at, now) },
            None => unknown("it is older than what was observed of the partition"),
        },
    }
}

/// Milliseconds since; 0 if a clock says that it is yet to come.
fn millis(since: Timestamp, now: Timestamp) -> u64 {
    (now.micros_since(since).max(0) / 1000).unsigned_abs()
}

/// When the event at a position was written, by when the end passed it. `None`: before the first observation.
fn between(position: i64, end: i64, ends: &[(Timestamp, i64)], now: Timestamp) -> Option<Timestamp> {
    let mut seen: Vec<_> = ends.iter().copied().filter(|(at, _)| *at < now).collect();
    seen.push((now, end));
    seen.sort_unstable();
    // From the newest back: the last time that the end was at or before the position. An end that went back is that of a
    // channel which was made anew; what was observed before tells nothing.
    let mut later = (now, end);
    for &(at, end) in seen.iter().rev() {
        if end > later.1 {
            return None;
        }
        if end <= position {
            let events = later.1.saturating_sub(end);
            // The event is there once the end is one behind it.
            let behind = position.saturating_sub(end).saturating_add(1).min(events);
            let micros = i128::from(later.0.micros_since(at)) * i128::from(behind) / i128::from(events.max(1));
            return Some(at.plus_micros(i64::try_from(micros).unwrap_or(i64::MAX)));
        }
        later = (at, end);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: i64 = 1_000_000;
    const NOW: Timestamp = Timestamp(100_000 * S);

    fn at(secs_ago: i64) -> Timestamp {
        NOW.plus_secs(-secs_ago)
    }

    fn place(start: i64, next: i64, end: i64) -> Stand {
        Stand { next: Some(next), start: Some(start), end: Some(end) }
    }

    fn event(own: i64, captured: i64) -> Held {
        Held::Event { at: at(own), captured_at: at(captured), newest_before: None, stamped_on_arrival: false }
    }

    fn why(lag: &TimeLag) -> &str {
        if let TimeLag::Unknown { why } = lag { why } else { "" }
    }

    #[test]
    fn nothing_unread_is_no_lag_and_what_is_not_known_says_why() {
        assert_eq!(time_lag(&place(0, 7, 7), &Held::Behind, &[], NOW), TimeLag::None);
        assert_eq!(time_lag(&place(0, 9, 7), &Held::No, &[], NOW), TimeLag::None);
        let none = Stand { next: None, ..place(0, 0, 7) };
        assert_eq!(why(&time_lag(&none, &Held::No, &[], NOW)), "it has no position yet");
        let none = Stand { end: None, ..place(0, 0, 7) };
        assert_eq!(why(&time_lag(&none, &Held::No, &[], NOW)), "the partition's end is not known");
        // DeleteRecords up to the end.
        assert_eq!(why(&time_lag(&place(7, 3, 7), &Held::No, &[], NOW)), "all that it has not read is deleted");
    }

    #[test]
    fn an_event_that_is_held_says_its_age() {
        assert_eq!(
            time_lag(&place(0, 3, 7), &event(90, 89), &[], NOW),
            TimeLag::Exact { ms: 90_000, from_arrival: false }
        );
        // Of a producer whose clock is ahead a little, and a lot.
        assert_eq!(
            time_lag(&place(0, 3, 7), &event(20, 30), &[], NOW),
            TimeLag::Exact { ms: 30_000, from_arrival: false }
        );
        assert_eq!(
            time_lag(&place(0, 3, 7), &event(-3600, 30), &[], NOW),
            TimeLag::Exact { ms: 30_000, from_arrival: true }
        );
        // Captured after this server's now.
        assert_eq!(time_lag(&place(0, 3, 7), &event(-5, -3), &[], NOW), TimeLag::Exact { ms: 0, from_arrival: false });
    }

    #[test]
    fn a_back_filled_event_counts_from_its_arrival() {
        let filled = |before: i64, stamped_on_arrival| Held::Event {
            at: at(40_000),
            captured_at: at(60),
            newest_before: Some(at(before)),
            stamped_on_arrival,
        };
        let lag = |held| time_lag(&place(0, 3, 7), &held, &[], NOW);
        assert_eq!(lag(filled(100, false)), TimeLag::Exact { ms: 60_000, from_arrival: true });
        // Out of order by ten minutes is usual.
        assert_eq!(lag(filled(39_400, false)), TimeLag::Exact { ms: 40_000_000, from_arrival: false });
        assert_eq!(lag(filled(39_399, false)), TimeLag::Exact { ms: 60_000, from_arrival: true });
        // The broker's own time of arrival can't trail.
        assert_eq!(lag(filled(100, true)), TimeLag::Exact { ms: 40_000_000, from_arrival: false });
    }

    #[test]
    fn between_two_observations_it_is_about() {
        let ends = [(at(300), 100), (at(200), 200), (at(100), 400)];
        let lag = |next| time_lag(&place(0, next, 500), &Held::No, &ends, NOW);
        assert_eq!(lag(299), TimeLag::About { ms: 150_000 });
        assert_eq!(lag(449), TimeLag::About { ms: 50_000 });
        assert_eq!(lag(499), TimeLag::About { ms: 0 });
        assert_eq!(lag(100), TimeLag::About { ms: 299_000 });
        assert_eq!(why(&lag(99)), "it is older than what was observed of the partition");
        // The oldest that is left.
        assert_eq!(time_lag(&place(299, 3, 500), &Held::No, &ends, NOW), TimeLag::About { ms: 150_000 });
        assert_eq!(why(&time_lag(&place(0, 3, 500), &Held::Behind, &ends, NOW)), "capture has not come that far yet");
    }

    #[test]
    fn a_channel_made_anew_forgets_what_was_before() {
        let ends = [(at(300), 100), (at(200), 90_000), (at(100), 40)];
        let lag = |next| time_lag(&place(0, next, 60), &Held::No, &ends, NOW);
        assert_eq!(lag(49), TimeLag::About { ms: 50_000 });
        assert_eq!(why(&lag(20)), "it is older than what was observed of the partition");
    }

    proptest! {
        #[test]
        fn whatever_comes_it_tells_none_for_nothing_unread_only(
            next: Option<i64>, start: Option<i64>, end: Option<i64>,
            own: i64, captured: i64, before: Option<i64>, stamped: bool, kind in 0..3,
            ends in prop::collection::vec((any::<i64>(), any::<i64>()), 0..20), now: i64,
        ) {
            let held = match kind {
                0 => Held::Behind,
                1 => Held::No,
                _ => Held::Event {
                    at: Timestamp(own),
                    captured_at: Timestamp(captured),
                    newest_before: before.map(Timestamp),
                    stamped_on_arrival: stamped,
                },
            };
            let ends: Vec<_> = ends.into_iter().map(|(t, e)| (Timestamp(t), e)).collect();
            let lag = time_lag(&Stand { next, start, end }, &held, &ends, Timestamp(now));
            let nothing_unread = next.zip(end).is_some_and(|(n, e)| n >= e);
            prop_assert_eq!(lag == TimeLag::None, nothing_unread);
        }

        #[test]
        fn further_on_is_never_older(
            mut ends in prop::collection::vec((0i64..90_000, 0i64..1000), 1..20), more in 0i64..100, a in 0i64..1100, b in 0i64..1100,
        ) {
            // An end that grows with time.
            let (mut times, mut places): (Vec<_>, Vec<_>) = ends.drain(..).unzip();
            times.sort_unstable();
            places.sort_unstable();
            let end = places.last().map_or(0, |e| e + more);
            let ends: Vec<_> = times.into_iter().map(|t| Timestamp(t * S)).zip(places).collect();
            let lag = |next: i64| time_lag(&place(0, next, end), &Held::No, &ends, NOW).ms();
            let (a, b) = (a.min(b), a.max(b));
            if let Some(older) = lag(a) {
                prop_assert!(lag(b).is_some_and(|newer| newer <= older), "{:?} {:?}", lag(b), older);
            }
        }

        #[test]
        fn between_lies_within_the_two_observations(before in 0i64..1000, more in 1i64..1000, at_part in 0.0f64..1.0) {
            let position = before + ((more as f64 * at_part) as i64).min(more - 1);
            let ends = [(at(500), before), (at(200), before + more)];
            let lag = time_lag(&place(0, position, before + more + 5), &Held::No, &ends, NOW).ms();
            prop_assert!(lag.is_some_and(|ms| (200_000..=500_000).contains(&ms)), "{:?}", lag);
        }
    }
}
