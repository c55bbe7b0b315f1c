//! From a batch to rows, before the transaction begins: blocks built and compressed, COPY streams written.

use super::{classes::Classes, copy::Rows, delay, flags::Flags};
use crate::{
    block::{BlockBuilder, MAX_EVENT_RAW},
    maintenance::bucket::{Bucket, Part},
    span::{Base, Packer, SpanRow},
    timestamp::Ts,
};
use sha2::{Digest as _, Sha256};
use std::{cell::RefCell, collections::HashMap, io};
use weir_domain::{
    Timestamp,
    capture::{CaptureBatch, CapturedEvent},
    events::{TimeMark, sort_time},
    search::{Zones, says_packed},
};

/// All that one transaction copies in, and the figures that go with it.
pub(super) struct Prepared {
    pub(super) metadata: Bucket,
    pub(super) payload: Bucket,
    pub(super) spans: Vec<u8>,
    /// `None` if no event has bytes to keep.
    pub(super) blocks: Option<Vec<u8>>,
    pub(super) figures: Figures,
}

/// What is known of the events of one batch together.
pub(super) struct Figures {
    pub(super) events: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) min_time: Timestamp,
    pub(super) max_time: Timestamp,
    pub(super) longest_us: i64,
    pub(super) raw_bytes: i64,
    pub(super) stored_bytes: i64,
    /// First and last position of what lies in blocks.
    pub(super) kept: Option<(i64, i64)>,
    pub(super) delays: delay::Delays,
}

/// First 8 bytes of SHA-256: stable for ever and the same everywhere. A match is only ever a hint; the key's own bytes decide.
pub(crate) fn key_hash(key: &[u8]) -> i64 {
    let digest = Sha256::digest(key);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// # Errors
/// If positions don't ascend, or an event is too large to be stored.
pub(super) fn prepare(
    batch: &CaptureBatch,
    classes: Classes,
    types: &HashMap<&str, i32>,
) -> io::Result<Option<Prepared>> {
    thread_local! {
        static BUILDER: RefCell<(BlockBuilder, Zones)> = RefCell::default();
    }
    let (Some(first), Some(last)) = (batch.events.first(), batch.events.last()) else { return Ok(None) };
    if !batch.events.is_sorted_by(|a, b| a.position < b.position) {
        return Err(io::Error::other("the positions of a batch must ascend"));
    }
    if let Some(e) = batch.events.iter().find(|e| e.withheld.is_none() && e.raw_size() > MAX_EVENT_RAW) {
        return Err(io::Error::other(format!(
            "the event at {} has {} bytes; at most {MAX_EVENT_RAW} can be stored",
            e.position,
            e.raw_size()
        )));
    }
    let raw: usize = batch.events.iter().filter(|e| e.withheld.is_none()).map(CapturedEvent::raw_size).sum();
    BUILDER.with_borrow_mut(|(builder, zones)| {
        builder.clear();
        let mut w = Writer {
            batch,
            metadata: Bucket::of(Part::Metadata, classes.metadata, batch.captured_at),
            payload: Bucket::of(Part::Payload, classes.payload, batch.captured_at),
            captured_at: Ts::stored(batch.captured_at),
            spans: Rows::new(batch.events.len() * 20),
            blocks: Rows::new(raw / 3),
            packed: Vec::new(),
            figures: Figures {
                events: batch.events.len() as i64,
                first: first.position.0,
                last: last.position.0,
                min_time: Timestamp(i64::MAX),
                max_time: Timestamp(i64::MIN),
                longest_us: 0,
                raw_bytes: 0,
                stored_bytes: 0,
                kept: None,
                delays: [0; delay::CLASSES],
            },
        };
        let mut rest = batch.events.as_slice();
        while !rest.is_empty() {
            let mut n = 0;
            while let Some(e) = rest.get(n)
                && builder.fits(if e.withheld.is_some() { 0 } else { e.raw_size() })
            {
                builder.push(e);
                n += 1;
            }
            let (span, after) = rest.split_at(n);
            w.span(span, builder, zones, types)?;
            rest = after;
        }
        let blocks = (w.blocks.rows > 0).then(|| w.blocks.finish());
        Ok(Some(Prepared {
            metadata: w.metadata,
            payload: w.payload,
            spans: w.spans.finish(),
            blocks,
            figures: w.figures,
        }))
    })
}

struct Writer<'b> {
    batch: &'b CaptureBatch,
    metadata: Bucket,
    payload: Bucket,
    captured_at: Timestamp,
    spans: Rows,
    blocks: Rows,
    /// Rows of the span in hand.
    packed: Vec<u8>,
    figures: Figures,
}

impl Writer<'_> {
    /// The events that `builder` holds, as one span with its rows packed and, if there is something to keep, its block.
    fn span(
        &mut self,
        events: &[CapturedEvent],
        builder: &mut BlockBuilder,
        zones: &mut Zones,
        types: &HashMap<&str, i32>,
    ) -> io::Result<()> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
        let (first, last) = (first.position.0, last.position.0);
        let partition = self.batch.partition.0;
        let kept = !builder.all_withheld();
        if kept {
            let mut sizes = (0, 0);
            let rows = &mut self.blocks;
            rows.row(6);
            rows.i64(partition);
            rows.i64(first);
            rows.i64(last);
            rows.i32(self.payload.id);
            let raw: usize = events.iter().filter(|e| e.withheld.is_none()).map(CapturedEvent::raw_size).sum();
            rows.i32(i32::try_from(raw).unwrap_or(i32::MAX));
            rows.bytes_by(|out| {
                sizes = builder.finish(out)?;
                Ok::<_, io::Error>(())
            })?;
            self.figures.stored_bytes += sizes.1 as i64;
            self.figures.kept = Some((self.figures.kept.map_or(first, |k| k.0), last));
        } else {
            builder.clear();
        }
        zones.clear();
        self.packed.clear();
        let base = Base { first, captured_at: self.captured_at };
        let mut packer = Packer::begin(base, &mut self.packed);
        let (mut min, mut max) = (Timestamp(i64::MAX), Timestamp(i64::MIN));
        for e in events {
            // What is withheld has no paths that anybody could ask for.
            if let (None, Some(payload)) = (&e.withheld, &e.payload) {
                match e.headers.iter().any(|h| says_packed(&h.name)) {
                    true => zones.add_packed(),
                    false => zones.add(payload),
                }
            }
            let row = self.row(e, types)?;
            packer.push(&row, &mut self.packed);
            (min, max) = (min.min(row.sort_time), max.max(row.sort_time));
        }
        let rows = &mut self.spans;
        rows.row(11);
        rows.i64(partition);
        rows.i64(first);
        rows.i64(last);
        rows.time(min);
        rows.time(max);
        rows.i32(self.metadata.id);
        rows.i32(events.len() as i32);
        match zones.known() {
            true => rows.bytes_by(|out| {
                zones.write(out);
                Ok::<_, io::Error>(())
            })?,
            false => rows.null(),
        }
        rows.time(self.captured_at);
        rows.maybe_i32(kept.then_some(self.payload.id));
        rows.bytes_by(|out| {
            out.extend_from_slice(&self.packed);
            Ok::<_, io::Error>(())
        })?;
        let f = &mut self.figures;
        (f.min_time, f.max_time) = (f.min_time.min(min), f.max_time.max(max));
        f.longest_us = f.longest_us.max(max.micros_since(min));
        Ok(())
    }

    /// What is known of one event; counts it.
    fn row(&mut self, e: &CapturedEvent, types: &HashMap<&str, i32>) -> io::Result<SpanRow> {
        let (at, mark) = sort_time(e.time_kind, e.broker_ms, self.captured_at);
        let at = Ts::stored(at);
        if mark == TimeMark::Own {
            self.figures.delays[delay::class(self.captured_at.micros_since(at) / 1000)] += 1;
        }
        self.figures.raw_bytes += e.raw_size() as i64;
        let type_id =
            *types.get(e.event_type.as_str()).ok_or_else(|| io::Error::other("an event type has no number"))?;
        Ok(SpanRow {
            position: e.position.0,
            sort_time: at,
            broker_ms: e.broker_ms,
            ce_time: e.ce_time.map(Ts::stored),
            type_id,
            size: i32::try_from(e.raw_size()).unwrap_or(i32::MAX),
            flags: Flags::of(e, mark),
            // Nothing is kept of a withheld key, not even a hash.
            key_hash: e.key.as_deref().filter(|_| e.withheld.is_none()).map(key_hash),
        })
    }
}
