//! Which stored events have no content and may have it.

use crate::{
    Store,
    events::BY_INDEX,
    pool::begin,
    span::{self, Base, SpanRow},
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::time::{Duration, Instant};
use weir_domain::{
    ChannelId, PartitionId, Position,
    backfill::{Lacking, Next, Times},
};

/// Spans looked at by one statement: some hundreds of kilobytes.
const SPANS: i64 = 64;
/// Counting ends here.
const MOST_SPANS: usize = 20_000;
const COUNTING: Duration = Duration::from_secs(3);

/// May this row have content that it has not? `kept`: its batch has a block.
pub(super) fn lacks(row: &SpanRow, kept: bool) -> bool {
    match row.flags.absence() {
        Some(why) => why.may_be_read_live(),
        None => !kept,
    }
}

/// Looks at the next spans from a position on: calls `f` with each of their rows that lacks content within the times, and
/// says behind what it has looked, and how many spans that were. `None`: there are no more.
async fn look(
    db: &mut PgConnection,
    partition: i64,
    times: Times,
    from: i64,
    mut f: impl FnMut(&SpanRow) -> bool,
) -> sqlx::Result<Option<(i64, usize)>> {
    let spans = sqlx::query_file!(
        "queries/backfill/lacking.sql",
        partition,
        from,
        Ts(times.from) as Ts,
        Ts(times.to) as Ts,
        SPANS
    )
    .fetch_all(db)
    .await?;
    let mut looked = None;
    for (n, s) in spans.iter().enumerate() {
        let base = Base { first: s.first_position, captured_at: s.captured_at.0 };
        let mut on = true;
        let read = span::each(base, &s.rows, |_, row| {
            if on && row.position >= from && times.hold(row.sort_time) && lacks(&row, s.kept) {
                on = f(&row);
            }
        });
        if read.is_none() {
            // Pages that come to it say so; it keeps nobody else waiting.
            tracing::warn!(
                partition,
                span = s.first_position,
                "content can't be filled: the rows of a span can't be read"
            );
        }
        looked = Some((s.last_position.saturating_add(1), n + 1));
        if !on {
            break;
        }
    }
    Ok(looked)
}

impl Store {
    pub(super) async fn lacking_from(
        &self,
        partition: PartitionId,
        times: Times,
        from: Position,
    ) -> sqlx::Result<Next> {
        /// A hole of this many positions that need nothing ends a stretch: the broker is not asked for them.
        const HOLE: i64 = 500;
        let mut tx = begin(self.pages()).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        let mut stretch: Option<(i64, i64)> = None;
        let looked = look(&mut tx, partition.0, times, from.0, |row| match &mut stretch {
            None => {
                stretch = Some((row.position, row.position));
                true
            }
            Some((_, last)) if row.position - *last <= HOLE => {
                *last = row.position;
                true
            }
            Some(_) => false,
        })
        .await?;
        Ok(match (stretch, looked) {
            (Some((first, last)), _) => Next::Lacks { from: Position(first), to: Position(last.saturating_add(1)) },
            (None, Some((behind, _))) => Next::Below(Position(behind)),
            (None, None) => Next::AtItsEnd,
        })
    }

    /// Bounded in spans and time. `Ok(None)`: there is no such channel.
    pub(super) async fn counted_lacking(&self, channel: ChannelId, times: Times) -> sqlx::Result<Option<Lacking>> {
        // It reads as much as a search does.
        let _turn = self.search_turn().await?;
        let begun = Instant::now();
        let mut tx = self.for_a_page().await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        let erased_before = sqlx::query_scalar!(
            r#"select exists (
                   select from erasure e where e.state in ('running', 'cleaning', 'done')
                     and (e.channels is null or c.id = any(e.channels))
               ) as "erased!"
               from channel c where c.id = $1"#,
            channel.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(erased_before) = erased_before else { return Ok(None) };
        let partitions = sqlx::query_scalar!(
            "select id from partition where channel_id = $1 and (closed_at is null or closed_reason = $2) order by id",
            channel.0,
            super::super::CLOSED
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut found = Lacking { events: 0, raw_bytes: 0, whole: true, erased_before };
        let mut spans = 0;
        for partition in partitions {
            let mut from = i64::MIN;
            loop {
                if spans >= MOST_SPANS || begun.elapsed() >= COUNTING {
                    found.whole = false;
                    return Ok(Some(found));
                }
                let looked = look(&mut tx, partition, times, from, |row| {
                    found.events += 1;
                    found.raw_bytes += u64::try_from(row.size).unwrap_or(0);
                    true
                })
                .await?;
                let Some((behind, n)) = looked else { break };
                (from, spans) = (behind, spans + n);
            }
        }
        Ok(Some(found))
    }
}
