use crate::capture::WithheldBy;
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

#[cfg(test)]
mod tests {
    use super::*;

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
