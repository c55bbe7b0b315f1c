//! What is kept of a channel's events, and for how long (decisions 3, 4 and 11). The ceiling of its source lies above
//! (decision 14).

use super::{DEFAULT_TURN, TURNS, WithheldBy};
use crate::{PartitionId, Position};
use serde::{Deserialize, Serialize};

/// Days that payloads or metadata may be kept.
pub const RETENTION_DAYS: [i16; 5] = [1, 7, 30, 90, 400];

/// How much of each event of a channel is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMode {
    Full,
    /// Position, times, type and size; neither key nor headers nor payload.
    Metadata,
    /// All of some events, by a hash of the key that decides always the same way; of the others metadata.
    Sampled {
        /// Of a thousand keys: 1 to 999.
        per_mille: u16,
    },
    /// All of failed events, of the others metadata. Nothing recognises failures yet, so it can't be chosen.
    FailuresOnly,
    /// Nothing is read.
    Off,
}

impl CaptureMode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Metadata => "metadata",
            Self::Sampled { .. } => "sampled",
            Self::FailuresOnly => "failures_only",
            Self::Off => "off",
        }
    }

    /// `None`: no such word, or a sample that is none.
    pub fn parse(word: &str, per_mille: Option<u16>) -> Option<Self> {
        match (word, per_mille) {
            ("full", None) => Some(Self::Full),
            ("metadata", None) => Some(Self::Metadata),
            ("sampled", Some(per_mille @ 1..=999)) => Some(Self::Sampled { per_mille }),
            ("failures_only", None) => Some(Self::FailuresOnly),
            ("off", None) => Some(Self::Off),
            _ => None,
        }
    }

    pub const fn per_mille(self) -> Option<u16> {
        match self {
            Self::Sampled { per_mille } => Some(per_mille),
            _ => None,
        }
    }

    /// What comes out of it under a source's `capture`. A word that is not known lets nothing through.
    pub fn under(self, ceiling: &str) -> Self {
        match (ceiling, self) {
            ("full", mode) => mode,
            ("metadata", Self::Off) => Self::Off,
            ("metadata", _) => Self::Metadata,
            _ => Self::Off,
        }
    }

    /// Why the bytes of an event are not stored; `None`: they are.
    pub fn withholds(self, of: &SampledBy<'_>) -> Option<WithheldBy> {
        match self {
            Self::Full => None,
            Self::Sampled { per_mille } => (!of.is_sampled(per_mille)).then_some(WithheldBy::Sample),
            Self::Metadata | Self::FailuresOnly | Self::Off => Some(WithheldBy::ChannelPolicy),
        }
    }

    /// How much of the bytes it keeps, of a thousand; what has not come yet can't be known better.
    pub const fn share_per_mille(self) -> u16 {
        match self {
            Self::Full => 1000,
            Self::Sampled { per_mille } => per_mille,
            Self::Metadata | Self::FailuresOnly | Self::Off => 0,
        }
    }
}

/// What is kept of a partition's events at the moment: its channel's policy, and whether there is room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    pub mode: CaptureMode,
    /// The store's budget is used up and the channel gives way: metadata only.
    pub over_budget: bool,
    /// Tombstones erase the earlier events of their keys.
    pub erase_on_tombstone: bool,
}

impl Keeping {
    /// Why the bytes of an event are not stored; `None`: they are. What the policy would not keep either is the policy's.
    pub fn withholds(self, of: &SampledBy<'_>) -> Option<WithheldBy> {
        self.mode.withholds(of).or(self.over_budget.then_some(WithheldBy::Budget))
    }
    pub const fn all(self) -> bool {
        matches!(self, Self { mode: CaptureMode::Full, over_budget: false, .. })
    }
}

impl From<CaptureMode> for Keeping {
    fn from(mode: CaptureMode) -> Self {
        Self { mode, over_budget: false, erase_on_tombstone: false }
    }
}

/// What decides whether an event belongs to the sample.
#[derive(Debug, Clone, Copy)]
pub struct SampledBy<'a> {
    /// Of the flow that it belongs to, where it carries one: what belongs together stays together. Flows come later.
    pub root_key: Option<&'a [u8]>,
    pub key: Option<&'a [u8]>,
    pub partition: PartitionId,
    pub position: Position,
}

impl SampledBy<'_> {
    /// The same key always the same way, on every machine and in every version.
    pub fn is_sampled(&self, per_mille: u16) -> bool {
        let hash = match self.root_key.or(self.key) {
            Some(key) => spread(fnv(key)),
            None => spread(spread(self.partition.0.cast_unsigned()) ^ self.position.0.cast_unsigned()),
        };
        // The upper half times 1000, without its lower 32 bits: even to some billionths.
        ((hash >> 32) * 1000) >> 32 < u64::from(per_mille)
    }
}

/// FNV-1a, 64 bits (draft-eastlake-fnv).
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// The last step of SplitMix64 (Steele, Lea, Flood 2014): each bit of the sum moves every bit of the result.
const fn spread(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// What an administrator decides for one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPolicy {
    pub mode: CaptureMode,
    /// Days, of [`RETENTION_DAYS`].
    pub payload_days: i16,
    pub metadata_days: i16,
    /// The most bytes of payload blocks; above it the oldest go.
    pub payload_limit: Option<u64>,
    /// When the channel gives way as the store's budget fills, of [`TURNS`].
    pub turn: u8,
    /// An event without payload erases the earlier ones of its key.
    pub erase_on_tombstone: bool,
}

impl ChannelPolicy {
    /// The least limit: one block of large events must fit.
    pub const LEAST_LIMIT: u64 = 1_000_000;
    pub const MOST_LIMIT: u64 = 1_000_000_000_000_000;

    /// What it is where nobody decided anything.
    pub const DEFAULT: Self = Self {
        mode: CaptureMode::Full,
        payload_days: 7,
        metadata_days: 30,
        payload_limit: None,
        turn: DEFAULT_TURN,
        erase_on_tombstone: false,
    };

    /// What can't be, in a sentence.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), String> {
        if self.mode == CaptureMode::FailuresOnly {
            return Err("Failures only can't be chosen yet: nothing in Weir recognises a failure so far.".into());
        }
        if let CaptureMode::Sampled { per_mille } = self.mode
            && !(1..=999).contains(&per_mille)
        {
            return Err("A sample is more than 0 and less than 100 %, to one decimal: 0.1 to 99.9.".into());
        }
        for (what, days) in [("Payloads", self.payload_days), ("Metadata", self.metadata_days)] {
            if !RETENTION_DAYS.contains(&days) {
                return Err(format!("{what} can be kept for 1, 7, 30, 90 or 400 days, not for {days}."));
            }
        }
        if self.payload_days > self.metadata_days {
            return Err(format!(
                "Payloads for {} days need metadata for as long, and that goes after {}: without it no event leads to its payload.",
                self.payload_days, self.metadata_days
            ));
        }
        if !TURNS.contains(&self.turn) {
            return Err("A channel's turn is a number from 1 (gives way first) to 9 (last).".into());
        }
        match self.payload_limit {
            Some(limit) if !(Self::LEAST_LIMIT..=Self::MOST_LIMIT).contains(&limit) => {
                Err("A limit of payload bytes is 1 MB to 1,000,000 GB.".into())
            }
            _ => Ok(()),
        }
    }

    /// What is given up by going from `before` to this: each in a sentence. Empty: nothing.
    pub fn gives_up(&self, before: &Self) -> Vec<&'static str> {
        let mut lost = Vec::new();
        let rank = |mode: CaptureMode| (mode != CaptureMode::Off, mode.share_per_mille());
        if self.mode == CaptureMode::Off && before.mode != CaptureMode::Off {
            lost.push("Nothing of the channel is read any more: what comes meanwhile is missing for good, and recorded as a gap when capture goes on.");
        } else if rank(self.mode) < rank(before.mode) {
            lost.push("Keys, headers and payloads of events to come are not stored any more, or only of a sample.");
        }
        if self.payload_days < before.payload_days {
            lost.push(
                "Payloads that are older than the new retention are deleted within minutes, and can't be brought back.",
            );
        }
        if self.metadata_days < before.metadata_days {
            lost.push("Events that are older than the new retention are gone from every page at once, and deleted within minutes. They can't be brought back.");
        }
        if self.erase_on_tombstone && !before.erase_on_tombstone {
            lost.push("From now on each event without payload erases the key, headers and payload of all earlier events of its key, without asking anybody again. They can't be brought back.");
        }
        if self.payload_limit.is_some_and(|limit| before.payload_limit.is_none_or(|b| limit < b)) {
            lost.push("Where the channel's payloads are above the limit, the oldest are deleted within minutes, and can't be brought back.");
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: Option<&[u8]>, position: i64) -> SampledBy<'_> {
        SampledBy { root_key: None, key, partition: PartitionId(7), position: Position(position) }
    }

    #[test]
    fn the_same_key_goes_the_same_way_for_ever() {
        // Written down once: whoever changes the hash changes what stored samples mean.
        let kept: Vec<u32> = (0..40).filter(|n| of(Some(format!("ord-{n}").as_bytes()), 0).is_sampled(250)).collect();
        assert_eq!(kept, KEPT);
        for n in 0..40_i64 {
            let key = format!("ord-{n}");
            let at = |position| of(Some(key.as_bytes()), position).is_sampled(250);
            assert_eq!(at(1), at(99));
            let root = SampledBy { root_key: Some(key.as_bytes()), ..of(Some(b"other"), 5) };
            assert_eq!(root.is_sampled(250), at(0), "the flow's key comes before the event's own");
        }
    }
    const KEPT: &[u32] = &[0, 2, 5, 8, 19, 27, 29, 39];

    #[test]
    fn a_sample_is_as_large_as_it_says() {
        for per_mille in [1_u16, 10, 250, 500, 999] {
            let n = 200_000_i64;
            let keyed = (0..n).filter(|n| of(Some(n.to_string().as_bytes()), 0).is_sampled(per_mille)).count();
            let unkeyed = (0..n).filter(|n| of(None, *n).is_sampled(per_mille)).count();
            let want = f64::from(per_mille) / 1000.0 * n as f64;
            // Six times the deviation of as many independent draws.
            let near = 6.0 * (want * (1.0 - f64::from(per_mille) / 1000.0)).sqrt();
            for got in [keyed, unkeyed] {
                assert!((got as f64 - want).abs() < near, "{per_mille}: {got}, not {want}");
            }
        }
    }

    #[test]
    fn more_of_a_sample_keeps_what_a_smaller_one_kept() {
        for n in 0..1000 {
            assert!(!of(None, n).is_sampled(100) || of(None, n).is_sampled(101));
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        use CaptureMode::{FailuresOnly, Full, Metadata, Off, Sampled};
        for mode in [Full, Metadata, Sampled { per_mille: 5 }, FailuresOnly, Off] {
            assert_eq!(CaptureMode::parse(mode.as_str(), mode.per_mille()), Some(mode));
        }
        for (word, n) in
            [("sampled", None), ("sampled", Some(0)), ("sampled", Some(1000)), ("full", Some(5)), ("", None)]
        {
            assert_eq!(CaptureMode::parse(word, n), None, "{word} {n:?}");
        }
    }

    #[test]
    fn the_ceiling_lies_above() {
        use CaptureMode::{Full, Metadata, Off, Sampled};
        let sample = Sampled { per_mille: 5 };
        for (mode, ceiling, want) in [
            (Full, "full", Full),
            (sample, "full", sample),
            (Full, "metadata", Metadata),
            (sample, "metadata", Metadata),
            (Off, "metadata", Off),
            (Full, "off", Off),
            (Full, "a newer word", Off),
        ] {
            assert_eq!(mode.under(ceiling), want, "{mode:?} under {ceiling}");
        }
    }

    #[test]
    fn want_of_room_is_told_where_the_policy_would_have_kept_it() {
        let sample = Keeping { over_budget: true, ..CaptureMode::Sampled { per_mille: 500 }.into() };
        let why: Vec<_> = (0..100).map(|n| sample.withholds(&of(Some(format!("k{n}").as_bytes()), n))).collect();
        assert!(
            why.contains(&Some(WithheldBy::Budget)) && why.contains(&Some(WithheldBy::Sample)) && !why.contains(&None)
        );
        let full = Keeping::from(CaptureMode::Full);
        assert!(full.all() && full.withholds(&of(None, 1)).is_none());
    }

    #[test]
    fn what_can_not_be_is_said() {
        let good = ChannelPolicy::DEFAULT;
        assert_eq!(good.check(), Ok(()));
        let bad = [
            ChannelPolicy { mode: CaptureMode::FailuresOnly, ..good },
            ChannelPolicy { mode: CaptureMode::Sampled { per_mille: 1000 }, ..good },
            ChannelPolicy { payload_days: 8, ..good },
            ChannelPolicy { payload_days: 90, ..good },
            ChannelPolicy { payload_limit: Some(10), ..good },
            ChannelPolicy { turn: 0, ..good },
            ChannelPolicy { turn: 10, ..good },
        ];
        for policy in bad {
            assert!(policy.check().is_err(), "{policy:?}");
        }
    }

    #[test]
    fn what_a_change_gives_up_is_named() {
        let full = ChannelPolicy::DEFAULT;
        let with = |mode| ChannelPolicy { mode, ..full };
        assert!(full.gives_up(&full).is_empty() && full.gives_up(&with(CaptureMode::Off)).is_empty());
        assert_eq!(with(CaptureMode::Off).gives_up(&full).len(), 1);
        assert_eq!(with(CaptureMode::Metadata).gives_up(&full).len(), 1);
        assert!(with(CaptureMode::Metadata).gives_up(&with(CaptureMode::Off)).is_empty());
        let less = ChannelPolicy { payload_days: 1, metadata_days: 7, payload_limit: Some(5_000_000), ..full };
        assert_eq!(less.gives_up(&full).len(), 3);
        assert!(full.gives_up(&less).is_empty());
        let erasing = ChannelPolicy { erase_on_tombstone: true, turn: 1, ..full };
        assert_eq!((erasing.gives_up(&full).len(), full.gives_up(&erasing).len()), (1, 0));
    }
}
