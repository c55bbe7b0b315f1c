//! Where a group's lag goes: when it is drained, or that it never will be, and when retention takes what is unread.
//!
//! | module | holds |
//! |---|---|
//! | `profile` | what is kept of a group's past on one channel, brought up to date with each observation in constant time |
//! | `arriving` | how many events will arrive: several simple guesses, weighed by how well each did |
//! | `reading` | how fast the group reads while it is behind |
//! | `outlook` | lag carried forward from both, with a band |
//! | `loss` | when retention deletes what has not been read |
//!
//! Nothing here fails or panics, whatever is put in: positions that go back, times out of order and sums that overflow cost
//! accuracy only. How good it is: BENCHMARKS.md, from the back-test in `server/bench`.

mod arriving;
mod loss;
mod outlook;
mod profile;
mod reading;
#[cfg(test)]
mod tests;

pub use loss::{Kept, Unread, first_loss, positions_expire};
pub use outlook::{Ahead, Outlook, Restart};
pub use profile::Profile;

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A group on one channel at one moment, all partitions added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub at: Timestamp,
    /// Sum of ends.
    pub end: i64,
    /// Sum of the next positions to be read.
    pub next: i64,
}

impl Point {
    /// Unread events.
    pub const fn lag(&self) -> u64 {
        let lag = self.end.saturating_sub(self.next);
        if lag < 0 { 0 } else { lag.unsigned_abs() }
    }
}

/// What was observed of a group on one channel, each part oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// Every 10 s or so.
    pub recent: Vec<Point>,
    /// From before `recent`, every 5 minutes or so.
    pub older: Vec<Point>,
}

/// Forecasts work in slots of half an hour, counted from 1970.
const SLOT: i64 = 1800;
const SLOTS_A_DAY: usize = 48;

/// Seconds from `earlier` to `later`.
fn secs_between(earlier: Timestamp, later: Timestamp) -> f64 {
    later.micros_since(earlier) as f64 / 1e6
}

/// `secs` after a time; bounded by what a [`Timestamp`] holds.
fn after(at: Timestamp, secs: f64) -> Timestamp {
    at.plus_micros((secs * 1e6) as i64)
}

/// Moves an estimate of a quantile of positive numbers, in proportion to itself: `share` of what comes is below it.
fn nudge(estimate: f32, seen: f64, share: f32, step: f32) -> f32 {
    if seen > f64::from(estimate) { estimate * (step * share).exp() } else { estimate * (-step * (1.0 - share)).exp() }
}

/// Numbers with three digits: kept state is short, and no forecast is better than that.
mod short {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    fn rounded(x: f32) -> f32 {
        if !x.is_finite() || x == 0.0 {
            return 0.0;
        }
        let scale = 10f64.powi(2 - f64::from(x).abs().log10().floor() as i32);
        ((f64::from(x) * scale).round() / scale) as f32
    }

    pub fn serialize<S: Serializer>(numbers: &[f32], s: S) -> Result<S::Ok, S::Error> {
        numbers.iter().map(|x| rounded(*x)).collect::<Vec<_>>().serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f32>, D::Error> {
        Vec::deserialize(d)
    }
}
