use crate::{Timestamp, capture::TimeKind};
use serde::{Deserialize, Serialize};

/// Why an event sorts by the time it was captured instead of its own (decision 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeMark {
    /// Sorts by its own event time.
    Own,
    /// The broker gave none, or a negative one (Kafka: -1 is "no timestamp").
    NoTime,
    /// Over an hour ahead of capture.
    Ahead,
}

const HOUR: i64 = 3_600_000_000;

/// The time an event is sorted, ranged and counted by, and why. Kafka's -1 means none (KIP-32).
pub fn sort_time(kind: TimeKind, broker_ms: Option<i64>, captured_at: Timestamp) -> (Timestamp, TimeMark) {
    match (kind, broker_ms) {
        (TimeKind::Absent, _) | (_, None) => (captured_at, TimeMark::NoTime),
        (_, Some(ms)) if ms < 0 => (captured_at, TimeMark::NoTime),
        (_, Some(ms)) => {
            let own = Timestamp::from_millis(ms);
            if own.micros_since(captured_at) > HOUR { (captured_at, TimeMark::Ahead) } else { (own, TimeMark::Own) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_times() {
        let now = Timestamp::from_millis(1_790_000_000_000);
        for (kind, ms, want) in [
            (TimeKind::Create, Some(-1), (now, TimeMark::NoTime)),
            (TimeKind::Create, Some(0), (Timestamp::EPOCH, TimeMark::Own)),
            (TimeKind::Create, Some(253_402_300_799_000), (now, TimeMark::Ahead)),
            (TimeKind::Create, Some(i64::MAX), (now, TimeMark::Ahead)),
            (TimeKind::Append, Some(1_790_000_000_000 + 3_600_000), (now.plus_secs(3600), TimeMark::Own)),
            (TimeKind::Append, Some(1_790_000_000_000 + 3_600_001), (now, TimeMark::Ahead)),
            (TimeKind::Absent, Some(5), (now, TimeMark::NoTime)),
            (TimeKind::Create, None, (now, TimeMark::NoTime)),
        ] {
            assert_eq!(sort_time(kind, ms, now), want, "{kind:?} {ms:?}");
        }
    }
}
