//! Events by what few spans hold: a key, a rare type, a rare word. Segments tell which spans may hold it, those are looked
//! into, newest first.

use super::{
    look::Looking,
    order::Order,
    reach::Reach,
    rows::{Row, Span, Window, each_row, of_spans},
    walk::{PATIENCE, Room, Walked},
};
use crate::{
    Store,
    events::fill::open_blocks,
    segments::{self, Hash, Kind, Places, type_hash},
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    time::Instant,
};
use weir_domain::{
    Timestamp,
    access::View,
    events::{EventFilter, PageCursor, TimeRange},
    search::{Atom, EXPONENT, Need, word_hash},
};

/// A key with more events than this is no needle.
pub(super) const NEEDLE: usize = 2000;
/// Questions of one query that segments are asked.
const MOST_HASHES: usize = 64;
/// Types of one.
const MOST_TYPES: usize = 32;
/// Spans looked into in one go.
const AT_ONCE: usize = 64;

/// What every match fulfils, as segments can tell it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// They can't.
    Unknown,
    Holds(Hash),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Wanted {
    /// Of what a query needs, a key's hash and types. What a view may not see is not asked for: which blocks are opened
    /// would tell it.
    pub(super) fn of(view: &View, need: &Need, key: Option<i64>, types: Option<&[i32]>) -> Self {
        let words = view.key() && view.headers() && view.payload();
        let key = key.map(|hash| Self::Holds(Hash(Kind::Keys, hash as u64)));
        let types = types.filter(|t| t.len() <= MOST_TYPES);
        let types = types.map(|t| Self::any(t.iter().map(|id| Self::Holds(Hash(Kind::Keys, type_hash(*id))))));
        let wanted = Self::all(key.into_iter().chain(types).chain([Self::needed(need, view.key(), words)]));
        let mut hashes = HashSet::new();
        wanted.hashes(&mut hashes);
        if hashes.len() > MOST_HASHES { Self::Unknown } else { wanted }
    }

    fn needed(need: &Need, keys: bool, words: bool) -> Self {
        let word = |hash| if words { Self::Holds(Hash(Kind::Words, hash)) } else { Self::Unknown };
        match need {
            Need::All(needs) => Self::all(needs.iter().map(|n| Self::needed(n, keys, words))),
            Need::Any(needs) => Self::any(needs.iter().map(|n| Self::needed(n, keys, words))),
            Need::Atom(Atom::Key(key)) if keys => Self::Holds(Hash(Kind::Keys, crate::capture::key_hash(key) as u64)),
            Need::Atom(Atom::Word(text)) => word(word_hash(text)),
            Need::Atom(Atom::Exponent) => word(EXPONENT),
            Need::Atom(_) | Need::Always | Need::Never => Self::Unknown,
        }
    }

    fn all(of: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Self> = of.into_iter().filter(|w| *w != Self::Unknown).collect();
        match all.len() {
            0 => Self::Unknown,
            1 => all.remove(0),
            _ => Self::All(all),
        }
    }

    fn any(of: impl IntoIterator<Item = Self>) -> Self {
        let any: Vec<Self> = of.into_iter().collect();
        if any.contains(&Self::Unknown) { Self::Unknown } else { Self::Any(any) }
    }

    fn hashes(&self, into: &mut HashSet<Hash>) {
        match self {
            Self::Unknown => {}
            Self::Holds(hash) => {
                into.insert(*hash);
            }
            Self::All(of) | Self::Any(of) => of.iter().for_each(|w| w.hashes(into)),
        }
    }

    /// Asks for something that is looked up rather than met.
    pub(super) fn is_needle(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Holds(_) => true,
            Self::All(of) | Self::Any(of) => of.iter().any(Self::is_needle),
        }
    }

    /// The spans that may fulfil it; `None`: any.
    fn spans(&self, found: &segments::Found) -> Option<Places> {
        match self {
            Self::Unknown => None,
            Self::Holds(hash) => {
                let open = found.open.get(&hash.0).into_iter().flatten();
                found.holding.get(hash).map(|of| of.iter().chain(open).copied().collect())
            }
            Self::All(of) => of
                .iter()
                .filter_map(|w| w.spans(found))
                .reduce(|a, b| if a.len() < b.len() { and(&a, &b) } else { and(&b, &a) }),
            Self::Any(of) => of.iter().map(|w| w.spans(found)).try_fold(Places::new(), |mut all, some| {
                all.extend(some?);
                Some(all)
            }),
        }
    }
}

fn and(small: &Places, large: &Places) -> Places {
    small.iter().filter(|place| large.contains(place)).copied().collect()
}

/// A span that may hold a match.
pub(super) struct Candidate {
    bucket: i32,
    span: Span,
    /// None of its events is earlier or later.
    ends: (Timestamp, Timestamp),
    zones: Option<Vec<u8>>,
}

fn by_bucket(candidates: &[Candidate]) -> BTreeMap<i32, Vec<Span>> {
    let mut spans: BTreeMap<i32, Vec<Span>> = BTreeMap::new();
    candidates.iter().for_each(|c| spans.entry(c.bucket).or_default().push(c.span));
    spans
}

/// The spans that may hold what is wanted in a range of times (ends included), the latest first. `None`: too many to be
/// looked into one by one, or any.
async fn candidates(
    db: &mut PgConnection,
    reach: &Reach,
    wanted: &Wanted,
    (from, upto): (Timestamp, Timestamp),
    skip_common: bool,
    zones: bool,
) -> sqlx::Result<Option<Vec<Candidate>>> {
    let mut hashes = HashSet::new();
    wanted.hashes(&mut hashes);
    let mut hashes: Vec<Hash> = hashes.into_iter().collect();
    hashes.sort_unstable();
    let found = segments::holding(db, &reach.ids(), &hashes, from, upto, skip_common).await?;
    let Some(spans) = found.and_then(|found| wanted.spans(&found)).filter(|s| s.len() <= segments::MOST) else {
        return Ok(None);
    };
    let (partitions, firsts): (Vec<i64>, Vec<i64>) = spans.into_iter().unzip();
    let rows = sqlx::query_file!(
        "queries/segments/candidates.sql",
        &partitions,
        &firsts,
        Ts(upto) as Ts,
        Ts(from) as Ts,
        zones
    )
    .fetch_all(db)
    .await?;
    let mut candidates: Vec<Candidate> = rows
        .into_iter()
        .map(|r| Candidate {
            bucket: r.bucket,
            span: Span {
                partition: r.partition_id,
                first: r.first_position,
                events: u32::try_from(r.events).unwrap_or(0),
            },
            ends: (r.min_time.0, r.max_time.0),
            zones: r.zones,
        })
        .collect();
    candidates.sort_unstable_by_key(|c| Reverse((c.ends.1, c.span.partition, c.span.first)));
    Ok(Some(candidates))
}

/// The first events in a range, behind a place. `None`: what is wanted is no needle.
pub(super) async fn by_needle(
    db: &mut PgConnection,
    reach: &Reach,
    mut looking: Option<&mut Looking>,
    (range, order): (TimeRange, Order),
    after: Option<PageCursor>,
    room: Room,
) -> sqlx::Result<Option<Walked>> {
    let (edge, far) = order.ends(range, after);
    let mut walked = Walked::default();
    if order.soon(far) > order.soon(edge.time) {
        return Ok(Some(walked));
    }
    let ends = (far.min(edge.time), far.max(edge.time));
    let zones = looking.as_ref().is_some_and(|l| l.asks_numbers());
    let Some(mut candidates) = candidates(db, reach, &reach.wanted, ends, true, zones).await? else {
        return Ok(None);
    };
    if let Some(looking) = &mut looking {
        candidates.retain(|c| {
            let may = looking.may_match(c.zones.as_deref());
            looking.ruled_out += if may { 0 } else { u64::from(c.span.events) };
            may
        });
    }
    // No event of a span comes sooner.
    let soonest = |c: &Candidate| match order {
        Order::NewestFirst => order.soon(c.ends.1),
        Order::OldestFirst => order.soon(c.ends.0),
    };
    candidates.sort_by_key(|c| Reverse(soonest(c)));
    let begun = Instant::now();
    // Few at first: a key that is not rare fills its page with these.
    let (mut rest, mut at_once) = (candidates.as_slice(), 4);
    while let Some(next) = rest.first() {
        let (next, least) = (soonest(next), walked.least(order, room, far));
        if next < least {
            break;
        }
        if begun.elapsed() >= PATIENCE && next < order.soon(edge.time) {
            walked.stop_at(order, next, edge);
            break;
        }
        let (some, others) = rest.split_at(at_once.min(rest.len()));
        at_once = (2 * at_once).min(AT_ONCE);
        walked.looked_at += some.iter().map(|c| u64::from(c.span.events)).sum::<u64>();
        let window = Window { order, edge, far: order.time(least) };
        for (bucket, spans) in by_bucket(some) {
            let found = match &mut looking {
                Some(looking) => looking.in_spans(db, reach, bucket, &spans, &window).await?,
                None => of_spans(db, bucket, &spans, &window, reach, Some(room.rows + 1)).await?,
            };
            walked.add(order, found, room);
        }
        rest = others;
    }
    walked.finish(room);
    Ok(Some(walked))
}

/// Events with a hash that may be in a range, in no order. `None`: more than `most`.
pub(super) async fn with_hash(
    db: &mut PgConnection,
    reach: &Reach,
    hash: i64,
    range: TimeRange,
    most: usize,
) -> sqlx::Result<Option<Vec<Row>>> {
    let Some(mut with_hash) = WithHashes::of(db, reach, &[hash], range).await? else { return Ok(None) };
    let mut rows = Vec::new();
    while let Some(more) = with_hash.next(db).await? {
        rows.extend(more);
        if rows.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(rows))
}

/// The events with some hashes that may be in a range, some at a time, those of the latest spans first.
pub(super) struct WithHashes {
    hashes: HashSet<i64>,
    candidates: Vec<Candidate>,
    at: usize,
}

impl WithHashes {
    /// `None`: there are too many spans to be looked into one by one.
    pub(super) async fn of(
        db: &mut PgConnection,
        reach: &Reach,
        hashes: &[i64],
        range: TimeRange,
    ) -> sqlx::Result<Option<Self>> {
        let wanted = Wanted::any(hashes.iter().map(|hash| Wanted::Holds(Hash(Kind::Keys, *hash as u64))));
        let ends = (range.from.unwrap_or(Timestamp(i64::MIN)), range.to.unwrap_or(Timestamp(i64::MAX)));
        let candidates = candidates(db, reach, &wanted, ends, false, false).await?;
        Ok(candidates.map(|candidates| Self { hashes: hashes.iter().copied().collect(), candidates, at: 0 }))
    }

    /// `None`: that was all.
    pub(super) async fn next(&mut self, db: &mut PgConnection) -> sqlx::Result<Option<Vec<Row>>> {
        let rest = self.candidates.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let some = by_bucket(&rest[..AT_ONCE.min(rest.len())]);
        self.at += AT_ONCE;
        let mut rows = Vec::new();
        for (bucket, spans) in some {
            each_row(&mut *db, bucket, &spans, |_, row| {
                if row.key_hash.is_some_and(|hash| self.hashes.contains(&hash)) {
                    rows.push(row);
                }
            })
            .await?;
        }
        Ok(Some(rows))
    }
}

impl Store {
    /// Is an event with exactly this key stored where the view reaches? Its bytes decide, so a key whose payload's
    /// retention has passed is not found here.
    pub(crate) async fn key_is_stored(&self, view: &View, key: &[u8]) -> sqlx::Result<bool> {
        let mut db = self.by_index().await?;
        let Some(reach) = super::reach::reach(&mut db, view, &EventFilter::default()).await? else { return Ok(false) };
        let hash = crate::capture::key_hash(key);
        let Some(mut with_hash) = WithHashes::of(&mut db, &reach, &[hash], TimeRange::default()).await? else {
            return Ok(false);
        };
        let mut looked_at = 0;
        while let Some(mut rows) = with_hash.next(&mut db).await?
            && looked_at < NEEDLE
        {
            rows.retain(|r| r.block().is_some());
            looked_at += rows.len();
            let bytes = open_blocks(&mut db, &rows, true, false, 0).await?;
            if bytes.values().any(|b| b.key.as_deref() == Some(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
