//! How much comes in on a channel, over time.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What a figure of production was counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// The ends of its partitions, as they moved at the broker.
    AtBroker,
    /// What was captured, by when it was.
    Captured,
}

impl Measured {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtBroker => "at_broker",
            Self::Captured => "captured",
        }
    }
}

/// Events a second in slots of equal length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Production {
    pub measured: Measured,
    pub from: Timestamp,
    pub slot_s: i64,
    /// Oldest first; `None`: not known.
    pub per_s: Vec<Option<f64>>,
}

/// Ends of a partition: its number, and when the end was seen where (ms, end), oldest first.
pub type Ends = (i32, Vec<(i64, i64)>);

impl Production {
    /// Over `slots` slots up to the last look at the broker. A slot is known where every partition that was there at its
    /// beginning is: a part of them would look like a drop.
    pub fn at_broker(ends: &[Ends], slot_s: i64, slots: usize) -> Option<Self> {
        let to = ends.iter().filter_map(|(_, points)| points.last()).map(|p| p.0).max()?;
        let slot_ms = slot_s.max(1).saturating_mul(1_000);
        let from = to.saturating_sub(slot_ms.saturating_mul(i64::try_from(slots).unwrap_or(i64::MAX)));
        let per_s = (0..slots).map(|i| {
            let begin = from + slot_ms * i64::try_from(i).unwrap_or(0);
            let there = ends.iter().filter(|(_, points)| points.first().is_some_and(|first| first.0 <= begin));
            let each = there.map(|(_, points)| Some(end_at(points, begin + slot_ms)? - end_at(points, begin)?));
            let sums: Option<Vec<f64>> = each.collect();
            sums.filter(|all| !all.is_empty()).map(|all| all.iter().sum::<f64>().max(0.0) * 1_000.0 / slot_ms as f64)
        });
        Some(Self { measured: Measured::AtBroker, from: Timestamp::from_millis(from), slot_s, per_s: per_s.collect() })
    }

    /// Of events captured in steps of `step_s` that end at `to`, oldest first; `each` of them make a slot. Before capture
    /// began nothing is known.
    pub fn captured(counts: &[u64], step_s: i64, each: usize, to: Timestamp, begun: Option<Timestamp>) -> Option<Self> {
        let begun = begun.filter(|at| *at < to)?;
        let slot_s = step_s * i64::try_from(each).unwrap_or(1);
        let slots: Vec<&[u64]> = counts.chunks(each.max(1)).collect();
        let from = to.plus_secs(-step_s * i64::try_from(counts.len()).unwrap_or(0));
        let per_s = slots.iter().enumerate().map(|(i, some)| {
            let begin = from.plus_secs(slot_s * i64::try_from(i).unwrap_or(0));
            // Of the slot in which it began, what came in since; a part of a minute tells nothing.
            let secs = begin.plus_secs(slot_s).micros_since(begin.max(begun)) / 1_000_000;
            (secs >= 60.min(slot_s)).then(|| some.iter().sum::<u64>() as f64 / secs as f64)
        });
        Some(Self { measured: Measured::Captured, from, slot_s, per_s: per_s.collect() })
    }

    /// Slots that are known.
    pub fn known(&self) -> usize {
        self.per_s.iter().flatten().count()
    }

    /// The one that knows more; the broker's word where both know as much.
    pub fn better(at_broker: Option<Self>, captured: Option<Self>) -> Option<Self> {
        match (at_broker, captured) {
            (Some(a), Some(b)) if b.known() > a.known() => Some(b),
            (a, b) => a.or(b).filter(|p| p.known() > 0),
        }
    }

    /// Least, mean and most of what is known.
    pub fn span(&self) -> Option<(f64, f64, f64)> {
        let known: Vec<f64> = self.per_s.iter().flatten().copied().collect();
        let least = known.iter().copied().reduce(f64::min)?;
        let most = known.iter().copied().reduce(f64::max)?;
        Some((least, known.iter().sum::<f64>() / known.len() as f64, most))
    }
}

/// Where the end stood then: between two looks, as if it had moved evenly.
fn end_at(points: &[(i64, i64)], ms: i64) -> Option<f64> {
    let after = points.partition_point(|p| p.0 < ms);
    let &(at, end) = points.get(after)?;
    if at == ms {
        return Some(end as f64);
    }
    let &(before, was) = points.get(after.checked_sub(1)?)?;
    let part = (ms - before) as f64 / (at - before).max(1) as f64;
    Some(was as f64 + (end - was) as f64 * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(of: &Production) -> Vec<Option<i64>> {
        of.per_s.iter().map(|v| v.map(|v| v.round() as i64)).collect()
    }

    #[test]
    fn ends_that_move_are_events_a_second() {
        // 10 a second, then 30, seen at odd moments; the other partition stands still.
        let moving = (0, vec![(0, 0), (30_000, 300), (60_000, 600), (90_000, 1_500), (120_000, 2_400)]);
        let still = (1, vec![(0, 7), (120_000, 7)]);
        let made = Production::at_broker(&[moving.clone(), still], 60, 3).unwrap();
        assert_eq!((made.from, rounded(&made)), (Timestamp::from_millis(-60_000), vec![None, Some(10), Some(30)]));
        assert_eq!(made.span().map(|(a, b, c)| (a as i64, b as i64, c as i64)), Some((10, 20, 30)));

        // One of which nothing was heard lately: the sum of the others would look like a drop.
        let silent = (1, vec![(0, 0), (60_000, 600)]);
        let made = Production::at_broker(&[moving.clone(), silent], 60, 2).unwrap();
        assert_eq!(rounded(&made), [Some(20), None]);
        // One that is new is counted from when it was there.
        let new = (1, vec![(60_000, 0), (120_000, 60)]);
        let made = Production::at_broker(&[moving, new], 60, 2).unwrap();
        assert_eq!(rounded(&made), [Some(10), Some(31)]);
        assert_eq!(Production::at_broker(&[(0, Vec::new())], 60, 2), None);
    }

    #[test]
    fn what_was_captured_is_known_from_when_that_began() {
        let to = Timestamp::from_millis(1_200_000);
        let counts = [0, 200, 600, 0];
        // 100 s before the end of the second step.
        let begun = Some(Timestamp::from_millis(500_000));
        let made = Production::captured(&counts, 300, 1, to, begun).unwrap();
        assert_eq!(rounded(&made), [None, Some(2), Some(2), Some(0)]);
        let made = Production::captured(&counts, 300, 2, to, begun).unwrap();
        assert_eq!((made.slot_s, rounded(&made)), (600, vec![Some(2), Some(1)]));
        let late = Some(Timestamp::from_millis(570_000));
        assert_eq!(rounded(&Production::captured(&counts, 300, 1, to, late).unwrap())[1], None);
        assert_eq!(Production::captured(&counts, 300, 1, to, None), None);
    }

    #[test]
    fn the_broker_is_believed_unless_capture_knows_more() {
        let of = |measured, per_s: &[Option<f64>]| {
            Some(Production { measured, from: Timestamp::EPOCH, slot_s: 60, per_s: per_s.to_vec() })
        };
        let chosen = |a, b| Production::better(a, b).map(|p| p.measured);
        let full = of(Measured::Captured, &[Some(1.0), Some(1.0)]);
        assert_eq!(chosen(of(Measured::AtBroker, &[Some(2.0), Some(2.0)]), full.clone()), Some(Measured::AtBroker));
        assert_eq!(chosen(of(Measured::AtBroker, &[None, Some(2.0)]), full), Some(Measured::Captured));
        assert_eq!(chosen(of(Measured::AtBroker, &[None, None]), None), None);
    }
}
