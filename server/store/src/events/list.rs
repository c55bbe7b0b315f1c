//! A page of events.

use super::{
    fill::shown,
    look::Looking,
    needle::by_needle,
    order::Order,
    reach::{Asked, Reach},
    rows::Row,
    walk::{Far, Room, Walked, walk},
    whole::{AT_MOST, whole},
};
use crate::{Store, timestamp::Ts};
use sqlx::{PgConnection, Postgres, Transaction};
use weir_domain::{
    Timestamp,
    access::View,
    events::{EventFilter, PageCursor, Scanned, StoredRow, Stretch, TimeRange},
    search::Query,
};

/// Which part of what is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) before: Option<PageCursor>,
    pub(super) limit: usize,
}

impl Page {
    const fn room(&self, bytes: u64) -> Room {
        Room { rows: self.limit, bytes }
    }
}

/// Rows that were found, and the transaction that saw them.
struct Found {
    db: Transaction<'static, Postgres>,
    reach: Reach,
    rows: Vec<Row>,
    scanned: Scanned,
    next: Option<PageCursor>,
    passed_over: bool,
}

impl Store {
    pub(super) async fn list_events(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        page: Page,
    ) -> sqlx::Result<(Vec<StoredRow>, Scanned, Option<PageCursor>)> {
        let asked = Asked::new(view, filter, query);
        let _turn = match asked.told {
            true => None,
            false => Some(self.search_turn().await?),
        };
        match self.found(&asked, page.before, page.room(u64::MAX)).await? {
            Ok(Found { mut db, reach, rows, scanned, next, .. }) => {
                Ok((shown(&mut db, view, &reach, &rows).await?, scanned, next))
            }
            Err(nothing) => Ok((Vec::new(), nothing, None)),
        }
    }

    /// One after the other asks for more and more, so each takes turns with searches whatever it asks for.
    pub(super) async fn list_whole_events(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        page: Page,
    ) -> sqlx::Result<Stretch> {
        let _turn = self.search_turn().await?;
        match self.found(&Asked::new(view, filter, query), page.before, page.room(AT_MOST)).await? {
            Ok(Found { mut db, reach, rows, scanned, next, passed_over }) => {
                let events = whole(&mut db, view, &reach, &rows).await?;
                Ok(Stretch { events, scanned, next, passed_over })
            }
            Err(scanned) => Ok(Stretch { events: Vec::new(), scanned, next: None, passed_over: false }),
        }
    }

    /// As many rows as there is room for, of those there are; or, where nothing can match, what to say of it.
    async fn found(
        &self,
        asked: &Asked<'_>,
        before: Option<PageCursor>,
        room: Room,
    ) -> sqlx::Result<Result<Found, Scanned>> {
        let range = asked.range;
        let mut db = self.by_index().await?;
        let Some(reach) = asked.reached(&mut db).await? else {
            return Ok(Err(Scanned { complete: true, down_to: range.from, ..Scanned::default() }));
        };
        let mut looking = Looking::new(asked, &reach, self.decoder());
        let order = Order::of(asked.filter);
        let (walked, by_index) = reach.find(&mut db, looking.as_mut(), (range, order), before, room).await?;
        // Where what was looked at ends, and where it begins.
        let reached = walked.next.map(|next| next.time);
        let (down_to, upto) = match order {
            Order::NewestFirst => (reached.or(range.from), before.map(|b| b.time).or(range.to)),
            Order::OldestFirst => (before.map(|b| b.time).or(range.from), reached.or(range.to)),
        };
        let covered = match walked.next {
            Some(_) => (0, None),
            None => covered(&mut db, &reach.ids(), range).await?,
        };
        let scanned = Scanned {
            rows: walked.looked_at,
            indexed: if by_index { covered.0 } else { 0 },
            opened: looking.as_ref().map_or(0, |l| l.opened),
            unjudged: looking.as_ref().map_or(0, |l| l.unjudged(order, walked.next)),
            ruled_out: looking.map_or(0, |l| l.ruled_out),
            complete: walked.complete,
            down_to: match order {
                Order::NewestFirst => down_to.or(covered.1),
                Order::OldestFirst => upto,
            },
            gaps: gaps_found(&mut db, &reach.all_ids(), down_to, upto).await?,
            silent_sources: silent_sources(&mut db, asked.view, asked.filter).await?,
            // The use case knows.
            unseen: Vec::new(),
        };
        let Walked { rows, next, passed_over, .. } = walked;
        Ok(Ok(Found { db, reach, rows, scanned, next, passed_over }))
    }
}

impl Reach {
    /// The first events in a range, behind a place; true if an index told them.
    pub(super) async fn find(
        &self,
        db: &mut PgConnection,
        mut looking: Option<&mut Looking>,
        range: (TimeRange, Order),
        before: Option<PageCursor>,
        room: Room,
    ) -> sqlx::Result<(Walked, bool)> {
        if self.wanted.is_needle() {
            // Types that are not rare are met sooner than looked up.
            if looking.is_none() && self.key.is_none() {
                let walked = walk(db, self, None, range, before, room, Far::FewRounds).await?;
                if walked.complete {
                    return Ok((walked, false));
                }
            }
            if let Some(found) = by_needle(db, self, looking.as_deref_mut(), range, before, room).await? {
                return Ok((found, true));
            }
        }
        Ok((walk(db, self, looking, range, before, room, Far::AsUsual).await?, false))
    }
}

/// Events of a range, and the time of the oldest.
pub(super) async fn covered(
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

/// Gaps have no time of their own; they count where they were found. Page by page, each once.
pub(super) async fn gaps_found(
    db: &mut PgConnection,
    partitions: &[i64],
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> sqlx::Result<u32> {
    let n = sqlx::query_scalar!(
        r#"select count(*) as "n!" from gap where partition_id = any($1)
           and ($2::timestamptz is null or found_at >= $2) and ($3::timestamptz is null or found_at < $3)"#,
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
