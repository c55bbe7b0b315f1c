//! Asking segments.

use super::layout::{Shape, bounds, place};
use crate::{error::corrupt, timestamp::Ts};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap, HashSet};
use weir_domain::Timestamp;

/// What is asked for: segments of keys and types hang on rows, those of words on blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Keys,
    Words,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Words => "words",
        }
    }
    /// The part of the store that its segments come and go with.
    const fn part(self) -> &'static str {
        match self {
            Self::Keys => "metadata",
            Self::Words => "payload",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Hash(pub(crate) Kind, pub(crate) u64);

/// Spans by partition and first position.
pub(crate) type Places = HashSet<(i64, i64)>;

/// What segments say of some hashes.
#[derive(Default)]
pub(crate) struct Found {
    /// The spans that may hold each hash, as far as they are in segments. Hashes that most spans hold are missing.
    pub(crate) holding: HashMap<Hash, Places>,
    /// The spans that are in none, by kind.
    pub(crate) open: HashMap<Kind, Places>,
}

/// More spans than this are no needle's.
pub(crate) const MOST: usize = 50_000;
/// In a segment of at least so many spans
const TELLING: i32 = 64;
/// a hash that one in so many holds is common.
const COMMON: usize = 4;

struct Segment {
    bucket: i32,
    segment: i32,
    spans: i32,
    shape: Shape,
}

/// Which spans of some partitions may hold each of some hashes in a range of times (ends included). `skip_common`: what
/// most spans hold is not worth asking all segments for. `None`: more than [`MOST`].
pub(crate) async fn holding(
    db: &mut PgConnection,
    partitions: &[i64],
    hashes: &[Hash],
    from: Timestamp,
    upto: Timestamp,
    skip_common: bool,
) -> sqlx::Result<Option<Found>> {
    let mut by_kind: BTreeMap<Kind, Vec<u64>> = BTreeMap::new();
    hashes.iter().for_each(|Hash(kind, hash)| by_kind.entry(*kind).or_default().push(*hash));
    let wanted: HashSet<i64> = partitions.iter().copied().collect();
    let (mut found, mut spans) = (Found::default(), 0);
    for (kind, hashes) in by_kind {
        let (from, upto) = (Ts(from), Ts(upto));
        let buckets =
            sqlx::query_file_scalar!("queries/events/buckets.sql", partitions, upto as Ts, from as Ts, kind.part())
                .fetch_all(&mut *db)
                .await?;
        let rows = sqlx::query_file!("queries/segments/list.sql", kind.as_str(), &buckets, upto as Ts, from as Ts)
            .fetch_all(&mut *db)
            .await?;
        let segments: Option<Vec<Segment>> = rows
            .into_iter()
            .map(|s| {
                let shape = Shape::of(s.hash_bits, s.slot_bits, s.span_bits)?;
                Some(Segment { bucket: s.bucket, segment: s.segment, spans: s.spans, shape })
            })
            .collect();
        let segments = segments.ok_or_else(|| corrupt("the lengths in a segment".to_owned()))?;
        // The newest tells what is common.
        let told = segments.iter().take(1).filter(|s| skip_common && s.spans >= TELLING);
        let told = told.count();
        let (newest, others) = segments.split_at(told);
        let mut hits = asked(db, kind, newest, &hashes).await?;
        let rare = |hash: &u64| match newest {
            [one] => hits.get(hash).map_or(0, Vec::len) * COMMON < one.spans as usize,
            _ => true,
        };
        let rare: Vec<u64> = hashes.iter().copied().filter(rare).collect();
        hits.retain(|hash, _| rare.contains(hash));
        for (hash, more) in asked(db, kind, others, &rare).await? {
            hits.entry(hash).or_default().extend(more.into_iter().map(|(segment, span)| (segment + told, span)));
        }
        spans += hits.values().map(Vec::len).sum::<usize>();
        if spans > MOST {
            return Ok(None);
        }
        let places = places(db, kind, &segments, &hits).await?;
        for hash in rare {
            let of_hash = hits.remove(&hash).unwrap_or_default();
            let of_hash = of_hash.into_iter().map(|(segment, span)| place(places.get(&segment)?, span));
            let of_hash: Option<Places> = of_hash.collect();
            let of_hash = of_hash.ok_or_else(|| corrupt("the places of a segment".to_owned()))?;
            let visible = of_hash.into_iter().filter(|(partition, _)| wanted.contains(partition));
            found.holding.insert(Hash(kind, hash), visible.collect());
        }
        let open = open(db, kind, &buckets, partitions).await?;
        if open.len() > MOST {
            return Ok(None);
        }
        found.open.insert(kind, open);
    }
    Ok(Some(found))
}

/// The spans that hold each hash: (which segment, which of its spans).
async fn asked(
    db: &mut PgConnection,
    kind: Kind,
    segments: &[Segment],
    hashes: &[u64],
) -> sqlx::Result<HashMap<u64, Vec<(usize, usize)>>> {
    let mut found: HashMap<u64, Vec<(usize, usize)>> = HashMap::new();
    let questions = || segments.iter().enumerate().flat_map(|(i, s)| hashes.iter().map(move |h| (i, s, *h)));
    let (mut buckets, mut numbers, mut at) = (Vec::new(), Vec::new(), Vec::new());
    for (_, s, hash) in questions() {
        buckets.push(s.bucket);
        numbers.push(s.segment);
        at.push(i32::try_from(s.shape.bounds_of(hash) + 1).unwrap_or(i32::MAX));
    }
    if at.is_empty() {
        return Ok(found);
    }
    let slots = sqlx::query_file!("queries/segments/slots.sql", kind.as_str(), &buckets, &numbers, &at)
        .fetch_all(&mut *db)
        .await?;
    let damaged = || corrupt("a segment's slots or entries".to_owned());
    let (mut from, mut long) = (vec![1_i32; at.len()], vec![0_i32; at.len()]);
    for s in slots {
        let n = usize::try_from(s.n - 1).unwrap_or(usize::MAX);
        let (begin, end) = bounds(&s.bounds).ok_or_else(damaged)?;
        if let (Some(from), Some(long)) = (from.get_mut(n), long.get_mut(n)) {
            *from = i32::try_from(begin + 1).map_err(|_| damaged())?;
            *long = i32::try_from(end - begin).map_err(|_| damaged())?;
        }
    }
    let entries = sqlx::query_file!("queries/segments/entries.sql", kind.as_str(), &buckets, &numbers, &from, &long)
        .fetch_all(db)
        .await?;
    let questions: Vec<_> = questions().collect();
    for e in entries {
        let n = usize::try_from(e.n - 1).unwrap_or(usize::MAX);
        let Some((i, segment, hash)) = questions.get(n) else { continue };
        let spans = segment.shape.spans_in(*hash, &e.entries).ok_or_else(damaged)?;
        if !spans.is_empty() {
            found.entry(*hash).or_default().extend(spans.into_iter().map(|span| (*i, span)));
        }
    }
    Ok(found)
}

/// The places of those segments in which something was found.
async fn places(
    db: &mut PgConnection,
    kind: Kind,
    segments: &[Segment],
    hits: &HashMap<u64, Vec<(usize, usize)>>,
) -> sqlx::Result<HashMap<usize, Vec<u8>>> {
    let with_hits: HashSet<usize> = hits.values().flatten().map(|(segment, _)| *segment).collect();
    let with_hits: Vec<usize> = with_hits.into_iter().collect();
    let of: Vec<&Segment> = with_hits.iter().filter_map(|i| segments.get(*i)).collect();
    let rows = sqlx::query_file!(
        "queries/segments/places.sql",
        kind.as_str(),
        &of.iter().map(|s| s.bucket).collect::<Vec<_>>(),
        &of.iter().map(|s| s.segment).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    let places = rows.into_iter().filter_map(|r| {
        let n = usize::try_from(r.n - 1).ok()?;
        Some((*with_hits.get(n)?, r.places))
    });
    Ok(places.collect())
}

/// One more than [`MOST`] at most.
async fn open(db: &mut PgConnection, kind: Kind, buckets: &[i32], partitions: &[i64]) -> sqlx::Result<Places> {
    let most = MOST as i64 + 1;
    match kind {
        Kind::Keys => {
            let rows = sqlx::query_file!("queries/segments/open_keys.sql", buckets, partitions, most);
            Ok(rows.fetch_all(db).await?.into_iter().map(|r| (r.partition_id, r.first_position)).collect())
        }
        Kind::Words => {
            let rows = sqlx::query_file!("queries/segments/open_words.sql", buckets, partitions, most);
            Ok(rows.fetch_all(db).await?.into_iter().map(|r| (r.partition_id, r.first_position)).collect())
        }
    }
}
