use super::{MemoryStore, StoredPartition};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, EnvironmentId, InstanceId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::SystemView,
    capture::{
        Begin, Gap, GapReason, NewIncarnation, OpenPartition, PartitionProgress, SourceReport, TapCatalog,
        WantedEnvironment, WantedSource,
    },
};

#[async_trait]
impl TapCatalog for MemoryStore {
    async fn put_sources(
        &self,
        _environments: &[WantedEnvironment],
        sources: &[WantedSource],
    ) -> Result<Vec<(String, SourceId, EnvironmentId)>, StoreError> {
        let mut state = self.look()?;
        let mut known = Vec::new();
        for wanted in sources {
            let next = SourceId(state.sources.len() as i64 + 1);
            let id = *state.sources.entry(wanted.name.clone()).or_insert(next);
            known.push((wanted.name.clone(), id, EnvironmentId(1)));
        }
        state.orphans = state.sources.values().copied().filter(|id| known.iter().all(|k| k.1 != *id)).collect();
        Ok(known)
    }

    async fn find_sources(&self, _: &SystemView, names: &[String]) -> Result<Vec<(String, SourceId)>, StoreError> {
        let state = self.look()?;
        Ok(names.iter().filter_map(|n| Some((n.clone(), *state.sources.get(n)?))).collect())
    }

    async fn put_channel(&self, source: SourceId, name: &str) -> Result<ChannelId, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        let next = ChannelId(state.channels.len() as i64 + 1);
        Ok(*state.channels.entry((source, name.to_owned())).or_insert(next))
    }

    async fn open_partitions(&self, _: &SystemView, channel: ChannelId) -> Result<Vec<OpenPartition>, StoreError> {
        self.travel().await;
        let state = self.look()?;
        let open = state.partitions.iter().filter(|p| p.channel == channel && p.closed.is_none());
        Ok(open.map(StoredPartition::open).collect())
    }

    async fn open_partitions_of(
        &self,
        _: &SystemView,
        source: SourceId,
    ) -> Result<Vec<(String, OpenPartition)>, StoreError> {
        self.travel().await;
        let state = self.look()?;
        let open = state.partitions.iter().filter(|p| p.source == source && p.closed.is_none());
        Ok(open.map(|p| (p.channel_name.clone(), p.open())).collect())
    }

    async fn begun(&self, _: &SystemView, source: SourceId) -> Result<Option<String>, StoreError> {
        Ok(self.look()?.begun.get(&source).cloned())
    }

    async fn set_begun(&self, source: SourceId, policy: &str) -> Result<(), StoreError> {
        self.travel().await;
        self.look()?.begun.insert(source, policy.to_owned());
        Ok(())
    }

    async fn open_incarnation(&self, new: &NewIncarnation) -> Result<OpenPartition, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        let replaced = new.replaces.as_ref().map(|(id, _)| *id);
        if let Some(open) = state.open_one(new.channel, new.number) {
            // There is one open incarnation at a time: somebody else was first.
            if Some(open.id) != replaced {
                return Ok(open.open());
            }
        }
        if let Some((id, gap)) = &new.replaces
            && let Some(old) = state.partition(*id).filter(|p| p.closed.is_none())
        {
            old.closed = Some(gap.reason);
            old.gaps.push(gap.clone());
        }
        let begins_at = matches!(new.begin, Begin::At(_));
        let mut newest = state.partitions.iter_mut().rev().filter(|p| {
            let same = p.channel == new.channel && p.number == new.number && p.closed.is_some();
            same && p.incarnation.0.starts_with(&new.incarnation.0)
        });
        if let Some(back) = newest.next().filter(|p| !begins_at && Some(p.id) != replaced)
            && let Some(closed) = back.closed
            && back.incarnation.comes_back_as(&new.incarnation, closed)
        {
            back.closed = None;
            back.gaps.retain(|g| g.to.is_some() || g.reason != closed);
            return Ok(back.open());
        }
        let Some(((source, name), _)) = state.channels.iter().find(|(_, id)| **id == new.channel) else {
            return Err(StoreError::Internal("no such channel".into()));
        };
        let partition = StoredPartition {
            id: PartitionId(state.partitions.len() as i64 + 1),
            source: *source,
            channel: new.channel,
            channel_name: name.clone(),
            number: new.number,
            incarnation: new.incarnation.clone(),
            cursor: if let Begin::At(cursor) = &new.begin { Some(cursor.clone()) } else { None },
            next_position: None,
            from_log_start: new.begin == Begin::LogStart,
            closed: None,
            events: Vec::new(),
            gaps: Vec::new(),
            broker_bytes: 0,
        };
        let open = partition.open();
        state.partitions.push(partition);
        Ok(open)
    }

    async fn close_partition(&self, partition: PartitionId, reason: GapReason) -> Result<(), StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        if let Some(open) = state.partition(partition).filter(|p| p.closed.is_none()) {
            let from = open.next_position.unwrap_or(Position(0));
            open.gaps.push(Gap { from, to: None, reason, detail: String::new() });
            open.closed = Some(reason);
        }
        Ok(())
    }

    async fn report_progress(&self, progress: &[PartitionProgress], _: Timestamp) -> Result<(), StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        state.progress.extend(progress.iter().map(|p| (p.partition, p.clone())));
        Ok(())
    }

    async fn report_source(&self, report: &SourceReport) -> Result<(), StoreError> {
        self.look()?.reports.push(report.clone());
        Ok(())
    }

    async fn paused(&self, _: &SystemView, source: SourceId) -> Result<bool, StoreError> {
        let state = self.look()?;
        Ok(state.paused.contains(&source) || state.orphans.contains(&source))
    }

    async fn instance(&self) -> Result<InstanceId, StoreError> {
        Ok(InstanceId("memory".into()))
    }
}
