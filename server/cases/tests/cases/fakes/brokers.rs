//! What brokers have, and what comparing with them came to.

use super::FakePorts;
use async_trait::async_trait;
use std::collections::BTreeSet;
use weir_domain::{
    ChannelId, EventId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    capture::{AtBroker, Incarnation},
    events::{BrokerLimits, BrokerRecord, BrokerStretch, LiveRead, LiveReads, LiveRecord, StoredEvent},
    verify::{
        Candidate, ChannelVerified, Compared, Stretch as StoredStretch, Verified, VerifyNow, VerifyWanted, Verifying,
    },
};

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
            channel_off: None,
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
