//! How what a search finds is spread, over time and over types, channels and keys.

use super::{
    fill::{shown, type_names},
    keys::{patience, unless_cancelled},
    list::gaps_found,
    look::{self, Looking},
    order::Order,
    reach::{Asked, Reach},
    rows::Row,
    walk::Room,
};
use crate::{Store, timestamp::Ts};
use sqlx::PgConnection;
use std::{cmp::Reverse, collections::HashMap, hash::Hash, time::Duration};
use weir_domain::{
    Timestamp,
    access::View,
    events::{Bins, EventFilter, StoredBreakdown, StoredRow, TimeRange},
    search::{Path, Query},
};

/// Matching events that are counted one by one, at most.
const MOST_COUNTED: usize = 10_000;
/// Of more events than this, spans are not summed up: it would take seconds.
const MOST_SPREAD: i64 = 100_000_000;
/// How long summing up may take.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Where no beginning is asked for, bins reach back this far: one event from 1970 would leave all others in one bin.
const LONGEST_US: i64 = 30 * 86_400_000_000;

impl Store {
    pub(super) async fn break_down(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        field: Option<&Path>,
        bins: usize,
        top: usize,
    ) -> sqlx::Result<StoredBreakdown> {
        // It does more than a page of a list, whatever it asks for.
        let _turn = self.search_turn().await?;
        let asked = Asked::new(view, filter, query);
        let mut db = self.by_index().await?;
        let Some(reach) = asked.reached(&mut db).await? else { return Ok(StoredBreakdown::default()) };
        let stretch = stretch(&mut db, &reach, asked.range).await?;
        // Where bins don't reach back to the beginning, neither do these.
        let begins = asked.range.from.or(stretch.as_ref().filter(|s| s.cut).map(|s| s.from));
        let gaps = gaps_found(&mut db, &reach.all_ids(), begins, asked.range.to).await?;
        let Some(stretch) = stretch else { return Ok(StoredBreakdown { gaps, ..StoredBreakdown::default() }) };
        let bins = Bins::over(stretch.from, stretch.to, bins);
        let range = TimeRange { from: Some(stretch.from), to: Some(stretch.to.plus_micros(1)) };
        let mut looking = Looking::new(&asked, &reach, self.decoder());
        let room = Room::of_rows(MOST_COUNTED);
        let (walked, _) = reach.find(&mut db, looking.as_mut(), (range, Order::NewestFirst), None, room).await?;
        let one_by_one = || {
            let mut found = vec![0; bins.count];
            for row in &walked.rows {
                if let Some(n) = found.get_mut(bins.of(row.sort_time.0)) {
                    *n += 1;
                }
            }
            found
        };
        let unjudged = looking.as_ref().map_or(0, |l| l.unjudged(Order::NewestFirst, walked.next));
        let narrowed = looking.is_some() || reach.types.is_some() || reach.key.is_some();
        let all = match (narrowed, &walked.next) {
            // Every one of them was met.
            (false, None) => Some(one_by_one()),
            _ if stretch.events > MOST_SPREAD => None,
            _ => spread(&mut db, &reach, &bins, &stretch).await?,
        };
        let found = (narrowed || all.is_none()).then(one_by_one);
        let down_to = match walked.next {
            Some(next) => Some(next.time),
            None => stretch.cut.then_some(stretch.from),
        };
        let values = match field.filter(|_| view.payload()) {
            Some(path) => look::values(&mut db, &walked.rows, path, self.decoder()).await?,
            None => Vec::new(),
        };
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
            unjudged,
            down_to,
            types: types.into_iter().filter_map(|(id, n)| Some((names.get(&id)?.clone(), n))).collect(),
            channels,
            read: values.len() as u64,
            gaps,
            values: counted(values.iter().flatten().map(String::as_str), top)
                .into_iter()
                .map(|(value, n)| (value.to_owned(), n))
                .collect(),
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

/// Where events are, both ends within.
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    /// There are older ones, which nobody excluded.
    cut: bool,
    /// About how many.
    events: i64,
}

/// `None`: nothing is there.
async fn stretch(db: &mut PgConnection, reach: &Reach, range: TimeRange) -> sqlx::Result<Option<Stretch>> {
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
    let cut = range.from.is_none() && from > oldest.0;
    Ok((from <= to).then_some(Stretch { from, to, cut, events: row.events }))
}

/// Events per bin. A span that reaches over several is shared out evenly among them, one that reaches out of the stretch
/// counts as far as it lies within. `None`: there are too many spans.
async fn spread(
    db: &mut PgConnection,
    reach: &Reach,
    bins: &Bins,
    stretch: &Stretch,
) -> sqlx::Result<Option<Vec<u64>>> {
    // What runs out of time is undone, and so is its patience.
    sqlx::raw_sql("savepoint spread").execute(&mut *db).await?;
    patience(&mut *db, PATIENCE).await?;
    let spans = unless_cancelled(spans(&mut *db, reach, bins, stretch).await);
    sqlx::raw_sql("rollback to savepoint spread").execute(&mut *db).await?;
    let Some(spans) = spans? else { return Ok(None) };
    let mut all = vec![0; bins.count];
    for (first, last, events) in spans {
        let (first, last) = (bins.of(first), bins.of(last));
        let over = (last.saturating_sub(first) + 1) as u64;
        for (i, bin) in all.iter_mut().skip(first).take(over as usize).enumerate() {
            *bin += events / over + u64::from((i as u64) < events % over);
        }
    }
    Ok(Some(all))
}

/// Where the first and the last bin of some spans begin, and their events.
async fn spans(
    db: &mut PgConnection,
    reach: &Reach,
    bins: &Bins,
    stretch: &Stretch,
) -> sqlx::Result<Vec<(Timestamp, Timestamp, u64)>> {
    let partitions = reach.ids();
    let (from, to) = (Ts(stretch.from), Ts(stretch.to));
    let buckets = sqlx::query_file_scalar!("queries/events/buckets.sql", &partitions, to as Ts, from as Ts, "metadata")
        .fetch_all(&mut *db)
        .await?;
    let rows = sqlx::query_file!(
        "queries/events/spread.sql",
        &partitions,
        &buckets,
        from as Ts,
        to as Ts,
        bins.width_us as f64 / 1e6,
        Ts(bins.from) as Ts
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|r| (r.first.0, r.last.0, u64::try_from(r.events).unwrap_or(0))).collect())
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
