use super::lag::FakeLag;
use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use weir_domain::{
    ChannelId, EnvironmentId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    backfill::{Backfill, BackfillWork, Backfills, FillState, Fillable, NotBegun},
    capture::{BudgetStanding, ChannelPolicy},
    catalog::{Catalog, CatalogEntry, ChannelFacts, EnvironmentShown, Oldest, STEPS},
    events::{LiveRead, StoredEvent},
    overview::Summary,
    sources::{MadeSource, SourceDetail, Trial},
    verify::ChannelVerified,
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
    pub made: Vec<MadeSource>,
    /// What brokers answer, instead of the event itself.
    pub live: Option<LiveRead>,
    /// Events of each look of a tail that no query can judge.
    pub unjudged: u64,
    /// Others have their turn at the broker.
    pub busy: bool,
    /// What comparing found, by channel.
    pub verified: Vec<ChannelVerified>,
    /// What was tried out.
    pub trials: Vec<Trial>,
    /// Without one, nothing can be sealed.
    pub key: Option<String>,
}

/// Answers everything to everybody.
pub struct FakePorts {
    pub data: Mutex<Data>,
    pub(super) asked: Mutex<Vec<Asked>>,
    pub entries_read: AtomicU32,
    pub away: AtomicBool,
    /// It can be read and not written.
    pub sealed: AtomicBool,
    /// Changes that were reported.
    pub reported: AtomicU32,
    /// Policies that were set.
    pub policies: Mutex<Vec<(ChannelId, ChannelPolicy)>>,
    pub budget: Mutex<BudgetStanding>,
    /// Set: a list of keys was looked for in what was captured since then only.
    pub keys_looked_since: Mutex<Option<Timestamp>>,
    /// Consumer groups, and what was done to them.
    pub lag: FakeLag,
}

impl FakePorts {
    pub fn new(data: Data) -> Self {
        Self {
            data: Mutex::new(data),
            asked: Mutex::default(),
            entries_read: AtomicU32::new(0),
            away: AtomicBool::new(false),
            sealed: AtomicBool::new(false),
            reported: AtomicU32::new(0),
            policies: Mutex::default(),
            budget: Mutex::default(),
            keys_looked_since: Mutex::default(),
            lag: FakeLag::default(),
        }
    }
    /// What was asked since the last call of this.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
    pub(super) fn ask(&self, what: &'static str, view: &View, limit: Option<u32>) -> Result<(), StoreError> {
        self.asked.lock().unwrap().push(Asked {
            what,
            channels: view.channels().ids().to_vec(),
            environment: view.environment(),
            may: (view.key(), view.headers(), view.payload()),
            limit,
        });
        self.here()
    }
    pub(super) fn here(&self) -> Result<(), StoreError> {
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
    async fn channel(&self, view: &View, id: ChannelId, now: Timestamp) -> Result<Option<ChannelFacts>, StoreError> {
        self.ask("channel", view, None)?;
        let data = self.data.lock().unwrap();
        let Some(entry) = data.entries.iter().find(|e| e.channel == id) else { return Ok(None) };
        let source = data.sources.iter().find(|s| s.source.id == entry.source).unwrap();
        Ok(Some(ChannelFacts {
            id,
            name: entry.channel_name.clone(),
            source: source.source.clone(),
            partitions: Vec::new(),
            more_partitions: 0,
            last_event: Some(now),
            captured_since: Some(now.plus_secs(-3_600)),
            captured: vec![300; STEPS],
            counted_to: now,
            last_minute: Some(120),
            raw_bytes: 300 * 288 * 50,
            observed: None,
            oldest: Oldest::Unknown,
        }))
    }
}

#[async_trait]
impl Backfills for FakePorts {
    async fn fillable(&self, view: &View, _: SourceId) -> Result<Vec<Fillable>, StoreError> {
        self.ask("fillable", view, None)?;
        let all = &self.data.lock().unwrap().verified;
        let one =
            |c: &ChannelVerified| Fillable { channel: c.channel, name: c.name.clone(), positions: 7, bytes_each: None };
        Ok(all.iter().map(one).collect())
    }
    async fn backfills(&self, view: &View, _: SourceId) -> Result<Vec<Backfill>, StoreError> {
        self.ask("backfills", view, None)?;
        Ok(Vec::new())
    }
    async fn begin(
        &self,
        view: &View,
        channel: ChannelId,
        _: u64,
        _: &PersonId,
        _: Timestamp,
    ) -> Result<Result<(), NotBegun>, StoreError> {
        self.ask("begin", view, None)?;
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
        Ok(if view.channels().contains(channel) { Ok(()) } else { Err(NotBegun::Absent) })
    }
    async fn hold(&self, view: &View, channel: ChannelId, _: FillState, _: Timestamp) -> Result<bool, StoreError> {
        self.ask("hold", view, None)?;
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
        Ok(view.channels().contains(channel))
    }
    async fn to_fill(&self, _: &SystemView) -> Result<Vec<BackfillWork>, StoreError> {
        unreachable!("for engines")
    }
    async fn goes_on(&self, _: &SystemView, _: ChannelId) -> Result<Option<u64>, StoreError> {
        unreachable!("for engines")
    }
    async fn began_at(&self, _: PartitionId, _: Position) -> Result<(), StoreError> {
        unreachable!("for engines")
    }
    async fn ends_at(&self, _: PartitionId, _: Position) -> Result<(), StoreError> {
        unreachable!("for engines")
    }
    async fn ended(&self, _: ChannelId, _: FillState, _: Option<&str>, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("for engines")
    }
}
