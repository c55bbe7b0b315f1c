//! Who or what falls behind the others: a partition that gets more than its share, and the one key that brings it.

use super::PartitionStanding;
use crate::{
    EventId, Timestamp,
    events::{Capped, Masked},
};
use serde::{Deserialize, Serialize};

/// So many times its share of what arrives is worth a word.
pub const TIMES: f64 = 1.5;
/// Less than this a second, over all partitions, is no load.
const LEAST_PER_S: f64 = 1.0;
/// Events that are looked at for a key.
pub const NEWEST: u32 = 2_000;
/// Fewer of them tell nothing of keys.
const LEAST_EVENTS: u64 = 100;
/// Of these events a key has so many in a hundred before it is named…
const SHARE_PERCENT: u64 = 30;
/// …and so many times what the others have on the average.
const TIMES_OTHERS: u64 = 3;

/// A partition that takes more than its share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HotPartition {
    pub partition: i32,
    pub per_s: f64,
    /// Of all partitions.
    pub all_per_s: f64,
    /// How many times an even share that is.
    pub times: f64,
}

/// The one that takes most, if that is out of line.
pub fn hot_partition(partitions: &[PartitionStanding]) -> Option<HotPartition> {
    let known: Vec<(i32, f64)> = partitions.iter().filter_map(|p| Some((p.partition, p.in_per_s?))).collect();
    let all: f64 = known.iter().map(|k| k.1).sum();
    let (partition, most) = known.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let share = all / known.len() as f64;
    (known.len() > 1 && all >= LEAST_PER_S && most > TIMES * share).then_some(HotPartition {
        partition,
        per_s: most,
        all_per_s: all,
        times: most / share,
    })
}

/// Keys of the newest events stored of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewestKeys {
    pub events: u64,
    /// Different keys among them.
    pub keys: u64,
    /// The most frequent key: how many events have it, and the newest of those.
    pub most: Option<(u64, EventId)>,
    /// The events' own times, or those of their capture.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// One key that has far more than its share of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotKey {
    pub events: u64,
    pub of: u64,
    pub newest: EventId,
}

impl HotKey {
    /// In a hundred, as it is told.
    pub const fn percent(&self) -> u64 {
        (self.events * 100 + self.of / 2) / if self.of == 0 { 1 } else { self.of }
    }
}

/// What is told of the keys of a partition that takes more than its share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HotKeyShown {
    pub partition: HotPartition,
    pub newest: NewestKeys,
    /// `None`: no key stands out. Its letters are `None` where they are not stored any more.
    pub key: Option<(HotKey, Masked<Option<Capped>>)>,
}

/// The most frequent key, if it has at least 30 % of at least 100 events, and three times what other keys have on the
/// average.
pub fn hot_key(newest: &NewestKeys) -> Option<HotKey> {
    let (events, id) = newest.most?;
    let of = newest.events;
    let others = newest.keys.saturating_sub(1);
    let enough = of >= LEAST_EVENTS && events.saturating_mul(100) >= of.saturating_mul(SHARE_PERCENT);
    let rest = of.saturating_sub(events);
    let far_more = others == 0 || events.saturating_mul(others) >= rest.saturating_mul(TIMES_OTHERS);
    (enough && far_more).then_some(HotKey { events, of, newest: id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        PartitionId, Position,
        lag::{Status, TimeLag, Verdict},
    };
    use proptest::prelude::*;

    fn partition(number: i32, in_per_s: Option<f64>) -> PartitionStanding {
        let verdict = Verdict { status: Status::Ok, rule: String::new(), reason: String::new() };
        PartitionStanding {
            partition: number,
            start: None,
            end: None,
            stable_end: None,
            next: None,
            lag: None,
            committed_lag: None,
            time_lag: TimeLag::None,
            burrow: verdict.clone(),
            verdict,
            in_per_s,
            out_per_s: None,
            held_by: None,
            last_moved: None,
            lost_at: None,
            problem: None,
        }
    }

    fn of(rates: &[Option<f64>]) -> Option<HotPartition> {
        let all: Vec<_> = rates.iter().enumerate().map(|(n, r)| partition(n as i32, *r)).collect();
        hot_partition(&all)
    }

    fn keys(events: u64, keys: u64, most: u64) -> NewestKeys {
        let id = EventId { partition: PartitionId(1), position: Position(7) };
        NewestKeys { events, keys, most: Some((most, id)), from: None, to: None }
    }

    #[test]
    fn a_partition_is_out_of_line_from_one_and_a_half_times_its_share_on() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[Some(40.0)]), None, "alone it has no share");
        assert_eq!(of(&[Some(10.0), Some(11.0), None]), None);
        assert_eq!(of(&[Some(0.1), Some(0.8)]), None, "no load");
        let hot = of(&[Some(10.0), Some(10.0), Some(40.0)]).unwrap();
        assert_eq!((hot.partition, hot.per_s, hot.all_per_s, hot.times), (2, 40.0, 60.0, 2.0));
    }

    #[test]
    fn a_key_is_named_that_has_far_more_than_others() {
        let share = |n: NewestKeys| hot_key(&n).map(|k| k.percent());
        assert_eq!(share(keys(1_000, 200, 620)), Some(62));
        assert_eq!(share(keys(1_000, 200, 300)), Some(30));
        assert_eq!(share(keys(1_000, 200, 299)), None, "too small a share");
        assert_eq!(share(keys(99, 1, 99)), None, "too few events");
        assert_eq!(share(keys(100, 1, 100)), Some(100), "nothing but one key");
        assert_eq!(share(keys(1_000, 2, 600)), None, "one of two");
        assert_eq!(share(keys(1_000, 2, 750)), Some(75));
        assert_eq!(share(keys(1_000, 3, 400)), None, "one of three alike");
        assert_eq!(share(NewestKeys { events: 500, ..NewestKeys::default() }), None, "events without keys");
    }

    proptest! {
        /// More of the same events with that key never make it less hot, and nothing overflows.
        #[test]
        fn more_of_a_key_names_it_the_sooner(events in any::<u64>(), n in any::<u64>(), most in any::<u64>(), more in 0_u64..1_000) {
            let most = most.min(events);
            let named = hot_key(&keys(events, n, most)).is_some();
            let then = hot_key(&keys(events, n, most.saturating_add(more).min(events))).is_some();
            prop_assert!(!named || then);
        }
    }
}
