use async_trait::async_trait;
use std::collections::BTreeSet;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use weir_domain::{
    ChannelId, EnvironmentId, EventId, PartitionId, PersonId, Position, Secret, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    backfill::{Backfill, BackfillWork, Backfills, FillState, Fillable, NotBegun},
    capture::{
        AtBroker, BudgetDone, BudgetOutlook, BudgetSet, BudgetSetting, BudgetStanding, BudgetTold, Budgets,
        ChannelCapture, ChannelPolicies, ChannelPolicy, Cost, Forecast, GivingWay, Incarnation, Missing, PolicySet,
    },
    catalog::{Catalog, CatalogEntry, EnvironmentShown},
    changes::{ChangeCursor, ChangeFilter, ChangeKind, ChangeShown, Changes, NewChange},
    events::{
        BrokerLimits, BrokerRecord, BrokerStretch, EventFilter, EventRows, Fate, Gone, KeptAway, KeyStanding,
        KeysScanned, LiveRead, LiveReads, LiveRecord, Neighbours, PageCursor, Positions, Scanned, StoredAround,
        StoredBreakdown, StoredEvent, StoredKeys, StoredRow, Stretch,
    },
    overview::{Overview, Summary},
    search::{Path, Query},
    sources::{
        KeptSource, MadeSource, MadeSources, MadeVersion, NameTaken, Preview, Prober, Sealed, SecretField,
        SourceDetail, SourceShown, Sources, Step, StepKind, Trial, Vault, VaultError,
    },
    verify::{
        Candidate, ChannelVerified, Compared, Stretch as StoredStretch, Verified, VerifyNow, VerifyWanted, Verifying,
    },
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
    asked: Mutex<Vec<Asked>>,
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

impl FakePorts {
    pub fn policy(&self, channel: ChannelId) -> ChannelPolicy {
        let set = self.policies.lock().unwrap();
        set.iter().rev().find(|(c, _)| *c == channel).map_or(ChannelPolicy::DEFAULT, |(_, policy)| *policy)
    }
    fn capture(&self, entry: &CatalogEntry) -> ChannelCapture {
        ChannelCapture {
            channel: entry.channel,
            name: entry.channel_name.clone(),
            source: entry.source,
            source_name: entry.source_name.clone(),
            source_kind: entry.source_kind.clone(),
            ceiling: "full".into(),
            policy: self.policy(entry.channel),
            changed: None,
            cost: Cost::default(),
            given_up: Vec::new(),
            withheld: None,
            tombstones: None,
        }
    }
}

#[async_trait]
impl Budgets for FakePorts {
    async fn budget_standing(&self, view: &View) -> Result<BudgetStanding, StoreError> {
        self.ask("budget_standing", view, None)?;
        Ok(self.budget.lock().unwrap().clone())
    }
    async fn budget_outlook(&self, view: &View, _: Timestamp) -> Result<BudgetOutlook, StoreError> {
        self.ask("budget_outlook", view, None)?;
        Ok(BudgetOutlook { per_day: None, comes_to: None, unknown: 4, forecast: Forecast::Unknown })
    }
    /// Of every channel, seen or not.
    async fn giving_way(&self, view: &View, _: Timestamp) -> Result<Vec<GivingWay>, StoreError> {
        self.ask("giving_way", view, None)?;
        let entries = self.data.lock().unwrap().entries.clone();
        let all = entries.into_iter().map(|e| GivingWay {
            channel: e.channel,
            name: e.channel_name,
            source_name: e.source_name,
            turn: 5,
            payload_bytes: 0,
            withheld: None,
        });
        Ok(all.collect())
    }
    async fn budget_history(&self, view: &View, most: u32) -> Result<Vec<BudgetTold>, StoreError> {
        self.ask("budget_history", view, Some(most))?;
        let entries = self.data.lock().unwrap().entries.clone();
        let all = entries.into_iter().map(|e| BudgetTold {
            at: Timestamp(0),
            done: BudgetDone::GaveUp,
            channel: Some((e.channel, e.channel_name)),
            bytes: Some(1),
            used: None,
            budget: None,
        });
        Ok(all.collect())
    }
    async fn set_budget(
        &self,
        view: &View,
        before: Option<u64>,
        after: Option<u64>,
        _: &PersonId,
        at: Timestamp,
    ) -> Result<BudgetSet, StoreError> {
        self.ask("set_budget", view, None)?;
        let mut budget = self.budget.lock().unwrap();
        if budget.setting.bytes != before {
            return Ok(BudgetSet::Moved);
        }
        budget.setting = BudgetSetting { bytes: after, from_file: false, changed: Some((at, None)) };
        Ok(BudgetSet::Set)
    }
}

#[async_trait]
impl ChannelPolicies for FakePorts {
    async fn captures(
        &self,
        view: &View,
        source: Option<SourceId>,
        _: Timestamp,
    ) -> Result<Vec<ChannelCapture>, StoreError> {
        self.ask("captures", view, None)?;
        let entries = self.data.lock().unwrap().entries.clone();
        Ok(entries.iter().filter(|e| source.is_none_or(|s| s == e.source)).map(|e| self.capture(e)).collect())
    }
    async fn capture_of(
        &self,
        view: &View,
        channel: ChannelId,
        _: Timestamp,
    ) -> Result<Option<ChannelCapture>, StoreError> {
        self.ask("capture_of", view, None)?;
        let entries = self.data.lock().unwrap().entries.clone();
        Ok(entries.iter().find(|e| e.channel == channel).map(|e| self.capture(e)))
    }
    async fn set_policy(
        &self,
        view: &View,
        channel: ChannelId,
        before: &ChannelPolicy,
        after: &ChannelPolicy,
        _: &PersonId,
        _: Timestamp,
    ) -> Result<PolicySet, StoreError> {
        self.ask("set_policy", view, None)?;
        if self.policy(channel) != *before {
            return Ok(PolicySet::Moved);
        }
        self.policies.lock().unwrap().push((channel, *after));
        Ok(PolicySet::Set)
    }
    async fn missing(&self, view: &View, id: EventId) -> Result<Option<Missing>, StoreError> {
        self.ask("missing", view, None)?;
        let data = self.data.lock().unwrap();
        let Some(event) = data.events.iter().find(|e| e.row.id == id) else { return Ok(None) };
        let name = data.entries.iter().find(|e| e.channel == event.row.channel).map(|e| e.channel_name.clone());
        Ok(Some(Missing {
            event: id,
            channel: event.row.channel,
            channel_name: name.unwrap_or_default(),
            source: event.row.source,
            absent: event.row.absent,
            given_up: None,
            policy: ChannelPolicy::DEFAULT,
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

#[async_trait]
impl VerifyNow for FakePorts {
    async fn verify(&self, view: &View, wanted: &VerifyWanted) -> Result<Verified, StoreError> {
        self.ask("verify", view, None)?;
        let all = &self.data.lock().unwrap().verified;
        let of_source = all.iter().filter(|c| c.source == wanted.source && view.channels().contains(c.channel));
        let unread = of_source.map(|c| (c.name.clone(), 0, "away".to_owned()));
        Ok(Verified { compared: 7, unread: unread.collect(), ..Verified::default() })
    }
}

#[async_trait]
impl Verifying for FakePorts {
    async fn candidates(
        &self,
        _: &SystemView,
        _: Timestamp,
        _: PartitionId,
        _: u32,
    ) -> Result<Vec<Candidate>, StoreError> {
        unreachable!("for engines")
    }
    /// One of each channel, of the same number.
    async fn partitions(
        &self,
        view: &View,
        source: SourceId,
        channel: Option<ChannelId>,
        _: Timestamp,
    ) -> Result<Vec<Candidate>, StoreError> {
        self.ask("partitions", view, None)?;
        let data = self.data.lock().unwrap();
        let of = data.events.iter().filter(|e| channel == Some(e.row.channel));
        let Some(next) = of.map(|e| e.row.id.position.0 + 1).max() else { return Ok(Vec::new()) };
        let channel = channel.unwrap_or(ChannelId(0));
        let at = AtBroker {
            source,
            source_name: String::new(),
            of_file: true,
            capture: "full".into(),
            stands_still: false,
            channel_off: false,
            channel: String::new(),
            number: 0,
            incarnation: Incarnation(Vec::new()),
        };
        Ok(vec![Candidate {
            partition: PartitionId(channel.0),
            channel,
            at,
            first: Position(1),
            next: Position(next),
            captured_bytes: 0,
            read_bytes: 0,
            verified: None,
        }])
    }
    async fn open_partitions(&self, view: &View, channel: ChannelId) -> Result<Vec<Candidate>, StoreError> {
        self.partitions(view, SourceId(0), Some(channel), Timestamp(0)).await
    }
    async fn position_at(
        &self,
        view: &View,
        partition: PartitionId,
        since: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        self.ask("position_at", view, None)?;
        let data = self.data.lock().unwrap();
        let of = data.events.iter().filter(|e| e.row.id.partition == partition && e.row.sort_time >= since);
        Ok(of.map(|e| e.row.id.position).min())
    }
    async fn position_until(
        &self,
        view: &View,
        partition: PartitionId,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        self.ask("position_until", view, None)?;
        let data = self.data.lock().unwrap();
        let of = data.events.iter().filter(|e| e.row.id.partition == partition && e.row.sort_time >= until);
        Ok(of.map(|e| e.row.id.position).min())
    }
    async fn stretch(
        &self,
        _: &SystemView,
        _: PartitionId,
        _: (Position, Position),
        _: &BTreeSet<Position>,
    ) -> Result<StoredStretch, StoreError> {
        unreachable!("for who compares")
    }
    async fn compared(&self, _: &Compared) -> Result<(), StoreError> {
        unreachable!("for who compares")
    }
    async fn verified(&self, view: &View, _: Option<SourceId>) -> Result<Vec<ChannelVerified>, StoreError> {
        self.ask("verified", view, None)?;
        Ok(self.data.lock().unwrap().verified.clone())
    }
}

#[async_trait]
impl LiveReads for FakePorts {
    async fn one(&self, view: &View, id: EventId) -> Result<LiveRead, StoreError> {
        self.ask("live", view, None)?;
        let data = self.data.lock().unwrap();
        let found = data.events.iter().find(|e| e.row.id == id).and_then(|e| {
            let raw = e.raw.clone()?;
            Some(LiveRead::Found(LiveRecord { time_kind: e.time_kind, broker_ms: e.broker_ms, raw }))
        });
        Ok(data.live.clone().or(found).unwrap_or(LiveRead::Compacted))
    }
    /// The broker has every event that is known.
    async fn stretch(
        &self,
        view: &View,
        partition: PartitionId,
        (from, to): (Position, Position),
        limits: BrokerLimits,
    ) -> Result<BrokerStretch, StoreError> {
        self.ask("stretch", view, None)?;
        let data = self.data.lock().unwrap();
        if data.busy {
            return Ok(BrokerStretch::NotYet { what: "Others read.".into(), what_to_do: "Wait.".into() });
        }
        if let Some(LiveRead::NotRead { what, what_to_do }) = data.live.clone() {
            return Ok(BrokerStretch::NotRead { what, what_to_do });
        }
        let of = |e: &&StoredEvent| e.row.id.partition == partition && (from..to).contains(&e.row.id.position);
        let records: Vec<_> = data.events.iter().filter(of).take(limits.events as usize).collect();
        let end = data.events.iter().filter(|e| e.row.id.partition == partition).map(|e| e.row.id.position.0).max();
        let end = Position(end.map_or(0, |p| p + 1));
        let all = records.len() < limits.events as usize;
        let next = if all { end } else { records.last().map_or(end, |e| Position(e.row.id.position.0 + 1)) };
        Ok(BrokerStretch::Read {
            bytes: records.iter().map(|e| e.row.size).sum(),
            records: records
                .into_iter()
                .filter_map(|e| {
                    Some(BrokerRecord {
                        position: e.row.id.position,
                        event_type: e.row.event_type.clone(),
                        record: LiveRecord { time_kind: e.time_kind, broker_ms: e.broker_ms, raw: e.raw.clone()? },
                    })
                })
                .collect(),
            next,
            start: Some(Position(0)),
            end: Some(end),
            left_out: Vec::new(),
        })
    }
}

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
        (from, to): (Position, Position),
    ) -> Result<KeptAway, StoreError> {
        self.ask("kept_away", view, None)?;
        let data = self.data.lock().unwrap();
        let of =
            data.events.iter().filter(|e| e.row.id.partition == partition && (from..to).contains(&e.row.id.position));
        let away = of.filter(|e| e.row.absent.is_some_and(|why| !why.may_be_read_live()));
        Ok(KeptAway { positions: away.map(|e| e.row.id.position).collect(), filled: None })
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
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
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

/// One change per channel and one per source, told to everybody: the use case leaves out what is hidden.
#[async_trait]
impl Changes for FakePorts {
    async fn list(
        &self,
        view: &View,
        _: &ChangeFilter,
        _: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<Vec<ChangeShown>, StoreError> {
        self.ask("changes", view, Some(limit))?;
        let change = |id: i64, title: String, environment, source, channel| ChangeShown {
            id,
            at: Timestamp(id),
            kind: ChangeKind::Channels,
            environment: Some(environment),
            source: Some(source),
            channel,
            subject: None,
            title,
            detail: String::new(),
            link: None,
            actor: None,
        };
        let entries = self.data.lock().unwrap().entries.clone();
        let channels = entries.iter().map(|e| {
            change(e.channel.0, format!("{} appeared", e.channel_name), e.environment, e.source, Some(e.channel))
        });
        let sources = entries
            .iter()
            .map(|e| change(e.channel.0, format!("{} is read", e.source_name), e.environment, e.source, None));
        Ok(channels.chain(sources).collect())
    }

    async fn append(&self, _: &NewChange) -> Result<Option<i64>, StoreError> {
        self.here()?;
        self.reported.fetch_add(1, Ordering::SeqCst);
        Ok(Some(1))
    }
}

#[async_trait]
impl MadeSources for FakePorts {
    async fn made(&self, view: &View, id: SourceId) -> Result<Option<MadeSource>, StoreError> {
        self.ask("made", view, None)?;
        Ok(self.data.lock().unwrap().made.iter().find(|m| m.id == id).cloned())
    }
    async fn name_taken(&self, view: &View, name: &str) -> Result<Option<NameTaken>, StoreError> {
        self.ask("name_taken", view, None)?;
        let data = self.data.lock().unwrap();
        let found = data.sources.iter().find(|d| d.source.name == name);
        Ok(found.map(|d| NameTaken {
            id: d.source.id,
            environment: d.source.environment,
            environment_name: d.source.environment_name.clone(),
            gone: d.source.orphan,
        }))
    }
    async fn reserve(&self, view: &View) -> Result<SourceId, StoreError> {
        self.ask("reserve", view, None)?;
        Ok(SourceId(77))
    }
    async fn add(&self, view: &View, new: &KeptSource) -> Result<(), StoreError> {
        self.ask("add", view, None)?;
        let mut data = self.data.lock().unwrap();
        data.made.retain(|m| m.id != new.id);
        data.made.push(MadeSource {
            id: new.id,
            name: new.name.clone(),
            environment: EnvironmentId(1),
            environment_name: "production".into(),
            version: 1,
            settings: new.settings.clone(),
            secrets: new.secrets.clone(),
        });
        Ok(())
    }
    async fn change(&self, view: &View, version: i64, kept: &KeptSource) -> Result<bool, StoreError> {
        self.ask("change", view, None)?;
        let mut data = self.data.lock().unwrap();
        let Some(made) = data.made.iter_mut().find(|m| m.id == kept.id && m.version == version) else {
            return Ok(false);
        };
        made.settings = kept.settings.clone();
        made.secrets = kept.secrets.clone();
        made.version += 1;
        Ok(true)
    }
    async fn remove(&self, view: &View, id: SourceId, _: &PersonId, _: Timestamp) -> Result<bool, StoreError> {
        self.ask("remove", view, None)?;
        Ok(self.data.lock().unwrap().made.iter().any(|m| m.id == id))
    }
    async fn versions(&self, _: &SystemView) -> Result<Vec<MadeVersion>, StoreError> {
        Ok(Vec::new())
    }
    async fn for_tap(&self, _: &SystemView, _: SourceId) -> Result<Option<MadeSource>, StoreError> {
        Ok(None)
    }
    async fn reseal(&self, _: SourceId, _: SecretField, _: &Sealed, _: &Sealed) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn hint(&self) {}
}

/// Seals by writing down who it was for; opens only that.
impl Vault for FakePorts {
    fn key_id(&self) -> Option<String> {
        self.data.lock().unwrap().key.clone()
    }
    fn seal(&self, source: SourceId, field: SecretField, secret: &Secret) -> Result<Sealed, VaultError> {
        let key_id = self.key_id().ok_or(VaultError::NoKey)?;
        let bytes = format!("{source}/{}/{}", field.as_str(), secret.expose()).into_bytes();
        Ok(Sealed { key_id, bytes })
    }
    fn open(&self, source: SourceId, field: SecretField, sealed: &Sealed) -> Result<Secret, VaultError> {
        let text = String::from_utf8(sealed.bytes.clone()).unwrap();
        let own = text.strip_prefix(&format!("{source}/{}/", field.as_str()));
        own.map(Secret::new).ok_or(VaultError::Broken)
    }
}

#[async_trait]
impl Prober for FakePorts {
    fn kinds(&self) -> Vec<&'static str> {
        vec!["kafka"]
    }
    async fn examine(&self, trial: &Trial) -> Vec<Step> {
        self.data.lock().unwrap().trials.push(trial.clone());
        vec![Step::passed(StepKind::Resolves, "yes")]
    }
    async fn preview(&self, trial: &Trial) -> Result<Preview, String> {
        self.data.lock().unwrap().trials.push(trial.clone());
        Ok(Preview::default())
    }
}
