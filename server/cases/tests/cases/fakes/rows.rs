//! Events as the store gives them.

use super::FakePorts;
use async_trait::async_trait;
use weir_domain::{
    EventId, PartitionId, Position, StoreError,
    access::View,
    events::{
        EventFilter, EventRows, Fate, Gone, KeptAway, KeyStanding, KeysScanned, Neighbours, PageCursor, Positions,
        Scanned, StoredAround, StoredBreakdown, StoredEvent, StoredKeys, StoredRow, Stretch, Unshown,
        readable_at_broker,
    },
    search::{Path, Query},
};

#[async_trait]
impl EventRows for FakePorts {
    async fn list(
        &self,
        view: &View,
        _: &EventFilter,
        _: &Query,
        _: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Scanned, Option<PageCursor>), StoreError> {
        self.ask("list", view, Some(limit))?;
        let rows: Vec<_> = self.data.lock().unwrap().events.iter().rev().map(|e| e.row.clone()).collect();
        let scanned = Scanned { rows: rows.len() as u64, complete: true, ..Scanned::default() };
        Ok((rows, scanned, None))
    }
    async fn kept_away(
        &self,
        view: &View,
        partition: PartitionId,
        positions: &[Position],
    ) -> Result<KeptAway, StoreError> {
        self.ask("kept_away", view, None)?;
        let data = self.data.lock().unwrap();
        let row = |at: &Position| {
            let found = data.events.iter().find(|e| e.row.id == EventId { partition, position: *at })?;
            Some(found.row.absent)
        };
        let away = |at: &Position| !readable_at_broker(row(at), "full");
        Ok(KeptAway { positions: positions.iter().copied().filter(away).collect(), filled: None })
    }
    async fn around(&self, view: &View, id: EventId, _: u32) -> Result<Option<StoredAround>, StoreError> {
        self.ask("around", view, None)?;
        let data = self.data.lock().unwrap();
        let Some(event) = data.events.iter().find(|e| e.row.id == id) else { return Ok(None) };
        // As if the store had mixed up whose is whose: what is hidden must not get through.
        let all: Vec<_> = data.events.iter().map(|e| e.row.clone()).collect();
        let in_partition = Neighbours { before: all.clone(), after: Vec::new() };
        let of_key = Neighbours { before: Vec::new(), after: all };
        Ok(Some(StoredAround { event: event.row.clone(), in_partition, of_key, busy_key: false }))
    }
    async fn breakdown(
        &self,
        view: &View,
        _: &EventFilter,
        _: &Query,
        _: Option<&Path>,
        _: usize,
        _: usize,
    ) -> Result<StoredBreakdown, StoreError> {
        self.ask("breakdown", view, None)?;
        let rows: Vec<_> = self.data.lock().unwrap().events.iter().map(|e| e.row.clone()).collect();
        Ok(StoredBreakdown {
            counted: rows.len() as u64,
            types: rows.iter().map(|r| (r.event_type.clone(), 1)).collect(),
            channels: rows.iter().map(|r| (r.channel, 1)).collect(),
            keys: rows.into_iter().map(|r| (r, 1)).collect(),
            gaps: 2,
            ..StoredBreakdown::default()
        })
    }
    async fn list_whole(
        &self,
        view: &View,
        _: &EventFilter,
        _: &Query,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<Stretch, StoreError> {
        self.ask("list_whole", view, Some(limit))?;
        let place = |e: &StoredEvent| PageCursor { time: e.row.sort_time, id: e.row.id };
        let data = self.data.lock().unwrap();
        let older: Vec<_> = data.events.iter().rev().filter(|e| before.is_none_or(|b| place(e) < b)).collect();
        let events: Vec<_> = older.iter().take(limit as usize).map(|e| (*e).clone()).collect();
        let next = events.last().filter(|_| events.len() < older.len()).map(place);
        let scanned = Scanned { rows: events.len() as u64, complete: true, gaps: 1, ..Scanned::default() };
        Ok(Stretch { events, scanned, next, passed_over: false })
    }
    async fn extent(&self, view: &View, _: &EventFilter, _: &Query) -> Result<u64, StoreError> {
        self.ask("extent", view, None)?;
        Ok(self.data.lock().unwrap().events.len() as u64)
    }
    async fn keys(&self, view: &View, _: &EventFilter, keys: &[Vec<u8>]) -> Result<StoredKeys, StoreError> {
        self.ask("keys", view, None)?;
        let data = self.data.lock().unwrap();
        let standing = |key: &Vec<u8>| {
            let of_key: Vec<_> = data.events.iter().filter(|e| e.row.key.as_ref() == Some(key)).collect();
            let newest = StoredRow { payload_head: None, ..of_key.last()?.row.clone() };
            Some(KeyStanding { events: of_key.len() as u64, newest, by_hash: false })
        };
        let since = *self.keys_looked_since.lock().unwrap();
        let (events, complete) = (data.events.len() as u64, since.is_none());
        let scanned = KeysScanned { events, complete, captured_since: since, ..KeysScanned::default() };
        Ok(StoredKeys { keys: keys.iter().map(standing).collect(), scanned })
    }
    async fn event(&self, view: &View, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.ask("event", view, None)?;
        Ok(self.data.lock().unwrap().events.iter().find(|e| e.row.id == id).cloned())
    }
    async fn gone(&self, view: &View, id: EventId) -> Result<Option<Gone>, StoreError> {
        self.ask("gone", view, None)?;
        // One partition a channel, of the same number.
        let data = self.data.lock().unwrap();
        let found = data.events.iter().find(|e| e.row.id.partition == id.partition);
        Ok(found.map(|e| Gone {
            event: id,
            source: e.row.source,
            source_name: String::new(),
            channel: e.row.channel,
            channel_name: String::new(),
            partition_number: 0,
            closed: None,
            fate: Fate::Unknown,
            before: None,
            after: None,
        }))
    }
    async fn tail_start(&self, view: &View, _: &EventFilter) -> Result<Positions, StoreError> {
        self.ask("tail_start", view, None)?;
        let data = self.data.lock().unwrap();
        let mut reached = Positions::default();
        for event in &data.events {
            pass(&mut reached, event.row.id);
        }
        Ok(reached)
    }
    async fn tail(
        &self,
        view: &View,
        _: &EventFilter,
        _: &Query,
        after: &Positions,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Positions, Unshown), StoreError> {
        self.ask("tail", view, Some(limit))?;
        let data = self.data.lock().unwrap();
        let mut reached = after.clone();
        let mut rows = Vec::new();
        for event in &data.events {
            let seen = after.0.iter().find(|(p, _)| *p == event.row.id.partition).map(|(_, at)| *at);
            if seen.is_none_or(|at| event.row.id.position > at) {
                rows.push(event.row.clone());
                pass(&mut reached, event.row.id);
            }
        }
        let skipped = rows.len().saturating_sub(limit as usize);
        let passed = Unshown { skipped: skipped as u64, unjudged: data.unjudged };
        Ok((rows.split_off(skipped), reached, passed))
    }
}

fn pass(reached: &mut Positions, id: EventId) {
    match reached.0.iter_mut().find(|(p, _)| *p == id.partition) {
        Some((_, at)) => *at = Position(at.0.max(id.position.0)),
        None => reached.0.push((id.partition, id.position)),
    }
}
