//! Following what is captured, by positions per partition: nothing follows a global order (decision 6).

use super::{
    fill::shown,
    look::Looking,
    order::Order,
    reach::{Asked, Reach, reach},
    rows::{Row, Span, each_row},
};
use crate::Store;
use sqlx::PgConnection;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};
use weir_domain::{
    PartitionId, Position,
    access::View,
    events::{EventFilter, Positions, StoredRow, TimeRange, Unshown},
    search::Query,
};

/// Events looked at by one call, shared by the partitions that have news: filters are applied to these, the older ones
/// count as skipped.
const LOOK_AT: i64 = 50_000;

/// A stretch of positions of one partition: after, up to.
type Stretch = (i64, i64, i64);

impl Store {
    pub(super) async fn tail_from_now(&self, view: &View, filter: &EventFilter) -> sqlx::Result<Positions> {
        let _turn = self.tail_turn().await?;
        let mut db = self.by_index().await?;
        // Every partition in view, closed or not, whatever is looked for in it: one that is left out here would be
        // taken for new when the type asked for first appears in it.
        let unasked = EventFilter { event_type: None, key: None, ..filter.clone() };
        let Some(reach) = reach(&mut db, view, &unasked).await? else { return Ok(Positions::default()) };
        let rows = sqlx::query_file!("queries/events/tail_start.sql", &reach.ids()).fetch_all(&mut *db).await?;
        Ok(Positions(rows.into_iter().map(|r| (PartitionId(r.id), Position(r.last))).collect()))
    }

    pub(super) async fn tail_after(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        after: &Positions,
        limit: usize,
    ) -> sqlx::Result<(Vec<StoredRow>, Positions, Unshown)> {
        let _turn = self.tail_turn().await?;
        let mut db = self.by_index().await?;
        // Not narrowed by the query: what it leaves out now is followed all the same, and no news once it does not.
        let Some(before_type) = reach(&mut db, view, filter).await? else {
            return Ok((Vec::new(), after.clone(), Unshown::default()));
        };
        let mut now = self::now(&mut db, before_type.all_ids(), after).await?;
        let mut stretches = stretches(&mut db, &mut now).await?;
        // Once more, for a type that is new since: it is written down before its first event is.
        let asked = Asked::new(view, filter, query);
        let Some(reach) = asked.reached(&mut db).await? else {
            return Ok((Vec::new(), after.clone(), Unshown::default()));
        };
        for of_bucket in stretches.values_mut() {
            of_bucket.retain(|s| reach.partitions.contains_key(&PartitionId(s.0)));
        }
        stretches.retain(|_, of_bucket| !of_bucket.is_empty());
        let filtered =
            reach.types.is_some() || reach.key.is_some() || filter.range != TimeRange::default() || !asked.told;
        let most = if filtered { 5000 } else { limit as i64 };
        let lists: usize = stretches.values().map(Vec::len).sum();
        let each = (LOOK_AT / lists.max(1) as i64).clamp(20, most.max(20));
        let (mut rows, mut skipped, mut unjudged) = (Vec::new(), 0_u64, 0);
        for (bucket, stretches) in stretches {
            let found = newest_of(&mut db, bucket, &stretches, each).await?;
            // Only where a stretch was cut there can be more than what was read.
            let mut read: HashMap<i64, i64> = HashMap::new();
            found.iter().for_each(|r| *read.entry(r.partition_id).or_default() += 1);
            let cut: Vec<Stretch> = stretches.iter().filter(|s| read.get(&s.0) == Some(&each)).copied().collect();
            if !cut.is_empty() {
                let there = count(&mut db, bucket, &cut).await?;
                let seen = cut.len() as u64 * each as u64;
                skipped += there.saturating_sub(seen);
            }
            rows.extend(found);
        }
        rows.retain(|r| matches(r, &reach, filter));
        if let Some(mut looking) = Looking::new(&asked, &reach, self.decoder()) {
            rows = looking.matching(&mut db, rows).await?;
            unjudged = looking.unjudged(Order::NewestFirst, None);
        }
        // The newest, if there are more than asked for.
        rows.sort_unstable_by_key(|r| (r.captured_at.0, r.partition_id, r.position));
        if rows.len() > limit {
            let out = rows.len() - limit;
            skipped += out as u64;
            rows.drain(..out);
        }
        // Oldest first per partition, and the partitions interleaved as they were captured.
        let shown = shown(&mut db, view, &reach, &rows).await?;
        Ok((shown, Positions(now.into_iter().collect()), Unshown { skipped, unjudged }))
    }
}

/// Where the tail is in each partition. One that was opened after the tail began is followed from its first event. One
/// that was there and out of sight (a channel granted since) from here on: its past is no news.
async fn now(
    db: &mut PgConnection,
    partitions: Vec<i64>,
    after: &Positions,
) -> sqlx::Result<BTreeMap<PartitionId, Position>> {
    let known: HashMap<PartitionId, Position> = after.0.iter().copied().collect();
    let mut now: BTreeMap<_, _> =
        partitions.into_iter().map(PartitionId).map(|p| (p, known.get(&p).copied())).collect();
    let unknown: Vec<i64> = now.iter().filter(|(_, at)| at.is_none()).map(|(p, _)| p.0).collect();
    if !unknown.is_empty() && !known.is_empty() {
        let known: Vec<i64> = known.keys().map(|p| p.0).collect();
        let rows = sqlx::query_file!("queries/events/tail_seen_late.sql", &unknown, &known).fetch_all(db).await?;
        now.extend(rows.into_iter().map(|r| (PartitionId(r.id), Some(Position(r.last)))));
    }
    Ok(now.into_iter().map(|(p, at)| (p, at.unwrap_or(Position(-1)))).collect())
}

/// What is new, by bucket; moves `now` to the last stored positions.
async fn stretches(
    db: &mut PgConnection,
    now: &mut BTreeMap<PartitionId, Position>,
) -> sqlx::Result<BTreeMap<i32, Vec<Stretch>>> {
    let found = sqlx::query_file!(
        "queries/events/tail_directory.sql",
        &now.keys().map(|p| p.0).collect::<Vec<_>>(),
        &now.values().map(|p| p.0).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    let mut stretches: BTreeMap<i32, Vec<Stretch>> = BTreeMap::new();
    for d in found {
        stretches.entry(d.bucket).or_default().push((d.partition_id, d.after, d.last_position));
        if let Some(position) = now.get_mut(&PartitionId(d.partition_id)) {
            *position = (*position).max(Position(d.last_position));
        }
    }
    Ok(stretches)
}

async fn newest_of(db: &mut PgConnection, bucket: i32, stretches: &[Stretch], each: i64) -> sqlx::Result<Vec<Row>> {
    let (partitions, after, upto) = apart(stretches);
    let found = sqlx::query_file!("queries/events/tail_spans.sql", bucket, &partitions, &after, &upto, each)
        .fetch_all(&mut *db)
        .await?;
    // Newest first of each: as many as hold what is wanted.
    let mut there = vec![0_i64; stretches.len()];
    let mut spans = Vec::with_capacity(found.len());
    for s in found {
        let Ok(n) = usize::try_from(s.n - 1) else { continue };
        let (Some(there), Some(stretch)) = (there.get_mut(n), stretches.get(n)) else { continue };
        if *there < each {
            spans.push(Span {
                partition: stretch.0,
                first: s.first_position,
                events: u32::try_from(s.events).unwrap_or(0),
            });
        }
        *there += i64::from(s.events);
    }
    let within: HashMap<i64, (i64, i64)> = stretches.iter().map(|(p, after, upto)| (*p, (*after, *upto))).collect();
    let mut newest: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    each_row(db, bucket, &spans, |_, row| {
        if within.get(&row.partition_id).is_some_and(|(after, upto)| *after < row.position && row.position <= *upto) {
            newest.entry(row.partition_id).or_default().push(row);
        }
    })
    .await?;
    for rows in newest.values_mut() {
        rows.sort_unstable_by_key(|r| Reverse(r.position));
        rows.truncate(usize::try_from(each).unwrap_or(usize::MAX));
    }
    Ok(newest.into_values().flatten().collect())
}

async fn count(db: &mut PgConnection, bucket: i32, stretches: &[Stretch]) -> sqlx::Result<u64> {
    let (partitions, after, upto) = apart(stretches);
    let n =
        sqlx::query_file!("queries/events/tail_count.sql", bucket, &partitions, &after, &upto).fetch_one(db).await?;
    Ok(u64::try_from(n.events).unwrap_or(0))
}

fn apart(stretches: &[Stretch]) -> (Vec<i64>, Vec<i64>, Vec<i64>) {
    let column = |f: fn(&Stretch) -> i64| stretches.iter().map(f).collect();
    (column(|s| s.0), column(|s| s.1), column(|s| s.2))
}

fn matches(row: &Row, reach: &Reach, filter: &EventFilter) -> bool {
    filter.range.contains(row.sort_time.0) && reach.takes(row)
}
