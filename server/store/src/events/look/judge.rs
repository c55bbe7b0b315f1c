//! Asking the query of events: without a database, on any thread.

use super::blocks::Packed;
use crate::{
    block::{Look, each_event},
    events::{fill::damaged, names::Names, reach::Place, rows::Row},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use weir_domain::{
    PartitionId,
    access::View,
    events::PageCursor,
    search::{Decoded, Decoder, HeaderBytes, Matcher, Part, Query, Scratch, Searched},
};

pub(super) struct Judges {
    /// The query itself,
    whole: Matcher,
    /// and what of it bytes can tell.
    bytes: Matcher,
    /// Where payloads are looked into.
    decoder: Option<Arc<dyn Decoder>>,
    key: bool,
    headers: bool,
    payload: bool,
    names: Names,
    places: HashMap<PartitionId, Place>,
    /// Events that could not be judged, though what was asked of them is there.
    unjudged: Mutex<Vec<PageCursor>>,
}

/// An event in a block that may match.
pub(super) struct Candidate {
    /// The block's span, and the event's place in it.
    pub(super) at: (usize, i16),
    /// Its bytes are not kept (whether it is a tombstone, its row knows), or can't be read.
    pub(super) unsure: bool,
}

impl Judges {
    pub(super) fn new(
        view: &View,
        query: &Query,
        bytes: &Query,
        decoder: Option<Arc<dyn Decoder>>,
        names: Names,
        places: HashMap<PartitionId, Place>,
    ) -> Self {
        Self {
            whole: Matcher::new(query),
            bytes: Matcher::new(bytes),
            decoder: decoder.filter(|_| query.needs().payload && view.payload()),
            key: view.key(),
            headers: view.headers(),
            payload: view.payload(),
            names,
            places,
            unjudged: Mutex::default(),
        }
    }

    /// Where they stand.
    pub(super) fn unjudged(&self) -> Vec<PageCursor> {
        self.unjudged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn could_not_judge(&self, rows: Vec<PageCursor>) {
        if !rows.is_empty() {
            self.unjudged.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
        }
    }

    /// May an event match of which there are no bytes?
    pub(super) fn may_match_without_bytes(&self) -> bool {
        self.bare_may_match(&mut Scratch::default())
    }

    /// Be it a tombstone or not.
    fn bare_may_match(&self, scratch: &mut Scratch) -> bool {
        let bare = self.nowhere(None, &[]);
        let tombstone = Searched { payload: part(self.payload, Some(None)), ..bare };
        [bare, tombstone].iter().any(|event| self.bytes.judge(event, scratch).is_match())
    }

    /// What may match by what its bytes tell.
    pub(super) fn candidates(&self, blocks: &[Packed]) -> sqlx::Result<Vec<Candidate>> {
        let (mut found, mut scratch, mut memory) = (Vec::new(), Scratch::default(), Vec::new());
        for packed in blocks {
            memory = packed.each(
                memory,
                |count| 0..count,
                |ordinal, look, headers| {
                    let (matches, unread) = match look {
                        Some(_) => {
                            let decoded = self.decoded(look, headers);
                            let event = Searched { decoded: decoded.bytes(), ..self.nowhere(look, headers) };
                            let matches = self.bytes.judge(&event, &mut scratch).is_match();
                            (matches, scratch.unjudged())
                        }
                        None => (self.bare_may_match(&mut scratch), false),
                    };
                    if matches || unread {
                        // A block holds 250 events. One that could not be unpacked is told once its row is judged.
                        found.push(Candidate { at: (packed.span, ordinal as i16), unsure: look.is_none() || unread });
                    }
                },
            )?;
        }
        Ok(found)
    }

    /// The rows that match, each with the block that its bytes are in.
    pub(super) fn matching(
        &self,
        blocks: Vec<(Packed, Vec<Row>)>,
        types: &HashMap<i32, String>,
    ) -> sqlx::Result<Vec<Row>> {
        let (mut found, mut scratch, mut memory) = (Vec::new(), Scratch::default(), Vec::new());
        let mut unjudged = Vec::new();
        for (packed, rows) in blocks {
            let places: Vec<usize> = rows.iter().map(Row::place_in_block).collect();
            let mut rows = rows.into_iter();
            memory = packed.each(
                memory,
                |_| places,
                |_, look, headers| {
                    let Some(row) = rows.next() else { return };
                    let decoded = self.decoded(look, headers);
                    let event = Searched { decoded: decoded.bytes(), ..self.of_row(&row, types, look, headers) };
                    if self.whole.judge(&event, &mut scratch).is_match() {
                        found.push(row);
                    } else if scratch.unjudged() {
                        unjudged.push(row.order());
                    }
                },
            )?;
        }
        self.could_not_judge(unjudged);
        Ok(found)
    }

    fn decoded(&self, look: Option<Look<'_>>, headers: &[HeaderBytes<'_>]) -> Decoded<Vec<u8>> {
        let payload = look.and_then(|look| look.payload);
        match (&self.decoder, payload) {
            (Some(decoder), Some(payload)) => decoder.decode(payload, headers),
            _ => Decoded::AsSent,
        }
    }

    pub(super) fn matches_without_bytes(&self, row: &Row, types: &HashMap<i32, String>) -> bool {
        let mut scratch = Scratch::default();
        let matches = self.whole.judge(&self.of_row(row, types, None, &[]), &mut scratch).is_match();
        if scratch.unjudged() {
            self.could_not_judge(vec![row.order()]);
        }
        matches
    }

    /// With nothing beside its bytes: what is asked of those alone.
    fn nowhere<'a>(&self, look: Option<Look<'a>>, headers: &'a [HeaderBytes<'a>]) -> Searched<'a> {
        Searched::of_bytes(
            part(self.key, look.map(|l| l.key)),
            part(self.headers, look.map(|_| headers)),
            part(self.payload, look.map(|l| l.payload)),
        )
    }

    fn of_row<'a>(
        &'a self,
        row: &Row,
        types: &'a HashMap<i32, String>,
        look: Option<Look<'a>>,
        headers: &'a [HeaderBytes<'a>],
    ) -> Searched<'a> {
        let place = self.places.get(&row.partition());
        let [channel, source, environment] = place.map_or([""; 3], |p| self.names.of(p.channel));
        let bytes = self.nowhere(look, headers);
        Searched {
            event_type: types.get(&row.type_id).map_or("", String::as_str),
            channel,
            source,
            environment,
            partition: place.map_or(-1, |p| p.number),
            offset: row.position,
            size: u64::try_from(row.size).unwrap_or(0),
            time: row.sort_time.0,
            captured_at: row.captured_at.0,
            // That an event is a tombstone is known without its bytes.
            payload: match bytes.payload {
                Part::Absent if row.flags().tombstone() => Part::Shown(None),
                payload => payload,
            },
            ..bytes
        }
    }
}

impl Packed {
    /// Shows the events at some places of the block, in their order; `memory` is room to unpack into, given back.
    pub(super) fn each<P: IntoIterator<Item = usize>>(
        &self,
        memory: Vec<u8>,
        places: impl FnOnce(usize) -> P,
        show: impl FnMut(usize, Option<Look<'_>>, &[HeaderBytes<'_>]),
    ) -> sqlx::Result<Vec<u8>> {
        each_event(&self.body, memory, places, show).map_err(|e| damaged(self.partition, self.first, &e))
    }
}

const fn part<T: Copy>(sees: bool, there: Option<T>) -> Part<T> {
    match (sees, there) {
        (false, _) => Part::Masked,
        (true, Some(part)) => Part::Shown(part),
        (true, None) => Part::Absent,
    }
}
