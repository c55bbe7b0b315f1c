use crate::{
    Store,
    error::failed,
    span::{self, Base},
    timestamp::Ts,
};
use weir_domain::{
    SourceId, StoreError, Timestamp,
    lag::{EventAt, EventTime},
};

/// Places asked for by one statement: each may bring a span of some kilobytes.
const AT_ONCE: usize = 500;

impl Store {
    pub(crate) async fn times_of_events(
        &self,
        source: SourceId,
        wanted: &[EventAt],
    ) -> Result<Vec<EventTime>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        for some in wanted.chunks(AT_ONCE) {
            let channels: Vec<&str> = some.iter().map(|w| w.channel.as_str()).collect();
            let numbers: Vec<i32> = some.iter().map(|w| w.partition).collect();
            let positions: Vec<i64> = some.iter().map(|w| w.position).collect();
            let rows =
                sqlx::query_file!("queries/lag/event_times.sql", source.0, &channels as &[&str], &numbers, &positions)
                    .fetch_all(self.pages())
                    .await
                    .map_err(failed)?;
            for (row, wanted) in rows.into_iter().zip(some) {
                let Some(next) = row.next_position.filter(|_| row.partition_id.is_some()) else {
                    found.push(EventTime::NotCaptured);
                    continue;
                };
                if wanted.position >= next {
                    found.push(EventTime::TapBehind);
                    continue;
                }
                let (Some(first), Some(captured_at), Some(rows)) = (row.first_position, row.captured_at, row.rows)
                else {
                    // Capture has passed it and met no event: what moved the end was a mark.
                    let nothing = row.is_last && row.gap_from.is_none();
                    found.push(if nothing { EventTime::Nothing { up_to: next } } else { EventTime::NotStored });
                    continue;
                };
                let base = Base { first, captured_at: captured_at.0 };
                let at = in_span(base, &rows, wanted.position, row.latest_before.map(|t| t.0));
                let gap = row.gap_from.map(|from| (from, row.gap_to));
                found.push(at.map_or(EventTime::NotStored, |at| judged(at, wanted.position, gap)));
            }
        }
        Ok(found)
    }
}

/// The first event at or behind a position.
struct At {
    position: i64,
    time: Timestamp,
    captured_at: Timestamp,
    latest_before: Option<Timestamp>,
}

fn in_span(base: Base, rows: &[u8], wanted: i64, mut latest: Option<Timestamp>) -> Option<At> {
    let mut found = None;
    span::each(base, rows, |_, row| {
        if row.position < wanted {
            latest = latest.max(Some(row.sort_time));
        } else if found.is_none() {
            found = Some(At {
                position: row.position,
                time: row.sort_time,
                captured_at: base.captured_at,
                latest_before: latest,
            });
        }
    })?;
    found
}

fn judged(at: At, wanted: i64, gap: Option<(i64, Option<i64>)>) -> EventTime {
    let in_gap = gap.is_some_and(|(from, to)| from <= at.position && to.is_none_or(|to| to > wanted));
    // Nothing is known to lie before it: capture, or what is left of it, begins here.
    let begins = at.position > wanted && at.latest_before.is_none();
    if in_gap || begins {
        return EventTime::NotStored;
    }
    EventTime::Known { at: at.time, captured_at: at.captured_at, latest_before: at.latest_before }
}
