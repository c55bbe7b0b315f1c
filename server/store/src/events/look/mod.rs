//! Looking into events for what a query asks.
//!
//! Where types or a key narrow the rows, rows are read first and only their blocks are opened. Otherwise blocks are: what
//! a block alone can tell ([`Query::relaxed`]) leaves few rows to be read and judged whole.

mod blocks;
mod judge;
mod scans;
mod values;

pub(super) use values::values;

use super::{
    fill::type_names,
    order::Order,
    reach::{Asked, Reach},
    rows::{self, Row, Span, Window},
};
use blocks::{Directory, Packed};
use judge::Judges;
use scans::Scans;
use sqlx::PgConnection;
use std::{collections::BTreeMap, sync::Arc};
use weir_domain::{
    events::PageCursor,
    search::{self, Atom, Decoder, Need},
};

/// A query, ready to be asked.
pub(super) struct Looking {
    judges: Arc<Judges>,
    /// Something is asked of bytes that may be seen,
    into_bytes: bool,
    /// which by itself may rule an event out,
    by_blocks: bool,
    /// and something of what stands beside them.
    beside: bool,
    directory: Directory,
    /// What every match fulfils, where numbers are asked for.
    numbers: Option<Need>,
    /// Events whose bytes were looked into.
    pub(super) opened: u64,
    /// Events that were not, because of their span's zones.
    pub(super) ruled_out: u64,
}

impl Looking {
    /// `None`: whatever is reached matches.
    pub(super) fn new(asked: &Asked<'_>, reach: &Reach, decoder: Option<Arc<dyn Decoder>>) -> Option<Self> {
        if asked.told {
            return None;
        }
        let (view, query) = (asked.view, asked.query);
        let bytes = query.relaxed();
        let into_bytes = query.needs().seen(view).any();
        Some(Self {
            judges: Arc::new(Judges::new(view, query, &bytes, decoder, reach.names.clone(), reach.partitions.clone())),
            into_bytes,
            // What a formula fails on is counted row by row, each once.
            by_blocks: into_bytes && bytes.root.is_some() && query.formula().is_none(),
            beside: query.asks_beside(),
            directory: Directory::default(),
            numbers: Some(asked.need.clone()).filter(asks_numbers),
            opened: 0,
            ruled_out: 0,
        })
    }

    /// Events that could not be judged, of those that come before a place: what lies behind it is judged again.
    pub(super) fn unjudged(&self, order: Order, next: Option<PageCursor>) -> u64 {
        let done = |at: &PageCursor| next.is_none_or(|next| order.compare(at, &next).is_le());
        self.judges.unjudged().into_iter().filter(done).count() as u64
    }

    pub(super) const fn asks_numbers(&self) -> bool {
        self.numbers.is_some()
    }

    /// Can a span with these zones hold a match? Of one without them nothing is known.
    pub(super) fn may_match(&self, zones: Option<&[u8]>) -> bool {
        let (Some(need), Some(zones)) = (&self.numbers, zones) else { return true };
        need.may_hold(&mut |atom| match atom {
            Atom::Number { path, op, than } => search::may_hold(zones, path, *op, than),
            _ => true,
        })
    }

    /// The matching rows of some spans of one bucket, in no order. `reach` narrows what is read.
    pub(super) async fn in_spans(
        &mut self,
        db: &mut PgConnection,
        reach: &Reach,
        bucket: i32,
        spans: &[Span],
        window: &Window,
    ) -> sqlx::Result<Vec<Row>> {
        if !self.by_blocks || reach.few_types || reach.key.is_some() {
            let rows = rows::of_spans(db, bucket, spans, window, reach, None).await?;
            return self.matching(db, rows).await;
        }
        let mut without_block = vec![true; spans.len()];
        let mut scans = Scans::default();
        for (of_bucket, some) in self.directory.blocks(db, spans).await? {
            let wanted: Vec<_> = some.iter().map(|i| (of_bucket, spans[*i].partition, spans[*i].first)).collect();
            for piece in blocks::pieces(db, of_bucket, &wanted).await? {
                let turn = scans.turn().await?;
                let packed = blocks::packed(db, of_bucket, spans, &some, &piece).await?;
                for block in &packed {
                    without_block[block.span] = false;
                    self.opened += u64::from(spans[block.span].events);
                }
                let judges = Arc::clone(&self.judges);
                scans.begin(turn, move || judges.candidates(&packed));
            }
        }
        let candidates = scans.finish().await?;
        let mut sure = !self.beside && candidates.iter().all(|c| !c.unsure);
        let places: Vec<_> = candidates.into_iter().map(|c| c.at).collect();
        let mut rows = rows::of_places(db, bucket, spans, &places, window).await?;
        if self.judges.may_match_without_bytes() {
            let spans: Vec<Span> =
                spans.iter().zip(without_block).filter(|(_, without)| *without).map(|(s, _)| *s).collect();
            sure &= spans.is_empty();
            rows.extend(rows::of_spans(db, bucket, &spans, window, reach, None).await?);
        }
        if sure {
            return Ok(rows);
        }
        // Looked into already, most of them: counted once.
        let opened = self.opened;
        let matching = self.matching(db, rows).await?;
        self.opened = opened;
        Ok(matching)
    }

    /// Those of `rows` that match, in no order. Blocks are opened where that is needed to tell.
    pub(super) async fn matching(&mut self, db: &mut PgConnection, rows: Vec<Row>) -> sqlx::Result<Vec<Row>> {
        if rows.is_empty() {
            return Ok(rows);
        }
        let types = Arc::new(type_names(db, &rows).await?);
        let (mut by_block, mut bare) = (BTreeMap::<_, Vec<Row>>::new(), Vec::new());
        for row in rows {
            match row.block().filter(|_| self.into_bytes) {
                Some(block) => by_block.entry(block).or_default().push(row),
                None => bare.push(row),
            }
        }
        let mut scans = Scans::default();
        let wanted: Vec<_> = by_block.keys().copied().collect();
        for same_bucket in wanted.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(bucket, ..)) = same_bucket.first() else { continue };
            for piece in blocks::pieces(db, bucket, same_bucket).await? {
                let turn = scans.turn().await?;
                let mut packed = Vec::with_capacity(piece.len());
                for (partition, first, body) in super::fill::bodies(db, bucket, &piece, i32::MAX).await? {
                    let rows = by_block.remove(&(bucket, partition, first)).unwrap_or_default();
                    self.opened += rows.len() as u64;
                    packed.push((Packed { span: 0, partition, first, body }, rows));
                }
                let (judges, types) = (Arc::clone(&self.judges), Arc::clone(&types));
                scans.begin(turn, move || judges.matching(packed, &types));
            }
        }
        // Those whose blocks are gone: what the row tells may do.
        bare.extend(by_block.into_values().flatten());
        bare.retain(|row| self.judges.matches_without_bytes(row, &types));
        bare.extend(scans.finish().await?);
        Ok(bare)
    }
}

fn asks_numbers(need: &Need) -> bool {
    match need {
        Need::Atom(atom) => matches!(atom, Atom::Number { .. }),
        Need::All(needs) | Need::Any(needs) => needs.iter().any(asks_numbers),
        Need::Always | Need::Never => false,
    }
}
