use serde::Serialize;
use weir_broker::EstimatedRead;

use super::sample::Sample;

/// Bytes of one event's row with its index entries, measured (BENCHMARKS.md, Store).
const ROW_BYTES: f64 = 200.0;
const DAY_SECS: f64 = 86_400.0;

/// How long payloads and rows are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub payload_days: u32,
    pub metadata_days: u32,
}

/// What capturing one channel would cost. `None` is not known, never 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelEstimate {
    pub channel: String,
    pub partitions: usize,
    /// Positions of the last 24 h: transactions and compaction make the events fewer.
    pub events_per_day: Option<u64>,
    /// Key, headers and payload.
    pub raw_bytes_per_day: Option<u64>,
    /// On Weir's disk with `capture = "full"`.
    pub stored_bytes_per_day: Option<u64>,
    /// The same with `capture = "metadata"`.
    pub metadata_bytes_per_day: Option<u64>,
    /// One more reader takes this from the broker, mean over the last 24 h.
    pub added_bytes_per_s: Option<u64>,
    /// What the broker holds now: read once with `start = "earliest"`.
    pub there_events: Option<u64>,
    pub there_bytes: Option<u64>,
    /// Events looked at for the sizes, and thrown away.
    pub sampled: u64,
    /// Partitions that can't be read now, or why nothing is known.
    pub problem: Option<String>,
    #[serde(skip)]
    packed_per_event: Option<f64>,
}

impl ChannelEstimate {
    pub(super) fn unknown(channel: String, partitions: usize, problem: String) -> Self {
        Self {
            channel,
            partitions,
            events_per_day: None,
            raw_bytes_per_day: None,
            stored_bytes_per_day: None,
            metadata_bytes_per_day: None,
            added_bytes_per_s: None,
            there_events: None,
            there_bytes: None,
            sampled: 0,
            problem: Some(problem),
            packed_per_event: None,
        }
    }

    /// `unread`: partitions without a leader. `day` and `all`: since yesterday, and since the earliest.
    pub(super) fn new(
        channel: String,
        partitions: usize,
        unread: usize,
        day: EstimatedRead,
        all: EstimatedRead,
        sample: &Sample,
    ) -> Self {
        let per_event = |bytes: u64| (sample.records > 0).then(|| bytes as f64 / sample.records as f64);
        let (raw, packed) = (per_event(sample.raw_bytes), per_event(sample.packed_bytes));
        // Nothing came in a day: then its bytes are known to be none, whatever an event would weigh.
        let daily = |each: Option<f64>| match day.records {
            Some(0) => Some(0),
            Some(n) => each.map(|bytes| whole(n as f64 * bytes)),
            None => None,
        };
        // The broker's own sizes are what travels; without the right to see them, the sample as it came.
        let wire = day.bytes.or_else(|| daily(raw));
        Self {
            channel,
            partitions,
            events_per_day: day.records,
            raw_bytes_per_day: daily(raw),
            stored_bytes_per_day: daily(packed.map(|p| p + ROW_BYTES)),
            metadata_bytes_per_day: daily(Some(ROW_BYTES)),
            added_bytes_per_s: wire.map(|bytes| whole(bytes as f64 / DAY_SECS)),
            there_events: all.records,
            there_bytes: all.bytes,
            sampled: sample.records,
            problem: (unread > 0).then(|| format!("{unread} of {partitions} partitions can't be read now")),
            packed_per_event: packed,
        }
    }

    /// On disk once retention has come round.
    pub fn stored_at_retention(&self, kept: Kept) -> Option<u64> {
        let events = self.events_per_day? as f64;
        let packed = if self.events_per_day == Some(0) { 0.0 } else { self.packed_per_event? };
        Some(whole(events * (packed * f64::from(kept.payload_days) + ROW_BYTES * f64::from(kept.metadata_days))))
    }
}

/// Sums of what is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    pub channels: usize,
    /// Channels of which something is not known: the sums are "at least".
    pub unknown: usize,
    pub events_per_day: u64,
    pub raw_bytes_per_day: u64,
    pub stored_bytes_per_day: u64,
    pub metadata_bytes_per_day: u64,
    pub stored_bytes_at_retention: u64,
    pub added_bytes_per_s: u64,
    pub there_bytes: u64,
}

impl Total {
    pub fn of(channels: &[ChannelEstimate], kept: Kept) -> Self {
        let mut total = Self { channels: channels.len(), ..Self::default() };
        for c in channels {
            let at_retention = c.stored_at_retention(kept);
            total.unknown += usize::from(at_retention.is_none());
            for (sum, one) in [
                (&mut total.events_per_day, c.events_per_day),
                (&mut total.raw_bytes_per_day, c.raw_bytes_per_day),
                (&mut total.stored_bytes_per_day, c.stored_bytes_per_day),
                (&mut total.metadata_bytes_per_day, c.metadata_bytes_per_day),
                (&mut total.stored_bytes_at_retention, at_retention),
                (&mut total.added_bytes_per_s, c.added_bytes_per_s),
                (&mut total.there_bytes, c.there_bytes),
            ] {
                *sum = sum.saturating_add(one.unwrap_or(0));
            }
        }
        total
    }
}

fn whole(x: f64) -> u64 {
    // Saturates; negative and NaN can't come of sizes and counts.
    x.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Kept = Kept { payload_days: 7, metadata_days: 30 };

    fn read(records: u64, bytes: Option<u64>) -> EstimatedRead {
        EstimatedRead { records: Some(records), bytes }
    }

    fn sample() -> Sample {
        Sample { records: 100, raw_bytes: 63_000, packed_bytes: 13_000 }
    }

    #[test]
    fn a_day_is_its_events_times_what_one_weighs() {
        let c =
            ChannelEstimate::new("c".into(), 6, 0, read(864_000, Some(172_800_000)), read(2_000_000, None), &sample());
        assert_eq!(c.raw_bytes_per_day, Some(864_000 * 630));
        assert_eq!(c.stored_bytes_per_day, Some(864_000 * 330));
        assert_eq!(c.metadata_bytes_per_day, Some(864_000 * 200));
        assert_eq!(c.added_bytes_per_s, Some(2_000), "as the broker's sizes say");
        assert_eq!(c.stored_at_retention(KEPT), Some(864_000 * (130 * 7 + 200 * 30)));
    }

    #[test]
    fn what_is_not_known_is_not_nothing() {
        let none = Sample::default();
        let c = ChannelEstimate::new("c".into(), 1, 1, read(10, None), read(10, None), &none);
        assert_eq!((c.raw_bytes_per_day, c.stored_at_retention(KEPT), c.added_bytes_per_s), (None, None, None));
        assert_eq!(c.problem.as_deref(), Some("1 of 1 partitions can't be read now"));
        let quiet = ChannelEstimate::new("q".into(), 1, 0, read(0, None), read(0, None), &none);
        assert_eq!((quiet.raw_bytes_per_day, quiet.stored_at_retention(KEPT)), (Some(0), Some(0)));
        let total = Total::of(&[c, quiet, ChannelEstimate::unknown("x".into(), 1, "no answer".into())], KEPT);
        assert_eq!((total.channels, total.unknown, total.events_per_day), (3, 2, 10));
    }
}
