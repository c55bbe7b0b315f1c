//! [`Timestamp`] as `timestamptz`. Not through chrono: its range is smaller than both.

use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef},
};
use weir_domain::Timestamp;

/// 2000-01-01 in µs since 1970: PostgreSQL counts from there.
const EPOCH_2000: i64 = 946_684_800_000_000;
/// 4714-11-24 BC, the first instant a `timestamptz` can hold, in µs since 2000 (PostgreSQL: `MIN_TIMESTAMP`).
const FIRST: i64 = -211_813_488_000_000_000;

/// A time on its way to or from the database. What is too early to be held is moved to the first instant that can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ts(pub(crate) Timestamp);

impl Ts {
    /// µs since 2000, as the wire has it.
    pub(crate) fn wire(self) -> i64 {
        self.0.0.saturating_sub(EPOCH_2000).max(FIRST)
    }
    pub(crate) const fn from_wire(us: i64) -> Self {
        Self(Timestamp(us.saturating_add(EPOCH_2000)))
    }
    /// What will be read back after storing.
    pub(crate) fn stored(at: Timestamp) -> Timestamp {
        Self::from_wire(Self(at).wire()).0
    }
}

impl Type<Postgres> for Ts {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
    fn compatible(ty: &PgTypeInfo) -> bool {
        <chrono::DateTime<chrono::Utc> as Type<Postgres>>::compatible(ty)
    }
}

impl PgHasArrayType for Ts {
    fn array_type_info() -> PgTypeInfo {
        <chrono::DateTime<chrono::Utc> as PgHasArrayType>::array_type_info()
    }
    fn array_compatible(ty: &PgTypeInfo) -> bool {
        <chrono::DateTime<chrono::Utc> as PgHasArrayType>::array_compatible(ty)
    }
}

impl Encode<'_, Postgres> for Ts {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Postgres>>::encode(self.wire(), buf)
    }
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(<chrono::DateTime<chrono::Utc> as Type<Postgres>>::type_info())
    }
}

impl<'r> Decode<'r, Postgres> for Ts {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => Ok(Self::from_wire(<i64 as Decode<'r, Postgres>>::decode(value)?)),
            PgValueFormat::Text => Err("times are asked for in binary only".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_finds_a_place_and_ordinary_ones_their_own() {
        for us in [0, -1, 1, 1_790_000_000_000_000, 253_402_300_799_999_999, i64::MAX, -60_000_000_000_000_000] {
            assert_eq!(Ts::stored(Timestamp(us)).0, us);
        }
        assert_eq!(Ts(Timestamp(i64::MIN)).wire(), FIRST);
        assert_eq!(Ts(Timestamp::EPOCH).wire(), -EPOCH_2000);
    }
}
