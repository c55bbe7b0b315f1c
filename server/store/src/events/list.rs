//! A page of events.

use super::{
    by_key::by_key,
    fill::shown,
    look::Looking,
    reach::{is_told, range, reached},
    walk::{Walked, walk},
};
use crate::{Store, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::{
    Timestamp,
    access::View,
    events::{EventFilter, PageCursor, Scanned, StoredRow, TimeRange},
    search::Query,
};

impl Store {
    pub(super) async fn list_events(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        before: Option<PageCursor>,
        limit: usize,
    ) -> sqlx::Result<(Vec<StoredRow>, Scanned, Option<PageCursor>)> {
        let range = range(filter, query);
        let nothing = Scanned { complete: true, down_to: range.from, ..Scanned::default() };
        let _turn = match is_told(query) {
            true => None,
            false => Some(self.search_turn().await?),
        };
        let mut db = self.by_index().await?;
        let Some(reach) = reached(&mut db, view, filter, query).await? else {
            return Ok((Vec::new(), nothing, None));
        };
        let mut looking = match is_told(query) {
            true => None,
            false => Some(Looking::new(&mut db, view, query, &reach.partitions).await?),
        };
        let needle = match reach.key_hash() {
            Some(hash) => by_key(&mut db, &reach, looking.as_mut(), hash, range, before, limit).await?,
            None => None,
        };
        let by_index = needle.is_some();
        let walked = match needle {
            Some(found) => found,
            None => walk(&mut db, &reach, looking.as_mut(), range, before, limit).await?,
        };
        let down_to = match &walked.next {
            Some(next) => Some(next.time),
            None => range.from,
        };
        let covered = match walked.next {
            Some(_) => (0, None),
            None => covered(&mut db, &reach.ids(), range).await?,
        };
        let upto = before.map(|b| b.time).or(range.to);
        let scanned = Scanned {
            rows: walked.looked_at,
            indexed: if by_index { covered.0 } else { 0 },
            opened: looking.as_ref().map_or(0, |l| l.opened),
            ruled_out: looking.map_or(0, |l| l.ruled_out),
            complete: walked.complete,
            down_to: down_to.or(covered.1),
            gaps: gaps_found(&mut db, &reach.all_ids(), down_to, upto).await?,
            silent_sources: silent_sources(&mut db, view, filter).await?,
            // The use case knows.
            unseen: Vec::new(),
        };
        let Walked { rows, next, .. } = walked;
        Ok((shown(&mut db, view, &reach, &rows).await?, scanned, next))
    }
}

/// Events of a range, and the time of the oldest.
async fn covered(
    db: &mut PgConnection,
    partitions: &[i64],
    range: TimeRange,
) -> sqlx::Result<(u64, Option<Timestamp>)> {
    let row = sqlx::query_file!(
        "queries/events/covered.sql",
        partitions,
        range.from.map(Ts) as Option<Ts>,
        range.to.map(Ts) as Option<Ts>
    )
    .fetch_one(db)
    .await?;
    Ok((u64::try_from(row.events).unwrap_or(0), row.oldest.map(|t| t.0)))
}

/// Gaps have no time of their own; they count where they were found.
pub(super) async fn gaps_found(
    db: &mut PgConnection,
    partitions: &[i64],
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> sqlx::Result<u32> {
    let n = sqlx::query_scalar!(
        r#"select count(*) as "n!" from gap where partition_id = any($1)
           and ($2::timestamptz is null or found_at >= $2) and ($3::timestamptz is null or found_at <= $3)"#,
        partitions,
        from.map(Ts) as Option<Ts>,
        to.map(Ts) as Option<Ts>
    )
    .fetch_one(db)
    .await?;
    Ok(u32::try_from(n).unwrap_or(u32::MAX))
}

/// Sources among those asked for that are not read now, and may have more.
async fn silent_sources(db: &mut PgConnection, view: &View, filter: &EventFilter) -> sqlx::Result<Vec<String>> {
    let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
    sqlx::query_scalar!(
        "select s.name from source s
         where (s.state in ('down', 'paused', 'off') or s.paused or s.orphan)
           and ($1::bigint is null or s.id = $1)
           and exists (select from channel c where c.source_id = s.id and c.id = any($2) and ($3::bigint is null or c.id = $3))
         order by s.name limit 20",
        filter.source.map(|s| s.0),
        &channels,
        filter.channel.map(|c| c.0)
    )
    .fetch_all(db)
    .await
}
