use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use weir_domain::{
    ChannelId, EnvironmentId, EventId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    catalog::{Catalog, CatalogEntry, EnvironmentShown},
    events::{EventFilter, EventRows, PageCursor, Positions, Scanned, StoredEvent, StoredRow},
    overview::{Overview, Summary},
    sources::{SourceDetail, SourceShown, Sources},
};

/// One question to a port, with the view it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub what: &'static str,
    pub channels: Vec<ChannelId>,
    pub environment: Option<EnvironmentId>,
    /// May the key, headers, payload be shown?
    pub may: (bool, bool, bool),
    /// Rows asked for, where a limit is given.
    pub limit: Option<u32>,
}

pub struct Data {
    pub environments: Vec<EnvironmentShown>,
    pub entries: Vec<CatalogEntry>,
    pub sources: Vec<SourceDetail>,
    /// Oldest first.
    pub events: Vec<StoredEvent>,
    pub event_types: Vec<String>,
    pub summary: Summary,
}

/// Answers everything to everybody.
pub struct FakePorts {
    pub data: Mutex<Data>,
    asked: Mutex<Vec<Asked>>,
    pub entries_read: AtomicU32,
    pub away: AtomicBool,
}

impl FakePorts {
    pub fn new(data: Data) -> Self {
        Self {
            data: Mutex::new(data),
            asked: Mutex::default(),
            entries_read: AtomicU32::new(0),
            away: AtomicBool::new(false),
        }
    }
    /// What was asked since the last call of this.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
    fn ask(&self, what: &'static str, view: &View, limit: Option<u32>) -> Result<(), StoreError> {
        self.asked.lock().unwrap().push(Asked {
            what,
            channels: view.channels().ids().to_vec(),
            environment: view.environment(),
            may: (view.key(), view.headers(), view.payload()),
            limit,
        });
        self.here()
    }
    fn here(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) { Err(StoreError::Unavailable("away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Catalog for FakePorts {
    async fn entries(&self, _: &SystemView) -> Result<Vec<CatalogEntry>, StoreError> {
        // Slow enough for others to come meanwhile.
        tokio::task::yield_now().await;
        self.entries_read.fetch_add(1, Ordering::SeqCst);
        self.here()?;
        Ok(self.data.lock().unwrap().entries.clone())
    }
    async fn environments(&self, _: &SystemView) -> Result<Vec<EnvironmentShown>, StoreError> {
        self.here()?;
        Ok(self.data.lock().unwrap().environments.clone())
    }
    async fn event_types(&self, view: &View, prefix: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        self.ask("event_types", view, Some(limit))?;
        let types = &self.data.lock().unwrap().event_types;
        Ok(types.iter().filter(|t| t.starts_with(prefix)).cloned().collect())
    }
    async fn key_exists(&self, view: &View, key: &[u8]) -> Result<bool, StoreError> {
        self.ask("key_exists", view, None)?;
        let data = self.data.lock().unwrap();
        Ok(data.events.iter().any(|e| e.row.key.as_deref() == Some(key)))
    }
}

#[async_trait]
impl EventRows for FakePorts {
    async fn list(
        &self,
        view: &View,
        _: &EventFilter,
        _: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Scanned, Option<PageCursor>), StoreError> {
        self.ask("list", view, Some(limit))?;
        let rows: Vec<_> = self.data.lock().unwrap().events.iter().rev().map(|e| e.row.clone()).collect();
        let scanned = Scanned { rows: rows.len() as u64, complete: true, ..Scanned::default() };
        Ok((rows, scanned, None))
    }
    async fn event(&self, view: &View, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.ask("event", view, None)?;
        Ok(self.data.lock().unwrap().events.iter().find(|e| e.row.id == id).cloned())
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
        after: &Positions,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Positions, u64), StoreError> {
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
        Ok((rows.split_off(skipped), reached, skipped as u64))
    }
}

fn pass(reached: &mut Positions, id: EventId) {
    match reached.0.iter_mut().find(|(p, _)| *p == id.partition) {
        Some((_, at)) => *at = Position(at.0.max(id.position.0)),
        None => reached.0.push((id.partition, id.position)),
    }
}

#[async_trait]
impl Sources for FakePorts {
    async fn list(&self, view: &View, _: Timestamp) -> Result<Vec<SourceShown>, StoreError> {
        self.ask("sources", view, None)?;
        Ok(self.data.lock().unwrap().sources.iter().map(|d| d.source.clone()).collect())
    }
    async fn detail(&self, view: &View, id: SourceId, _: Timestamp) -> Result<Option<SourceDetail>, StoreError> {
        self.ask("source", view, None)?;
        Ok(self.data.lock().unwrap().sources.iter().find(|d| d.source.id == id).cloned())
    }
    async fn set_paused(&self, view: &View, id: SourceId, paused: bool, _: Timestamp) -> Result<bool, StoreError> {
        self.ask(if paused { "pause" } else { "resume" }, view, None)?;
        Ok(self.data.lock().unwrap().sources.iter().any(|d| d.source.id == id))
    }
}

#[async_trait]
impl Overview for FakePorts {
    async fn summary(&self, view: &View, now: Timestamp) -> Result<Summary, StoreError> {
        self.ask("summary", view, None)?;
        let mut summary = self.data.lock().unwrap().summary.clone();
        summary.at = now;
        Ok(summary)
    }
}
