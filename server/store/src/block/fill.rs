use super::{BadBlock, Block, BlockBuilder, encode::Entry, flag};
use weir_domain::events::RawEvent;

/// What is to stand at one place of a batch whose block is written anew.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// What the block has there.
    AsBefore,
    New(&'a RawEvent),
    /// Nothing: never kept, or erased.
    Empty {
        erased: bool,
    },
}

/// A block of the next `events` of the batch; `None`: none of them has bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) events: usize,
    pub(crate) block: Option<FilledBlock>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FilledBlock {
    /// Of keys, headers and payloads.
    pub(crate) raw: usize,
    pub(crate) body: Vec<u8>,
}

/// The block of a batch with what is new: as many blocks as it takes for none to be larger than one that capture writes.
///
/// # Errors
/// If the block there was can't be read, or has no such event.
pub(crate) fn fill(before: Option<&[u8]>, places: &[Place<'_>]) -> Result<Vec<Filled>, BadBlock> {
    let before = before.map(Block::open).transpose()?;
    let body = before.as_ref().map(Block::body).transpose()?;
    let mut all = Vec::new();
    let (mut builder, mut events, mut raw, mut bytes) = (BlockBuilder::default(), 0, 0, false);
    let close = |builder: &mut BlockBuilder, events: usize, raw: usize, bytes: bool| {
        let mut body = Vec::new();
        match bytes {
            true => drop(builder.finish(&mut body).map_err(|_| BadBlock::Damaged("too large to be written"))?),
            false => builder.clear(),
        }
        Ok::<_, BadBlock>(Filled { events, block: bytes.then_some(FilledBlock { raw, body }) })
    };
    for (at, place) in places.iter().enumerate() {
        let kept;
        let (event, flags, cut): (Option<&RawEvent>, u8, &[u8]) = match (place, &before, &body) {
            (Place::New(event), ..) => (Some(event), 0, &[]),
            (Place::AsBefore, Some(block), Some(body)) => {
                let (flags, cut) = block.parts(at)?;
                kept = body.event(at)?;
                (kept.as_ref(), flags & (flag::BLANK | flag::WITHHELD), cut)
            }
            (Place::AsBefore, ..) => return Err(BadBlock::Damaged("no such event in it")),
            (Place::Empty { erased: true }, ..) => (None, flag::BLANK, &[]),
            (Place::Empty { erased: false }, ..) => (None, flag::WITHHELD, &[]),
        };
        let size = event.map_or(0, size);
        if !builder.fits(size) {
            all.push(close(&mut builder, events, raw, bytes)?);
            (events, raw, bytes) = (0, 0, false);
        }
        builder.push_entry(&match event {
            Some(e) => Entry { key: e.key.as_deref(), payload: e.payload.as_deref(), headers: &e.headers, flags, cut },
            None => Entry { key: None, payload: None, headers: &[], flags, cut },
        });
        (events, raw, bytes) = (events + 1, raw + size, bytes || event.is_some());
    }
    if events > 0 {
        all.push(close(&mut builder, events, raw, bytes)?);
    }
    Ok(all)
}

fn size(event: &RawEvent) -> usize {
    let headers = event.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, Vec::len));
    event.key.as_ref().map_or(0, Vec::len) + event.payload.as_ref().map_or(0, Vec::len) + headers.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{MAX_RAW, blank};
    use proptest::prelude::*;

    fn event(n: usize, bytes: usize) -> RawEvent {
        RawEvent {
            key: (!n.is_multiple_of(3)).then(|| format!("k{n}").into_bytes()),
            headers: Vec::new(),
            payload: (!n.is_multiple_of(5)).then(|| vec![b'a' + (n % 26) as u8; bytes]),
        }
    }

    proptest! {
        /// Whatever is filled in whatever order: each place has its own event, in blocks no larger than capture's.
        #[test]
        fn each_place_has_its_own(
            kinds in prop::collection::vec((0..4_u8, 0..60_000_usize), 1..60), second in any::<u64>(),
        ) {
            let events: Vec<RawEvent> = kinds.iter().enumerate().map(|(n, (_, bytes))| event(n, *bytes)).collect();
            let first: Vec<Place<'_>> = kinds
                .iter()
                .zip(&events)
                .map(|((kind, _), event)| match kind {
                    0 => Place::Empty { erased: true },
                    1 | 2 => Place::Empty { erased: false },
                    _ => Place::New(event),
                })
                .collect();
            let filled = fill(None, &first).unwrap();
            let mut at = 0;
            for part in filled {
                let range = at..at + part.events;
                at += part.events;
                let Some(block) = part.block else {
                    prop_assert!(range.clone().all(|n| kinds[n].0 < 3));
                    continue;
                };
                prop_assert!(block.raw <= MAX_RAW || range.len() == 1 || range.clone().filter(|n| kinds[*n].0 == 3).count() == 1);
                // Again, with more of it.
                let more: Vec<Place<'_>> = range
                    .clone()
                    .map(|n| match kinds[n].0 {
                        1 if second >> (n % 64) & 1 == 1 => Place::New(&events[n]),
                        _ => Place::AsBefore,
                    })
                    .collect();
                let mut n = range.start;
                for part in fill(Some(&block.body), &more).unwrap() {
                    let here = n..n + part.events;
                    n = here.end;
                    let Some(block) = part.block else { continue };
                    let opened = Block::open(&block.body).unwrap();
                    let body = opened.body().unwrap();
                    for (place, n) in here.enumerate() {
                        let there = kinds[n].0 == 3 || kinds[n].0 == 1 && second >> (n % 64) & 1 == 1;
                        prop_assert_eq!(body.event(place).unwrap(), there.then(|| events[n].clone()));
                    }
                }
                prop_assert_eq!(n, range.end);
            }
            prop_assert_eq!(at, kinds.len());
        }
    }

    #[test]
    fn what_was_erased_stays_so_and_what_is_not_there_is_an_error() {
        let (a, b) = (event(1, 10), event(2, 10));
        let one = fill(None, &[Place::New(&a), Place::New(&b)]).unwrap().remove(0).block.unwrap().body;
        let erased = blank(&one, &[0]).unwrap();
        let again = fill(Some(&erased), &[Place::AsBefore, Place::AsBefore]).unwrap().remove(0).block.unwrap().body;
        assert_eq!(again, erased);
        assert!(fill(Some(&one), &[Place::AsBefore; 3]).is_err());
        assert!(fill(None, &[Place::AsBefore]).is_err());
        assert_eq!(fill(None, &[]), Ok(Vec::new()));
    }
}
