//! The flags of an event's row. Stored: numbers are never reused.

use weir_domain::{
    capture::{CapturedEvent, TimeKind, WithheldBy},
    events::{Absence, TimeMark},
};

const TOMBSTONE: i16 = 1 << 4;
const POSSIBLE_DUPLICATE: i16 = 1 << 5;
const WITHHELD: i16 = 1 << 6;
const BLANK: i16 = 1 << 7;
/// With `WITHHELD`: by a rule, not by the ceiling.
const NEVER_STORED: i16 = 1 << 8;
/// With `WITHHELD`: by the policy of its channel; and because it is not part of the sample.
const CHANNEL_POLICY: i16 = 1 << 9;
const SAMPLED_OUT: i16 = 1 << 10;
/// With `WITHHELD`: for want of room.
const OVER_BUDGET: i16 = 1 << 11;
/// With `WITHHELD`: it was kept once; its batch has a new block by now, which it is not in.
const NOT_AGAIN: i16 = 1 << 12;

/// Bits 0-1 the kind of time, 2-3 why it sorts by another, then one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) i16);

impl Flags {
    pub(crate) fn of(e: &CapturedEvent, mark: TimeMark) -> Self {
        let mark = match mark {
            TimeMark::Own => 0,
            TimeMark::NoTime => 1,
            TimeMark::Ahead => 2,
        };
        let by = match e.withheld.map(|w| w.by) {
            None => 0,
            Some(WithheldBy::Ceiling) => WITHHELD,
            Some(WithheldBy::NeverStore) => WITHHELD | NEVER_STORED,
            Some(WithheldBy::ChannelPolicy) => WITHHELD | CHANNEL_POLICY,
            Some(WithheldBy::Sample) => WITHHELD | SAMPLED_OUT,
            Some(WithheldBy::Budget) => WITHHELD | OVER_BUDGET,
        };
        let bit = |set: bool, bit: i16| if set { bit } else { 0 };
        Self(
            e.time_kind as i16
                | mark << 2
                | bit(e.tombstone(), TOMBSTONE)
                | bit(e.possible_duplicate, POSSIBLE_DUPLICATE)
                | by,
        )
    }
    pub(crate) fn time_kind(self) -> TimeKind {
        match self.0 & 3 {
            1 => TimeKind::Create,
            2 => TimeKind::Append,
            _ => TimeKind::Absent,
        }
    }
    pub(crate) fn time_mark(self) -> TimeMark {
        match self.0 >> 2 & 3 {
            0 => TimeMark::Own,
            2 => TimeMark::Ahead,
            _ => TimeMark::NoTime,
        }
    }
    pub(crate) fn tombstone(self) -> bool {
        self.0 & TOMBSTONE != 0
    }
    /// There are no bytes of it, whether or not its batch has a block.
    pub(crate) fn withheld(self) -> bool {
        self.0 & WITHHELD != 0
    }
    /// Capture kept no bytes of it: not its key either.
    pub(crate) fn never_kept(self) -> bool {
        self.withheld() && self.0 & NOT_AGAIN == 0
    }
    pub(crate) fn possible_duplicate(self) -> bool {
        self.0 & POSSIBLE_DUPLICATE != 0
    }
    /// Why its bytes were taken out or never kept; `None`: they are in their block as long as that is there.
    pub(crate) fn absence(self) -> Option<Absence> {
        let has = |bit: i16| self.0 & bit != 0;
        let withheld =
            has(WITHHELD).then_some(match self.0 & (NEVER_STORED | SAMPLED_OUT | CHANNEL_POLICY | OVER_BUDGET) {
                NEVER_STORED => WithheldBy::NeverStore,
                SAMPLED_OUT => WithheldBy::Sample,
                CHANNEL_POLICY => WithheldBy::ChannelPolicy,
                OVER_BUDGET => WithheldBy::Budget,
                _ => WithheldBy::Ceiling,
            });
        let blank = self.0 & BLANK != 0;
        if has(NOT_AGAIN) && !blank {
            return Some(Absence::Expired);
        }
        (blank || withheld.is_some()).then(|| Absence::of(withheld, blank))
    }
    pub(crate) fn blanked(self) -> Self {
        Self(self.0 | BLANK)
    }
    pub(crate) fn blank(self) -> bool {
        self.0 & BLANK != 0
    }
    /// Its bytes are in the block of its batch.
    pub(crate) fn filled(self) -> Self {
        Self(self.0 & !(WITHHELD | NEVER_STORED | CHANNEL_POLICY | SAMPLED_OUT | OVER_BUDGET | NOT_AGAIN))
    }
    /// Its bytes are gone, and its batch has a new block.
    pub(crate) fn not_filled(self) -> Self {
        if self.withheld() || self.blank() { self } else { Self(self.0 | WITHHELD | NOT_AGAIN) }
    }
}
