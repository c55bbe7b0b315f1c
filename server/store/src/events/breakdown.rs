//! How what a search finds is spread, over time and over types, channels and keys.

use super::{
    fill::{shown, type_names},
    look::Looking,
    reach::{Asked, Reach},
    rows::Row,
};
use crate::{Store, timestamp::Ts};
use sqlx::PgConnection;
use std::{cmp::Reverse, collections::HashMap, hash::Hash};
use weir_domain::{
    Timestamp,
    access::View,
    events::{Bins, EventFilter, StoredBreakdown, StoredRow, TimeRange},
    search::Query,
};

/// Matching events that are counted one by one, at most.
const MOST_COUNTED: usize = 10_000;
/// Of more events than this, spans are not summed up: it would take seconds.
const MOST_SPREAD: i64 = 100_000_000;
/// Where no beginning is asked for, bins reach back this far: one event from 1970 would leave all others in one bin.
const LONGEST_US: i64 = 30 * 86_400_000_000;

impl Store {
    pub(super) async fn break_down(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        bins: usize,
        top: usize,
    ) -> sqlx::Result<StoredBreakdown> {
        let asked = Asked::new(view, filter, query);
        let _turn = match asked.told {
            true => None,
            false => Some(self.search_turn().await?),
        };
        let mut db = self.by_index().await?;
        let Some(reach) = asked.reached(&mut db).await? else { return Ok(StoredBreakdown::default()) };
        let Some((range, events)) = stretch(&mut db, &reach, asked.range).await? else {
            return Ok(StoredBreakdown::default());
        };
        let bins = Bins::over(range.0, range.1, bins);
        let all = match events > MOST_SPREAD {
            true => None,
            false => Some(spread(&mut db, &reach, &bins, range).await?),
        };
        let range = TimeRange { from: Some(range.0), to: Some(range.1.plus_micros(1)) };
        let mut looking = Looking::new(&asked, &reach);
        let (walked, _) = reach.find(&mut db, looking.as_mut(), range, None, MOST_COUNTED).await?;
        let narrowed = looking.is_some() || reach.types.is_some() || reach.key.is_some();
        let found = narrowed.then(|| {
            let mut found = vec![0; bins.count];
            for row in &walked.rows {
                if let Some(n) = found.get_mut(bins.of(row.sort_time.0)) {
                    *n += 1;
                }
            }
            found
        });
        let types = counted(walked.rows.iter().map(|r| r.type_id), top);
        let examples: Vec<Row> =
            types.iter().filter_map(|(id, ..)| walked.rows.iter().find(|r| r.type_id == *id).cloned()).collect();
        let names = type_names(&mut db, &examples).await?;
        let places = walked.rows.iter().filter_map(|r| reach.partitions.get(&r.partition()));
        let channels = counted(places.map(|p| p.channel), top);
        Ok(StoredBreakdown {
            bins: Some(bins),
            all,
            found,
            counted: walked.rows.len() as u64,
            down_to: walked.next.map(|next| next.time),
            types: types.into_iter().filter_map(|(id, n)| Some((names.get(&id)?.clone(), n))).collect(),
            channels,
            keys: match view.key() {
                true => keys(&mut db, view, &reach, &walked.rows, top).await?,
                false => Vec::new(),
            },
        })
    }
}

/// Each of the most frequent keys with an event that has it.
async fn keys(
    db: &mut PgConnection,
    view: &View,
    reach: &Reach,
    rows: &[Row],
    top: usize,
) -> sqlx::Result<Vec<(StoredRow, u64)>> {
    let most = counted(rows.iter().filter_map(|r| r.key_hash), top);
    // The newest has its bytes the longest.
    let examples: Vec<Row> =
        most.iter().filter_map(|(hash, _)| rows.iter().find(|r| r.key_hash == Some(*hash)).cloned()).collect();
    let shown = shown(db, view, reach, &examples).await?;
    let counts: HashMap<i64, u64> = most.into_iter().collect();
    Ok(shown
        .into_iter()
        .filter_map(|row| row.key_hash.and_then(|h| counts.get(&h.0)).map(|n| (row.clone(), *n)))
        .collect())
}

/// The most frequent values, and how often each came; the one met first where two came as often.
fn counted<T: Copy + Eq + Hash>(values: impl Iterator<Item = T>, top: usize) -> Vec<(T, u64)> {
    let mut counts: HashMap<T, (u64, usize)> = HashMap::new();
    for (at, value) in values.enumerate() {
        counts.entry(value).or_insert((0, at)).0 += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|(_, (n, at))| (Reverse(*n), *at));
    counts.truncate(top);
    counts.into_iter().map(|(value, (n, _))| (value, n)).collect()
}

/// From when to when, both within, and about how many events; `None`: nothing is there.
async fn stretch(
    db: &mut PgConnection,
    reach: &Reach,
    range: TimeRange,
) -> sqlx::Result<Option<((Timestamp, Timestamp), i64)>> {
    let row = sqlx::query_file!(
        "queries/events/stretch.sql",
        &reach.ids(),
        range.from.map(Ts) as Option<Ts>,
        range.to.map(Ts) as Option<Ts>
    )
    .fetch_one(db)
    .await?;
    let (Some(oldest), Some(newest)) = (row.oldest, row.newest) else { return Ok(None) };
    let to = range.to.map_or(newest.0, |to| to.plus_micros(-1));
    let from = range.from.unwrap_or(oldest.0.max(to.plus_micros(-LONGEST_US)));
    Ok((from <= to).then_some(((from, to), row.events)))
}

/// Events per bin. A span that reaches over several is shared out evenly among them.
async fn spread(
    db: &mut PgConnection,
    reach: &Reach,
    bins: &Bins,
    range: (Timestamp, Timestamp),
) -> sqlx::Result<Vec<u64>> {
    let partitions = reach.ids();
    let buckets =
        sqlx::query_file_scalar!("queries/events/buckets.sql", &partitions, Ts(range.1) as Ts, Ts(range.0) as Ts)
            .fetch_all(&mut *db)
            .await?;
    let rows = sqlx::query_file!(
        "queries/events/spread.sql",
        &partitions,
        &buckets,
        Ts(bins.from) as Ts,
        Ts(range.1) as Ts,
        bins.width_us as f64 / 1e6
    )
    .fetch_all(db)
    .await?;
    let mut all = vec![0; bins.count];
    for r in rows {
        let (first, last) = (bins.of(r.first.0), bins.of(r.last.0));
        let events = u64::try_from(r.events).unwrap_or(0);
        let over = (last.saturating_sub(first) + 1) as u64;
        for (i, bin) in all.iter_mut().skip(first).take(over as usize).enumerate() {
            *bin += events / over + u64::from((i as u64) < events % over);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_come_first() {
        assert_eq!(counted([3, 1, 2, 1, 2, 9].into_iter(), 3), [(1, 2), (2, 2), (3, 1)]);
        assert_eq!(counted(std::iter::empty::<i32>(), 3), []);
    }
}
