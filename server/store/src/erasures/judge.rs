//! Which events of a unit hold the subject.

use crate::{
    block::{BadBlock, Block, Look},
    capture::key_hash,
    events::blank::Place,
};
use std::{collections::BTreeSet, sync::Arc};
use weir_domain::{
    EventId, PartitionId, Position,
    erasures::Subject,
    search::{Decoded, Decoder, HeaderBytes, Matcher, Part, Scratch, Searched},
};

pub(super) enum Judge {
    Key { key: Vec<u8>, hash: i64 },
    Value { matcher: Box<Matcher>, hash: i64, decoder: Option<Arc<dyn Decoder>> },
    Events(BTreeSet<EventId>),
}

impl Judge {
    /// `None`: the subject can't be looked for. With a decoder, a value is found inside packed payloads as well.
    pub(super) fn of(subject: &Subject, decoder: Option<Arc<dyn Decoder>>) -> Option<Self> {
        Some(match subject {
            Subject::Key(key) => Self::Key { key: key.clone(), hash: key_hash(key) },
            Subject::Value(value) => {
                let matcher = Box::new(Matcher::new(&subject.query()?));
                Self::Value { matcher, hash: key_hash(value.as_bytes()), decoder }
            }
            Subject::Events(ids) => Self::Events(ids.iter().copied().collect()),
        })
    }

    /// Do keys stand at the beginning of a block, so that no more of it has to be read?
    pub(super) const fn by_keys(&self) -> bool {
        matches!(self, Self::Key { .. })
    }

    /// Can a unit hold any of it? `next`: the first position of the unit behind it, if that is known.
    pub(super) fn may_be_in(&self, partition: i64, first: i64, next: Option<i64>) -> bool {
        let Self::Events(ids) = self else { return true };
        let id = |position| EventId { partition: PartitionId(partition), position: Position(position) };
        match next {
            Some(next) => ids.range(id(first)..id(next)).next().is_some(),
            None => ids.range(id(first)..=id(i64::MAX)).next().is_some(),
        }
    }

    /// Of named events: the first behind a place, if there is one. `None`: they are not named.
    pub(super) fn next_named(&self, partition: i64, after: i64) -> Option<Option<EventId>> {
        let Self::Events(ids) = self else { return None };
        let from = EventId { partition: PartitionId(partition), position: Position(after) };
        Some(ids.range(from..).next().copied())
    }

    /// Does a row say so by itself? Of a key or value: one whose bytes are gone, by the hash that it keeps.
    pub(super) fn names(&self, place: &Place) -> bool {
        match self {
            Self::Events(ids) => ids.contains(&place.id),
            Self::Key { hash, .. } | Self::Value { hash, .. } => place.key_hash == Some(*hash),
        }
    }

    /// Places in a block whose bytes say so. Of a block that was read to its prefix only, as far as keys go.
    pub(super) fn in_block(&self, body: &[u8]) -> Result<Vec<Found>, BadBlock> {
        let block = Block::open(body)?;
        let mut found = Vec::new();
        match self {
            Self::Events(_) => {}
            Self::Key { key, hash } => {
                for ordinal in 0..block.events() {
                    if block.key(ordinal)? == Some(key) && !block.absent(ordinal)? {
                        found.push(Found { ordinal, key: Some(*hash) });
                    }
                }
            }
            Self::Value { matcher, decoder, .. } => {
                let (bytes, mut headers, mut scratch) = (block.body()?, Vec::new(), Scratch::default());
                for ordinal in 0..block.events() {
                    let Some(look) = bytes.look(ordinal, &mut headers)? else { continue };
                    let decoded = match (decoder, look.payload) {
                        (Some(decoder), Some(payload)) => decoder.decode(payload, &headers),
                        _ => Decoded::AsSent,
                    };
                    let event = Searched { decoded: decoded.bytes(), ..searched(look, &headers) };
                    // As it was sent, too: what can't be unpacked holds what it holds.
                    if matcher.judge(&event, &mut scratch).is_match()
                        || matcher.judge(&searched(look, &headers), &mut scratch).is_match()
                    {
                        // A key that holds the value is known by its own hash.
                        let alone = Look { key: look.key, payload: None };
                        let in_key = matcher.judge(&searched(alone, &[]), &mut scratch).is_match();
                        found.push(Found { ordinal, key: look.key.filter(|_| in_key).map(key_hash) });
                    }
                }
            }
        }
        Ok(found)
    }
}

/// A place in a block, and the hash of a key that is or holds the subject.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) ordinal: usize,
    pub(super) key: Option<i64>,
}

fn searched<'a>(look: Look<'a>, headers: &'a [HeaderBytes<'a>]) -> Searched<'a> {
    Searched::of_bytes(Part::Shown(look.key), Part::Shown(headers), Part::Shown(look.payload))
}
