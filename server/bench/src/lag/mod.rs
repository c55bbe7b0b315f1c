//! Forecasts of lag held against what came, on made-up pasts, beside two naive forecasts. Pure CPU.

mod judge;
mod losses;
mod naive;
mod series;
mod speed;

use std::ops::RangeInclusive;

/// Parameters are tuned on seeds 1 to 20 only; 101 to 120 are reported.
pub fn report(seeds: &RangeInclusive<u64>) {
    judge::report(seeds);
    losses::report(seeds);
    speed::report();
}
