//! Asking the query of events: without a database, on any thread.

use super::blocks::Packed;
use crate::{
    block::{Look, each_event},
    events::{fill::damaged, names::Names, reach::Place, rows::Row},
};
use std::collections::HashMap;
use weir_domain::{
    PartitionId,
    access::View,
    search::{HeaderBytes, Matcher, Part, Query, Scratch, Searched},
};

pub(super) struct Judges {
    /// The query itself,
    whole: Matcher,
    /// and what of it bytes can tell.
    bytes: Matcher,
    key: bool,
    headers: bool,
    payload: bool,
    names: Names,
    places: HashMap<PartitionId, Place>,
}

/// An event in a block that may match.
pub(super) struct Candidate {
    /// The block's span, and the event's place in it.
    pub(super) at: (usize, i16),
    /// Its bytes are not kept: whether it is a tombstone, its row knows.
    pub(super) bare: bool,
}

impl Judges {
    pub(super) fn new(
        view: &View,
        query: &Query,
        bytes: &Query,
        names: Names,
        places: HashMap<PartitionId, Place>,
    ) -> Self {
        Self {
            whole: Matcher::new(query),
            bytes: Matcher::new(bytes),
            key: view.key(),
            headers: view.headers(),
            payload: view.payload(),
            names,
            places,
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
                    let matches = match look {
                        Some(_) => self.bytes.judge(&self.nowhere(look, headers), &mut scratch).is_match(),
                        None => self.bare_may_match(&mut scratch),
                    };
                    if matches {
                        // A block holds 250 events.
                        found.push(Candidate { at: (packed.span, ordinal as i16), bare: look.is_none() });
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
        for (packed, rows) in blocks {
            let places: Vec<usize> = rows.iter().map(Row::place_in_block).collect();
            let mut rows = rows.into_iter();
            memory = packed.each(
                memory,
                |_| places,
                |_, look, headers| {
                    let Some(row) = rows.next() else { return };
                    if self.whole.judge(&self.of_row(&row, types, look, headers), &mut scratch).is_match() {
                        found.push(row);
                    }
                },
            )?;
        }
        Ok(found)
    }

    pub(super) fn matches_without_bytes(&self, row: &Row, types: &HashMap<i32, String>) -> bool {
        self.whole.judge(&self.of_row(row, types, None, &[]), &mut Scratch::default()).is_match()
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
