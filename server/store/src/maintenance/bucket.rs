//! Buckets (decision 3): retention class and capture period in one integer.

use weir_domain::Timestamp;

/// Which tables a bucket is a partition of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Metadata,
    Payload,
}

impl Part {
    pub(crate) const ALL: [Self; 2] = [Self::Metadata, Self::Payload];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Payload => "payload",
        }
    }
    pub(crate) const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Metadata => &["event_span", "key_segment"],
            Self::Payload => &["block", "word_segment"],
        }
    }
}

/// (days kept, code, period in hours). A bucket goes when its last event is past retention, so events stay up to one
/// period longer; periods are long enough that no class has more than some thirty buckets.
const CLASSES: [(i16, i32, i64); 5] = [(1, 1, 1), (7, 2, 6), (30, 3, 24), (90, 4, 96), (400, 5, 384)];

const PER_CLASS: i32 = 100_000_000;
const HOUR_US: i64 = 3_600_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Bucket {
    pub(crate) part: Part,
    pub(crate) id: i32,
}

impl Bucket {
    /// The bucket for events captured at `at` in a class; an unknown class counts as the longest.
    pub(crate) fn of(part: Part, class_days: i16, at: Timestamp) -> Self {
        let (_, code, hours) = CLASSES.into_iter().find(|c| c.0 >= class_days).unwrap_or(CLASSES[4]);
        // Captures before 1970 or after the year 13378 don't happen; a broken clock must still find a bucket.
        let period = at.0.div_euclid(hours * HOUR_US).clamp(0, i64::from(PER_CLASS) - 1);
        Self { part, id: code * PER_CLASS + period as i32 }
    }

    /// From its parts in a row; `None` if this program does not know the class.
    pub(crate) fn known(part: &str, id: i32) -> Option<Self> {
        let part = Part::ALL.into_iter().find(|p| p.as_str() == part)?;
        CLASSES.iter().any(|c| c.1 == id / PER_CLASS).then_some(Self { part, id })
    }

    fn class(self) -> (i16, i32, i64) {
        CLASSES.into_iter().find(|c| c.1 == self.id / PER_CLASS).unwrap_or(CLASSES[4])
    }

    pub(crate) fn class_days(self) -> i16 {
        self.class().0
    }

    /// Capture times it holds, half-open.
    pub(crate) fn bounds(self) -> (Timestamp, Timestamp) {
        let period = self.class().2 * HOUR_US;
        let n = i64::from(self.id % PER_CLASS);
        (Timestamp(n * period), Timestamp((n + 1) * period))
    }

    /// The one after it.
    pub(crate) fn next(self) -> Self {
        Self { id: self.id + i32::from(self.id % PER_CLASS < PER_CLASS - 1), ..self }
    }

    /// All it holds is past its retention from here on.
    pub(crate) fn ends(self) -> Timestamp {
        self.bounds().1.plus_secs(i64::from(self.class_days()) * 86_400)
    }

    /// This one, or that of the longest shorter class for what is stored at `at` which ends by then; of the shortest class
    /// where none does.
    pub(crate) fn no_later_than(self, end: Timestamp, at: Timestamp) -> Self {
        let shorter = CLASSES.iter().rev().filter(|c| c.0 <= self.class_days()).map(|c| Self::of(self.part, c.0, at));
        let mut shortest = self;
        for bucket in shorter {
            shortest = bucket;
            if bucket.ends() <= end {
                break;
            }
        }
        shortest
    }

    /// Names of its tables: a name of ours and a number, so they can stand in DDL.
    pub(crate) fn tables(self) -> impl Iterator<Item = (&'static str, String)> {
        self.part.tables().iter().map(move |t| (*t, format!("{t}_b{}", self.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_inside_its_bucket_and_kept_long_enough() {
        let now = Timestamp::from_millis(1_795_000_000_123);
        for (days, code, _) in CLASSES {
            let bucket = Bucket::of(Part::Payload, days, now);
            assert_eq!(bucket.id / PER_CLASS, code);
            let (from, to) = bucket.bounds();
            assert!(from <= now && now < to);
            assert_eq!(Bucket::of(Part::Payload, days, to), bucket.next());
            assert!(bucket.ends().micros_since(now) > i64::from(days) * 86_400_000_000);
            assert_eq!(Bucket::known("payload", bucket.id), Some(bucket));
        }
        let seven = Bucket::of(Part::Payload, 7, now);
        let days = |n: i64| now.plus_secs(n * 86_400);
        let ends = [days(30), seven.ends(), days(3), days(0)];
        assert_eq!(ends.map(|end| seven.no_later_than(end, now).class_days()), [7, 7, 1, 1]);
        assert_eq!(Bucket::known("payload", 7), None);
        assert_eq!(Bucket::known("other", 300_000_000), None);
        for at in [i64::MIN, -1, i64::MAX] {
            let bucket = Bucket::of(Part::Metadata, 30, Timestamp(at));
            assert_eq!(bucket.id / PER_CLASS, 3);
        }
    }
}
