use serde::{Deserialize, Serialize};

/// A day's seconds.
const DAY: u128 = 86_400;
/// Whoever looks further ahead guesses.
const FARTHEST_SECS: u128 = 400 * DAY;

/// One kind of bytes of one channel: what there is, what comes in a day, and what it comes to once as much goes as comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    pub now: u64,
    pub per_day: u64,
    pub comes_to: u64,
}

impl Flow {
    fn after(&self, secs: u128) -> u128 {
        let now = u128::from(self.now);
        let grown = now + u128::from(self.per_day) * secs / DAY;
        grown.min(u128::from(self.comes_to)).max(now)
    }
}

/// When a budget is full, at today's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forecast {
    /// Nothing is known of what comes, or there is no budget.
    Unknown,
    /// It is.
    Now,
    /// In so many seconds.
    In(u64),
    /// As much goes as comes before that, or it is further away than 400 days.
    Never,
}

/// `used`: with what is in none of the flows, which stays as it is. What is above what it comes to is taken to stay, too.
pub fn forecast(budget: Option<u64>, used: u64, flows: &[Flow]) -> Forecast {
    let Some(budget) = budget.map(u128::from) else { return Forecast::Unknown };
    if u128::from(used) >= budget {
        return Forecast::Now;
    }
    if flows.is_empty() {
        return Forecast::Unknown;
    }
    let in_flows: u128 = flows.iter().map(|f| u128::from(f.now)).sum();
    let rest = u128::from(used).saturating_sub(in_flows);
    let full = |secs: u128| rest + flows.iter().map(|f| f.after(secs)).sum::<u128>() >= budget;
    if !full(FARTHEST_SECS) {
        return Forecast::Never;
    }
    // It only grows: the first second at which it is full.
    let (mut low, mut high) = (0, FARTHEST_SECS);
    while low < high {
        let middle = low + (high - low) / 2;
        if full(middle) { high = middle } else { low = middle + 1 }
    }
    Forecast::In(u64::try_from(low).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn flow(now: u64, per_day: u64, comes_to: u64) -> Flow {
        Flow { now, per_day, comes_to }
    }

    #[test]
    fn it_is_told_by_what_comes_and_by_what_it_comes_to() {
        assert_eq!(forecast(None, 5, &[flow(1, 1, 1)]), Forecast::Unknown);
        assert_eq!(forecast(Some(100), 5, &[]), Forecast::Unknown);
        assert_eq!(forecast(Some(100), 100, &[]), Forecast::Now);
        // 50 are missing, 10 come a day.
        assert_eq!(forecast(Some(100), 50, &[flow(50, 10, 200)]), Forecast::In(5 * 86_400));
        // Retention ends the growth before.
        assert_eq!(forecast(Some(100), 50, &[flow(50, 10, 90)]), Forecast::Never);
        // One has grown, the other goes on alone: 30 in three days of both, then 20 more at 5 a day.
        assert_eq!(forecast(Some(100), 50, &[flow(25, 5, 40), flow(25, 5, 500)]), Forecast::In(7 * 86_400));
        assert_eq!(forecast(Some(1_000), 50, &[flow(50, 1, 2_000)]), Forecast::Never);
    }

    proptest! {
        #[test]
        fn more_room_is_full_later(
            budget in 1_u64..10_000, more in 1_u64..10_000,
            flows in prop::collection::vec((0_u64..500, 0_u64..500, 0_u64..3_000).prop_map(|(n, d, c)| flow(n, d, c)), 1..6)
        ) {
            let used = flows.iter().map(|f| f.now).sum();
            let secs = |f: Forecast| match f { Forecast::Now => 0, Forecast::In(n) => n, Forecast::Never | Forecast::Unknown => u64::MAX };
            let (soon, late) = (forecast(Some(budget), used, &flows), forecast(Some(budget + more), used, &flows));
            prop_assert!(secs(soon) <= secs(late));
            if let Forecast::In(n) = soon {
                let at = |n: u64| flows.iter().map(|f| f.after(n.into())).sum::<u128>();
                prop_assert!(at(n) >= budget.into() && at(n - 1) < budget.into());
            }
        }
    }
}
