//! Observations of a group on a channel, packed (`lag_observed.packed`, `lag_rolled.packed`): a few bytes each.
//!
//! ```text
//! 0   way of packing
//! 1   number of partitions, their numbers (zigzag of what they are ahead of the one before)
//!     observation after observation. All numbers LEB128, signed ones zigzag:
//!       head       bit 0: all places as before; bit 1: the time lag is known
//!       time       ms since the one before, less those of the step before; the first since the row's `began_at`
//!       time lag   tenths of a second
//!       places     each: head (bit 0 next known, 1 end known, 2 lag stands here, 3 it lies between the two), next and end
//!                  less those before, lag
//! ```

use crate::block::varint::{self, unzigzag, zigzag};
use weir_domain::{
    Timestamp,
    lag::{Chunk, Place, Tick},
};

const PACKED: u8 = 1;
/// What is stored was written by us; a damaged row must not take all memory.
const MOST_PARTITIONS: u64 = 1 << 20;

const AS_BEFORE: u64 = 1;
const TIME_LAG: u64 = 2;

const NEXT: u64 = 1;
const END: u64 = 2;
const LAG: u64 = 4;
const BETWEEN: u64 = 8;

/// `began`: the time of its first observation, in whole milliseconds.
pub(super) fn pack(chunk: &Chunk, began: Timestamp) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + chunk.ticks.len() * (3 + 4 * chunk.partitions.len()));
    out.push(PACKED);
    varint::put(&mut out, chunk.partitions.len() as u64);
    let mut before = 0_i64;
    for number in &chunk.partitions {
        varint::put(&mut out, zigzag(i64::from(*number) - before));
        before = i64::from(*number);
    }
    let (mut time, mut step) = (began.millis(), 0);
    let mut last: Vec<Place> = vec![Place::default(); chunk.partitions.len()];
    for (i, tick) in chunk.ticks.iter().enumerate() {
        let same = i > 0 && tick.places == last;
        let tenths = tick.time_lag_ms.map(|ms| ms / 100);
        varint::put(&mut out, if same { AS_BEFORE } else { 0 } | if tenths.is_some() { TIME_LAG } else { 0 });
        let now = tick.at.millis() - time;
        varint::put(&mut out, zigzag(now.wrapping_sub(step)));
        (time, step) = (tick.at.millis(), now);
        if let Some(tenths) = tenths {
            varint::put(&mut out, tenths);
        }
        if same {
            continue;
        }
        for (place, before) in tick.places.iter().zip(&mut last) {
            pack_place(place, before, &mut out);
        }
        last.clone_from(&tick.places);
    }
    out
}

fn pack_place(place: &Place, before: &Place, out: &mut Vec<u8>) {
    let between = place.lag.is_some() && Place::between(place.next, place.end).lag == place.lag;
    let mut head = if place.next.is_some() { NEXT } else { 0 } | if place.end.is_some() { END } else { 0 };
    head |= match place.lag {
        None => 0,
        Some(_) if between => BETWEEN,
        Some(_) => LAG,
    };
    varint::put(out, head);
    if let Some(next) = place.next {
        varint::put(out, zigzag(next.wrapping_sub(before.next.unwrap_or(0))));
    }
    if let Some(end) = place.end {
        varint::put(out, zigzag(end.wrapping_sub(before.end.unwrap_or(0))));
    }
    if let (Some(lag), false) = (place.lag, between) {
        varint::put(out, lag);
    }
}

/// `None`: what is stored is damaged.
pub(super) fn unpack(mut packed: &[u8], began: Timestamp) -> Option<Chunk> {
    let rest = &mut packed;
    if varint::take_bytes(rest, 1)? != [PACKED] {
        return None;
    }
    let count = varint::take(rest)?;
    if count > MOST_PARTITIONS || count > rest.len() as u64 {
        return None;
    }
    let mut partitions = Vec::new();
    let mut before = 0_i64;
    for _ in 0..count {
        before = before.checked_add(unzigzag(varint::take(rest)?))?;
        partitions.push(i32::try_from(before).ok()?);
    }
    let mut ticks: Vec<Tick> = Vec::new();
    let (mut time, mut step) = (began.millis(), 0_i64);
    let mut last: Vec<Place> = vec![Place::default(); partitions.len()];
    while !rest.is_empty() {
        let head = varint::take(rest)?;
        step = step.wrapping_add(unzigzag(varint::take(rest)?));
        time = time.checked_add(step)?;
        let time_lag_ms = match head & TIME_LAG {
            0 => None,
            _ => Some(varint::take(rest)?.saturating_mul(100)),
        };
        if head & AS_BEFORE == 0 {
            for place in &mut last {
                *place = unpack_place(rest, place)?;
            }
        }
        ticks.push(Tick { at: Timestamp::from_millis(time), time_lag_ms, places: last.clone() });
    }
    Some(Chunk { partitions, ticks })
}

fn unpack_place(rest: &mut &[u8], before: &Place) -> Option<Place> {
    let head = varint::take(rest)?;
    let mut number = |bit: u64, before: Option<i64>| match head & bit {
        0 => Some(None),
        _ => Some(Some(before.unwrap_or(0).wrapping_add(unzigzag(varint::take(rest)?)))),
    };
    let next = number(NEXT, before.next)?;
    let end = number(END, before.end)?;
    let lag = match (head & LAG, head & BETWEEN) {
        (0, 0) => None,
        (0, _) => Place::between(next, end).lag,
        _ => Some(varint::take(rest)?),
    };
    Some(Place { next, end, lag })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, option, prelude::*};

    fn place() -> impl Strategy<Value = Place> {
        let near = (option::of(0i64..100_000), option::of(0i64..100_000)).prop_map(|(n, e)| Place::between(n, e));
        let any = (option::of(any::<i64>()), option::of(any::<i64>()), option::of(any::<u64>()))
            .prop_map(|(next, end, lag)| Place { next, end, lag });
        prop_oneof![3 => near, 1 => any]
    }

    fn chunk() -> impl Strategy<Value = Chunk> {
        (0usize..5).prop_flat_map(|n| {
            let tick =
                (0i64..4_000_000_000_000, option::of(0u64..1 << 40), vec(place(), n)).prop_map(|(ms, lag, places)| {
                    Tick { at: Timestamp::from_millis(ms), time_lag_ms: lag.map(|l| l / 100 * 100), places }
                });
            (vec(any::<i32>(), n), vec(tick, 0..20)).prop_map(|(partitions, ticks)| Chunk { partitions, ticks })
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(chunk in chunk(), began in 0i64..4_000_000_000_000) {
            let began = Timestamp::from_millis(began);
            prop_assert_eq!(unpack(&pack(&chunk, began), began), Some(chunk));
        }

        #[test]
        fn damage_is_noticed_or_harmless(bytes in vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes, Timestamp::EPOCH);
        }
    }

    #[test]
    fn an_observation_takes_a_few_bytes() {
        let ticks = |partitions: i64| Chunk {
            partitions: (0..partitions as i32).collect(),
            ticks: (0..12)
                .map(|t| Tick {
                    at: Timestamp::from_millis(t * 10_000),
                    time_lag_ms: Some(1_200),
                    places: (0..partitions)
                        .map(|p| Place::between(Some(1_000_000 + p + t * 310), Some(1_000_020 + p + t * 312)))
                        .collect(),
                })
                .collect(),
        };
        for partitions in [1, 10, 100] {
            let bytes = pack(&ticks(partitions), Timestamp::EPOCH).len();
            assert!(bytes <= 12 * (5 + 6 * partitions as usize), "{partitions} partitions: {bytes} bytes");
        }
    }
}
