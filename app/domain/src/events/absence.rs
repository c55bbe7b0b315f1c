use crate::capture::{CaptureMode, WithheldBy};
use serde::{Deserialize, Serialize};

/// Why key, headers and payload of a stored event are not there. Null, empty and masked are other things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The capture ceiling of its source keeps metadata only (decision 14).
    MetadataOnly,
    /// The policy of its channel keeps metadata only.
    ChannelPolicy,
    /// The policy of its channel keeps a sample, and it is not part of it (decision 11).
    SampledOut,
    /// The store's budget was used up, and its channel gave way.
    OverBudget,
    /// A *never store* rule covers it and could not be applied to a part of it alone (decision 9).
    NeverStored,
    /// Somebody had it taken out of the store (decision 4).
    Erased,
    /// The payload's retention has passed; metadata outlives it.
    Expired,
    /// The payload was deleted before its time: of more than its channel may have, by a shorter retention, or for want of
    /// room.
    GivenUp,
}

impl Absence {
    /// The reason for bytes that are not there: what a person did comes before what was never kept, and only
    /// what neither explains was retention.
    pub const fn of(withheld: Option<WithheldBy>, erased: bool) -> Self {
        match (erased, withheld) {
            (true, _) => Self::Erased,
            (_, Some(WithheldBy::NeverStore)) => Self::NeverStored,
            (_, Some(WithheldBy::Ceiling)) => Self::MetadataOnly,
            (_, Some(WithheldBy::ChannelPolicy)) => Self::ChannelPolicy,
            (_, Some(WithheldBy::Sample)) => Self::SampledOut,
            (_, Some(WithheldBy::Budget)) => Self::OverBudget,
            (_, None) => Self::Expired,
        }
    }

    /// May the broker be asked for them? What was erased, or must never be kept, is not brought back by the back door.
    pub const fn may_be_read_live(self) -> bool {
        match self {
            Self::MetadataOnly | Self::ChannelPolicy | Self::SampledOut | Self::OverBudget => true,
            Self::Expired | Self::GivenUp => true,
            Self::NeverStored | Self::Erased => false,
        }
    }
}

/// May the broker be asked for an event's bytes? The one place where that is judged: by what its row says, and by the ceiling
/// (`capture`) of its source as it is today. `row`: `None` where there is none, or no more. Then nothing tells whether the
/// event was one that must never be stored, so it is read only of a source whose owner lets Weir store everything.
pub fn readable_at_broker(row: Option<Option<Absence>>, ceiling: &str) -> bool {
    match (CaptureMode::Full.under(ceiling), row) {
        (CaptureMode::Off, _) => false,
        (_, Some(absent)) => absent.is_none_or(Absence::may_be_read_live),
        (lets, None) => lets == CaptureMode::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_row_tells_what_an_event_was_the_ceiling_does() {
        let of = |row| ["full", "metadata", "off", "a newer word"].map(|ceiling| readable_at_broker(row, ceiling));
        assert_eq!(of(None), [true, false, false, false]);
        assert_eq!(of(Some(None)), [true, true, false, false]);
        assert_eq!(of(Some(Some(Absence::MetadataOnly))), [true, true, false, false]);
        assert_eq!(of(Some(Some(Absence::NeverStored))), [false; 4]);
        assert_eq!(of(Some(Some(Absence::Erased))), [false; 4]);
    }

    #[test]
    fn each_reason_is_told_from_the_others() {
        let ceiling = Some(WithheldBy::Ceiling);
        assert_eq!(Absence::of(None, false), Absence::Expired);
        assert_eq!(Absence::of(ceiling, false), Absence::MetadataOnly);
        assert_eq!(Absence::of(Some(WithheldBy::NeverStore), false), Absence::NeverStored);
        assert_eq!(Absence::of(Some(WithheldBy::ChannelPolicy), false), Absence::ChannelPolicy);
        assert_eq!(Absence::of(Some(WithheldBy::Sample), false), Absence::SampledOut);
        assert_eq!(Absence::of(Some(WithheldBy::Budget), false), Absence::OverBudget);
        assert_eq!([None, ceiling].map(|w| Absence::of(w, true)), [Absence::Erased; 2]);
    }
}
