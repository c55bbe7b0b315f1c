use super::{MemoryStore, state::State};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::Instant;
use weir_domain::{
    PartitionId, SourceId, StoreError,
    access::SystemView,
    capture::{Beat, Fence, MemberId, Share, Shares},
};

/// One who reads from a source.
#[derive(Debug, Clone)]
pub(super) struct Living {
    source: SourceId,
    pub holder: String,
    expires: Instant,
}

/// Who may read a partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    source: SourceId,
    member: Option<MemberId>,
    epoch: i64,
}

impl State {
    fn lives(&self, held: &Held) -> bool {
        held.member.is_some_and(|m| self.members.contains_key(&m))
    }

    /// Does a fence hold?
    pub fn fenced(&self, partition: Option<PartitionId>, fence: Fence) -> bool {
        let lives = self.members.contains_key(&fence.member());
        lives
            && match fence {
                Fence::Finder(_) => true,
                Fence::Reader { member, epoch } => partition
                    .and_then(|p| self.held.get(&p))
                    .is_some_and(|h| h.member == Some(member) && h.epoch == epoch),
            }
    }

    /// The lease of what a reader opened; its epoch.
    pub fn lease(&mut self, source: SourceId, partition: PartitionId, fence: Fence) -> Option<i64> {
        let Fence::Reader { member, .. } = fence else { return None };
        self.last_epoch += 1;
        self.held.insert(partition, Held { source, member: Some(member), epoch: self.last_epoch });
        Some(self.last_epoch)
    }

    /// The epoch of a lease that this one holds already.
    pub fn held_by(&self, partition: PartitionId, fence: Fence) -> Option<i64> {
        let held = self.held.get(&partition).filter(|h| self.lives(h) && h.member == Some(fence.member()));
        held.filter(|_| matches!(fence, Fence::Reader { .. })).map(|h| h.epoch)
    }

    /// Who reads which partition, of those who live.
    pub fn readers(&self) -> Vec<(PartitionId, String)> {
        let reader = |(id, held): (&PartitionId, &Held)| Some((*id, self.members.get(&held.member?)?.holder.clone()));
        let mut readers: Vec<_> = self.held.iter().filter_map(reader).collect();
        readers.sort_unstable();
        readers
    }
}

#[async_trait]
impl Shares for MemoryStore {
    async fn join(&self, source: SourceId, holder: &str, ttl_ms: u32) -> Result<MemberId, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        state.last_member += 1;
        let member = MemberId(state.last_member);
        let expires = Instant::now() + Duration::from_millis(ttl_ms.into());
        state.members.insert(member, Living { source, holder: holder.to_owned(), expires });
        Ok(member)
    }

    async fn beat(
        &self,
        source: SourceId,
        member: MemberId,
        ttl_ms: u32,
        bury: bool,
    ) -> Result<Option<Beat>, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        state.beats += 1;
        let now = Instant::now();
        let Some(living) = state.members.get_mut(&member) else { return Ok(None) };
        living.expires = now + Duration::from_millis(ttl_ms.into());
        if bury {
            state.members.retain(|_, m| m.source != source || m.expires > now);
        }
        let of_source = |h: &&Held| h.source == source;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Some(Beat {
            members: state.members.iter().filter(|(_, m)| m.source == source).map(|(id, _)| *id).collect(),
            partitions: count(state.held.values().filter(of_source).count()),
            held: count(state.held.values().filter(|h| h.member == Some(member)).count()),
            free: count(state.held.values().filter(of_source).filter(|h| !state.lives(h)).count()),
            whole: false,
        }))
    }

    async fn offer(
        &self,
        source: SourceId,
        finder: MemberId,
        read: &[PartitionId],
        leave: &[PartitionId],
    ) -> Result<bool, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        if !state.fenced(None, Fence::Finder(finder)) {
            return Ok(false);
        }
        for id in read {
            if state.partition(*id).is_some_and(|p| p.closed.is_none()) {
                state.held.entry(*id).or_insert(Held { source, member: None, epoch: 0 });
            }
        }
        state.held.retain(|id, _| !leave.contains(id));
        Ok(true)
    }

    async fn take(&self, source: SourceId, member: MemberId, most: u32) -> Result<u32, StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        if !state.members.contains_key(&member) {
            return Ok(0);
        }
        let mut free: Vec<_> =
            state.held.iter().filter(|(_, h)| h.source == source && !state.lives(h)).map(|(id, _)| *id).collect();
        free.sort_unstable();
        free.truncate(most as usize);
        for id in &free {
            state.last_epoch += 1;
            let epoch = state.last_epoch;
            state.held.insert(*id, Held { source, member: Some(member), epoch });
        }
        Ok(u32::try_from(free.len()).unwrap_or(u32::MAX))
    }

    async fn shares(&self, _: &SystemView, source: SourceId, member: MemberId) -> Result<Vec<Share>, StoreError> {
        self.travel().await;
        let state = self.look()?;
        let mine = state.held.iter().filter(|(_, h)| h.source == source && h.member == Some(member));
        let share = |(id, held): (&PartitionId, &Held)| {
            let partition = state.partitions.iter().find(|p| p.id == *id && p.closed.is_none())?;
            Some(Share { channel: partition.channel_name.clone(), open: partition.open(), epoch: held.epoch })
        };
        Ok(mine.filter_map(share).collect())
    }

    async fn give_up(&self, member: MemberId, partitions: &[PartitionId]) -> Result<(), StoreError> {
        self.travel().await;
        let mut state = self.look()?;
        for id in partitions {
            if let Some(held) = state.held.get_mut(id).filter(|h| h.member == Some(member)) {
                held.member = None;
            }
        }
        Ok(())
    }

    async fn leave(&self, member: MemberId) -> Result<(), StoreError> {
        self.look()?.members.remove(&member);
        Ok(())
    }
}
