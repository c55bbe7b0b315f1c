use weir_domain::capture::{Cursor, Incarnation};

/// Next offset and the epoch of what stands before it, as Kafka's connector keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub next: i64,
    pub epoch: i32,
}

impl Place {
    pub fn to_cursor(self) -> Cursor {
        let mut bytes = self.next.to_be_bytes().to_vec();
        bytes.extend(self.epoch.to_be_bytes());
        Cursor(bytes)
    }

    /// Without an epoch: only a log that ends below it is known to be cut.
    pub const fn bare(next: i64) -> Self {
        Self { next, epoch: i32::MAX }
    }

    /// `None` if the bytes are no cursor of this broker.
    pub fn of(cursor: &Cursor) -> Option<Self> {
        let (next, epoch) = cursor.0.split_first_chunk::<8>()?;
        Some(Self { next: i64::from_be_bytes(*next), epoch: i32::from_be_bytes(epoch.try_into().ok()?) })
    }
}

/// The incarnation of a channel as discovery sees it.
pub(super) fn incarnation(channel: u64) -> Incarnation {
    Incarnation(channel.to_be_bytes().to_vec())
}

/// The one that follows when a log was cut: the same channel, told apart by the epoch after the cut.
pub(super) fn after_cut(channel: u64, epoch: i32) -> Incarnation {
    let mut bytes = channel.to_be_bytes().to_vec();
    bytes.extend(epoch.to_be_bytes());
    Incarnation(bytes)
}

/// Whether `incarnation` is one of this channel, cut or not.
pub(super) fn belongs(incarnation: &Incarnation, channel: u64) -> bool {
    incarnation.0.starts_with(&channel.to_be_bytes())
}
