//! What payloads are packed with.

use std::io::{self, Read};

/// A payload may unpack to so many times its size,
pub const DENSEST: usize = 200;
/// or to so much, whatever its size.
pub const FLOOR: usize = 1024 * 1024;

/// zstd keeps up to 2 to the power of this at hand: as much as may come out at all.
const WINDOW: u32 = 24;

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const SNAPPY: &[u8] = b"\xff\x06\x00\x00sNaPpY";
/// The frames of snappy-java: this, its version and the oldest that reads it, then blocks with their length.
const SNAPPY_JAVA: &[u8] = b"\x82SNAPPY\0";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952, of any number of members.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// Google's framing format.
    Snappy,
    /// The framing of snappy-java, as Java producers write it.
    SnappyJava,
    /// One block, which nothing tells from other bytes.
    SnappyBlock,
}

/// Why something stays packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StaysPacked {
    #[error("it would unpack to more than 16 MB")]
    TooLarge,
    #[error("it would unpack to more than {DENSEST} times its size")]
    TooDense,
    #[error("it ends too early")]
    CutOff,
    #[error("{0}")]
    Damaged(String),
}

/// How much a payload of this size may unpack to, all layers of it.
pub(crate) fn most(payload: usize) -> usize {
    payload.saturating_mul(DENSEST).clamp(FLOOR, crate::LARGEST)
}

impl Packing {
    /// By how it begins.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let magics = [(GZIP, Self::Gzip), (ZSTD, Self::Zstd), (SNAPPY, Self::Snappy), (SNAPPY_JAVA, Self::SnappyJava)];
        magics.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, packing)| packing)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Snappy | Self::SnappyJava | Self::SnappyBlock => "snappy",
        }
    }

    /// Never holds more than `most` bytes and what the packing itself needs (zstd: 16 MB at most).
    pub(crate) fn unpack(self, bytes: &[u8], most: usize) -> Result<Vec<u8>, StaysPacked> {
        match self {
            Self::Gzip => drained(flate2::read::MultiGzDecoder::new(bytes), most),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(|e| damaged(&e))?;
                decoder.window_log_max(WINDOW).map_err(|e| damaged(&e))?;
                drained(decoder, most)
            }
            Self::Snappy => drained(snap::read::FrameDecoder::new(bytes), most),
            Self::SnappyBlock => snappy_block(bytes, most),
            Self::SnappyJava => snappy_java(bytes, most),
        }
    }
}

fn too_much(most: usize) -> StaysPacked {
    if most < crate::LARGEST { StaysPacked::TooDense } else { StaysPacked::TooLarge }
}

fn damaged(why: &io::Error) -> StaysPacked {
    match why.kind() {
        io::ErrorKind::UnexpectedEof => StaysPacked::CutOff,
        _ => StaysPacked::Damaged(why.to_string()),
    }
}

fn drained(reader: impl Read, most: usize) -> Result<Vec<u8>, StaysPacked> {
    let mut out = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut out).map_err(|e| damaged(&e))?;
    if out.len() > most { Err(too_much(most)) } else { Ok(out) }
}

fn snappy_block(bytes: &[u8], most: usize) -> Result<Vec<u8>, StaysPacked> {
    let damaged = |e: snap::Error| StaysPacked::Damaged(e.to_string());
    if snap::raw::decompress_len(bytes).map_err(damaged)? > most {
        return Err(too_much(most));
    }
    snap::raw::Decoder::new().decompress_vec(bytes).map_err(damaged)
}

fn snappy_java(bytes: &[u8], most: usize) -> Result<Vec<u8>, StaysPacked> {
    let mut rest = bytes.get(SNAPPY_JAVA.len() + 8..).ok_or(StaysPacked::CutOff)?;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk().ok_or(StaysPacked::CutOff)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| StaysPacked::CutOff)?;
        let (block, after) = after.split_at_checked(length).ok_or(StaysPacked::CutOff)?;
        let left = most.saturating_sub(out.len());
        out.extend_from_slice(&snappy_block(block, left).map_err(|why| match why {
            StaysPacked::TooLarge | StaysPacked::TooDense => too_much(most),
            other => other,
        })?);
        rest = after;
    }
    Ok(out)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    pub(crate) const ALL: [Packing; 5] =
        [Packing::Gzip, Packing::Zstd, Packing::Snappy, Packing::SnappyJava, Packing::SnappyBlock];

    pub(crate) fn packed(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        let block = |bytes: &[u8]| snap::raw::Encoder::new().compress_vec(bytes).unwrap();
        match packing {
            Packing::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            Packing::Zstd => zstd::stream::encode_all(bytes, 3).unwrap(),
            Packing::Snappy => {
                let mut out = snap::write::FrameEncoder::new(Vec::new());
                out.write_all(bytes).unwrap();
                out.into_inner().unwrap()
            }
            Packing::SnappyBlock => block(bytes),
            Packing::SnappyJava => {
                let mut out = [SNAPPY_JAVA, &[0, 0, 0, 1, 0, 0, 0, 1]].concat();
                for chunk in bytes.chunks(32 * 1024) {
                    let chunk = block(chunk);
                    out.extend((chunk.len() as u32).to_be_bytes());
                    out.extend(chunk);
                }
                out
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let zeros = vec![0; 64 * 1024 * 1024];
        for packing in ALL {
            let bomb = packed(packing, &zeros);
            assert_eq!(packing.unpack(&bomb, most(bomb.len())), Err(too_much(most(bomb.len()))), "{packing:?}");
        }
        // A hundred kilobytes that are ten megabytes are no bomb, and neither is a short payload of one letter.
        let dense = packed(Packing::Gzip, &zeros[..10_000_000]);
        assert!(dense.len() < 100_000);
        assert_eq!(Packing::Gzip.unpack(&dense, most(dense.len())), Err(StaysPacked::TooDense));
        let short = packed(Packing::Gzip, &zeros[..FLOOR]);
        assert_eq!(Packing::Gzip.unpack(&short, most(short.len())).unwrap().len(), FLOOR);
        assert_eq!(most(0), FLOOR);
        assert_eq!(most(10_000), 2_000_000);
        assert_eq!(most(usize::MAX), crate::LARGEST);
    }

    #[test]
    fn lengths_that_lie_are_not_believed() {
        assert_eq!(snappy_block(b"\xff\xff\xff\xff\x0f\x00", 1000), Err(StaysPacked::TooDense));
        let lie = [SNAPPY_JAVA, &[0, 0, 0, 1, 0, 0, 0, 1], &[0xff; 8]].concat();
        assert_eq!(snappy_java(&lie, 1000), Err(StaysPacked::CutOff));
        // A window of 2^31 bytes.
        assert!(matches!(
            Packing::Zstd.unpack(b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", FLOOR),
            Err(StaysPacked::Damaged(_))
        ));
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(bytes in prop::collection::vec(any::<u8>(), 1..3000), which in 0usize..5, cut in any::<prop::sample::Index>()) {
            let packing = ALL[which];
            let packed = packed(packing, &bytes);
            prop_assert_eq!(packing.unpack(&packed, FLOOR).unwrap(), bytes.clone());
            if packing != Packing::SnappyBlock {
                prop_assert_eq!(Packing::of(&packed), Some(packing));
            }
            // Cut off it fails, or (between two frames of snappy) it is the beginning.
            if let Ok(part) = packing.unpack(&packed[..cut.index(packed.len())], FLOOR) {
                prop_assert!(part.len() < bytes.len() && bytes.starts_with(&part));
            }
        }

        #[test]
        fn whatever_comes_it_ends_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0usize..5) {
            let packing = ALL[which];
            let magic = match packing {
                Packing::Gzip => GZIP,
                Packing::Zstd => ZSTD,
                Packing::Snappy => SNAPPY,
                Packing::SnappyJava => SNAPPY_JAVA,
                Packing::SnappyBlock => b"",
            };
            for bytes in [&bytes[..], &[magic, &bytes].concat()] {
                if let Ok(out) = packing.unpack(bytes, 5000) {
                    prop_assert!(out.len() <= 5000);
                }
            }
        }
    }
}
