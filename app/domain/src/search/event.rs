use super::{Decoded, NameField, NumberField};
use crate::Timestamp;

/// A part of an event that may not be there to be looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<T> {
    Shown(T),
    /// Whoever asks may not see it.
    Masked,
    /// It is not in the store.
    Absent,
}

impl<T: Copy> Part<T> {
    pub const fn shown(&self) -> Option<T> {
        match self {
            Self::Shown(part) => Some(*part),
            Self::Masked | Self::Absent => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderBytes<'a> {
    pub name: &'a [u8],
    /// `None` is a null header.
    pub value: Option<&'a [u8]>,
}

/// An event as a search looks at it. Texts and bytes are borrowed: nothing is copied to be searched.
#[derive(Debug, Clone, Copy)]
pub struct Searched<'a> {
    pub event_type: &'a str,
    pub channel: &'a str,
    pub source: &'a str,
    pub environment: &'a str,
    /// The broker's number of the partition.
    pub partition: i32,
    pub offset: i64,
    /// Bytes of key, headers and payload.
    pub size: u64,
    /// The time it is sorted by.
    pub time: Timestamp,
    pub captured_at: Timestamp,
    /// `Shown(None)` is a null key.
    pub key: Part<Option<&'a [u8]>>,
    pub headers: Part<&'a [HeaderBytes<'a>]>,
    /// `Shown(None)` is a tombstone.
    pub payload: Part<Option<&'a [u8]>>,
    /// How the payload reads, where there is one.
    pub decoded: Decoded<&'a [u8]>,
}

impl<'a> Searched<'a> {
    /// With nothing beside its bytes: for what asks of those alone.
    pub const fn of_bytes(
        key: Part<Option<&'a [u8]>>,
        headers: Part<&'a [HeaderBytes<'a>]>,
        payload: Part<Option<&'a [u8]>>,
    ) -> Self {
        Self {
            event_type: "",
            channel: "",
            source: "",
            environment: "",
            partition: 0,
            offset: 0,
            size: 0,
            time: Timestamp::EPOCH,
            captured_at: Timestamp::EPOCH,
            key,
            headers,
            payload,
            decoded: Decoded::AsSent,
        }
    }
}

impl Searched<'_> {
    pub(super) const fn name(&self, field: NameField) -> &str {
        match field {
            NameField::Type => self.event_type,
            NameField::Channel => self.channel,
            NameField::Source => self.source,
            NameField::Environment => self.environment,
        }
    }
    pub(super) fn number(&self, field: NumberField) -> i64 {
        match field {
            NumberField::Partition => i64::from(self.partition),
            NumberField::Offset => self.offset,
            NumberField::Size => i64::try_from(self.size).unwrap_or(i64::MAX),
            NumberField::Time => self.time.0,
            NumberField::Captured => self.captured_at.0,
        }
    }
}

/// Does an event match? What depends on a part that is masked or absent is `Unknown` and no match, under `NOT` too:
/// it can't be told from the answer what stands there, and nobody finds an event that they would not find if they saw
/// more of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    No,
    Unknown,
    Yes,
}

impl Verdict {
    pub const fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Yes)
    }
    /// Three-valued logic (Kleene).
    pub(super) const fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

/// The least of them, asking no further than needed.
pub(super) fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut least = Verdict::Yes;
    for v in verdicts {
        match v {
            Verdict::No => return Verdict::No,
            Verdict::Unknown => least = Verdict::Unknown,
            Verdict::Yes => {}
        }
    }
    least
}

/// The best of them.
pub(super) fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    all(verdicts.map(Verdict::not)).not()
}
