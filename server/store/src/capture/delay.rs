//! Tap delay (broker's time to stored) in classes, so that percentiles can be told over any set of partitions.

/// Upper bounds in ms, each included; what is above the last falls into one more class. Stored by place: only append.
const BOUNDS: [u32; 26] = [
    1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12_000, 20_000, 30_000,
    60_000, 300_000, 3_600_000,
];

pub(crate) const CLASSES: usize = BOUNDS.len() + 1;

pub(crate) type Delays = [i64; CLASSES];

/// The class of a delay; clocks that disagree may make it negative, which counts as none.
pub(crate) fn class(ms: i64) -> usize {
    BOUNDS.partition_point(|&b| i64::from(b) < ms)
}

/// The delay in ms that `percent` of the events stay within, interpolated inside its class; `None` without events.
pub(crate) fn percentile(delays: &[i64], percent: u32) -> Option<u32> {
    let total: i64 = delays.iter().sum();
    if total <= 0 {
        return None;
    }
    let wanted = total as f64 * f64::from(percent) / 100.0;
    let mut below = 0.0;
    for (i, &n) in delays.iter().enumerate() {
        let here = n as f64;
        if here > 0.0 && below + here >= wanted {
            let from = if i == 0 { 0 } else { BOUNDS[(i - 1).min(BOUNDS.len() - 1)] };
            let to = BOUNDS.get(i).copied().unwrap_or(from);
            let share = ((wanted - below) / here).clamp(0.0, 1.0);
            return Some((f64::from(from) + share * f64::from(to - from)).round() as u32);
        }
        below += here;
    }
    BOUNDS.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_percentiles() {
        for (ms, want) in [(-5, 0), (0, 0), (1, 0), (2, 1), (4, 3), (5, 3), (6, 4), (3_600_000, 25), (i64::MAX, 26)] {
            assert_eq!(class(ms), want, "{ms}");
        }
        let mut delays = [0; CLASSES];
        assert_eq!(percentile(&delays, 50), None);
        delays[class(100)] = 90;
        delays[class(1000)] = 10;
        // 50 of the 90 between 80 and 120; the 95th in the middle of 800 to 1200.
        assert_eq!(percentile(&delays, 50), Some(102));
        assert_eq!(percentile(&delays, 95), Some(1000));
        delays = [0; CLASSES];
        delays[CLASSES - 1] = 1;
        assert_eq!(percentile(&delays, 50), Some(3_600_000));
    }
}
