//! How a source stands, from what each of its taps says.

use super::{SourceReport, SourceState};
use crate::Timestamp;

/// A report counts for this long: pages call a source stale after the same time.
pub const FRESH_US: i64 = 10_000_000;

/// A source as all its taps together see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: SourceState,
    /// Why it is not up; where it is, what one of its taps has to complain of.
    pub reason: Option<String>,
    pub retry_at: Option<Timestamp>,
    pub bytes_to_read: Option<u64>,
    pub throttled_ms: u32,
    /// Processes that read from it.
    pub taps: u32,
}

/// `reports`: the last one of each process that ever read this source, in any order. Up as soon as one of them reads,
/// because the others give up what they can't read. One that says "off" counts only where no other one works.
pub fn standing(reports: &[SourceReport], now: Timestamp) -> Standing {
    let mut fresh: Vec<&SourceReport> = reports.iter().filter(|r| now.micros_since(r.at) <= FRESH_US).collect();
    fresh.sort_by_key(|r| std::cmp::Reverse(r.at));
    let works = |r: &&&SourceReport| r.state != SourceState::Off;
    let working: Vec<&SourceReport> = fresh.iter().filter(works).copied().collect();
    let of = |state| working.iter().copied().filter(move |r| r.state == state);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (up, down) = (of(SourceState::Up).count(), of(SourceState::Down).count());
    let order = [SourceState::Up, SourceState::Down, SourceState::Paused, SourceState::Starting];
    let state = order.into_iter().find(|s| of(*s).next().is_some()).unwrap_or(SourceState::Off);
    let newest = of(state).next().or(fresh.first().copied());
    let troubled = of(SourceState::Down).next().filter(|_| state == SourceState::Up);
    let reason = match troubled {
        Some(tap) => {
            let why = tap.reason.as_deref().unwrap_or("no reason was given");
            Some(format!("{down} of {} taps can't reach it: {why}", up + down))
        }
        // Always the same one, whichever tap spoke last.
        None if state == SourceState::Up => of(state).filter_map(|r| r.reason.clone()).min(),
        None => newest.and_then(|r| r.reason.clone()),
    };
    Standing {
        state,
        reason,
        retry_at: of(state).filter_map(|r| r.retry_at).min(),
        bytes_to_read: working.iter().filter_map(|r| r.bytes_to_read).reduce(u64::saturating_add),
        throttled_ms: working.iter().map(|r| r.throttled_ms).max().unwrap_or(0),
        taps: count(up),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceId;

    fn report(state: SourceState, secs: i64, reason: Option<&str>) -> SourceReport {
        SourceReport {
            source: SourceId(1),
            tap: String::new(),
            state,
            reason: reason.map(str::to_owned),
            at: Timestamp::EPOCH.plus_secs(secs),
            retry_at: (state == SourceState::Down).then(|| Timestamp::EPOCH.plus_secs(secs + 5)),
            left_out: None,
            left_out_total: 0,
            bytes_to_read: None,
            throttled_ms: 0,
        }
    }

    fn at(secs: i64, reports: &[SourceReport]) -> Standing {
        standing(reports, Timestamp::EPOCH.plus_secs(secs))
    }

    #[test]
    fn one_that_reads_is_enough_and_trouble_is_told_all_the_same() {
        let [up, other] = [report(SourceState::Up, 100, None), report(SourceState::Up, 99, None)];
        let down = report(SourceState::Down, 98, Some("refused"));
        let all = at(100, &[down.clone(), up.clone(), other.clone()]);
        assert_eq!((all.state, all.taps, all.retry_at), (SourceState::Up, 2, None));
        assert_eq!(all.reason.as_deref(), Some("1 of 3 taps can't reach it: refused"));
        let alone = at(100, &[down]);
        assert_eq!((alone.state, alone.reason.as_deref(), alone.taps), (SourceState::Down, Some("refused"), 0));
        assert_eq!(alone.retry_at, Some(Timestamp::EPOCH.plus_secs(103)));
        assert_eq!(at(100, &[up, other]).reason, None);
    }

    #[test]
    fn the_dead_say_nothing_and_off_counts_last() {
        let off = report(SourceState::Off, 100, Some("not adopted"));
        assert_eq!(at(100, &[report(SourceState::Up, 91, None), off.clone()]).state, SourceState::Up);
        let later = at(102, &[report(SourceState::Up, 91, None), off.clone()]);
        assert_eq!((later.state, later.reason.as_deref()), (SourceState::Off, Some("not adopted")));
        let starting = at(100, &[report(SourceState::Starting, 95, None), off]);
        assert_eq!((starting.state, starting.reason), (SourceState::Starting, None));
        assert_eq!(at(0, &[]).state, SourceState::Off);
    }

    #[test]
    fn what_is_to_be_read_adds_up_and_throttling_is_the_longest() {
        let with =
            |bytes, ms| SourceReport { bytes_to_read: bytes, throttled_ms: ms, ..report(SourceState::Up, 9, None) };
        let all = at(10, &[with(Some(5), 30), with(None, 0), with(Some(7), 10)]);
        assert_eq!((all.bytes_to_read, all.throttled_ms), (Some(12), 30));
        assert_eq!(at(10, &[with(None, 0)]).bytes_to_read, None);
    }
}
