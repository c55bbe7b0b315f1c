use super::{HEADER, MAX_EVENTS, MAX_PART, RAW, VERSION, ZSTD, flag, varint};
use std::{cell::RefCell, io::Read as _};
use weir_domain::{
    capture::{Header, HeaderType},
    events::RawEvent,
    search::HeaderBytes,
};
use zstd::bulk::Decompressor;

/// Why a block can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBlock {
    #[error("a block of format {0}; this program knows format 1")]
    Format(u8),
    #[error("a block that is encrypted with key {0}, which this program can't do")]
    Encrypted(u32),
    #[error("a damaged block: {0}")]
    Damaged(&'static str),
    /// Only a prefix of the block was given, and it ends before what was asked for.
    #[error("the prefix of the block is too short")]
    TooShort,
}

use BadBlock::{Damaged, TooShort};

/// An opened block. The head is read, the body only when asked for. Never takes more memory than the sizes it declares,
/// which are bounded, and never before the bytes are really there.
#[derive(Debug)]
pub struct Block<'a> {
    entries: Vec<Entry>,
    /// Directory and keys.
    head: Vec<u8>,
    body_codec: u8,
    body_raw: usize,
    /// As stored; cut short if only a prefix was given.
    body: &'a [u8],
    whole: bool,
}

/// Shows the events at some places of a block, in their order; `memory` is room to unpack into, given back. `None` for those
/// whose bytes were taken out or never kept.
///
/// # Errors
/// If the block can't be read.
pub(crate) fn each_event<P: IntoIterator<Item = usize>>(
    bytes: &[u8],
    memory: Vec<u8>,
    places: impl FnOnce(usize) -> P,
    mut show: impl FnMut(usize, Option<Look<'_>>, &[HeaderBytes<'_>]),
) -> Result<Vec<u8>, BadBlock> {
    let block = Block::open(bytes)?;
    let body = block.body_in(memory)?;
    {
        let mut headers = Vec::new();
        for place in places(block.events()) {
            let look = body.look(place, &mut headers)?;
            show(place, look, &headers);
        }
    }
    Ok(body.into_memory())
}

#[derive(Debug, Clone)]
struct Entry {
    flags: u8,
    /// Start and end in `head`.
    key: (usize, usize),
    /// In the body.
    payload: (usize, usize),
    headers: (usize, usize),
    header_count: usize,
    cut: (usize, usize),
}

impl<'a> Block<'a> {
    /// Opens a block, or the beginning of one.
    ///
    /// # Errors
    /// [`BadBlock::TooShort`] if `bytes` ends inside the head; else what is wrong with it.
    pub fn open(bytes: &'a [u8]) -> Result<Self, BadBlock> {
        let (fixed, rest) = bytes.split_at_checked(HEADER).ok_or(TooShort)?;
        if fixed[0] != VERSION {
            return Err(BadBlock::Format(fixed[0]));
        }
        let number = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        if number(4) != 0 {
            return Err(BadBlock::Encrypted(number(4)));
        }
        let size = |at| usize::try_from(number(at)).map_err(|_| Damaged("sizes out of range"));
        let (events, head_raw, head_len, body_raw, body_len) = (size(8)?, size(12)?, size(16)?, size(20)?, size(24)?);
        if events > MAX_EVENTS || head_raw > MAX_PART || body_raw > MAX_PART || fixed[3] != 0 {
            return Err(Damaged("sizes out of range"));
        }
        let (head, body) = rest.split_at_checked(head_len).ok_or(TooShort)?;
        if body.len() > body_len {
            return Err(Damaged("bytes after the end"));
        }
        let head = unpack_at_once(fixed[1], head, head_raw, Vec::new())?;
        let entries = directory(&head, events, body_raw)?;
        Ok(Self { entries, head, body_codec: fixed[2], body_raw, body, whole: body.len() == body_len })
    }

    pub fn events(&self) -> usize {
        self.entries.len()
    }

    /// The key of one event; `None` is null.
    ///
    /// # Errors
    /// If there is no such event.
    pub fn key(&self, ordinal: usize) -> Result<Option<&[u8]>, BadBlock> {
        let e = self.entry(ordinal)?;
        Ok((e.flags & flag::NULL_KEY == 0).then(|| &self.head[e.key.0..e.key.1]))
    }

    /// Are its bytes gone or never kept?
    ///
    /// # Errors
    /// If there is no such event.
    pub fn absent(&self, ordinal: usize) -> Result<bool, BadBlock> {
        Ok(self.entry(ordinal)?.flags & (flag::BLANK | flag::WITHHELD) != 0)
    }

    /// Reads the body as far as the given events need it; then [`Body`] gives their bytes.
    ///
    /// # Errors
    /// If the body is damaged, or the prefix given is too short (see [`Block::body_prefix`]).
    pub fn body(&self) -> Result<Body<'_>, BadBlock> {
        self.body_in(Vec::new())
    }

    /// The same in memory that was used before; [`Body::into_memory`] gives it back.
    ///
    /// # Errors
    /// As [`Block::body`].
    pub fn body_in(&self, memory: Vec<u8>) -> Result<Body<'_>, BadBlock> {
        if !self.whole {
            return Err(TooShort);
        }
        Ok(Body { block: self, bytes: unpack_at_once(self.body_codec, self.body, self.body_raw, memory)? })
    }

    /// The first `most` bytes of the body, fewer if only a prefix of the block was given.
    ///
    /// # Errors
    /// If what there is is damaged.
    pub fn body_prefix(&self, most: usize) -> Result<Body<'_>, BadBlock> {
        let bytes = match unpack(self.body_codec, self.body, self.body_raw, most.min(self.body_raw)) {
            Err(_) if !self.whole => unpack_what_there_is(self.body_codec, self.body, most.min(self.body_raw)),
            other => other?,
        };
        Ok(Body { block: self, bytes })
    }

    /// How far into the body the first `head` bytes of each payload reach: what [`Block::body_prefix`] needs.
    pub fn reach(&self, ordinal: usize, head: usize) -> usize {
        self.entries.get(ordinal).map_or(0, |e| e.payload.1.min(e.payload.0.saturating_add(head)))
    }

    fn entry(&self, ordinal: usize) -> Result<&Entry, BadBlock> {
        self.entries.get(ordinal).ok_or(Damaged("no such event in it"))
    }

    pub(super) fn parts(&self, ordinal: usize) -> Result<(u8, &[u8]), BadBlock> {
        let e = self.entry(ordinal)?;
        Ok((e.flags, &self.head[e.cut.0..e.cut.1]))
    }
}

/// The payloads and headers of a block, or the beginning of them.
#[derive(Debug)]
pub struct Body<'b> {
    block: &'b Block<'b>,
    bytes: Vec<u8>,
}

impl Body<'_> {
    /// The first `most` bytes of a payload, as far as they were read; `None` is null.
    ///
    /// # Errors
    /// If there is no such event.
    pub fn payload_head(&self, ordinal: usize, most: usize) -> Result<Option<&[u8]>, BadBlock> {
        let e = self.block.entry(ordinal)?;
        if e.flags & flag::NULL_PAYLOAD != 0 {
            return Ok(None);
        }
        let end = e.payload.1.min(e.payload.0.saturating_add(most)).min(self.bytes.len());
        Ok(Some(self.bytes.get(e.payload.0..end).unwrap_or_default()))
    }

    /// One event as it lies there, nothing copied; `headers` are put into the list given. `None` as for [`Body::event`].
    ///
    /// # Errors
    /// As [`Body::event`].
    pub fn look<'s>(
        &'s self,
        ordinal: usize,
        headers: &mut Vec<HeaderBytes<'s>>,
    ) -> Result<Option<Look<'s>>, BadBlock> {
        let e = self.block.entry(ordinal)?;
        if e.flags & (flag::BLANK | flag::WITHHELD) != 0 {
            return Ok(None);
        }
        let part = |(from, to): (usize, usize)| self.bytes.get(from..to).ok_or(TooShort);
        headers.clear();
        if e.header_count > 0 {
            each_header(part(e.headers)?, e.header_count, |_, name, value| headers.push(HeaderBytes { name, value }))
                .ok_or(Damaged("headers"))?;
        }
        Ok(Some(Look {
            key: (e.flags & flag::NULL_KEY == 0).then(|| &self.block.head[e.key.0..e.key.1]),
            payload: if e.flags & flag::NULL_PAYLOAD == 0 { Some(part(e.payload)?) } else { None },
        }))
    }

    /// The memory that it used.
    pub fn into_memory(self) -> Vec<u8> {
        self.bytes
    }

    /// One event whole; `None` if its bytes were erased or never kept.
    ///
    /// # Errors
    /// If there is no such event, or its headers are damaged.
    pub fn event(&self, ordinal: usize) -> Result<Option<RawEvent>, BadBlock> {
        let e = self.block.entry(ordinal)?;
        if self.block.absent(ordinal)? {
            return Ok(None);
        }
        let part = |(from, to): (usize, usize)| self.bytes.get(from..to).ok_or(TooShort);
        let payload = if e.flags & flag::NULL_PAYLOAD == 0 { Some(part(e.payload)?.to_vec()) } else { None };
        Ok(Some(RawEvent {
            key: self.block.key(ordinal)?.map(<[u8]>::to_vec),
            headers: headers(part(e.headers)?, e.header_count).ok_or(Damaged("headers"))?,
            payload,
        }))
    }
}

/// Key and payload of one event; null is `None`.
#[derive(Debug, Clone, Copy)]
pub struct Look<'b> {
    pub key: Option<&'b [u8]>,
    pub payload: Option<&'b [u8]>,
}

/// All of the `raw` bytes that `packed` holds, into `memory`. What says that it is larger than blocks usually are is
/// unpacked piece by piece instead: memory is taken only for what really comes out.
fn unpack_at_once(codec: u8, packed: &[u8], raw: usize, mut memory: Vec<u8>) -> Result<Vec<u8>, BadBlock> {
    thread_local! {
        static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    }
    const USUAL: usize = 4 << 20;
    memory.clear();
    if codec != ZSTD || raw > USUAL {
        return unpack(codec, packed, raw, raw);
    }
    memory.reserve(raw);
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(d) => d,
            None => kept.insert(Decompressor::new().map_err(|_| Damaged("zstd"))?),
        };
        // More than expected does not fit; less is noticed.
        let got = decompressor.decompress_to_buffer(packed, &mut memory).map_err(|_| Damaged("zstd"))?;
        if got == raw { Ok(memory) } else { Err(Damaged("its size")) }
    })
}

/// At most `most` of the `raw` bytes that `packed` holds. Memory grows with what really comes out.
fn unpack(codec: u8, packed: &[u8], raw: usize, most: usize) -> Result<Vec<u8>, BadBlock> {
    match codec {
        RAW if packed.len() == raw => Ok(packed[..most].to_vec()),
        RAW => Err(Damaged("its size")),
        ZSTD => {
            let decoder = decoder(packed).map_err(|_| Damaged("zstd"))?;
            let mut out = Vec::with_capacity(most.min(1 << 20).min(packed.len().saturating_mul(32)));
            // One more than expected, so that a longer one is noticed (and the checksum read when all is wanted).
            let limit = if most == raw { most as u64 + 1 } else { most as u64 };
            decoder.take(limit).read_to_end(&mut out).map_err(|_| Damaged("zstd"))?;
            if out.len() == most { Ok(out) } else { Err(Damaged("its size")) }
        }
        _ => Err(Damaged("an unknown codec")),
    }
}

/// For a prefix: what can be read before it ends.
fn unpack_what_there_is(codec: u8, packed: &[u8], most: usize) -> Vec<u8> {
    if codec == RAW {
        return packed[..most.min(packed.len())].to_vec();
    }
    let mut out = Vec::new();
    if let Ok(decoder) = decoder(packed) {
        // The error is the end of the prefix; what was read before it stays in `out`.
        let _ = decoder.take(most as u64).read_to_end(&mut out);
    }
    out
}

fn directory(head: &[u8], events: usize, body_raw: usize) -> Result<Vec<Entry>, BadBlock> {
    const BAD: BadBlock = Damaged("its directory");
    let mut rest = head;
    let mut entries = Vec::with_capacity(events);
    let (mut key_at, mut body_at) = (0_usize, 0_usize);
    let length = |rest: &mut &[u8]| varint::take(rest).and_then(|n| usize::try_from(n).ok()).ok_or(BAD);
    let advance = |at: &mut usize, by: usize| -> Result<(usize, usize), BadBlock> {
        let from = *at;
        *at = from.checked_add(by).ok_or(BAD)?;
        Ok((from, *at))
    };
    for _ in 0..events {
        let (&flags, after) = rest.split_first().ok_or(BAD)?;
        rest = after;
        if flags & !flag::KNOWN != 0 {
            return Err(Damaged("unknown flags"));
        }
        let key = if flags & flag::NULL_KEY == 0 { length(&mut rest)? } else { 0 };
        let payload = if flags & flag::NULL_PAYLOAD == 0 { length(&mut rest)? } else { 0 };
        let header_count = length(&mut rest)?;
        let header_bytes = length(&mut rest)?;
        // A header takes three bytes at least, so this bounds what reading them can allocate.
        if header_count > header_bytes / 3 {
            return Err(BAD);
        }
        let mut cut = (0, 0);
        if flags & flag::CUT != 0 {
            let n = length(&mut rest)?;
            let from = head.len() - rest.len();
            varint::take_bytes(&mut rest, n as u64).ok_or(BAD)?;
            cut = (from, from + n);
        }
        entries.push(Entry {
            flags,
            key: advance(&mut key_at, key)?,
            payload: advance(&mut body_at, payload)?,
            headers: advance(&mut body_at, header_bytes)?,
            header_count,
            cut,
        });
    }
    if key_at != rest.len() || body_at != body_raw {
        return Err(BAD);
    }
    let keys = head.len() - rest.len();
    for e in &mut entries {
        e.key = (e.key.0 + keys, e.key.1 + keys);
    }
    Ok(entries)
}

fn headers(bytes: &[u8], count: usize) -> Option<Vec<Header>> {
    let mut out = Vec::with_capacity(count);
    each_header(bytes, count, |kind, name, value| {
        out.push(Header { name: name.to_vec(), kind, value: value.map(<[u8]>::to_vec) });
    })?;
    Some(out)
}

/// Kind, name and value of each; `None` if they are damaged.
fn each_header<'b>(
    mut bytes: &'b [u8],
    count: usize,
    mut f: impl FnMut(HeaderType, &'b [u8], Option<&'b [u8]>),
) -> Option<()> {
    for _ in 0..count {
        let (&kind, rest) = bytes.split_first()?;
        bytes = rest;
        let kind = [HeaderType::Bytes, HeaderType::Text, HeaderType::Amqp].into_iter().find(|k| *k as u8 == kind)?;
        let n = varint::take(&mut bytes)?;
        let name = varint::take_bytes(&mut bytes, n)?;
        let value = match varint::take(&mut bytes)?.checked_sub(1) {
            None => None,
            Some(n) => Some(varint::take_bytes(&mut bytes, n)?),
        };
        f(kind, name, value);
    }
    bytes.is_empty().then_some(())
}

/// Refuses windows beyond 8 MB: ours need 512 KB, and a window is allocated before its bytes are there.
fn decoder(packed: &[u8]) -> std::io::Result<zstd::stream::read::Decoder<'static, &[u8]>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
    decoder.window_log_max(23)?;
    Ok(decoder)
}
