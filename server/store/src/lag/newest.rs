//! Which keys the newest events of a partition have.

use crate::{
    Store,
    span::{self, Base, SpanRow},
    timestamp::Ts,
};
use std::collections::HashMap;
use weir_domain::{
    ChannelId, EventId, PartitionId, Position,
    access::View,
    lag::{NEWEST, NewestKeys},
};

/// Spans read at most, of some kilobytes each: where each holds one event, so many events are looked at.
const SPANS: i64 = 256;

impl Store {
    pub(super) async fn keys_of_newest(
        &self,
        view: &View,
        channel: ChannelId,
        partition: i32,
    ) -> sqlx::Result<NewestKeys> {
        if !view.channels().contains(channel) {
            return Ok(NewestKeys::default());
        }
        let spans = sqlx::query_file!("queries/lag/newest_spans.sql", channel.0, partition, SPANS)
            .fetch_all(self.pages())
            .await?;
        let mut counting = Counting::default();
        for span in spans {
            let base = Base { first: span.first_position, captured_at: span.captured_at.0 };
            let mut rows = Vec::new();
            if span::each(base, &span.rows, |_, row| rows.push(row)).is_none() {
                tracing::warn!(partition = span.partition_id, "rows of a span are damaged; left out");
                continue;
            }
            for row in rows.iter().rev() {
                if counting.told.events >= u64::from(NEWEST) {
                    return Ok(counting.done());
                }
                counting.add(PartitionId(span.partition_id), row);
            }
        }
        Ok(counting.done())
    }
}

#[derive(Default)]
struct Counting {
    told: NewestKeys,
    /// How many events have a hash, and the newest of them.
    by_hash: HashMap<i64, (u64, EventId)>,
}

impl Counting {
    /// From the newest on.
    fn add(&mut self, partition: PartitionId, row: &SpanRow) {
        let told = &mut self.told;
        told.events += 1;
        told.from = told.from.map_or(Some(row.sort_time), |from| Some(from.min(row.sort_time)));
        told.to = told.to.max(Some(row.sort_time));
        if let Some(hash) = row.key_hash {
            let id = EventId { partition, position: Position(row.position) };
            self.by_hash.entry(hash).or_insert((0, id)).0 += 1;
        }
    }

    fn done(self) -> NewestKeys {
        let keys = u64::try_from(self.by_hash.len()).unwrap_or(u64::MAX);
        // Of several as frequent the one that came last.
        let most = self.by_hash.into_values().max_by_key(|(n, id)| (*n, id.position));
        NewestKeys { keys, most, ..self.told }
    }
}
