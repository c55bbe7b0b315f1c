use super::{HEADER, MAX_EVENTS, MAX_RAW, RAW, VERSION, ZSTD, flag, varint};
use std::{cell::RefCell, io};
use weir_domain::capture::{CapturedEvent, Header};
use zstd::bulk::Compressor;

/// Fast enough to keep up with a broker on a part of one core; a higher level gains a few percent for twice the time.
const LEVEL: i32 = 1;
/// Below this compression costs more bytes than it saves.
const SMALL: usize = 64;

/// Gathers events and writes them as one block. Its buffers are kept from block to block.
#[derive(Default)]
pub struct BlockBuilder {
    directory: Vec<u8>,
    keys: Vec<u8>,
    body: Vec<u8>,
    headers: Vec<u8>,
    packed: Vec<u8>,
    events: u32,
    withheld: u32,
}

/// What the directory says of one event.
pub(super) struct Entry<'a> {
    pub(super) key: Option<&'a [u8]>,
    pub(super) payload: Option<&'a [u8]>,
    pub(super) headers: &'a [Header],
    pub(super) flags: u8,
    pub(super) cut: &'a [u8],
}

impl BlockBuilder {
    /// Is there room for an event of `raw` bytes? An empty block takes any.
    #[must_use]
    pub fn fits(&self, raw: usize) -> bool {
        self.events == 0 || ((self.events as usize) < MAX_EVENTS && self.keys.len() + self.body.len() + raw <= MAX_RAW)
    }

    pub const fn events(&self) -> u32 {
        self.events
    }

    /// True while nothing in it has bytes that capture may keep: then there is nothing to store.
    pub const fn all_withheld(&self) -> bool {
        self.withheld == self.events
    }

    pub fn push(&mut self, event: &CapturedEvent) {
        let withheld = event.withheld.is_some();
        self.withheld += u32::from(withheld);
        self.push_entry(&if withheld {
            Entry { key: None, payload: None, headers: &[], flags: flag::WITHHELD, cut: &[] }
        } else {
            Entry {
                key: event.key.as_deref(),
                payload: event.payload.as_deref(),
                headers: &event.headers,
                flags: 0,
                cut: &[],
            }
        });
    }

    pub(super) fn push_entry(&mut self, e: &Entry<'_>) {
        let mut flags = e.flags;
        flags |= if e.key.is_none() { flag::NULL_KEY } else { 0 };
        flags |= if e.payload.is_none() { flag::NULL_PAYLOAD } else { 0 };
        flags |= if e.cut.is_empty() { 0 } else { flag::CUT };
        self.directory.push(flags);
        for part in [e.key, e.payload].into_iter().flatten() {
            varint::put(&mut self.directory, part.len() as u64);
        }
        self.headers.clear();
        for h in e.headers {
            self.headers.push(h.kind as u8);
            varint::put(&mut self.headers, h.name.len() as u64);
            self.headers.extend_from_slice(&h.name);
            match &h.value {
                None => varint::put(&mut self.headers, 0),
                Some(v) => {
                    varint::put(&mut self.headers, v.len() as u64 + 1);
                    self.headers.extend_from_slice(v);
                }
            }
        }
        varint::put(&mut self.directory, e.headers.len() as u64);
        varint::put(&mut self.directory, self.headers.len() as u64);
        if !e.cut.is_empty() {
            varint::put(&mut self.directory, e.cut.len() as u64);
            self.directory.extend_from_slice(e.cut);
        }
        self.keys.extend_from_slice(e.key.unwrap_or_default());
        self.body.extend_from_slice(e.payload.unwrap_or_default());
        self.body.extend_from_slice(&self.headers);
        self.events += 1;
    }

    /// Appends the block to `out` and begins the next one. Returns (raw, stored) bytes.
    ///
    /// # Errors
    /// If a part has 4 GB or more.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<(usize, usize)> {
        let start = out.len();
        self.directory.extend_from_slice(&self.keys);
        let raw = self.directory.len() + self.body.len();
        out.resize(start + HEADER, 0);
        let (head_codec, head) = pack(&self.directory, &mut self.packed, out)?;
        let (body_codec, body) = pack(&self.body, &mut self.packed, out)?;
        let sizes = [self.events as usize, self.directory.len(), head, self.body.len(), body];
        out[start..start + 4].copy_from_slice(&[VERSION, head_codec, body_codec, 0]);
        for (i, size) in sizes.into_iter().enumerate() {
            let size = u32::try_from(size).map_err(|_| io::Error::other("a block's part has 4 GB or more"))?;
            out[start + 8 + 4 * i..start + 12 + 4 * i].copy_from_slice(&size.to_le_bytes());
        }
        self.clear();
        Ok((raw, out.len() - start))
    }

    /// Forgets the events gathered so far.
    pub fn clear(&mut self) {
        self.events = 0;
        self.withheld = 0;
        for buffer in [&mut self.directory, &mut self.keys, &mut self.body, &mut self.headers, &mut self.packed] {
            buffer.clear();
            // One huge event must not be paid for ever after.
            buffer.shrink_to(4 * MAX_RAW);
        }
    }
}

/// Appends `raw` to `out`, compressed where that saves anything; returns codec and stored bytes.
fn pack(raw: &[u8], packed: &mut Vec<u8>, out: &mut Vec<u8>) -> io::Result<(u8, usize)> {
    if raw.len() >= SMALL {
        packed.clear();
        packed.reserve(zstd::zstd_safe::compress_bound(raw.len()));
        compress(raw, packed)?;
        if packed.len() < raw.len() {
            out.extend_from_slice(packed);
            return Ok((ZSTD, packed.len()));
        }
    }
    out.extend_from_slice(raw);
    Ok((RAW, raw.len()))
}

fn compress(raw: &[u8], into: &mut Vec<u8>) -> io::Result<()> {
    thread_local! {
        // A context is a megabyte to set up; capture runs on a few threads, block after block.
        static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(c) => c,
            None => {
                let mut c = Compressor::new(LEVEL)?;
                c.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(true))?;
                kept.insert(c)
            }
        };
        compressor.compress_to_buffer(raw, into).map(drop)
    })
}
