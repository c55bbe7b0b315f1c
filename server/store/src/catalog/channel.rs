//! What is known of one channel.

use crate::{
    Store,
    error::failed,
    sources::figures::{count, minute},
    timestamp::Ts,
};
use weir_domain::{
    ChannelId, SourceId, StoreError, Timestamp,
    access::View,
    catalog::{ChannelFacts, Oldest, STEP_S, STEPS},
    lag::{ChannelSeen, EventAt, EventTime},
    sources::PartitionShown,
};

/// Partitions listed; more are counted.
const PARTITIONS: usize = 500;

impl Store {
    pub(super) async fn facts_of_channel(
        &self,
        view: &View,
        id: ChannelId,
        now: Timestamp,
    ) -> Result<Option<ChannelFacts>, StoreError> {
        if !view.channels().contains(id) {
            return Ok(None);
        }
        let row = sqlx::query!(
            r#"select c.name, c.source_id, l.seen as "seen?", l.observed_at as "observed_at?: Ts",
                      (select min(p.opened_at) from partition p where p.channel_id = c.id) as "opened_at: Ts",
                      (select max(k.last_event_at) from partition p join partition_cursor k on k.partition_id = p.id
                       where p.channel_id = c.id) as "last_event: Ts"
               from channel c left join lag_channel l on l.source_id = c.source_id and l.name = c.name
               where c.id = $1"#,
            id.0
        )
        .fetch_optional(self.pages())
        .await
        .map_err(failed)?;
        let Some(r) = row else { return Ok(None) };
        let source = SourceId(r.source_id);
        let Some((shown, _)) = self.source_rows(view, Some(source)).await.map_err(failed)?.pop() else {
            return Ok(None);
        };
        let seen = r.seen.as_deref().map(|seen| crate::lag::from_json::<ChannelSeen>(seen, &r.name)).transpose()?;
        let (mut partitions, _) = self.partitions_shown(&[id.0]).await.map_err(failed)?;
        let mut open = partitions.remove(&id).unwrap_or_default();
        open.retain(|p| p.closed.is_none());
        let more_partitions = u32::try_from(open.len().saturating_sub(PARTITIONS)).unwrap_or(u32::MAX);
        open.truncate(PARTITIONS);
        let oldest = self.oldest_of(source, &r.name, &open, more_partitions > 0).await?;
        let captured = self.captured_of(id, now).await.map_err(failed)?;
        Ok(Some(ChannelFacts {
            id,
            source: shown,
            partitions: open,
            more_partitions,
            last_event: r.last_event.map(|t| t.0),
            captured_since: r.opened_at.map(|t| t.0),
            last_minute: captured.last_minute.filter(|_| r.opened_at.is_some_and(|t| minute(t.0) < minute(now) - 1)),
            captured: captured.events,
            counted_to: captured.to,
            raw_bytes: captured.raw_bytes,
            observed: seen.zip(r.observed_at.map(|t| t.0)),
            oldest,
            name: r.name,
        }))
    }

    async fn captured_of(&self, id: ChannelId, now: Timestamp) -> sqlx::Result<Captured> {
        let (to, step) = (minute(now), i32::try_from(STEP_S / 60).unwrap_or(1));
        let from = to.saturating_sub(step * i32::try_from(STEPS).unwrap_or(0));
        let rows =
            sqlx::query_file!("queries/catalog/captured.sql", id.0, from, to, step).fetch_all(self.pages()).await?;
        let mut captured = Captured {
            events: vec![0; STEPS],
            raw_bytes: 0,
            last_minute: Some(0),
            to: Timestamp::from_millis(i64::from(to) * 60_000),
        };
        for r in rows {
            if let Some(events) = usize::try_from(r.step).ok().and_then(|i| captured.events.get_mut(i)) {
                *events = count(r.events);
            }
            captured.raw_bytes = captured.raw_bytes.saturating_add(count(r.raw_bytes));
            captured.last_minute = captured.last_minute.map(|n| n.saturating_add(count(r.last_minute)));
        }
        Ok(captured)
    }

    /// By the stored events at the beginnings of its partitions, where those are stored.
    async fn oldest_of(
        &self,
        source: SourceId,
        channel: &str,
        partitions: &[PartitionShown],
        more: bool,
    ) -> Result<Oldest, StoreError> {
        let known: Vec<_> = partitions.iter().filter_map(|p| Some((p.number, p.start?.0, p.end?.0))).collect();
        let wanted: Vec<EventAt> = known
            .iter()
            .filter(|(_, start, end)| end > start)
            .map(|&(partition, position, _)| EventAt { channel: channel.to_owned(), partition, position })
            .collect();
        if wanted.is_empty() {
            let all = !more && !partitions.is_empty() && known.len() == partitions.len();
            return Ok(if all { Oldest::Empty } else { Oldest::Unknown });
        }
        let times = self.times_of_events(source, &wanted).await?;
        let each = times.iter().map(|t| if let EventTime::Known { at, .. } = t { Some(*at) } else { None });
        let told: Vec<Timestamp> = each.flatten().collect();
        let whole = !more && told.len() == wanted.len() && known.len() == partitions.len();
        Ok(match told.into_iter().min() {
            None => Oldest::Unknown,
            Some(at) if whole => Oldest::At(at),
            Some(at) => Oldest::AtLeast(at),
        })
    }
}

struct Captured {
    events: Vec<u64>,
    raw_bytes: u64,
    last_minute: Option<u64>,
    to: Timestamp,
}
