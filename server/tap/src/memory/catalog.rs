use super::{MemoryStore, StoredPartition, state::State};
use async_trait::async_trait;
use tokio::time::Instant;
use weir_domain::{
    ChannelId, EnvironmentId, InstanceId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::SystemView,
    capture::{
        Begin, CaptureMode, Fence, Gap, GapReason, Keeping, NewIncarnation, OpenPartition, Opened, PartitionProgress,
        SourceReport, TapCatalog, WantedEnvironment, WantedSource, standing,
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

    async fn open_incarnation(&self, new: &NewIncarnation) -> Result<Option<Opened>, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        let replaced = new.replaces.as_ref().map(|(id, _)| *id);
        if let Some(open) = state.open_one(new.channel, new.number).map(|p| p.open()) {
            // There is one open incarnation at a time: somebody else was first.
            if Some(open.id) != replaced {
                let epoch = state.held_by(open.id, new.fence);
                return Ok(Some(Opened { open, epoch }));
            }
        }
        if !state.fenced(replaced, new.fence) {
            return Ok(None);
        }
        if let Some((id, gap)) = &new.replaces {
            close(&mut state, *id, gap.clone());
        }
        let begins_at = matches!(new.begin, Begin::At(_));
        let mut newest = state.partitions.iter_mut().rev().filter(|p| {
            let same = p.channel == new.channel && p.number == new.number && p.closed.is_some();
            same && p.incarnation.0.starts_with(&new.incarnation.0)
        });
        let mut back = None;
        if let Some(p) = newest.next().filter(|p| !begins_at && Some(p.id) != replaced)
            && let Some(closed) = p.closed
            && p.incarnation.comes_back_as(&new.incarnation, closed)
        {
            p.closed = None;
            p.gaps.retain(|g| g.to.is_some() || g.reason != closed);
            back = Some((p.source, p.open()));
        }
        let Some(((source, name), _)) = state.channels.iter().find(|(_, id)| **id == new.channel) else {
            return Err(StoreError::Internal("no such channel".into()));
        };
        let (source, open) = if let Some(back) = back {
            back
        } else {
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
                from_end: false,
                closed: None,
                events: Vec::new(),
                gaps: Vec::new(),
                broker_bytes: 0,
            };
            let new = (partition.source, partition.open());
            state.partitions.push(partition);
            new
        };
        let epoch = state.lease(source, open.id, new.fence);
        Ok(Some(Opened { open, epoch }))
    }

    async fn close_partition(
        &self,
        partition: PartitionId,
        reason: GapReason,
        fence: Fence,
    ) -> Result<bool, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        let Some(open) = state.partition(partition).filter(|p| p.closed.is_none()) else { return Ok(true) };
        let from = open.next_position.unwrap_or(Position(0));
        if !state.fenced(Some(partition), fence) {
            return Ok(false);
        }
        close(&mut state, partition, Gap { from, to: None, reason, detail: String::new() });
        Ok(true)
    }

    async fn close_unmade(&self, partition: PartitionId, fence: Fence) -> Result<bool, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        if state.partition(partition).is_none_or(|p| p.closed.is_some()) {
            return Ok(true);
        }
        if !state.fenced(Some(partition), fence) {
            return Ok(false);
        }
        if let Some(open) = state.partition(partition) {
            open.closed = Some(GapReason::Deleted);
        }
        state.held.remove(&partition);
        Ok(true)
    }

    async fn report_progress(&self, progress: &[PartitionProgress], _: Timestamp) -> Result<(), StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        state.progress.extend(progress.iter().map(|p| (p.partition, p.clone())));
        Ok(())
    }

    async fn report_source(&self, report: &SourceReport) -> Result<(), StoreError> {
        let mut state = self.look()?;
        let now = Instant::now();
        state.said.insert((report.source, report.tap.clone()), (report.clone(), now));
        let ago = |at: Instant| i64::try_from((now - at).as_micros()).unwrap_or(i64::MAX);
        let of_source = state.said.values().filter(|(r, _)| r.source == report.source);
        let said: Vec<_> = of_source.map(|(r, at)| SourceReport { at: Timestamp(-ago(*at)), ..r.clone() }).collect();
        let all = standing(&said, Timestamp::EPOCH);
        let before = state.reports.iter().rfind(|r| r.source == report.source);
        let left_out = match &report.left_out {
            Some(names) => (Some(names.clone()), report.left_out_total),
            None => before.map_or((None, 0), |r| (r.left_out.clone(), r.left_out_total)),
        };
        state.reports.push(SourceReport {
            state: all.state,
            reason: all.reason,
            retry_at: all.retry_at,
            left_out: left_out.0,
            left_out_total: left_out.1,
            bytes_to_read: all.bytes_to_read,
            throttled_ms: all.throttled_ms,
            ..report.clone()
        });
        Ok(())
    }

    async fn paused(&self, _: &SystemView, source: SourceId) -> Result<bool, StoreError> {
        let state = self.look()?;
        Ok(state.paused.contains(&source) || state.orphans.contains(&source))
    }

    async fn keeping(&self, _: &SystemView, partition: PartitionId) -> Result<Keeping, StoreError> {
        let mut state = self.look()?;
        let channel = state.partition(partition).map(|p| p.channel_name.clone());
        let channel = channel.ok_or_else(|| StoreError::Internal("no such partition".into()))?;
        Ok(state.modes.get(&channel).copied().unwrap_or(CaptureMode::Full).into())
    }

    async fn channels_off(&self, _: &SystemView, _: SourceId) -> Result<Vec<String>, StoreError> {
        let state = self.look()?;
        let off = state.modes.iter().filter(|(_, mode)| **mode == CaptureMode::Off);
        Ok(off.map(|(name, _)| name.clone()).collect())
    }

    async fn instance(&self) -> Result<InstanceId, StoreError> {
        Ok(InstanceId("memory".into()))
    }
}

/// Nobody reads it any more.
fn close(state: &mut State, partition: PartitionId, gap: Gap) {
    if let Some(open) = state.partition(partition).filter(|p| p.closed.is_none()) {
        open.closed = Some(gap.reason);
        open.gaps.push(gap);
    }
    state.held.remove(&partition);
}
