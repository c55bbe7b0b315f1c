//! A cursor is the consumer's next offset and the leader epoch of the batch before it, so that a log that was cut
//! is found out (KIP-320). An incarnation is the topic id, and for a log that was cut also the epoch after the cut.

use weir_domain::capture::{Cursor, Incarnation};

/// Topic id as the protocol gives it; all zeros from brokers before 2.8, where a re-created topic can't be told.
pub(crate) type TopicId = [u8; 16];

/// Where a partition is read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub next: i64,
    /// -1 if unknown.
    pub epoch: i32,
}

/// First byte of a cursor, to be able to change what follows.
const VERSION: u8 = 1;

impl Place {
    pub fn to_cursor(self) -> Cursor {
        let mut bytes = Vec::with_capacity(13);
        bytes.push(VERSION);
        bytes.extend(self.next.to_be_bytes());
        bytes.extend(self.epoch.to_be_bytes());
        Cursor(bytes)
    }

    /// `None` for bytes that are no cursor of this connector.
    pub fn of(cursor: &Cursor) -> Option<Self> {
        let (&VERSION, rest) = cursor.0.split_first()? else { return None };
        let (next, epoch) = rest.split_first_chunk::<8>()?;
        Some(Self { next: i64::from_be_bytes(*next), epoch: i32::from_be_bytes(epoch.try_into().ok()?) })
    }
}

pub(crate) fn incarnation(id: TopicId) -> Incarnation {
    Incarnation(id.to_vec())
}

/// The incarnation that follows a cut: each cut comes with a new leader epoch.
pub(crate) fn after_cut(id: TopicId, leader_epoch: i32) -> Incarnation {
    let mut bytes = id.to_vec();
    bytes.extend(leader_epoch.to_be_bytes());
    Incarnation(bytes)
}

/// The topic an incarnation belongs to.
pub(crate) fn topic_id(incarnation: &Incarnation) -> Option<TopicId> {
    incarnation.0.first_chunk::<16>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_bytes_and_nothing_else_passes_for_one() {
        for place in [Place { next: 0, epoch: -1 }, Place { next: i64::MAX, epoch: i32::MAX }] {
            assert_eq!(Place::of(&place.to_cursor()), Some(place));
        }
        let bytes = Place { next: 7, epoch: 3 }.to_cursor().0;
        for bad in [&[][..], &bytes[..12], &[&bytes[..], &[0]].concat(), &[2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 3]] {
            assert_eq!(Place::of(&Cursor(bad.to_vec())), None, "{bad:?}");
        }
    }

    #[test]
    fn a_cut_log_stays_in_its_topic() {
        let id = [9; 16];
        assert_eq!(topic_id(&incarnation(id)), Some(id));
        assert_eq!(topic_id(&after_cut(id, 4)), Some(id));
        assert_ne!(after_cut(id, 4), after_cut(id, 5));
        assert_ne!(after_cut(id, 4), incarnation(id));
        assert_eq!(topic_id(&Incarnation(vec![1])), None);
    }
}
