//! Asking the query of events: without a database, on any thread.

use super::blocks::Packed;
use crate::{
    block::{BadBlock, Block, Look},
    events::{fill::damaged, reach::Place, rows::Row},
};
use sqlx::PgConnection;
use std::collections::HashMap;
use weir_domain::{
    ChannelId, PartitionId, Timestamp,
    access::View,
    search::{Expr, Field, HeaderBytes, Matcher, Part, Query, Scratch, Searched},
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

/// Channel, source and environment of channels, where a query asks for them.
#[derive(Default)]
pub(super) struct Names(HashMap<ChannelId, [String; 3]>);

impl Names {
    pub(super) async fn read(db: &mut PgConnection, places: &HashMap<PartitionId, Place>) -> sqlx::Result<Self> {
        let mut channels: Vec<i64> = places.values().map(|p| p.channel.0).collect();
        channels.sort_unstable();
        channels.dedup();
        let rows = sqlx::query!(
            "select c.id, c.name, s.name as source, e.name as environment
             from channel c join source s on s.id = c.source_id join environment e on e.id = s.environment_id
             where c.id = any($1)",
            &channels
        )
        .fetch_all(db)
        .await?;
        Ok(Self(rows.into_iter().map(|r| (ChannelId(r.id), [r.name, r.source, r.environment])).collect()))
    }
}

/// Does a query ask where events travel?
pub(super) fn asks_names(query: &Query) -> bool {
    let mut asks = false;
    query.each(&mut |node| {
        asks |= matches!(&node.expr, Expr::Compare(c) if matches!(c.field, Field::Channel | Field::Source | Field::Environment));
    });
    asks
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
            memory = self
                .in_block(&packed.body, memory, &mut scratch, |ordinal, bare| {
                    found.push(Candidate { at: (packed.span, ordinal), bare });
                })
                .map_err(|e| damaged(packed.partition, packed.first, &e))?;
        }
        Ok(found)
    }

    fn in_block(
        &self,
        body: &[u8],
        memory: Vec<u8>,
        scratch: &mut Scratch,
        mut found: impl FnMut(i16, bool),
    ) -> Result<Vec<u8>, BadBlock> {
        let block = Block::open(body)?;
        let body = block.body_in(memory)?;
        {
            let mut headers = Vec::new();
            for ordinal in 0..block.events() {
                let look = body.look(ordinal, &mut headers)?;
                let matches = match look {
                    Some(_) => self.bytes.judge(&self.nowhere(look, &headers), scratch).is_match(),
                    None => self.bare_may_match(scratch),
                };
                if matches {
                    // A block holds 250 events.
                    found(ordinal as i16, look.is_none());
                }
            }
        }
        Ok(body.into_memory())
    }

    /// The rows that match, each with the block that its bytes are in.
    pub(super) fn matching(
        &self,
        blocks: Vec<(Packed, Vec<Row>)>,
        types: &HashMap<i32, String>,
    ) -> sqlx::Result<Vec<Row>> {
        let (mut found, mut scratch, mut memory) = (Vec::new(), Scratch::default(), Vec::new());
        for (packed, rows) in blocks {
            memory = self
                .rows_in_block(&packed.body, memory, &mut scratch, rows, types, &mut found)
                .map_err(|e| damaged(packed.partition, packed.first, &e))?;
        }
        Ok(found)
    }

    fn rows_in_block(
        &self,
        body: &[u8],
        memory: Vec<u8>,
        scratch: &mut Scratch,
        rows: Vec<Row>,
        types: &HashMap<i32, String>,
        found: &mut Vec<Row>,
    ) -> Result<Vec<u8>, BadBlock> {
        let block = Block::open(body)?;
        let body = block.body_in(memory)?;
        {
            let mut headers = Vec::new();
            for row in rows {
                let look = body.look(row.place_in_block(), &mut headers)?;
                if self.whole.judge(&self.of_row(&row, types, look, &headers), scratch).is_match() {
                    found.push(row);
                }
            }
        }
        Ok(body.into_memory())
    }

    pub(super) fn matches_without_bytes(&self, row: &Row, types: &HashMap<i32, String>) -> bool {
        self.whole.judge(&self.of_row(row, types, None, &[]), &mut Scratch::default()).is_match()
    }

    /// With nothing beside its bytes: what is asked of those alone.
    fn nowhere<'a>(&self, look: Option<Look<'a>>, headers: &'a [HeaderBytes<'a>]) -> Searched<'a> {
        Searched {
            event_type: "",
            channel: "",
            source: "",
            environment: "",
            partition: 0,
            offset: 0,
            size: 0,
            time: Timestamp::EPOCH,
            captured_at: Timestamp::EPOCH,
            key: part(self.key, look.map(|l| l.key)),
            headers: part(self.headers, look.map(|_| headers)),
            payload: part(self.payload, look.map(|l| l.payload)),
        }
    }

    fn of_row<'a>(
        &'a self,
        row: &Row,
        types: &'a HashMap<i32, String>,
        look: Option<Look<'a>>,
        headers: &'a [HeaderBytes<'a>],
    ) -> Searched<'a> {
        let place = self.places.get(&row.partition());
        let [channel, source, environment] = match place.and_then(|p| self.names.0.get(&p.channel)) {
            Some(names) => names.each_ref().map(String::as_str),
            None => [""; 3],
        };
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

const fn part<T: Copy>(sees: bool, there: Option<T>) -> Part<T> {
    match (sees, there) {
        (false, _) => Part::Masked,
        (true, Some(part)) => Part::Shown(part),
        (true, None) => Part::Absent,
    }
}
