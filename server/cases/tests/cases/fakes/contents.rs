use super::ports::FakePorts;
use async_trait::async_trait;
use std::sync::atomic::Ordering;
use weir_domain::{
    ChannelId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    backfill::{
        ContentDone, ContentFill, ContentNotBegun, ContentRead, ContentStored, ContentWanted, ContentWork, Contents,
        FillState, Lacking, Next, Times,
    },
};

#[async_trait]
impl Contents for FakePorts {
    /// One of each channel, hidden ones too.
    async fn content_fills(&self, view: &View, _: SourceId) -> Result<Vec<ContentFill>, StoreError> {
        self.ask("content_fills", view, None)?;
        let all = &self.data.lock().unwrap().verified;
        let fills = all.iter().map(|c| ContentFill {
            channel: c.channel,
            name: c.name.clone(),
            source: c.source,
            times: Times { from: Timestamp(0), to: Timestamp(1) },
            state: FillState::Running,
            bytes_per_s: 1 << 20,
            asked_by: None,
            asked_at: Timestamp(0),
            changed_at: Timestamp(0),
            reason: None,
            lacking: Some(7),
            done: ContentDone::default(),
        });
        Ok(fills.collect())
    }
    async fn lacking(&self, view: &View, channel: ChannelId, _: Times) -> Result<Option<Lacking>, StoreError> {
        self.ask("lacking", view, None)?;
        let found = Lacking { events: 7, raw_bytes: 70, whole: true, erased_before: false };
        Ok(view.channels().contains(channel).then_some(found))
    }
    async fn begin_content(
        &self,
        view: &View,
        channel: ChannelId,
        _: &ContentWanted,
        _: &PersonId,
        _: Timestamp,
    ) -> Result<Result<(), ContentNotBegun>, StoreError> {
        self.ask("begin_content", view, None)?;
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
        Ok(if view.channels().contains(channel) { Ok(()) } else { Err(ContentNotBegun::Absent) })
    }
    async fn hold_content(
        &self,
        view: &View,
        channel: ChannelId,
        _: FillState,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        self.ask("hold_content", view, None)?;
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
        Ok(view.channels().contains(channel))
    }
    async fn contents_to_fill(&self, _: &SystemView) -> Result<Vec<ContentWork>, StoreError> {
        unreachable!("for engines")
    }
    async fn content_goes_on(&self, _: &SystemView, _: &ContentWork) -> Result<bool, StoreError> {
        unreachable!("for engines")
    }
    async fn next_lacking(&self, _: &SystemView, _: PartitionId, _: Times, _: Position) -> Result<Next, StoreError> {
        unreachable!("for engines")
    }
    async fn fill_content(&self, _: &ContentRead) -> Result<ContentStored, StoreError> {
        unreachable!("for engines")
    }
    async fn content_over(&self, _: &ContentWork, _: PartitionId) -> Result<(), StoreError> {
        unreachable!("for engines")
    }
    async fn content_ended(
        &self,
        _: &ContentWork,
        _: FillState,
        _: Option<&str>,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        unreachable!("for engines")
    }
}
