//! Which spans hold a key, a type, a word: hashes, sorted, each with the numbers of the spans that hold it (decision 5,
//! differently: see ARCHITECTURE.md). A segment is of some hundreds of spans of one bucket and is written once, by an
//! engine, after the spans were stored; what is in none yet ("open") has to be looked into.
//!
//! A hash is cut so short that one in about eight questions to a segment is answered with a span that does not hold what
//! was asked for: what is found is looked into anyway, and two bytes an entry are what capture can afford. One question
//! reads two stretches of a segment, a few hundred bytes each.

mod layout;
mod open;
mod write;

pub(crate) use open::{Found, Hash, Kind, MOST, Places, holding};
pub(crate) use write::{forget, lock};

/// Stands for a type's number among the hashes of keys. Stored: it never changes (splitmix64, Steele et al. 2014).
pub(crate) fn type_hash(id: i32) -> u64 {
    let mut h = (u64::from(id as u32) ^ 0x7479_7065_0000_0000).wrapping_add(0x9e37_79b9_7f4a_7c15);
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}
